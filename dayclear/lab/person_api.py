"""A person's tests through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Path, Router, Schema

from dayclear.foundation import clock
from dayclear.foundation.api import PlaceNumber, RowId, actor_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.lab.codes import PERSON_RESULTS, SNOMED, Code
from dayclear.lab.person_tests import PersonTest, results_of_person
from dayclear.people.queries import open_person
from dayclear.sampling.rules.numbers import printed

router = Router(tags=["people"])


class CodeOut(Schema):
    system: str
    code: str
    display: str


class PersonTestOut(Schema):
    """A swab of a person. `meaning`: awaited, negative, negative_in_pool, positive, single_needed or again."""

    tube: str
    place: PlaceNumber
    taken_at: datetime
    people_in_tube: int
    meaning: str
    code: CodeOut | None = Field(description="SNOMED CT; null where the person has no result of their own")
    tube_result: str | None
    reported_at: datetime | None


@router.get("/{person_id}/tests", response=list[PersonTestOut], operation_id="list_tests_of_person")
def list_tests(request: HttpRequest, person_id: Annotated[RowId, Path()]) -> list[dict[str, Any]]:
    """The latest swabs of a person that were taken in your places, and what each means for them. It is recorded that
    you asked."""
    actor = actor_of(request)
    actor.require(Right.SEE_MEMBERS)
    if open_person(actor, person_id, now=clock.now()) is None:
        raise Refused(refuse("not_found"))
    return [_out(test) for test in results_of_person(actor, person_id)]


def _out(test: PersonTest) -> dict[str, Any]:
    code = PERSON_RESULTS.get(test.meaning)
    return {
        "tube": printed(test.tube),
        "place": test.area,
        "taken_at": test.taken_at,
        "people_in_tube": test.persons,
        "meaning": test.meaning.value,
        "code": _coded(code) if code else None,
        "tube_result": test.state.value if test.state else None,
        "reported_at": test.reported_at,
    }


def _coded(code: Code) -> dict[str, str]:
    return {"system": SNOMED, "code": code.code, "display": code.display}
