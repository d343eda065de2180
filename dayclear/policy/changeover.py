"""What a changeover from one pack to another does, in the one shape that every package answers with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dayclear.foundation.actors import Actor
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import Policy
from dayclear.policy.schema import Transition


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure of a changeover: so many open things of a kind are changed in one way.

    `kind` is `<subject>.<what happens>` (`order.released`, `area.lowered`), the key of the list behind the number;
    `needs_human`: nothing happens before a person has confirmed each of them.
    """

    kind: str
    count: int
    needs_human: bool = False


def transitions_for(transitions: Sequence[Transition], subjects: Iterable[str]) -> tuple[Transition, ...]:
    """The lines of a changeover that concern these subjects, in the order in which the pack has them."""
    wanted = frozenset(subjects)
    return tuple(line for line in transitions if line.subject in wanted)


@dataclass(frozen=True, slots=True)
class Touched:
    """One open thing that a changeover touches: a row behind a number. `key` goes on the list after it."""

    key: int
    label: Any
    href: str
    place: int
    before: Any
    after: Any
    rule: str = ""
    needs_human: bool = False


class Rehearse(Protocol):
    def __call__(self, before: Policy, after: Policy, at: datetime, *, by: Actor) -> list[Effect]: ...


class Carry(Protocol):
    def __call__(self, before: Policy, after: Policy, at: datetime, *, by: Actor, now: datetime) -> list[Effect]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one package does in a changeover.

    `kinds` names its effects; `listed(before, after, at, kind, by, after_key)` gives the rows behind one, in the order
    of their keys; `done` says what was carried out. `right` is what carrying out takes. `apply` is called outside of a
    transaction and opens its own; `undo` inside of one.
    """

    right: Right
    kinds: Mapping[str, Any]
    dry_run: Rehearse
    apply: Carry
    undo: Carry
    listed: Callable[[Policy, Policy, datetime, str, Actor, int], list[Touched]]
    done: Callable[[Policy, datetime, Actor], list[Effect]]


_parts: dict[str, Part] = {}


def takes_part(name: str, part: Part) -> None:
    """Add a package to every changeover. Called when the package starts; parts run in the order of their names'
    registration."""
    _parts[name] = part


def parts() -> Mapping[str, Part]:
    """Who takes part in a changeover, by package."""
    return dict(_parts)


def effect_names() -> Mapping[str, Any]:
    """The words for every kind of effect."""
    return {kind: name for part in _parts.values() for kind, name in part.kinds.items()}
