from dayclear.sampling.commands.devices import (
    end_device,
    enrol_device,
    hand_roll,
    issue_more_numbers,
    make_enrolment_code,
    make_roll,
)
from dayclear.sampling.commands.rounds import (
    PointRecord,
    change_round,
    give_up_point,
    plan_round,
    put_up_point,
    put_up_points,
    use_points,
)
from dayclear.sampling.commands.uploads import receive_upload

__all__ = [
    "PointRecord",
    "change_round",
    "end_device",
    "enrol_device",
    "give_up_point",
    "hand_roll",
    "issue_more_numbers",
    "make_enrolment_code",
    "make_roll",
    "plan_round",
    "put_up_point",
    "put_up_points",
    "receive_upload",
    "use_points",
]
