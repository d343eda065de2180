"""The pages of orders, and the page of the person whom one binds."""

from django.urls import path

from dayclear.isolation.pages.acting import act, decide
from dayclear.isolation.pages.changeover import carry_out, changeover, course, take_back
from dayclear.isolation.pages.gaps import gaps, settle
from dayclear.isolation.pages.listing import list_orders
from dayclear.isolation.pages.mine import mine, my_notice
from dayclear.isolation.pages.order import show_order
from dayclear.isolation.pages.papers import notice
from dayclear.isolation.pages.proposals import proposals, sign_alike
from dayclear.isolation.pages.support import appeal, emergency, give_link, need_met, needs, permit

urlpatterns = [
    path("", list_orders, name="list"),
    path("proposals", proposals, name="proposals"),
    path("proposals/like/<int:order_id>", sign_alike, name="alike"),
    path("gaps", gaps, name="gaps"),
    path("gaps/contacts/<int:contact_id>", settle, name="settle_contact"),
    path("needs", needs, name="needs"),
    path("needs/<int:need_id>", need_met, name="need_met"),
    path("appeals/<int:appeal_id>", appeal, name="appeal"),
    path("appeals/<int:appeal_id>/decide", decide, name="decide"),
    path("people/<int:person_id>/permit", permit, name="permit"),
    path("emergencies/<int:emergency_id>", emergency, name="emergency"),
    path("changeover", changeover, name="changeover"),
    path("changeover/apply", carry_out, name="carry_out"),
    path("changeover/<int:changeover_id>", course, name="course"),
    path("changeover/<int:changeover_id>/undo", take_back, name="take_back"),
    path("my/<str:token>", mine, name="mine"),
    path("my/<str:token>/notice", my_notice, name="my_notice"),
    path("<int:order_id>", show_order, name="order"),
    path("<int:order_id>/link", give_link, name="make_link"),
    path("<int:order_id>/notice/<slug:kind>.<slug:form>", notice, name="notice"),
    path("<int:order_id>/<slug:what>", act, name="act"),
]
