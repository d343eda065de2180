"""The notice of an order, to print or to send."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.isolation.filters import order_in_scope
from dayclear.isolation.links import may_hand_over
from dayclear.isolation.models import Order
from dayclear.isolation.notices import FORMS, KINDS, as_docx, as_pdf, compose
from dayclear.isolation.pages.acting import language_in


@require_GET
def notice(request: ActorRequest, order_id: int, kind: str, form: str) -> HttpResponse:
    """The notice of an order that was signed, as a file. `?language=` chooses the person's language."""
    order = order_in_scope(request.actor, order_id)
    if not may_hand_over(request.actor, order):
        request.actor.require(Right.SEE_CASES)
    return paper(request, order, kind, form)


def paper(request: HttpRequest, order: Order, kind: str, form: str) -> HttpResponse:
    """The file. Raises: Refused (`not_found`, `order_state`)."""
    if kind not in KINDS or form not in FORMS:
        raise Refused(refuse("not_found"))
    if order.starts_at is None or (kind == "release") != (order.state == "ended"):
        raise Refused(refuse("order_state", state=order.state))
    language = language_in(request.GET)
    with override(language):
        made = compose(order, kind, now=clock.now())
        content = as_pdf(made) if form == "pdf" else as_docx(made)
    response = HttpResponse(content, content_type=FORMS[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{kind}-{order.pk}-{language}.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response
