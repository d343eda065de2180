"""What of a pack the guard reads, and how it says what it found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from dayclear.foundation.decisions import Reason
from dayclear.policy.calendar import Policy
from dayclear.policy.loader import shipped, shipped_catalogue
from dayclear.policy.schema import Areas, Category, Testing

# Nothing in the pack in force gives it. It need not be forbidden by a number of its own: it has no rule (R01).
NO_RULE: Final = "R01"


@dataclass(frozen=True, slots=True)
class Breach:
    """What the guard found: the prohibition, the facts its sentence needs, the pack's own limit, and the text behind.

    `review` marks what may be right and needs a pair of eyes: it is not refused, it becomes a finding.
    """

    rule: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    limit: str = ""
    source: str = ""
    review: bool = False

    @property
    def reason(self) -> Reason:
        return Reason(self.rule, self.params)


@dataclass(frozen=True, slots=True)
class Books:
    """What of the pack in force orders, areas and measures are judged by.

    Shape: `forbidden` are the ids of the guard; `removed` the categories that a text took out; `sources` say for each
    id which text forbids it.
    """

    areas: Areas | None
    testing: Testing | None = None
    forbidden: Collection[str] = ()
    categories: Mapping[str, Category] = field(default_factory=dict)
    removed: Collection[str] = ()
    first_day: str = "next_day"
    sources: Mapping[str, str] = field(default_factory=dict)

    def is_restricted(self, level: str) -> bool:
        """Whether people in an area of this level are restricted at all: low risk is the rest of the county."""
        known = self.areas.levels.get(level) if self.areas else None
        return known is not None and not known.follows_the_others

    def breach(
        self, rule: str, params: Mapping[str, str | int], *, limit: object = "", review: bool = False
    ) -> Breach | None:
        """A breach of a prohibition, where the pack in force has it."""
        if rule not in self.forbidden:
            return None
        return Breach(rule, params, "" if limit is None else str(limit), self.sources.get(rule, ""), review)

    def unfounded(self, rule: str, params: Mapping[str, str | int], *, limit: object = "") -> Breach:
        """A breach that needs no prohibition: under its number where the pack has it, else for want of any rule."""
        return self.breach(rule, params, limit=limit) or Breach(NO_RULE, params, str(limit))


def books_of(policy: Policy | None) -> Books:
    """The books of a pack in force; without a pack nothing is given and nothing forbidden by number."""
    if policy is None:
        return Books(None)
    rules = policy.rules
    prefix = "categories."
    removals = shipped().resolve(policy.pack).removals if policy.pack in shipped() else {}
    return Books(
        rules.areas,
        rules.testing,
        frozenset(rules.forbidden),
        rules.categories,
        frozenset(path.removeprefix(prefix) for path in removals if path.startswith(prefix) and path.count(".") == 1),
        rules.day_count.first_day if rules.day_count else "next_day",
        {rule: str(found.source) for rule in rules.forbidden if (found := policy.values.get(_path(rule)))},
    )


def catalogue_ids() -> tuple[str, ...]:
    """Every id of the guard, in order."""
    return tuple(sorted(shipped_catalogue().prohibitions))


def found(breaches: Iterable[Breach | None]) -> tuple[Breach, ...]:
    return tuple(each for each in breaches if each is not None)


def _path(rule: str) -> str:
    return f"forbidden.{rule}.predicate"
