"""The codes of results and tests that travel between systems.

Source: testing reference §4.2: SNOMED CT as SimpleReport uses it in production, LOINC as in ch-elm (CC0) and HL7's
covid19 library. Only these few are shipped; SNOMED CT needs a national licence for more. LOINC is a trademark of
Regenstrief Institute, SNOMED CT one of SNOMED International.
"""

from __future__ import annotations

from dataclasses import dataclass

from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.persons import Meaning

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Code:
    """A code and what it says, in the words of the reference."""

    code: str
    display: str


CT = Code("94745-7", "SARS-CoV-2 RNA, respiratory, NAA with probe: cycle threshold")
CT_UNIT = "{Ct_value}"
# Disease → the test for its nucleic acid.
TESTS = {
    "covid-19": Code("94500-6", "SARS-CoV-2 RNA, respiratory, NAA with probe"),
    "measles": Code("48508-6", "Measles virus RNA, specimen, NAA with probe"),
    "mpox": Code("100383-9", "Monkeypox virus DNA, specimen, NAA with probe"),
}
RESULTS = {
    State.POSITIVE: Code("260373001", "Detected"),
    State.NEGATIVE: Code("260415000", "Not detected"),
    State.SINGLE_TARGET: Code("419984006", "Inconclusive"),
    State.INVALID: Code("455371000124106", "Invalid"),
    State.PLATE_REJECTED: Code("373121007", "Test not done"),
}
# What is true of each person in a tube in which nothing was found.
NOT_DETECTED_IN_POOL = Code("895231008", "Not detected in pooled specimen")
# What a person's own result is; whoever shares a tube that is not negative has none.
PERSON_RESULTS = {
    Meaning.NEGATIVE: RESULTS[State.NEGATIVE],
    Meaning.NEGATIVE_IN_POOL: NOT_DETECTED_IN_POOL,
    Meaning.POSITIVE: RESULTS[State.POSITIVE],
}
STATE_OF = {code.code: state for state, code in RESULTS.items()} | {NOT_DETECTED_IN_POOL.code: State.NEGATIVE}
