"""What packages above know of a tube, for its page. Nobody here knows who adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions
from dayclear.sampling.models import Tube


@dataclass(frozen=True, slots=True)
class TubeFact:
    """One thing known of a tube. `href` is empty where the reader may see no more."""

    title: Any
    detail: Any
    at: datetime | None = None
    href: str = ""


FactsOf = Callable[[Actor, Tube], Sequence[TubeFact]]
# What a package knows of a tube. It answers nothing where the actor lacks the right.
knows_of_tubes = Additions[FactsOf]()


def facts_of_tube(actor: Actor, tube: Tube) -> list[TubeFact]:
    """Everything the actor may know of a tube."""
    return [fact for facts in knows_of_tubes.values() for fact in facts(actor, tube)]
