from dayclear.cases.commands.counts import counts_at_the_end
from dayclear.cases.commands.course import classify_case, record_outcome
from dayclear.cases.commands.investigation import INVESTIGATION, complete_investigation
from dayclear.cases.commands.person import follow_amended_person
from dayclear.cases.commands.register import (
    CaseRecord,
    Registered,
    mark_sources,
    register_cases,
    update_cases,
)
from dayclear.cases.commands.single import register_case

__all__ = [
    "INVESTIGATION",
    "CaseRecord",
    "Registered",
    "classify_case",
    "complete_investigation",
    "counts_at_the_end",
    "follow_amended_person",
    "mark_sources",
    "record_outcome",
    "register_case",
    "register_cases",
    "update_cases",
]
