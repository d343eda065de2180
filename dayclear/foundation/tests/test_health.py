from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from dayclear.foundation import clock, worker
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused
from dayclear.foundation.health import failed_jobs, look, retry_job
from dayclear.foundation.models import Event, TrailCheck
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting

COUNTY = 610113 * 10**12
_UPKEEP = "dayclear.foundation.worker.seal"


def _run(statement: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchone()[0] if cursor.description else None


def _worker_seen(at: datetime) -> None:
    _run("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s)", at)


def _job(status: str, *, attempts: int = 0) -> int:
    job: int = _run(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args, attempts) "
        "VALUES ('upkeep', %s, %s, '{\"number\": 7}', %s) RETURNING id",
        _UPKEEP,
        status,
        attempts,
    )
    return job


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "troubles"),
    [
        pytest.param(59, (), id="a heartbeat a minute ago, less a second"),
        pytest.param(61, ("worker_lost",), id="a minute and a second"),
    ],
)
def test_a_worker_without_a_heartbeat_for_a_minute_is_lost(seconds: int, troubles: tuple[str, ...]) -> None:
    now = clock.now()
    _worker_seen(now - timedelta(seconds=seconds))
    state = look(now=now)
    assert state.troubles == troubles
    assert state.well is (not troubles)


@pytest.mark.django_db
def test_failed_work_is_listed_with_what_it_was_about() -> None:
    now = clock.now()
    _worker_seen(now)
    job = _job("failed", attempts=8)
    assert look(now=now).troubles == ("work_failed",)
    (listed,) = failed_jobs()
    assert (listed.id, listed.task, listed.about, listed.attempts) == (job, _UPKEEP, "number=7", 8)


def test_failed_work_is_tried_again_with_all_its_attempts(administrator: Actor) -> None:
    job = _job("failed", attempts=8)
    with acting(administrator):
        retry_job(job, by=administrator, now=clock.now())
        assert Event.objects.get(subject=f"foundation.job:{job}").kind == "foundation.job_retried"
    assert _run("SELECT status::text || attempts FROM procrastinate_jobs WHERE id = %s", job) == "todo0"


@pytest.mark.parametrize("status", ["todo", "doing", "succeeded"])
def test_only_failed_work_is_tried_again(administrator: Actor, status: str) -> None:
    job = _job(status)
    with acting(administrator), pytest.raises(Refused):
        retry_job(job, by=administrator, now=clock.now())


def test_an_officer_retries_nothing(county_officer: Actor) -> None:
    job = _job("failed")
    with acting(county_officer), pytest.raises(Refused) as refused:
        retry_job(job, by=county_officer, now=clock.now())
    assert refused.value.decision.codes == ("right_missing",)


@pytest.mark.parametrize(
    ("role", "place", "code"),
    [
        pytest.param(Role.AUDITOR, 0, "right_missing", id="an auditor only reads"),
        pytest.param(Role.COMMANDER, COUNTY, "right_missing", id="a commander"),
        pytest.param(Role.ADMINISTRATOR, COUNTY, "whole_installation_only", id="an administrator of one county"),
    ],
)
def test_failed_work_is_tried_again_only_by_who_tends_the_whole_installation(
    make_actor: Callable[..., Actor], client_of: Callable[[Actor], Any], role: Role, place: int, code: str
) -> None:
    job, by = _job("failed"), make_actor("somebody", role, place)
    with acting(by), pytest.raises(Refused) as refused:
        retry_job(job, by=by, now=clock.now())
    assert refused.value.decision.codes == (code,)
    assert f"/health/retry/{job}" not in client_of(by).get("/health/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attempts", "status", "given_up"),
    [
        pytest.param(7, "todo8", [], id="the last try is still to come"),
        pytest.param(8, "failed9", [{"number": 7}], id="interrupted at every try"),
    ],
)
def test_to_be_interrupted_counts_as_an_attempt(
    monkeypatch: pytest.MonkeyPatch, attempts: int, status: str, given_up: list[dict[str, int]]
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(worker, "gives_up", {"tests.work": told.append})
    job = _job("doing", attempts=attempts)
    _run("UPDATE procrastinate_jobs SET queue_name = 'reactions', task_name = 'tests.work' WHERE id = %s", job)
    worker.rescue_lost_jobs()
    assert _run("SELECT status::text || attempts FROM procrastinate_jobs WHERE id = %s", job) == status
    assert told == given_up


@pytest.mark.django_db
def test_the_watchers_address_says_503_and_why(client: Any) -> None:
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["troubles"] == ["worker_lost"]
    _worker_seen(clock.now())
    assert client.get("/healthz").json()["status"] == "ok"


def test_whoever_may_not_see_the_health_has_no_light(
    county_officer: Actor, administrator: Actor, client_of: Callable[[Actor], Any]
) -> None:
    assert client_of(county_officer).get("/health/light").status_code == 403
    assert client_of(administrator).get("/health/light").status_code == 200
    assert client_of(administrator).get("/health/").status_code == 200


def test_the_seals_are_checked_by_the_worker_for_whoever_acts_for_everything(
    administrator: Actor, province_commander: Actor, client_of: Callable[[Actor], Any]
) -> None:
    assert client_of(province_commander).post("/health/seals").status_code == 409
    for _ in range(2):
        assert client_of(administrator).post("/health/seals").status_code == 302
    check = TrailCheck.objects.get()
    assert "is reading the whole trail" in client_of(administrator).get("/health/").content.decode()
    worker.check_whole_trail(check.pk)
    assert "The trail is whole" in client_of(administrator).get("/health/").content.decode()
    assert "The trail is whole" not in client_of(province_commander).get("/health/").content.decode()
