"""One member of a positive tube: found, held apart, swabbed singly, answered, transferred or told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dayclear.foundation.decisions import ALLOWED, Decision, refuse

# What is done for a member, in its order. "result" is the laboratory's; "depart" to "arrive" are for whoever is
# positive, "tell" for whoever is not.
STEPS = ("locate", "hold", "resample", "deliver", "result", "depart", "arrive", "tell")
# What a squad writes down, and may take back while nothing rests on it.
WRITTEN = ("locate", "hold", "resample", "deliver", "depart", "arrive", "tell", "give_up")
OUTCOMES = ("positive", "negative", "given_up")
# A phone's clock runs ahead by seconds.
_AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is written down of a member, and when each of it was so.

    `outcome` is empty while open. `collected_at` to `assayed_at` are of the latest single swab; `reported_at` is set
    with its outcome.
    """

    located_at: datetime | None = None
    held_at: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    assayed_at: datetime | None = None
    reported_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    told_at: datetime | None = None
    outcome: str = ""

    def done_at(self, step: str) -> datetime | None:
        """When a step was done; a single swab stands for being found, and a result for its delivery.

        What was never written down happened at the latest with the step after it.
        """
        at = {
            "locate": (self.located_at, self.held_at, self.collected_at),
            "hold": (self.held_at,),
            "resample": (self.collected_at,),
            "deliver": (self.delivered_at, self.assayed_at, self.reported_at),
            "result": (self.reported_at,),
            "depart": (self.departed_at, self.arrived_at),
            "arrive": (self.arrived_at,),
            "tell": (self.told_at,),
        }
        return next((each for each in at[step] if each is not None), None)


def next_step(member: MemberFacts) -> str:
    """What is to be done for a member now; empty when nothing is left. Shape: one of `STEPS`.

    Holding apart is not waited for: who was swabbed before somebody wrote it down is on to the laboratory.
    """
    if member.outcome == "given_up":
        return ""
    if member.outcome == "negative":
        return "" if member.told_at else "tell"
    if member.outcome == "positive":
        return next((step for step in ("depart", "arrive") if member.done_at(step) is None), "")
    steps = [step for step in ("locate", "hold", "resample", "deliver", "result") if member.done_at(step) is None]
    return next((step for step in steps if step != "hold" or member.collected_at is None), "result")


def is_settled(member: MemberFacts) -> bool:
    """Whether a chain waits for a member no more: given up, cleared, or positive and handed over at both ends."""
    return member.outcome in ("given_up", "negative") or member.arrived_at is not None


# What must be so before a step, and what must not be so yet.
_NEEDS = {"hold": "locate", "resample": "locate", "deliver": "resample", "arrive": "depart"}


def may_write(step: str, member: MemberFacts, *, at: datetime, alarm_at: datetime, now: datetime) -> Decision:
    """Whether a squad may write down that a step was done at an instant."""
    if step in ("depart", "arrive") and member.outcome != "positive":
        return refuse("member_not_positive")
    if step == "tell" and member.outcome != "negative":
        return refuse("member_not_cleared")
    if step in ("locate", "hold", "resample", "deliver", "give_up") and member.outcome:
        return refuse("member_settled")
    if step in STEPS and member.done_at(step) is not None:
        return refuse("step_done", step=step)
    needed = _NEEDS.get(step)
    if needed is not None and member.done_at(needed) is None:
        return refuse("step_missing", step=needed)
    earliest = max((each for each in _before(step, member) if each is not None), default=alarm_at)
    if not earliest <= at <= now + _AHEAD:
        return refuse("instant_impossible", earliest=f"{earliest.isoformat(timespec='minutes')}")
    return ALLOWED


def _before(step: str, member: MemberFacts) -> Collection[datetime | None]:
    """The instants a step cannot lie before; a swab taken on the doorstep may be older than its place to stay."""
    if step in ("tell", "depart"):
        return (member.reported_at,)
    needed = _NEEDS.get(step)
    return (member.done_at(needed),) if needed else ()


def may_take_back(step: str, member: MemberFacts) -> Decision:
    """Whether a wrong entry may be taken back: only while nothing rests on it, and never what a laboratory said."""
    if not _written(step, member):
        return refuse("step_not_written", step=step)
    resting = [other for other in WRITTEN if _NEEDS.get(other) == step and _written(other, member)]
    if resting:
        return refuse("step_rested_on", step=step, by=resting[0])
    if step in ("resample", "deliver") and (member.assayed_at or member.reported_at):
        return refuse("laboratory_answered")
    return ALLOWED


def _written(step: str, member: MemberFacts) -> bool:
    own = {
        "locate": member.located_at,
        "hold": member.held_at,
        "resample": member.collected_at,
        "deliver": member.delivered_at,
        "depart": member.departed_at,
        "arrive": member.arrived_at,
        "tell": member.told_at,
        "give_up": member.outcome == "given_up" or None,
    }
    return own.get(step) is not None


def opens_chain(state: str, kind: str) -> bool:
    """Whether the result of a tube opens a chain: positive or grey, and holding swabs of people."""
    return kind == "persons" and state in ("positive", "single_target")


def after_result(state: str, *, earlier: Iterable[str]) -> str:
    """What the result of a single swab means for the member: positive, negative, `again` or `wait`.

    `earlier` are the results of the member's single swabs before it. One target twice is positive; once, or no valid
    control, asks for a new swab; a rejected plate is run again from the same tube.
    Source: testing reference 1.3 (ORF1ab and N; "single target → recollect; single target again … = positive").
    """
    if state in ("positive", "negative"):
        return state
    if state == "single_target":
        return "positive" if "single_target" in earlier else "again"
    return "wait" if state == "plate_rejected" else "again"


@dataclass(frozen=True, slots=True)
class Turn:
    """A member in the order of work. `tried_at`: the last call or visit."""

    id: int
    step: str
    tried_at: datetime | None = None


def in_turn(members: Iterable[Turn]) -> list[Turn]:
    """Members in the order in which to take them: the earliest step first, who was never tried before who was."""
    return sorted(
        members,
        key=lambda turn: (
            STEPS.index(turn.step) if turn.step else len(STEPS),
            turn.tried_at is not None,
            turn.tried_at.timestamp() if turn.tried_at else 0.0,
            turn.id,
        ),
    )
