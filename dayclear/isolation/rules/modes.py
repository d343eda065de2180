"""The modes of restriction, from the least to the most restrictive, and which of them may be chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dayclear.policy.schema import Phase, Rules

# Least restrictive first. What somebody may still do settles the order: go out; go out only when needed; not leave
# home; not leave a room at home; not leave a place that is not home.
MODES = (
    "health_monitoring",
    "active_monitoring",
    "home_monitoring",
    "home_quarantine",
    "home_isolation",
    "isolation",
    "centralised",
)
# Modes in which nobody may go out at will, and of those the ones spent away from home.
CONFINING = ("home_quarantine", "home_isolation", "isolation", "centralised")
AT_A_SITE = ("isolation", "centralised")

STRICTER_REASONS = ("home_unsuitable", "vulnerable_at_home", "left_home", "person_asks")
LIGHTER_REASONS = ("home_suitable", "care_needed", "special_group", "appeal", "assessment")


def strictness(mode: str) -> int:
    """Units: rank, 0 is the least. A mode we do not know counts as stricter than all we know."""
    return MODES.index(mode) if mode in MODES else len(MODES)


def least(modes: Iterable[str]) -> str:
    """The least restrictive of some modes."""
    return min(modes, key=strictness)


def offered_modes(phase: Phase, rules: Rules, groups: Collection[str]) -> tuple[str, ...]:
    """The modes a phase may be spent in, the least restrictive first.

    The pack's own mode, what it permits the officer, what the person may ask for, home for a special group, and the
    fallback where conditions at home are not met.
    Source: policy reference R05, R32; A.2 and A.3.1 (special groups); A.4 (home quarantine guide).
    """
    modes = {phase.mode, *(phase.permitted_modes or ()), *(phase.voluntary_modes or ())}
    special = rules.special_groups
    if special and special.instead_of == phase.mode and is_special(groups, special.groups):
        modes.add(special.mode)
    home = rules.home_quarantine
    if phase.mode == "home_quarantine" and home and home.fallback:
        modes.add(home.fallback)
    return tuple(sorted(modes, key=strictness))


def is_special(groups: Collection[str], of_the_pack: Collection[str]) -> bool:
    """Whether somebody belongs to a group for which the pack puts home first."""
    return bool(set(groups) & set(of_the_pack))
