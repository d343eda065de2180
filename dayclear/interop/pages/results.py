"""Result files of laboratories: uploaded, shown with every problem by row, taken in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.parts import ProblemLine
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.sent import whole_number
from dayclear.interop.commands.result_files import look_at_result_file, store_result_file, take_in_result_file
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.models import ResultFile
from dayclear.interop.plate_files import file_of_plate
from dayclear.interop.queries import result_file_in_scope, result_files_of
from dayclear.interop.reasons import REASONS
from dayclear.interop.texts import refusal_sentence
from dayclear.lab.queries import laboratories_of
from dayclear.lab.reasons import REASONS as LAB_REASONS
from dayclear.lab.rules.intake import Problem

_SHOWN = 200


@require_http_methods(["GET", "POST"])
def results(request: ActorRequest) -> HttpResponseBase:
    """The files that came, and the form for the next. Sent twice by a double click, it is one file."""
    actor = request.actor
    actor.require(Right.WORK_IN_LAB)
    if request.method == "POST":
        return _upload(request)
    files = result_files_of(actor).select_related("laboratory")
    context: dict[str, Any] = {
        "page": keyset_page(files, ("-uploaded_at", "-id"), after=request.GET.get("after", "")),
        "laboratories": laboratories_of(actor).order_by("name", "id")[:200],
        "key": uuid4().hex,
    }
    return render(request, "interop/results.html", context)


def _upload(request: ActorRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise Refused(refuse("file_missing"))
    laboratory = whole_number(request.POST.get("laboratory", ""))
    if laboratory is None:
        raise Refused(refuse("not_found"))
    name, now = file.name or "", clock.now()

    def work() -> tuple[int, dict[str, int]]:
        stream = cast(BinaryIO, file)
        return 201, {"file": store_result_file(laboratory, stream, name, by=request.actor, now=now)}

    asked = ["results", laboratory, name, file.size]
    try:
        (_status, answer), _repeated = answer_once(request.POST.get("key", ""), asked, work, by=request.actor, now=now)
    except LineListRefused as unreadable:
        said = {"sentence": refusal_sentence(unreadable.code, unreadable.params), "name": name}
        return render(request, "interop/result_unreadable.html", said, status=422)
    return HttpResponseRedirect(reverse("interop:result_file", args=[answer["file"]]))


@require_GET
def result_file(request: ActorRequest, file_id: int) -> HttpResponse:
    """What the file holds and what taking it in would come to, problem by problem."""
    actor = request.actor
    actor.require(Right.WORK_IN_LAB)
    row = result_file_in_scope(actor, file_id)
    context: dict[str, Any] = {"file": row}
    if row.taken_at is None:
        look = look_at_result_file(row, by=actor)
        found = [*look.file.problems, *(each for found in look.checked.problems.values() for each in found)]
        context |= {
            "good": look.checked.good,
            "wells": sum(len(each.readings) for each in look.file.plates if each.plate in look.checked.good),
            "left": look.checked.problems,
            "unread": len(look.file.problems),
            "problems": list(_lines(found[:_SHOWN])),
            "more": max(0, len(found) - _SHOWN),
            "may_take_in": bool(look.checked.good) and not look.file.problems,
        }
    return render(request, "interop/result_file.html", context)


@require_POST
def take_in(request: ActorRequest, file_id: int) -> HttpResponse:
    """Take the plates without a problem in. A second click finds it done."""
    row: ResultFile = result_file_in_scope(request.actor, file_id)
    if row.taken_at is None:
        taken = take_in_result_file(file_id, by=request.actor, now=clock.now())
        text = ngettext("%(n)d well taken in.", "%(n)d wells taken in.", taken.wells) % {"n": taken.wells}
        messages.success(request, f"{text} {_('They go out when a second person has signed.')}")
    return HttpResponseRedirect(reverse("interop:result_file", args=[file_id]))


@require_GET
def plate_file(request: ActorRequest, plate_id: int, form: str) -> HttpResponse:
    """A released plate to take along."""
    file = file_of_plate(request.actor, plate_id, form, now=clock.now())
    disposition = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.data, content_type=file.content_type, headers=disposition)


def _lines(problems: Iterable[Problem]) -> Iterator[ProblemLine]:
    for problem in problems:
        template = LAB_REASONS.get(problem.reason.code) or REASONS.get(problem.reason.code) or problem.reason.code
        where = _("row %(row)s") % {"row": problem.row} if problem.row else _("whole plate")
        yield ProblemLine(
            where=where, reason=str(template) % problem.reason.params, column=problem.well, value=problem.value
        )
