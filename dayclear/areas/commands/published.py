"""Keeping what published lists show of areas: their lives rebuilt, each held against the pack in force then."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction

from dayclear.areas.models import PublishedArea, PublishedSpell
from dayclear.areas.queries import STRICTEST_FIRST
from dayclear.areas.rules.published import LOWERED, Life, Spell, audit_life, audit_spell, rebuild_lives
from dayclear.foundation.actors import Actor
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.rules import Right
from dayclear.policy.calendar import policy_on_or_none

_BATCH = 1_000
# Thousands of lives ask for the same few days.
_policy = lru_cache(maxsize=1024)(policy_on_or_none)
_DIGEST_BYTES = 16


class ListedArea(NamedTuple):
    """An area as a list names it: where it lies in the register, its county as written, its own name."""

    place: int
    county_name: str
    name: str


Snapshots = Sequence[tuple[datetime, Mapping[ListedArea, str]]]


@dataclass(frozen=True, slots=True)
class ListsStored:
    """What an import of lists came to. Shape: `verdicts` by whole lives, most frequent first."""

    snapshots: int
    areas: int
    spells: int
    created: int
    updated: int
    unchanged: int
    verdicts: dict[str, int]


def store_lists(snapshots: Snapshots, disease: str, *, by: Actor, now: datetime) -> ListsStored:
    """Rebuild the lives of the areas of a file of lists and keep them; the same file again changes nothing.

    Shape: snapshots in order of time.
    Raises: Refused (`right_missing`, `whole_installation_only`, `no_snapshot_rows`, `snapshots_narrower`).
    """
    by.require(Right.IMPORT)
    by.require_everywhere()
    if not any(listed for _at, listed in snapshots):
        raise Refused(refuse("no_snapshot_rows"))
    until = snapshots[-1][0]
    lives = rebuild_lives(snapshots, STRICTEST_FIRST)
    with transaction.atomic():
        known = _known(disease, lives)
        _require_whole(known, snapshots[0][0], until)
        counts: Counter[str] = Counter()
        verdicts: Counter[str] = Counter()
        fresh: list[tuple[PublishedArea, list[PublishedSpell]]] = []
        for life in lives:
            row, spells = _rows(life, disease, until)
            verdicts[row.verdict] += 1
            counts[_keep(known.get(_key(row)), row, spells, fresh)] += 1
        _create(fresh)
        outcome = ListsStored(
            snapshots=len(snapshots),
            areas=len(lives),
            spells=sum(len(life.spells) for life in lives),
            created=counts["created"],
            updated=counts["updated"],
            unchanged=counts["unchanged"],
            verdicts=dict(verdicts.most_common()),
        )
        if outcome.created or outcome.updated:
            record("areas.lists_imported", f"areas.lists:{disease}", by=by, at=now, area=0, payload=asdict(outcome))
    return outcome


def _key(row: PublishedArea) -> tuple[int, bytes, int]:
    return row.area, bytes(row.name_digest), row.number


def _known(disease: str, lives: Sequence[Life[ListedArea]]) -> dict[tuple[int, bytes, int], PublishedArea]:
    places = {life.key.place for life in lives}
    rows = PublishedArea.objects.select_for_update().filter(disease=disease, area__in=places)
    return {_key(row): row for row in rows.prefetch_related("spells").order_by("pk")}


def _require_whole(known: Mapping[Any, PublishedArea], first: datetime, last: datetime) -> None:
    """A file that covers less than what is kept would cut lives short."""
    if not known:
        return
    begins = min(row.opened_at for row in known.values())
    ends = max(row.last_seen_at for row in known.values())
    if begins < first or ends > last:
        raise Refused(refuse("snapshots_narrower", first=f"{local_day(begins)}", last=f"{local_day(ends)}"))


def _rows(life: Life[ListedArea], disease: str, until: datetime) -> tuple[PublishedArea, list[PublishedSpell]]:
    place, county_name, name = life.key

    def areas_on(day: date) -> Any:
        policy = _policy(day, place, disease)
        return policy.rules.areas if policy else None

    whole = audit_life(life.spells, areas_on, until=until, day_of=local_day)
    row = PublishedArea(
        area=place,
        disease=disease,
        name=name,
        county_name=county_name,
        name_digest=hashlib.sha256(f"{county_name}\0{name}".encode()).digest()[:_DIGEST_BYTES],
        number=life.number,
        opened_at=life.spells[0].seen_from_at,
        last_seen_at=life.spells[-1].seen_to_at,
        gone_at=life.spells[-1].gone_at,
        verdict=whole.verdict,
        held_days=whole.held_days,
        beyond_days=whole.beyond_days,
        earliest_on=whole.earliest_on,
    )
    return row, [_spell(life, n, spell, disease, until) for n, spell in enumerate(life.spells)]


def _spell(life: Life[ListedArea], position: int, spell: Spell, disease: str, until: datetime) -> PublishedSpell:
    policy = _policy(local_day(spell.seen_from_at), life.key.place, disease)
    came_down = position > 0 and life.spells[position - 1].outcome == LOWERED
    areas = policy.rules.areas if policy else None
    audit = audit_spell(spell, areas, came_down=came_down, until=until, day_of=local_day)
    return PublishedSpell(
        area=life.key.place,
        position=position,
        policy=policy.version if policy else "",
        **asdict(spell),
        **asdict(audit),
    )


_OF_AREA = ("opened_at", "last_seen_at", "gone_at", "verdict", "held_days", "beyond_days", "earliest_on")
_OF_SPELL = (*(name for name in Spell.__slots__), "policy", "verdict", "clear_days", "earliest_on", "beyond_days")


def _keep(
    known: PublishedArea | None,
    row: PublishedArea,
    spells: list[PublishedSpell],
    fresh: list[tuple[PublishedArea, list[PublishedSpell]]],
) -> str:
    if known is None:
        fresh.append((row, spells))
        return "created"
    kept = sorted(known.spells.all(), key=lambda each: each.position)
    same = _values(known, _OF_AREA) == _values(row, _OF_AREA) and [_values(each, _OF_SPELL) for each in kept] == [
        _values(each, _OF_SPELL) for each in spells
    ]
    if same:
        return "unchanged"
    row.pk = known.pk
    row.save(force_update=True)
    known.spells.all().delete()
    for spell in spells:
        spell.published = row
    PublishedSpell.objects.bulk_create(spells)
    return "updated"


def _values(row: object, names: Sequence[str]) -> list[Any]:
    return [getattr(row, name) for name in names]


def _create(fresh: list[tuple[PublishedArea, list[PublishedSpell]]]) -> None:
    PublishedArea.objects.bulk_create([row for row, _spells in fresh], batch_size=_BATCH)
    for row, spells in fresh:
        for spell in spells:
            spell.published = row
    PublishedSpell.objects.bulk_create([spell for _row, spells in fresh for spell in spells], batch_size=_BATCH)
