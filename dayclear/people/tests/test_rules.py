"""When two rows may be one human."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.people.rules import REVIEW_FROM, PersonFacts, contradicts, is_masked_name, likeness

DAY = date(2022, 8, 1)
ONE = PersonFacts(
    name="张三", sex="male", age_months=540, age_on=DAY, area=610113001 * 10**9, id_number_hash=None, phone_hash=b"p"
)


@pytest.mark.parametrize(
    ("other", "review"),
    [
        pytest.param(replace(ONE), True, id="everything the same"),
        pytest.param(replace(ONE, phone_hash=None), True, id="no phone, same township"),
        pytest.param(PersonFacts(name="张三"), False, id="a name alone"),
        pytest.param(PersonFacts(name="张三", sex="male"), False, id="a name and a sex"),
        pytest.param(replace(ONE, sex="female"), False, id="another sex"),
        pytest.param(replace(ONE, name="李四"), False, id="another name"),
        pytest.param(replace(ONE, age_months=540 + 60), False, id="five years older"),
        pytest.param(replace(ONE, area=460105001 * 10**9, phone_hash=None), False, id="another province, no phone"),
        pytest.param(
            replace(ONE, age_on=date(2027, 8, 1), age_months=600), True, id="five years later, five years older"
        ),
    ],
)
def test_who_is_alike_enough_is_put_before_a_reviewer(other: PersonFacts, review: bool) -> None:
    assert (likeness(ONE, other).score >= REVIEW_FROM) is review


def test_an_identity_number_settles_it_either_way() -> None:
    first, same, different = (replace(ONE, id_number_hash=digest) for digest in (b"a", b"a", b"b"))
    assert likeness(first, replace(same, name="李四")).score == 100
    assert likeness(first, different).score == 0


_people = st.builds(
    PersonFacts,
    name=st.sampled_from(["", "张三", "李四"]),
    sex=st.sampled_from(["male", "female", "unknown"]),
    born_on=st.none() | st.dates(date(1930, 1, 1), DAY),
    age_months=st.none() | st.integers(0, 1200),
    age_on=st.just(DAY),
    area=st.sampled_from([0, 61 * 10**16, 610113 * 10**12, 610113001 * 10**9, 460105 * 10**12]),
    id_number_hash=st.none() | st.sampled_from([b"a", b"b"]),
    phone_hash=st.none() | st.sampled_from([b"p", b"q"]),
)


@given(_people, _people)
def test_likeness_is_the_same_from_both_sides_and_between_0_and_100(one: PersonFacts, other: PersonFacts) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other).score <= 100


@given(_people, _people)
def test_only_an_equal_identity_number_is_certain(one: PersonFacts, other: PersonFacts) -> None:
    if likeness(one, other).score == 100:
        assert one.id_number_hash == other.id_number_hash is not None


@pytest.mark.parametrize("name", ["", "张某", "张某某", "李XX", "王**", "xxx", "欧阳某"])
def test_a_blotted_out_name_identifies_nobody(name: str) -> None:
    assert is_masked_name(name)


@pytest.mark.parametrize("name", ["张三", "Maxim Petrov", "阿不都", "Alex"])
def test_a_whole_name_is_not_taken_for_a_blotted_out_one(name: str) -> None:
    assert not is_masked_name(name)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param(ONE, None, id="the same"),
        pytest.param(PersonFacts(name="张某", sex="male"), None, id="a masked name of the same family"),
        pytest.param(PersonFacts(name="李某", sex="male"), "other_name", id="a masked name of another family"),
        pytest.param(PersonFacts(name="李四", sex="male"), "other_name", id="another name"),
        pytest.param(PersonFacts(sex="female"), "other_sex", id="another sex"),
        pytest.param(PersonFacts(age_months=100, age_on=DAY), "other_age", id="another age"),
        pytest.param(PersonFacts(), None, id="nothing said"),
    ],
)
def test_two_descriptions_under_one_number_may_contradict_each_other(other: PersonFacts, why: str | None) -> None:
    assert contradicts(ONE, other) == why
