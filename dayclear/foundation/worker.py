"""The one worker: reactions, background jobs, the hourly seal and the sweep of deadlines.

Jobs live in PostgreSQL (procrastinate), queued in the transaction that causes them. Deadlines are never jobs: the
sweep polls their partial index.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from procrastinate import RetryStrategy, jobs
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException

from dayclear.foundation import clock, events
from dayclear.foundation.actors import system
from dayclear.foundation.additions import Additions
from dayclear.foundation.attempts import forget_old_attempts
from dayclear.foundation.deadlines import sweep
from dayclear.foundation.models import Event
from dayclear.foundation.repetition import forget_answers
from dayclear.foundation.scope import acting
from dayclear.foundation.seals import CHECK_TASK, run_check, seal_when_due

log = logging.getLogger(__name__)

# 8 tries over about four hours: a fault that outlasts a night's shift is not a passing one.
_MOST_TRIES = 8
RETRIES = RetryStrategy(max_attempts=_MOST_TRIES, exponential_wait=4)
HEARTBEAT_SECONDS, HEARTBEAT_LOST_SECONDS = 3.0, 12.0
# A job that waited for another of its subject is found by asking, not by a notice: so the pause between two of them.
POLLING_SECONDS = 0.5


@app.task(name=events.REACTION_TASK, queue="reactions", retry=RETRIES)
def react(kind: str, name: str, subject: str, number: int) -> None:
    """Run one reaction to one event, with every place in sight."""
    with acting(system("reaction")):
        events.reaction_named(kind, name)(Event.objects.get(subject=subject, number=number))


@app.task(name=events.TOGETHER_TASK, queue="reactions", retry=RETRIES)
def react_together(name: str, ordinals: list[int]) -> None:
    """Run one reaction to the events that one command recorded, with every place in sight."""
    with acting(system("reaction")):
        events.joint_reaction_named(name)(list(Event.objects.filter(ordinal__in=ordinals).order_by("ordinal")))


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", queueing_lock="seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seal the events of the past hour."""
    with acting(system("sealer")):
        seal_when_due(now=clock.now())


@app.task(name=CHECK_TASK, queue="checks", retry=RETRIES)
def check_whole_trail(check_id: int) -> None:
    """Read the whole trail and name what was altered, for the health page."""
    with acting(system("check")):
        run_check(check_id, now=clock.now())


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", queueing_lock="forget_answers", pass_context=False)
def forget_old_answers(timestamp: int) -> None:
    """Remove the answers to repeated writes whose day is past, and the attempts that no longer count."""
    forget_answers(now=clock.now())
    forget_old_attempts(now=clock.now())


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


GivingUp = Callable[[Mapping[str, Any]], None]
# What is done, with a job's arguments, when it has ended its worker too often to be tried again.
gives_up = Additions[GivingUp]()


def rescue_lost_jobs() -> int:
    """Give back to the queue what a killed worker left half done; returns how many.

    Every job is safe to run again: its work is keyed or resumes where it stood. Upkeep is dropped instead: the clock
    brings it again, and only one of a kind may wait. To be interrupted counts as an attempt: a job that ends its
    worker each time fails like any other, and is seen on the health page.
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
            UPDATE procrastinate_jobs SET worker_id = NULL, attempts = attempts + 1,
                status = (CASE WHEN attempts < %s THEN 'todo' ELSE 'failed' END)::procrastinate_job_status
            WHERE id IN (SELECT id FROM lost WHERE queue_name <> 'upkeep')
            RETURNING id, task_name, args::text, status = 'failed'
            """,
            [HEARTBEAT_LOST_SECONDS, _MOST_TRIES],
        )
        lost = cursor.fetchall()
    rescued = 0
    for job, task, args, failed in lost:
        if not failed:
            rescued += 1
            continue
        log.error("job %s (%s) was interrupted at every attempt", job, task)
        if task in gives_up:
            gives_up[task](json.loads(args))
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
                fetch_job_polling_interval=POLLING_SECONDS,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=HEARTBEAT_LOST_SECONDS,
            )
    except ConnectorException:
        log.exception("the worker lost the database; whoever started it starts it again")
        raise
