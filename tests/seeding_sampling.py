"""The sampling of a village: a round with its point, a device that sent a tube, a box, a disputed tube, a code."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.sampling.commands import (
    PointRecord,
    ask_for_plan,
    exclude_people,
    issue_codes,
    put_up_point,
    send_box,
    solve_plan,
    use_points,
)
from dayclear.sampling.models import DisputedTube, TestDuty
from dayclear.sampling.rules.planning import Aim, Community, Question
from dayclear.sampling.tests.acts import phone, tokens

if TYPE_CHECKING:
    from tests.seeding import Village

SYSTEM = system("seeding")


def seed_sampling(village: Village) -> None:
    """By the real clock: what a request sees today."""
    now, mark, area = clock.now(), village.mark, village.area
    device = phone(now, area=area, mark=mark)
    tube = device.tube(now, [*tokens([village.person]), {"slip": mark}])
    goods = device.tube(now, [], kind="goods", items=[{"what": f"{mark} fish"}])
    wrong = device.tube(now, tokens([village.person]), number=f"{mark}-tube")
    box = UUID(int=area)
    closed = {"id": str(box), "tubes": [tube["number"]], "counted": 2, "closed_at": now.isoformat()}
    device.send(device.batch(now, [tube, goods, wrong], boxes=[closed]), now)
    send_box(box, destination=f"{mark}:1", destination_name=f"{mark} laboratory", counted=1, by=SYSTEM, now=now)
    use_points(device.round, [device.point], by=SYSTEM, now=now)
    issue_codes([village.person], by=SYSTEM, now=now)
    exclude_people({f"recall:{mark}": [village.person]}, until=now + timedelta(days=1), by=SYSTEM, now=now)
    # No pack asks for routine tests today: the entry is one of an earlier day.
    today = clock.local_day(now)
    duty = TestDuty.objects.create(
        area=area,
        person_id=village.person,
        disease="covid-19",
        group="class1",
        post=f"{mark} post",
        starts_on=today,
        ends_on=today,
        due_on=today,
    )
    village.round, village.point, village.device = device.round, device.point, device.id
    village.tube, village.box, village.duty = tube["number"], box, duty.pk
    village.item_tube = goods["number"]
    village.dispute = DisputedTube.objects.get(area=area).pk
    put_up_point(PointRecord(area, f"{mark}-H", f"{mark} hall", "", 34.2, 108.9), by=SYSTEM, now=now)
    living = [Community(f"{mark} community", 100, 34.2, 108.9)]
    village.plan = ask_for_plan(device.round, Question(Aim.FEWEST, 1, 1_000, 6), living, by=SYSTEM, now=now)
    solve_plan(village.plan, now=now)
