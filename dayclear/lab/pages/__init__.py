"""The pages of laboratories."""

from django.urls import path

from dayclear.lab.pages.assays import assays, stop_assay
from dayclear.lab.pages.dispatch import accept, dispatch_boxes, take_back
from dayclear.lab.pages.items import list_items
from dayclear.lab.pages.laboratory import (
    add_machine,
    list_laboratories,
    locate,
    new_laboratory,
    show_laboratory,
    stop_machine,
)
from dayclear.lab.pages.making_up import new_plate
from dayclear.lab.pages.plate import enter_results, show_plate
from dayclear.lab.pages.plate_acts import again, ask, reject, release, sign, withdraw
from dayclear.lab.pages.quality import answer_alarm, draw_quality, show_quality
from dayclear.lab.pages.reception import receive
from dayclear.lab.pages.reconciling import show_gap, show_reconciliation
from dayclear.lab.pages.returns import list_returns, send

urlpatterns = [
    path("", list_laboratories, name="list"),
    path("new", new_laboratory, name="new"),
    path("assays", assays, name="assays"),
    path("assays/<int:assay_id>/end", stop_assay, name="end_assay"),
    path("dispatch", dispatch_boxes, name="dispatch"),
    path("dispatch/<int:dispatch_id>/accept", accept, name="accept_dispatch"),
    path("dispatch/<int:dispatch_id>/take-back", take_back, name="take_back_dispatch"),
    path("items", list_items, name="items"),
    path("returns", list_returns, name="returns"),
    path("returns/<int:return_id>/send", send, name="send_return"),
    path("quality", show_quality, name="quality"),
    path("quality/chart.<slug:kind>", draw_quality, name="quality_chart"),
    path("quality/alarms/<int:alarm_id>", answer_alarm, name="alarm"),
    path("plates/<int:plate_id>", show_plate, name="plate"),
    path("plates/<int:plate_id>/results", enter_results, name="enter"),
    path("plates/<int:plate_id>/release", release, name="release"),
    path("plates/<int:plate_id>/reject", reject, name="reject"),
    path("plates/<int:plate_id>/correct", ask, name="ask"),
    path("plates/<int:plate_id>/again", again, name="again"),
    path("corrections/<int:correction_id>/sign", sign, name="sign"),
    path("corrections/<int:correction_id>/withdraw", withdraw, name="withdraw"),
    path("<int:laboratory_id>", show_laboratory, name="laboratory"),
    path("<int:laboratory_id>/position", locate, name="locate"),
    path("<int:laboratory_id>/machines", add_machine, name="add_machine"),
    path("<int:laboratory_id>/receive", receive, name="receive"),
    path("<int:laboratory_id>/plates/new", new_plate, name="new_plate"),
    path("machines/<int:instrument_id>/end", stop_machine, name="end_machine"),
    path("reconciliation", show_reconciliation, name="reconciliation"),
    path("reconciliation/<slug:after>", show_gap, name="gap"),
]
