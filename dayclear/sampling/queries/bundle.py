"""What a device takes along for a shift without a server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from dayclear.foundation.areas import area_of
from dayclear.places.queries import names_of
from dayclear.sampling.keys import key_id, signing_key
from dayclear.sampling.models import Device, Exclusion, NumberBlock, Point, ResidentCode, Round, RoundPoint
from dayclear.sampling.signatures import jwk_of
from dayclear.sampling.tokens import make_tokens, token_digest

# A round that begins within so long comes along: a shift is planned the evening before.
_AHEAD = timedelta(hours=36)


def bundle_of(device: Device, *, now: datetime) -> dict[str, Any]:
    """Rounds, points, numbers, keys and lists for a device, as JSON.

    Shape: `revoked` are serials' tokens and `excluded` people's, both as digests (`tokens.token_digest`).
    """
    inside, key = area_of(device.area), signing_key().public_key()
    return {
        "server_time": now.isoformat(),
        "device": {"id": device.pk, "name": device.name, "last_counter": device.last_counter},
        "rounds": _rounds(device, now),
        "points": [
            {"id": point.pk, "code": point.code, "name": point.name, "lanes": point.lanes}
            for point in Point.objects.filter(area__range=(inside.lo, inside.hi), ended_at=None).order_by("code", "pk")
        ],
        "blocks": [
            {"first": block.first, "last": block.last, "roll": block.is_roll}
            for block in NumberBlock.objects.filter(device=device, revoked_at=None).order_by("first")
        ],
        "resident_keys": [{**jwk_of(key), "kid": key_id(key).hex()}],
        "excluded": _excluded(inside.lo, inside.hi, now),
        "revoked": _digests(
            ResidentCode.objects.filter(
                area__range=(inside.lo, inside.hi), revoked_at__isnull=False, expires_at__gt=now
            ).values_list("person_id", "serial")
        ),
        "room_temperature_hours": settings.DAYCLEAR_SAMPLING["room_temperature"],
    }


def _rounds(device: Device, now: datetime) -> list[dict[str, Any]]:
    inside = area_of(device.area)
    rounds = [
        row
        for row in Round.objects.filter(state="open", starts_at__lte=now + _AHEAD, ends_at__gt=now).order_by(
            "starts_at"
        )
        if row.area in inside or device.area in area_of(row.area)
    ]
    points: dict[int, list[int]] = {}
    for row, point in RoundPoint.objects.filter(round__in=rounds).values_list("round_id", "point_id"):
        points.setdefault(row, []).append(point)
    names = names_of({row.area for row in rounds})
    return [
        {
            "id": row.pk,
            "name": row.name,
            "area": names[row.area].full_name if row.area in names else "",
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "people_per_tube": row.people_per_tube,
            "group": row.group,
            "by_household": row.by_household,
            "points": sorted(points.get(row.pk, [])),
        }
        for row in rounds
    ]


def _excluded(lo: int, hi: int, now: datetime) -> list[str]:
    people = Exclusion.objects.filter(area__range=(lo, hi), ended_at=None, ends_at__gt=now).values("person_id")
    codes = ResidentCode.objects.filter(person_id__in=people, expires_at__gt=now)
    return _digests(codes.values_list("person_id", "serial"))


def _digests(codes: Iterable[tuple[int, int]]) -> list[str]:
    return sorted(token_digest(token) for token in make_tokens(list(codes)))
