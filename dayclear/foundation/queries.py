"""Reading accounts: an administrator sees the people of the own place, and those made there who hold nothing yet."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.models import ApiToken, Grant, User


def grants_within(actor: Actor) -> QuerySet[Grant]:
    """The grants for places inside the actor's, ended ones too."""
    if actor.everywhere:
        return Grant.objects.all()
    # A grant for the whole installation has number 0, which lies in no narrower range.
    return Grant.objects.filter(place__range=(actor.area.lo, actor.area.hi))


def users_of(actor: Actor) -> QuerySet[User]:
    """The accounts an administrator may see, by user name."""
    if actor.everywhere:
        return User.objects.order_by("username", "id")
    inside = Exists(grants_within(actor).filter(user=OuterRef("pk")))
    nothing = ~Exists(Grant.objects.filter(user=OuterRef("pk")))
    made_here = Q(made_in__range=(actor.area.lo, actor.area.hi))
    return User.objects.filter(Q(inside) | (Q(nothing) & made_here)).order_by("username", "id")


def holds_only_within(actor: Actor, user: User) -> bool:
    """Whether every grant of a person, ended ones too, lies inside the actor's place; without any, the account's own.

    An account is nobody's prey before its first grant: whoever resets its password would have what it is given later.
    """
    places = list(Grant.objects.filter(user=user).values_list("place", flat=True)) or [user.made_in]
    return all(actor.area.covers(EVERYWHERE if place == 0 else area_of(place)) for place in places)


def require_standing(actor: Actor, *, now: datetime) -> None:
    """Make sure that whoever a job acts for still holds what it was queued under.

    Raises: Refused (`standing_ended`), when the account was closed or the grant has ended since.
    """
    if actor.user_id is None:
        return
    place = 0 if actor.everywhere else actor.area.lo
    held = Grant.objects.filter(user=actor.user_id, role=actor.role.value, place=place, expires_at__gt=now)
    if not held.filter(user__is_active=True).exists():
        raise Refused(refuse("standing_ended", who=actor.label))


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """A person's tokens, the newest first."""
    return ApiToken.objects.filter(grant__user=user).select_related("grant").order_by("-created_at", "-id")
