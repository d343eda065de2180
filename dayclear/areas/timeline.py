"""The story of an area or a measure, told from its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from dayclear.areas.reasons import CAUSE_NAMES
from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.trail import timeline
from dayclear.isolation.texts import day_text
from dayclear.policy.words import word


def told(events: Iterable[Event]) -> list[TimelineEntry]:
    """Events as readers see them, the latest first."""
    return timeline(events, _detail)


def _detail(event: Event) -> str:
    said = event.payload
    parts = []
    level = said.get("level")
    if isinstance(level, list):
        parts.append(" → ".join(word(each) if each else "—" for each in level))
    if said.get("over_minutes"):
        parts.append(_("%(minutes)s minutes over eligibility") % {"minutes": said["over_minutes"]})
    if "on" in said:
        parts.append(day_text(date.fromisoformat(said["on"])))
    if "tested" in said:
        parts.append(_("%(tested)s of %(due)s tested, %(positive)s positive") % said)
    if "counts" in said:
        parts.append(_("counts: the clock restarts") if said["counts"] else _("does not count: %(kind)s") % _kind(said))
    if said.get("cause"):
        parts.append(str(CAUSE_NAMES.get(said["cause"], said["cause"])))
    return " · ".join(parts)


def _kind(said: dict[str, str]) -> dict[str, str]:
    return {"kind": word(said.get("kind", ""))}
