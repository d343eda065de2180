"""The words for the codes of positive tubes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LEG_NAMES = {
    "collect": _("collect"),
    "deliver": _("deliver"),
    "assay": _("test"),
    "report": _("report"),
    "transfer": _("transfer"),
}
LEG_STATE_NAMES = {
    "done": _("in time"),
    "done_late": _("done, late"),
    "running": _("running"),
    "overdue": _("overdue"),
    "waiting": _("not begun"),
    "not_needed": _("not needed"),
}
ALARM_NAMES = {"positive": _("positive"), "single_target": _("one target only")}
NEXT_NAMES = {
    "locate": _("Find them"),
    "hold": _("Hold apart"),
    "resample": _("Take a single swab"),
    "deliver": _("Bring the swab to the laboratory"),
    "result": _("Wait for the laboratory"),
    "depart": _("Hand over to the crew"),
    "arrive": _("Hand over to the hospital"),
    "tell": _("Tell them that they are free"),
}
OUTCOME_NAMES = {
    "": "",
    "positive": _("positive"),
    "negative": _("negative, cleared"),
    "given_up": _("given up"),
}
FOUND_NAMES = {
    "call": _("by phone"),
    "visit": _("at a visit"),
    "message": _("by message"),
    "register": _("from a register"),
    "came": _("came themselves"),
}
ATTEMPT_NAMES = {"call": _("Call"), "visit": _("Visit")}
ATTEMPT_OUTCOME_NAMES = {
    "reached": _("reached"),
    "no_answer": _("no answer"),
    "number_wrong": _("wrong number"),
    "not_there": _("not there"),
    "refused": _("refused"),
}
