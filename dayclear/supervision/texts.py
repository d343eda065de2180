"""Findings in words: what is forbidden, what was found, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from dayclear.foundation.language import is_chinese
from dayclear.foundation.models import Deadline
from dayclear.foundation.tasks import TaskText, describes
from dayclear.policy.loader import shipped
from dayclear.policy.overreach import NO_RULE, catalogue_ids
from dayclear.policy.reasons import REASONS
from dayclear.policy.schema import Label
from dayclear.policy.words import word
from dayclear.supervision.models import Finding
from dayclear.supervision.reasons import FACT_NAMES, NO_RULE_NAME, OTHER_NAME, OTHER_SLACK, SLACK_NAMES
from dayclear.supervision.rules import OTHER

# Where what a finding is about can be looked at.
_PAGES = {
    "isolation.order": "isolation:order",
    "areas.area": "areas:area",
    "areas.measure": "areas:measure",
    "places.place": "places:place",
}
# Facts that are codes of the packs.
_CODES = frozenset({"category", "level", "unit", "largest", "kind", "site", "asks_for"})


class _Params(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def predicate_name(predicate: str) -> str:
    """What a finding stands against, in the reader's language."""
    known = _prohibitions().get(predicate)
    if known is not None:
        return known.zh if is_chinese() else known.en
    if predicate == NO_RULE:
        return str(NO_RULE_NAME)
    if predicate == OTHER:
        return str(OTHER_NAME)
    if predicate in SLACK_NAMES:
        return str(SLACK_NAMES[predicate])
    return str(OTHER_SLACK) % {"kind": predicate.partition(".")[2]}


def predicate_choices() -> list[tuple[str, str]]:
    """Every prohibition by number and name, and "something else"; for whoever takes a complaint down."""
    return [*((code, f"{code} · {predicate_name(code)}") for code in catalogue_ids()), (OTHER, predicate_name(OTHER))]


def sentence(finding: Finding) -> str:
    """What was found and what to do about it; empty for findings that only count."""
    template = REASONS.get(finding.predicate)
    if finding.side != "over" or template is None or "orders" in finding.facts or finding.origin == "complaint":
        return ""
    return str(template) % _Params({key: _value(key, value) for key, value in finding.facts.items()})


def facts(finding: Finding) -> list[tuple[str, str]]:
    """The facts of a finding as (label, value)."""
    return [(str(FACT_NAMES.get(key, key)), _value(key, value)) for key, value in finding.facts.items()]


def page_of(finding: Finding) -> str:
    """The page of what a finding is about; empty where there is none."""
    thing, _colon, number = finding.subject.partition(":")
    name = _PAGES.get(thing)
    if name is None or not number.isdecimal():
        return ""
    try:
        return reverse(name, args=[int(number)])
    except NoReverseMatch:
        # A package may have no page for it yet; the finding stands all the same.
        return ""


def group_of(finding: Finding) -> tuple[int, str, str] | None:
    """County, disease and category of a finding over many orders."""
    thing, _colon, county = finding.subject.partition(":")
    disease, slash, category = finding.about.partition("/")
    return (int(county), disease, category) if thing == "isolation.orders" and slash else None


@describes("supervision.answer")
def _answer(deadline: Deadline) -> TaskText:
    return TaskText(_("Answer a finding"), _href(deadline))


@describes("supervision.recheck")
def _recheck(deadline: Deadline) -> TaskText:
    return TaskText(_("Check a finding again"), _href(deadline))


def _href(deadline: Deadline) -> str:
    return reverse("supervision:finding", args=[int(deadline.subject.partition(":")[2])])


def _value(key: str, value: Any) -> str:
    if key in _CODES and value == "none":
        return "—"
    return word(str(value)) if key in _CODES else str(value)


@lru_cache(maxsize=1)
def _prohibitions() -> Mapping[str, Label]:
    return {rule: each.name for pack in shipped().packs() for rule, each in pack.rules.forbidden.items()}
