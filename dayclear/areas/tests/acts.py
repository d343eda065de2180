"""Areas made through the commands, so that no impossible one is ever tested."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dayclear.areas.commands import AreaProposal, Member, approve_area, propose_area, publish_area
from dayclear.foundation.actors import Actor
from dayclear.foundation.scope import acting

BEIJING = ZoneInfo("Asia/Shanghai")
VILLAGE = 610113001001 * 10**6
NEXT_VILLAGE = 610113001002 * 10**6
STREET = 610113001 * 10**9
COUNTY = 610113 * 10**12
PREFECTURE = 6101 * 10**14

ActorMaker = Callable[..., Actor]


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    """An instant by the clock of Beijing."""
    return datetime(year, month, day, hour, minute, tzinfo=BEIJING)


def proposal(**said: Any) -> AreaProposal:
    """A building of 甲村 with an infection, as it is proposed under the Twenty Measures."""
    given: dict[str, Any] = {
        "place": VILLAGE,
        "disease": "covid-19",
        "name": "甲村3号楼",
        "level": "high",
        "unit": "building",
        "designation": "residence_of_infected",
        "ground": "two infected households on one staircase",
        "anchored_on": date(2022, 11, 14),
        "members": (Member(text="3号楼"),),
    }
    return AreaProposal(**{**given, **said})


def drawn(officer: Actor, commander: Actor, now: datetime, **said: Any) -> int:
    """An area in force: proposed by one, approved and published by another."""
    with acting(officer):
        area = propose_area(proposal(**said), by=officer, now=now)
    with acting(commander):
        approve_area(area, by=commander, now=now)
        publish_area(area, by=commander, now=now)
    return area
