"""What the schema cannot say: values that contradict each other, packs that overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from dayclear.policy.problems import PackError, Problem, problem
from dayclear.policy.provenance import Provenance
from dayclear.policy.schema import RESTRICTIVE_SECTIONS, Category, Head, Phase, Rules, SignOff
from dayclear.policy.tree import PREFIX_LENGTHS, Branch, Mark, leaves, mark_of


class Sourced(Protocol):
    @property
    def source(self) -> Provenance: ...


@dataclass(frozen=True)
class Range:
    """The days on which a pack itself answers: [start, end), until a pack amending it takes over."""

    pack: str
    start: date
    end: date


def check_resolved(
    head: Head,
    rules: Rules,
    root: Branch,
    head_tree: Branch,
    values: Mapping[str, Sourced],
    inherited: Sequence[SignOff],
) -> None:
    """Everything about one resolved pack.

    Raises: PackError listing all that is wrong.
    """
    found = [
        *_head_problems(head, head_tree),
        *_sign_off_problems(head, root, head_tree, values, inherited),
        *_category_problems(rules, root),
        *_area_problems(rules, root),
        *_transition_problems(rules, root),
        *_discrimination(root),
    ]
    if found:
        raise PackError(found)


def _at(root: Branch, path: str, code: str, **params: object) -> Problem:
    mark = mark_of(root, tuple(path.split(".")))
    return problem(mark.file, mark.line, code, path, **params)


def _head_problems(head: Head, tree: Branch) -> Iterator[Problem]:
    start, end = head.effective.from_on, head.effective.to_on
    if start is None and not head.effective.undated:
        yield _at(tree, "effective.from", "missing_key", key="from")
    if start and end and end <= start:
        yield _at(tree, "effective.to", "ends_before_it_begins", end=end, start=start)
    if head.area is not None and not (head.area.isdecimal() and len(head.area) in PREFIX_LENGTHS):
        yield _at(tree, "area", "bad_area", value=head.area)


def _sign_off_problems(
    head: Head, root: Branch, head_tree: Branch, values: Mapping[str, Sourced], inherited: Sequence[SignOff]
) -> Iterator[Problem]:
    unsourced = {path for path, each in values.items() if each.source.is_unsourced}
    signed = {each.path for each in (*head.sign_off, *inherited)}
    for path in sorted(unsourced):
        if path.partition(".")[0] in RESTRICTIVE_SECTIONS and not any(_is_under(path, each) for each in signed):
            yield _at(root, path, "unsourced_restriction")
    for index, each in enumerate(head.sign_off):
        if not any(_is_under(path, each.path) for path in unsourced):
            mark = mark_of(head_tree, ("sign_off", str(index), "path"))
            yield problem(mark.file, mark.line, "idle_sign_off", each.path)


def _is_under(path: str, ancestor: str) -> bool:
    return path == ancestor or path.startswith(f"{ancestor}.")


def _category_problems(rules: Rules, root: Branch) -> Iterator[Problem]:
    for code, category in rules.categories.items():
        here = f"categories.{code}"
        for index, phase in enumerate(category.phases):
            yield from _phase_problems(phase, root, f"{here}.phases.{index}")
        total = sum(phase.days or 0 for phase in category.phases)
        if category.max_days is not None and total > category.max_days:
            yield _at(root, f"{here}.max_days", "phases_beyond_maximum", total=total, days=category.max_days)
        yield from _category_references(category, rules, root, here)


def _category_references(category: Category, rules: Rules, root: Branch, here: str) -> Iterator[Problem]:
    if category.only_of is not None and category.only_of not in rules.categories:
        yield _at(root, f"{here}.only_of", "unknown_category", key=category.only_of)
    for index, each in enumerate(category.escalates):
        if each.to not in rules.categories:
            yield _at(root, f"{here}.escalates.{index}.to", "unknown_category", key=each.to)
    for other in category.apart_from or ():
        if other not in rules.categories:
            yield _at(root, f"{here}.apart_from", "unknown_category", key=other)


def _phase_problems(phase: Phase, root: Branch, here: str) -> Iterator[Problem]:
    anchored = phase.starts is not None or phase.ends is not None
    if phase.days is not None and anchored:
        yield _at(root, here, "phase_length_twice")
    if phase.days is None:
        return
    for name, numbers in (("tests", phase.tests), ("checks", phase.checks)):
        beyond = [day for day in numbers or () if day > phase.days]
        if beyond:
            yield _at(root, f"{here}.{name}", "test_beyond_phase", day=beyond[0], days=phase.days)


def _area_problems(rules: Rules, root: Branch) -> Iterator[Problem]:
    if rules.areas is None:
        return
    levels = rules.areas.levels
    for code, level in levels.items():
        for name, step in (("down", level.down), ("after_higher", level.after_higher)):
            # "none" leaves the levels altogether: back to routine.
            if step is not None and step.to not in levels and step.to != "none":
                yield _at(root, f"areas.levels.{code}.{name}.to", "unknown_level", key=step.to)
        if level.escalates_to is not None and level.escalates_to not in levels:
            yield _at(root, f"areas.levels.{code}.escalates_to", "unknown_level", key=level.escalates_to)


def _transition_problems(rules: Rules, root: Branch) -> Iterator[Problem]:
    """What a changeover moves people or areas *to* must exist; what it finds open may be gone."""
    levels = rules.areas.levels if rules.areas else {}
    for index, each in enumerate(rules.transition):
        if each.do.level is not None and each.do.level not in levels:
            yield _at(root, f"transition.{index}.do.level", "unknown_level", key=each.do.level)


# Who somebody is decides nothing; what they were exposed to does (R33). Words that no code of a restriction may hold.
_WHO_SOMEBODY_IS: Final = frozenset(
    {
        "ancestry",
        "caste",
        "ethnic",
        "ethnicity",
        "foreigner",
        "foreigners",
        "gender",
        "hukou",
        "immigrant",
        "immigrants",
        "job",
        "migrant",
        "migrants",
        "minority",
        "nationality",
        "native",
        "occupation",
        "occupations",
        "origin",
        "profession",
        "race",
        "religion",
        "religious",
        "sex",
    }
)
# The listed exposure classes: posts tested by routine because of what is handled there.
_EXPOSURE_CLASSES: Final = "testing.occupations"


def _discrimination(root: Branch) -> Iterator[Problem]:
    for path, leaf in leaves(root):
        if path.partition(".")[0] not in RESTRICTIVE_SECTIONS or path.startswith(_EXPOSURE_CLASSES):
            continue
        said = leaf.value if isinstance(leaf.value, tuple | list) else (leaf.value,)
        codes = [*path.split("."), *(str(each) for each in said if not isinstance(leaf.value, dict))]
        wrong = sorted({part for code in codes for part in code.lower().split("_")} & _WHO_SOMEBODY_IS)
        if wrong:
            yield problem(leaf.mark.file, leaf.mark.line, "discriminates", path, key=wrong[0])


def ranges(heads: Iterable[Head]) -> list[Range]:
    """When each pack answers, given the others.

    An overlay for the same places takes over on the day it begins and hands back when
    it ends; a pack for a smaller place stands beside the wider one and is asked first.
    """
    known = {head.pack: head for head in heads}
    found: list[Range] = []
    for head in known.values():
        start, end = _bounds(head, known)
        for cut_start, cut_end in sorted(
            _bounds(other, known) for other in known.values() if other.amends == head.pack and other.area == head.area
        ):
            if start < cut_start:
                found.append(Range(head.pack, start, min(end, cut_start)))
            start = max(start, cut_end)
        if start < end:
            found.append(Range(head.pack, start, end))
    return found


def _bounds(head: Head, known: Mapping[str, Head]) -> tuple[date, date]:
    """First day and the day after the last; an overlay ends no later than what it amends."""
    end = head.effective.to_on or date.max
    if head.amends is not None and head.amends in known:
        end = min(end, _bounds(known[head.amends], known)[1])
    return head.effective.from_on or date.min, end


def check_ranges(heads: Sequence[Head], marks: Mapping[str, Mark], blamed: str) -> None:
    """No two packs answer for one disease, place and day.

    `blamed` is the pack being checked: of two that overlap it is the one to mend.
    Raises: PackError with a problem for each pack that overlaps the blamed one.
    """
    by_id = {head.pack: head for head in heads}
    spans = ranges(heads)
    found: list[Problem] = []
    for mine in (each for each in spans if each.pack == blamed):
        for other in spans:
            same = _answers_for(by_id[mine.pack]) == _answers_for(by_id[other.pack])
            overlap = max(mine.start, other.start)
            if same and other.pack != blamed and overlap < min(mine.end, other.end):
                mark = marks[blamed]
                found.append(
                    problem(mark.file, mark.line, "overlapping_ranges", "effective", other=other.pack, day=overlap)
                )
    if found:
        raise PackError(found)


def _answers_for(head: Head) -> tuple[str, str | None]:
    return head.disease, head.area
