"""Who is put under what, for how long, counted from when, and how it ends."""

from __future__ import annotations

from dayclear.policy.schema.quantities import (
    Anchored,
    Block,
    Code,
    Codes,
    CycleThreshold,
    DayNumbers,
    Days,
    Duration,
    Kinds,
    Label,
    Months,
    Often,
    Rows,
    Start,
    Tests,
    Weeks,
    YesNo,
)


class DayCount(Block):
    """How calendar days are counted in this pack."""

    anchor: Code
    first_day: Code
    served_elsewhere_counts: YesNo | None = None


class Window(Block):
    """The time in which being near someone makes a contact of this category.

    `local_variant` is a start that some places used; it applies nowhere by itself.
    """

    starts: Start
    ends: Code | None = None
    local_variant: Start | None = None


class TestsWithin(Block):
    """So many tests in so many days, each at least a gap after the one before."""

    tests: Tests
    days: Days
    gap: Duration | None = None


class Condition(Block):
    """One thing that must be so; the conditions of a list must all be so.

    `condition` names the predicate that the rules implement; the other fields are
    its parameters.
    """

    condition: Code
    tests: Tests | None = None
    on_days: DayNumbers | None = None
    gap: Duration | None = None
    ct_at_least: CycleThreshold | None = None
    days: Days | None = None


class Escalation(Block):
    """A fact that moves a person to another category."""

    when: Code
    tests: Tests | None = None
    to: Code


class Phase(Block):
    """One stretch of an order.

    Either `days` (following the phase before, or the category's anchor), or a start
    and an end each counted from its own event, or `until` an event with no fixed day.
    `permitted_modes` may be chosen by the officer, `voluntary_modes` by the person.
    """

    mode: Code
    permitted_modes: Codes | None = None
    voluntary_modes: Codes | None = None
    days: Days | None = None
    starts: Anchored | None = None
    ends: Anchored | None = None
    until: Code | None = None
    restarts_on: Codes | None = None
    cause: Code | None = None
    tests: DayNumbers | None = None
    specimen: Code | None = None
    double_sampling: YesNo | None = None
    checks: DayNumbers | None = None
    checks_often: Often | None = None
    follow_up_weeks: tuple[Weeks, ...] | None = None
    code_managed: YesNo | None = None
    no_leaving: YesNo | None = None
    conduct: Codes | None = None
    release: tuple[Condition, ...] = ()


class Disposition(Block):
    """Where a person of the category goes, by how ill they are."""

    severity: Code
    to: Code


class ImmuneEvidence(Block):
    """Evidence of immunity that takes a person out of the category."""

    evidence: Code
    born_before: int | None = None
    jurisdiction: Code | None = None


class Category(Block):
    """A category of persons; the set of categories is the pack's, not the code's."""

    name: Label
    only_of: Code | None = None
    only_when: Codes | None = None
    contact_kinds: Codes | None = None
    subjects: Codes | None = None
    lookback: Days | None = None
    windows: dict[Code, Window] = {}
    counted_from: Code | None = None
    phases: tuple[Phase, ...] = ()
    tests_within: TestsWithin | None = None
    dispositions: tuple[Disposition, ...] = ()
    home_isolation_allowed: YesNo | None = None
    apart_from: Codes | None = None
    return_home: Code | None = None
    release: tuple[Condition, ...] = ()
    escalates: tuple[Escalation, ...] = ()
    immune: tuple[ImmuneEvidence, ...] = ()
    no_repeat_at_destination: YesNo | None = None
    no_rescreening_for: Months | None = None
    max_days: Days | None = None


class SpecialGroups(Block):
    """Those for whom home comes first."""

    groups: Codes
    mode: Code
    instead_of: Code
    carers_must_not_be: Codes | None = None


class HomeQuarantine(Block):
    """Who may be quarantined at home, and how it is carried out."""

    subjects: Codes
    temperature: Often | None = None
    code_managed: YesNo | None = None
    conduct: Codes | None = None
    leaving_for_care: Codes | None = None
    distance: Code | None = None
    fallback: Code | None = None


class Vehicle(Block):
    """Who aboard is a contact."""

    scope: Code
    rows_each_side: Rows | None = None
    also: Codes | None = None
    everyone_when: Code | None = None


class ContactDefinition(Block):
    """What makes a contact."""

    kinds_defined: Kinds | None = None
    kinds: Codes | None = None
    vehicles: dict[Code, Vehicle] = {}
    air_shared_within: Duration | None = None


class Incubation(Block):
    shortest: Days | None = None
    longest: Days | None = None
    usual_from: Days | None = None
    usual_to: Days | None = None
    mean: Days | None = None


class Infectious(Block):
    """The infectious period of a case, in days around an event."""

    starts: Start | None = None
    ends: Anchored | None = None
    until: Code | None = None
    note_code: Code | None = None


class Prophylaxis(Block):
    """What can still be given to an exposed person, and until when."""

    within: Duration
    effect: Code | None = None


class OutbreakEnd(Block):
    """When an outbreak is over, by how the last case ended.

    `heightened` is the watch that follows.
    """

    days: Days
    counted_from: Code
    heightened: Days | None = None


class Discharge(Block):
    """When a patient may leave, all of it together."""

    tests: Tests
    gap: Duration
    ct_at_least: CycleThreshold | None = None
    temperature_normal_over: Days | None = None
    clinical: Codes | None = None
    afterwards: Code | None = None


class Exclusion(Block):
    """When a suspicion is dropped, all of it together."""

    tests: Tests
    gap: Duration
    antibodies_negative_after_onset: Days | None = None


class CaseDefinition(Block):
    """What counts as a case; `outbreak_state` because some definitions change with it."""

    outbreak_state: Code
    criteria: Codes
