"""Background work of isolation."""

from collections.abc import Mapping
from typing import Any

from procrastinate.contrib.django import app

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.foundation.worker import RETRIES
from dayclear.isolation.commands.disposal import dispose_orders
from dayclear.isolation.commands.sweeping import release_due
from dayclear.isolation.transition import ANSWER_TASK, CHANGEOVER_TASK, answer, carry_on


@app.periodic(cron="* * * * * */10")
@app.task(queue="upkeep", queueing_lock="release_due", pass_context=False)
def end_what_is_over(timestamp: int) -> None:
    """Note as ended every order whose end has passed; all of them, however many came at midnight."""
    while True:
        with acting(system("sweeper")):
            if not release_due(now=clock.now()):
                return


@app.periodic(cron="45 19 * * *")
@app.task(queue="upkeep", queueing_lock="dispose_orders", pass_context=False)
def dispose_what_is_over(timestamp: int) -> None:
    """Destroy the orders whose time is over."""
    dispose_orders(by=system("retention"), now=clock.now())


@app.task(name=CHANGEOVER_TASK, queue="changeover", retry=RETRIES)
def carry_out_changeover(changeover_id: int, acting_as: Mapping[str, Any]) -> None:
    """Carry a signed changeover out. Run again after a crash, it goes on where it stood."""
    carry_on(changeover_id, acting_as, now=clock.now())


@app.task(name=ANSWER_TASK, queue="changeover", retry=RETRIES)
def answer_changeover(changeover_id: int, acting_as: Mapping[str, Any]) -> None:
    """Answer a changeover by proposing anew what it ended."""
    answer(changeover_id, acting_as, now=clock.now())
