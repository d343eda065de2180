"""What sampling keeps."""

from dayclear.sampling.models.boxes import Box, BoxedTube, BoxSignature
from dayclear.sampling.models.chains import (
    Chain,
    ChainMember,
    ContactAttempt,
    HandOver,
    Resample,
    Squad,
    SquadMember,
)
from dayclear.sampling.models.devices import Device, EnrolmentCode, NumberBlock, Upload
from dayclear.sampling.models.items import ItemAlarm, ItemStep
from dayclear.sampling.models.people import Exclusion, ResidentCode, Slip, TestDuty
from dayclear.sampling.models.plans import PointPlan
from dayclear.sampling.models.rounds import Point, Round, RoundPoint
from dayclear.sampling.models.tubes import DisputedTube, PooledItem, Swab, Tally, Tube

__all__ = [
    "Box",
    "BoxSignature",
    "BoxedTube",
    "Chain",
    "ChainMember",
    "ContactAttempt",
    "Device",
    "DisputedTube",
    "EnrolmentCode",
    "Exclusion",
    "HandOver",
    "ItemAlarm",
    "ItemStep",
    "NumberBlock",
    "Point",
    "PointPlan",
    "PooledItem",
    "Resample",
    "ResidentCode",
    "Round",
    "RoundPoint",
    "Slip",
    "Squad",
    "SquadMember",
    "Swab",
    "Tally",
    "TestDuty",
    "Tube",
    "Upload",
]
