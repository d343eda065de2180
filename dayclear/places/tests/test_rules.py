"""Reading a place out of the words people write."""

from __future__ import annotations

import pytest

from dayclear.foundation.areas import Area, area_of, from_code
from dayclear.places.rules import Gazetteer, short_name

_PLACES = {
    "46": "海南省",
    "4604": "儋州市",
    "460400100": "那大镇",
    "4601": "海口市",
    "469001": "五指山市",
    "11": "北京市",
    "1101": "市辖区",
    "110105": "朝阳区",
    "2113": "朝阳市",
    "2201": "长春市",
    "220104": "朝阳区",
    "61": "陕西省",
    "6101": "西安市",
    "610102": "新城区",
    "610113": "雁塔区",
    "610113001": "小寨路街道",
    "6104": "咸阳市",
    "610481": "兴平市",
    "1501": "呼和浩特市",
    "150102": "新城区",
}


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.of((from_code(code), name) for code, name in _PLACES.items())


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        pytest.param("西安市雁塔区", "610113", "", id="prefecture and county"),
        pytest.param("陕西省西安市雁塔区小寨路街道", "610113001", "", id="down to the township"),
        pytest.param("陕西西安雁塔", "610113", "", id="short names"),
        pytest.param("现居西安市雁塔区", "610113", "", id="with the words before an address"),
        pytest.param("西安市现居西安市雁塔区", "610113", "", id="said twice"),
        pytest.param(
            "西安市高新区枫叶高层43号楼", "6101", "高新区枫叶高层43号楼", id="a development zone is no county"
        ),
        pytest.param("咸阳市兴平市", "610481", "", id="a county-level city"),
        pytest.param("五指山市", "469001", "", id="a county under its province"),
        pytest.param("儋州市那大镇", "460400100", "", id="a township under a prefecture without counties"),
        pytest.param("北京市朝阳区", "110105", "", id="a district past the heading 市辖区"),
        pytest.param("朝阳区", "0", "朝阳区", id="a name that two places share is not guessed"),
        pytest.param("新城区", "0", "新城区", id="nor is this one"),
        pytest.param("小寨路街道", "0", "小寨路街道", id="a township without its county"),
        pytest.param("外星", "0", "外星", id="nowhere"),
        pytest.param("", "0", "", id="nothing"),
    ],
)
def test_an_address_is_read_as_far_as_it_is_certain(gazetteer: Gazetteer, text: str, code: str, rest: str) -> None:
    found = gazetteer.locate(text)
    assert (found.number, found.rest) == (from_code(code) if code != "0" else 0, rest)


def test_the_readers_own_places_settle_a_shared_name(gazetteer: Gazetteer) -> None:
    xian: Area = area_of(from_code("6101"))
    assert gazetteer.locate("新城区", within=xian).number == from_code("610102")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("西安市", "西安"),
        ("广西壮族自治区", "广西"),
        ("城区", "城区"),
        ("浦东新区", "浦东"),
        ("恩施土家族苗族自治州", "恩施土家族苗族"),
    ],
)
def test_a_short_name_leaves_out_the_kind_of_place(name: str, short: str) -> None:
    assert short_name(name) == short
