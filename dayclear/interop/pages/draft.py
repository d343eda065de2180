"""From a file to an import: upload, columns, values, preview, start. Each step is kept: reload loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from uuid import uuid4

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dayclear.cases.queries import diseases_of
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.interop.commands import ask_check, drop_draft, settle_plan, start_import, store_upload, with_file
from dayclear.interop.forms import (
    OptionsForm,
    chosen_columns,
    chosen_sheets,
    departures,
    field_choices,
    mapped_words,
)
from dayclear.interop.linelist.labels import FIELD_LABELS
from dayclear.interop.linelist.messages import MISSING_REASONS
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.models import Import, ImportCheck, SavedMapping
from dayclear.interop.pages.parts import problem_list
from dayclear.interop.plan import ImportPlan
from dayclear.interop.queries import check_of, import_in_scope, same_file_before, saved_mapping
from dayclear.interop.texts import KIND_NAMES, note_sentence, refusal_sentence, value_word
from dayclear.interop.wizard import FileLook, Summary, clashes, digest_of, look_at
from dayclear.places.forms import chosen_place
from dayclear.policy.words import disease_name


@require_http_methods(["GET", "POST"])
def new(request: ActorRequest) -> HttpResponse:
    """Take a file in. Sent twice by a double click, it is one draft."""
    request.actor.require(Right.IMPORT)
    if request.method == "GET":
        return render(request, "interop/new.html", {"key": uuid4().hex})
    file = request.FILES.get("file")
    if file is None:
        raise Refused(refuse("file_missing"))
    now = clock.now()
    name, size = file.name or "", file.size or 0

    def work() -> tuple[int, dict[str, int]]:
        upload = store_upload(cast(BinaryIO, file), name, by=request.actor, now=now)
        return 201, {"import": upload.pk}

    key = request.POST.get("key", "")
    (_status, answer), _repeated = answer_once(key, ["upload", name, size], work, by=request.actor, now=now)
    return HttpResponseRedirect(reverse("interop:columns", args=[answer["import"]]))


@require_http_methods(["GET", "POST"])
def columns(request: ActorRequest, upload_id: int) -> HttpResponse:
    """Which column is which, which sheets are read, and what holds for the whole file."""
    upload = import_in_scope(request.actor, upload_id)
    if upload.state != "draft":
        return HttpResponseRedirect(reverse("interop:import", args=[upload_id]))
    plan, saved = _plan_of(upload, request.actor), None
    look = _look(upload, plan, request.actor)
    if isinstance(look, FileLook) and not upload.mapping:
        saved = saved_mapping(request.actor, look.headers_hash)
        if saved is not None:
            plan = ImportPlan.from_json({**plan.as_json(), **saved.mapping})
            look = _look(upload, plan, request.actor)
    if request.method == "POST":
        return _settle_columns(request, upload, plan, look)
    return _columns_page(request, upload, plan, look, OptionsForm.showing(plan, request.actor), saved=saved)


def _settle_columns(
    request: ActorRequest, upload: Import, plan: ImportPlan, look: FileLook | LineListRefused
) -> HttpResponse:
    form = OptionsForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _columns_page(request, upload, plan, look, form, status=422)
    settled = form.upon(plan)
    if isinstance(look, FileLook):
        chosen = chosen_columns(request.POST, look)
        clashing = clashes(look, chosen)
        if clashing:
            return _columns_page(request, upload, plan, look, form, chosen=chosen, clashing=clashing, status=422)
        changed = departures(look, chosen)
        settled = msgspec.structs.replace(settled, columns={"": changed} if changed else {})
        settled = chosen_sheets(request.POST, look, settled)
    now = clock.now()
    settle_plan(upload.pk, settled, by=request.actor, now=now)
    if request.POST.get("to") == "columns" or isinstance(_look(upload, settled, request.actor), LineListRefused):
        return HttpResponseRedirect(reverse("interop:columns", args=[upload.pk]))
    ask_check(upload.pk, by=request.actor, now=now)
    return HttpResponseRedirect(reverse("interop:values", args=[upload.pk]))


def _columns_page(
    request: ActorRequest,
    upload: Import,
    plan: ImportPlan,
    look: FileLook | LineListRefused,
    form: OptionsForm,
    *,
    saved: SavedMapping | None = None,
    chosen: Mapping[str, str] | None = None,
    clashing: list[tuple[str, list[str]]] | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "upload": upload,
        "form": form,
        "saved": saved,
        "before": same_file_before(request.actor, upload),
        "place": chosen_place(form),
        "clashing": [(FIELD_LABELS[field], headers) for field, headers in clashing or ()],
        "step": "columns",
    }
    if isinstance(look, LineListRefused):
        context["refused"] = refusal_sentence(look.code, look.params)
    else:
        fields = {column.header: (chosen or {}).get(column.header, column.field) for column in look.columns}
        context |= {
            "look": look,
            "columns": [(column, fields[column.header]) for column in look.columns],
            "known": sum(1 for field in fields.values() if field),
            "fields": field_choices(FIELD_LABELS),
            "notes": [(sheet.name, note_sentence(note)) for sheet in look.sheets for note in sheet.notes],
            "refused_sheets": [(s.name, refusal_sentence(s.refused, {})) for s in look.sheets if s.refused],
            "read_sheets": sum(1 for sheet in look.sheets if sheet.chosen),
        }
    return render(request, "interop/columns.html", context, status=status)


@require_http_methods(["GET", "POST"])
def values(request: ActorRequest, upload_id: int) -> HttpResponse:
    """Words that need a code, and what was recognised as "not known"."""
    upload, plan, check = _checked(request, upload_id)
    if upload.state != "draft":
        return HttpResponseRedirect(reverse("interop:import", args=[upload_id]))
    if request.method == "POST":
        orders, ages = ("day_first", "month_first"), ("auto", "unknown", "infant")
        order, age = request.POST.get("date_order"), request.POST.get("zero_age")
        settled = msgspec.structs.replace(
            plan,
            value_map=mapped_words(request.POST, plan.value_map),
            date_order=order if order in orders else plan.date_order,
            zero_age=age if age in ages else plan.zero_age,
        )
        now = clock.now()
        settle_plan(upload.pk, settled, by=request.actor, now=now)
        ask_check(upload.pk, by=request.actor, now=now)
        return HttpResponseRedirect(reverse("interop:preview", args=[upload.pk]))
    context = _check_context(upload, plan, check) | {"step": "values"}
    if check is not None and check.state == "done":
        found = msgspec.convert(check.summary, Summary)
        context |= {
            "summary": found,
            "words": [
                (field, FIELD_LABELS[field], column, raw, cells, [(code, value_word(field, code)) for code in codes])
                for field, column, raw, cells, codes in found.words
            ],
            "mapped": [
                (field, FIELD_LABELS[field], raw, value_word(field, code) if code else _("not known"))
                for field, codes in plan.value_map.items()
                for raw, code in codes.items()
            ],
            "missing": [
                (FIELD_LABELS[field], column, raw, MISSING_REASONS[reason], cells)
                for field, column, raw, reason, cells in found.missing
            ],
            "not_known": sum(cells for *_rest, cells in found.missing),
        }
    return render(request, "interop/values.html", context)


@require_http_methods(["GET", "POST"])
def preview(request: ActorRequest, upload_id: int) -> HttpResponse:
    """What the import would do, with every row that has a problem. POST checks the file anew."""
    upload, plan, check = _checked(request, upload_id)
    if upload.state != "draft":
        return HttpResponseRedirect(reverse("interop:import", args=[upload_id]))
    if request.method == "POST":
        ask_check(upload.pk, by=request.actor, now=clock.now())
        return HttpResponseRedirect(reverse("interop:preview", args=[upload.pk]))
    context = _check_context(upload, plan, check) | {"step": "preview"}
    if check is not None and check.state == "done":
        found = msgspec.convert(check.summary, Summary)
        context |= problem_list(request, upload)
        context |= {
            "summary": found,
            "kinds": [(kind, KIND_NAMES[kind], found.kinds[kind]) for kind in KIND_NAMES if found.kinds.get(kind)],
            "cases": found.kinds.get("case", 0),
            "rejected": found.kinds.get("rejected", 0),
            "fills": [(FIELD_LABELS[name], stated, of) for name, stated, of in found.fills if name in FIELD_LABELS],
            "before": same_file_before(request.actor, upload),
            "disease": disease_name(plan.disease),
        }
    return render(request, "interop/preview.html", context)


@require_POST
def start(request: ActorRequest, upload_id: int) -> HttpResponse:
    """Start the import in the background. A second click finds it started."""
    upload = import_in_scope(request.actor, upload_id)
    if upload.state == "draft":
        start_import(upload_id, seen=request.POST.get("seen", ""), by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("interop:import", args=[upload_id]))


@require_POST
def drop(request: ActorRequest, upload_id: int) -> HttpResponse:
    """Throw a draft away, file and all."""
    name = import_in_scope(request.actor, upload_id).file_name
    drop_draft(upload_id, by=request.actor, now=clock.now())
    messages.info(request, _("%(name)s was thrown away. Nothing of it was imported.") % {"name": name})
    return HttpResponseRedirect(reverse("interop:imports"))


def _plan_of(upload: Import, actor: Actor) -> ImportPlan:
    """How a draft is read: as settled, else by what is usual at the actor's place."""
    if upload.mapping:
        return ImportPlan.from_json(upload.mapping)
    usual = next((disease for disease, _last, _total in diseases_of(actor)), "covid-19")
    return ImportPlan(disease=usual)


def _look(upload: Import, plan: ImportPlan, actor: Actor) -> FileLook | LineListRefused:
    try:
        with with_file(upload.pk, by=actor) as path:
            return look_at(path, plan)
    except LineListRefused as refused:
        return refused


def _checked(request: ActorRequest, upload_id: int) -> tuple[Import, ImportPlan, ImportCheck | None]:
    upload = import_in_scope(request.actor, upload_id)
    plan = _plan_of(upload, request.actor)
    check = check_of(request.actor, upload)
    if check is not None and bytes(check.plan_digest) != digest_of(plan):
        check = None
    return upload, plan, check


def _check_context(upload: Import, plan: ImportPlan, check: ImportCheck | None) -> dict[str, Any]:
    return {
        "upload": upload,
        "plan": plan,
        "check": check,
        "waiting": check is not None and check.state in ("queued", "running"),
        "failure": refusal_sentence(check.failure, check.failure_params) if check and check.state == "failed" else "",
        "seen": digest_of(plan).hex(),
    }
