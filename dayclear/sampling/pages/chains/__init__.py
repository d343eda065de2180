"""The pages of positive tubes: the board, one chain, one member, the squads and their phone lists."""

from django.urls import path

from dayclear.sampling.pages.chains import board, burn_down, member, squads

urlpatterns = [
    path("", board.list_chains, name="chains"),
    path("burn-down.<slug:kind>", burn_down.draw_burn_down, name="burn_down"),
    path("<int:chain_id>", board.show_chain, name="chain"),
    path("<int:chain_id>/squad", board.assign, name="assign_chain"),
    path("<int:chain_id>/deliver", board.deliver, name="deliver_chain"),
    path("members/", squads.phone_list, name="phone_list"),
    path("members/print", squads.print_list, name="print_phone_list"),
    path("members/<int:member_id>", member.show_member, name="chain_member"),
    path("members/<int:member_id>/phone", member.reveal, name="reveal_phone"),
    path("members/<int:member_id>/<str:what>", member.act, name="act_on_member"),
    path("squads/", squads.list_squads, name="squads"),
    path("squads/new", squads.new, name="new_squad"),
    path("squads/<int:squad_id>", squads.show_squad, name="squad"),
    path("squads/<int:squad_id>/join", squads.join, name="join_squad"),
    path("squads/<int:squad_id>/leave", squads.leave, name="leave_squad"),
    path("squads/<int:squad_id>/end", squads.end, name="end_squad"),
]
