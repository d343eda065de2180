"""The life of risk areas as published lists show it: rebuilt from snapshots, and held against the pack in force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Generic, TypeVar

from dayclear.areas.rules.clearing import follows_the_others, step_of
from dayclear.policy.schema import Areas

Key = TypeVar("Key")

# An area that is missing from the list for less than a day and comes back was left out by mistake; after that it was
# lifted and drawn again. Not a rule of any pack: no level may be left and entered again within a day.
HOLE = timedelta(hours=24)

STILL_LISTED = "still_listed"
LOWERED, RAISED, LIFTED = "lowered", "raised", "lifted"
# What the snapshots say of a spell, held against the pack.
WITHIN, LONGER, SHORTER, OPEN, NO_RULE = "within", "longer", "shorter", "open", "no_rule"


@dataclass(frozen=True, slots=True)
class Spell:
    """A time at one level. The true start lies after `not_before_at` and by `seen_from_at`; the true end after
    `seen_to_at` and by `gone_at`. None: the file does not go further.
    """

    level: str
    not_before_at: datetime | None
    seen_from_at: datetime
    seen_to_at: datetime
    gone_at: datetime | None
    outcome: str = STILL_LISTED
    holes: int = 0


@dataclass(slots=True)
class Life(Generic[Key]):
    """An area from its first listing to its last. `number` counts the lives of one name."""

    key: Key
    number: int
    spells: list[Spell] = field(default_factory=list)


@dataclass(slots=True)
class _Running(Generic[Key]):
    life: Life[Key]
    level: str
    not_before_at: datetime | None
    seen_from_at: datetime
    seen_to_at: datetime
    missing_from_at: datetime | None = None
    holes: int = 0

    def close(self, gone_at: datetime | None, outcome: str) -> None:
        self.life.spells.append(
            Spell(self.level, self.not_before_at, self.seen_from_at, self.seen_to_at, gone_at, outcome, self.holes)
        )


def rebuild_lives(
    snapshots: Iterable[tuple[datetime, Mapping[Key, str]]], order: Sequence[str], *, hole: timedelta = HOLE
) -> list[Life[Key]]:
    """Put the lives of areas together again from what was listed when.

    Shape: snapshots in order of time, each mapping an area to its level; `order` lists the levels, strictest first.
    """
    lives: list[Life[Key]] = []
    running: dict[Key, _Running[Key]] = {}
    numbers: dict[Key, int] = {}
    before: datetime | None = None
    for at, listed in snapshots:
        for key, level in listed.items():
            now = running.get(key)
            if now is not None and now.missing_from_at is not None:
                now = _returned(running, now, key, at, hole)
            if now is None:
                numbers[key] = numbers.get(key, 0) + 1
                life = Life(key, numbers[key])
                lives.append(life)
                running[key] = _Running(life, level, before, at, at)
            elif now.level != level:
                now.close(at, RAISED if order.index(level) < order.index(now.level) else LOWERED)
                running[key] = _Running(now.life, level, now.seen_to_at, at, at)
            else:
                now.seen_to_at = at
        for key, each in running.items():
            if key not in listed and each.missing_from_at is None:
                each.missing_from_at = at
        before = at
    for each in running.values():
        each.close(each.missing_from_at, STILL_LISTED if each.missing_from_at is None else LIFTED)
    return lives


def _returned(
    running: dict[Key, _Running[Key]], now: _Running[Key], key: Key, at: datetime, hole: timedelta
) -> _Running[Key] | None:
    """An area that is listed again: the same life after a hole, None after a true absence."""
    missing_from = now.missing_from_at
    if missing_from is not None and at - missing_from < hole:
        now.missing_from_at = None
        now.holes += 1
        return now
    now.close(missing_from, LIFTED)
    del running[key]
    return None


@dataclass(frozen=True, slots=True)
class Audit:
    """A spell held against the pack.

    `earliest_on` is the pack's earliest lawful end if the last infection was found on the day the area was first
    listed: the lists hold no infections and no rounds, so a later infection (which would move it) cannot be seen.
    `held_days` is the least the lists prove; `beyond_days` the most the area was held beyond `earliest_on`.
    """

    verdict: str
    clear_days: int | None
    earliest_on: date | None
    held_days: int
    beyond_days: int


def audit_spell(
    spell: Spell, areas: Areas | None, *, came_down: bool, until: datetime, day_of: Callable[[datetime], date]
) -> Audit:
    """What the lists prove and what they only allow. Units: `until` is the last snapshot of the file."""
    held = (spell.seen_to_at - spell.seen_from_at).days
    step = step_of(areas, spell.level, came_down=came_down)
    if step is None or step.clear_days is None:
        return Audit(NO_RULE, None, None, held, 0)
    earliest = day_of(spell.seen_from_at) + timedelta(days=step.clear_days)
    ended_on = day_of(spell.gone_at or until)
    # The level may change at the end of the earliest day: a list of the next morning is the first that can show it.
    beyond = max(0, (ended_on - earliest).days - 1)
    if spell.outcome == RAISED:
        # Raised for a new infection: its clock began anew, nothing was held too long.
        return Audit(WITHIN, step.clear_days, earliest, held, 0)
    if spell.gone_at is None:
        return Audit(LONGER if beyond else OPEN, step.clear_days, earliest, held, beyond)
    verdict = LONGER if beyond else SHORTER if ended_on < earliest else WITHIN
    return Audit(verdict, step.clear_days, earliest, held, beyond)


def earliest_lifting(level: str, day_0: date, areas: Areas | None) -> date | None:
    """The first day at whose end an area may be lifted altogether, through every level on the way, with no infection
    after `day_0`. None: the pack gives no days for one of them.
    """
    day, came_down = day_0, False
    for _ in areas.levels if areas else ():
        if follows_the_others(areas, level):
            break
        step = step_of(areas, level, came_down=came_down)
        if step is None or step.clear_days is None:
            return None
        day += timedelta(days=step.clear_days)
        level, came_down = step.to, True
    return day if areas else None


def audit_life(
    spells: Sequence[Spell],
    areas_on: Callable[[date], Areas | None],
    *,
    until: datetime,
    day_of: Callable[[datetime], date],
) -> Audit:
    """A whole life held against the pack in force when its days last began: at the first listing, or the last rise."""
    began = spells[0]
    for before, after in pairwise(spells):
        if before.outcome == RAISED:
            began = after
    last = spells[-1]
    day_0 = day_of(began.seen_from_at)
    held = (last.seen_to_at - spells[0].seen_from_at).days
    earliest = earliest_lifting(began.level, day_0, areas_on(day_0))
    if earliest is None:
        return Audit(NO_RULE, None, None, held, 0)
    ended_on = day_of(last.gone_at or until)
    beyond = max(0, (ended_on - earliest).days - 1)
    days = (earliest - day_0).days
    if last.gone_at is None:
        return Audit(LONGER if beyond else OPEN, days, earliest, held, beyond)
    verdict = LONGER if beyond else SHORTER if ended_on < earliest else WITHIN
    return Audit(verdict, days, earliest, held, beyond)
