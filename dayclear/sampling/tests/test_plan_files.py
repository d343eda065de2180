"""The planner's lists: read whole or not at all."""

from __future__ import annotations

import pytest

from dayclear.foundation.decisions import Refused
from dayclear.sampling.plan_files import read_candidates, read_communities
from dayclear.sampling.rules.planning import Candidate, Community


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"name,people,latitude,longitude\nEast,1200,34.2,108.9\n", id="plain"),
        pytest.param("\ufeffname,people,latitude,longitude\nEast,1200,34.2,108.9\n".encode(), id="byte order mark"),
        pytest.param(
            "名称,人数,纬度,经度,备注\nEast,1200,34.2,108.9,x\n".encode("gb18030"), id="chinese, another column"
        ),
        pytest.param(b"Name, People ,LATITUDE,longitude\nEast, 1200 ,34.2,108.9\n", id="capitals and blanks"),
    ],
)
def test_communities_are_read_as_lists_are_headed(content: bytes) -> None:
    assert read_communities(content) == [Community("East", 1200, 34.2, 108.9)]


def test_candidates_have_a_code_and_lanes() -> None:
    content = b"code,name,latitude,longitude,lanes\nH1,Hall,34.2,108.9,4\n"
    assert read_candidates(content) == [Candidate("H1", "Hall", 34.2, 108.9, 4)]


@pytest.mark.parametrize(
    ("line", "column"),
    [
        pytest.param("East,-3,34.2,108.9", "people", id="fewer than nobody"),
        pytest.param("East,12.5,34.2,108.9", "people", id="half a person"),
        pytest.param("East,12,91,108.9", "latitude", id="beyond the pole"),
        pytest.param("East,12,nan,108.9", "latitude", id="no number"),
        pytest.param("East,12,34.2,", "longitude", id="nothing"),
        pytest.param("East,12,34.2", "longitude", id="cut"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_read(line: str, column: str) -> None:
    content = f"name,people,latitude,longitude\nWest,5,34.2,108.8\n{line}\n".encode()
    with pytest.raises(Refused) as refused:
        read_communities(content)
    (reason,) = refused.value.decision.reasons
    assert (reason.code, reason.params) == ("list_line_bad", {"line": 3, "column": column})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"name,people\nEast,12\n", "list_columns_missing", id="without a position"),
        pytest.param(b"", "list_columns_missing", id="empty"),
        pytest.param(b"\xff\xfe\x00\x01\xff", "list_unreadable", id="no text"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_communities(content)
    assert refused.value.decision.codes == (code,)
