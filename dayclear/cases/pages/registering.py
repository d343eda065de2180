"""One case by hand."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dayclear.cases.commands import register_case
from dayclear.cases.forms import CaseForm
from dayclear.foundation import clock
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.places.forms import chosen_place


@require_http_methods(["GET", "POST"])
def register(request: ActorRequest) -> HttpResponse:
    """The form; a form sent twice registers one case, and both answers lead to it."""
    request.actor.require(Right.WRITE_CASES)
    now = clock.now()
    today = clock.local_day(now)
    if request.method == "GET":
        start = {"key": uuid4().hex, "reported_on": today, "disease": request.GET.get("disease", "covid-19")}
        return _form(request, CaseForm(initial=start, actor=request.actor, today=today), status=200)
    form = CaseForm(request.POST, actor=request.actor, today=today)
    if not form.is_valid():
        return _form(request, form, status=422)

    def work() -> tuple[int, dict[str, int]]:
        return 201, {"case": register_case(form.person(), form.case(), by=request.actor, now=now)}

    asked = sorted((name, str(value)) for name, value in form.cleaned_data.items())
    (_status, answer), _repeated = answer_once(form.cleaned_data["key"], asked, work, by=request.actor, now=now)
    messages.success(request, _("Case registered."))
    return HttpResponseRedirect(reverse("cases:case", args=[answer["case"]]))


def _form(request: ActorRequest, form: CaseForm, *, status: int) -> HttpResponse:
    return render(request, "cases/register.html", {"form": form, "place": chosen_place(form)}, status=status)
