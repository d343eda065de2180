"""The positive tube of a village: its squad, and a member on the way to hospital."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.models import User
from dayclear.sampling.commands.chains import (
    HandOverIn,
    TubeResult,
    bind_resample,
    follow_results,
    hand_over,
    hold_member,
    locate_member,
    make_squad,
    record_attempt,
    write_item_step,
)
from dayclear.sampling.models import ChainMember, ItemAlarm, NumberBlock, SquadMember
from dayclear.sampling.rules.numbers import parsed, printed

if TYPE_CHECKING:
    from tests.seeding import Village

SYSTEM = system("seeding")


def seed_chain(village: Village) -> None:
    """By the real clock, as the tube itself."""
    now, mark = clock.now(), village.mark
    village.squad = make_squad(village.area, f"{mark} squad", by=SYSTEM, now=now)
    user = User.objects.create_user(username=f"{mark}-squad")
    SquadMember.objects.create(area=village.area, squad_id=village.squad, user=user, joined_at=now)
    tube = parsed(village.tube)
    assert tube is not None
    (village.tube_chain,) = follow_results([TubeResult(tube, "positive")], by=SYSTEM, now=now).opened
    items = parsed(village.item_tube)
    assert items is not None
    follow_results([TubeResult(items, "positive")], by=SYSTEM, now=now)
    village.item_alarm = ItemAlarm.objects.get(tube=items).pk
    write_item_step(village.item_alarm, "trace", note=f"{mark} seller", people=1, by=SYSTEM, now=now)
    member = ChainMember.objects.get(chain=village.tube_chain, person=village.person).pk
    record_attempt(member, "call", "reached", remark=f"{mark} door", by=SYSTEM, now=now)
    locate_member(member, "call", f"{mark} home", by=SYSTEM, now=now)
    hold_member(member, f"{mark} room", by=SYSTEM, now=now)
    block = NumberBlock.objects.filter(device=village.device).order_by("first")[0]
    single = bind_resample(member, printed(block.last), by=SYSTEM, now=now)
    follow_results([TubeResult(single, "positive")], by=SYSTEM, now=now)
    hand_over(member, HandOverIn("departure", f"{mark} gate", f"{mark} squad", f"{mark} crew"), by=SYSTEM, now=now)
    village.tube_member = member
