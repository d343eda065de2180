"""Routine tests of priority groups: who is due, from when to when, and closed by the swab itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, DateField, F, QuerySet, When

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import county_of
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.filters import existing
from dayclear.foundation.rules import Right
from dayclear.people.models import Person
from dayclear.policy.calendar import policy_at_or_none
from dayclear.policy.schema.operations import Occupation
from dayclear.sampling.models import TestDuty
from dayclear.sampling.rules.schedule import gap_days

_IN_COUNTY = 10**12
# An entry of a register ends: whoever still works there is entered again.
LONGEST = timedelta(days=366)
_LOOK_BACK = timedelta(days=3)


def groups_at(area: int, disease: str, at: datetime) -> dict[str, Occupation]:
    """The classes of posts that the pack in force tests by routine; none where no pack answers."""
    policy = policy_at_or_none(at, county_of(area), disease)
    return dict(policy.rules.testing.occupations) if policy and policy.rules.testing else {}


def enter_duties(
    people: Sequence[int], *, disease: str, group: str, post: str, ends_on: date, by: Actor, now: datetime
) -> int:
    """Enter people of a group on the schedule of routine tests; whoever is on it already keeps their days.

    Returns how many were entered. Raises: Refused (`not_found`, `group_not_in_pack`, `duty_end_bad`).
    """
    by.require(Right.RUN_SAMPLING)
    today = local_day(now)
    if not today <= ends_on <= today + LONGEST:
        raise Refused(refuse("duty_end_bad", days=LONGEST.days))
    with transaction.atomic():
        inside = Person.objects.filter(area__range=(by.area.lo, by.area.hi), merged_into=None, pk__in=set(people))
        areas = dict(inside.values_list("pk", "area"))
        if set(people) - set(areas):
            raise Refused(refuse("not_found"))
        for area in {county_of(each) for each in areas.values()}:
            if group not in groups_at(area, disease, now):
                raise Refused(refuse("group_not_in_pack", category=group))
        kept = set(
            TestDuty.objects.filter(person_id__in=areas, disease=disease, group=group, ended_on=None).values_list(
                "person_id", flat=True
            )
        )
        rows = [
            TestDuty(
                area=area,
                person_id=person,
                disease=disease,
                group=group,
                post=post.strip()[:120],
                starts_on=today,
                ends_on=ends_on,
                due_on=today,
            )
            for person, area in sorted(areas.items())
            if person not in kept
        ]
        TestDuty.objects.bulk_create(rows, ignore_conflicts=True)
        payload = {"people": len(rows), "group": group, "ends_on": ends_on.isoformat()}
        record("sampling.duties_entered", f"sampling.duties:{group}", by=by, at=now, area=by.area.lo, payload=payload)
    return len(rows)


def end_duty(duty_id: int, *, by: Actor, now: datetime) -> None:
    """Take somebody off the schedule. Raises: Refused (`not_found`)."""
    by.require(Right.RUN_SAMPLING)
    with transaction.atomic():
        rows = TestDuty.objects.filter(area__range=(by.area.lo, by.area.hi), pk=duty_id, ended_on=None)
        row = existing(rows.select_for_update())
        row.ended_on = local_day(now)
        row.save(update_fields=["ended_on"])
        record("sampling.duty_ended", f"sampling.duty:{row.pk}", by=by, at=now, area=row.area)


def close_duties(*, by: Actor, now: datetime) -> int:
    """Note the swabs of the past days on the schedule, move its days as the pack in force asks, end what has run out
    or is asked no longer; returns how many swabs were noted.

    By the clock and for all at once: an upload at the end of a shift must not wait for it.
    """
    by.require(Right.RUN_SAMPLING)
    today = local_day(now)
    rows = TestDuty.objects.filter(ended_on=None)
    rows.filter(ends_on__lt=today).update(ended_on=today)
    noted = _note_swabs(today - _LOOK_BACK)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT area - area %% %s, disease, "group" FROM sampling_test_duty WHERE ended_on IS NULL
            """,
            [_IN_COUNTY],
        )
        asked = cursor.fetchall()
    for county, disease, group in asked:
        occupation = groups_at(county, disease, now).get(group)
        of_group = rows.filter(area__range=(county, county + _IN_COUNTY - 1), disease=disease, group=group)
        if occupation is None:
            # Nobody owes a test that no rule asks.
            of_group.update(ended_on=today)
        else:
            _move_days(of_group, gap_days(occupation.often.times, occupation.often.per))
    return noted


def _note_swabs(since: date) -> int:
    """Write the newest swab of everybody on the schedule down; returns how many were newer than what was known."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE sampling_test_duty d SET last_swab_on = s.day
            FROM sampling_test_duty o CROSS JOIN LATERAL (
                SELECT max(s.day) AS day FROM sampling_swab s WHERE s.person = o.person_id AND s.day >= %s) s
            WHERE d.id = o.id AND o.ended_on IS NULL AND s.day > coalesce(o.last_swab_on, '-infinity')
            """,
            [since],
        )
        return int(cursor.rowcount)


def _move_days(duties: QuerySet[TestDuty], gap: int) -> None:
    """The twin of `rules.schedule.next_due`, for a whole group."""
    due = Case(
        When(last_swab_on__gte=F("starts_on"), then=F("last_swab_on") + gap),
        default=F("starts_on"),
        output_field=DateField(),
    )
    duties.exclude(due_on=due).update(due_on=due)
