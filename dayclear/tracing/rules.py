"""Chains of transmission: who belongs together, how deep it goes, and what cannot be true."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

RELATIONS = ("household", "work", "school", "meal", "transport", "care", "venue", "other", "unknown")
CERTAINTIES = ("confirmed", "probable", "possible")


@dataclass(frozen=True, slots=True)
class Link:
    """`case` was infected by `source`; both are ids of cases."""

    source: int
    case: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Cases joined by links, directly or through others.

    Shape: `generations` maps each member to the number of links on the longest way down to it from a first case;
    `offspring` to the number of cases that name it; `roots` are the members without a source, ascending; `in_cycle`
    the members that would have infected themselves; `id` is the smallest root, else the smallest member.
    """

    id: int
    generations: Mapping[int, int]
    offspring: Mapping[int, int]
    roots: tuple[int, ...]
    in_cycle: frozenset[int]

    @property
    def size(self) -> int:
        return len(self.generations)

    @property
    def longest(self) -> int:
        """Units: links on the longest path."""
        return max(self.generations.values())

    @property
    def largest(self) -> tuple[int, int]:
        """The case with the most offspring, and how many."""
        case = max(self.offspring, key=lambda member: (self.offspring[member], -member))
        return case, self.offspring[case]


def find_chains(links: Iterable[Link]) -> list[Chain]:
    """Put links together into chains.

    Shape: ascending by id. Takes time proportional to the number of links; a case may have several sources.
    """
    down: dict[int, list[int]] = defaultdict(list)
    up: dict[int, list[int]] = defaultdict(list)
    for link in links:
        down[link.source].append(link.case)
        up[link.case].append(link.source)
    chains, seen = [], set[int]()
    for start in sorted(down.keys() | up.keys()):
        if start not in seen:
            members = _component(start, down, up)
            seen |= members
            chains.append(_chain(members, down, up))
    return sorted(chains, key=lambda chain: chain.id)


def _component(start: int, down: Mapping[int, list[int]], up: Mapping[int, list[int]]) -> set[int]:
    members, waiting = {start}, deque([start])
    while waiting:
        member = waiting.popleft()
        for neighbour in (*down.get(member, ()), *up.get(member, ())):
            if neighbour not in members:
                members.add(neighbour)
                waiting.append(neighbour)
    return members


def _chain(members: set[int], down: Mapping[int, list[int]], up: Mapping[int, list[int]]) -> Chain:
    roots = tuple(sorted(member for member in members if not up.get(member)))
    open_sources = {member: len(up.get(member, ())) for member in members}
    generations = dict.fromkeys(roots, 0)
    ready = deque(roots)
    while ready:
        member = ready.popleft()
        for case in down.get(member, ()):
            generations[case] = max(generations.get(case, 0), generations[member] + 1)
            open_sources[case] -= 1
            if not open_sources[case]:
                ready.append(case)
    tangled = {member for member in members if open_sources[member]}
    for member in tangled:
        generations.setdefault(member, 0)
    return Chain(
        id=roots[0] if roots else min(members),
        generations=generations,
        offspring={member: len(down.get(member, ())) for member in members},
        roots=roots,
        in_cycle=frozenset(_cycles(tangled, down)),
    )


def _cycles(tangled: set[int], down: Mapping[int, list[int]]) -> set[int]:
    """The members that lie on a cycle: what is left after cutting, again and again, those that lead nowhere."""
    left = set(tangled)
    exits = {member: [case for case in down.get(member, ()) if case in left] for member in left}
    entries: dict[int, list[int]] = defaultdict(list)
    for member, cases in exits.items():
        for case in cases:
            entries[case].append(member)
    remaining = {member: len(cases) for member, cases in exits.items()}
    dead_ends = deque(member for member, count in remaining.items() if not count)
    while dead_ends:
        member = dead_ends.popleft()
        left.discard(member)
        for source in entries[member]:
            remaining[source] -= 1
            if not remaining[source]:
                dead_ends.append(source)
    return left


@dataclass(frozen=True, slots=True)
class IntervalLimits:
    """How far apart in time two linked cases may lie, from the pack of the disease.

    Units: days. `lead` is how long before onset a source may infect; `longest` from the source's onset to the case's
    onset at most, None where the pack does not say.
    """

    lead: int
    longest: int | None


def interval_flaw(source_on: date | None, case_on: date | None, limits: IntervalLimits) -> str | None:
    """The reason code for which an interval cannot be true: `before_source` or `too_long_after`; None if it can."""
    if source_on is None or case_on is None:
        return None
    if case_on < source_on - timedelta(days=limits.lead):
        return "before_source"
    if limits.longest is not None and case_on > source_on + timedelta(days=limits.longest):
        return "too_long_after"
    return None


def infectious_window(
    onset_on: date | None, sampled_on: date | None, isolated_on: date | None, *, lead: int
) -> tuple[date | None, date | None]:
    """The days on which a case could infect others while moving freely: from `lead` days before onset (before sampling
    without symptoms) to isolation. None at an end that is not known.

    Source: policy reference A.2, A.3.1 (contact window).
    """
    begins = onset_on or sampled_on
    return (begins - timedelta(days=lead) if begins else None), isolated_on


def is_inside(day_from: date | None, day_to: date | None, window: tuple[date | None, date | None]) -> bool:
    """Whether a stay touches the window. A stay without a day, or a case without a first day, tells nothing: outside.

    Source: policy reference R15 (points outside the infectious window are dropped at import).
    """
    first, last = day_from or day_to, day_to or day_from
    if first is None or last is None or window[0] is None:
        return False
    return last >= window[0] and (window[1] is None or first <= window[1])
