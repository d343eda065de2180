from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils.translation import override

from dayclear.config.templatetags import parts
from dayclear.foundation.parts import Explanation, Figure, ProblemLine, StripStep, TimelineEntry

NOW = datetime(2021, 12, 29, 4, 0, tzinfo=UTC)


def _draw(source: str, **context: object) -> str:
    with override("en"):
        return Template(source).render(Context({"frame": SimpleNamespace(now=NOW), **context}))


@pytest.mark.parametrize(
    ("opened", "due", "state"),
    [
        pytest.param(-8, 2.7, "calm", id="more than a quarter left"),
        pytest.param(-6, 2, "soon", id="the last quarter begins"),
        pytest.param(-8, 0.01, "soon", id="seconds left"),
        pytest.param(-8, 0, "late", id="due now"),
        pytest.param(-8, -1, "late", id="an hour over"),
    ],
)
def test_a_clock_is_amber_in_its_last_quarter_and_red_once_due(opened: float, due: float, state: str) -> None:
    assert parts.chip_state(NOW + timedelta(hours=opened), NOW + timedelta(hours=due), NOW) == state


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        pytest.param(timedelta(seconds=59), "0 min", "0分钟", id="under a minute"),
        pytest.param(timedelta(minutes=72), "1 h 12 min", "1小时12分钟", id="hours and minutes"),
        pytest.param(timedelta(hours=24), "1 d", "1天", id="a whole day"),
        pytest.param(timedelta(days=3, hours=4, minutes=50), "3 d 4 h", "3天4小时", id="the two largest units"),
        pytest.param(timedelta(minutes=-90), "1 h 30 min", "1小时30分钟", id="over"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(span: timedelta, english: str, chinese: str) -> None:
    with override("en"):
        assert parts.span_text(span) == english
    with override("zh-hans"):
        assert parts.span_text(span) == chinese


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        pytest.param(date(2021, 12, 9), "9 Dec", "12月9日", id="this year"),
        pytest.param(date(2020, 2, 1), "1 Feb 2020", "2020年2月1日", id="another year"),
    ],
)
def test_a_day_has_its_year_only_when_it_is_another_one(day: date, english: str, chinese: str) -> None:
    with override("en"):
        assert parts.day_text(day, date(2021, 12, 29)) == english
    with override("zh-hans"):
        assert parts.day_text(day, date(2021, 12, 29)) == chinese


def test_an_instant_is_local_and_absolute_on_hover() -> None:
    shown = parts.local_time(datetime(2020, 1, 16, 16, 0, tzinfo=UTC))
    assert 'title="2020-01-17 00:00 (UTC+8)"' in shown
    assert parts.local_time(None) == "—"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        pytest.param(None, "age unknown", id="unknown"),
        pytest.param(0, "0 months old", id="a newborn is not of unknown age"),
        pytest.param(23, "23 months old", id="a month under two years"),
        pytest.param(24, "2 years old", id="two years"),
        pytest.param(1200, "100 years old", id="a hundred"),
    ],
)
def test_an_age_is_said_as_people_say_it(months: int | None, said: str) -> None:
    with override("en"):
        assert parts.age(months) == said


def test_a_chip_says_how_much_is_over_and_when_it_was_due() -> None:
    shown = _draw("{% clock_chip opened due %}", opened=NOW - timedelta(hours=9), due=NOW - timedelta(minutes=72))
    assert 'class="chip late"' in shown
    assert "1 h 12 min over" in shown
    assert "due 2021-12-29 10:48 (UTC+8)" in shown


def test_a_figure_not_known_is_a_dash_and_never_a_nought() -> None:
    shown = _draw(
        "{% figures figures %}", figures=[Figure("New cases", None), Figure("Rows", 1234, href="/cases/", of=2000)]
    )
    assert "—" in shown
    assert 'href="/cases/"' in shown
    assert "1,234" in shown
    assert "of 2,000" in shown


def test_the_parts_escape_what_people_wrote() -> None:
    evil = "<script>alert(1)</script>"
    shown = _draw(
        "{% timeline entries %}{% explain explanation %}{% problems lines %}{% masked_value evil %}"
        "{% empty_state evil %}{% endempty_state %}{{ 1|place_name:names }}",
        entries=[TimelineEntry(NOW, evil, evil, evil, evil)],
        explanation=Explanation([(evil, evil)], evil, evil, evil, ends_when=evil),
        lines=[ProblemLine(evil, evil, evil, evil, evil)],
        names={1: SimpleNamespace(name=evil, full_name=evil)},
        evil=evil,
    )
    assert "<script>" not in shown


def test_an_identity_number_is_masked_and_shown_only_by_a_recorded_post() -> None:
    shown = _draw('{% masked_value "110101199003070000" "/people/7/identity" %}')
    assert "110101199003070000" not in shown
    assert 'hx-post="/people/7/identity"' in shown


def test_a_strip_shows_each_stage_and_the_gap_where_it_is() -> None:
    steps = [
        StripStep("closed", 60),
        StripStep("boxed", 60, missing=20, href="/gap", age=timedelta(hours=5), owner="the county", late=True),
        StripStep("received", 40, missing=-3),
        StripStep("reported", 43),
    ]
    drawn = _draw("{% reconciliation_strip steps %}", steps=steps)
    assert [drawn.count(text) for text in ('<a href="/gap" class="chip late">20 missing</a>', "3 too many")] == [1, 1]
    assert drawn.count("oldest 5 h, the county") == 1
    assert drawn.count("=</span>") == 1
