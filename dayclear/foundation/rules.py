"""Who may do what: roles, their rights, and when a second factor is owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dayclear.foundation.decisions import Decision, Reason


class Right(StrEnum):
    """One thing a role may do within its places."""

    SEE_BOARD = "see_board"
    SEE_PEOPLE = "see_people"
    SEE_IDENTITY = "see_identity"
    SEE_CASES = "see_cases"
    WRITE_CASES = "write_cases"
    IMPORT = "import"
    REVIEW_MATCHES = "review_matches"
    MANAGE_ACCOUNTS = "manage_accounts"
    SEE_HEALTH = "see_health"
    TEND_INSTALLATION = "tend_installation"
    READ_AUDIT = "read_audit"
    PROPOSE_AREAS = "propose_areas"
    DECIDE_AREAS = "decide_areas"
    SEE_ORDERS = "see_orders"
    RECORD_CHECKS = "record_checks"
    PROPOSE_ORDERS = "propose_orders"
    SIGN_ORDERS = "sign_orders"
    SEE_FINDINGS = "see_findings"
    ANSWER_FINDINGS = "answer_findings"
    CHECK_FINDINGS = "check_findings"
    TAKE_COMPLAINTS = "take_complaints"
    SEE_LABS = "see_labs"
    MANAGE_LABS = "manage_labs"
    WORK_IN_LAB = "work_in_lab"
    RELEASE_RESULTS = "release_results"
    SEE_SAMPLING = "see_sampling"
    RUN_SAMPLING = "run_sampling"
    SEE_MEMBERS = "see_members"
    ISSUE_CODES = "issue_codes"
    TRACE_TUBES = "trace_tubes"


class Role(StrEnum):
    """What a person is here to do; held for one place, which is its scope."""

    COMMUNITY_WORKER = "community_worker"
    OFFICER = "officer"
    COMMANDER = "commander"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    LAB_WORKER = "lab_worker"


_OFFICER = frozenset(
    {
        Right.SEE_BOARD,
        Right.SEE_PEOPLE,
        Right.SEE_IDENTITY,
        Right.SEE_CASES,
        Right.WRITE_CASES,
        Right.IMPORT,
        Right.REVIEW_MATCHES,
        Right.PROPOSE_AREAS,
        Right.SEE_ORDERS,
        Right.RECORD_CHECKS,
        Right.PROPOSE_ORDERS,
        Right.SIGN_ORDERS,
        Right.SEE_LABS,
        Right.MANAGE_LABS,
        Right.SEE_FINDINGS,
        Right.ANSWER_FINDINGS,
        Right.TAKE_COMPLAINTS,
        Right.SEE_SAMPLING,
        Right.RUN_SAMPLING,
        Right.SEE_MEMBERS,
        Right.ISSUE_CODES,
        Right.TRACE_TUBES,
    }
)

# A laboratory knows tubes, not people. Nobody releases what they entered themselves: two of them do it.
_LAB_WORKER = frozenset({Right.SEE_LABS, Right.WORK_IN_LAB, Right.RELEASE_RESULTS})

RIGHTS: dict[Role, frozenset[Right]] = {
    # A community worker sees own households and no diagnosis (mission S11; policy reference R22); who stays at home
    # there, for how long, and looks in on them; prints their codes for testing, and sees no tube and no result.
    Role.COMMUNITY_WORKER: frozenset(
        {Right.SEE_PEOPLE, Right.SEE_ORDERS, Right.RECORD_CHECKS, Right.TAKE_COMPLAINTS, Right.ISSUE_CODES}
    ),
    Role.OFFICER: _OFFICER,
    Role.COMMANDER: _OFFICER | {Right.SEE_HEALTH, Right.DECIDE_AREAS, Right.CHECK_FINDINGS},
    Role.ADMINISTRATOR: _OFFICER
    | _LAB_WORKER
    | {
        Right.MANAGE_ACCOUNTS,
        Right.SEE_HEALTH,
        Right.TEND_INSTALLATION,
        Right.DECIDE_AREAS,
        Right.CHECK_FINDINGS,
    },
    Role.LAB_WORKER: _LAB_WORKER,
    # The auditor reads who did what and never whom it concerned.
    Role.AUDITOR: frozenset({Right.SEE_BOARD, Right.READ_AUDIT, Right.SEE_HEALTH, Right.SEE_FINDINGS}),
}

VILLAGE_LEVEL = 5


def may(role: Role, right: Right) -> bool:
    """Whether a role holds a right."""
    return right in RIGHTS[role]


def owes_second_factor(role: Role, level: int) -> bool:
    """Whether a second factor is required: identified persons outside a single village are within reach.

    Units: `level` is the depth of the granted place, 0 (everywhere) to 7 (a building); a village is 5.
    """
    return bool(RIGHTS[role] & {Right.SEE_IDENTITY, Right.MANAGE_ACCOUNTS}) and level < VILLAGE_LEVEL


# The longest a grant may last: whoever still needs it is asked again each year.
GRANT_LASTS = timedelta(days=366)
TOKEN_LASTS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """A grant somebody is about to give. `held_until` is set when the person holds the very same one."""

    to_oneself: bool
    inside_givers_area: bool
    held_until: datetime | None
    expires_at: datetime


def may_give_grant(facts: GrantFacts, *, now: datetime) -> Decision:
    """Whether a grant may be given. Shape: reasons in the order a person can do something about them."""
    reasons = []
    if facts.to_oneself:
        reasons.append(Reason("own_grant"))
    if not facts.inside_givers_area:
        reasons.append(Reason("grant_outside_area"))
    if facts.held_until is not None:
        reasons.append(Reason("grant_exists", {"until": f"{facts.held_until:%Y-%m-%d}"}))
    if facts.expires_at <= now:
        reasons.append(Reason("grant_in_past"))
    elif facts.expires_at > now + GRANT_LASTS:
        reasons.append(Reason("grant_too_long"))
    return Decision(tuple(reasons))


def may_make_token(*, own: bool, manages_owner: bool, name: str, expires_at: datetime, now: datetime) -> Decision:
    """Whether a token may be made: for oneself or by the owner's administrator; named; for 90 days at most."""
    reasons = []
    if not own and not manages_owner:
        reasons.append(Reason("not_found"))
    if not name.strip():
        reasons.append(Reason("token_name_missing"))
    if not now < expires_at <= now + TOKEN_LASTS:
        reasons.append(Reason("token_too_long", {"days": TOKEN_LASTS.days}))
    return Decision(tuple(reasons))
