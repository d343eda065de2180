from dayclear.isolation.models.changeovers import Changeover, ChangeoverStep
from dayclear.isolation.models.duties import Appeal, Check, Delivery, Emergency, HeldList, Need, Override
from dayclear.isolation.models.handovers import Handover
from dayclear.isolation.models.links import PersonLink
from dayclear.isolation.models.orders import Change, Order, Phase, TestDay

__all__ = [
    "Appeal",
    "Change",
    "Changeover",
    "ChangeoverStep",
    "Check",
    "Delivery",
    "Emergency",
    "Handover",
    "HeldList",
    "Need",
    "Order",
    "Override",
    "PersonLink",
    "Phase",
    "TestDay",
]
