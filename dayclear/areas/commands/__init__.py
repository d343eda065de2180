from dayclear.areas.commands.changing import AreaChange, change_area, overrule_area, void_areas_below_level
from dayclear.areas.commands.clearing import decide_infection, record_contacts, record_infection, record_round
from dayclear.areas.commands.drawing import approve_area, decline_area, propose_area, publish_area
from dayclear.areas.commands.measures import (
    MeasureOrder,
    end_due_measures,
    end_measure,
    impose_measure,
    review_measure,
)
from dayclear.areas.commands.proposal import AreaProposal, Member
from dayclear.areas.commands.record import ASSESSMENT, REVIEW, STEP, measure_subject, subject_of
from dayclear.areas.commands.stepping import propose_steps, refresh_clocks, step_down

__all__ = [
    "ASSESSMENT",
    "REVIEW",
    "STEP",
    "AreaChange",
    "AreaProposal",
    "MeasureOrder",
    "Member",
    "approve_area",
    "change_area",
    "decide_infection",
    "decline_area",
    "end_due_measures",
    "end_measure",
    "impose_measure",
    "measure_subject",
    "overrule_area",
    "propose_area",
    "propose_steps",
    "publish_area",
    "record_contacts",
    "record_infection",
    "record_round",
    "refresh_clocks",
    "review_measure",
    "step_down",
    "subject_of",
    "void_areas_below_level",
]
