"""Long lists: pages by key, never by offset; estimates, never counts; columns by choice; CSV as a stream."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Model, Q, QuerySet
from django.http import StreamingHttpResponse

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import record
from dayclear.foundation.scope import acting

Row = TypeVar("Row")
ModelRow = TypeVar("ModelRow", bound=Model)

PAGE_SIZE = 50
_CSV_CHUNK = 16_384
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A piece of a long list.

    `after` is the cursor this piece began at, `next_cursor` that of the next (empty: this is the last). `exact` is
    given when the whole list is on this page, `estimate` when the caller asked for one.
    """

    rows: tuple[Row, ...]
    after: str
    next_cursor: str
    exact: int | None
    estimate: int | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(
    rows: QuerySet[ModelRow],
    order: Sequence[str],
    *,
    after: str = "",
    size: int = PAGE_SIZE,
    with_estimate: bool = False,
) -> Page[ModelRow]:
    """The rows that follow a cursor.

    Shape: `order` names columns as in `order_by` ("-counted_on", "-id"); together they must be unique. Nulls stand
    where PostgreSQL puts them: last ascending, first descending, so that a plain index serves.
    Raises: Refused (`bad_cursor`).
    """
    columns = [_Column.of(rows.model, name) for name in order]
    ordered = rows.order_by(*order)
    if after:
        ordered = ordered.filter(_following(columns, _values(columns, after)))
    found = list(ordered[: size + 1])
    more = len(found) > size
    shown = tuple(found[:size])
    return Page(
        rows=shown,
        after=after,
        next_cursor=_cursor(columns, shown[-1]) if more else "",
        exact=len(shown) if not more and not after else None,
        estimate=estimate_rows(rows) if with_estimate and (more or after) else None,
    )


def estimate_rows(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects; never counts."""
    sql, params = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    parsed = json.loads(plan) if isinstance(plan, str) else plan
    return int(parsed[0]["Plan"]["Plan Rows"])


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    descending: bool
    field: Field[Any, Any]

    @classmethod
    def of(cls, model: type[Model], name: str) -> _Column:
        bare = name.removeprefix("-")
        field = model._meta.pk if bare == "pk" else model._meta.get_field(bare)
        if not isinstance(field, Field):
            raise TypeError(name)
        return cls(bare, name.startswith("-"), field)

    def same(self, value: object) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def beyond(self, value: object) -> Q | None:
        """What comes strictly after a value; None when nothing does. A null counts as greater than everything."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.descending else None
        if self.descending:
            return Q(**{f"{self.name}__lt": value})
        greater = Q(**{f"{self.name}__gt": value})
        return greater | Q(**{f"{self.name}__isnull": True}) if self.field.null else greater

    def not_before(self, value: object) -> Q:
        beyond = self.beyond(value)
        return self.same(value) if beyond is None else self.same(value) | beyond


def _following(columns: Sequence[_Column], values: Sequence[object]) -> Q:
    steps = Q(pk__in=[])
    for position, column in enumerate(columns):
        beyond = column.beyond(values[position])
        if beyond is None:
            continue
        for earlier, value in zip(columns[:position], values, strict=False):
            beyond = earlier.same(value) & beyond
        steps |= beyond
    # Says nothing new, and lets the index start at the first column's place instead of at the top.
    if values[0] is not None and not columns[0].field.null:
        operator = "lte" if columns[0].descending else "gte"
        return Q(**{f"{columns[0].name}__{operator}": values[0]}) & steps
    return columns[0].not_before(values[0]) & steps


def _cursor(columns: Sequence[_Column], row: Model) -> str:
    values = []
    for column in columns:
        value = getattr(row, column.field.attname)
        values.append(value.isoformat() if isinstance(value, date | datetime) else value)
    return base64.urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def _values(columns: Sequence[_Column], cursor: str) -> list[object]:
    try:
        raw = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(raw, list) or len(raw) != len(columns):
            raise ValueError(cursor)
        return [
            None if value is None else column.field.to_python(value) for column, value in zip(columns, raw, strict=True)
        ]
    except Exception as damaged:
        raise Refused(refuse("bad_cursor")) from damaged


@dataclass(frozen=True)
class ListColumn(Generic[Row]):
    """One column of a list: its key in the address, its heading, its CSV cell, and whether it shows at first."""

    key: str
    label: Any
    value: Callable[[Row], object]
    shown: bool = True


@dataclass(frozen=True)
class Columns(Generic[Row]):
    """All columns a list has, and those this reader chose."""

    all: tuple[ListColumn[Row], ...]
    shown: tuple[ListColumn[Row], ...]

    def keys(self) -> frozenset[str]:
        return frozenset(column.key for column in self.shown)


def choose_columns(available: Sequence[ListColumn[Row]], wanted: Sequence[str]) -> Columns[Row]:
    """The columns named in the address, in the list's own order; without any, those that show first."""
    known = [column for column in available if column.key in wanted]
    return Columns(tuple(available), tuple(known) or tuple(column for column in available if column.shown))


def record_export(
    name: str, columns: Sequence[ListColumn[Row]], address: Mapping[str, str], *, by: Actor, now: datetime
) -> None:
    """Record that a list of identified people is taken out of the system: by whom, which, and how it was narrowed."""
    payload = {"list": name, "columns": [column.key for column in columns], "narrowed_by": sorted(address)}
    record("foundation.list_exported", f"foundation.export:{name}", by=by, at=now, area=by.area.lo, payload=payload)


def csv_response(
    name: str, columns: Sequence[ListColumn[Row]], rows: Callable[[], Iterable[Row]], *, actor: Actor
) -> StreamingHttpResponse:
    """A list as CSV, streamed: memory stays flat whatever its length.

    The rows are read after the request's own transaction has ended; so the stream opens the actor's scope again.
    Shape: UTF-8 with byte order mark (Excel reads Chinese only so), headings in the reader's language.
    """

    # Headings are put into words now: the stream runs after the reader's language is no longer in force.
    headings = [str(column.label) for column in columns]

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        writer.writerow(headings)
        with acting(actor):
            for row in rows():
                writer.writerow([_cell(column.value(row)) for column in columns])
                if buffer.tell() > _CSV_CHUNK:
                    yield buffer.getvalue()
                    buffer.seek(0)
                    buffer.truncate()
        yield buffer.getvalue()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    text = str(value)
    # A spreadsheet would run a text that begins like a formula.
    return "'" + text if isinstance(value, str) and text.startswith(_FORMULA) else text
