"""What other packages add to the page of a case: sources and offspring, contacts, places visited, later orders.

Nobody here knows who adds: a package above registers its panel when it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions


@dataclass(frozen=True, slots=True)
class Panel:
    """One part of a page: a template and what it shows."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


PanelOf = Callable[[Actor, Case], Panel]
# Panels of the page of a case, shown in the order in which they were added.
shows = Additions[PanelOf]()


def panels_of(actor: Actor, case: Case) -> list[Panel]:
    """The panels of a case, read within the actor's scope."""
    return [panel(actor, case) for panel in shows.values()]
