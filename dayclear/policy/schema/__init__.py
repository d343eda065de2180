"""The shape of a pack, as frozen models. A key that is not here is an error."""

from dayclear.policy.schema.areas import (
    AreaLevel,
    Areas,
    CountyTiers,
    StepDown,
    Tier,
    TierTest,
    TimeLimit,
)
from dayclear.policy.schema.operations import Prohibition, Testing
from dayclear.policy.schema.pack import (
    RESTRICTIVE_SECTIONS,
    TIME_ZONE,
    Disposal,
    Effective,
    Head,
    OpenSubject,
    Rules,
    SignOff,
    Transition,
)
from dayclear.policy.schema.persons import Category, Condition, Phase
from dayclear.policy.schema.quantities import (
    AnchoredDay,
    Block,
    Frequency,
    Label,
    WindowStart,
    split_quantity,
)

__all__ = [
    "RESTRICTIVE_SECTIONS",
    "TIME_ZONE",
    "AnchoredDay",
    "AreaLevel",
    "Areas",
    "Block",
    "Category",
    "Condition",
    "CountyTiers",
    "Disposal",
    "Effective",
    "Frequency",
    "Head",
    "Label",
    "OpenSubject",
    "Phase",
    "Prohibition",
    "Rules",
    "SignOff",
    "StepDown",
    "Testing",
    "Tier",
    "TierTest",
    "TimeLimit",
    "Transition",
    "WindowStart",
    "split_quantity",
]
