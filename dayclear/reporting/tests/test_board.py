"""The board out of a real database, as three people see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from dayclear.cases.commands import CaseRecord, register_cases
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.scope import acting
from dayclear.people.commands import PersonRecord, register_people
from dayclear.reporting.queries import Asked, board_version, read_board
from dayclear.tracing.commands import Source, link_sources, rebuild_chains, resolve_references
from dayclear.tracing.rules import IntervalLimits

JIA, DING, BING, JI, WU = (
    code * 10**6 for code in (610113001001, 610113002001, 610103001001, 610302001001, 460105001001)
)
COUNTY, OTHER_COUNTY, CITY, PROVINCE, HAINAN = 610113 * 10**12, 610103 * 10**12, 6101 * 10**14, 61 * 10**16, 46 * 10**16
TODAY = date(2021, 12, 29)


@pytest.fixture
def outbreak(administrator: Actor, now: datetime) -> list[int]:
    """Six cases in two provinces, the third known only to its county, the fifth without a day; a chain of three."""
    described: list[tuple[int, dict[str, Any]]] = [
        (JIA, {"under_order": "no", "reported": 21}),
        (DING, {"under_order": "yes", "reported": 24}),
        (COUNTY, {"under_order": "yes", "reported": 24}),
        (BING, {"under_order": "unknown", "reported": 26}),
        (JI, {"under_order": "no"}),
        (WU, {"under_order": "no", "reported": 28}),
    ]
    by = system("tests")
    with acting(by):
        people = register_people([PersonRecord(area=area) for area, _f in described], by=by, now=now, batch="tests:1")
        records = [
            CaseRecord(
                area=area,
                person_id=person,
                disease="covid-19",
                number=f"N{number}",
                days=CaseDays(reported_on=date(2021, 12, facts["reported"]) if "reported" in facts else None),
                under_order=facts["under_order"],
                classification="confirmed",
            )
            for number, (person, (area, facts)) in enumerate(zip(people, described, strict=True), 1)
        ]
        ids = [
            case for case in register_cases(records, by=by, now=now, batch="cases.batch:tests").ids if case is not None
        ]
        named = [(1, DING, "N1"), (3, BING, "N1"), (5, WU, "N9")]
        link_sources(
            [Source(ids[i], area, "covid-19", "", number, number) for i, area, number in named], by=by, now=now
        )
        resolve_references("covid-19", by=by, now=now)
        rebuild_chains("covid-19", limits=IntervalLimits(2, None))
    return ids


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement sent, the bounds of transactions apart."""
    sent: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        # A test runs inside a transaction, where a request's own becomes a savepoint.
        if not str(sql).startswith(("SAVEPOINT", "RELEASE SAVEPOINT")):
            sent.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


def board_of(actor: Actor, **asked: Any) -> Any:
    with acting(actor):
        return read_board(actor, Asked(**asked), today=TODAY)


def test_each_sees_the_outbreak_of_their_own_places(
    outbreak: list[int], county_officer: Actor, province_commander: Actor, administrator: Actor
) -> None:
    assert board_of(county_officer).total.cases == 3
    assert board_of(province_commander).total.cases == 4
    assert board_of(administrator).total.cases == 5


def test_a_community_worker_sees_no_board(outbreak: list[int], village_worker: Actor) -> None:
    with pytest.raises(Refused) as refused:
        board_of(village_worker)
    assert refused.value.decision.codes == ("right_missing",)


def test_a_place_outside_one_s_own_is_not_found(outbreak: list[int], county_officer: Actor) -> None:
    for place in (OTHER_COUNTY, PROVINCE, HAINAN, 0):
        with pytest.raises(Refused) as refused:
            board_of(county_officer, place=place)
        assert refused.value.decision.codes == ("not_found",)


def test_the_split_and_the_undated_are_counted_apart(outbreak: list[int], province_commander: Actor) -> None:
    board = board_of(province_commander)
    assert (board.total.community, board.total.under_order, board.total.without_order_status) == (1, 2, 1)
    assert board.undated == 1
    # The unknown of the 26th leaves only the 27th and 28th certain; today is not over.
    assert (board.zero.certain, board.zero.possible, board.zero.as_of) == (2, 7, date(2021, 12, 28))


def test_parts_add_up_and_name_what_is_known_no_finer(
    outbreak: list[int], county_officer: Actor, province_commander: Actor
) -> None:
    by_township = board_of(county_officer)
    assert by_township.level == 4
    assert {(part.name, part.known_only, part.tally.cases) for part in by_township.parts} == {
        ("小寨路街道", False, 1),
        ("大雁塔街道", False, 1),
        ("雁塔区", True, 1),
    }
    by_prefecture = board_of(province_commander)
    assert [(part.name, part.tally.cases, part.undated) for part in by_prefecture.parts] == [
        ("西安市", 4, 0),
        ("宝鸡市", 0, 1),
    ]
    by_county = board_of(province_commander, level=3)
    assert {part.name: part.tally.cases for part in by_county.parts} == {"雁塔区": 3, "碑林区": 1, "渭滨区": 0}


def test_the_chain_is_counted_whole_and_as_far_as_it_lies_here(
    outbreak: list[int], county_officer: Actor, province_commander: Actor
) -> None:
    (here,) = board_of(county_officer).chains
    assert (here.members, here.size, here.longest, here.largest) == (2, 3, 1, 2)
    (whole,) = board_of(province_commander).chains
    assert (whole.members, whole.size) == (3, 3)


def test_without_a_case_there_is_no_board(administrator: Actor) -> None:
    assert board_of(administrator) is None


def test_the_version_changes_with_a_case_and_not_by_itself(
    outbreak: list[int], administrator: Actor, now: datetime
) -> None:
    with acting(administrator):
        before = board_version(0)
        assert board_version(0) == before
        (person,) = register_people([PersonRecord(area=JIA)], by=administrator, now=now, batch="tests:2")
        record = CaseRecord(area=JIA, person_id=person, disease="covid-19", number="N7", classification="confirmed")
        register_cases([record], by=administrator, now=now, batch="cases.batch:tests")
        assert board_version(0) != before


def test_the_page_takes_at_most_eight_statements(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor, administrator: Actor
) -> None:
    for actor in (province_commander, administrator):
        client = client_of(actor)
        client.get("/board/")
        with statements() as sent:
            answer = client.get("/board/?from=2021-12-21&to=2021-12-29")
        assert answer.status_code == 200
        assert len(sent) <= 8, sent


def test_an_unchanged_board_is_told_by_one_statement_of_its_own(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor
) -> None:
    client = client_of(province_commander)
    etag = client.get("/board/").headers["ETag"]
    with statements() as sent:
        answer = client.get("/board/", headers={"HX-Request": "true", "If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    # Session, person, scope in and out; and one for the version.
    assert len(sent) == 5, sent


def test_the_sentence_says_the_figures_and_links_them(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor
) -> None:
    text = client_of(province_commander).get("/board/?from=2021-12-21&to=2021-12-28").content.decode()
    behind = f"/cases/?disease=covid-19&amp;place={PROVINCE}&amp;from=2021-12-21&amp;to=2021-12-28"
    assert f'<a href="{behind}">4</a> cases' in text
    assert "under_order=no" in text
    assert "missing=day" in text


def test_under_htmx_only_the_main_part_is_sent(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor
) -> None:
    text = client_of(province_commander).get("/board/", headers={"HX-Request": "true"}).content.decode()
    assert text.lstrip().startswith("<main")
    assert "<html" not in text


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("from=yesterday", id="no date"),
        pytest.param("place=here", id="no number"),
        pytest.param(f"place={10**18}", id="one past the last number"),
        pytest.param("level=²", id="a digit that is no digit"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_name(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor, address: str
) -> None:
    answer = client_of(province_commander).get(f"/board/?{address}")
    assert answer.status_code == 409
    assert address.split("=")[0] in answer.content.decode()


@pytest.mark.parametrize("name", ["daily", "places"])
@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        pytest.param("json", b'{"', id="for the page"),
        pytest.param("png", b"\x89PNG", id="picture"),
        pytest.param("svg", b"<svg", id="drawing"),
        pytest.param("csv", b"\xef\xbb\xbf", id="rows"),
    ],
)
def test_every_chart_can_be_taken_along(
    outbreak: list[int],
    client_of: Callable[[Actor], Client],
    province_commander: Actor,
    name: str,
    kind: str,
    begins: bytes,
) -> None:
    answer = client_of(province_commander).get(f"/board/charts/{name}.{kind}")
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


def test_the_picture_says_what_it_shows(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor
) -> None:
    text = client_of(province_commander).get("/board/charts/daily.svg?from=2021-12-21&to=2021-12-28").content.decode()
    for said in ("New cases per day", "陕西省", "21–28 Dec 2021", "As of", "Source"):
        assert said in text


def test_places_are_found_by_pinyin_within_one_s_own(
    outbreak: list[int], client_of: Callable[[Actor], Client], province_commander: Actor
) -> None:
    client = client_of(province_commander)
    assert "雁塔区" in client.get("/board/places?q=yanta").content.decode()
    assert "秀英区" not in client.get("/board/places?q=xiuying").content.decode()


def test_the_empty_board_says_how_to_begin(client_of: Callable[[Actor], Client], administrator: Actor) -> None:
    assert "/imports/new" in client_of(administrator).get("/board/").content.decode()
