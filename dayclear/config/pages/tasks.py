"""My tasks: what is due in my places, the most urgent first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.tasks import describe
from dayclear.places.queries import names_of


@require_GET
def open_tasks(request: ActorRequest) -> HttpResponse:
    now = clock.now()
    deadlines = open_deadlines(request.actor)
    page = keyset_page(deadlines, ("due_at", "id"), after=request.GET.get("after", ""))
    rows = [(deadline, describe(deadline)) for deadline in page.rows]
    late = [deadline for deadline in page.rows if deadline.due_at <= now]
    context = {
        "page": page,
        "rows": rows,
        "late": len(late),
        "oldest": now - late[0].due_at if late else None,
        "more_late": len(late) == len(page.rows) and bool(page.next_cursor),
        "places": names_of({deadline.area for deadline in page.rows}),
    }
    template = "tasks/rows.html" if request.headers.get("HX-Target") == "tasks" else "tasks/open.html"
    return render(request, template, context)


urlpatterns = [path("", open_tasks, name="open")]
