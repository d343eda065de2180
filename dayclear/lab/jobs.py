"""What the worker does for laboratories by the clock."""

from __future__ import annotations

from datetime import timedelta

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.lab.commands import measure_day, open_returns
from dayclear.lab.commands.dispatching import make_dispatch, provinces_with_laboratories
from dayclear.lab.commands.placing import place_tubes
from dayclear.lab.commands.retention import drop_past_plates


@app.periodic(cron="* * * * * */10")
@app.task(queue="upkeep", queueing_lock="lab_placing", pass_context=False)
def place_what_came_first(timestamp: int) -> None:
    """A tube may reach the laboratory before its phone reaches a network: put it in its place once it has."""
    by, now = system("placing"), clock.now()
    with acting(by):
        place_tubes(by=by, now=now)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="lab_returns", pass_context=False)
def ask_for_returns(timestamp: int) -> None:
    """Open the returns of the period that ended last."""
    by, now = system("sweeper"), clock.now()
    with acting(by):
        open_returns(by=by, now=now)


@app.periodic(cron="0 * * * *")
@app.task(queue="upkeep", queueing_lock="lab_dispatch", pass_context=False)
def dispatch_boxes(timestamp: int) -> None:
    """Divide the boxes that stand ready, province by province."""
    with acting(system("dispatch")):
        provinces = provinces_with_laboratories()
    for province in provinces:
        with acting(province):
            make_dispatch(by=province, now=clock.now())


@app.periodic(cron="*/15 * * * *")
@app.task(queue="upkeep", queueing_lock="lab_quality", pass_context=False)
def watch_quality(timestamp: int) -> None:
    """Draw the charts of today anew, and of yesterday while its last plates may still come in."""
    by, now = system("quality"), clock.now()
    with acting(by):
        for day in {clock.local_day(now), clock.local_day(now - timedelta(hours=6))}:
            measure_day(day, by=by, now=now)


@app.periodic(cron="23 * * * *")
@app.task(queue="upkeep", queueing_lock="lab_retention", pass_context=False)
def forget_past_plates(timestamp: int) -> None:
    """Delete what is past its time."""
    by, now = system("upkeep"), clock.now()
    with acting(by):
        drop_past_plates(by=by, now=now)
