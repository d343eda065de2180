"""Single swabs of members: a tube of one, bound by its label, and brought to the laboratory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, connection, transaction

from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.scope import beyond_scope
from dayclear.sampling.commands.chains.rows import lock_member, write_step
from dayclear.sampling.commands.intake import make_days
from dayclear.sampling.models import ChainMember, NumberBlock, Resample, Swab, Tube
from dayclear.sampling.rules.numbers import parsed, printed

# Tubes that no device closed: a squad wrote them down.
BY_SQUAD = 0


def bind_resample(member_id: int, label: str, *, at: datetime | None = None, by: Actor, now: datetime) -> int:
    """Bind a single swab to a member by the label of its tube; returns the tube's number.

    Where a device has uploaded the tube it must hold this person alone, and its own instant counts; otherwise the tube
    is made here, from numbers that were given to somebody.
    Raises: Refused, as `write_step`; `tube_number_bad`, `tube_not_given`, `tube_taken`, `tube_holds_others`.
    """
    number = parsed(label)
    if number is None:
        raise Refused(refuse("tube_number_bad", tube=label.strip()[:40]))
    with transaction.atomic():
        member = lock_member(member_id, by)
        with beyond_scope():
            tube = Tube.objects.filter(pk=number).first()
            if tube is None and not NumberBlock.objects.filter(first__lte=number, last__gte=number).exists():
                raise Refused(refuse("tube_not_given", tube=printed(number)))
        if tube is not None and not _holds_only(tube, member):
            raise Refused(refuse("tube_holds_others", tube=printed(number)))
        collected = tube.closed_at if tube is not None else at or now
        changes = {"specimen": number, "collected_at": collected, "delivered_at": None, "assayed_at": None}
        write_step(member, "resample", changes, at=collected, by=by, now=now, said={"tube": number})
        try:
            with transaction.atomic():
                Resample.objects.create(tube=number, area=member.area, member=member, bound_at=now)
                if tube is None:
                    _make_tube(number, member, collected, now)
        except IntegrityError:
            raise Refused(refuse("tube_taken", tube=printed(number))) from None
    return number


def deliver_members(member_ids: Sequence[int], *, at: datetime | None = None, by: Actor, now: datetime) -> None:
    """Write down that the single swabs of members have reached a laboratory. Raises: Refused, as `write_step`."""
    with transaction.atomic():
        for member_id in sorted(set(member_ids)):
            member = lock_member(member_id, by)
            write_step(member, "deliver", {"delivered_at": at or now}, at=at or now, by=by, now=now)


def unbind(member: ChainMember) -> None:
    """Take a member's swab back: the tube is free again, and is forgotten where a squad had made it."""
    number = member.specimen
    if number is None:
        return
    Resample.objects.filter(tube=number, member=member).delete()
    with beyond_scope():
        tube = Tube.objects.filter(pk=number, device_id=BY_SQUAD).first()
        if tube is not None:
            Swab.objects.filter(tube=tube.number, day=tube.day).delete()
            tube.delete()
            _tally(tube, -1)


def _holds_only(tube: Tube, member: ChainMember) -> bool:
    with beyond_scope():
        people = list(Swab.objects.filter(tube=tube.number, day=tube.day).values_list("person", flat=True)[:2])
    return people == [member.person_id] and tube.closed_at >= member.alarm_at


def _make_tube(number: int, member: ChainMember, at: datetime, now: datetime) -> None:
    """A tube of one, of the round and the point of the tube that raised the alarm."""
    day = local_day(at)
    with beyond_scope():
        first = Tube.objects.get(pk=member.tube)
        _need_day(day)
        tube = Tube.objects.create(
            number=number,
            area=member.area,
            day=day,
            round_id=first.round_id,
            point_id=first.point_id,
            device_id=BY_SQUAD,
            counter=0,
            kind="persons",
            opened_at=at,
            closed_at=at,
            received_at=now,
            persons=1,
        )
        Swab.objects.create(tube=number, person=member.person_id, day=day, area=member.area)
        _tally(tube, 1)


def _need_day(day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('sampling_swab_' || to_char(%s::date, 'YYYYMMDD')) IS NULL", [day])
        if cursor.fetchone()[0]:
            make_days([day])


def _tally(tube: Tube, more: int) -> None:
    """Count a tube that squads made with the others of its hour, so that closed equals received equals reported."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO sampling_tally AS y (device_id, round_id, point_id, hour, area, tubes, persons)
            VALUES (%(device)s, %(round)s, %(point)s, date_trunc('hour', %(at)s::timestamptz), %(area)s, %(n)s, %(n)s)
            ON CONFLICT (device_id, round_id, point_id, hour)
            DO UPDATE SET tubes = y.tubes + excluded.tubes, persons = y.persons + excluded.persons
            """,
            {
                "device": BY_SQUAD,
                "round": tube.round_id,
                "point": tube.point_id,
                "at": tube.closed_at,
                "area": tube.area,
                "n": more,
            },
        )
