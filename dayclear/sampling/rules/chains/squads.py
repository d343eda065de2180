"""Which squad takes a positive tube."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dayclear.foundation.areas import area_of, level_of


@dataclass(frozen=True, slots=True)
class SquadFacts:
    """A squad as it stands: its place, and how many members are on its list."""

    id: int
    area: int
    members: int


def squad_for(place: int, squads: Iterable[SquadFacts]) -> int | None:
    """The nearest squad whose place holds `place`, of several the one with the shortest list; None without any."""
    near = [squad for squad in squads if place in area_of(squad.area)]
    chosen = min(near, key=lambda squad: (-level_of(squad.area), squad.members, squad.id), default=None)
    return chosen.id if chosen else None
