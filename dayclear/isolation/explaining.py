"""Why an order is as it is: its facts, the rule and its source, the end, and what would change it (R11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.foundation.parts import Explanation
from dayclear.isolation.models import Order, Phase
from dayclear.isolation.texts import (
    anchor_text,
    category_text,
    day_text,
    evidence_text,
    groups_text,
    pack_of,
    pack_text,
    rule_lines,
    rule_source,
)
from dayclear.policy.words import cited


def explanation_of(order: Order, phases: Sequence[Phase], *, with_link: bool = True) -> Explanation:
    """Inputs, rule text, source, version, end and what would change it, for one order."""
    pack = pack_of(order.policy)
    source = rule_source(order, pack)
    text = "; ".join(rule_lines(order, pack))
    rule = (
        _("%(category)s: %(text)s") % {"category": category_text(order), "text": text} if text else category_text(order)
    )
    document = cited(source.source) if source else order.rule
    return Explanation(
        inputs=_inputs(order),
        rule=_("%(pack)s, %(rule)s.") % {"pack": pack_text(order.policy), "rule": rule},
        source=f"{document} · {order.policy}",
        source_href=reverse("policy:pack", args=[pack.pack]) if pack and with_link else "",
        result=_result(order, phases),
        ends_when=_("by itself, at the end of that day; at the latest when the result of a sample of that day is due."),
        would_change=_would_change(order, phases),
    )


def last_day(order: Order, phases: Sequence[Phase]) -> date | None:
    """The last day of an order; of a proposal, the one it would have."""
    return order.ends_on or (phases[-1].ends_on if phases else None)


def _inputs(order: Order) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = [
        (_("Reason"), evidence_text(order)),
        (_("Day 0"), f"{day_text(order.anchor_on)} ({anchor_text(order.anchor)})"),
    ]
    if order.first_exposed_on:
        found.append((_("First exposure"), day_text(order.first_exposed_on)))
    found.append((_("Known since"), day_text(order.known_on)))
    if order.groups:
        found.append((_("Group"), groups_text(order.groups)))
    return found


def _result(order: Order, phases: Sequence[Phase]) -> str:
    last = day_text(last_day(order, phases))
    if order.state == "proposed":
        return _("If it is signed, it lasts until %(day)s.") % {"day": last}
    if order.state == "declined":
        return _("It was not signed and binds nobody.")
    return _("It lasts until %(day)s.") % {"day": last}


def _would_change(order: Order, phases: Sequence[Phase]) -> list[str]:
    last = last_day(order, phases)
    if order.state in ("declined", "ended") or last is None:
        return []
    return [
        _("Another day of exposure moves every day with it: one day earlier, and it ends on %(day)s.")
        % {"day": day_text(last - timedelta(days=1))},
        _("If the exposure turns out not to have been one, it ends at once."),
        _("If the rules become lighter, it becomes shorter by itself; it becomes longer only by a newly signed order."),
        _("If an appeal is upheld, it ends at once."),
    ]
