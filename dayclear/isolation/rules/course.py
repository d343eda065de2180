"""How an order goes on: results, new facts, its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dayclear.foundation.decisions import Decision, Reason
from dayclear.isolation.rules.modes import AT_A_SITE
from dayclear.isolation.rules.plan import day_of, end_of
from dayclear.policy.schema import Rules

RESULTS = ("negative", "positive", "inconclusive")
# How long after the end the site has, before its supervisor is told as well (R03).
ALARM_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LastSample:
    """The sample of an order's last day. `result` is empty while the laboratory has it."""

    sampled_at: datetime
    result: str = ""
    result_at: datetime | None = None


def ends_at(ends_on: date, sample: LastSample | None, *, result_due: timedelta) -> datetime:
    """When an order ends with nobody acting.

    At the end of its last day; or, when a sample of that day is with the laboratory, when its negative result comes:
    never later than the result is due. A sample that nobody took holds nobody back.
    Source: policy reference DC8 [D]. Units: `result_due` after sampling.
    """
    over = end_of(ends_on)
    if sample is None or day_of(sample.sampled_at) != ends_on:
        return over
    due = sample.sampled_at + result_due
    if sample.result == "negative" and sample.result_at is not None:
        due = min(due, sample.result_at)
    return max(over, due)


def is_in_force(state: str, ends: datetime | None, now: datetime) -> bool:
    """Whether a person is restricted: a signed order whose end has not come. Its row may say `signed` a little longer,
    until the sweep; the law does not (R04)."""
    return state == "signed" and ends is not None and now < ends


def late_minutes(ends: datetime, released_at: datetime) -> int:
    """Units: whole minutes from the end of the order to the person's release, the begun one counted."""
    late = (released_at - ends).total_seconds()
    return max(0, -int(-late // 60))


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What new facts do to an order: `keep`, `shorten` (by itself), `release` (by itself) or `lengthen` (only by a
    newly signed cause)."""

    action: str
    ends_on: date


def recompute(ends_on: date, new_end: date | None, today: date) -> Recomputed:
    """Compare an order's end with what the facts now say; None: they give no ground any more.

    Source: policy reference R06, DC10.
    """
    if new_end is None or new_end < today:
        return Recomputed("release", min(ends_on, today))
    if new_end < ends_on:
        return Recomputed("shorten", new_end)
    return Recomputed("lengthen" if new_end > ends_on else "keep", new_end)


def may_record_test(
    on: date, result: str, *, sampled_at: datetime, result_at: datetime | None, now: datetime
) -> Decision:
    """Whether a sample or result can be true. Shape: reasons in the order of the fields."""
    reasons = []
    if sampled_at > now:
        reasons.append(Reason("sample_in_future"))
    if day_of(sampled_at) != on:
        reasons.append(Reason("sample_other_day", {"on": on.isoformat()}))
    if result and result not in RESULTS:
        reasons.append(Reason("unknown_result", {"value": result[:40]}))
    if result and (result_at is None or result_at < sampled_at or result_at > now):
        reasons.append(Reason("result_instant_wrong"))
    return Decision(tuple(reasons))


def index_tests_say(results: list[str], *, tests: int) -> str:
    """What the first tests of the index contact mean for a contact of a contact: `escalate` as soon as one is
    positive, `clear` when all are there and negative, else `wait`.

    Source: policy reference A.3.1 (secondary contact).
    """
    first = results[:tests]
    if "positive" in first:
        return "escalate"
    return "clear" if len(first) == tests and all(each == "negative" for each in first) else "wait"


def checks_per_day(rules: Rules, mode: str) -> int:
    """How often a day somebody in a mode is looked after: what the pack says for homes and for sites, else not at all.

    Source: policy reference A.4 (home quarantine guide), B.1 (sites).
    """
    often = None
    if mode in AT_A_SITE and rules.sites:
        often = rules.sites.residents_temperature
    elif mode == "home_quarantine" and rules.home_quarantine:
        often = rules.home_quarantine.temperature
    return often.times if often and often.per == "day" else 0


def checks_due_by(now: datetime, times: int) -> tuple[int, int]:
    """How many of a day's checks are due and how many late: a day of two has its first until noon.

    Shape: (due, late).
    """
    midnight = end_of(day_of(now)) - timedelta(days=1)
    passed = int((now - midnight) / timedelta(days=1) * times)
    return min(passed + 1, times), passed
