"""What an order says, in words: to the officer who signs it and to the person it binds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dayclear.foundation.clock import local_zone
from dayclear.foundation.language import enumerated, is_chinese
from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry
from dayclear.foundation.trail import timeline
from dayclear.isolation.links import BY_LINK
from dayclear.isolation.models import Order, Phase
from dayclear.isolation.reasons import (
    DECLINE_REASON_NAMES,
    END_CAUSE_NAMES,
    LIGHTER_REASON_NAMES,
    MODE_NAMES,
    NEED_NAMES,
    STRICTER_REASON_NAMES,
)
from dayclear.places.queries import PlaceName, names_of
from dayclear.policy.calendar import Policy
from dayclear.policy.loader import Pack, SourcedValue, shipped
from dayclear.policy.schema import Phase as PackPhase
from dayclear.policy.words import disease_name, label_text, word

MEANS_NAMES = {
    "paper": gettext_lazy("on paper"),
    "phone": gettext_lazy("by phone"),
    "link": gettext_lazy("by link"),
    "loudspeaker": gettext_lazy("by loudspeaker"),
    "visit": gettext_lazy("in person"),
}
CHECK_MEANS_NAMES = {
    "link": gettext_lazy("by the person, through the link"),
    "phone": gettext_lazy("by phone"),
    "visit": gettext_lazy("at the door"),
    "site": gettext_lazy("at the site"),
}
NOTICE_NAMES = {
    "order": gettext_lazy("the order"),
    "change": gettext_lazy("a change of the order"),
    "release": gettext_lazy("the release"),
}
RESULT_NAMES = {
    "": gettext_lazy("with the laboratory"),
    "negative": gettext_lazy("negative"),
    "positive": gettext_lazy("positive"),
    "inconclusive": gettext_lazy("inconclusive"),
}
SYMPTOM_NAMES = {
    "fever": gettext_lazy("fever"),
    "cough": gettext_lazy("cough"),
    "sore_throat": gettext_lazy("sore throat"),
    "short_breath": gettext_lazy("short of breath"),
    "diarrhoea": gettext_lazy("diarrhoea"),
    "rash": gettext_lazy("rash"),
    "loss_of_smell": gettext_lazy("no smell or taste"),
    "other": gettext_lazy("something else"),
}
LIST_NAMES = {
    "in_force": gettext_lazy("In force"),
    "late": gettext_lazy("Not yet let go"),
    "proposed": gettext_lazy("Proposed"),
    "declined": gettext_lazy("Not signed"),
    "ended": gettext_lazy("Ended"),
    "all": gettext_lazy("All"),
}
# What somebody does and does not do, by mode, in the words of their own page and notice.
DUTY_TEXTS = {
    "health_monitoring": gettext_lazy("You may go out. Watch your health, and say so at once if you feel ill."),
    "active_monitoring": gettext_lazy("You may go out. A health worker asks after you every day."),
    "home_monitoring": gettext_lazy("You live at home. Go out only when you need to, and not among crowds."),
    "home_quarantine": gettext_lazy("You stay at home. You may leave for medical care."),
    "home_isolation": gettext_lazy(
        "You stay at home, in a room of your own where there is one. You may leave for care."
    ),
    "isolation": gettext_lazy("You stay where you are cared for, apart from others."),
    "centralised": gettext_lazy("You stay at a quarantine site, in a room of your own, looked after there."),
}


def day_text(day: date | None) -> str:
    """A calendar day written out, with its year: what stands on paper outlives the year."""
    if day is None:
        return "—"
    return date_format(day, "Y年n月j日" if is_chinese() else "j F Y")


def instant_text(instant: datetime | None) -> str:
    """An instant of this installation's zone, written out."""
    if instant is None:
        return "—"
    local = instant.astimezone(local_zone())
    return f"{day_text(local.date())} {local:%H:%M}"


def mode_text(mode: str) -> str:
    return str(MODE_NAMES.get(mode, word(mode)))


def pack_of(version: str) -> Pack | None:
    """The pack that a version names; None where this installation no longer has it."""
    try:
        return shipped().resolve(version.partition("@")[0])
    except KeyError:
        return None


def category_text(order: Order) -> str:
    """What the pack calls a category."""
    pack = pack_of(order.policy)
    found = pack.rules.categories.get(order.category) if pack else None
    if found is None:
        return word(order.category)
    return label_text(found.name)


def pack_text(version: str) -> str:
    """The name of a pack."""
    pack = pack_of(version)
    if pack is None:
        return version
    return label_text(pack.head.name)


def evidence_text(order: Order) -> str:
    """Why this very person, in one sentence."""
    on = order.evidence.get("on", "")
    day = day_text(date.fromisoformat(on)) if on else day_text(order.anchor_on)
    kind = str(order.evidence.get("kind", ""))
    return str(_EVIDENCE.get(kind, _EVIDENCE["contact"])) % {"day": day}


_EVIDENCE = {
    "contact": gettext_lazy("Contact with somebody infected; the last contact was on %(day)s."),
    "case": gettext_lazy("An infection of one's own, known since %(day)s."),
    "arrival": gettext_lazy("An arrival on %(day)s from a place with infections."),
    "departure": gettext_lazy("A stay in a risk area, left on %(day)s."),
    "discharge": gettext_lazy("A discharge from care on %(day)s."),
    "post": gettext_lazy("Work with infected people or their surroundings, last on %(day)s."),
    "symptom": gettext_lazy("A sign of illness on %(day)s."),
}


def phase_text(phase: Phase) -> str:
    """One stretch of an order in one sentence."""
    return _("%(first)s to %(last)s: %(mode)s") % {
        "first": day_text(phase.starts_on),
        "last": day_text(phase.ends_on),
        "mode": mode_text(phase.mode),
    }


def rule_lines(order: Order, policy: Policy | Pack | None) -> list[str]:
    """What the pack says of a category, phase by phase; where the pack is gone, nothing."""
    found = policy.rules.categories.get(order.category) if policy else None
    if found is None:
        return []
    lines = []
    for phase in found.phases:
        if (phase.cause or "") != order.cause:
            continue
        text = mode_text(phase.mode)
        if phase.days is not None:
            days = ngettext("%(days)d day", "%(days)d days", phase.days) % {"days": phase.days}
            text = _("%(mode)s for %(days)s") % {"mode": text, "days": days}
        elif phase.ends is not None:
            text = _anchored(text, phase)
        if phase.tests:
            numbers = enumerated(map(str, phase.tests))
            text = _("%(what)s, tests on days %(days)s") % {"what": text, "days": numbers}
        lines.append(text)
    return lines


def _anchored(mode: str, phase: PackPhase) -> str:
    """A stretch whose days count from events of their own."""
    assert phase.ends is not None, "only called for a phase with an end"
    end = {"end": phase.ends.day, "end_anchor": word(phase.ends.anchor)}
    if phase.starts is None:
        return _("%(mode)s until day %(end)s after %(end_anchor)s") % {"mode": mode, **end}
    start = {"start": phase.starts.day, "start_anchor": word(phase.starts.anchor)}
    return _("%(mode)s from day %(start)s after %(start_anchor)s to day %(end)s after %(end_anchor)s") % {
        "mode": mode,
        **start,
        **end,
    }


def reason_text(order: Order) -> str:
    """Of which disease, in which category, and why this very person."""
    return _("%(disease)s, %(category)s. %(evidence)s") % {
        "disease": disease_name(order.disease),
        "category": category_text(order),
        "evidence": evidence_text(order),
    }


def rule_source(order: Order, pack: Pack | None) -> SourcedValue | None:
    """The value of the pack that fixes the length or the mode, with its document and clause."""
    if pack is None:
        return None
    wanted = [path for path in pack.values if path.startswith(f"{order.rule}.phases.")]
    preferred = [path for path in wanted if path.endswith((".days", ".ends", ".mode"))]
    return next((pack.values[path] for path in (*preferred, *wanted)), None)


def anchor_text(anchor: str) -> str:
    return word(anchor)


def groups_text(groups: Iterable[str]) -> str:
    return enumerated(word(each) for each in groups)


def days_text(days: Sequence[date]) -> str:
    return enumerated(day_text(day) for day in days)


def told(events: Sequence[Event]) -> list[TimelineEntry]:
    """Events of an order as readers see them, the latest first."""
    places = names_of({int(number) for event in events for number in event.payload.get("place", ())})
    entries = timeline(events, lambda event: _detail(event, places))
    return [replace(entry, who=who_text(entry.who), why=_REASONS.get(entry.why, entry.why)) for entry in entries]


def who_text(label: str) -> str:
    """Who acted. The trail keeps a code for somebody who has no account."""
    return _("the person, through the link") if label == BY_LINK else label


def place_text(number: int, places: Mapping[int, PlaceName]) -> str:
    return places[number].full_name if number in places else str(number)


_REASONS = {**STRICTER_REASON_NAMES, **LIGHTER_REASON_NAMES, **DECLINE_REASON_NAMES}


def _detail(event: Event, places: Mapping[int, PlaceName]) -> str:
    said = event.payload
    parts = [" → ".join(place_text(int(number), places) for number in said["place"])] if "place" in said else []
    if isinstance(said.get("mode"), list):
        parts.append(" → ".join(mode_text(str(mode)) if mode else "—" for mode in said["mode"]))
    if isinstance(said.get("ends_on"), str):
        parts.append(_("until %(day)s") % {"day": day_text(date.fromisoformat(said["ends_on"]))})
    if said.get("cause"):
        parts.append(str(END_CAUSE_NAMES.get(str(said["cause"]), said["cause"])))
    for name in ("late_minutes", "noticed_late_minutes"):
        if said.get(name):
            minutes = int(said[name])
            parts.append(ngettext("%(n)d minute late", "%(n)d minutes late", minutes) % {"n": minutes})
    if event.kind == "isolation.test_recorded":
        on = day_text(date.fromisoformat(str(said["on"])))
        parts.append(f"{on} {RESULT_NAMES.get(str(said.get('result', '')), '')}")
    if said.get("notice"):
        parts.append(f"{NOTICE_NAMES.get(str(said['notice']), '')} {MEANS_NAMES.get(str(said.get('means')), '')}")
    if event.kind in ("isolation.need_opened", "isolation.need_met"):
        parts.append(str(NEED_NAMES.get(str(said.get("kind")), "")))
    if "upheld" in said:
        parts.append(_("upheld") if said["upheld"] else _("not upheld"))
    return ", ".join(part for part in parts if part)
