"""How a finding goes on, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dayclear.supervision.rules import (
    CLOSE_CAUSES,
    STATES,
    Standing,
    due_after,
    may_answer,
    may_close,
    may_recheck,
    may_rectify,
)

OWNER, OTHER = 1, 2


@pytest.mark.parametrize(
    ("state", "text", "codes"),
    [
        pytest.param("open", "we lift it today", (), id="an open one"),
        pytest.param("open", "  ", ("answer_missing",), id="nothing said"),
        pytest.param("answered", "once more", ("finding_state",), id="answered already"),
        pytest.param("closed", "late", ("finding_state",), id="closed"),
    ],
)
def test_a_finding_is_answered_once_in_words(state: str, text: str, codes: tuple[str, ...]) -> None:
    assert may_answer(Standing(state), text).codes == codes


@pytest.mark.parametrize(
    ("state", "remedy", "codes"),
    [
        pytest.param("open", "ended the closure", (), id="put right at once"),
        pytest.param("answered", "ended the closure", (), id="put right after the answer"),
        pytest.param("answered", "", ("remedy_missing",), id="not said how"),
        pytest.param("rectified", "again", ("finding_state",), id="reported already"),
    ],
)
def test_a_finding_is_reported_as_put_right_with_what_was_done(state: str, remedy: str, codes: tuple[str, ...]) -> None:
    assert may_rectify(Standing(state), remedy).codes == codes


@pytest.mark.parametrize(
    ("by", "codes"),
    [
        pytest.param(OTHER, (), id="somebody else"),
        pytest.param(OWNER, ("own_finding",), id="whoever put it right"),
        pytest.param(None, ("own_finding",), id="nobody"),
    ],
)
def test_nobody_checks_what_they_put_right_themselves(by: int | None, codes: tuple[str, ...]) -> None:
    assert may_recheck(Standing("rectified", touched_by=frozenset({OWNER})), by).codes == codes


@pytest.mark.parametrize(
    ("standing", "cause", "reason", "by", "codes"),
    [
        pytest.param(Standing("rechecked"), "put_right", "seen on site", OTHER, (), id="checked again"),
        pytest.param(Standing("rectified"), "put_right", "trust", OTHER, ("finding_state",), id="not checked again"),
        pytest.param(Standing("answered", contested=True), "lawful", "the pack says so", OTHER, (), id="contested"),
        pytest.param(
            Standing("answered"), "lawful", "fine", OTHER, ("not_contested",), id="the owner agreed it is wrong"
        ),
        pytest.param(
            Standing("answered", True, frozenset({OWNER})),
            "lawful",
            "mine",
            OWNER,
            ("own_finding",),
            id="the owner's own word",
        ),
        pytest.param(Standing("rechecked"), "put_right", " ", OTHER, ("reason_missing",), id="without a reason"),
        pytest.param(
            Standing("open"), "facts_gone", "gone", OTHER, ("close_cause_wrong",), id="only the sweep says gone"
        ),
        pytest.param(Standing("open"), "tired", "of it", OTHER, ("close_cause_wrong",), id="no such ground"),
    ],
)
def test_a_finding_is_closed_on_a_ground_by_somebody_else(
    standing: Standing, cause: str, reason: str, by: int, codes: tuple[str, ...]
) -> None:
    assert may_close(standing, cause, reason, by).codes == codes


@pytest.mark.parametrize("state", STATES)
def test_no_state_lets_an_untouched_finding_be_closed_before_it_was_looked_at(state: str) -> None:
    closable = {cause for cause in CLOSE_CAUSES if may_close(Standing(state), cause, "why", OTHER).allowed}
    assert closable == ({"put_right"} if state == "rechecked" else set())


def test_the_next_step_is_owed_a_span_after_the_last() -> None:
    at = datetime(2024, 2, 28, 20, tzinfo=UTC)
    assert due_after(at, timedelta(hours=24)) == datetime(2024, 2, 29, 20, tzinfo=UTC)
