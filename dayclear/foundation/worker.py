"""The one worker: reactions, background jobs, the hourly seal and the sweep of deadlines.

Jobs live in PostgreSQL (procrastinate), queued in the transaction that causes them. Deadlines are never jobs: the
sweep polls their partial index.
"""

from __future__ import annotations

import logging

from django.db import connection
from procrastinate import RetryStrategy, jobs
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from dayclear.foundation import clock, events
from dayclear.foundation.actors import system
from dayclear.foundation.deadlines import sweep
from dayclear.foundation.models import Event
from dayclear.foundation.repetition import forget_answers
from dayclear.foundation.scope import acting
from dayclear.foundation.seals import seal_events

log = logging.getLogger(__name__)

# 8 tries over about four hours: a fault that outlasts a night's shift is not a passing one.
RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)
HEARTBEAT_SECONDS, HEARTBEAT_LOST_SECONDS = 3.0, 12.0


@app.task(name=events.REACTION_TASK, queue="reactions", retry=RETRIES)
def react(kind: str, name: str, subject: str, number: int) -> None:
    """Run one reaction to one event, with every place in sight."""
    with acting(system("reaction")):
        events.reaction_named(kind, name)(Event.objects.get(subject=subject, number=number))


@app.periodic(cron="0 * * * *")
@app.task(queue="upkeep", queueing_lock="seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seal the events of the past hour."""
    with acting(system("sealer")):
        seal_events(now=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_answers", pass_context=False)
def forget_old_answers(timestamp: int) -> None:
    """Remove the answers to repeated writes whose day is past."""
    forget_answers(now=clock.now())


@app.periodic(cron="* * * * * */10")
@app.task(queue="upkeep", queueing_lock="sweep", pass_context=False)
def sweep_deadlines(timestamp: int) -> None:
    """Escalate what has fallen due and is still not done."""
    with acting(system("sweeper")):
        sweep(now=clock.now())


@app.periodic(cron="* * * * * */5")
@app.task(queue="upkeep", queueing_lock="rescue", pass_context=False)
def rescue(timestamp: int) -> None:
    """Look after the jobs of workers that are gone."""
    rescue_lost_jobs()


def rescue_lost_jobs() -> int:
    """Give back to the queue what a killed worker left half done; returns how many.

    Every job is safe to run again: its work is keyed or resumes where it stood. Upkeep is dropped instead: the clock
    brings it again, and only one of a kind may wait.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (
                SELECT id, queue_name FROM procrastinate_jobs
                WHERE status = 'doing' AND (worker_id IS NULL OR worker_id NOT IN (
                    SELECT id FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)))),
            dropped AS (
                DELETE FROM procrastinate_jobs WHERE id IN (SELECT id FROM lost WHERE queue_name = 'upkeep'))
            UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL
            WHERE id IN (SELECT id FROM lost WHERE queue_name <> 'upkeep')
            """,
            [HEARTBEAT_LOST_SECONDS],
        )
        rescued = int(cursor.rowcount)
    if rescued:
        log.warning("gave %s interrupted job(s) back to the queue", rescued)
    return rescued


def run(*, concurrency: int = 2, wait: bool = True) -> None:
    """Work until told to stop (`wait`), or until the queue is empty."""
    rescue_lost_jobs()
    try:
        connector = app.connector
        assert isinstance(connector, DjangoConnector), "the worker is started by Django"
        with app.replace_connector(connector.get_worker_connector()) as worker_app:
            worker_app.run_worker(
                concurrency=concurrency,
                wait=wait,
                listen_notify=wait,
                install_signal_handlers=wait,
                delete_jobs=jobs.DeleteJobCondition.SUCCESSFUL,
                name="dayclear",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=HEARTBEAT_LOST_SECONDS,
            )
    except ConnectorException:
        log.exception("the worker lost the database; whoever started it starts it again")
        raise
