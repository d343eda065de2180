"""A changeover as one signed act over everything that takes part in it: orders, areas, whatever else is registered.

Signing is one request; carrying out is a job that goes on after a crash where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from procrastinate.contrib.django import app

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.queries import require_standing
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.isolation.changeover import begin, may_undo
from dayclear.isolation.models import Changeover
from dayclear.isolation.rules.plan import day_of
from dayclear.policy.calendar import Policy, applied, policy_on_or_none
from dayclear.policy.changeover import Effect, parts
from dayclear.policy.loader import shipped

CHANGEOVER_TASK = "dayclear.isolation.jobs.carry_out_changeover"
ANSWER_TASK = "dayclear.isolation.jobs.answer_changeover"


@dataclass(frozen=True, slots=True)
class Passage:
    """From which rules to which, at what instant. `in_force`: the new ones answer there then."""

    before: Policy
    after: Policy
    at: datetime
    in_force: bool


def passage_to(pack: str, at: datetime, area: int) -> Passage:
    """What a change to a pack at an instant would change from: the rules of the day before, or what it amends.

    Raises: Refused (`pack_unknown`).
    """
    try:
        book = shipped().resolve(pack)
    except KeyError:
        raise Refused(refuse("pack_unknown", pack=pack[:40])) from None
    day = day_of(at)
    after = applied(book, day, area)
    before = policy_on_or_none(day - timedelta(days=1), area, book.head.disease)
    if (before is None or before.pack == pack) and book.head.amends:
        before = applied(shipped().resolve(book.head.amends), day - timedelta(days=1), area)
    now_ruling = policy_on_or_none(day, area, book.head.disease)
    return Passage(before or after, after, at, now_ruling is not None and now_ruling.version == after.version)


def rehearse_all(passage: Passage, *, by: Actor) -> dict[str, list[Effect]]:
    """What would happen, by package; nothing is done. Raises: Refused (`right_missing`)."""
    by.require(Right.SEE_ORDERS)
    return {name: part.dry_run(passage.before, passage.after, passage.at, by=by) for name, part in parts().items()}


def done_all(passage: Passage, *, by: Actor) -> dict[str, list[Effect]]:
    """What was carried out, by package."""
    return {name: part.done(passage.after, passage.at, by) for name, part in parts().items()}


def total_of(effects: Mapping[str, list[Effect]]) -> int:
    """How many open things change: what is typed to confirm. Rooms and tests follow from orders and count no more."""
    followed = ("room.", "test.")
    return sum(each.count for found in effects.values() for each in found if not each.kind.startswith(followed))


def start(passage: Passage, *, by: Actor, now: datetime) -> Changeover:
    """Sign a changeover and have it carried out. Raises: Refused (`right_missing`, `pack_not_in_force`)."""
    change = begin(passage.before, passage.after, passage.at, by=by, now=now)
    if change.done_at is None:
        app.configure_task(CHANGEOVER_TASK, queue="changeover", lock="changeover").defer(
            changeover_id=change.pk, acting_as=by.as_json()
        )
    return change


def carry_on(changeover_id: int, acting_as: Mapping[str, Any], *, now: datetime) -> None:
    """Do what was signed, package by package, each as far as the signer may.

    Raises: Refused (`standing_ended`): the job stays on the health page until somebody signs anew.
    """
    by = Actor.from_json(acting_as)
    require_standing(by, now=now)
    passage = _passage_of(changeover_id, by)
    for part in parts().values():
        if by.may(part.right):
            part.apply(passage.before, passage.after, passage.at, by=by, now=now)


def start_answer(changeover_id: int, *, by: Actor) -> None:
    """Have a changeover answered: what it ended is proposed anew, and nobody is restricted by that.

    Raises: Refused (`right_missing`, `changeover_unknown`, `changeover_not_done`, `changeover_undone`).
    """
    by.require(Right.SIGN_ORDERS)
    may_undo(Changeover.objects.filter(pk=changeover_id, area=by.area.lo, undoes=None).first())
    app.configure_task(ANSWER_TASK, queue="changeover", lock="changeover").defer(
        changeover_id=changeover_id, acting_as=by.as_json()
    )


def answer(changeover_id: int, acting_as: Mapping[str, Any], *, now: datetime) -> None:
    """Answer a changeover, all packages in one transaction. Played again, it changes nothing.

    Raises: Refused (`standing_ended`).
    """
    by = Actor.from_json(acting_as)
    require_standing(by, now=now)
    passage = _passage_of(changeover_id, by)
    with acting(by):
        if Changeover.objects.filter(undoes=changeover_id).exists():
            return
        for part in parts().values():
            if by.may(part.right):
                part.undo(passage.before, passage.after, passage.at, by=by, now=now)


def _passage_of(changeover_id: int, by: Actor) -> Passage:
    with acting(by):
        change = Changeover.objects.get(pk=changeover_id)
    return passage_to(change.after.partition("@")[0], change.at, change.area)
