"""Reading the register of places."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import Area, area_of, level_of
from dayclear.places.models import Place
from dayclear.places.rules import Gazetteer

_gazetteers: dict[tuple[str, str], Gazetteer] = {}


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A place as pages show it. `full_name` runs from the province down."""

    number: int
    name: str
    full_name: str
    level: int


def places_of(actor: Actor) -> QuerySet[Place]:
    """The places within the actor's scope."""
    return Place.objects.filter(number__range=(actor.area.lo, actor.area.hi))


def search_places(actor: Actor, words: str, *, limit: int = 20) -> list[Place]:
    """Places within scope by the beginning of their name, pinyin, initials or code; the highest level first."""
    return _search(places_of(actor), words, limit)


def search_register(words: str, *, limit: int = 20) -> list[Place]:
    """As `search_places`, in the whole register."""
    return _search(Place.objects.all(), words, limit)


def _search(places: QuerySet[Place], words: str, limit: int) -> list[Place]:
    text = words.strip()
    if not text:
        return []
    latin = text.lower().replace(" ", "").replace("'", "")
    match = Q(name__startswith=text) | Q(pinyin__startswith=latin) | Q(initials=latin)
    if text.isdecimal():
        match = Q(code__startswith=text)
    return list(places.filter(match).order_by("level", "number")[:limit])


def children_of(number: int) -> QuerySet[Place]:
    """The places right under one. A prefecture without counties has townships for children."""
    area = area_of(number)
    inside = Place.objects.filter(number__range=(area.lo, area.hi)).exclude(number=number)
    level = level_of(number) + 1
    if level == 3 and not inside.filter(level=3).exists():
        level = 4
    if level == 2:
        # Counties that answer to the province itself stand beside the prefectures; headings do not stand at all.
        direct = Q(level=2) & ~Q(name__in=("省直辖县级行政区划", "自治区直辖县级行政区划"))
        return inside.filter(direct | Q(level=3, number__in=_directly_administered(area))).order_by("number")
    return inside.filter(level=level).order_by("number")


def _directly_administered(area: Area) -> QuerySet[Place, int]:
    """Counties whose prefecture digits are 90: no prefecture stands over them."""
    return (
        Place.objects.filter(level=3, number__range=(area.lo, area.hi))
        .extra(where=["number / 100000000000000 %% 100 = 90"])
        .values_list("number", flat=True)
    )


def names_of(numbers: set[int]) -> dict[int, PlaceName]:
    """The names of many places in one question; unknown numbers are absent."""
    rows = Place.objects.filter(number__in=numbers).values_list("number", "name", "full_name", "level")
    return {number: PlaceName(number, name, full_name, level) for number, name, full_name, level in rows}


def gazetteer() -> Gazetteer:
    """The index of every name down to the community, built once per process and state of the register."""
    with connection.cursor() as cursor:
        # A renamed place changes no count: the last import of tables does.
        cursor.execute(
            "SELECT count(*)::text || '/' || coalesce(max(number), 0) || '/' || "
            "coalesce((SELECT last_number FROM foundation_subject WHERE subject = 'places.register:0'), 0) "
            "FROM places_place"
        )
        state = (connection.settings_dict["NAME"], cursor.fetchone()[0])
    built = _gazetteers.get(state)
    if built is None:
        rows = Place.objects.filter(level__range=(1, 5)).order_by("number").values_list("number", "name")
        built = Gazetteer.of(rows.iterator())
        # Only the state of today is kept; another thread may be at it too, so what is returned is our own.
        _gazetteers.clear()
        _gazetteers[state] = built
    return built
