"""An import beside somebody who registers a case by hand: neither waits for the other in a ring."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection

from conftest import until_it_waits
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.models import Case, CaseCount
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.interop.commands.chunk import ChunkWriter
from dayclear.interop.tests.files import csv_bytes, run_file
from dayclear.people.commands import PersonRecord

THERE = 610103001001 * 10**6
SYSTEM = system("tests")


def test_an_import_in_two_counties_and_a_case_by_hand_in_one_of_them_both_come_in(
    committed: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its new cases and its newer ones the import stops until the other has come in, or stands still."""
    known = {"病例编号": "N1", "地区编码": "610103001001", "报告日期": "2021-12-20"}
    run_file(csv_bytes([known]), now=now)
    failed: list[Exception] = []
    by_hand = threading.Thread(target=_register_by_hand, args=(now, failed))
    update = ChunkWriter._update

    def stop_before(writer: ChunkWriter, pairs: Sequence[Any], tally: Any) -> None:
        by_hand.start()
        until_it_waits(by_hand)
        update(writer, pairs, tally)

    monkeypatch.setattr(ChunkWriter, "_update", stop_before)
    fresh = {"病例编号": "N2", "地区编码": "610113", "报告日期": "2021-12-21"}
    done = run_file(csv_bytes([fresh, {**known, "报告日期": "2021-12-21"}]), now=now)
    by_hand.join(timeout=30)
    assert failed == []
    assert (done.created, done.updated) == (1, 1)
    with acting(SYSTEM):
        assert Case.objects.count() == 3
        assert CaseCount.objects.get(level=0, day=date(2021, 12, 21)).cases == 3
        assert CaseCount.objects.get(level=5, area=THERE, day=date(2021, 12, 21)).cases == 2


def _register_by_hand(now: datetime, failed: list[Exception]) -> None:
    try:
        with acting(SYSTEM):
            days = CaseDays(reported_on=date(2021, 12, 21))
            record = CaseRecord(
                area=0, person_id=0, disease="covid-19", number="hand", days=days, classification="confirmed"
            )
            register_case(PersonRecord(area=THERE, name="王五"), record, by=SYSTEM, now=now)
    except Exception as error:
        failed.append(error)
    finally:
        connection.close()
