"""Every number of the shipped packs against the texts, and every number founded."""

from datetime import timedelta
from importlib.resources import files

import pytest
import yaml

from dayclear.policy.loader import Pack, shipped
from dayclear.policy.schema import RESTRICTIVE_SECTIONS, AnchoredDay, Frequency, WindowStart

FEB, EIGHTH, NINTH = "cn-covid-2020-02", "cn-covid-8e", "cn-covid-9e"
TWENTY, TECHNICAL, TEN, CLASS_B = "cn-covid-9e+20", "cn-covid-9e+20.1", "cn-covid-9e+20+10", "cn-covid-BB"
ALL = [FEB, EIGHTH, NINTH, TWENTY, TECHNICAL, TEN, CLASS_B, "measles", "ebola", "mpox"]

# id, pack, path, value, unit, tag
VALUES: list[tuple[str, str, str, object, str, str]] = [
    ("2020 tier low: case-free days", FEB, "county_tiers.tiers.low.any_of.1.no_new_case_for", 14, "day", "O"),
    ("2020 tier low: never a case", FEB, "county_tiers.tiers.low.any_of.0.no_case_ever", True, "yes/no", "O"),
    ("2020 tier medium: new case", FEB, "county_tiers.tiers.medium.any_of.0.new_case_within", 14, "day", "O"),
    ("2020 tier medium: 50 is medium", FEB, "county_tiers.tiers.medium.any_of.0.cumulative_at_most", 50, "case", "O"),
    ("2020 tier medium: over 50", FEB, "county_tiers.tiers.medium.any_of.1.cumulative_over", 50, "case", "O"),
    ("2020 tier medium: no cluster", FEB, "county_tiers.tiers.medium.any_of.1.no_cluster_within", 14, "day", "O"),
    ("2020 tier high: over 50", FEB, "county_tiers.tiers.high.any_of.0.cumulative_over", 50, "case", "O"),
    ("2020 tier high: cluster", FEB, "county_tiers.tiers.high.any_of.0.cluster_within", 14, "day", "O"),
    ("2020 tiers count confirmed only", FEB, "county_tiers.counts", "confirmed", "code", "O"),
    ("2020 tiers: low first", FEB, "county_tiers.order", "low_first", "code", "D"),
    ("2020 prefecture", FEB, "county_tiers.prefecture_takes", "highest_of_its_districts", "code", "R"),
    ("2020 suspected: no home isolation", FEB, "categories.suspected.home_isolation_allowed", False, "yes/no", "O"),
    ("2020 severe case", FEB, "categories.confirmed.dispositions.0.to", "designated_hospital", "code", "O"),
    ("2020 contacts", FEB, "categories.close_contact.phases.0.mode", "centralised", "code", "O"),
    ("2020 asymptomatic centralised", FEB, "categories.asymptomatic.phases.0.days", 14, "day", "O"),
    ("2020 asymptomatic gap", FEB, "categories.asymptomatic.phases.0.release.0.gap", 24, "hour", "O"),
    ("2020 asymptomatic afterwards", FEB, "categories.asymptomatic.phases.1.days", 14, "day", "O"),
    ("2020 discharge afebrile", FEB, "discharge.temperature_normal_over", 3, "day", "R"),
    ("2020 discharge tests", FEB, "discharge.tests", 2, "test", "R"),
    ("2020 investigation", FEB, "time_limits.investigation.within", 24, "hour", "R"),
    ("2020 network report", FEB, "time_limits.network_report.within", 2, "hour", "R"),
    ("2020 verification", FEB, "time_limits.verification.within", 2, "hour", "R"),
    ("2020 first case", FEB, "time_limits.first_case_and_cluster_event.within", 2, "hour", "R"),
    ("8e incubation from", EIGHTH, "incubation.shortest", 1, "day", "R"),
    ("8e incubation to", EIGHTH, "incubation.longest", 14, "day", "R"),
    ("8e incubation usual from", EIGHTH, "incubation.usual_from", 3, "day", "R"),
    ("8e incubation usual to", EIGHTH, "incubation.usual_to", 7, "day", "R"),
    ("8e contact days", EIGHTH, "categories.close_contact.phases.0.days", 14, "day", "R"),
    ("8e contact tests", EIGHTH, "categories.close_contact.phases.0.tests", [1, 4, 7, 14], "day of the phase", "R"),
    ("8e contact swab", EIGHTH, "categories.close_contact.phases.0.specimen", "nasopharyngeal", "code", "R"),
    ("8e contact double", EIGHTH, "categories.close_contact.phases.0.double_sampling", True, "yes/no", "R"),
    ("8e contact home days", EIGHTH, "categories.close_contact.phases.1.days", 7, "day", "R"),
    ("8e contact home tests", EIGHTH, "categories.close_contact.phases.1.tests", [2, 7], "day of the phase", "R"),
    ("8e secondary mode", EIGHTH, "categories.secondary_contact.phases.0.mode", "centralised", "code", "R"),
    ("8e secondary days", EIGHTH, "categories.secondary_contact.phases.0.days", 7, "day", "R"),
    ("8e secondary tests", EIGHTH, "categories.secondary_contact.phases.0.tests", [1, 4, 7], "day of the phase", "R"),
    ("8e start of count", EIGHTH, "categories.close_contact.counted_from", "last_exposure", "code", "R"),
    ("8e transfer of contacts", EIGHTH, "time_limits.contact_isolated.within", 12, "hour", "1"),
    ("8e after discharge", EIGHTH, "categories.recovered.phases.0.days", 14, "day", "R"),
    ("8e suspicion: tests", EIGHTH, "suspicion_dropped.tests", 2, "test", "R"),
    ("8e suspicion: gap", EIGHTH, "suspicion_dropped.gap", 24, "hour", "R"),
    ("8e suspicion: antibodies", EIGHTH, "suspicion_dropped.antibodies_negative_after_onset", 7, "day", "R"),
    ("8e asymptomatic centralised", EIGHTH, "categories.asymptomatic.phases.0.days", 14, "day", "R"),
    ("8e asymptomatic home", EIGHTH, "categories.asymptomatic.phases.1.days", 14, "day", "R"),
    (
        "8e home subjects",
        EIGHTH,
        "home_quarantine.subjects",
        ["special_group_contact", "inbound_7_plus_7", "discharged_case", "others_assessed"],
        "code",
        "R",
    ),
    ("8e home instead", EIGHTH, "special_groups.mode", "home_quarantine", "code", "R"),
    ("8e carers", EIGHTH, "special_groups.carers_must_not_be", ["elderly", "chronically_ill"], "code", "R"),
    ("8e occupations", EIGHTH, "testing.occupations.listed_risk.often", "1 per week", "times per period", "1"),
    ("8e lockdown clear days", EIGHTH, "areas.levels.lockdown.down.clear_days", 14, "day", "R"),
    ("8e lockdown contacts", EIGHTH, "areas.levels.lockdown.down.contacts_out_and_negative_for", 14, "day", "R"),
    ("8e lockdown round", EIGHTH, "areas.levels.lockdown.down.round_within", 2, "day", "R"),
    ("8e control clear days", EIGHTH, "areas.levels.control.down.clear_days", 14, "day", "R"),
    ("8e control escalates", EIGHTH, "areas.levels.control.escalates_to", "lockdown", "code", "R"),
    ("8e Beijing closure", EIGHTH, "areas.local_closure.days", 10, "day", "R"),
    (
        "8e Beijing tests",
        EIGHTH,
        "areas.local_closure.tests",
        [1, 3, 5, 7, 10],
        "day of the phase",
        "R",
    ),
    ("8e Beijing antigen", EIGHTH, "areas.local_closure.antigen_tests", [2, 4, 6, 8], "day of the phase", "R"),
    ("8e round ≤ 5 million", EIGHTH, "testing.rounds.up_to_5_million.complete_within", 2, "day", "O"),
    ("8e round > 5 million", EIGHTH, "testing.rounds.over_5_million.complete_within", 3, "day", "O"),
    ("8e unknown source", EIGHTH, "testing.rounds.unknown_source.min_rounds", 3, "round", "O"),
    ("8e every second day", EIGHTH, "testing.rounds.positive_within_14_days.every", 2, "day", "O"),
    ("9e contact days", NINTH, "categories.close_contact.phases.0.days", 7, "day", "R"),
    ("9e contact tests", NINTH, "categories.close_contact.phases.0.tests", [1, 2, 3, 5, 7], "day of the phase", "R"),
    ("9e contact swab", NINTH, "categories.close_contact.phases.0.specimen", "oropharyngeal", "code", "R"),
    ("9e contact double", NINTH, "categories.close_contact.phases.0.double_sampling", False, "yes/no", "R"),
    ("9e contact home mode", NINTH, "categories.close_contact.phases.1.mode", "home_monitoring", "code", "R"),
    ("9e contact home days", NINTH, "categories.close_contact.phases.1.days", 3, "day", "R"),
    ("9e contact home tests", NINTH, "categories.close_contact.phases.1.tests", [3], "day of the phase", "R"),
    ("9e contact maximum", NINTH, "categories.close_contact.max_days", 10, "day", "D"),
    ("9e secondary mode", NINTH, "categories.secondary_contact.phases.0.mode", "home_quarantine", "code", "R"),
    ("9e secondary days", NINTH, "categories.secondary_contact.phases.0.days", 7, "day", "R"),
    ("9e secondary tests", NINTH, "categories.secondary_contact.phases.0.tests", [1, 4, 7], "day of the phase", "R"),
    ("9e secondary index tests", NINTH, "categories.secondary_contact.release.1.tests", 2, "test", "R"),
    ("9e secondary escalates", NINTH, "categories.secondary_contact.escalates.0.to", "close_contact", "code", "R"),
    ("9e inbound", NINTH, "categories.inbound.phases.0.days", 7, "day", "R"),
    ("9e inbound anchor", NINTH, "categories.inbound.counted_from", "entry", "code", "U"),
    ("9e high spillover days", NINTH, "categories.spillover_high.phases.0.days", 7, "day", "R"),
    ("9e high spillover mode", NINTH, "categories.spillover_high.phases.0.mode", "centralised", "code", "R"),
    ("9e high spillover lookback", NINTH, "categories.spillover_high.lookback", 7, "day", "R"),
    ("9e medium spillover mode", NINTH, "categories.spillover_medium.phases.0.mode", "home_quarantine", "code", "R"),
    (
        "9e medium spillover tests",
        NINTH,
        "categories.spillover_medium.phases.0.tests",
        [1, 4, 7],
        "day of the phase",
        "R",
    ),
    ("9e low spillover tests", NINTH, "categories.spillover_low.tests_within.tests", 2, "test", "R"),
    ("9e low spillover days", NINTH, "categories.spillover_low.tests_within.days", 3, "day", "R"),
    ("9e low spillover gap", NINTH, "categories.spillover_low.tests_within.gap", 24, "hour", "R"),
    ("9e post exit days", NINTH, "categories.post_exit.phases.0.days", 7, "day", "O"),
    ("9e post exit tests", NINTH, "categories.post_exit.phases.0.tests", [1, 4, 7], "day of the phase", "O"),
    ("9e recovered", NINTH, "categories.recovered.phases.0.days", 7, "day", "O"),
    ("9e discharge Ct", NINTH, "discharge.ct_at_least", 35, "Ct", "R"),
    ("9e discharge gap", NINTH, "discharge.gap", 24, "hour", "R"),
    ("9e discharge afebrile", NINTH, "discharge.temperature_normal_over", 3, "day", "1"),
    ("9e high measures", NINTH, "areas.levels.high.measures", ["stay_home", "door_delivery"], "code", "R"),
    ("9e high unit", NINTH, "areas.levels.high.max_unit", "compound", "code", "R"),
    ("9e high steps to", NINTH, "areas.levels.high.down.to", "medium", "code", "R"),
    ("9e high clear days", NINTH, "areas.levels.high.down.clear_days", 7, "day", "R"),
    ("9e high round", NINTH, "areas.levels.high.down.round_on_last_day", True, "yes/no", "R"),
    ("9e medium measures", NINTH, "areas.levels.medium.measures", ["stay_in_area", "staggered_pickup"], "code", "R"),
    ("9e medium clear days", NINTH, "areas.levels.medium.down.clear_days", 7, "day", "R"),
    ("9e medium after high", NINTH, "areas.levels.medium.after_higher.clear_days", 3, "day", "R"),
    ("9e low measures", NINTH, "areas.levels.low.measures", ["self_protection", "avoid_gathering"], "code", "R"),
    ("9e network report", NINTH, "time_limits.network_report.within", 2, "hour", "R"),
    ("9e verification", NINTH, "time_limits.verification.within", 2, "hour", "R"),
    ("9e admission", NINTH, "time_limits.admission.within", 2, "hour", "1"),
    ("9e investigation", NINTH, "time_limits.investigation.within", 24, "hour", "R"),
    ("9e contact isolated", NINTH, "time_limits.contact_isolated.within", 8, "hour", "1"),
    ("9e request answered", NINTH, "time_limits.request_first_contact.within", 2, "hour", "1"),
    ("9e request controlled", NINTH, "time_limits.request_controlled.within", 8, "hour", "1"),
    ("9e pushed data", NINTH, "time_limits.pushed_data_verified.within", 24, "hour", "1"),
    ("9e Hainan chain", NINTH, "time_limits.sample_to_transfer_chain.within", 8, "hour", "S0"),
    ("9e Hainan chain is a target", NINTH, "time_limits.sample_to_transfer_chain.is_target", True, "yes/no", "S0"),
    ("9e Hainan dispatch", NINTH, "cadences.dispatch.every", 1, "hour", "S0"),
    ("9e Hainan return", NINTH, "cadences.testing_return.every", 2, "hour", "S0"),
    ("9e Chengdu fever clinic", NINTH, "time_limits.result_fever_clinic.within", 6, "hour", "1"),
    ("9e Chengdu yellow code goal", NINTH, "time_limits.result_yellow_code.goal", 6, "hour", "1"),
    ("9e class 1", NINTH, "testing.occupations.class1.often", "1 per day", "times per period", "O"),
    ("9e class 2", NINTH, "testing.occupations.class2.often", "2 per week", "times per period", "O"),
    ("9e area round", NINTH, "testing.rounds.chosen_area.complete_within", 24, "hour", "O"),
    ("9e leaving the city", NINTH, "travel.negative_result.leaving_affected_city.within", 48, "hour", "R"),
    ("law: finder", NINTH, "time_limits.finder_to_county_health.within", 2, "hour", "L"),
    ("law: province", NINTH, "time_limits.province_to_nation.within", 1, "hour", "L"),
    ("Twenty 1: maximum", TWENTY, "categories.close_contact.max_days", 8, "day", "D"),
    ("Twenty 2: not named", TWENTY, "time_limits.contact_isolated.within", 8, "hour", "1"),
    ("Twenty 4: round stays", TWENTY, "areas.levels.high.down.round_on_last_day", True, "yes/no", "R"),
    ("Twenty 9", TWENTY, "diagnosis.inbound_positive_ct_below", 35, "Ct", "O"),
    ("technical: decider", TECHNICAL, "areas.designated_by", "prefecture", "code", "O"),
    ("technical: home temperature", TECHNICAL, "home_quarantine.temperature", "2 per day", "times per period", "O"),
    (
        "technical: rounds until clear",
        TECHNICAL,
        "testing.rounds.district_with_spread.until_rounds_clear",
        3,
        "round",
        "O",
    ),
    ("technical: pause", TECHNICAL, "testing.rounds.district_with_spread.then_pause", 3, "day", "O"),
    ("technical: one more round", TECHNICAL, "testing.rounds.district_with_spread.then_rounds", 1, "round", "O"),
    ("technical: trains", TECHNICAL, "travel.negative_result.flights_and_trains.within", 48, "hour", "O"),
    ("technical: hotels", TECHNICAL, "travel.negative_result.hotels_and_sights.within", 72, "hour", "O"),
    ("Ten 1: units", TEN, "areas.levels.high.units", ["household", "floor", "unit", "building"], "code", "R"),
    ("Ten 3: contact days", TEN, "categories.close_contact.phases.0.days", 5, "day", "R"),
    ("Ten 3: contact mode", TEN, "categories.close_contact.phases.0.mode", "home_quarantine", "code", "R"),
    (
        "Ten 3: contact may choose",
        TEN,
        "categories.close_contact.phases.0.voluntary_modes",
        ["centralised"],
        "code",
        "R",
    ),
    (
        "Ten 3: contact release",
        TEN,
        "categories.close_contact.phases.0.release.0.on_days",
        [5],
        "day of the phase",
        "R",
    ),
    (
        "Ten 3: mild release",
        TEN,
        "categories.infected_mild.phases.0.release.0.on_days",
        [6, 7],
        "day of the phase",
        "R",
    ),
    ("Ten 3: mild Ct", TEN, "categories.infected_mild.phases.0.release.0.ct_at_least", 35, "Ct", "R"),
    ("Ten 4: clear days", TEN, "areas.levels.high.down.clear_days", 5, "day", "R"),
    ("Ten 8: movement", TEN, "areas.outside_high.movement_limited", False, "yes/no", "R"),
    ("Ten 10: unsourced wording", TEN, "duties.schools.text", None, "text", "U"),
    ("class B: type corrected", CLASS_B, "time_limits.clinical_type_corrected.within", 24, "hour", "R"),
    ("class B: death entered", CLASS_B, "time_limits.death_entered.within", 24, "hour", "R"),
    ("class B: voluntary tests", CLASS_B, "testing.others", "voluntary", "code", "O"),
    ("class B: before departure", CLASS_B, "travel.negative_result.before_departure.within", 48, "hour", "O"),
    ("measles incubation mean", "measles", "incubation.mean", 14, "day", "O"),
    ("measles incubation shortest", "measles", "incubation.shortest", 7, "day", "O"),
    ("measles incubation longest", "measles", "incubation.longest", 21, "day", "O"),
    ("measles shared air", "measles", "contact_definition.air_shared_within", 2, "hour", "R"),
    ("measles vaccine", "measles", "prophylaxis.mmr_vaccine.within", 72, "hour", "O"),
    ("measles globulin", "measles", "prophylaxis.immune_globulin.within", 6, "day", "O"),
    ("measles outbreak end", "measles", "outbreak_end.measles.days", 42, "day", "O"),
    ("measles notification", "measles", "time_limits.notify_china.within", 24, "hour", "R"),
]


@pytest.mark.parametrize(
    ("pack", "path", "value", "unit", "tag"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES]
)
def test_a_value_is_the_one_of_its_text(pack: str, path: str, value: object, unit: str, tag: str) -> None:
    found = shipped().resolve(pack).values[path]
    assert (found.unit, found.source.tag) == (unit, tag)
    assert value is None or found.value == value


@pytest.fixture(params=ALL)
def pack(request: pytest.FixtureRequest) -> Pack:
    return shipped().resolve(request.param)


def test_every_value_has_a_unit_a_document_a_clause_and_copies_that_are_listed(pack: Pack) -> None:
    listed = yaml.safe_load((files("dayclear.policy") / "packs" / "_sources.yaml").read_text("utf-8"))
    assert pack.values
    for path, each in pack.values.items():
        assert each.unit, path
        assert each.source.document in listed["documents"], path
        assert each.source.clause, path
        assert set(each.source.ids) <= set(listed["sources"]), path
        assert each.source.tag in {"U", "D"} or each.source.ids or each.source.tag.startswith("S"), path


def test_no_unsourced_value_restricts_anybody_without_a_signature(pack: Pack) -> None:
    signed = {each.path for each in pack.sign_off}
    restricting = {path for path in pack.unsourced if path.partition(".")[0] in RESTRICTIVE_SECTIONS}
    assert restricting <= signed


def test_values_from_a_single_copy_are_flagged() -> None:
    ninth = shipped().resolve(NINTH)
    assert "time_limits.contact_isolated.within" in ninth.single_source
    assert "time_limits.investigation.within" not in ninth.single_source


def test_what_was_not_found_is_absent() -> None:
    ninth = shipped().resolve(NINTH).rules
    assert not {"core_information", "first_notice", "press_conference"} & set(ninth.time_limits)
    assert ninth.areas is not None
    assert ninth.areas.designated_by is None
    assert shipped().resolve(EIGHTH).rules.legal_class is None


def test_under_class_b_every_restriction_is_absent() -> None:
    rules = shipped().resolve(CLASS_B).rules
    assert rules.categories == {}
    assert rules.areas is None
    assert rules.county_tiers is None
    assert rules.home_quarantine is None
    assert rules.testing is not None
    assert not rules.testing.occupations
    assert not rules.testing.rounds
    assert rules.travel is not None
    assert rules.travel.quarantine_on_entry is False
    assert {(each.subject, each.do.action) for each in rules.transition} == {
        ("order", "release"),
        ("area", "cancel"),
        ("data", "begin_disposal"),
    }


@pytest.mark.parametrize(
    ("pack_id", "levels"),
    [
        (EIGHTH, ["lockdown", "control", "precaution"]),
        (NINTH, ["high", "medium", "low"]),
        (TWENTY, ["high", "low"]),
        (TEN, ["high", "low"]),
    ],
)
def test_levels_come_strictest_first(pack_id: str, levels: list[str]) -> None:
    areas = shipped().resolve(pack_id).rules.areas
    assert areas is not None
    assert list(areas.levels) == levels


@pytest.mark.parametrize(
    ("pack_id", "phases"),
    [
        (EIGHTH, [("centralised", 14, (1, 4, 7, 14)), ("home_monitoring", 7, (2, 7))]),
        (NINTH, [("centralised", 7, (1, 2, 3, 5, 7)), ("home_monitoring", 3, (3,))]),
        (TWENTY, [("centralised", 5, (1, 2, 3, 5)), ("home_quarantine", 3, (1, 3))]),
        (TECHNICAL, [("centralised", 5, (1, 2, 3, 5)), ("home_quarantine", 3, (1, 3))]),
        (TEN, [("home_quarantine", 5, (5,))]),
    ],
)
def test_the_phases_of_a_close_contact_through_the_editions(
    pack_id: str, phases: list[tuple[str, int, tuple[int, ...]]]
) -> None:
    category = shipped().resolve(pack_id).rules.categories["close_contact"]
    assert [(each.mode, each.days, each.tests) for each in category.phases] == phases


def test_windows_and_limits_are_read_as_typed_values() -> None:
    rules = shipped().resolve(NINTH).rules
    windows = rules.categories["close_contact"].windows
    assert windows["case"].starts == WindowStart(2, "onset")
    assert windows["asymptomatic"].starts == WindowStart(2, "sampling")
    assert windows["routine_tested"].starts == WindowStart(0, "last_negative_test")
    assert rules.time_limits["network_report"].within == timedelta(hours=2)
    assert rules.testing is not None
    assert rules.testing.occupations["class2"].often == Frequency(2, "week")
    assert rules.transfer is not None
    assert (rules.transfer.no_expressway_coach_from, rules.transfer.no_expressway_coach_until) == (120, 300)


def test_the_eighth_edition_keeps_the_local_window_apart() -> None:
    window = shipped().resolve(EIGHTH).rules.categories["close_contact"].windows["case"]
    assert window.starts == WindowStart(2, "onset")
    assert window.local_variant == WindowStart(4, "onset")


def test_measles_counts_from_first_and_from_last_exposure() -> None:
    rules = shipped().resolve("measles").rules
    quarantine = rules.categories["susceptible_contact"].phases[0]
    assert quarantine.starts == AnchoredDay(5, "first_exposure")
    assert quarantine.ends == AnchoredDay(21, "last_exposure")
    assert rules.categories["case"].phases[0].ends == AnchoredDay(4, "rash")
    assert rules.infectious is not None
    assert rules.infectious.starts == WindowStart(4, "rash")
    assert [(each.evidence, each.born_before) for each in rules.categories["susceptible_contact"].immune] == [
        ("immune_evidence", None),
        ("birth_year", 1957),
    ]


def test_five_kinds_of_infection_are_not_counted_for_an_area() -> None:
    areas = shipped().resolve(TECHNICAL).rules.areas
    assert areas is not None
    assert areas.not_counted is not None
    assert len(areas.not_counted) == 5
    assert areas.not_counted_needs_assessment is True


@pytest.mark.parametrize(
    ("pack_id", "ids"),
    [
        (NINTH, {*range(1, 10), 20, 21, 22}),
        (TWENTY, {*range(1, 16), 20, 21, 22}),
        (TEN, set(range(1, 23))),
        (CLASS_B, {20, 21}),
    ],
)
def test_an_edition_forbids_what_its_texts_forbid(pack_id: str, ids: set[int]) -> None:
    assert set(shipped().resolve(pack_id).rules.forbidden) == {f"OG-{each:02}" for each in ids}


def test_the_version_changes_with_a_value_a_source_or_a_date_but_not_with_a_note() -> None:
    text = (files("dayclear.policy") / "packs" / "cn-covid-9e.yaml").read_text("utf-8")

    def version(changed: str) -> str:
        library, name = shipped().with_text(changed, "copy.yaml")
        return library.resolve(name).version

    same = version(text)
    assert same == shipped().resolve(NINTH).version
    assert version("# a note\n" + text) == same
    assert version(text.replace("no_rescreening_for: {value: 3 months", "no_rescreening_for: {value: 4 months")) != same
    assert version(text.replace("source: O C12 @", "source: R C12 @")) != same
    assert version(text.replace("to: 2023-01-08", "to: 2023-01-09")) != same


def test_an_overlay_s_version_changes_when_the_amended_pack_does() -> None:
    text = (files("dayclear.policy") / "packs" / "cn-covid-9e.yaml").read_text("utf-8")
    library, _ = shipped().with_text(text.replace("gap: {value: 24 hours", "gap: {value: 25 hours"), "copy.yaml")
    assert library.resolve(TWENTY).version != shipped().resolve(TWENTY).version
