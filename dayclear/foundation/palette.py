"""What the command palette finds: every package adds a search of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the palette. `label` may be lazy text; `hint` says what it is or where."""

    label: Any
    href: str
    hint: Any = ""


Search = Callable[[Actor, str], Sequence[Found]]
# The searches of the palette. Each gets the actor and the words typed, and answers a handful within scope.
finds = Additions[Search]()


def search_all(actor: Actor, words: str) -> list[Found]:
    """What every search finds, in the order in which they were added."""
    return [found for search in finds.values() for found in search(actor, words)]
