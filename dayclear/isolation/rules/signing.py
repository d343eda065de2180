"""What must be so before an order binds anybody, and who may say so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from dayclear.foundation.decisions import Decision, Reason
from dayclear.isolation.rules.modes import LIGHTER_REASONS, STRICTER_REASONS, strictness

# Each kind of evidence: the fields without which it proves nothing.
EVIDENCE_KINDS: Mapping[str, tuple[str, ...]] = {
    "contact": ("contact",),
    "case": ("case",),
    "arrival": ("journey",),
    "departure": ("area",),
    "discharge": ("case",),
    "post": ("post",),
    "symptom": ("sign",),
}
# The places' levels of `foundation.areas`, by the words that packs use for who decides.
LEVEL_OF = {"nation": 0, "province": 1, "prefecture": 2, "county": 3, "township": 4, "community": 5}
DECLINE_REASONS = ("not_exposed", "wrong_person", "term_served", "duplicate", "already_case", "immune", "other_place")


def is_individual(evidence: Mapping[str, object]) -> bool:
    """Whether evidence says how this very person was exposed; a name on a list does not (R13)."""
    needed = EVIDENCE_KINDS.get(str(evidence.get("kind", "")))
    return needed is not None and all(evidence.get(field) for field in (*needed, "on"))


@dataclass(frozen=True, slots=True)
class Signing:
    """An order as it lies before the officer.

    `level` is the depth of the signer's place (3: county), `authority` the deepest that may sign. `mode` is chosen for
    the phase under way, `least` the least restrictive the pack offers, `chosen_by` who asked for something stricter.
    """

    rule: str
    evidence: Mapping[str, object]
    category_in_pack: bool
    anchor_on: date
    starts_on: date | None
    ends_on: date | None
    latest_on: date | None
    today: date
    level: int
    authority: int
    mode: str
    least: str
    offered: Collection[str]
    stricter_reason: str = ""
    chosen_by: int | None = None
    signer: int | None = None
    person_alive: bool = True
    person_merged: bool = False
    prohibition: str = ""


def may_sign(order: Signing) -> Decision:
    """Whether an order may bind.

    Shape: every reason that holds, in the order of the notice: category, rule, evidence, authority, start, end, mode,
    person.
    Source: policy reference R01, R02, R05, R10, OG-05, OG-11.
    """
    return Decision((*_five_things(order), *_mode(order), *_person(order)))


def _five_things(order: Signing) -> list[Reason]:
    reasons = []
    if not order.category_in_pack:
        category = order.rule.rpartition(".")[2]
        reasons.append(Reason("category_not_in_pack", {"category": category, "prohibition": order.prohibition}))
    if not order.rule:
        reasons.append(Reason("rule_missing"))
    if not is_individual(order.evidence):
        reasons.append(Reason("evidence_missing"))
    if order.anchor_on > order.today:
        reasons.append(Reason("exposure_in_future", {"on": order.anchor_on.isoformat()}))
    if order.level > order.authority or order.signer is None:
        reasons.append(Reason("authority_missing"))
    if order.starts_on is None:
        reasons.append(Reason("start_missing"))
    if order.ends_on is None:
        reasons.append(Reason("end_missing"))
    elif order.latest_on is not None and order.ends_on > order.latest_on:
        reasons.append(
            Reason("end_beyond_pack", {"ends": order.ends_on.isoformat(), "latest": order.latest_on.isoformat()})
        )
    elif order.ends_on < order.today:
        reasons.append(Reason("term_served", {"ended": order.ends_on.isoformat()}))
    return reasons


def _mode(order: Signing) -> list[Reason]:
    if order.mode not in order.offered:
        return [Reason("mode_not_offered", {"mode": order.mode})]
    if strictness(order.mode) <= strictness(order.least):
        return []
    if order.stricter_reason not in STRICTER_REASONS:
        return [Reason("stricter_reason_missing", {"mode": order.mode, "least": order.least})]
    if order.chosen_by is None or order.chosen_by == order.signer:
        return [Reason("second_person_missing")]
    return []


def _person(order: Signing) -> list[Reason]:
    reasons = []
    if not order.person_alive:
        reasons.append(Reason("person_died"))
    if order.person_merged:
        reasons.append(Reason("person_merged"))
    return reasons


def may_change_mode(
    now_mode: str, mode: str, reason: str, offered: Collection[str], *, asked_by: int | None, signer: int | None
) -> Decision:
    """Whether an order under way may be spent otherwise: lighter by one officer with a reason, stricter by two (R05).

    Shape: reasons; `second_person_missing` also when nobody has asked yet.
    """
    if mode == now_mode:
        return Decision((Reason("same_mode", {"mode": mode}),))
    if mode not in offered:
        return Decision((Reason("mode_not_offered", {"mode": mode}),))
    if strictness(mode) < strictness(now_mode):
        return Decision() if reason in LIGHTER_REASONS else Decision((Reason("change_reason_missing"),))
    if reason not in STRICTER_REASONS:
        return Decision((Reason("stricter_reason_missing", {"mode": mode, "least": now_mode}),))
    if asked_by is None or asked_by == signer:
        return Decision((Reason("second_person_missing"),))
    return Decision()


def may_decide_appeal(*, decider: int | None, signer: int | None, chooser: int | None, reason: str) -> Decision:
    """Whether somebody may decide an appeal: nobody who had a hand in the order (R09)."""
    reasons = []
    if decider is None or decider in (signer, chooser):
        reasons.append(Reason("appeal_same_officer"))
    if not reason.strip():
        reasons.append(Reason("reason_missing"))
    return Decision(tuple(reasons))
