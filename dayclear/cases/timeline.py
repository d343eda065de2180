"""The story of a case, told from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from dayclear.cases.reasons import (
    CLASSIFICATION_NAMES,
    FOUND_BY_NAMES,
    OUTCOME_NAMES,
    SEVERITY_NAMES,
    UNDER_ORDER_NAMES,
)
from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.trail import timeline

_NAMES: Mapping[str, Mapping[str, Any]] = {
    "classification": CLASSIFICATION_NAMES,
    "severity": SEVERITY_NAMES,
    "found_by": FOUND_BY_NAMES,
    "under_order": UNDER_ORDER_NAMES,
    "outcome": OUTCOME_NAMES,
}


def told(events: Iterable[Event]) -> list[TimelineEntry]:
    """Events as readers see them, the latest first."""
    return timeline(events, _detail)


def _detail(event: Event) -> str:
    changes = [
        f"{_word(name, value[0])} → {_word(name, value[1])}"
        for name, value in event.payload.items()
        if isinstance(value, list) and len(value) == 2
    ]
    if event.kind == "cases.investigation_completed" and event.payload.get("clock"):
        changes.append(_("in time") if event.payload.get("in_time") else _("late"))
    return ", ".join(changes)


def _word(name: str, value: object) -> str:
    if value in (None, ""):
        return "—"
    return str(_NAMES.get(name, {}).get(str(value), value))
