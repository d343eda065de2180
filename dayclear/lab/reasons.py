"""The sentences behind the reason codes of laboratories, and the names of what they find."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.persons import Meaning
from dayclear.lab.rules.quality import Alarm, Chart
from dayclear.lab.rules.release import PlateState

RESULT_NAMES = {
    State.POSITIVE: _("positive"),
    State.NEGATIVE: _("negative"),
    State.SINGLE_TARGET: _("one target only"),
    State.INVALID: _("invalid"),
    State.PLATE_REJECTED: _("plate rejected"),
}
# What a swab means for its person.
MEANING_NAMES = {
    Meaning.AWAITED: _("no result yet"),
    Meaning.NEGATIVE: _("negative"),
    Meaning.NEGATIVE_IN_POOL: _("not detected in a shared tube"),
    Meaning.POSITIVE: _("positive"),
    Meaning.SINGLE_NEEDED: _("shared tube not negative: no result without a single swab"),
    Meaning.AGAIN: _("cannot be examined: swab again"),
}
# A letter for each, so that no result is told by its colour alone.
RESULT_LETTERS = {
    State.POSITIVE: "P",
    State.NEGATIVE: "N",
    State.SINGLE_TARGET: "S",
    State.INVALID: "I",
    State.PLATE_REJECTED: "R",
}
PLATE_STATE_NAMES = {
    PlateState.PLATED: _("made up"),
    PlateState.RUN: _("waits for a second signature"),
    PlateState.RELEASED: _("released"),
    PlateState.REJECTED: _("rejected"),
}
CHART_NAMES = {
    Chart.POSITIVITY: _("Share of positive tubes"),
    Chart.CT: _("Ct of positive tubes"),
    Chart.CONTROL_CT: _("Ct of the internal control"),
    Chart.CONTROL_SPREAD: _("Spread of the internal control"),
}
ALARM_NAMES = {
    Chart.POSITIVITY.value: _("The share of positive tubes is not that of the others"),
    Chart.CT.value: _("The Ct of positive tubes is not that of the others"),
    Chart.CONTROL_CT.value: _("The internal control lies elsewhere than with the others"),
    Chart.CONTROL_SPREAD.value: _("The internal control varies otherwise: tubes may have been mixed"),
    Alarm.CURVES_SHORT.value: _("Fewer raw curves than reported wells"),
    Alarm.SHARED_READINGS.value: _("Wells share their readings: one well may have been reported as several"),
    Alarm.CALLS_DISAGREE.value: _("The laboratory's own results are not what the cut-offs give"),
    Alarm.IMPOSSIBLE_RUNS.value: _("Runs that one machine cannot have made"),
    Alarm.SLOW_DRIFT.value: _("A chart drifts to one side, day after day"),
}
ALARM_STATE_NAMES = {
    "open": _("open"),
    "explained": _("explained"),
    "confirmed": _("confirmed as a fault"),
}
# How a tube arrived, in sampling's words.
CONDITION_NAMES = {
    "good": _("good"),
    "damaged": _("damaged"),
    "leaked": _("leaked"),
    "missing": _("missing"),
    "rejected": _("turned away"),
}
# Why a box goes to no laboratory.
WHY_NAMES = {
    "too_far": _("too far to arrive in time"),
    "no_wells": _("no free wells within reach"),
    "no_position": _("the point has no position on the map"),
}
STAGE_NAMES = {
    "closed": _("Closed"),
    "boxed": _("Boxed"),
    "sent": _("Sent"),
    "received": _("Received"),
    "plated": _("Plated"),
    "measured": _("With curves"),
    "reported": _("Reported"),
}
FIGURE_NAMES = {"received": _("received"), "plated": _("plated"), "reported": _("reported")}

REASONS = {
    "tube_number_wrong": _("%(value)s is no tube number: its check character does not fit. Scan or type it again."),
    "tube_unknown": _("Nobody has opened or received tube %(value)s. Receive it first, or correct the number."),
    "tubes_unknown": _("Nobody has opened or received these tubes: %(tubes)s. Receive them first."),
    "result_before_reception": _("Tube %(value)s was never received. Receive its box first, then send the results."),
    "tube_not_received": _("These tubes were never received here: %(tubes)s. Receive their box first."),
    "tube_of_another_lab": _("Another laboratory holds tube %(value)s. It reports it; take it out of the file."),
    "tubes_of_another_lab": _("Another laboratory holds these tubes: %(tubes)s. It examines them."),
    "tube_on_a_plate": _("These tubes are on another plate: %(tubes)s. Reject that plate first, or leave them out."),
    "tube_not_usable": _("These tubes were received damaged, leaked or missing: %(tubes)s. They cannot be examined."),
    "tubes_twice": _("The same tube stands in two wells: %(tubes)s."),
    "no_tubes": _("There are no tubes. Scan at least one."),
    "box_for_another_lab": _("This box was sent to %(name)s. Send it on; it is received there."),
    "dispatch_accepted": _("This dispatch is accepted already."),
    "dispatch_not_accepted": _("This dispatch is not accepted, or was taken back already."),
    "dispatch_overtaken": _("A newer dispatch was worked out since. Look at that one."),
    "dispatch_places_nothing": _("No box of this dispatch has a laboratory: there is nothing to fill in."),
    "position_bad": _("Latitudes go from -90 to 90, longitudes from -180 to 180."),
    "box_unreadable": _("%(value)s is no box number. Scan the code on the box."),
    "no_plates": _("The file holds no plate."),
    "plate_unknown": _("Plate %(plate)s was never made up here. Make it up first, with its tubes and controls."),
    "plate_already_in": _("The results of plate %(plate)s are in already, or it was rejected. Make up a new plate."),
    "plate_twice_in_file": _("Plate %(plate)s stands in the file twice. Send it once."),
    "plate_code_taken": _("There is already a plate called %(plate)s. Plates keep their names; choose another."),
    "plate_not_named": _("A plate needs a name: the barcode on its side."),
    "plate_size_unknown": _("Plates have 96 or 384 wells, not %(wells)s."),
    "plate_not_run": _("Only a plate whose results are in and not yet out can be released."),
    "plate_rejected_already": _("This plate is rejected already."),
    "wrong_cut_off_version": _(
        "The results say %(stated)s, the plate was made up for %(plated)s. Use the cut-offs the plate was made up for."
    ),
    "instrument_unknown": _(
        "There is no machine called %(instrument)s in this laboratory. Add it, or correct its name."
    ),
    "run_times_missing": _("Plate %(plate)s does not say when its run started and ended."),
    "run_ends_before_it_starts": _("The run of plate %(plate)s ends before it starts."),
    "count_differs": _("%(stated)s wells are stated and %(found)s are there. Send the whole plate."),
    "wells_missing": _("%(count)s wells of the plate are not in the results: %(wells)s. Send the whole plate."),
    "well_not_filled": _("Nothing was put into well %(well)s."),
    "well_twice": _("Well %(well)s stands there twice."),
    "well_off_the_plate": _("A well lies off the plate."),
    "another_tube_in_well": _("Well %(well)s was filled with another tube than %(value)s. Compare plate and list."),
    "tube_in_control_well": _("Well %(well)s holds a control, not tube %(value)s."),
    "target_missing": _("Well %(well)s has no reading for target %(value)s."),
    "target_unknown": _("The assay has no target %(value)s (well %(well)s)."),
    "target_twice": _("Target %(value)s stands there twice."),
    "target_not_named": _("A reading does not say of which target it is."),
    "ct_impossible": _(
        "No run of this assay gives the Ct in well %(well)s (%(value)s). Write “Undetermined” where no curve rose."
    ),
    "controls_missing": _("A plate needs a positive and a negative control, in wells of their own."),
    "positive_control_failed": _("The positive control does not show every target: no result of this plate counts."),
    "negative_control_failed": _("A negative control shows something: no result of this plate counts. Reject it."),
    "curves_short": _("The machine drew %(curves)s curves for %(wells)s wells: a well without a curve has no result."),
    "released_by_another": _("Nobody signs what they entered or asked for themselves. A second person does."),
    "why_missing": _("Say why."),
    "not_reported_yet": _("This tube has no result of this plate that is out."),
    "state_unknown": _("There is no result called %(value)s."),
    "correction_changes_nothing": _("The result is that already."),
    "correction_open": _("A correction of this tube waits for its second signature. Sign it or take it back first."),
    "corrected_meanwhile": _("The result became another since the correction was asked for. Ask again."),
    "laboratory_not_named": _("A laboratory needs a code and a name."),
    "laboratory_code_taken": _("There is already a laboratory with the code %(code)s. Choose another."),
    "instrument_not_named": _("A machine needs a name."),
    "instrument_code_taken": _("There is already a machine called %(code)s in this laboratory."),
    "controls_out_of_range": _("%(controls)s control wells cannot be: a run needs two at least, and room for tubes."),
    "runs_out_of_range": _("%(runs)s runs a day cannot be: say a number from 1 to 48."),
    "assay_not_named": _("An assay needs a code, a version and a name."),
    "assay_unknown": _("There is no such version of an assay in use."),
    "assay_version_taken": _("%(version)s is entered already. Cut-offs are never changed: enter another version."),
    "assay_without_source": _("Cut-offs need their source: the kit's leaflet, with its edition."),
    "assay_without_targets": _("An assay needs at least one target beside the internal control."),
    "cycles_out_of_range": _("%(cycles)s cycles cannot be: say a number from 20 to 60."),
    "cut_off_out_of_range": _(
        "The cut-offs of %(target)s do not fit: above 0, the end of the grey zone not below the cut-off, both "
        "within the cycles."
    ),
    "alarm_closed": _("Somebody has closed this alarm already."),
    "return_sent": _("This return was sent already."),
    "figure_out_of_range": _("Say each figure as a whole number from 0 to %(most)s."),
}

EVENT_NAMES = {
    "lab.laboratory_opened": _("Laboratory opened"),
    "lab.instrument_added": _("Machine added"),
    "lab.instrument_ended": _("Machine taken out of service"),
    "lab.assay_entered": _("Assay and its cut-offs entered"),
    "lab.assay_ended": _("Assay taken out of use"),
    "lab.tubes_received": _("Tubes received"),
    "lab.plate_made_up": _("Plate made up"),
    "lab.plate_entered": _("Results entered"),
    "lab.plate_released": _("Results released"),
    "lab.plate_rejected": _("Plate rejected"),
    "lab.correction_asked": _("Correction asked for"),
    "lab.correction_withdrawn": _("Correction taken back"),
    "lab.result_corrected": _("Result corrected"),
    "lab.tube_queued_again": _("Tube sent back to the queue"),
    "lab.results_placed": _("Results put in their place"),
    "lab.quality_alarm_raised": _("Quality alarm"),
    "lab.quality_alarm_closed": _("Quality alarm closed"),
    "lab.boxes_dispatched": _("Boxes dispatched"),
    "lab.dispatch_accepted": _("Dispatch accepted: laboratories filled in on its boxes"),
    "lab.dispatch_taken_back": _("Dispatch taken back"),
    "lab.laboratory_located": _("Position of the laboratory entered"),
    "lab.return_sent": _("Return sent"),
    "lab.plates_dropped": _("Plates past their time deleted"),
}
