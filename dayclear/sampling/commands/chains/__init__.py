from dayclear.sampling.commands.chains.endings import HandOverIn, hand_over, take_back, tell_cleared
from dayclear.sampling.commands.chains.finding import give_up_member, hold_member, locate_member, record_attempt
from dayclear.sampling.commands.chains.items import write_item_step
from dayclear.sampling.commands.chains.resampling import bind_resample, deliver_members
from dayclear.sampling.commands.chains.results import Followed, TubeResult, follow_results, single_swabs_among
from dayclear.sampling.commands.chains.retention import forget_members
from dayclear.sampling.commands.chains.squads import (
    assign_chain,
    assign_member,
    end_squad,
    join_squad,
    leave_squad,
    make_squad,
)

__all__ = [
    "Followed",
    "HandOverIn",
    "TubeResult",
    "assign_chain",
    "assign_member",
    "bind_resample",
    "deliver_members",
    "end_squad",
    "follow_results",
    "forget_members",
    "give_up_member",
    "hand_over",
    "hold_member",
    "join_squad",
    "leave_squad",
    "locate_member",
    "make_squad",
    "record_attempt",
    "single_swabs_among",
    "take_back",
    "tell_cleared",
    "write_item_step",
]
