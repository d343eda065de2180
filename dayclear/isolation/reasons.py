"""The words for the codes of `isolation`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    # What an order needs before it binds (R01, R02, R05, R10).
    "category_not_in_pack": _(
        "The rules in force have no category %(category)s (%(prohibition)s). Nobody may be restricted for it."
    ),
    "pack_restricts_nothing": _("The rules in force order nothing for the category %(category)s."),
    "pack_names_no_end": _(
        "The rules in force give no length for the category %(category)s. An order without an end cannot be written."
    ),
    "rule_missing": _("Name the rule on which the order rests."),
    "evidence_missing": _("Say how and on which day this very person was exposed. A name on a list is no evidence."),
    "exposure_in_future": _("The day of exposure, %(on)s, has not come yet. Correct the day."),
    "authority_missing": _(
        "Your unit may not sign orders here. Ask an officer of the level that this installation names for it."
    ),
    "start_missing": _("Give the order its first day."),
    "end_missing": _("Give the order its last day. An order without an end cannot be written."),
    "end_beyond_pack": _("The order would end on %(ends)s; the rules in force allow %(latest)s at the latest."),
    "term_served": _("The term ended on %(ended)s: it has been served, here or elsewhere, and begins no second time."),
    "mode_not_offered": _("The rules in force do not offer %(mode)s here."),
    "stricter_reason_missing": _("%(mode)s is stricter than %(least)s. Choose the reason from the list."),
    "second_person_missing": _("A stricter measure needs a second officer: somebody else has to sign it."),
    "same_mode": _("The order is already spent in the mode %(mode)s."),
    "change_reason_missing": _("Choose the reason for the change from the list."),
    "decline_reason_missing": _("Choose from the list why the order is not signed."),
    "reason_missing": _("Give the reason."),
    "person_died": _("This person has died. Nothing can be ordered."),
    "person_merged": _("This record was merged into another one. Go on with the record that was kept."),
    "no_policy": _("No rules for %(disease)s are in force at this place today. Nothing may be ordered."),
    # Where an order stands.
    "order_state": _("The order is %(state)s. What you want to do is not possible any more."),
    "order_over": _("The order has ended. Nothing can be added to it."),
    "already_under_order": _("This person is already under an order. Only an order that renews it can follow."),
    "already_covered": _("An order in force (no. %(order)s) already lasts at least as long."),
    "already_proposed": _("The same order is already proposed and waits for a signature."),
    "nothing_to_confirm": _("The end of this order waits for nobody's confirmation."),
    "released_already": _("The release is already recorded."),
    # Handing over to the place where the person is now.
    "place_too_wide": _("Choose the county, township or village where the person is now and somebody can answer."),
    "same_place": _("This place answers for the order already."),
    "under_order_there": _(
        "The place where the person is now has them under an order of its own. One is enough: let this one end."
    ),
    # Tests and checks.
    "sample_in_future": _("The sample would have been taken in the future. Correct the time."),
    "sample_other_day": _("The sample was not taken on %(on)s, or that day is not part of the order."),
    "unknown_result": _("%(value)s is not a test result. Choose one of the list."),
    "result_instant_wrong": _("The result came before the sample or lies in the future. Correct the time."),
    "unknown_means": _("%(value)s is not a means of the list."),
    "temperature_impossible": _("A temperature of %(value)s °C cannot be. Measure again."),
    "unknown_notice": _("%(value)s is not a notice of the list."),
    "unknown_need": _("%(value)s is not a kind of support of the list."),
    # Appeals.
    "ground_missing": _("Write down why the person objects, in their own words."),
    "appeal_open": _("An appeal against this order is already being decided."),
    "appeal_decided": _("This appeal is already decided."),
    "appeal_same_officer": _("Whoever signed an order, or asked for it to be stricter, does not decide the appeal."),
    # Lists and status (R12, R13).
    "purpose_not_epidemic": _(
        "“%(purpose)s” is no purpose of epidemic control. The list is refused, and those above have been told."
    ),
    "bulk_without_exposure": _(
        "%(people)s people of the list have no exposure of their own; more than %(most)s need a review first. "
        "Nobody was proposed."
    ),
    "whole_locality": _(
        "The list holds everybody registered in a community (%(people)s people) without an exposure of their own. "
        "It needs a review first; nobody was proposed."
    ),
    "unknown_colour": _("%(value)s is not a status."),
    "override_restricts": _("Only an order keeps somebody in. Without one in force nobody is set to red by hand."),
    "override_too_long": _("A status set by hand lasts %(hours)s hours at most."),
    # Signing several at once.
    "batch_number_wrong": _("%(count)s proposals have this plan now. Look at them again and type that number."),
    "batch_too_large": _("At most %(most)s orders are signed at once; this plan has %(count)s. Sign them by place."),
    # Changeovers.
    "changeover_unknown": _("There is no such changeover."),
    "changeover_not_done": _("The changeover is not finished yet. It can be answered when it is."),
    "changeover_number_wrong": _("It concerns %(count)s now. Look at it again and type that number."),
    "changeover_undone": _("This changeover has already been answered."),
    "pack_unknown": _("There is no pack %(pack)s."),
    "pack_not_in_force": _("The pack %(pack)s is not in force at that instant."),
}

MODE_NAMES = {
    "health_monitoring": _("health monitoring"),
    "active_monitoring": _("active monitoring"),
    "home_monitoring": _("health monitoring at home"),
    "home_quarantine": _("quarantine at home"),
    "home_isolation": _("isolation at home"),
    "isolation": _("isolation"),
    "centralised": _("quarantine at a site"),
}
STATE_NAMES = {
    "proposed": _("proposed"),
    "signed": _("in force"),
    "declined": _("not signed"),
    "ended": _("ended"),
}
END_CAUSE_NAMES = {
    "term": _("the term is over"),
    "shortened": _("new facts shortened it"),
    "evidence_withdrawn": _("the exposure turned out not to be one"),
    "appeal_upheld": _("an appeal was upheld"),
    "renewed": _("a newly signed order took its place"),
    "became_case": _("the person fell ill and is in care"),
    "died": _("the person died"),
    "policy_change": _("the rules changed"),
    "merged": _("two records were one person"),
    "officer": _("an officer let the person go"),
}
STRICTER_REASON_NAMES = {
    "home_unsuitable": _("conditions at home are not met"),
    "vulnerable_at_home": _("somebody at home is at particular risk"),
    "left_home": _("left home although told not to"),
    "person_asks": _("the person asks for it"),
}
LIGHTER_REASON_NAMES = {
    "home_suitable": _("conditions at home are met"),
    "care_needed": _("care is needed"),
    "special_group": _("belongs to a special group"),
    "appeal": _("after an appeal"),
    "assessment": _("after an assessment"),
}
DECLINE_REASON_NAMES = {
    "not_exposed": _("was not exposed"),
    "wrong_person": _("another person is meant"),
    "term_served": _("the term has been served"),
    "duplicate": _("proposed twice"),
    "already_case": _("has fallen ill"),
    "immune": _("is immune"),
    "other_place": _("another place is responsible"),
    "overtaken": _("overtaken by a later exposure"),
    "person_died": _("has died"),
}
NEED_NAMES = {
    "food": _("food"),
    "medicine": _("medicine"),
    "care": _("medical care"),
    "wages_letter": _("a letter for the employer"),
    "child": _("care for a child"),
    "pet": _("care for a pet"),
    "psychological": _("somebody to talk to"),
    "waste": _("waste to be taken away"),
    "other": _("something else"),
}
# Parameters of the sentences above that are codes themselves.
PARAM_NAMES = {"mode": MODE_NAMES, "least": MODE_NAMES, "state": STATE_NAMES}
EVENT_NAMES = {
    "isolation.order_proposed": _("Order proposed"),
    "isolation.order_signed": _("Order signed"),
    "isolation.merge_settled": _("Orders of two records that are one person settled"),
    "isolation.merge_unsettled": _("Order given back after a merge was taken back"),
    "isolation.order_declined": _("Order not signed"),
    "isolation.stricter_asked": _("Stricter measure asked for"),
    "isolation.mode_changed": _("Mode changed"),
    "isolation.end_confirmed": _("End after the changeover confirmed"),
    "isolation.order_recomputed": _("Order recomputed"),
    "isolation.order_ended": _("Order ended"),
    "isolation.orders_disposed": _("Orders whose time is over destroyed"),
    "isolation.person_released": _("Person let go"),
    "isolation.test_recorded": _("Sample or result recorded"),
    "isolation.check_recorded": _("Check recorded"),
    "isolation.notice_delivered": _("Notice handed over"),
    "isolation.appeal_filed": _("Appeal filed"),
    "isolation.appeal_decided": _("Appeal decided"),
    "isolation.need_opened": _("Support asked for"),
    "isolation.need_met": _("Support given"),
    "isolation.emergency_permitted": _("Let out in an emergency"),
    "isolation.emergency_recorded": _("Emergency written down"),
    "isolation.link_made": _("Link given to the person"),
    "isolation.link_revoked": _("Links called back"),
    "isolation.list_held": _("List held back"),
    "isolation.override_asked": _("Status by hand asked for"),
    "isolation.override_confirmed": _("Status by hand confirmed"),
    "isolation.order_handed_over": _("Handed over to another place"),
    "isolation.order_taken_over": _("Taken over from another place"),
    "isolation.order_changed_over": _("Changed over to new rules"),
    "isolation.changeover_started": _("Changeover begun"),
    "isolation.changeover_done": _("Changeover done"),
    "isolation.changeover_answered": _("Changeover answered by proposals"),
}
