"""What packages above know of a place, as figures on its page. Nobody here knows who adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions
from dayclear.foundation.parts import Figure

FiguresOf = Callable[[Actor, int], Sequence[Figure]]
# Figures of the page of a place; none where the actor lacks the right.
counts = Additions[FiguresOf]()


def figures_of(actor: Actor, place: int) -> list[Figure]:
    """All figures of a place that the actor may see."""
    return [figure for figures in counts.values() for figure in figures(actor, place)]
