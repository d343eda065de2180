"""How the installation itself is doing: database, worker, queue, failed work, seals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting

WORKER_LOST_AFTER = timedelta(seconds=60)
SEAL_LATE_AFTER = timedelta(hours=2)
QUEUE_STUCK_AFTER = timedelta(minutes=10)
_FAILED_SHOWN = 50

_LOOK = """
SELECT (SELECT max(last_heartbeat) FROM procrastinate_workers),
       (SELECT max(sealed_at) FROM foundation_seal),
       (SELECT min(at) FROM foundation_event WHERE ordinal >
            coalesce((SELECT max(up_to_ordinal) FROM foundation_seal), 0)),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'),
       (SELECT min(e.at) FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
            AND e.type = 'deferred' WHERE j.status = 'todo' AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())),
       (SELECT count(*) FROM foundation_deadline
            WHERE check_failed_at IS NOT NULL AND met_at IS NULL AND escalated_at IS NULL),
       current_setting('server_version')
"""


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the installation.

    Shape: `troubles` are codes, the gravest first; empty means well.
    """

    worker_seen_at: datetime | None
    sealed_at: datetime | None
    unsealed_since: datetime | None
    waiting: int
    running: int
    failed: int
    waiting_since: datetime | None
    unchecked: int
    database_version: str
    troubles: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not self.troubles


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A piece of background work that failed at every attempt."""

    id: int
    task: str
    args: dict[str, Any]
    attempts: int
    failed_at: datetime | None

    @property
    def about(self) -> str:
        return ", ".join(f"{key}={value}" for key, value in self.args.items() if key != "timestamp")


def look(*, now: datetime) -> Health:
    """Read the state in one statement, over every place: it counts, and shows nothing of anybody."""
    with acting(system("health")), connection.cursor() as cursor:
        cursor.execute(_LOOK)
        seen, sealed, unsealed, waiting, running, failed, waiting_since, unchecked, version = cursor.fetchone()
    troubles = []
    if seen is None or now - seen > WORKER_LOST_AFTER:
        troubles.append("worker_lost")
    if failed:
        troubles.append("work_failed")
    if unchecked:
        troubles.append("deadlines_unchecked")
    if waiting_since is not None and now - waiting_since > QUEUE_STUCK_AFTER:
        troubles.append("queue_stuck")
    if unsealed is not None and now - unsealed > SEAL_LATE_AFTER:
        troubles.append("seal_late")
    return Health(seen, sealed, unsealed, waiting, running, failed, waiting_since, unchecked, version, tuple(troubles))


def failed_jobs() -> list[FailedJob]:
    """The latest work that failed for good."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT j.id, j.task_name, j.args::text, j.attempts,
                   (SELECT max(e.at) FROM procrastinate_events e WHERE e.job_id = j.id AND e.type = 'failed')
            FROM procrastinate_jobs j WHERE j.status = 'failed' ORDER BY j.id DESC LIMIT %s
            """,
            [_FAILED_SHOWN],
        )
        return [
            FailedJob(job, task, json.loads(args), attempts, failed_at)
            for job, task, args, attempts, failed_at in cursor.fetchall()
        ]


def retry_job(job_id: int, *, by: Actor, now: datetime) -> None:
    """Put failed work back into the queue. It may concern any place.

    Raises: Refused (`right_missing`, `whole_installation_only`, `not_found`).
    """
    by.require(Right.TEND_INSTALLATION)
    by.require_everywhere()
    with connection.cursor() as cursor:
        # With all its attempts again: whoever presses the button has mended the cause.
        cursor.execute(
            """
            UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL
            WHERE id = %s AND status = 'failed' RETURNING task_name
            """,
            [job_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Refused(refuse("not_found"))
    record("foundation.job_retried", f"foundation.job:{job_id}", by=by, at=now, area=0, payload={"task": row[0]})
