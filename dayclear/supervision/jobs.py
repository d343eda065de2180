"""What supervision does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.supervision.commands import sweep_everything
from dayclear.supervision.commands.disposal import dispose_complaints


# Shortly after midnight in Beijing, when a new pack takes effect (16:10 UTC).
@app.periodic(cron="10 16 * * *")
@app.task(queue="upkeep", queueing_lock="supervision_sweep", pass_context=False)
def look_at_everything(timestamp: int) -> None:
    """Hold everything live against the pack now in force."""
    by = system("guard")
    with acting(by):
        sweep_everything(by=by, now=clock.now())


@app.periodic(cron="50 19 * * *")
@app.task(queue="upkeep", queueing_lock="dispose_complaints", pass_context=False)
def dispose_what_is_over(timestamp: int) -> None:
    """Destroy the complaints whose time is over."""
    dispose_complaints(by=system("retention"), now=clock.now())
