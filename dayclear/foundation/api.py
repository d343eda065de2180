"""What every operation of the API shares: pages by key, writes that may be repeated, and who one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, JsonResponse
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE
from dayclear.foundation.deadlines import open_deadlines
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.repetition import answer_once
from dayclear.foundation.rules import RIGHTS, Right
from dayclear.foundation.trail import events_of

ModelRow = TypeVar("ModelRow", bound=Model)
Item = TypeVar("Item")
MOST_ROWS = 500

router = Router()


def _number(value: object) -> object:
    return f"{value:018d}" if isinstance(value, int) and not isinstance(value, bool) else value


def _is_number(value: str) -> str:
    if len(value) != 18 or not value.isascii() or not value.isdecimal() or int(value) not in EVERYWHERE:
        raise ValueError("the number of a place has 18 digits")
    return value


# Eighteen digits are more than a JavaScript number can hold: the number of a place travels as text.
PlaceNumber = Annotated[
    str,
    BeforeValidator(_number),
    AfterValidator(_is_number),
    Field(pattern=r"^[0-9]{18}$", examples=["610113000000000000"]),
]
# The ids of rows: what a bigint holds.
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]


# The number of a row or a place to narrow a list by; empty: all.
NumberAsked = Annotated[str, Field(pattern=r"^([0-9]{1,18})?$")]


def text_without_nul(value: str) -> str:
    """PostgreSQL keeps every character but one."""
    if "\x00" in value:
        raise ValueError("a text cannot hold the character NUL")
    return value


Text = Annotated[str, AfterValidator(text_without_nul)]


class Body(Schema):
    """What a write sends: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class Seen(Body):
    """`seen`: the number of the last event you know of; if more has happened since, the write is refused."""

    seen: int | None = Field(None, ge=0, le=2**31 - 1)


class Paging(Schema):
    """Where to go on and how many rows to give."""

    after: Text = Field("", max_length=400, description="`next` of the page before; empty for the first page")
    limit: int = Field(50, ge=1, le=MOST_ROWS)


Paged = Annotated[Paging, Query()]


class PageOut(Schema, Generic[Item]):
    """A piece of a list. `next` goes into `after` for the next piece; null: this is the last."""

    items: list[Item]
    next: str | None


class Created(Schema):
    """The id of what a write made or changed."""

    id: int


def actor_of(request: HttpRequest) -> Actor:
    """Whoever acts: put there by `config.middleware.ActingUser`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # see ActorRequest
    return actor


def filled(schema: type[Schema], row: object, **said: Any) -> dict[str, Any]:
    """What a schema shows of a row: what is said here, and for the rest what the row calls the same."""
    return said | {name: getattr(row, name) for name in schema.model_fields if name not in said}


def page_of(
    rows: QuerySet[ModelRow], order: Sequence[str], paging: Paging, item: Callable[[ModelRow], Any]
) -> dict[str, Any]:
    """One page of a list by key. Raises: Refused (`bad_cursor`)."""
    page = keyset_page(rows, order, after=paging.after, size=paging.limit)
    return {"items": [item(row) for row in page], "next": page.next_cursor or None}


def written(
    request: HttpRequest, asked: Schema | None, work: Callable[[], tuple[int, Mapping[str, Any]]]
) -> JsonResponse:
    """Answer a write; under an `Idempotency-Key` the same request answers the same, once done.

    Raises: Refused (`key_used_otherwise`, `key_too_long`) and whatever `work` refuses.
    """
    said = [request.method, request.path, asked.model_dump(mode="json") if asked is not None else None]
    key = request.headers.get("Idempotency-Key", "")
    if "\x00" in key:
        raise Refused(refuse("key_too_long", most=128))
    (status, answer), repeated = answer_once(
        f"api:{key}" if key else "", said, work, by=actor_of(request), now=clock.now()
    )
    response = JsonResponse(dict(answer), status=status)
    if repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def written_to(
    request: HttpRequest, row_id: int, said: Schema, work: Callable[[Actor, datetime], object]
) -> JsonResponse:
    """As `written`, for a write about one row: answered by its id."""

    def once() -> tuple[int, dict[str, int]]:
        work(actor_of(request), clock.now())
        return 200, {"id": row_id}

    return written(request, said, once)


class Nothing(Body):
    """A write that says no more than its address does."""


class Whoami(Schema):
    """Who acts, in which role, for which place. `place` 000000000000000000 is the whole installation."""

    user: str
    role: str
    place: PlaceNumber
    rights: list[str]


@router.get("/whoami", response=Whoami, tags=["account"], operation_id="whoami")
def whoami(request: HttpRequest) -> dict[str, Any]:
    """Who you are here, and what you may do."""
    actor = actor_of(request)
    rights = sorted(right.value for right in RIGHTS[actor.role])
    return {"user": actor.label, "role": actor.role.value, "place": actor.area.lo, "rights": rights}


class DeadlineOut(Schema):
    """A clock that runs."""

    kind: str
    subject: str
    place: PlaceNumber
    accountable: PlaceNumber
    policy: str
    opened_at: datetime
    due_at: datetime
    is_late: bool


@router.get("/deadlines", response=PageOut[DeadlineOut], tags=["deadlines"], operation_id="list_deadlines")
def list_deadlines(request: HttpRequest, paging: Paged) -> dict[str, Any]:
    """What is due in your places, the most urgent first."""
    actor, now = actor_of(request), clock.now()
    # The pack's name is the disease's: it is for those who may know why somebody stays at home.
    may_know = actor.may(Right.SEE_CASES)
    return page_of(
        open_deadlines(actor),
        ("due_at", "id"),
        paging,
        lambda row: filled(
            DeadlineOut, row, place=row.area, policy=row.policy if may_know else "", is_late=row.due_at <= now
        ),
    )


class EventOut(Schema):
    """Something that happened. Payloads never hold names or identity numbers."""

    subject: str
    number: int
    kind: str
    at: datetime
    actor: str
    place: PlaceNumber
    payload: dict[str, Any]
    policy: str


@router.get("/events", response=list[EventOut], tags=["events"], operation_id="list_events")
def list_events(
    request: HttpRequest,
    subject: Annotated[Text, Query(min_length=3, max_length=64, description="such as cases.case:17")],
    after_number: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
) -> list[dict[str, Any]]:
    """What happened to one subject in your places, in order."""
    actor = actor_of(request)
    if not actor.may(Right.READ_AUDIT):
        # Events tell of cases: who may not see these, may not see them through the trail.
        actor.require(Right.SEE_CASES)
    rows = events_of(actor, [subject]).filter(number__gt=after_number)[:limit]
    return [filled(EventOut, row, actor=row.actor_label, place=row.area) for row in rows]
