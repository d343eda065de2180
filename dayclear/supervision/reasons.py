"""The words for the codes of `supervision`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    "finding_state": _("The finding is: %(state)s. What you want to do is not possible any more."),
    "answer_missing": _("Write what will be done, or why it is lawful."),
    "remedy_missing": _("Write what was done to put it right."),
    "own_finding": _("Whoever answered a finding does not judge it. Ask somebody else."),
    "not_contested": _("The owner did not contest the finding. It is closed when it is put right and checked again."),
    "close_cause_wrong": _("%(value)s is no ground on which a finding is closed."),
    "reason_missing": _("Give the reason."),
    "outside_place": _("This place is not one of yours. Choose a place inside your own."),
    "predicate_unknown": _("%(value)s is not a prohibition of the list. Choose one, or “other”."),
    "complaint_missing": _("Write down what was said."),
    "unknown_means": _("%(value)s is not a means of the list."),
    "bad_filter": _("“%(value)s” is not a possible value of %(name)s."),
}

STATE_NAMES = {
    "open": _("waits for an answer"),
    "answered": _("answered"),
    "rectified": _("reported as put right"),
    "rechecked": _("checked again"),
    "closed": _("closed"),
}
SIDE_NAMES = {"over": _("stricter than the rules"), "slack": _("less than the rules")}
ORIGIN_NAMES = {
    "sweep": _("the nightly look at everything"),
    "refused_list": _("a list that was refused"),
    "complaint": _("a complaint"),
}
CLOSE_CAUSE_NAMES = {
    "put_right": _("put right and checked again"),
    "facts_gone": _("no longer so"),
    "lawful": _("found lawful"),
}
MEANS_NAMES = {
    "phone": _("by phone"),
    "visit": _("in person"),
    "letter": _("by letter"),
    "message": _("by message"),
    "inspection": _("at an inspection"),
}
NO_RULE_NAME = _("No rule gives it")
OTHER_NAME = _("something else")
# What is left undone: kinds of deadline, and what the gap finder finds.
SLACK_NAMES = {
    "deadline.case_investigation": _("Investigations of cases past their time"),
    "deadline.contact_isolated": _("Orders not decided in time"),
    "deadline.isolation_release": _("People not told that they are free"),
    "deadline.isolation_support": _("Support not brought in time"),
    "deadline.emergency_record": _("Emergencies not written down"),
    "deadline.isolation_appeal": _("Appeals not decided in time"),
    "deadline.sampling.chain": _("Chains of positive tubes past their time"),
    "deadline.sampling.chain_collect": _("Positive tubes: people not swabbed in time"),
    "deadline.sampling.chain_deliver": _("Positive tubes: single swabs not delivered in time"),
    "deadline.sampling.chain_assay": _("Positive tubes: single swabs not tested in time"),
    "deadline.sampling.chain_report": _("Positive tubes: single results not reported in time"),
    "deadline.sampling.chain_transfer": _("Positive tubes: people not transferred in time"),
    "deadline.sampling.chain_member": _("Positive tubes: people handed on by another county"),
    "deadline.sampling.chain_tell": _("Positive tubes: cleared people not told in time"),
    "deadline.sampling.item_alarm": _("Finds on goods and surfaces not dealt with in time"),
    "deadline.areas.step_down": _("Areas whose days are over"),
    "deadline.areas.assessment": _("Infections in areas not assessed"),
    "deadline.areas.measure_review": _("Measures not reviewed"),
    "gap.contact_without_order": _("Contacts without an order"),
    "gap.contact_unsettled": _("Contacts without a category or a day of exposure"),
    "gap.order_without_check": _("Orders without a check"),
    "gap.moved_away": _("People who moved away from their order"),
    "gap.two_places": _("People claimed by two places"),
    "gap.expired_still_active": _("Orders past their end still marked active"),
    "gap.not_released": _("People whose order ended and who were not let go"),
    "gap.test_missed": _("Tests of yesterday that were not taken"),
}
OTHER_SLACK = _("Deadlines passed: %(kind)s")
# The names of the facts of a finding.
FACT_NAMES = {
    "category": _("category"),
    "orders": _("orders"),
    "level": _("level"),
    "unit": _("unit"),
    "largest": _("largest unit of the rules"),
    "kind": _("kind"),
    "ends": _("ends"),
    "latest": _("latest end by the rules"),
    "days": _("days"),
    "exposed": _("exposed"),
    "counted": _("counted from"),
    "since": _("since"),
    "site": _("kind of place"),
    "asks_for": _("asked for"),
    "people": _("people"),
    "without": _("without an exposure of their own"),
    "count": _("how many"),
    "oldest": _("the oldest was due"),
}
EVENT_NAMES = {
    "supervision.finding_opened": _("First seen"),
    "supervision.finding_answered": _("Answered"),
    "supervision.finding_rectified": _("Reported as put right"),
    "supervision.finding_rechecked": _("Checked again"),
    "supervision.finding_reopened": _("Seen again: open once more"),
    "supervision.finding_closed": _("Closed"),
    "supervision.complaint_taken": _("Complaint taken down"),
    "supervision.complaints_disposed": _("Complaints whose time is over destroyed"),
}
