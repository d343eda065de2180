"""Pooling arithmetic against published and recomputed reference values.

The values of the schemes with errors were made by R's binGroup2 1.3.1; the others by enumeration.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayclear.sampling.rules.pooling import (
    POOLING_PAYS_BELOW,
    Assay,
    advise,
    best_of,
    best_square_array,
    best_three_stage,
    best_two_stage,
    ct_shift,
    hypercube_tests_per_person,
    pays_below,
    prevalence_from_tubes,
    recall_worth,
    square_array,
    square_array_with_master,
    swap_at,
    three_stage,
    two_stage,
)

HAINAN = 9_450_000

BEST = [
    pytest.param(0.01, 101, 0.019951, id="0.01 %"),
    pytest.param(0.05, 45, 0.044476, id="0.05 %"),
    pytest.param(0.1, 32, 0.062759, id="0.1 %"),
    pytest.param(0.2, 23, 0.088480, id="0.2 %"),
    pytest.param(0.5, 15, 0.139098, id="0.5 %"),
    pytest.param(1, 11, 0.195571, id="1 %"),
    pytest.param(1.5, 9, 0.238288, id="1.5 %"),
    pytest.param(2, 8, 0.274237, id="2 %"),
    pytest.param(3, 6, 0.333695, id="3 %"),
    pytest.param(4, 6, 0.383909, id="4 %"),
    pytest.param(5, 5, 0.426219, id="5 %"),
    pytest.param(6, 5, 0.466096, id="6 %"),
    pytest.param(7, 4, 0.501948, id="7 %"),
    pytest.param(8, 4, 0.533607, id="8 %"),
    pytest.param(9, 4, 0.564250, id="9 %"),
    pytest.param(10, 4, 0.593900, id="10 %"),
    pytest.param(12, 4, 0.650305, id="12 %"),
    pytest.param(13, 3, 0.674830, id="13 %"),
    pytest.param(15, 3, 0.719208, id="15 %"),
    pytest.param(20, 3, 0.821333, id="20 %"),
    pytest.param(30, 3, 0.990333, id="30 %"),
]


@pytest.mark.parametrize(("percent", "size", "per_person"), BEST)
def test_the_best_size_of_a_tube(percent: float, size: int, per_person: float) -> None:
    best = best_two_stage(percent / 100)
    assert (best.people, round(best.tests_per_person, 6)) == (size, per_person)


FIXED = [
    pytest.param(0.01, 5, 0.200500, id="0.01 % in 5"),
    pytest.param(0.01, 10, 0.101000, id="0.01 % in 10"),
    pytest.param(0.01, 20, 0.051998, id="0.01 % in 20"),
    pytest.param(0.05, 5, 0.202498, id="0.05 % in 5"),
    pytest.param(0.05, 10, 0.104989, id="0.05 % in 10"),
    pytest.param(0.05, 20, 0.059953, id="0.05 % in 20"),
    pytest.param(0.1, 5, 0.204990, id="0.1 % in 5"),
    pytest.param(0.1, 10, 0.109955, id="0.1 % in 10"),
    pytest.param(0.1, 20, 0.069811, id="0.1 % in 20"),
    pytest.param(0.2, 5, 0.209960, id="0.2 % in 5"),
    pytest.param(0.2, 10, 0.119821, id="0.2 % in 10"),
    pytest.param(0.2, 20, 0.089249, id="0.2 % in 20"),
    pytest.param(0.5, 5, 0.224751, id="0.5 % in 5"),
    pytest.param(0.5, 10, 0.148890, id="0.5 % in 10"),
    pytest.param(0.5, 20, 0.145390, id="0.5 % in 20"),
    pytest.param(1, 5, 0.249010, id="1 % in 5"),
    pytest.param(1, 10, 0.195618, id="1 % in 10"),
    pytest.param(1, 20, 0.232093, id="1 % in 20"),
    pytest.param(1.5, 5, 0.272783, id="1.5 % in 5"),
    pytest.param(1.5, 10, 0.240270, id="1.5 % in 10"),
    pytest.param(1.5, 20, 0.310864, id="1.5 % in 20"),
    pytest.param(2, 5, 0.296079, id="2 % in 5"),
    pytest.param(2, 10, 0.282927, id="2 % in 10"),
    pytest.param(2, 20, 0.382392, id="2 % in 20"),
    pytest.param(3, 5, 0.341266, id="3 % in 5"),
    pytest.param(3, 10, 0.362576, id="3 % in 10"),
    pytest.param(3, 20, 0.506206, id="3 % in 20"),
    pytest.param(4, 5, 0.384627, id="4 % in 5"),
    pytest.param(4, 10, 0.435167, id="4 % in 10"),
    pytest.param(4, 20, 0.607998, id="4 % in 20"),
    pytest.param(5, 5, 0.426219, id="5 % in 5"),
    pytest.param(5, 10, 0.501263, id="5 % in 10"),
    pytest.param(5, 20, 0.691514, id="5 % in 20"),
    pytest.param(6, 5, 0.466096, id="6 % in 5"),
    pytest.param(6, 10, 0.561385, id="6 % in 10"),
    pytest.param(6, 20, 0.759894, id="6 % in 20"),
    pytest.param(7, 5, 0.504312, id="7 % in 5"),
    pytest.param(7, 10, 0.616018, id="7 % in 10"),
    pytest.param(7, 20, 0.815761, id="7 % in 20"),
    pytest.param(8, 5, 0.540918, id="8 % in 5"),
    pytest.param(8, 10, 0.665612, id="8 % in 10"),
    pytest.param(8, 20, 0.861307, id="8 % in 20"),
    pytest.param(9, 5, 0.575968, id="9 % in 5"),
    pytest.param(9, 10, 0.710584, id="9 % in 10"),
    pytest.param(9, 20, 0.898355, id="9 % in 20"),
    pytest.param(10, 5, 0.609510, id="10 % in 5"),
    pytest.param(10, 10, 0.751322, id="10 % in 10"),
    pytest.param(10, 20, 0.928423, id="10 % in 20"),
    pytest.param(20, 5, 0.872320, id="20 % in 5"),
    pytest.param(20, 10, 0.992626, id="20 % in 10"),
    pytest.param(20, 20, 1.038471, id="20 % in 20"),
]


@pytest.mark.parametrize(("percent", "size", "per_person"), FIXED)
def test_tests_per_person_in_tubes_of_five_ten_and_twenty(percent: float, size: int, per_person: float) -> None:
    assert round(two_stage(size, percent / 100).tests_per_person, 6) == per_person


POSITIVE = [
    pytest.param(0.01, 10, 0.001000, id="0.01 % in 10"),
    pytest.param(0.01, 20, 0.001998, id="0.01 % in 20"),
    pytest.param(0.05, 10, 0.004989, id="0.05 % in 10"),
    pytest.param(0.05, 20, 0.009953, id="0.05 % in 20"),
    pytest.param(0.1, 10, 0.009955, id="0.1 % in 10"),
    pytest.param(0.1, 20, 0.019811, id="0.1 % in 20"),
    pytest.param(0.2, 10, 0.019821, id="0.2 % in 10"),
    pytest.param(0.2, 20, 0.039249, id="0.2 % in 20"),
    pytest.param(0.5, 10, 0.048890, id="0.5 % in 10"),
    pytest.param(0.5, 20, 0.095390, id="0.5 % in 20"),
    pytest.param(1, 10, 0.095618, id="1 % in 10"),
    pytest.param(1, 20, 0.182093, id="1 % in 20"),
    pytest.param(1.5, 10, 0.140270, id="1.5 % in 10"),
    pytest.param(1.5, 20, 0.260864, id="1.5 % in 20"),
    pytest.param(2, 10, 0.182927, id="2 % in 10"),
    pytest.param(2, 20, 0.332392, id="2 % in 20"),
    pytest.param(3, 10, 0.262576, id="3 % in 10"),
    pytest.param(3, 20, 0.456206, id="3 % in 20"),
    pytest.param(4, 10, 0.335167, id="4 % in 10"),
    pytest.param(4, 20, 0.557998, id="4 % in 20"),
    pytest.param(5, 10, 0.401263, id="5 % in 10"),
    pytest.param(5, 20, 0.641514, id="5 % in 20"),
    pytest.param(6, 10, 0.461385, id="6 % in 10"),
    pytest.param(6, 20, 0.709894, id="6 % in 20"),
    pytest.param(7, 10, 0.516018, id="7 % in 10"),
    pytest.param(7, 20, 0.765761, id="7 % in 20"),
    pytest.param(8, 10, 0.565612, id="8 % in 10"),
    pytest.param(8, 20, 0.811307, id="8 % in 20"),
    pytest.param(9, 10, 0.610584, id="9 % in 10"),
    pytest.param(9, 20, 0.848355, id="9 % in 20"),
    pytest.param(10, 10, 0.651322, id="10 % in 10"),
    pytest.param(10, 20, 0.878423, id="10 % in 20"),
]


@pytest.mark.parametrize(("percent", "size", "share"), POSITIVE)
def test_the_share_of_tubes_that_turn_positive(percent: float, size: int, share: float) -> None:
    (advice,) = advise(size, percent / 100, [size])
    assert round(advice.positive_tubes, 6) == share


DORFMAN_1943 = {
    1: 20,
    2: 27,
    3: 33,
    4: 38,
    5: 43,
    6: 47,
    7: 50,
    8: 53,
    9: 56,
    10: 59,
    12: 65,
    13: 67,
    15: 72,
    20: 82,
    30: 99,
}


@pytest.mark.parametrize(("percent", "cost"), DORFMAN_1943.items(), ids=str)
def test_the_relative_cost_is_dorfmans(percent: int, cost: int) -> None:
    assert round(best_two_stage(percent / 100).tests_per_person * 100) == cost


@pytest.mark.parametrize(
    ("smaller", "larger", "prevalence"),
    [
        pytest.param(10, 20, 0.00540839, id="ten and twenty"),
        pytest.param(5, 20, 0.01147058, id="five and twenty"),
        pytest.param(5, 10, 0.02363111, id="five and ten"),
    ],
)
def test_where_two_sizes_take_as_many_tests(smaller: int, larger: int, prevalence: float) -> None:
    assert swap_at(smaller, larger) == pytest.approx(prevalence, abs=5e-9)


@pytest.mark.parametrize(
    ("size", "prevalence"),
    [
        pytest.param(5, 0.275220, id="five"),
        pytest.param(10, 0.205672, id="ten"),
        pytest.param(20, 0.139108, id="twenty"),
    ],
)
def test_where_a_size_takes_as_many_tests_as_testing_singly(size: int, prevalence: float) -> None:
    assert round(pays_below(size), 6) == prevalence
    assert two_stage(size, pays_below(size)).tests_per_person == pytest.approx(1)


def test_no_group_saves_a_test_above_three_in_ten() -> None:
    assert round(POOLING_PAYS_BELOW, 6) == 0.306639
    assert best_two_stage(POOLING_PAYS_BELOW - 1e-6).tests_per_person < 1
    assert best_two_stage(POOLING_PAYS_BELOW + 1e-6).tests_per_person > 1


TWO_STAGE = [
    pytest.param(Assay(0.99, 0.99), 0.001, 5, 1.074451, 0.980100, 0.999861, id="0.99 and 0.99 at 0.001 in 5"),
    pytest.param(Assay(0.99, 0.99), 0.001, 10, 1.197560, 0.980100, 0.999812, id="0.99 and 0.99 at 0.001 in 10"),
    pytest.param(Assay(0.99, 0.99), 0.001, 20, 1.588298, 0.980100, 0.999715, id="0.99 and 0.99 at 0.001 in 20"),
    pytest.param(Assay(0.99, 0.99), 0.01, 5, 1.290149, 0.980100, 0.999514, id="0.99 and 0.99 at 0.01 in 5"),
    pytest.param(Assay(0.99, 0.99), 0.01, 10, 2.037056, 0.980100, 0.999052, id="0.99 and 0.99 at 0.01 in 10"),
    pytest.param(Assay(0.99, 0.99), 0.01, 20, 4.769024, 0.980100, 0.998196, id="0.99 and 0.99 at 0.01 in 20"),
    pytest.param(Assay(0.99, 0.99), 0.05, 5, 2.158473, 0.980100, 0.998082, id="0.99 and 0.99 at 0.05 in 5"),
    pytest.param(Assay(0.99, 0.99), 0.05, 10, 5.032378, 0.980100, 0.996276, id="0.99 and 0.99 at 0.05 in 10"),
    pytest.param(Assay(0.99, 0.99), 0.05, 20, 13.773676, 0.980100, 0.993798, id="0.99 and 0.99 at 0.05 in 20"),
    pytest.param(Assay(0.95, 0.995), 0.001, 10, 1.144076, 0.902500, 0.999933, id="0.95 and 0.995 at 0.001 in 10"),
    pytest.param(Assay(0.95, 0.995), 0.001, 20, 1.474430, 0.902500, 0.999886, id="0.95 and 0.995 at 0.001 in 20"),
    pytest.param(Assay(0.95, 0.995), 0.01, 10, 1.953589, 0.902500, 0.999566, id="0.95 and 0.995 at 0.01 in 10"),
    pytest.param(Assay(0.95, 0.995), 0.01, 20, 4.541559, 0.902500, 0.999154, id="0.95 and 0.995 at 0.01 in 20"),
]


@pytest.mark.parametrize(("assay", "prevalence", "size", "tests", "sensitivity", "specificity"), TWO_STAGE)
def test_two_stages_with_an_imperfect_test(
    assay: Assay, prevalence: float, size: int, tests: float, sensitivity: float, specificity: float
) -> None:
    scheme = two_stage(size, prevalence, assay)
    assert round(scheme.tests, 6) == tests
    assert (round(scheme.sensitivity, 6), round(scheme.specificity, 6)) == (sensitivity, specificity)


def test_the_published_example_of_ten_at_one_percent() -> None:
    scheme = two_stage(10, 0.01, Assay(0.99, 0.99))
    positive, negative = scheme.predictive(0.01)
    assert [round(value, 4) for value in (scheme.tests, scheme.tests_per_person, positive, negative)] == [
        2.0371,
        0.2037,
        0.9127,
        0.9998,
    ]
    assert round((scheme.tests_per_person - 1) * 100, 2) == -79.63
    assert round((1 / scheme.tests_per_person - 1) * 100, 2) == 390.90


def test_the_published_order_of_sizes_from_three_to_twenty() -> None:
    schemes = sorted(
        (two_stage(size, 0.01, Assay(0.99, 0.99)) for size in range(3, 21)), key=lambda each: each.tests_per_person
    )
    assert [(each.people, round(each.tests, 4), round(each.tests_per_person, 4)) for each in schemes[:5]] == [
        (11, 2.2383, 0.2035),
        (10, 2.0371, 0.2037),
        (12, 2.4561, 0.2047),
        (9, 1.8528, 0.2059),
        (13, 2.6904, 0.2070),
    ]


THREE_STAGE = [
    pytest.param(Assay(1, 1), 0.01, 9, 3, 1.526757, 1, 1, id="perfect 9:3:1 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 10, 5, 1.681335, 1, 1, id="perfect 10:5:1 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 20, 5, 2.708571, 1, 1, id="perfect 20:5:1 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 20, 10, 3.276545, 1, 1, id="perfect 20:10:1 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 24, 6, 3.261764, 1, 1, id="perfect 24:6:1 at 0.01"),
    pytest.param(Assay(1, 1), 0.001, 10, 5, 1.069810, 1, 1, id="perfect 10:5:1 at 0.001"),
    pytest.param(Assay(1, 1), 0.001, 20, 5, 1.179045, 1, 1, id="perfect 20:5:1 at 0.001"),
    pytest.param(Assay(1, 1), 0.001, 24, 6, 1.238545, 1, 1, id="perfect 24:6:1 at 0.001"),
    pytest.param(Assay(0.99, 0.99), 0.01, 10, 5, 1.693276, 0.970299, 0.999608, id="0.99 10:5:1 at 0.01"),
    pytest.param(Assay(0.99, 0.99), 0.01, 20, 5, 2.742484, 0.970299, 0.999600, id="0.99 20:5:1 at 0.01"),
    pytest.param(Assay(0.99, 0.99), 0.01, 24, 6, 3.295573, 0.970299, 0.999503, id="0.99 24:6:1 at 0.01"),
]


@pytest.mark.parametrize(("assay", "prevalence", "size", "part", "tests", "sensitivity", "specificity"), THREE_STAGE)
def test_three_stages(
    assay: Assay, prevalence: float, size: int, part: int, tests: float, sensitivity: float, specificity: float
) -> None:
    scheme = three_stage(size, part, prevalence, assay)
    assert round(scheme.tests, 6) == tests
    assert (round(scheme.sensitivity, 6), round(scheme.specificity, 6)) == (sensitivity, specificity)


def test_three_stages_need_equal_parts() -> None:
    with pytest.raises(ValueError, match="10 people do not part into groups of 3"):
        three_stage(10, 3, 0.01)


ARRAYS = [
    pytest.param(Assay(1, 1), 0.001, 10, 20.108027, 1, 1, id="perfect 10x10 at 0.001"),
    pytest.param(Assay(1, 1), 0.001, 20, 40.541685, 1, 1, id="perfect 20x20 at 0.001"),
    pytest.param(Assay(1, 1), 0.01, 5, 10.288429, 1, 1, id="perfect 5x5 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 8, 16.932414, 1, 1, id="perfect 8x8 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 10, 21.740447, 1, 1, id="perfect 10x10 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 12, 27.001614, 1, 1, id="perfect 12x12 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 16, 39.523284, 1, 1, id="perfect 16x16 at 0.01"),
    pytest.param(Assay(1, 1), 0.01, 20, 55.966070, 1, 1, id="perfect 20x20 at 0.01"),
    pytest.param(Assay(1, 1), 0.05, 8, 24.732824, 1, 1, id="perfect 8x8 at 0.05"),
    pytest.param(Assay(1, 1), 0.05, 10, 37.987972, 1, 1, id="perfect 10x10 at 0.05"),
    pytest.param(Assay(0.99, 0.99), 0.01, 8, 17.677374, 0.980768, 0.999835, id="0.99 8x8 at 0.01"),
    pytest.param(Assay(0.99, 0.99), 0.01, 10, 22.611237, 0.977616, 0.999836, id="0.99 10x10 at 0.01"),
    pytest.param(Assay(0.99, 0.99), 0.01, 20, 56.953911, 0.970670, 0.999671, id="0.99 20x20 at 0.01"),
]


@pytest.mark.parametrize(("assay", "prevalence", "side", "tests", "sensitivity", "specificity"), ARRAYS)
def test_square_arrays(
    assay: Assay, prevalence: float, side: int, tests: float, sensitivity: float, specificity: float
) -> None:
    scheme = square_array(side, prevalence, assay)
    assert round(scheme.tests, 6) == tests
    assert (round(scheme.sensitivity, 6), round(scheme.specificity, 6)) == (sensitivity, specificity)


@pytest.mark.parametrize(
    ("prevalence", "side", "per_person"),
    [
        pytest.param(0.001, 106, 0.029803, id="one in a thousand"),
        pytest.param(0.005, 38, 0.086145, id="0.5 %"),
        pytest.param(0.01, 25, 0.135475, id="1 %"),
        pytest.param(0.02, 16, 0.211979, id="2 %"),
        pytest.param(0.05, 9, 0.379844, id="5 %"),
        pytest.param(0.1, 7, 0.583307, id="10 %"),
    ],
)
def test_the_best_square_array(prevalence: float, side: int, per_person: float) -> None:
    best = best_square_array(prevalence)
    assert best.people == side * side
    assert best.tests_per_person == pytest.approx(per_person, abs=6e-7)


@pytest.mark.parametrize(
    ("prevalence", "size", "part", "per_person"),
    [
        pytest.param(0.001, 110, 10, 0.029468, id="one in a thousand"),
        pytest.param(0.005, 36, 6, 0.084923, id="0.5 %"),
        pytest.param(0.01, 25, 5, 0.133446, id="1 %"),
        pytest.param(0.02, 16, 4, 0.209182, id="2 %"),
        pytest.param(0.05, 9, 3, 0.376986, id="5 %"),
    ],
)
def test_the_best_three_stages(prevalence: float, size: int, part: int, per_person: float) -> None:
    best_part, best = best_three_stage(prevalence)
    assert (best.people, best_part, round(best.tests_per_person, 6)) == (size, part, per_person)


@given(side=st.integers(2, 30), prevalence=st.floats(1e-6, 0.3))
def test_a_master_tube_spares_the_array_where_nobody_is_infected(side: int, prevalence: float) -> None:
    with_master, without = square_array_with_master(side, prevalence), square_array(side, prevalence)
    nobody = (1 - prevalence) ** (side * side)
    assert with_master.tests == pytest.approx(without.tests + 1 - 2 * side * nobody)


@pytest.mark.parametrize(
    ("prevalence", "per_person"),
    [
        pytest.param(0.0001, 0.0024196, id="one in ten thousand"),
        pytest.param(0.001, 0.0179366, id="one in a thousand"),
        pytest.param(0.005, 0.0678085, id="0.5 %"),
        pytest.param(0.01, 0.1167753, id="1 %"),
        pytest.param(0.02, 0.1958673, id="2 %"),
    ],
)
def test_the_hypercube(prevalence: float, per_person: float) -> None:
    assert round(hypercube_tests_per_person(prevalence), 7) == per_person


INTERVALS = [
    pytest.param(1, 100, 10, 0.00100453, 0.00002532, 0.00558419, id="1 of 100 tubes of 10"),
    pytest.param(5, 100, 10, 0.00511620, 0.00165547, 0.01190104, id="5 of 100 tubes of 10"),
    pytest.param(1, 1000, 10, 0.00010005, 0.00000253, 0.00055729, id="1 of 1000 tubes of 10"),
    pytest.param(20, 1000, 10, 0.00201823, 0.00123264, 0.00311532, id="20 of 1000 tubes of 10"),
    pytest.param(2, 500, 20, 0.00020038, 0.00002424, 0.00072366, id="2 of 500 tubes of 20"),
    pytest.param(0, 100, 10, 0.0, 0.0, 0.00368208, id="0 of 100 tubes of 10"),
]


@pytest.mark.parametrize(("positive", "tubes", "size", "share", "low", "high"), INTERVALS)
def test_prevalence_from_positive_tubes(
    positive: int, tubes: int, size: int, share: float, low: float, high: float
) -> None:
    found = prevalence_from_tubes(positive, tubes, size)
    assert [round(value, 8) for value in (found.share, found.low, found.high)] == [share, low, high]


def test_when_every_tube_is_positive_everybody_may_be() -> None:
    found = prevalence_from_tubes(10, 10, 10)
    assert (found.share, found.high) == (1.0, 1.0)
    assert 0 < found.low < 1


@pytest.mark.parametrize(
    ("positive", "tubes"), [pytest.param(3, 2, id="more than there are"), pytest.param(0, 0, id="none")]
)
def test_positive_tubes_are_among_the_tubes(positive: int, tubes: int) -> None:
    with pytest.raises(ValueError, match="among the tubes"):
        prevalence_from_tubes(positive, tubes, 10)


@pytest.mark.parametrize(
    ("aliquots", "cycles"), [(2, 1.0), (3, 1.5850), (5, 2.3219), (10, 3.3219), (20, 4.3219), (32, 5.0)], ids=str
)
def test_mixing_in_the_laboratory_delays_the_signal(aliquots: int, cycles: float) -> None:
    assert round(ct_shift(aliquots), 4) == cycles


RECALLS = [
    pytest.param(100000, 5, 94.50, 472.5, id="one in 100000 in 5"),
    pytest.param(100000, 10, 94.50, 945.0, id="one in 100000 in 10"),
    pytest.param(100000, 20, 94.49, 1889.8, id="one in 100000 in 20"),
    pytest.param(10000, 5, 944.81, 4724.1, id="one in 10000 in 5"),
    pytest.param(10000, 10, 944.57, 9445.7, id="one in 10000 in 10"),
    pytest.param(10000, 20, 944.10, 18882.1, id="one in 10000 in 20"),
    pytest.param(2000, 5, 4720.28, 23601.4, id="one in 2000 in 5"),
    pytest.param(2000, 10, 4714.38, 47143.8, id="one in 2000 in 10"),
    pytest.param(2000, 20, 4702.62, 94052.5, id="one in 2000 in 20"),
    pytest.param(1000, 5, 9431.12, 47155.6, id="one in 1000 in 5"),
    pytest.param(1000, 10, 9407.59, 94075.9, id="one in 1000 in 10"),
    pytest.param(1000, 20, 9360.76, 187215.2, id="one in 1000 in 20"),
    pytest.param(200, 5, 46779.86, 233899, id="one in 200 in 5"),
    pytest.param(200, 10, 46200.93, 462009, id="one in 200 in 10"),
    pytest.param(200, 20, 45071.55, 901431, id="one in 200 in 20"),
]


@pytest.mark.parametrize(("one_in", "size", "positive_tubes", "recalled"), RECALLS)
def test_whom_a_round_of_hainan_calls_back(one_in: int, size: int, positive_tubes: float, recalled: float) -> None:
    (advice,) = advise(HAINAN, 1 / one_in, [size])
    assert round(advice.positive_tubes, 2) == positive_tubes
    assert advice.recalled == pytest.approx(recalled, abs=0.5 if recalled > 200_000 else 0.05)


def test_the_cheapest_size_moves_with_the_price_of_a_recall() -> None:
    tests_alone = advise(HAINAN, 1 / 1000, [5, 10, 20], cost_per_test=1, cost_per_recall=0)
    with_recalls = advise(HAINAN, 1 / 1000, [5, 10, 20], cost_per_test=1, cost_per_recall=5)
    assert (best_of(tests_alone).size, best_of(with_recalls).size) == (20, 10)


def test_at_the_worth_of_a_recall_two_sizes_cost_the_same() -> None:
    smaller, larger = advise(HAINAN, 1 / 1000, [10, 20])
    worth = recall_worth(smaller, larger)
    assert worth is not None
    even = advise(HAINAN, 1 / 1000, [10, 20], cost_per_test=1, cost_per_recall=worth)
    assert even[0].cost == pytest.approx(even[1].cost)


def test_without_prices_there_is_no_cost_and_the_fewest_tests_are_best() -> None:
    advice = advise(HAINAN, 0.01, [1, 5, 10, 20])
    assert [each.cost for each in advice] == [None] * 4
    assert best_of(advice).size == 10


def test_who_is_tested_singly_is_not_called_back() -> None:
    (single,) = advise(1000, 0.1, [1])
    assert (single.tests, single.recalled) == (1000, 0)
    assert single.positive_tubes == pytest.approx(100)


@given(size=st.integers(2, 50), prevalence=st.floats(1e-7, 0.5), se=st.floats(0.6, 1), sp=st.floats(0.6, 1))
def test_a_part_as_large_as_the_whole_is_only_a_test_repeated(
    size: int, prevalence: float, se: float, sp: float
) -> None:
    two, three = two_stage(size, prevalence, Assay(se, sp)), three_stage(size, size, prevalence, Assay(se, sp))
    assert three.tests <= two.tests + 1 + 1e-9
    assert three.specificity >= two.specificity - 1e-12
    assert three.sensitivity <= two.sensitivity
