"""The second wall: row-level security."""

from __future__ import annotations

from datetime import datetime

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.deadlines import open_deadline
from dayclear.foundation.models import Deadline
from dayclear.foundation.postgres import resolve_database
from dayclear.foundation.scope import acting

US = system("tests")
VILLAGE, NEIGHBOUR = 610113001001 * 10**6, 610113001002 * 10**6


@pytest.fixture
def two_villages(db: None, now: datetime) -> None:
    with acting(US):
        for place in (VILLAGE, NEIGHBOUR):
            open_deadline("tests.due", f"tests.thing:{place}", area=place, accountable=place, opened_at=now, due_at=now)


def test_each_sees_exactly_their_places_even_without_a_filter(
    two_villages: None, village_worker: Actor, county_officer: Actor, province_commander: Actor
) -> None:
    seen = {}
    for actor in (village_worker, county_officer, province_commander, US):
        with acting(actor):
            seen[actor.label] = set(Deadline.objects.values_list("area", flat=True))
    assert seen == {
        "village-worker": {VILLAGE},
        "county-officer": {VILLAGE, NEIGHBOUR},
        "province-commander": {VILLAGE, NEIGHBOUR},
        "system:tests": {VILLAGE, NEIGHBOUR},
    }


def test_nobody_writes_into_a_place_that_is_not_theirs(
    two_villages: None, village_worker: Actor, now: datetime
) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), acting(village_worker):
        open_deadline("tests.due", "tests.thing:9", area=NEIGHBOUR, accountable=NEIGHBOUR, opened_at=now, due_at=now)


def test_without_an_actor_nothing_is_read(two_villages: None) -> None:
    with pytest.raises((ProgrammingError, DataError)), transaction.atomic():
        list(Deadline.objects.all())


def test_leaving_a_scope_brings_back_the_one_around_it(two_villages: None, village_worker: Actor) -> None:
    with acting(village_worker):
        with acting(US):
            assert Deadline.objects.count() == 2
        assert Deadline.objects.count() == 1


def test_a_failure_inside_a_scope_leaves_the_one_around_it_as_it_was(two_villages: None, village_worker: Actor) -> None:
    with acting(village_worker):
        with pytest.raises(RuntimeError), acting(US):
            raise RuntimeError
        assert Deadline.objects.count() == 1


def test_the_wide_role_is_not_inherited(two_villages: None, county_officer: Actor) -> None:
    with acting(county_officer), connection.cursor() as cursor:
        cursor.execute("SELECT current_user, pg_has_role('dayclear_wide', 'USAGE')")
        assert cursor.fetchone() == ("dayclear_app", False)


def test_raw_sql_as_the_application_role_sees_what_its_settings_say_and_nothing_without(
    committed: None, now: datetime
) -> None:
    with acting(US):
        for place in (VILLAGE, NEIGHBOUR):
            open_deadline("tests.raw", f"tests.raw:{place}", area=place, accountable=place, opened_at=now, due_at=now)
    with psycopg.connect(resolve_database().app.conninfo()) as raw:
        with pytest.raises(psycopg.Error, match=r"dayclear\.area_lo"):
            raw.execute("SELECT count(*) FROM foundation_deadline")
        raw.rollback()
        raw.execute("SELECT set_config('dayclear.area_lo', %s, true)", [str(VILLAGE)])
        raw.execute("SELECT set_config('dayclear.area_hi', %s, true)", [str(VILLAGE + 999_999)])
        assert raw.execute("SELECT array_agg(area) FROM foundation_deadline").fetchone() == ([VILLAGE],)


def test_every_table_with_a_place_is_behind_both_policies(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                   (SELECT array_agg(p.policyname::text ORDER BY p.policyname) FROM pg_policies p
                    WHERE p.tablename = c.relname)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'area' AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname
            """
        )
        rows = cursor.fetchall()
    assert len(rows) >= 15
    for table, forced, policies in rows:
        assert forced, f"{table} is not behind forced row-level security"
        assert policies == [f"{table}_area", f"{table}_wide"]
