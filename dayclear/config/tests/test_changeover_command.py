"""`dayclear policy dry-run` and `apply` as somebody types them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.models import Grant, User
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.isolation.models import Order
from dayclear.isolation.tests.many_orders import generate
from dayclear.policy.calendar import policy_on

AT = "2022-11-11T12:00+08:00"


def dayclear(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dayclear", "--lang", "en", "policy", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def told(*words: str) -> dict[str, Any]:
    done = dayclear(*words, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_command_does_what_its_dry_run_said(committed: None) -> None:
    with acting(system("tests")):
        on = date(2022, 11, 11)
        generate(
            400, before=policy_on(date(2022, 11, 10), 0, "covid-19"), at=datetime(2022, 11, 11, 4, tzinfo=UTC), on=on
        )
        user = User.objects.create_user(username="commander")
        now = clock.now()
        Grant.objects.create(
            user=user, role=Role.COMMANDER.value, place=0, granted_at=now, expires_at=now + timedelta(days=1)
        )
    foretold = told("dry-run", "cn-covid-9e+20", "--at", AT)
    assert foretold["rooms_freed"]["2022-11-11"] > 0
    done = told("apply", "cn-covid-9e+20", "--at", AT, "--as", "commander")
    counted = {each["kind"]: each["count"] for each in done["effects"]}
    said = {each["kind"]: each["count"] for each in foretold["effects"]}
    assert counted == {kind: said[kind] for kind in counted}
    with acting(system("tests")):
        assert not Order.objects.filter(state="signed", category="secondary_contact").exists()


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        pytest.param(("dry-run", "nothing", "--at", AT), 2, "there is no pack", id="an unknown pack"),
        pytest.param(("dry-run", "cn-covid-9e+20", "--at", "2022-11-11"), 2, "lacks its offset", id="no offset"),
        pytest.param(("apply", "cn-covid-9e+20", "--at", AT), 2, "--as", id="nobody signs"),
    ],
)
def test_what_is_not_understood_is_said(words: tuple[str, ...], code: int, text: str) -> None:
    done = dayclear(*words)
    assert (done.returncode, text in done.stderr) == (code, True)
