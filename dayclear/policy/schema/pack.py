"""A pack as a whole: its head, its rules, and how it changes over from the one before."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, StringConstraints

from dayclear.policy.schema.areas import Areas, Cadence, CountyTiers, TimeLimit
from dayclear.policy.schema.operations import (
    Diagnosis,
    Duty,
    LegalClass,
    Prohibition,
    Sites,
    Testing,
    Transfer,
    Travel,
)
from dayclear.policy.schema.persons import (
    CaseDefinition,
    Category,
    ContactDefinition,
    DayCount,
    Discharge,
    Exclusion,
    HomeQuarantine,
    Incubation,
    Infectious,
    OutbreakEnd,
    Prophylaxis,
    SpecialGroups,
)
from dayclear.policy.schema.quantities import (
    Block,
    Code,
    Day,
    Days,
    Label,
    YesNo,
)

TIME_ZONE: Final = "Asia/Shanghai"

# A value here can hold a person back, a place shut or a test due: unsourced, it needs
# somebody's signature. Deadlines of officials and duties towards people do not restrict.
RESTRICTIVE_SECTIONS: Final = frozenset(
    {
        "areas",
        "categories",
        "contact_definition",
        "county_tiers",
        "day_count",
        "diagnosis",
        "discharge",
        "home_quarantine",
        "legal_class",
        "sites",
        "special_groups",
        "suspicion_dropped",
        "testing",
        "transfer",
        "transition",
        "travel",
    }
)


DiseaseCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", strict=True)]
AreaCode = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]
"""The leading digits of a place's number, as 46 for Hainan."""


class Effective(Block):
    """From the first day in force to the first day no longer in force.

    `undated` marks standing guidance whose start no text read gives.
    """

    from_on: Day | None = Field(default=None, alias="from")
    to_on: Day | None = Field(default=None, alias="to")
    published_on: Day | None = Field(default=None, alias="published")
    undated: YesNo = False

    def covers(self, day: date) -> bool:
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day < self.to_on)


# Who puts forward what no text gives, until the installation's rule owner signs: no signatory is made up.
PROJECT: Final = "Dayclear project"


class SignOff(Block):
    """Somebody answers for an unsourced value that restricts people.

    Where it is the project that ships the pack, the rule owner of the installation has yet to answer for it.
    """

    path: str
    by: str
    on: Day
    reason: str

    @property
    def awaits_rule_owner(self) -> bool:
        return self.by == PROJECT


class Variance(Block):
    """Leave for a local overlay to be stricter than its parent, until a day."""

    approved_by: str
    approved_on: Day
    expires_on: Day
    reason: str


class Head(Block):
    """What a pack says about itself."""

    pack: str
    name: Label
    disease: DiseaseCode
    document: str
    edition: str | None = None
    amends: str | None = None
    area: AreaCode | None = None
    effective: Effective
    sunset_on: Day | None = None
    review_on: Day | None = None
    variance: Variance | None = None
    sign_off: tuple[SignOff, ...] = ()
    gaps: tuple[Label, ...] = ()


class OpenSubject(Block):
    """Which open orders, areas or duties a changeover touches; those given all hold.

    Absent fields do not limit: an empty one means everything open of its kind.
    """

    category: Code | None = None
    mode: Code | None = None
    completed_days: Days | None = None
    level: Code | None = None
    clear_days: Days | None = None
    duty: Code | None = None
    place: Code | None = None


class Disposal(Block):
    """What the changeover does to them.

    `not_beyond` bounds a conversion: it ends at the earlier of its own days and that
    day after the category's anchor.
    """

    action: Code
    mode: Code | None = None
    days: Days | None = None
    not_beyond: Days | None = None
    level: Code | None = None
    confirmed_by_a_person: YesNo | None = None


class Transition(Block):
    """One line of a changeover: this kind of open thing, in this state, becomes that."""

    subject: Code
    when: OpenSubject
    do: Disposal


class Rules(Block):
    """Every value of a resolved pack. What no text gives is absent, not zero."""

    legal_class: LegalClass | None = None
    incubation: Incubation | None = None
    infectious: Infectious | None = None
    case_definitions: dict[Code, CaseDefinition] = {}
    day_count: DayCount | None = None
    contact_definition: ContactDefinition | None = None
    categories: dict[Code, Category] = {}
    special_groups: SpecialGroups | None = None
    home_quarantine: HomeQuarantine | None = None
    suspicion_dropped: Exclusion | None = None
    discharge: Discharge | None = None
    prophylaxis: dict[Code, Prophylaxis] = {}
    outbreak_end: dict[Code, OutbreakEnd] = {}
    areas: Areas | None = None
    county_tiers: CountyTiers | None = None
    time_limits: dict[Code, TimeLimit] = {}
    cadences: dict[Code, Cadence] = {}
    testing: Testing | None = None
    travel: Travel | None = None
    diagnosis: Diagnosis | None = None
    sites: Sites | None = None
    transfer: Transfer | None = None
    duties: dict[Code, Duty] = {}
    forbidden: dict[str, Prohibition] = {}
    transition: tuple[Transition, ...] = ()
