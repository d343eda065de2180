"""Background work of isolation."""

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.isolation.commands.sweeping import release_due


@app.periodic(cron="* * * * * */10")
@app.task(queue="upkeep", queueing_lock="release_due", pass_context=False)
def end_what_is_over(timestamp: int) -> None:
    """Note as ended every order whose end has passed; all of them, however many came at midnight."""
    while True:
        with acting(system("sweeper")):
            if not release_due(now=clock.now()):
                return
