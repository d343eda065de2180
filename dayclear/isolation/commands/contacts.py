"""From what tracing and cases know to proposals."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from dayclear.cases.models import Case
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.rules import Right
from dayclear.isolation.commands.proposing import Proposal, Proposed, propose_orders
from dayclear.isolation.commands.rows import policy_for
from dayclear.tracing.models import Contact


def propose_for_contacts(contact_ids: Collection[int], *, by: Actor, now: datetime) -> Proposed:
    """Propose an order for each contact that has a day of exposure and has not fallen ill.

    Contacts without a day or a category are left out: there is nothing to count from. Shape: as `propose_orders`, in
    the order of the contacts' ids.
    """
    by.require(Right.PROPOSE_ORDERS)
    contacts = (
        Contact.objects.filter(pk__in=list(contact_ids), became_case=None, last_exposed_on__isnull=False)
        .exclude(category="")
        .select_related("case")
        .order_by("pk")
    )
    return propose_orders([proposal_of(contact) for contact in contacts], by=by, now=now)


def proposal_of(contact: Contact) -> Proposal:
    """Why a contact may have to be put under an order. The contact has a day of exposure."""
    assert contact.last_exposed_on is not None, "only contacts with a day of exposure are proposed"
    return Proposal(
        person_id=contact.person_id,
        disease=contact.case.disease,
        category=contact.category,
        anchor_on=contact.last_exposed_on,
        evidence={
            "kind": "contact",
            "contact": contact.pk,
            "case": contact.case_id,
            "on": contact.last_exposed_on.isoformat(),
        },
        known_at=contact.recorded_at,
    )


def propose_after_discharges(cases: Iterable[Case], *, by: Actor, now: datetime) -> Proposed:
    """Propose what the pack has for those discharged after infection; nothing where it has nothing.

    Shape: as `propose_orders`, for the cases for which the pack has something.
    """
    found = [_after_discharge(case, now) for case in cases]
    return propose_orders([proposal for proposal in found if proposal is not None], by=by, now=now)


def _after_discharge(case: Case, now: datetime) -> Proposal | None:
    if case.outcome_on is None:
        return None
    try:
        policy = policy_for(case.disease, case.area, now)
    except Refused:
        # Without a pack nothing may be ordered, and a discharge is no less a discharge.
        return None
    discharge = policy.rules.discharge
    category = discharge.afterwards if discharge and discharge.afterwards else "recovered"
    if category not in policy.rules.categories:
        return None
    evidence = {"kind": "discharge", "case": case.pk, "on": case.outcome_on.isoformat()}
    return Proposal(case.person_id, case.disease, category, case.outcome_on, evidence)
