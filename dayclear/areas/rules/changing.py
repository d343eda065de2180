"""What a change of pack does to an open area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dayclear.policy.schema import Areas, Transition


@dataclass(frozen=True, slots=True)
class Disposition:
    """What becomes of an area: `action` is the pack's own word; `level` the one it goes to, empty when it ends."""

    action: str
    level: str = ""


def disposition_of(level: str, clear_days: int, lines: Sequence[Transition]) -> Disposition | None:
    """The first line of the changeover whose conditions an area fulfils; None: it goes on as it is.

    Units: `clear_days` are whole days that have passed without a countable infection.
    Source: transition of the Twenty Measures (S2); of class B (O C64).
    """
    for line in lines:
        when = line.when
        if when.level is not None and when.level != level:
            continue
        if when.clear_days is not None and clear_days < when.clear_days:
            continue
        return Disposition(line.do.action, line.do.level or "")
    return None


def keeps_measure(kind: str, code: str, level: str, areas: Areas | None) -> bool:
    """Whether a measure of an area may go on at the level it goes to: only what the new pack prescribes there."""
    known = areas.levels.get(level) if areas else None
    return kind == "area_measure" and known is not None and code in known.measures
