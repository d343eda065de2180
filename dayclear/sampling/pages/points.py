"""Points: the list, a list of one's own brought in, a point given up."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import place_of, within
from dayclear.foundation.lists import ListColumn, csv_response, keyset_page
from dayclear.foundation.requests import ActorRequest, once
from dayclear.foundation.rules import Right
from dayclear.places.queries import names_of
from dayclear.sampling.commands import give_up_point, put_up_points
from dayclear.sampling.models import Point
from dayclear.sampling.point_list import read_points
from dayclear.sampling.queries.reading import points_of

_ORDER = ("area", "code", "id")
_COLUMNS: list[ListColumn[Point]] = [
    ListColumn("area", gettext_lazy("Place number"), lambda row: f"{row.area:018d}"),
    ListColumn("code", gettext_lazy("Code"), lambda row: row.code),
    ListColumn("name", gettext_lazy("Name"), lambda row: row.name),
    ListColumn("address", gettext_lazy("Address"), lambda row: row.address),
    ListColumn("latitude", gettext_lazy("Latitude"), lambda row: row.latitude),
    ListColumn("longitude", gettext_lazy("Longitude"), lambda row: row.longitude),
    ListColumn("lanes", gettext_lazy("Lanes"), lambda row: row.lanes),
    ListColumn("opens", gettext_lazy("Opens"), lambda row: row.opens),
    ListColumn("closes", gettext_lazy("Closes"), lambda row: row.closes),
]


@require_GET
def list_points(request: ActorRequest) -> HttpResponseBase:
    """The points that stand. `format=csv` streams the whole list."""
    actor = request.actor
    rows = within(points_of(actor), place_of(request.GET, actor))
    if request.GET.get("format") == "csv":
        return csv_response("points", _COLUMNS, lambda: rows.order_by(*_ORDER), actor=actor)
    page = keyset_page(rows, _ORDER, after=request.GET.get("after", ""))
    context = {"page": page, "places": names_of({row.area for row in page}), "key": uuid4().hex}
    return render(request, "sampling/points.html", context)


@require_POST
def bring_in(request: ActorRequest) -> HttpResponse:
    """Put up the points of a csv file: all of them, or none and every mistake named."""
    request.actor.require(Right.RUN_SAMPLING)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or (file.size or 0) > 5_000_000:
        raise Refused(refuse("points_file_missing"))
    points = read_points(file.read())
    ids = put_up_points(points, by=request.actor, now=clock.now())
    messages.success(request, _("%(n)s points put up.") % {"n": len(ids)})
    return HttpResponseRedirect(reverse("sampling:points"))


@require_POST
def give_up(request: ActorRequest, point_id: int) -> HttpResponse:
    def work() -> None:
        give_up_point(point_id, by=request.actor, now=clock.now())

    return once(request, work, _("Point given up. What was swabbed there stays."), reverse("sampling:points"))
