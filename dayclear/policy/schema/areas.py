"""Risk areas: how they are drawn, what holds in them, how and when they end."""

from __future__ import annotations

from typing import Final

from dayclear.policy.schema.quantities import (
    Block,
    Cases,
    Code,
    Codes,
    DayNumbers,
    Days,
    Duration,
    Label,
    YesNo,
)

FOLLOWS_THE_OTHERS: Final = "all_higher_lifted"


class StepDown(Block):
    """The conditions for going to a lower level, all together."""

    to: Code
    clear_days: Days | None = None
    round_on_last_day: YesNo | None = None
    round_within: Days | None = None
    contacts_out_and_negative_for: Days | None = None
    when: Code | None = None


class AreaLevel(Block):
    """One level, as the text defines it."""

    name: Label
    designation: Codes
    units: Codes | None = None
    max_unit: Code | None = None
    never_enlarged_to: Codes | None = None
    measures: Codes
    down: StepDown | None = None
    after_higher: StepDown | None = None
    escalates_on: Code | None = None
    escalates_to: Code | None = None

    @property
    def follows_the_others(self) -> bool:
        """Whether this is what remains of the county: it has no clock and ends when every higher level is lifted."""
        return self.down is not None and self.down.when == FOLLOWS_THE_OTHERS


class LocalClosure(Block):
    """A closure as one city ran it, with its own clock."""

    days: Days
    clock_starts_if_environment_negative: Code
    clock_starts_otherwise: Code
    restarts_on: Codes
    tests: DayNumbers
    antigen_tests: DayNumbers
    last_contact_left_and_negative_for: Days
    step_down: Days


class OutsideHigh(Block):
    """What may not be limited outside a high-risk area."""

    movement_limited: YesNo
    work_stopped: YesNo
    production_stopped: YesNo
    business_stopped: YesNo


class Areas(Block):
    """Levels in order, strictest first."""

    levels: dict[Code, AreaLevel]
    designated_by: Code | None = None
    advised_by: Code | None = None
    supported_by: Code | None = None
    closure_only_inside: Code | None = None
    none_drawn_when: Codes | None = None
    low_only_beside_higher: YesNo | None = None
    new_infection: Code | None = None
    may_enlarge_when: Codes | None = None
    enlarge_at_will: YesNo | None = None
    lift_in_time: YesNo | None = None
    temporary_lockdown: YesNo | None = None
    not_counted: Codes | None = None
    not_counted_needs_assessment: YesNo | None = None
    outside_high: OutsideHigh | None = None
    local_closure: LocalClosure | None = None


class TierTest(Block):
    """Bounds on a county's figures; those given must all hold.

    Cases are confirmed cases only. `no_case_ever` is "none since the start".
    """

    no_case_ever: YesNo | None = None
    no_new_case_for: Days | None = None
    new_case_within: Days | None = None
    cumulative_at_most: Cases | None = None
    cumulative_over: Cases | None = None
    cluster_within: Days | None = None
    no_cluster_within: Days | None = None


class Tier(Block):
    """A county's tier: any one of the tests suffices."""

    name: Label
    any_of: tuple[TierTest, ...]
    strategy: Codes | None = None


class CountyTiers(Block):
    """Tiers in the order of evaluation: the first that holds is the county's."""

    unit: Code
    counts: Code
    order: Code
    tiers: dict[Code, Tier]
    prefecture_takes: Code | None = None
    updated: Code | None = None


class TimeLimit(Block):
    """From an event to a deed. A target is striven for, a limit is owed."""

    within: Duration
    after: Code
    owed_by: Code | None = None
    is_target: YesNo | None = None
    goal: Duration | None = None


class Cadence(Block):
    """Something done again and again, so often."""

    every: Duration
