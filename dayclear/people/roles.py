"""The parts a person plays — case, contact, later traveller or worker — as the packages above know them.

Each package registers what it knows; what a reader may not know, it leaves out. So one timeline tells it all, and a
village worker's tells no diagnosis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions
from dayclear.people.models import Person


@dataclass(frozen=True, slots=True)
class Part:
    """One part a person plays. `subject` is what the trail calls it; its events join the person's timeline.

    `href` is empty where another place's page tells more.
    """

    title: Any
    detail: Any
    href: str
    subject: str
    on: date | None = None


PartsOf = Callable[[Actor, Person], Sequence[Part]]
# What a package knows of a person. It answers nothing where the actor lacks the right.
plays = Additions[PartsOf]()


def parts_of(actor: Actor, person: Person) -> list[Part]:
    """Every part the actor may know of, the latest first."""
    found = [part for parts in plays.values() for part in parts(actor, person)]
    return sorted(found, key=lambda part: part.on or date.min, reverse=True)
