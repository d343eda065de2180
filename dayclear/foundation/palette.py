"""What the command palette finds: every package adds a search of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dayclear.foundation.actors import Actor


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the palette. `label` may be lazy text; `hint` says what it is or where."""

    label: Any
    href: str
    hint: Any = ""


Search = Callable[[Actor, str], Sequence[Found]]
_searches: dict[str, Search] = {}


def finds(name: str) -> Callable[[Search], Search]:
    """Add a search to the palette. It gets the actor and the words typed, and answers a handful within scope."""

    def add(search: Search) -> Search:
        _searches[name] = search
        return search

    return add


def search_all(actor: Actor, words: str) -> list[Found]:
    """What every search finds, in the order in which they were added."""
    return [found for search in _searches.values() for found in search(actor, words)]
