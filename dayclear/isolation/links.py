"""The link by which a person under an order reaches their own page: made, followed, called back.

A link is 32 random bytes; the database keeps their digest. It opens one order, for as long as that order is in force.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import Area
from dayclear.foundation.attempts import add_attempt, attempts_since
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right, Role
from dayclear.foundation.scope import acting
from dayclear.isolation.commands import subject_of
from dayclear.isolation.commands.rows import lock_in_force
from dayclear.isolation.models import Order, PersonLink
from dayclear.isolation.rules.course import is_in_force

# What the trail calls somebody who acts through their own link.
BY_LINK = "person:link"
_BYTES = 32
# Requests a minute: of one link, and of one address that tries links which do not exist.
_PER_LINK, _IN_VAIN = 60, 10
_MINUTE = timedelta(minutes=1)
# Evidence that the person has or had the illness itself: only those who may know a diagnosis hand this on.
_TELLING = ("case", "discharge", "symptom")


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a link leads. `live` is false once the order has ended or the link was called back."""

    order_id: int
    language: str
    live: bool
    actor: Actor


def tells_diagnosis(order: Order) -> bool:
    """Whether the reason for an order says that the person is or was ill."""
    return str(order.evidence.get("kind", "")) in _TELLING


def may_hand_over(actor: Actor, order: Order) -> bool:
    """Whether somebody may see what the order tells its person: its reason, its notice, the person's own page."""
    return actor.may(Right.SEE_CASES) or (actor.may(Right.RECORD_CHECKS) and not tells_diagnosis(order))


def make_link(order_id: int, *, language: str, by: Actor, now: datetime) -> str:
    """Make a link for the person under an order and return its token: the only time it can be read.

    Raises: Refused (`right_missing`, `not_found`, `order_state`, `order_over`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        if not may_hand_over(by, order):
            by.require(Right.SEE_CASES)
        token = secrets.token_urlsafe(_BYTES)
        PersonLink.objects.create(
            area=order.area,
            order=order,
            digest=_digest(token),
            language=language,
            made_at=now,
            made_label=by.label,
        )
        record("isolation.link_made", subject_of(order.pk), by=by, at=now, area=order.area)
    return token


def revoke_links(order_id: int, *, by: Actor, now: datetime) -> int:
    """Call back every link of an order; returns how many. Raises: Refused (`right_missing`, `not_found`)."""
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = existing(Order.objects.select_for_update().filter(pk=order_id))
        count = PersonLink.objects.filter(order=order, revoked_at=None).update(revoked_at=now)
        if count:
            record("isolation.link_revoked", subject_of(order.pk), by=by, at=now, area=order.area)
    return count


def follow_link(token: str, *, now: datetime) -> Followed | None:
    """Where a token leads, and as whom its bearer acts; None for a token that nobody made."""
    with acting(system("person link")):
        link = PersonLink.objects.filter(digest=_digest(token)).select_related("order").first()
        if link is None:
            return None
        order = link.order
        live = link.revoked_at is None and is_in_force(order.state, order.ends_at, now)
        if live:
            PersonLink.objects.filter(pk=link.pk).update(opened_at=now)
        # A bearer sees no more than the one place of the order, and may do what a worker there may.
        actor = Actor(None, BY_LINK, Role.COMMUNITY_WORKER, Area(order.area, order.area))
        return Followed(order.pk, link.language, live, actor)


def too_often(what: str, *, vain: bool, now: datetime) -> bool:
    """Count a request, by link or by address, and say whether the minute's number is used up."""
    key = f"link:{what}"
    with transaction.atomic():
        if len(attempts_since(key, now - _MINUTE)) >= (_IN_VAIN if vain else _PER_LINK):
            return True
        add_attempt(key, at=now)
    return False


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
