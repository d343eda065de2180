"""What the worker does for areas by the clock: propose steps the moment they are due, end measures, look ahead anew."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.areas.commands import end_due_measures, propose_steps, refresh_clocks
from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="areas_due", pass_context=False)
def do_what_is_due(timestamp: int) -> None:
    """Propose the steps whose conditions hold, and end the measures whose time is over."""
    by, now = system("sweeper"), clock.now()
    with acting(by):
        propose_steps(by=by, now=now)
        end_due_measures(by=by, now=now)


@app.periodic(cron="1 * * * *")
@app.task(queue="upkeep", queueing_lock="areas_clocks", pass_context=False)
def look_ahead(timestamp: int) -> None:
    """Work out every open area's outlook under the pack now in force: a pack may have changed at midnight."""
    by, now = system("sweeper"), clock.now()
    with acting(by):
        refresh_clocks(by=by, now=now)
