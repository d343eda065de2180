"""What a changeover from one pack to another does, in the one shape that every package answers with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
