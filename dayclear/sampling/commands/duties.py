"""Routine tests of priority groups: who is due, from when to when, and closed by the swab itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import ancestor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.people.models import Person
from dayclear.policy.calendar import NoPolicyInForce, policy_at
from dayclear.policy.schema.operations import Occupation
from dayclear.sampling.models import TestDuty
from dayclear.sampling.rules.schedule import next_due

COUNTY = 3
# An entry of a register ends: whoever still works there is entered again.
LONGEST = timedelta(days=366)
_LOOK_BACK = timedelta(days=3)


def groups_at(area: int, disease: str, at: datetime) -> dict[str, Occupation]:
    """The classes of posts that the pack in force tests by routine; none where no pack answers."""
    try:
        policy = policy_at(at, ancestor(area, COUNTY), disease)
    except NoPolicyInForce:
        return {}
    return dict(policy.rules.testing.occupations) if policy.rules.testing else {}


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
        for area in {ancestor(each, COUNTY) for each in areas.values()}:
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
        row = rows.select_for_update().first()
        if row is None:
            raise Refused(refuse("not_found"))
        row.ended_on = local_day(now)
        row.save(update_fields=["ended_on"])
        record("sampling.duty_ended", f"sampling.duty:{row.pk}", by=by, at=now, area=row.area)


def close_duties(*, by: Actor, now: datetime) -> int:
    """Note the swabs of the past days on the schedule, and end what has run out; returns how many swabs were noted.

    By the clock and for all at once: an upload at the end of a shift must not wait for it.
    """
    by.require(Right.RUN_SAMPLING)
    today = local_day(now)
    TestDuty.objects.filter(ended_on=None, ends_on__lt=today).update(ended_on=today)
    noted = 0
    for duty, swabbed_on in _swabbed(today - _LOOK_BACK):
        occupation = groups_at(duty.area, duty.disease, now).get(duty.group)
        if occupation is None:
            # The pack asks this group no longer: the schedule ends with it.
            TestDuty.objects.filter(pk=duty.pk).update(ended_on=today, last_swab_on=swabbed_on)
            continue
        often = occupation.often
        due_on = next_due(swabbed_on, starts_on=duty.starts_on, times=often.times, per=often.per)
        noted += TestDuty.objects.filter(pk=duty.pk).update(last_swab_on=swabbed_on, due_on=due_on)
    return noted


def _swabbed(since: date) -> list[tuple[TestDuty, date]]:
    """Open duties with a swab newer than the one they know."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id, s.day FROM sampling_test_duty d
            CROSS JOIN LATERAL (
                SELECT max(s.day) AS day FROM sampling_swab s WHERE s.person = d.person_id AND s.day >= %s) s
            WHERE d.ended_on IS NULL AND s.day IS NOT NULL AND s.day > coalesce(d.last_swab_on, '-infinity')
            """,
            [since],
        )
        days = dict(cursor.fetchall())
    return [(duty, days[duty.pk]) for duty in TestDuty.objects.filter(pk__in=days)]
