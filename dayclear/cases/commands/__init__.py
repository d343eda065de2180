from dayclear.cases.commands.course import classify_case, record_outcome
from dayclear.cases.commands.register import (
    CaseRecord,
    Registered,
    mark_sources,
    register_cases,
    update_cases,
)

__all__ = [
    "CaseRecord",
    "Registered",
    "classify_case",
    "mark_sources",
    "record_outcome",
    "register_cases",
    "update_cases",
]
