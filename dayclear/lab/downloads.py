"""Forms in which a released plate can be taken along: the packages above add theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dayclear.lab.models import Plate


@dataclass(frozen=True, slots=True)
class Download:
    """A file of a plate: what it is called, and where it is."""

    title: str
    href: str


Offer = Callable[[Plate], Sequence[Download]]
_offers: dict[str, Offer] = {}


def offers_downloads(name: str) -> Callable[[Offer], Offer]:
    """Add the files that a package makes of a released plate."""

    def add(offer: Offer) -> Offer:
        _offers[name] = offer
        return offer

    return add


def downloads_of(plate: Plate) -> list[Download]:
    """Every file there is of a plate; none before its release."""
    return [each for offer in _offers.values() for each in offer(plate)] if plate.state == "released" else []
