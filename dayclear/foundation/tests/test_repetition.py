"""The same write sent twice at the same time has one effect."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest_django
from django.db import connection, transaction

from dayclear.foundation.actors import system
from dayclear.foundation.models import KeptAnswer
from dayclear.foundation.repetition import answer_once


def test_of_two_clicks_at_once_one_works_and_both_get_its_answer(
    django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker, now: datetime
) -> None:
    """Real connections that commit: the second waits for the first, whichever that is."""
    done: list[int] = []
    answers: list[Any] = []
    together = threading.Barrier(8)

    def work() -> tuple[int, dict[str, int]]:
        done.append(1)
        return 201, {"id": len(done)}

    def click() -> None:
        together.wait()
        with transaction.atomic():
            answers.append(answer_once("race", ["asked"], work, by=system("tests"), now=now))
        connection.close()

    with django_db_blocker.unblock():
        threads = [threading.Thread(target=click) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        KeptAnswer.objects.filter(key="race").delete()
    assert len(done) == 1
    assert [answer for answer, _repeated in answers] == [(201, {"id": 1})] * 8
    assert sorted(repeated for _answer, repeated in answers) == [False] + [True] * 7
