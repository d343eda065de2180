"""The story of a round, device, box or tube, told from its events."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.trail import timeline
from dayclear.sampling.reasons import BOX_STATE_NAMES, DEVICE_STATE_NAMES, ROUND_STATE_NAMES

_STATE_NAMES = {**ROUND_STATE_NAMES, **DEVICE_STATE_NAMES, **BOX_STATE_NAMES}


def told(events: Iterable[Event]) -> list[TimelineEntry]:
    """Events as readers see them, the latest first."""
    return timeline(events, _detail)


def _detail(event: Event) -> str:
    said, parts = event.payload, []
    state = said.get("state")
    if isinstance(state, list):
        parts.append(" → ".join(str(_STATE_NAMES.get(each, each)) for each in state))
    if "counter" in said:
        parts.append(_("batch %(number)s") % {"number": said["counter"]})
    if "tubes" in said:
        parts.append(_("%(n)s tubes") % {"n": said["tubes"]})
    if "counted" in said:
        parts.append(_("%(n)s counted by hand") % {"n": said["counted"]})
    if said.get("refused"):
        parts.append(_("%(n)s disputed") % {"n": said["refused"]})
    if "first" in said:
        parts.append(f"{said['first']}-{said['last']}")
    return " · ".join(parts)
