"""A local overlay is bounded (R36): it departs from its parent, stricter or looser, only under leave that expires.

The parent is what ruled in the place without it. A departure without leave orders nothing new; what stands goes on to
its end. Values are compared, not opinions: whether another number is stricter or looser, both need leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dayclear.foundation.decisions import Reason
from dayclear.policy.calendar import Policy, applied
from dayclear.policy.loader import Library, shipped


@dataclass(frozen=True, slots=True)
class LocalVariance:
    """A local overlay and its leave. Shape: `departs` are the paths whose values differ from the parent's, sorted.

    `expires_on` is the first day on which the leave no longer holds; None: there is none.
    """

    pack: str
    parent: str
    departs: tuple[str, ...]
    approved_by: str
    expires_on: date | None
    holds: bool

    @property
    def reason(self) -> Reason | None:
        """Why nothing may be ordered under it; None where its leave holds or it needs none."""
        if self.holds or not self.departs:
            return None
        until = self.expires_on.isoformat() if self.expires_on else "—"
        return Reason("overlay_without_variance", {"pack": self.pack, "n": len(self.departs), "until": until})


def variance_of(policy: Policy, day: date, area: int, library: Library | None = None) -> LocalVariance | None:
    """The leave under which a policy departs from its parent on a day; None where it is not a local overlay."""
    books = shipped() if library is None else library
    head = books.resolve(policy.pack).head
    if head.area is None or head.amends is None:
        return None
    parent = applied(books.resolve(head.amends), day, area)
    paths = policy.values.keys() | parent.values.keys()
    departs = sorted(path for path in paths if _value(policy, path) != _value(parent, path))
    leave = head.variance
    holds = leave is not None and leave.approved_on <= day < leave.expires_on
    return LocalVariance(
        pack=policy.pack,
        parent=parent.pack,
        departs=tuple(departs),
        approved_by=leave.approved_by if leave else "",
        expires_on=leave.expires_on if leave else None,
        holds=holds,
    )


def all_variances(day: date, library: Library | None = None) -> tuple[LocalVariance, ...]:
    """Every local overlay in force on a day with its leave: the report of all variances."""
    books = shipped() if library is None else library
    found = []
    for pack in books.packs():
        if pack.head.area is None or not pack.head.effective.covers(day):
            continue
        number = int(pack.head.area.ljust(18, "0"))
        each = variance_of(applied(pack, day, number), day, number, books)
        if each is not None:
            found.append(each)
    return tuple(found)


def _value(policy: Policy, path: str) -> object:
    known = policy.values.get(path)
    return None if known is None else known.value
