"""Testing, travel, moving and housing people, services owed to them."""

from __future__ import annotations

from dayclear.policy.schema.quantities import (
    Block,
    Coaches,
    Code,
    Codes,
    CycleThreshold,
    Days,
    Drivers,
    Duration,
    Label,
    Often,
    Persons,
    Rooms,
    Rounds,
    Tests,
    TimeOfDay,
    Years,
    YesNo,
)


class Occupation(Block):
    """A class of posts tested by routine, and how often."""

    posts: Codes
    often: Often
    closed_loop: YesNo | None = None


class AreaRound(Block):
    """Testing of the people of an area: when, by when, how often, and when it stops."""

    when: Code | None = None
    scope: Code | None = None
    population_at_most: Persons | None = None
    population_over: Persons | None = None
    complete_within: Duration | None = None
    min_rounds: Rounds | None = None
    often: Often | None = None
    every: Days | None = None
    until_rounds_clear: Rounds | None = None
    then_pause: Days | None = None
    then_rounds: Rounds | None = None


class WholePopulation(Block):
    by_administrative_area: Code
    only_when: Codes | None = None


class LandingTest(Block):
    who: Codes
    voluntary: YesNo | None = None
    free: YesNo | None = None
    leave_at_once: YesNo | None = None
    restricts_movement: YesNo | None = None


class CheckedPlaces(Block):
    """The only places that may ask for a negative result or a health code."""

    places: Codes


class Testing(Block):
    occupations: dict[Code, Occupation] = {}
    rounds: dict[Code, AreaRound] = {}
    area_word: Code | None = None
    antigen: Code | None = None
    without_outbreak: Code | None = None
    enlarge_listed: YesNo | None = None
    whole_population: WholePopulation | None = None
    max_rounds_per_day: Rounds | None = None
    landing: LandingTest | None = None
    only_for: Codes | None = None
    others: Code | None = None
    checked_places: CheckedPlaces | None = None


class NegativeResult(Block):
    """A negative test no older than so long, asked for a journey or an entry."""

    within: Duration
    tests: Tests | None = None


class InvitedGroups(Block):
    """Business and sport groups that enter under their own regime."""

    regime: Code
    code_managed: YesNo | None = None
    no_leaving: YesNo | None = None


class Travel(Block):
    negative_result: dict[Code, NegativeResult] = {}
    pre_boarding_tests: Tests | None = None
    pre_boarding_within: Duration | None = None
    flight_circuit_breaker: YesNo | None = None
    invited_groups: InvitedGroups | None = None
    checks_between_regions: YesNo | None = None
    quarantine_on_entry: YesNo | None = None


class Diagnosis(Block):
    inbound_positive_ct_below: CycleThreshold | None = None


class Sites(Block):
    """Quarantine sites."""

    subjects: Codes | None = None
    teams: Codes | None = None
    per_room: Persons | None = None
    own_toilet: YesNo | None = None
    may_be_accompanied: Codes | None = None
    minors_up_to: Years | None = None
    zones: Codes | None = None
    residents_temperature: Often | None = None
    staff_health_log: Often | None = None
    staff_tests: Often | None = None
    shared_surfaces_disinfected: Often | None = None
    before_next_admission: Codes | None = None
    on_completion: Code | None = None
    rooms_per_10000: Rooms | None = None


class Transfer(Block):
    """Moving people in a closed loop."""

    coaches_per_county: Coaches | None = None
    drivers_per_coach_from: Drivers | None = None
    drivers_per_coach_to: Drivers | None = None
    infected_by: Codes | None = None
    cases_per_vehicle: Persons | None = None
    same_strain_may_share: YesNo | None = None
    contacts_by: Codes | None = None
    febrile_contact_as: Code | None = None
    not_moved_to_another_city: Codes | None = None
    out_of_area_request_before: Duration | None = None
    no_expressway_coach_from: TimeOfDay | None = None
    no_expressway_coach_until: TimeOfDay | None = None


class Duty(Block):
    """Something owed that has no number: said in words, for the register of duties."""

    text: Label
    groups: Codes | None = None


class LegalClass(Block):
    infectious_class: Code
    managed_as: Code


class Prohibition(Block):
    """What no order, area or measure may do while the pack is in force."""

    name: Label
    predicate: Code
