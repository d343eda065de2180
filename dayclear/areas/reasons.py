"""The sentences behind the reason codes of `areas`, and the words for its codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "areas_not_in_pack": _("The rules in force draw no risk areas. Nothing of this kind may be ordered."),
    "no_policy": _("No rules are in force here for %(disease)s. Nothing may be ordered then."),
    "level_not_in_pack": _("The rules in force know no level %(level)s."),
    "level_not_drawn": _(
        "The level %(level)s is not drawn: it is the rest of the county while a higher level stands, and ends with it."
    ),
    "level_follows_others": _(
        "This level has no clock of its own: it ends when every higher one of the county is lifted."
    ),
    "members_missing": _("Name the places the area consists of."),
    "members_outside": _("A place of the area lies outside the place that is to hold it. Choose a wider one."),
    "area_too_wide": _("One area lies in one county. Draw one for each county."),
    "designation_not_in_pack": _("%(value)s is not a ground on which the rules in force draw this level."),
    "ground_missing": _("Say why: the people who live there read it in the notice."),
    "anchor_missing": _("Give the day of the last infection. The clear days are counted from it."),
    "anchor_in_future": _("%(day)s lies in the future."),
    "unit_unknown": _("%(value)s is not a unit of an area."),
    "decider_below_level": _(
        "The rules ask for a decision at %(required)s level or above, and you decide at %(level)s level. It would be "
        "void. Ask the level above."
    ),
    "own_proposal": _("Whoever proposed an area does not decide on it. Ask a second person."),
    "area_state": _("The area is not in the state for this any more (it is: %(state)s). Look at it again."),
    "not_a_rise": _("Going down a level asks for the conditions of the rules. Use the step down on the area's page."),
    "not_above_decider": _("Only a level above the one that decided may overrule an area."),
    "infection_undecided": _(
        "%(n)s infection(s) in the area wait for a decision. Decide whether they count, then step down."
    ),
    "infection_decided": _("%(by)s has already decided on this infection."),
    "days_not_clear": _("%(days)s clear days are needed; the last of them is %(day)s."),
    "round_missing": _("One whole round of tests, all negative, on %(day)s or later is still missing."),
    "round_not_in": _("The results of the round of %(day)s are not in yet."),
    "round_too_old": _("The last clear round (%(day)s) is more than %(days)s days old. Hold another."),
    "round_counts": _("The numbers of the round cannot be true: more positive than tested, or below nought."),
    "contacts_unknown": _("The last exposure of the last contact in the area is not recorded yet."),
    "contacts_not_negative": _("Not every contact in the area has tested negative."),
    "kind_not_in_pack": _("The rules in force do not leave out infections of this kind (%(value)s)."),
    "assessment_missing": _("Leaving an infection out asks for an assessment. Write it down."),
    "part_is_all": _("Choose some members of the area, not all of them and not none."),
    "basis_missing": _("A measure needs its basis: the rule it rests on."),
    "scope_missing": _("Say whom and what the measure covers."),
    "approver_missing": _("A measure needs somebody who approves it by name."),
    "end_missing": _("A measure needs an end. A restriction always ends by itself."),
    "end_passed": _("The end lies before the start, or has already passed."),
    "review_missing": _("A measure needs a day on which it is reviewed."),
    "review_passed": _("The day of the review (%(day)s) has passed. Choose a later one."),
    "measure_kind_unknown": _("%(value)s is not a kind of measure."),
    "measure_not_in_pack": _("The rules in force give no measure %(value)s for the level %(level)s."),
    "measure_over": _("The measure is over already."),
    "no_snapshot_rows": _("The file holds no snapshot of risk areas."),
    "bad_snapshot_row": _("Row %(line)s cannot be read: %(value)s."),
    "snapshots_narrower": _(
        "What is here already reaches from %(first)s to %(last)s, and the file covers less. Import one file that holds "
        "all of it, so that no area's life is cut."
    ),
    "places_missing": _(
        "The register of places is empty. Import the code tables first: dayclear places import FOLDER."
    ),
}

STATE_NAMES = {
    "proposed": _("proposed"),
    "declined": _("declined"),
    "approved": _("approved, not yet published"),
    "in_force": _("in force"),
    "ended": _("ended"),
    "void": _("void"),
}
CAUSE_NAMES = {
    "conditions_met": _("the conditions were met"),
    "basis_gone": _("the rules no longer know this level"),
    "all_higher_lifted": _("every higher level of the county was lifted"),
    "raised": _("raised"),
    "overruled": _("refused by a higher level"),
    "void": _("decided below the level of the rules"),
    "decider_below_level": _("decided below the level of the rules"),
    "changeover": _("change of the rules"),
    "changeover_undone": _("change of the rules taken back"),
    "level_lowered": _("the area went down a level"),
    "ended_early": _("ended before its time"),
    "time_over": _("its time was over"),
    "declined": _("declined"),
}
KIND_NAMES = {
    "area_measure": _("measure of the area's level"),
    "closure": _("closure"),
    "standstill": _("standstill"),
    "movement_limit": _("limit on movement"),
    "checkpoint_regime": _("checkpoint regime"),
    "mass_test_round": _("mass-test round"),
    "physical_barrier": _("physical barrier"),
    "entry_refusal": _("refusal to let people in"),
    "sales_limit": _("limit on a sale"),
}
EXIT_NAMES = {
    "fire_exit": _("a fire exit"),
    "unit_door": _("the door of a building's unit"),
    "compound_gate": _("the gate of a compound"),
}
SITE_NAMES = {
    "pharmacy": _("pharmacy"),
    "shop": _("shop or market"),
    "school": _("school"),
    "hospital": _("hospital"),
    "road": _("road"),
    "residence": _("residence"),
    "workplace": _("workplace"),
}
ASKED_NAMES = {
    "code": _("a health code"),
    "negative_result": _("a negative test"),
}
UNIT_NAMES = {
    "household": _("household or shop"),
    "floor": _("floor"),
    "unit": _("unit of a building"),
    "building": _("building"),
    "compound": _("compound"),
    "community": _("community"),
    "street": _("street"),
    "county": _("county"),
}
# One letter a level, so that no level is told by colour alone.
LEVEL_LETTERS = {
    "high": _("H"),
    "medium": _("M"),
    "low": _("L"),
    "lockdown": _("LD"),
    "control": _("C"),
    "precaution": _("P"),
}
VERDICT_NAMES = {
    "within": _("within the days of the rules"),
    "longer": _("held longer than the days of the rules"),
    "shorter": _("shorter than the days of the rules"),
    "open": _("still listed, its days not yet over"),
    "no_rule": _("the rules then in force give no days"),
}
OUTCOME_NAMES = {
    "still_listed": _("still listed at the end of the file"),
    "lowered": _("lowered"),
    "raised": _("raised"),
    "lifted": _("no longer listed"),
}
EVENT_NAMES = {
    "areas.area_proposed": _("Area proposed"),
    "areas.area_approved": _("Area approved"),
    "areas.area_declined": _("Area declined"),
    "areas.area_published": _("Area published: in force"),
    "areas.area_changed": _("Area changed"),
    "areas.area_overruled": _("Area refused by a higher level: ended"),
    "areas.area_void": _("Area void: decided below the level of the rules"),
    "areas.area_split": _("A part became an area of its own"),
    "areas.area_split_off": _("Cut out of another area"),
    "areas.infection_found": _("Infection found in the area"),
    "areas.infection_decided": _("Decided whether an infection counts"),
    "areas.round_recorded": _("Whole round recorded"),
    "areas.contacts_recorded": _("Contacts in the area recorded"),
    "areas.step_proposed": _("Both conditions hold: step down proposed"),
    "areas.area_stepped_down": _("Stepped down"),
    "areas.area_ended": _("Area ended"),
    "areas.area_changed_over": _("Changed over to new rules"),
    "areas.changeover_undone": _("Changeover taken back"),
    "areas.measure_imposed": _("Measure imposed"),
    "areas.measure_reviewed": _("Measure reviewed"),
    "areas.measure_ended": _("Measure ended"),
    "areas.lists_imported": _("Published lists imported"),
}
