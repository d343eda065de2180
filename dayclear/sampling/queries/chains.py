"""Reading the chains of positive tubes, within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.rules.numbers import printed


@dataclass(frozen=True, slots=True)
class PositiveMember:
    """A member found positive, as the case that follows needs it. `number` is the label of the single swab's tube."""

    person: int
    disease: str
    number: str
    collected_at: datetime
    reported_at: datetime


def positive_member(member_id: int) -> PositiveMember | None:
    """For the packages above, which act for the installation; None unless the member is positive still."""
    member = ChainMember.objects.filter(pk=member_id, outcome="positive").first()
    if member is None or member.specimen is None or member.collected_at is None or member.reported_at is None:
        return None
    chain = Chain.objects.get(pk=member.chain_id)
    number = printed(member.specimen)
    return PositiveMember(member.person_id, chain.disease, number, member.collected_at, member.reported_at)
