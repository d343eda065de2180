"""What the guard sees when it looks at everything live: one module per kind of thing."""

from dayclear.supervision.sightings.orders import OrderGroup, orders_against_pack, orders_behind, sight_orders
from dayclear.supervision.sightings.places import sight_areas, sight_measures
from dayclear.supervision.sightings.sighting import Sighting
from dayclear.supervision.sightings.slack import sight_slack

__all__ = [
    "OrderGroup",
    "Sighting",
    "orders_against_pack",
    "orders_behind",
    "sight_areas",
    "sight_measures",
    "sight_orders",
    "sight_slack",
]
