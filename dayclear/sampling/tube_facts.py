"""What packages above know of a tube, for its page. Nobody here knows who adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.sampling.models import Tube


@dataclass(frozen=True, slots=True)
class TubeFact:
    """One thing known of a tube. `href` is empty where the reader may see no more."""

    title: Any
    detail: Any
    at: datetime | None = None
    href: str = ""


FactsOf = Callable[[Actor, Tube], Sequence[TubeFact]]
_facts: dict[str, FactsOf] = {}


def knows_of_tubes(name: str) -> Callable[[FactsOf], FactsOf]:
    """Add what a package knows of a tube. It answers nothing where the actor lacks the right."""

    def add(facts: FactsOf) -> FactsOf:
        _facts[name] = facts
        return facts

    return add


def facts_of_tube(actor: Actor, tube: Tube) -> list[TubeFact]:
    """Everything the actor may know of a tube."""
    return [fact for facts in _facts.values() for fact in facts(actor, tube)]
