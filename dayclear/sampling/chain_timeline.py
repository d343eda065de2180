"""The story of a positive tube and of its members, told from their events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.trail import timeline
from dayclear.sampling.chain_texts import ATTEMPT_NAMES, ATTEMPT_OUTCOME_NAMES, FOUND_NAMES
from dayclear.sampling.reasons import STEP_NAMES
from dayclear.sampling.rules.numbers import printed

READ = "sampling.chain_member_read"


_NOBODY: Mapping[str, str] = {}


def told(events: Iterable[Event], *, of: Mapping[str, str] = _NOBODY) -> list[TimelineEntry]:
    """Events as readers see them, the latest first; who read the list stands in the trail alone.

    Shape: `of` maps subjects to the names of whom they concern.
    """

    def detail(event: Event) -> str:
        return " · ".join(filter(None, (of.get(event.subject), _detail(event))))

    return timeline((event for event in events if event.kind != READ), detail)


def _detail(event: Event) -> str:
    detail = _DETAILS.get(event.kind)
    return detail(event.payload) if detail else ""


def _tried(said: Mapping[str, Any]) -> str:
    return f"{ATTEMPT_NAMES[said['by']]}: {ATTEMPT_OUTCOME_NAMES[said['outcome']]}"


def _people(said: Mapping[str, Any]) -> str:
    return _("%(n)s people") % {"n": said["members"] if isinstance(said["members"], int) else len(said["members"])}


def _tube(said: Mapping[str, Any]) -> str:
    return printed(said["tube"])


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "sampling.chain_opened": _people,
    "sampling.chain_closed": lambda said: _("in time") if said["in_time"] else _("late"),
    "sampling.chain_members_cleared": _people,
    "sampling.chain_member_tried": _tried,
    "sampling.chain_member_located": lambda said: str(FOUND_NAMES[said["how"]]),
    "sampling.chain_member_resampled": _tube,
    "sampling.chain_member_positive": _tube,
    "sampling.chain_member_inconclusive": _tube,
    "sampling.chain_member_corrected": _tube,
    "sampling.chain_entry_taken_back": lambda said: str(STEP_NAMES[said["step"]]),
}
