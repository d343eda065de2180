"""Reading findings and complaints within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.encryption import decrypt
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.supervision.commands.complaints import CONTACT, code_hash
from dayclear.supervision.models import Complaint, Finding

# The most urgent first; closed ones, which have no clock, by when they were found.
OPEN_ORDER = ("due_at", "id")
CLOSED_ORDER = ("-found_at", "-id")


def findings_of(actor: Actor) -> QuerySet[Finding]:
    """The findings in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_FINDINGS)
    return Finding.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def finding_in_scope(actor: Actor, finding_id: int) -> Finding:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(findings_of(actor).filter(pk=finding_id))


def complaints_of(actor: Actor, finding: Finding) -> QuerySet[Complaint]:
    """What was said about a finding, the newest first; only to those who deal with it."""
    if not actor.may(Right.ANSWER_FINDINGS):
        return Complaint.objects.none()
    mine = Complaint.objects.filter(area__range=(actor.area.lo, actor.area.hi), finding=finding)
    return mine.order_by("-received_at", "-id")


def contact_of(complaint: Complaint) -> str:
    """How whoever complained wants to be called back; empty where they gave nothing."""
    sealed = complaint.contact_sealed
    return decrypt(sealed, purpose=CONTACT).decode() if sealed else ""


def complaint_by_code(actor: Actor, code: str) -> Complaint | None:
    """The complaint of a follow-up code, within the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.TAKE_COMPLAINTS)
    mine = Complaint.objects.filter(area__range=(actor.area.lo, actor.area.hi))
    return mine.select_related("finding").filter(code_hash=code_hash(code)).first()


@dataclass(frozen=True, slots=True)
class Today:
    """How the places stand against the pack. Units: open findings; `late` of them past their clock."""

    stricter: int
    slack: int
    to_look_at: int
    late: int
    oldest: timedelta


def today(actor: Actor, *, now: datetime) -> Today:
    """Stricter than the pack, and less than the pack: both sides, from the open findings."""
    found = findings_of(actor).exclude(state="closed")
    counts = found.aggregate(
        stricter=Count("id", filter=Q(side="over", review=False)),
        slack=Count("id", filter=Q(side="slack")),
        to_look_at=Count("id", filter=Q(side="over", review=True)),
        late=Count("id", filter=Q(due_at__lte=now)),
        oldest=Min("due_at", filter=Q(due_at__lte=now)),
    )
    oldest = counts.pop("oldest")
    return Today(**counts, oldest=now - oldest if oldest else timedelta())
