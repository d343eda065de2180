from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayclear.foundation.actors import system
from dayclear.foundation.decisions import Refused
from dayclear.foundation.lists import ListColumn, choose_columns, csv_response, estimate_rows, keyset_page
from dayclear.foundation.models import User
from dayclear.foundation.scope import acting

_START = datetime(2021, 12, 1, tzinfo=UTC)
_ORDERS = [
    pytest.param(("last_login", "id"), id="nullable ascending: nulls last"),
    pytest.param(("-last_login", "-id"), id="nullable descending: nulls first"),
    pytest.param(("-last_login", "id"), id="mixed directions"),
    pytest.param(("username", "id"), id="text"),
    pytest.param(("-id",), id="one column"),
]


def _people(days: list[int | None]) -> None:
    with acting(system("tests")):  # rows of other packages hang on accounts, and stand behind a scope
        User.objects.all().delete()
    User.objects.bulk_create(
        User(username=f"user-{index:03d}", last_login=None if day is None else _START + timedelta(days=day))
        for index, day in enumerate(days)
    )


def _walk(order: tuple[str, ...], size: int) -> list[int]:
    seen: list[int] = []
    after = ""
    while True:
        page = keyset_page(User.objects.all(), order, after=after, size=size)
        seen += [user.pk for user in page]
        if not page.next_cursor:
            return seen
        after = page.next_cursor


@pytest.mark.parametrize("order", _ORDERS)
@given(days=st.lists(st.none() | st.integers(0, 3), max_size=12), size=st.integers(1, 5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_walking_the_pages_gives_every_row_once_in_the_order_of_the_list(
    db: None, order: tuple[str, ...], days: list[int | None], size: int
) -> None:
    _people(days)
    assert _walk(order, size) == list(User.objects.order_by(*order).values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_row_that_comes_in_before_the_cursor_moves_nothing_on_the_next_page() -> None:
    _people([0, 1, 2, 3])
    first = keyset_page(User.objects.all(), ("last_login", "id"), size=2)
    User.objects.create(username="late-comer", last_login=_START - timedelta(days=1))
    second = keyset_page(User.objects.all(), ("last_login", "id"), size=2, after=first.next_cursor)
    assert [user.username for user in second] == ["user-002", "user-003"]


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIl0", "é", "WzEsMiwzXQ"])
def test_a_damaged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refused) as refused:
        keyset_page(User.objects.all(), ("last_login", "id"), after=cursor)
    assert refused.value.decision.codes == ("bad_cursor",)


@pytest.mark.django_db
def test_the_whole_list_on_one_page_is_counted_and_a_longer_one_is_estimated() -> None:
    _people([1, 2, 3])
    assert keyset_page(User.objects.all(), ("id",)).exact == 3
    long = keyset_page(User.objects.all(), ("id",), size=2, with_estimate=True)
    assert long.exact is None
    assert long.estimate is not None
    assert estimate_rows(User.objects.filter(username="user-001")) >= 0


@pytest.mark.django_db
def test_a_csv_stands_for_excel_and_runs_no_formula() -> None:
    columns = [
        ListColumn[str]("text", "文字", lambda text: text),
        ListColumn[str]("length", "length", len),
        ListColumn[str]("nothing", "nothing", lambda text: None),
    ]
    rows = ["=1+1", "张三, 李四", "-5"]
    response = csv_response("list", columns, lambda: rows, actor=system("tests"))
    body = response.getvalue().decode()
    assert body == "\ufeff文字,length,nothing\r\n'=1+1,4,\r\n\"张三, 李四\",6,\r\n'-5,2,\r\n"
    assert response.headers["Content-Disposition"] == 'attachment; filename="list.csv"'


def test_the_columns_of_the_address_are_shown_in_the_order_of_the_list() -> None:
    available = [
        ListColumn[str]("a", "A", str),
        ListColumn[str]("b", "B", str, shown=False),
        ListColumn[str]("c", "C", str),
    ]
    assert [column.key for column in choose_columns(available, []).shown] == ["a", "c"]
    assert [column.key for column in choose_columns(available, ["b", "a", "nonsense"]).shown] == ["a", "b"]
