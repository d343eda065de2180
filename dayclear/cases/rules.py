"""What a case is made of, which day it counts for, and what it adds to the counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from dayclear.foundation.areas import ancestor
from dayclear.foundation.decisions import ALLOWED, Decision, Reason

CLASSIFICATIONS = ("suspected", "probable", "confirmed", "asymptomatic_infection", "excluded")
SEVERITIES = ("asymptomatic", "mild", "moderate", "severe", "critical", "unknown")
FOUND_BY = ("screening", "under_order", "fever_clinic", "seeking_care", "contact", "other", "unknown")
UNDER_ORDER = ("yes", "no", "unknown")
OUTCOMES = ("in_care", "recovered", "died", "transferred", "unknown")
COUNTED_LEVELS = 6

TALLIED = (
    "cases",
    "community",
    "under_order",
    "source_unknown",
    "without_sex",
    "without_age",
    "without_onset",
    "without_sampling",
    "without_order_status",
    "without_home",
    "died",
)


@dataclass(frozen=True, slots=True)
class CaseDays:
    """The days of a case, as far as known."""

    onset_on: date | None = None
    sampled_on: date | None = None
    positive_on: date | None = None
    diagnosed_on: date | None = None
    reported_on: date | None = None
    isolated_on: date | None = None
    outcome_on: date | None = None

    def counted_on(self) -> date | None:
        """The day the case counts for: the one on which it became known, the nearest to it otherwise."""
        return self.reported_on or self.positive_on or self.diagnosed_on or self.sampled_on or self.onset_on


def may_register(days: CaseDays, *, died: bool, today: date) -> Decision:
    """Say whether the days of a case can be true.

    Shape: reasons in the order of the fields.
    """
    reasons = []
    for field in CaseDays.__slots__:
        day: date | None = getattr(days, field)
        # One day of grace: a notice written elsewhere may bear tomorrow's local date.
        if day is not None and day > today + timedelta(days=1):
            reasons.append(Reason("future_date", {"field": field, "date": day.isoformat()}))
    if died and days.outcome_on and days.onset_on and days.outcome_on < days.onset_on:
        reasons.append(
            Reason("death_before_onset", {"died": days.outcome_on.isoformat(), "onset": days.onset_on.isoformat()})
        )
    return Decision(tuple(reasons)) if reasons else ALLOWED


@dataclass(frozen=True, slots=True)
class Counted:
    """All of a case that the counts depend on."""

    area: int
    disease: str
    day: date | None
    classification: str
    under_order: str
    source_known: bool
    has_sex: bool
    has_age: bool
    has_onset: bool
    has_sampling: bool
    has_home: bool
    died: bool

    def tally(self) -> tuple[int, ...]:
        """What the case adds to a count. Shape: in the order of `TALLIED`; all zero for an excluded case."""
        if self.classification == "excluded":
            return (0,) * len(TALLIED)
        facts = (
            True,
            self.under_order == "no",
            self.under_order == "yes",
            # Someone found while under an order was already known to somebody: the question is open only otherwise.
            not self.source_known and self.under_order != "yes",
            not self.has_sex,
            not self.has_age,
            not self.has_onset,
            not self.has_sampling,
            self.under_order == "unknown",
            not self.has_home,
            self.died,
        )
        return tuple(int(fact) for fact in facts)


CountKey = tuple[int, int, str, date | None]


def count_changes(changes: Iterable[tuple[Counted | None, Counted | None]]) -> dict[CountKey, tuple[int, ...]]:
    """What a batch of changes (before, after) does to the counts.

    Shape: (level, place, disease, day) → differences in the order of `TALLIED`; keys that come out even are absent.
    """
    leaves: dict[tuple[int, str, date | None], list[int]] = {}
    for before, after in changes:
        for counted, sign in ((before, -1), (after, 1)):
            if counted is None:
                continue
            sums = leaves.setdefault((counted.area, counted.disease, counted.day), [0] * len(TALLIED))
            for position, value in enumerate(counted.tally()):
                sums[position] += sign * value
    totals: dict[CountKey, list[int]] = {}
    for (area, disease, day), sums in leaves.items():
        for level in range(COUNTED_LEVELS):
            total = totals.setdefault((level, ancestor(area, level), disease, day), [0] * len(TALLIED))
            for position, value in enumerate(sums):
                total[position] += value
    return {key: tuple(total) for key, total in totals.items() if any(total)}


def community_zero_days(counts: dict[date, tuple[int, int]], *, first: date, as_of: date) -> tuple[int, int]:
    """How many days in a row, ending on `as_of`, passed without a case found in the community.

    Shape: `counts` maps a day to (community, order status unknown). Returns (days that are certain: no community case
    and no case of unknown status; days if every unknown had been under an order). Days before `first` (the first case
    of the outbreak) do not count: nothing was there to be zero.
    Source: glossary, 社会面清零; policy reference B (`community_zero`), fixture F6.
    """
    certain = possible = 0
    certain_runs = True
    day = as_of
    while day >= first:
        community, unknown = counts.get(day, (0, 0))
        if community:
            break
        certain_runs = certain_runs and not unknown
        certain += certain_runs
        possible += 1
        day -= timedelta(days=1)
    return certain, possible


def report_instant(reported_at: datetime | None, reported_on: date | None, *, now: datetime, zone: tzinfo) -> datetime:
    """The instant from which the clock of a report runs.

    Where the source gives only a day: now for a report of today (or of no day at all), the end of the day for one of
    the past. That is the latest it can have been, so that nobody is called late who may have been in time.
    """
    if reported_at is not None:
        return min(reported_at, now)
    if reported_on is None:
        return now
    day_ends = datetime.combine(reported_on + timedelta(days=1), time(), tzinfo=zone)
    return min(day_ends, now)


def investigation_due_at(reported_at: datetime, *, within: timedelta) -> datetime:
    """When the investigation of a case must be complete. Units: `within` from the pack in force at the report."""
    return reported_at + within
