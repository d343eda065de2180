"""Swabs that will never have a result."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from dayclear.sampling.models import BoxedTube

UNUSABLE = Q(condition__in=("damaged", "leaked", "missing", "rejected")) | Q(box__state="lost", condition="pending")


def lost_among(tubes: Iterable[int]) -> frozenset[int]:
    """Which of these tubes cannot be examined: their box is lost, or they arrived in no state to be."""
    return frozenset(BoxedTube.objects.filter(UNUSABLE, tube__in=list(tubes)).values_list("tube", flat=True))
