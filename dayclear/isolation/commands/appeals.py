"""Appeals: filed by the person or for them, decided by another officer than the one who signed (R09)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.deadlines import checks, meet_deadline, open_deadline
from dayclear.foundation.decisions import Refused, refuse, require
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Deadline
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.rows import end_orders, lock_in_force, lock_order, subject_of
from dayclear.isolation.limits import hours
from dayclear.isolation.models import Appeal
from dayclear.isolation.models.duties import MEANS
from dayclear.isolation.rules.signing import may_decide_appeal

APPEAL = "isolation_appeal"


def file_appeal(order_id: int, *, ground: str, means: str, by: Actor, now: datetime) -> int:
    """Write down an appeal, on paper, by phone or by link alike (R38); returns its id.

    Raises: Refused (`not_found`, `order_state`, `order_over`, `ground_missing`, `unknown_means`, `appeal_open`).
    """
    by.require(Right.RECORD_CHECKS)
    with transaction.atomic():
        order = lock_in_force(order_id, now)
        if not ground.strip():
            raise Refused(refuse("ground_missing"))
        if means not in MEANS:
            raise Refused(refuse("unknown_means", value=means[:40]))
        if Appeal.objects.filter(order=order, decided_at=None).exists():
            raise Refused(refuse("appeal_open"))
        appeal = Appeal.objects.create(
            area=order.area,
            order=order,
            ground=ground.strip(),
            means=means,
            filed_at=now,
            filed_label=by.label,
            due_at=now + hours("appeal_due"),
        )
        open_deadline(
            APPEAL,
            f"isolation.appeal:{appeal.pk}",
            area=order.area,
            accountable=county_of(order.area),
            opened_at=now,
            due_at=appeal.due_at,
            policy=order.policy,
        )
        record(
            "isolation.appeal_filed",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"appeal": appeal.pk, "means": means, "due_at": appeal.due_at.isoformat()},
        )
    return appeal.pk


def decide_appeal(appeal_id: int, *, upheld: bool, reason: str, by: Actor, now: datetime) -> None:
    """Decide an appeal; upheld, the order ends in the same transaction.

    Raises: Refused (`not_found`, `appeal_decided`, `appeal_same_officer`, `reason_missing`).
    """
    by.require(Right.SIGN_ORDERS)
    with transaction.atomic():
        appeal = existing(Appeal.objects.select_for_update().filter(pk=appeal_id))
        if appeal.decided_at is not None:
            raise Refused(refuse("appeal_decided"))
        order = lock_order(appeal.order_id)
        require(may_decide_appeal(decider=by.user_id, signer=order.signed_by, chooser=order.stricter_by, reason=reason))
        Appeal.objects.filter(pk=appeal.pk).update(
            decided_at=now, decided_by=by.user_id, upheld=upheld, reason=reason.strip()[:400]
        )
        meet_deadline(APPEAL, f"isolation.appeal:{appeal.pk}", at=now)
        record(
            "isolation.appeal_decided",
            subject_of(order.pk),
            by=by,
            at=now,
            area=order.area,
            payload={"appeal": appeal.pk, "upheld": upheld, "reason": reason.strip()[:400]},
        )
        if upheld and order.state == "signed":
            end_orders([order], "appeal_upheld", by=by, now=now)


@checks(APPEAL)
def _is_decided(deadline: Deadline) -> bool:
    appeal = Appeal.objects.filter(pk=int(deadline.subject.partition(":")[2])).first()
    return appeal is None or appeal.decided_at is not None
