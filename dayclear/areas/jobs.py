"""What the worker does for areas by the clock: propose steps the moment they are due, end measures, look ahead anew,
void what was decided below the pack's level."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.areas.commands import end_due_measures, propose_steps, refresh_clocks, void_areas_below_level
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
    refresh_clocks(by=system("sweeper"), now=clock.now())


# Shortly after midnight in Beijing, when a new pack takes effect (16:05 UTC), and before the guard looks at everything.
@app.periodic(cron="5 16 * * *")
@app.task(queue="upkeep", queueing_lock="areas_void", pass_context=False)
def void_what_nobody_could_decide(timestamp: int) -> None:
    """Void the areas whose decider stands below the level that the pack now in force names."""
    by, now = system("sweeper"), clock.now()
    with acting(by):
        void_areas_below_level(by=by, now=now)
