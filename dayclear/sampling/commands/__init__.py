from dayclear.sampling.commands.boxes import (
    cancel_box,
    close_box,
    lose_box,
    open_box,
    pack_tubes,
    receive_box,
    reconcile_box,
    send_box,
    set_under_way,
)
from dayclear.sampling.commands.codes import issue_codes, revoke_codes
from dayclear.sampling.commands.devices import (
    end_device,
    enrol_device,
    hand_roll,
    issue_more_numbers,
    make_enrolment_code,
    make_roll,
)
from dayclear.sampling.commands.disputes import set_aside, take_in_after_all
from dayclear.sampling.commands.duties import end_duty, enter_duties
from dayclear.sampling.commands.leaving_out import exclude_people, readmit_people
from dayclear.sampling.commands.planning import ask_for_plan, solve_plan, take_over_plan
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
    "ask_for_plan",
    "cancel_box",
    "change_round",
    "close_box",
    "end_device",
    "end_duty",
    "enrol_device",
    "enter_duties",
    "exclude_people",
    "give_up_point",
    "hand_roll",
    "issue_codes",
    "issue_more_numbers",
    "lose_box",
    "make_enrolment_code",
    "make_roll",
    "open_box",
    "pack_tubes",
    "plan_round",
    "put_up_point",
    "put_up_points",
    "readmit_people",
    "receive_box",
    "receive_upload",
    "reconcile_box",
    "revoke_codes",
    "send_box",
    "set_aside",
    "set_under_way",
    "solve_plan",
    "take_in_after_all",
    "take_over_plan",
    "use_points",
]
