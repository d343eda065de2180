"""What one does in a laboratory and with it."""

from dayclear.lab.commands.alarms import close_alarm
from dayclear.lab.commands.boxes import Parcel, expected_boxes, look_into_box, receive_box_here
from dayclear.lab.commands.corrections import ask_correction, examine_again, sign_correction, withdraw_correction
from dayclear.lab.commands.laboratories import (
    LaboratoryRecord,
    add_assay,
    add_instrument,
    end_assay,
    end_instrument,
    locate_laboratory,
    open_laboratory,
)
from dayclear.lab.commands.plating import PlateLayout, plate_tubes
from dayclear.lab.commands.quality import measure_day
from dayclear.lab.commands.reception import Reception, receive_tubes
from dayclear.lab.commands.release import reject_plate, release_plate, release_plates
from dayclear.lab.commands.results import Checked, TakenIn, check_results, take_in_results
from dayclear.lab.commands.returns import Said, open_returns, send_return

__all__ = [
    "Checked",
    "LaboratoryRecord",
    "Parcel",
    "PlateLayout",
    "Reception",
    "Said",
    "TakenIn",
    "add_assay",
    "add_instrument",
    "ask_correction",
    "check_results",
    "close_alarm",
    "end_assay",
    "end_instrument",
    "examine_again",
    "expected_boxes",
    "locate_laboratory",
    "look_into_box",
    "measure_day",
    "open_laboratory",
    "open_returns",
    "plate_tubes",
    "receive_box_here",
    "receive_tubes",
    "reject_plate",
    "release_plate",
    "release_plates",
    "send_return",
    "sign_correction",
    "take_in_results",
    "withdraw_correction",
]
