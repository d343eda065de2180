"""What the worker does for tracing by the clock."""

from __future__ import annotations

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.tracing.commands import dispose_contacts, dispose_visits


@app.periodic(cron="40 19 * * *")
@app.task(queue="upkeep", queueing_lock="dispose_tracing", pass_context=False)
def dispose_what_is_over(timestamp: int) -> None:
    """Destroy the contacts and the places visited whose time is over."""
    by, now = system("retention"), clock.now()
    dispose_contacts(by=by, now=now)
    dispose_visits(by=by, now=now)
