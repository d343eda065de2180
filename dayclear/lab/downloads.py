"""Forms in which a released plate can be taken along: the packages above add theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dayclear.foundation.additions import Additions
from dayclear.lab.models import Plate


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a plate: what it is called, and where it is."""

    title: str
    href: str


Offer = Callable[[Plate], Sequence[Download]]
offers_downloads = Additions[Offer]()


def downloads_of(plate: Plate) -> list[Download]:
    """Every file there is of a plate; none before its release."""
    return [each for offer in offers_downloads.values() for each in offer(plate)] if plate.state == "released" else []
