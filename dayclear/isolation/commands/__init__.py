from dayclear.isolation.commands.appeals import decide_appeal, file_appeal
from dayclear.isolation.commands.care import (
    ask_override,
    confirm_override,
    deliver_notice,
    meet_need,
    open_need,
    permit_emergency,
    permit_emergency_under,
    record_emergency,
)
from dayclear.isolation.commands.contacts import propose_after_discharges, propose_for_contacts
from dayclear.isolation.commands.course import (
    Outcome,
    confirm_release,
    correct_exposure,
    escalate_order,
    follow_index_tests,
    recompute_order,
    record_check,
    record_test,
    withdraw_evidence,
)
from dayclear.isolation.commands.moving import hand_over_order
from dayclear.isolation.commands.proposing import (
    ListOutcome,
    Proposal,
    Proposed,
    propose_list,
    propose_order,
    propose_orders,
)
from dayclear.isolation.commands.rows import subject_of
from dayclear.isolation.commands.signing import (
    ask_stricter,
    change_mode,
    confirm_end,
    decline_order,
    release_order,
    sign_order,
    sign_orders,
)
from dayclear.isolation.commands.sweeping import release_due

__all__ = [
    "ListOutcome",
    "Outcome",
    "Proposal",
    "Proposed",
    "ask_override",
    "ask_stricter",
    "change_mode",
    "confirm_end",
    "confirm_override",
    "confirm_release",
    "correct_exposure",
    "decide_appeal",
    "decline_order",
    "deliver_notice",
    "escalate_order",
    "file_appeal",
    "follow_index_tests",
    "hand_over_order",
    "meet_need",
    "open_need",
    "permit_emergency",
    "permit_emergency_under",
    "propose_after_discharges",
    "propose_for_contacts",
    "propose_list",
    "propose_order",
    "propose_orders",
    "recompute_order",
    "record_check",
    "record_emergency",
    "record_test",
    "release_due",
    "release_order",
    "sign_order",
    "sign_orders",
    "subject_of",
    "withdraw_evidence",
]
