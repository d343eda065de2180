"""What laboratories have, what they hold, what they found."""

from dayclear.lab.models.dispatch import Dispatch, DispatchedBox
from dayclear.lab.models.flow import TubeFlow, TubeStage
from dayclear.lab.models.laboratories import Assay, AssayTarget, Instrument, Laboratory, LabReturn
from dayclear.lab.models.plates import Plate, ReceivedTube
from dayclear.lab.models.quality import PlateQualityRow, QualityAlarm, QualityPoint
from dayclear.lab.models.results import Correction, LabHour, Result

__all__ = [
    "Assay",
    "AssayTarget",
    "Correction",
    "Dispatch",
    "DispatchedBox",
    "Instrument",
    "LabHour",
    "LabReturn",
    "Laboratory",
    "Plate",
    "PlateQualityRow",
    "QualityAlarm",
    "QualityPoint",
    "ReceivedTube",
    "Result",
    "TubeFlow",
    "TubeStage",
]
