"""Policy packs through the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema

from dayclear.foundation.decisions import Refused, refuse
from dayclear.policy.calendar import NoPolicyInForce, applied, index, of_family_on
from dayclear.policy.diff import diff
from dayclear.policy.loader import Pack, shipped

router = Router(tags=["policies"])

# Ids such as cn-covid-9e+20+10.
PackId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9.+-]+$")]
PackIdAsked = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9.+-]+$")]


class Answer(Schema):
    """Days [start, end) on which a pack answers; null: open."""

    start: date | None
    end: date | None


class PackLine(Schema):
    """A pack: what it is for, what it amends, the days it answers for."""

    pack: str
    name: dict[str, str]
    disease: str
    version: str
    edition: str
    amends: str | None
    answers: list[Answer]


class PackOut(Schema):
    """A pack with every value, its unit, document and clause."""

    pack: str
    version: str
    disease: str
    chain: list[str]
    values: list[dict[str, Any]]


@router.get("", response=list[PackLine], operation_id="list_policies")
def list_packs(request: HttpRequest) -> list[dict[str, Any]]:
    """Every pack, by disease and first day."""
    return [
        {
            "pack": entry.head.pack,
            "name": {"en": entry.head.name.en, "zh": entry.head.name.zh},
            "disease": entry.head.disease,
            "version": entry.version,
            "edition": entry.edition,
            "amends": entry.head.amends,
            "answers": [{"start": start, "end": end} for start, end in entry.answers],
        }
        for entry in index()
    ]


@router.get("/diff", response=dict[str, Any], operation_id="diff_policies")
def diff_packs(request: HttpRequest, before: PackIdAsked, after: PackIdAsked) -> dict[str, Any]:
    """What changes from one pack to another, each change with its document and clause."""
    return diff(_pack(before), _pack(after)).as_json()


@router.get("/{pack}", response=PackOut, operation_id="get_policy")
def get_pack(
    request: HttpRequest,
    pack: PackId,
    at: Annotated[date | None, Query(description="what its family had in force on that day")] = None,
) -> dict[str, Any]:
    """One pack, or what its family had in force on a day."""
    found = _pack(pack)
    try:
        policy = applied(found, None, 0) if at is None else of_family_on(pack, at, 0)
    except NoPolicyInForce:
        raise Refused(refuse("not_found")) from None
    values = found.values if at is None else policy.values
    return {
        "pack": policy.pack,
        "version": policy.version,
        "disease": policy.disease,
        "chain": list(policy.chain),
        "values": [value.as_json() for value in values.values()],
    }


def _pack(pack: str) -> Pack:
    if pack not in shipped():
        raise Refused(refuse("not_found"))
    return shipped().resolve(pack)
