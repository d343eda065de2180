"""What packages above know of a place, as figures on its page. Nobody here knows who adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dayclear.foundation.actors import Actor
from dayclear.foundation.parts import Figure

FiguresOf = Callable[[Actor, int], Sequence[Figure]]
_figures: dict[str, FiguresOf] = {}


def counts(name: str) -> Callable[[FiguresOf], FiguresOf]:
    """Add figures to the page of a place; none where the actor lacks the right."""

    def add(figures: FiguresOf) -> FiguresOf:
        _figures[name] = figures
        return figures

    return add


def figures_of(actor: Actor, place: int) -> list[Figure]:
    """All figures of a place that the actor may see."""
    return [figure for figures in _figures.values() for figure in figures(actor, place)]
