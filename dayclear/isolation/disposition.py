"""The SQL twin of `rules.conversion.convert`: the same answer for a million orders in one statement.

Every literal comes from a pack, whose codes are checked when it is loaded; they are quoted all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from psycopg import sql

from dayclear.isolation.rules.conversion import Stretch, order_lines, stretches_of
from dayclear.isolation.rules.modes import MODES
from dayclear.policy.calendar import Policy
from dayclear.policy.schema import Transition

# Orders that bind at the instant and whose last day has not passed, with the phase under way. What waits for nothing
# but the result of its last day is left to the sweep.
_OPEN = """
SELECT o.id, o.area, o.category, o.anchor_on, o.ends_on, p.mode, p.starts_on AS phase_starts_on, p.number AS phase
FROM isolation_order o JOIN isolation_phase p ON p.order_id = o.id
 AND p.ends_on >= {on} AND (p.starts_on <= {on} OR p.number = 1)
WHERE o.state = 'signed' AND o.disease = {disease} AND o.starts_at <= {at} AND o.ends_at > {at} AND o.ends_on >= {on}
"""


def dispositions(after: Policy, at: datetime, on: date, *, where: str = "") -> str:
    """A query that gives each open order what becomes of it. `where` narrows the orders further (a trusted text).

    Shape: id, area, category, anchor_on, ends_on, mode, phase, action, mode_after, ends_on_after, rule, needs_human.
    """
    # OFFSET 0 keeps the planner from folding the steps into one and working each out again wherever it is used.
    stretches = stretches_of(after.rules)
    lines = order_lines(after.rules.transition)
    day = _quoted(on)
    opened = _OPEN.format(on=day, at=_quoted(at), disease=_quoted(after.disease)) + where
    return f"""
    WITH o AS ({opened}),
    matched AS (SELECT o.*, {_line(lines, day)} AS line, {_last_day(stretches)} AS planned_end,
        {_planned_mode(stretches, day)} AS planned_mode FROM o OFFSET 0),
    decided AS (SELECT m.*, {_end(lines, day)} AS new_end, {_mode(lines)} AS new_mode FROM matched m OFFSET 0),
    told AS (SELECT d.*, ({_releases(lines)} OR new_end IS NULL OR new_end < {day}) AS released FROM decided d OFFSET 0)
    SELECT id, area, category, anchor_on, ends_on, mode, phase,
        CASE WHEN released THEN 'release'
             WHEN line IS NOT NULL THEN 'convert'
             WHEN new_mode <> mode THEN 'change_mode'
             WHEN new_end < ends_on THEN 'shorten' ELSE 'keep' END AS action,
        CASE WHEN released THEN '' ELSE new_mode END AS mode_after,
        CASE WHEN released THEN {day} ELSE new_end END AS ends_on_after,
        CASE WHEN line IS NULL THEN 'categories.' || category ELSE 'transition.' || line END AS rule,
        (NOT released AND {_human(lines)}) AS needs_human
    FROM told
    """  # noqa: S608 - composed of quoted codes of the pack


def stretch_rows(after: Policy) -> str:
    """The pack's phases as rows. Shape: category, number, mode, offered, starts, from_first, ends, tests."""
    rows = ", ".join(
        f"({_quoted(s.category)}, {s.number}, {_quoted(s.mode)}, {_quoted(list(s.offered))}::text[], {s.starts}, "
        f"{_quoted(s.from_first)}, {s.ends}, {_quoted(list(s.tests))}::int[])"
        for s in stretches_of(after.rules)
    )
    return rows or "(NULL::text, 0, NULL::text, NULL::text[], 0, false, 0, NULL::int[])"


def _line(lines: Sequence[Transition], day: str) -> str:
    """Which line of the changeover is an order's: the first whose conditions it fulfils."""
    cases = []
    for index, line in enumerate(lines):
        when = ["true"]
        if line.when.category is not None:
            when.append(f"category = {_quoted(line.when.category)}")
        if line.when.mode is not None:
            when.append(f"mode = {_quoted(line.when.mode)}")
        if line.when.completed_days is not None:
            when.append(f"{day} - phase_starts_on >= {line.when.completed_days}")
        cases.append(f"WHEN {' AND '.join(when)} THEN {index}")
    return _case(cases, "NULL::int")


def _last_day(stretches: Sequence[Stretch]) -> str:
    cases = [
        f"WHEN category = {_quoted(category)} THEN anchor_on + {list(mine)[-1].ends}"
        for category, mine in groupby(stretches, key=lambda each: each.category)
    ]
    return _case(cases, "NULL::date")


def _planned_mode(stretches: Sequence[Stretch], day: str) -> str:
    cases = [
        f"WHEN category = {_quoted(each.category)} AND anchor_on + {each.ends} >= {day} THEN {_quoted(each.mode)}"
        for each in stretches
    ]
    return _case(cases, "NULL::text")


def _end(lines: Sequence[Transition], day: str) -> str:
    cases = []
    for index, line in enumerate(lines):
        ends = ["ends_on"]
        if line.do.days is not None:
            ends.append(f"{day} + {line.do.days}")
        if line.do.not_beyond is not None:
            ends.append(f"anchor_on + {line.do.not_beyond}")
        cases.append(f"WHEN line = {index} THEN least({', '.join(ends)})")
    return _case(cases, "CASE WHEN planned_end IS NULL THEN NULL ELSE least(ends_on, planned_end) END")


def _mode(lines: Sequence[Transition]) -> str:
    cases = [
        f"WHEN line = {index} THEN {_lighter('mode', _quoted(line.do.mode))}"
        for index, line in enumerate(lines)
        if line.do.mode is not None
    ]
    return _case(cases, _lighter("mode", "planned_mode"))


def _releases(lines: Sequence[Transition]) -> str:
    indices = [str(index) for index, line in enumerate(lines) if line.do.action == "release" or line.do.mode is None]
    return f"coalesce(line IN ({', '.join(indices)}), false)" if indices else "false"


def _human(lines: Sequence[Transition]) -> str:
    indices = [str(index) for index, line in enumerate(lines) if line.do.confirmed_by_a_person]
    return f"coalesce(line IN ({', '.join(indices)}), false)" if indices else "false"


def _lighter(one: str, other: str) -> str:
    """The less restrictive of two modes; of two equally strict the first."""
    return f"CASE WHEN {_rank(other)} < {_rank(one)} THEN {other} ELSE {one} END"


def _rank(mode: str) -> str:
    cases = " ".join(f"WHEN {_quoted(name)} THEN {rank}" for rank, name in enumerate(MODES))
    return f"(CASE {mode} {cases} ELSE {len(MODES)} END)"


def _case(cases: Iterable[str], otherwise: str) -> str:
    text = " ".join(cases)
    return f"CASE {text} ELSE {otherwise} END" if text else otherwise


def _quoted(value: object) -> str:
    return sql.Literal(value).as_string(None)
