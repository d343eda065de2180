"""The sentences behind the reason codes of `sampling`, and the words for its codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dayclear.foundation.decisions import Decision

REASONS = {
    "tube_number_bad": _("%(tube)s is not a tube number: its check character is wrong. Compare it with the label."),
    "tube_already_closed": _(
        "Tube %(tube)s was closed before. If two tubes bear this number, give one of them another label."
    ),
    "tube_not_of_device": _(
        "Tube %(tube)s does not belong to the numbers of this device. It may have been opened at two desks."
    ),
    "device_lost": _("Tube %(tube)s comes from a device that was reported lost. An officer has to look at it."),
    "round_unknown": _("Tube %(tube)s belongs to a round that is not open, or does not exist."),
    "round_not_running": _("Tube %(tube)s was opened outside its round (%(from)s to %(to)s)."),
    "point_unknown": _("Tube %(tube)s comes from a point that lies outside the places of this device."),
    "point_outside_round": _("Tube %(tube)s comes from a point outside the place of its round."),
    "tube_kind_unknown": _("Tube %(tube)s holds neither persons nor goods nor an environment."),
    "tube_empty": _("Nothing is recorded for tube %(tube)s."),
    "person_unknown": _(
        "%(n)s of the codes or numbers recorded for tube %(tube)s name nobody. Find out who these people are."
    ),
    "tube_too_full": _("Tube %(tube)s holds swabs of %(n)s people; the round allows %(most)s."),
    "tube_times_bad": _("The instants of tube %(tube)s cannot be true: closed before it was opened, or in the future."),
    "counter_bad": _("A batch number %(counter)s cannot follow what was received from this device."),
    "counter_reused": _("Another batch was received under this number. Nothing of this one was taken in."),
    "upload_unreadable": _("The batch cannot be read: %(what)s."),
    "signature_bad": _(
        "The signature does not fit: the batch was cut on its way, changed, or not signed by this device."
    ),
    "device_unknown": _("No such device is enrolled here. Enrol it with a code."),
    "device_revoked": _("This device was revoked. Ask the county's officer for a new enrolment."),
    "device_state": _("The device is not in the state for this any more. Look at it again."),
    "device_name_missing": _("Give the device a name by which people know it."),
    "enrolment_code_bad": _("This code is unknown, was used already, or has ended. Ask for a new one."),
    "key_bad": _("The device's key cannot be read: a P-256 public key is expected."),
    "key_known": _("A device with this key is enrolled already."),
    "numbers_used_up": _("No tube numbers are left in this installation."),
    "roll_size_bad": _("A roll has 1 to 100,000 labels."),
    "roll_handed_out": _("The roll was handed out already, or was revoked."),
    "box_known": _("This box was closed before."),
    "tube_in_other_box": _("Tube %(tube)s is in another box already."),
    "box_state": _("The box is not in the state for this any more (it is: %(state)s)."),
    "box_empty": _("Nothing is in the box yet. Scan its tubes first."),
    "destination_missing": _("Say where the box goes."),
    "count_bad": _("Count the tubes: the number cannot be below nought."),
    "same_signature": _("Whoever sent the box does not sign for its reception. Ask a second person."),
    "condition_unknown": _("%(value)s is not a condition in which a tube arrives."),
    "tubes_of_other_box": _("%(n)s of these tubes belong to another box. Receive that box."),
    "tube_unknown": _("Tube %(tube)s is not known here yet. Its device has not uploaded it, or it is disputed."),
    "box_counts_differ": _(
        "The counts differ: %(counted)s counted at closing, %(recorded)s recorded, %(received)s counted at reception. "
        "Say why."
    ),
    "exclusion_without_end": _("Nobody is left out without an end that lies ahead."),
    "dispute_settled": _("This tube was settled already."),
    "note_missing": _("Say what you found: who reads this later must be able to follow it."),
    "group_not_in_pack": _("The rules in force test no group %(category)s by routine."),
    "duty_end_bad": _("An entry ends on a day ahead, within %(days)s days."),
    "people_unknown": _("Nobody in your places is known by what stands in these lines: %(lines)s."),
    "people_not_chosen": _("Choose 1 to %(most)s people."),
    "points_file_missing": _("Choose a csv file of at most 5 MB."),
    "points_file_unreadable": _("The file holds no point that can be read. Save it as csv."),
    "points_columns_missing": _("The first line must name the columns; these are missing: %(missing)s."),
    "point_row_bad": _("Line %(line)s cannot be read: %(value)s."),
    "round_name_missing": _("Give the round a name."),
    "round_times_bad": _("The round ends before it begins, or has ended already."),
    "people_per_tube_bad": _("A tube holds the swabs of 1 to %(most)s people."),
    "expected_bad": _("The number of people expected cannot be below nought."),
    "round_state": _("The round is not in the state for this any more (it is: %(state)s)."),
    "point_code_missing": _("A point needs a code and a name."),
    "lanes_bad": _("Point %(point)s: 1 to 200 lanes."),
    "list_columns_missing": _("The list needs the columns %(columns)s."),
    "list_line_bad": _("Line %(line)s: %(column)s is missing or cannot be."),
    "list_unreadable": _("The list cannot be read. Save it as csv, in UTF-8."),
    "communities_missing": _("Nobody lives in the communities of the list. Each needs its number of people."),
    "candidates_missing": _(
        "There is no point to choose from. Put points up, with their latitude and longitude, first."
    ),
    "plan_too_large": _(
        "At most %(communities)s communities and %(candidates)s points can be planned at once. Plan townships singly."
    ),
    "points_missing": _("Say how many points may be opened."),
    "groups_out_of_reach": _(
        "%(count)s of the communities have no possible point within %(metres)s m. Allow longer ways, or put up a point."
    ),
    "capacity_short": _(
        "%(points)s points take everybody but %(short)s people in these hours. Open more points or lanes, or longer."
    ),
    "point_plan_state": _("The plan is not solved. Nothing can be taken over from it."),
    "not_on_earth": _("Point %(point)s: latitude and longitude belong together, in degrees."),
    "export_unreadable": _("This is no export of a sampler's device: %(what)s."),
    "export_incomplete": _("Of %(count)s QR codes these are missing: %(missing)s. Scan them as well."),
    "chain_state": _("This chain is not open any more (it is: %(state)s)."),
    "chain_annulled": _("The laboratory has withdrawn the alarm of this tube: nobody of it is called back."),
    "member_not_positive": _("Only somebody who is positive is transferred."),
    "member_not_cleared": _("Only somebody whose single test is negative is told that they are free."),
    "member_settled": _(
        "Nothing is left to be written down for this person: they have their answer, or were given up."
    ),
    "step_done": _("This was written down before: %(step)s. Take the old entry back first, if it is wrong."),
    "step_missing": _("Something has to come before it: %(step)s."),
    "step_not_written": _("There is no such entry to take back: %(step)s."),
    "step_rested_on": _("A later entry rests on this one: %(by)s. Take that back first."),
    "laboratory_answered": _("The laboratory has dealt with this swab. Only a new swab can follow it."),
    "instant_impossible": _("It cannot have happened then: not before %(earliest)s, and not in the future."),
    "attempt_bad": _("Say whether it was a call or a visit, and what came of it."),
    "place_missing": _("Say where."),
    "recall_over": _("The recall for this tube has ended by itself: nobody may be held apart for it any more."),
    "hand_over_incomplete": _("A hand-over needs a place, who handed the person over, and who took them."),
    "nothing_to_deliver": _("No single swab of this tube is waiting to be delivered."),
    "tube_not_given": _("Tube %(tube)s was given to no device and is on no roll. Compare the number with the label."),
    "tube_taken": _("Tube %(tube)s holds the single swab of somebody else, or was closed a moment ago."),
    "tube_holds_others": _("Tube %(tube)s does not hold this person alone, or was closed before the alarm."),
    "item_alarm_over": _("This alarm is over: nothing more is written down."),
    "item_step_done": _("This was written down before."),
    "people_missing": _("Say how many people handled it; nought, where nobody did."),
    "squad_name_missing": _("Give the squad a name."),
    "squad_exists": _("This place has a squad of this name."),
    "squad_member_known": _("%(username)s is in this squad already."),
    "squad_has_members": _("People are still on the list of this squad. Give them to another squad first."),
    "user_without_grant": _("%(username)s holds no grant that reaches the place of this squad."),
}

# What to do about a disputed tube, by the reason.
DISPUTE_HEADINGS = {
    "tube_number_bad": _("Label cannot be read"),
    "tube_already_closed": _("Number closed before"),
    "tube_not_of_device": _("Number of another device"),
    "device_lost": _("From a lost device"),
    "round_unknown": _("No such open round"),
    "round_not_running": _("Outside its round"),
    "point_unknown": _("No such point"),
    "point_outside_round": _("Point outside the round"),
    "tube_kind_unknown": _("Unknown kind"),
    "tube_empty": _("Nothing recorded"),
    "person_unknown": _("Somebody nobody knows"),
    "tube_too_full": _("Too many people"),
    "tube_times_bad": _("Instants that cannot be"),
}
REMEDIES = {
    "tube_number_bad": _("Look at the tube. Type the number its label bears, or put a new label on it."),
    "tube_already_closed": _(
        "Two tubes bear one number, or one tube was recorded twice. If there are two, put a new label on this one and "
        "type it; if there is one, set this record aside."
    ),
    "tube_not_of_device": _(
        "Ask at both desks which of them closed the tube. If it is this one, take it in; if it is the other, set it "
        "aside and call these people again."
    ),
    "device_lost": _(
        "If the tube was closed before the device was lost, take it in. If you cannot tell, set it aside and call "
        "these people again."
    ),
    "round_unknown": _("Choose the round in which these people were swabbed."),
    "round_not_running": _("If the swabs were taken all the same, choose the round they belong to."),
    "point_unknown": _("Choose the point where the tube was closed."),
    "point_outside_round": _("Choose the point or the round that is right."),
    "tube_kind_unknown": _("If the tube holds people's swabs, take it in."),
    "tube_empty": _("Ask the sampler who is in it. If nobody knows, set it aside."),
    "person_unknown": _("Those who can be named are taken in; call the others again. Or set the tube aside."),
    "tube_too_full": _("If the swabs are all in it, take it in: the laboratory sees how many."),
    "tube_times_bad": _("Compare with the tubes before and after. If they fit, take it in."),
}

ROUND_STATE_NAMES = {
    "planned": _("planned"),
    "open": pgettext_lazy("round", "open"),
    "closed": _("closed"),
    "cancelled": _("cancelled"),
}
DEVICE_STATE_NAMES = {"active": _("in use"), "lost": _("lost"), "revoked": _("revoked")}
BOX_STATE_NAMES = {
    "draft": _("being packed"),
    "ready": _("ready"),
    "sent": _("handed over"),
    "in_transit": pgettext_lazy("box", "under way"),
    "partly_received": _("partly received"),
    "received": pgettext_lazy("box", "received"),
    "reconciled": _("reconciled"),
    "lost": _("lost"),
    "cancelled": _("cancelled"),
}
CONDITION_NAMES = {
    "pending": _("not seen yet"),
    "good": _("good"),
    "damaged": _("damaged"),
    "leaked": _("leaked"),
    "missing": _("missing"),
    "rejected": _("rejected"),
}
# Why a tube cannot be examined.
LOST_NAMES = {**CONDITION_NAMES, "lost": _("its box is lost")}
KIND_NAMES = {"persons": _("people"), "goods": _("goods"), "environment": _("environment")}
# Parameters of the sentences above that are codes.
PARAM_NAMES = {"state": {**ROUND_STATE_NAMES, **BOX_STATE_NAMES}}

EVENT_NAMES = {
    "sampling.export_taken_in": _("Export of a device taken in"),
    "sampling.enrolment_code_made": _("Code for enrolling a device made"),
    "sampling.device_enrolled": _("Device enrolled"),
    "sampling.device_ended": _("Device reported lost or revoked"),
    "sampling.block_issued": _("Tube numbers given"),
    "sampling.roll_made": _("Roll of labels made"),
    "sampling.tubes_uploaded": _("Tubes taken in"),
    "sampling.box_closed": _("Box closed"),
    "sampling.days_dropped": _("Swabs whose time is over removed"),
    "sampling.box_opened": _("Box opened"),
    "sampling.box_packed": _("Tubes put into the box"),
    "sampling.box_sent": _("Box handed over"),
    "sampling.box_received": _("Box received"),
    "sampling.boxes_addressed": _("Receivers of boxes filled in"),
    "sampling.boxes_unaddressed": _("Receivers of boxes taken out again"),
    "sampling.box_reconciled": _("Box reconciled"),
    "sampling.box_changed": _("Box under way, lost or cancelled"),
    "sampling.dispute_settled": _("Disputed tube settled"),
    "sampling.codes_issued": _("Residents' codes made"),
    "sampling.codes_revoked": _("Residents' codes revoked"),
    "sampling.duties_entered": _("People entered for routine tests"),
    "sampling.duty_ended": _("Taken off routine tests"),
    "sampling.members_read": _("Members of the tube read"),
    "sampling.people_excluded": _("Left out of rounds"),
    "sampling.people_readmitted": _("Let back into rounds"),
    "sampling.round_planned": _("Round planned"),
    "sampling.round_changed": _("Round opened, closed or cancelled"),
    "sampling.round_points_chosen": _("Points of the round chosen"),
    "sampling.points_put_up": _("Points put up"),
    "sampling.point_given_up": _("Point given up"),
    "sampling.point_plan_asked": _("Plan of points asked for"),
    "sampling.point_plan_solved": _("Plan of points solved"),
    "sampling.point_plan_taken_over": _("Plan of points taken over"),
    "sampling.chain_opened": _("Positive tube: chain opened"),
    "sampling.chain_assigned": _("Given to a squad"),
    "sampling.chain_closed": _("Chain closed"),
    "sampling.chain_reopened": _("Chain opened again: a result was corrected"),
    "sampling.chain_annulled": _("Alarm withdrawn by the laboratory"),
    "sampling.chain_member_handed_on": _("Handed to the county that answers for the person"),
    "sampling.chain_member_assigned": _("Given to a squad"),
    "sampling.chain_member_tried": _("Called or visited"),
    "sampling.chain_member_located": _("Person found"),
    "sampling.chain_member_held": _("Held apart"),
    "sampling.chain_member_resampled": _("Single swab taken"),
    "sampling.chain_member_delivered": _("Single swab delivered"),
    "sampling.chain_member_inconclusive": _("Single swab without a clear result: a new one is needed"),
    "sampling.chain_member_corrected": _("Result of the single swab corrected"),
    "sampling.chain_member_positive": _("Single swab positive"),
    "sampling.chain_members_cleared": _("Members cleared"),
    "sampling.chain_member_departed": _("Handed over to the crew"),
    "sampling.chain_member_arrived": _("Handed over to the hospital"),
    "sampling.chain_member_told": _("Told that they are free"),
    "sampling.chain_member_given_up": _("Given up: could not be found or swabbed"),
    "sampling.chain_entry_taken_back": _("Entry taken back"),
    "sampling.chain_member_read": _("Members of a positive tube read"),
    "sampling.chain_members_forgotten": _("Members of old chains forgotten"),
    "sampling.left_out_read": _("Who is left out was read"),
    "sampling.item_alarm_raised": _("Found on goods or a surface"),
    "sampling.item_step_done": _("Something was done about it"),
    "sampling.item_alarm_closed": _("Dealt with"),
    "sampling.item_alarm_annulled": _("Alarm withdrawn by the laboratory"),
    "sampling.squad_made": _("Squad set up"),
    "sampling.squad_joined": _("Joined the squad"),
    "sampling.squad_left": _("Left the squad"),
    "sampling.squad_ended": _("Squad ended"),
}


def said(decision: Decision | None) -> list[str]:
    """The sentences of a refusal by sampling, in the reader's language; none where nothing was refused."""
    return [str(REASONS[reason.code]) % reason.params for reason in decision.reasons] if decision else []


STEP_NAMES = {
    "locate": _("found"),
    "hold": _("held apart"),
    "resample": _("single swab taken"),
    "deliver": _("single swab delivered"),
    "result": _("result"),
    "depart": _("handed over to the crew"),
    "arrive": _("handed over to the hospital"),
    "tell": _("told"),
    "give_up": _("given up"),
}
# The words for codes that reasons carry.
PARAM_NAMES = {"step": STEP_NAMES, "by": STEP_NAMES}
