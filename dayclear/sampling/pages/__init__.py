"""The pages of sampling: for offices, and the sampler's own, which works without a server."""

from django.urls import include, path

from dayclear.sampling.pages import boxes, codes, devices, disputes, duties, exports, items, points, rounds, tubes
from dayclear.sampling.pages.advising import show_advice
from dayclear.sampling.pages.desk import desk, manifest, shell_data, worker
from dayclear.sampling.pages.planning import ask, show_plan, take_over

urlpatterns = [
    path("", rounds.list_rounds, name="rounds"),
    path("rounds/plan", rounds.plan, name="plan_round"),
    path("rounds/<int:round_id>", rounds.show_round, name="round"),
    path("rounds/<int:round_id>/change", rounds.change, name="change_round"),
    path("rounds/<int:round_id>/left-out", rounds.list_left_out, name="left_out"),
    path("rounds/<int:round_id>/points", rounds.choose_points, name="choose_points"),
    path("points/", points.list_points, name="points"),
    path("points/bring-in", points.bring_in, name="bring_in_points"),
    path("points/<int:point_id>/give-up", points.give_up, name="give_up_point"),
    path("devices/", devices.list_devices, name="devices"),
    path("devices/code", devices.make_code, name="make_code"),
    path("devices/take-in", exports.take_in, name="take_in"),
    path("devices/roll", devices.new_roll, name="new_roll"),
    path("devices/<int:device_id>", devices.show_device, name="device"),
    path("devices/<int:device_id>/end", devices.end, name="end_device"),
    path("devices/<int:device_id>/numbers", devices.more_numbers, name="more_numbers"),
    path("devices/<int:device_id>/roll", devices.hand_over_roll, name="hand_roll"),
    path("boxes/", boxes.list_boxes, name="boxes"),
    path("boxes/lost-swabs", boxes.list_lost, name="lost_tubes"),
    path("boxes/start", boxes.start, name="start_box"),
    path("boxes/<uuid:box_id>", boxes.show_box, name="box"),
    path("boxes/<uuid:box_id>/pack", boxes.pack, name="pack_box"),
    path("boxes/<uuid:box_id>/close", boxes.close, name="close_box"),
    path("boxes/<uuid:box_id>/send", boxes.send, name="send_box"),
    path("boxes/<uuid:box_id>/under-way", boxes.under_way, name="box_under_way"),
    path("boxes/<uuid:box_id>/lose", boxes.lose, name="lose_box"),
    path("boxes/<uuid:box_id>/cancel", boxes.cancel, name="cancel_box"),
    path("boxes/<uuid:box_id>/receive", boxes.receive, name="receive_box"),
    path("boxes/<uuid:box_id>/reconcile", boxes.reconcile, name="reconcile_box"),
    path("disputes/", disputes.list_disputes, name="disputes"),
    path("disputes/<int:dispute_id>", disputes.show_dispute, name="dispute"),
    path("disputes/<int:dispute_id>/take-in", disputes.take_in, name="take_in_dispute"),
    path("disputes/<int:dispute_id>/set-aside", disputes.leave_aside, name="set_aside_dispute"),
    path("tubes/", tubes.find, name="find_tube"),
    path("tubes/<str:label>", tubes.show_tube, name="tube"),
    path("tubes/<str:label>/members", tubes.show_members, name="members"),
    path("items/<int:alarm_id>", items.show_item_alarm, name="item_alarm"),
    path("items/<int:alarm_id>/<str:step>", items.write_step, name="item_step"),
    path("codes/", codes.list_people, name="codes"),
    path("codes/make", codes.make, name="make_codes"),
    path("routine/", duties.list_duties, name="duties"),
    path("routine/enter", duties.enter, name="enter_duties"),
    path("routine/<int:duty_id>/take-off", duties.take_off, name="end_duty"),
    path("positive/", include(("dayclear.sampling.pages.chains", "positive"))),
    path("advice", show_advice, name="advice"),
    path("rounds/<int:round_id>/plan", ask, name="plan_points"),
    path("plans/<int:plan_id>", show_plan, name="plan"),
    path("plans/<int:plan_id>/take-over", take_over, name="take_over_plan"),
    # The sampler's page; it works without a server.
    path("desk/", desk, name="desk"),
    path("desk/shell.json", shell_data, name="shell_data"),
    path("desk/manifest.webmanifest", manifest, name="manifest"),
    path("desk/worker.js", worker, name="worker"),
]
