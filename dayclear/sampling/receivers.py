"""Where boxes may go: the packages above add their own places that take them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions
from dayclear.sampling.models import Box


@dataclass(frozen=True, slots=True)
class Receiver:
    """A place that takes in boxes. `key` is its address (`lab:7`); `proposed`: it was worked out for this very box."""

    key: str
    name: str
    proposed: bool = False


# Gets the actor, the box and a name: without one it offers what the actor may see, with one what is called exactly so.
Directory = Callable[[Actor, Box, str], Sequence[Receiver]]
receives = Additions[Directory]()


def receivers_for(actor: Actor, box: Box) -> list[Receiver]:
    """Where a box may go, what was worked out for it first."""
    found = [each for directory in receives.values() for each in directory(actor, box, "")]
    return sorted(found, key=lambda each: (not each.proposed, each.name))


def receiver_named(actor: Actor, box: Box, name: str) -> Receiver:
    """Who is called so, by code or by name; a place that nobody knows keeps the name as its address."""
    found = [each for directory in receives.values() for each in directory(actor, box, name)]
    return found[0] if len(found) == 1 else Receiver(f"name:{name}"[:48], name)
