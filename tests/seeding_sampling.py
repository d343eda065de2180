"""The sampling of a village: a round with its point, a device that sent a tube, a box, a disputed tube."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.sampling.commands import PointRecord, ask_for_plan, put_up_point, solve_plan
from dayclear.sampling.rules.planning import Aim, Community, Question
from dayclear.sampling.tests.acts import phone, tokens

if TYPE_CHECKING:
    from tests.seeding import Village

SYSTEM = system("seeding")


def seed_sampling(village: Village) -> None:
    """By the real clock: what a request sees today."""
    now, mark = clock.now(), village.mark
    device = phone(now, area=village.area, mark=mark)
    tube = device.tube(now, tokens([village.person]))
    wrong = device.tube(now, tokens([village.person]), number=f"{mark}-tube")
    box = {"id": str(UUID(int=village.area)), "tubes": [tube["number"]], "counted": 2, "closed_at": now.isoformat()}
    device.send(device.batch(now, [tube, wrong], boxes=[box]), now)
    village.round, village.point, village.device = device.round, device.point, device.id
    village.tube, village.box = tube["number"], box["id"]
    put_up_point(PointRecord(village.area, f"{mark}-H", f"{mark} hall", "", 34.2, 108.9), by=SYSTEM, now=now)
    people = [Community(f"{mark} community", 100, 34.2, 108.9)]
    village.plan = ask_for_plan(device.round, Question(Aim.FEWEST, 1, 1_000, 6), people, by=SYSTEM, now=now)
    solve_plan(village.plan, now=now)
