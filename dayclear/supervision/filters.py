"""What a list of findings is narrowed to, by page and by API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import area_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import chosen
from dayclear.foundation.sent import number_or_none
from dayclear.supervision.models import Finding
from dayclear.supervision.queries import CLOSED_ORDER, OPEN_ORDER, findings_of
from dayclear.supervision.rules import SIDES, STATES

LIVE = "live"
_LONGEST = 48


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Empty text and None: not narrowed. `state` is one state, or `live` for all that are not closed."""

    state: str = LIVE
    side: str = ""
    predicate: str = ""
    place: int | None = None

    @classmethod
    def read(cls, address: Mapping[str, str]) -> FindingFilter:
        """Raises: Refused (`bad_filter`)."""
        state = chosen(address, "state", {LIVE, *STATES}) or LIVE
        predicate = address.get("predicate", "").strip()
        if len(predicate) > _LONGEST:
            raise Refused(refuse("bad_filter", name="predicate", value=predicate[:40]))
        return cls(state, chosen(address, "side", SIDES), predicate, number_or_none(address, "place") or None)

    @property
    def is_narrowed(self) -> bool:
        return self != FindingFilter()

    @property
    def order(self) -> tuple[str, ...]:
        return CLOSED_ORDER if self.state == "closed" else OPEN_ORDER

    def rows(self, actor: Actor) -> QuerySet[Finding]:
        """Raises: Refused (`right_missing`)."""
        rows = findings_of(actor)
        rows = rows.exclude(state="closed") if self.state == LIVE else rows.filter(state=self.state)
        if self.side:
            rows = rows.filter(side=self.side)
        if self.predicate:
            rows = rows.filter(predicate=self.predicate)
        if self.place is not None:
            inside = area_of(self.place)
            rows = rows.filter(area__range=(inside.lo, inside.hi))
        return rows
