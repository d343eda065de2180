from dayclear.supervision.commands.complaints import ComplaintIn, Taken, take_complaint
from dayclear.supervision.commands.handling import answer_finding, close_finding, recheck_finding, rectify_finding
from dayclear.supervision.commands.opening import FINDING_OPENED, open_findings, subject_of
from dayclear.supervision.commands.sweeping import Swept, sweep_everything

__all__ = [
    "FINDING_OPENED",
    "ComplaintIn",
    "Swept",
    "Taken",
    "answer_finding",
    "close_finding",
    "open_findings",
    "recheck_finding",
    "rectify_finding",
    "subject_of",
    "sweep_everything",
    "take_complaint",
]
