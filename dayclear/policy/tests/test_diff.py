"""What one pack changes in another: the Twenty Measures row by row."""

from typing import Any

import pytest

from dayclear.policy.diff import Change, diff
from dayclear.policy.loader import shipped

CONTACT, HIGH = "categories.close_contact", "areas.levels.high"

# measure → path → (before, after); "…" stands for a text or a block that is only there or not.
TWENTY: dict[int, dict[str, tuple[Any, Any]]] = {
    1: {
        f"{CONTACT}.phases.0.days": (7, 5),
        f"{CONTACT}.phases.0.tests": ([1, 2, 3, 5, 7], [1, 2, 3, 5]),
        f"{CONTACT}.phases.1.mode": ("home_monitoring", "home_quarantine"),
        f"{CONTACT}.phases.1.tests": ([3], [1, 3]),
        f"{CONTACT}.phases.1.code_managed": (None, True),
        f"{CONTACT}.phases.1.no_leaving": (None, True),
        f"{CONTACT}.phases.1.conduct": (["no_going_out_except_care", "avoid_public_transport"], None),
        f"{CONTACT}.max_days": (10, 8),
    },
    2: {
        "categories.secondary_contact": ("…", None),
        "forbidden.OG-11.predicate": (None, "category_removed_by_pack"),
    },
    3: {
        "categories.spillover_high.phases.0.mode": ("centralised", "home_quarantine"),
        "categories.spillover_high.phases.0.tests": ([1, 2, 3, 5, 7], [1, 3, 5, 7]),
        "categories.spillover_high.phases.0.code_managed": (None, True),
        "categories.spillover_high.phases.0.no_leaving": (None, True),
    },
    4: {
        "areas.levels.medium": ("…", None),
        "categories.spillover_medium": ("…", None),
        f"{HIGH}.max_unit": ("compound", "building"),
        f"{HIGH}.units": (None, ["unit", "building"]),
        f"{HIGH}.down.to": ("medium", "low"),
        f"{HIGH}.down.clear_days": (7, 5),
        "areas.enlarge_at_will": (None, False),
        "areas.may_enlarge_when": (None, ["risk_unclear", "wide_community_spread"]),
        "areas.lift_in_time": (None, True),
        "forbidden.OG-10.predicate": (None, "area_larger_than_unit_without_ground"),
    },
    5: {
        "categories.post_exit.phases.0.mode": ("home_quarantine", "home_monitoring"),
        "categories.post_exit.phases.0.permitted_modes": (["centralised"], None),
        "categories.post_exit.phases.0.days": (7, 5),
        "categories.post_exit.phases.0.tests": ([1, 4, 7], [1, 3, 5]),
        "categories.post_exit.phases.0.conduct": (
            None,
            ["no_leaving_unless_needed", "avoid_crowds", "avoid_public_transport"],
        ),
        "categories.post_exit.max_days": (7, 5),
    },
    6: {
        "testing.without_outbreak": (None, "listed_posts_and_persons_only"),
        "testing.enlarge_listed": (None, False),
        "testing.whole_population.by_administrative_area": (None, "not_in_general"),
        "testing.whole_population.only_when": (None, ["source_and_chain_unclear", "long_community_spread"]),
        "testing.max_rounds_per_day": (None, 1),
        "forbidden.OG-12.predicate": (None, "round_without_outbreak_or_too_often"),
    },
    7: {
        "travel.flight_circuit_breaker": (True, False),
        "travel.pre_boarding_tests": (2, 1),
        "travel.pre_boarding_within": (None, 48),
    },
    8: {
        "travel.invited_groups.regime": ("point_to_point", "closed_loop_bubble"),
        "travel.invited_groups.code_managed": (None, True),
        "travel.invited_groups.no_leaving": (None, True),
    },
    9: {"diagnosis.inbound_positive_ct_below": (None, 35)},
    10: {
        "categories.inbound.phases.0.days": (7, 5),
        "categories.inbound.phases.0.tests": ([1, 2, 3, 5, 7], [1, 2, 3, 5]),
        "categories.inbound.phases.1.mode": ("home_monitoring", "home_quarantine"),
        "categories.inbound.phases.1.tests": ([3], [1, 3]),
        "categories.inbound.max_days": (10, 8),
        "categories.inbound.no_repeat_at_destination": (None, True),
        "forbidden.OG-13.predicate": (None, "served_days_ignored"),
    },
    11: {"duties.medical_resources.text": (None, "…")},
    12: {"duties.vaccination.text": (None, "…")},
    13: {"duties.medicines.text": (None, "…")},
    14: {
        "duties.vulnerable_registers.text": (None, "…"),
        "duties.vulnerable_registers.groups": (None, ["elderly", "chronically_ill", "pregnant", "dialysis"]),
    },
    15: {"duties.four_earlies.text": (None, "…"), "testing.landing.who": (None, ["cross_province_travellers"])},
    16: {"forbidden.OG-14.predicate": (None, "measure_not_in_pack")},
    17: {"duties.service.text": (None, "…")},
    18: {"duties.schools.text": (None, "…")},
    19: {"duties.enterprises.text": (None, "…")},
    20: {
        "duties.stranded_persons.text": (None, "…"),
        "forbidden.OG-15.predicate": (None, "return_refused"),
    },
}


def bare(side: Any) -> Any:
    if side is None:
        return None
    return "…" if isinstance(side.value, dict) else side.value


def changes(before: str, after: str) -> tuple[Change, ...]:
    return diff(shipped().resolve(before), shipped().resolve(after)).changes


@pytest.mark.parametrize("measure", TWENTY, ids=lambda number: f"measure {number}")
def test_a_measure_of_the_twenty_changes_exactly_this(measure: int) -> None:
    found = {
        each.path: (bare(each.before), bare(each.after))
        for each in changes("cn-covid-9e", "cn-covid-9e+20")
        if each.source is not None and each.source.measure == measure
    }
    assert found == TWENTY[measure]


def test_the_twenty_change_nothing_else_and_each_change_names_its_measure() -> None:
    found = changes("cn-covid-9e", "cn-covid-9e+20")
    assert len(found) == sum(len(each) for each in TWENTY.values())
    for each in found:
        assert each.source is not None
        assert each.source.document == "cn-twenty"
        assert each.source.pack == "cn-covid-9e+20"
        assert each.source.clause.startswith(f"Measure {each.source.measure}")


def test_the_changeover_of_the_eleventh_of_november_is_listed_beside_the_values() -> None:
    found = diff(shipped().resolve("cn-covid-9e"), shipped().resolve("cn-covid-9e+20"))
    lines = [
        (each.rule.subject, each.rule.when.model_dump(exclude_none=True), each.rule.do.action, each.source.tag)
        for each in found.transition
    ]
    assert lines == [
        ("order", {"category": "close_contact", "mode": "centralised", "completed_days": 5}, "convert", "S2"),
        ("order", {"category": "secondary_contact"}, "release", "S2"),
        ("area", {"level": "medium"}, "cancel", "S2"),
        ("area", {"level": "high", "clear_days": 5}, "lower", "S2"),
        ("duty", {"duty": "mass_test", "place": "county_without_cases"}, "stop", "S2"),
    ]
    convert = found.transition[0].rule.do
    assert (convert.mode, convert.days, convert.not_beyond, convert.confirmed_by_a_person) == (
        "home_quarantine",
        3,
        8,
        True,
    )


def test_the_technical_documents_change_this_and_leave_the_twenty_alone() -> None:
    found = {each.path for each in changes("cn-covid-9e+20", "cn-covid-9e+20.1")}
    assert found == {
        "categories.close_contact.phases.0.release.0.condition",
        "categories.close_contact.phases.0.release.1.condition",
        "categories.close_contact.phases.0.release.2.condition",
        "areas.designated_by",
        "areas.advised_by",
        "areas.supported_by",
        "areas.closure_only_inside",
        "areas.not_counted",
        "areas.not_counted_needs_assessment",
        "testing.without_outbreak",
        *(
            f"testing.rounds.district_with_spread.{each}"
            for each in ("when", "scope", "often", "until_rounds_clear", "then_pause", "then_rounds")
        ),
        *(f"testing.landing.{each}" for each in ("voluntary", "free", "leave_at_once", "restricts_movement")),
        "travel.negative_result.flights_and_trains.within",
        "travel.negative_result.hotels_and_sights.within",
        *(
            f"home_quarantine.{each}"
            for each in (
                "subjects",
                "temperature",
                "code_managed",
                "conduct",
                "leaving_for_care",
                "distance",
                "fallback",
            )
        ),
    }


def test_all_of_the_twenty_is_still_there_under_the_technical_documents() -> None:
    whole = {each.path for each in changes("cn-covid-9e", "cn-covid-9e+20.1")}
    assert {path for rows in TWENTY.values() for path in rows} <= whole


def test_a_value_said_again_by_a_later_text_is_restated_not_changed() -> None:
    found = diff(shipped().resolve("cn-covid-9e+20.1"), shipped().resolve("cn-covid-9e+20+10"))
    restated = {each.path: each.source for each in found.restated}
    source = restated[f"{HIGH}.down.clear_days"]
    assert source is not None
    assert (source.document, source.measure) == ("cn-ten", 4)
    assert f"{HIGH}.down.clear_days" not in {each.path for each in found.changes}


def test_every_one_of_the_ten_measures_changes_or_restates_something() -> None:
    found = diff(shipped().resolve("cn-covid-9e+20.1"), shipped().resolve("cn-covid-9e+20+10"))
    measures = {each.source.measure for each in (*found.changes, *found.restated) if each.source}
    assert measures == set(range(1, 11))


def test_a_pack_does_not_differ_from_itself() -> None:
    found = diff(shipped().resolve("measles"), shipped().resolve("measles"))
    assert (found.changes, found.restated) == ((), ())


def test_between_packs_that_do_not_rest_on_each_other_a_lost_value_has_no_clause() -> None:
    lost = [each for each in changes("cn-covid-8e", "cn-covid-9e") if each.kind == "removed"]
    assert {each.source for each in lost} == {None}
    assert "areas.levels.lockdown.down.clear_days" in {each.path for each in lost}


def test_reading_backwards_finds_the_mirror_image() -> None:
    forth = {(each.path, each.kind) for each in changes("cn-covid-9e", "cn-covid-9e+20") if each.kind == "added"}
    back = {(each.path, "added") for each in changes("cn-covid-9e+20", "cn-covid-9e") if each.kind == "removed"}
    assert forth == back
