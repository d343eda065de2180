"""What supervision does by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.supervision.commands import sweep_everything


# Shortly after midnight in Beijing, when a new pack takes effect (16:10 UTC).
@app.periodic(cron="10 16 * * *")
@app.task(queue="upkeep", queueing_lock="supervision_sweep", pass_context=False)
def look_at_everything(timestamp: int) -> None:
    """Hold everything live against the pack now in force."""
    by = system("guard")
    with acting(by):
        sweep_everything(by=by, now=clock.now())
