"""Which cases a list shows, as its address says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import Q, QuerySet, Sum

from dayclear.cases.models import Case, CaseCount
from dayclear.cases.queries import cases_of
from dayclear.cases.rules import CLASSIFICATIONS, OUTCOMES, UNDER_ORDER
from dayclear.foundation.actors import Actor
from dayclear.foundation.additions import Additions
from dayclear.foundation.areas import EVERYWHERE, Area, area_of, level_of
from dayclear.foundation.filters import chosen
from dayclear.foundation.sent import day_or_none, number_or_none

# What may be missing of a case: the condition on the row, and the count that holds their number.
_MISSING: Mapping[str, tuple[Q, str]] = {
    "sex": (Q(sex_known=False), "without_sex"),
    "age": (Q(age_known=False), "without_age"),
    "onset": (Q(onset_on=None), "without_onset"),
    "sampling": (Q(sampled_on=None, positive_on=None), "without_sampling"),
    "order": (Q(under_order="unknown"), "without_order_status"),
    "home": (Q(home_known=False), "without_home"),
    "day": (Q(counted_on=None), "cases"),
}
_TALLY_OF_ORDER = {"yes": "under_order", "no": "community", "unknown": "without_order_status"}
COUNTED_TO_LEVEL = 5

# Packages above narrow the list by what only they know (a chain of transmission): `narrows("chain")`.
Narrower = Callable[[Actor, QuerySet[Case], str], QuerySet[Case]]
narrows = Additions[Narrower]()


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to. Empty text and None: not narrowed. Excluded cases show when asked for."""

    disease: str = ""
    place: int | None = None
    first: date | None = None
    last: date | None = None
    under_order: str = ""
    source: str = ""
    missing: str = ""
    number: str = ""
    outcome: str = ""
    classification: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, address: Mapping[str, str]) -> CaseFilter:
        """Raises: Refused (`bad_filter`), naming the parameter."""
        said = {name: address.get(name, "").strip() for name in ("disease", "number")}
        return cls(
            disease=said["disease"][:32],
            place=number_or_none(address, "place") or None,
            first=day_or_none(address, "from"),
            last=day_or_none(address, "to"),
            under_order=chosen(address, "under_order", UNDER_ORDER),
            source=chosen(address, "source", ("unknown", "known")),
            missing=chosen(address, "missing", tuple(_MISSING)),
            number=said["number"][:64],
            outcome=chosen(address, "outcome", OUTCOMES),
            classification=chosen(address, "classification", CLASSIFICATIONS),
            more=tuple((name, address[name].strip()) for name in sorted(narrows) if address.get(name, "").strip()),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the disease is asked for."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "disease")

    @property
    def area(self) -> Area:
        return area_of(self.place) if self.place else EVERYWHERE

    def rows(self, actor: Actor) -> QuerySet[Case]:
        """The cases, unordered. Raises: Refused (`right_missing`)."""
        found = cases_of(actor)
        if self.classification:
            found = found.filter(classification=self.classification)
        else:
            found = found.exclude(classification="excluded")
        if self.place:
            found = found.filter(area__range=(self.area.lo, self.area.hi))
        if self.source:
            # Someone found while under an order was already known to somebody: the question is open only otherwise.
            unknown = Q(source_known=False) & ~Q(under_order="yes")
            found = found.filter(unknown if self.source == "unknown" else ~unknown)
        if self.missing:
            found = found.filter(_MISSING[self.missing][0])
        plain = {
            "disease": self.disease,
            "counted_on__gte": self.first,
            "counted_on__lte": self.last,
            "under_order": self.under_order,
            "number__begins": self.number,
            "outcome": self.outcome,
        }
        found = found.filter(**{name: value for name, value in plain.items() if value})
        for name, value in self.more:
            found = narrows[name](actor, found, value)
        return found

    def count(self, actor: Actor) -> int | None:
        """How many cases there are, read from the counts; None where the counts do not know."""
        if self.number or self.classification or self.more or self.outcome not in ("", "died"):
            return None
        tallies = []
        if self.under_order:
            tallies.append(_TALLY_OF_ORDER[self.under_order])
        if self.source:
            tallies.append("source_unknown" if self.source == "unknown" else "")
        if self.missing:
            tallies.append(_MISSING[self.missing][1])
        if self.outcome:
            tallies.append("died")
        place = self.place or actor.area.lo
        inside = actor.area.covers(self.area) if self.place else True
        if len(tallies) > 1 or "" in tallies or not inside or level_of(place) > COUNTED_TO_LEVEL:
            return None
        tally = tallies[0] if tallies else "cases"
        rows = CaseCount.objects.filter(area=place, level=level_of(place))
        if self.disease:
            rows = rows.filter(disease=self.disease)
        if self.missing == "day":
            rows = rows.filter(day=None)
        if self.first:
            rows = rows.filter(day__gte=self.first)
        if self.last:
            rows = rows.filter(day__lte=self.last)
        return int(rows.aggregate(total=Sum(tally))["total"] or 0)
