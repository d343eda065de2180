"""What the worker does for sampling by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.foundation.worker import RETRIES
from dayclear.sampling.commands.chains import forget_members
from dayclear.sampling.commands.duties import close_duties
from dayclear.sampling.commands.planning import PLAN_TASK, solve_plan
from dayclear.sampling.commands.retention import drop_past_days, make_days_ahead


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="sampling_duties", pass_context=False)
def note_swabs(timestamp: int) -> None:
    """Note on the schedules of routine tests who was swabbed."""
    by = system("upkeep")
    with acting(by):
        close_duties(by=by, now=clock.now())


@app.periodic(cron="5 * * * *")
@app.task(queue="upkeep", queueing_lock="sampling_days", pass_context=False)
def keep_days(timestamp: int) -> None:
    """Make the days ahead, and drop those whose time is over, with the members of their positive tubes."""
    by, now = system("upkeep"), clock.now()
    with acting(by):
        make_days_ahead(by=by, now=now)
        drop_past_days(by=by, now=now)
        forget_members(by=by, now=now)


@app.task(name=PLAN_TASK, queue="plans", retry=RETRIES)
def solve_point_plan(plan_id: int) -> None:
    """Solve a plan of points."""
    solve_plan(plan_id, now=clock.now())
