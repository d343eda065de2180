"""The over-reach guard: what a pack forbids, asked of facts. Pure; every package asks here, at the moment of writing.

Source: policy reference, section E (OG-01 to OG-22); `packs/_prohibitions.yaml`.
"""

from dayclear.policy.overreach.books import NO_RULE, Books, Breach, books_of, catalogue_ids
from dayclear.policy.overreach.conduct import (
    CareDenial,
    Journey,
    ListFacts,
    StatusChange,
    care_breaches,
    journey_breaches,
    list_breaches,
    status_breaches,
)
from dayclear.policy.overreach.lapse import lapsed
from dayclear.policy.overreach.orders import (
    SPILLOVER,
    OrderFacts,
    category_breach,
    exposure_level,
    free_levels,
    last_lawful_day,
    order_breaches,
)
from dayclear.policy.overreach.places import (
    EXITS,
    LIMITS_MOVEMENT,
    UNITS,
    AreaStanding,
    MeasureFacts,
    area_breaches,
    is_prescribed,
    largest_unit,
    measure_breaches,
    size_breach,
)

__all__ = [
    "EXITS",
    "LIMITS_MOVEMENT",
    "NO_RULE",
    "SPILLOVER",
    "UNITS",
    "AreaStanding",
    "Books",
    "Breach",
    "CareDenial",
    "Journey",
    "ListFacts",
    "MeasureFacts",
    "OrderFacts",
    "StatusChange",
    "area_breaches",
    "books_of",
    "care_breaches",
    "catalogue_ids",
    "category_breach",
    "exposure_level",
    "free_levels",
    "is_prescribed",
    "journey_breaches",
    "lapsed",
    "largest_unit",
    "last_lawful_day",
    "list_breaches",
    "measure_breaches",
    "order_breaches",
    "size_breach",
    "status_breaches",
]
