"""The rules: every pack, every value with its text, and what changes from one to the next. Open to whoever signs in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.language import is_chinese
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.requests import ActorRequest
from dayclear.policy.calendar import NoPolicyInForce, index, of_family_on
from dayclear.policy.diff import Change, TransitionLine, diff, transition_of
from dayclear.policy.loader import Pack, SourcedValue, shipped
from dayclear.policy.provenance import Provenance
from dayclear.policy.render import Printer
from dayclear.policy.words import SECTIONS, TAGS, cited, disease_name, label_text, word


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value as a reader sees it. `flag` is `unsourced`, `single` or empty."""

    path: str
    steps: tuple[str, ...]
    text: str
    cited: str
    source: Provenance
    evidence: Any
    flag: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change between two packs. `measure` is the numbered measure that made it."""

    path: str
    steps: tuple[str, ...]
    kind: str
    before: str
    after: str
    cited: str
    measure: int | None


@require_GET
def packs(request: ActorRequest) -> HttpResponse:
    entries = index()
    today = clock.local_day(clock.now())
    rows = [
        {
            "id": entry.head.pack,
            "name": label_text(entry.head.name),
            "disease": disease_name(entry.head.disease),
            "amends": entry.head.amends or "",
            "answers": entry.answers,
            "now": any((not start or start <= today) and (not end or today < end) for start, end in entry.answers),
            "version": entry.version.rpartition("@")[2],
            "unsourced": len(entry.unsourced),
            "single": len(entry.single_source),
            "awaiting": sum(each.awaits_rule_owner for each in shipped().resolve(entry.head.pack).sign_off),
        }
        for entry in entries
    ]
    return render(request, "policy/packs.html", {"rows": rows, "ids": [row["id"] for row in rows]})


@require_GET
def pack(request: ActorRequest, pack_id: str) -> HttpResponse:
    """One pack with every value; with `?on=`, what its family had in force that day."""
    book = _pack(pack_id)
    wanted, values, ruling, nothing_on = request.GET.get("on", ""), book.values, pack_id, None
    if wanted:
        day = _day(wanted)
        try:
            policy = of_family_on(pack_id, day, 0)
            values, ruling = policy.values, policy.pack
        except NoPolicyInForce:
            values, nothing_on = {}, day
    book = _pack(ruling)
    context = {
        "book": book,
        "asked": pack_id,
        "on": wanted,
        "nothing_on": nothing_on,
        "name": label_text(book.head.name),
        "sections": _sections(values.values()),
        "number": len(values),
        "chain": [{"id": each, "name": label_text(_pack(each).head.name)} for each in book.chain],
        "transition": [_changeover(line) for line in transition_of(book)],
        "sign_off": book.sign_off,
        "gaps": [label_text(gap) for gap in book.head.gaps],
        "ids": shipped().ids(),
    }
    return render(request, "policy/pack.html", context)


@require_GET
def compare(request: ActorRequest) -> HttpResponse:
    """What changes from one pack to another, by measure where the later one is numbered."""
    before, after = _pack(request.GET.get("before", "")), _pack(request.GET.get("after", ""))
    found = diff(before, after)
    titles = {each.number: each.title for each in (after.measures if before.pack in after.chain else ())}
    language = "zh" if is_chinese() else "en"
    groups: dict[int | None, list[ChangeRow]] = {number: [] for number in titles}
    for change in found.changes:
        row = _change(change)
        groups.setdefault(row.measure, []).append(row)
    context = {
        "before": before,
        "after": after,
        "before_name": label_text(before.head.name),
        "after_name": label_text(after.head.name),
        "number": len(found.changes),
        "groups": [(number, titles.get(number or 0, {}).get(language, ""), rows) for number, rows in groups.items()],
        "restated": len(found.restated),
        "ids": shipped().ids(),
    }
    return render(request, "policy/compare.html", context)


@finds("policy")
def find_packs(actor: Actor, words: str) -> list[Found]:
    found = []
    for entry in index():
        text = f"{entry.head.pack} {entry.head.name.en} {entry.head.name.zh}".lower()
        if words.lower() in text:
            found.append(Found(label_text(entry.head.name), reverse("policy:pack", args=[entry.head.pack]), _("rules")))
    return found


def _pack(pack_id: str) -> Pack:
    try:
        return shipped().resolve(pack_id)
    except KeyError:
        raise Http404(pack_id) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404(text) from None


def _sections(values: Iterable[SourcedValue]) -> list[tuple[Any, list[ValueRow]]]:
    printer = Printer("zh" if is_chinese() else "en")
    sections: dict[str, list[ValueRow]] = {}
    for value in values:
        section, *steps = value.path.split(".")
        if section == "transition":
            continue
        flag = "unsourced" if value.source.is_unsourced else "single" if value.source.is_single_source else ""
        row = ValueRow(
            path=value.path,
            steps=tuple(word(step) for step in steps),
            text=_text(printer, value),
            cited=cited(value.source),
            source=value.source,
            evidence=TAGS[value.source.tag],
            flag=flag,
        )
        sections.setdefault(section, []).append(row)
    return [(SECTIONS.get(section, section), rows) for section, rows in sections.items()]


def _text(printer: Printer, value: SourcedValue) -> str:
    held = value.value
    if value.unit == "code" and isinstance(held, str):
        shown = word(held)
    elif value.unit == "code" and isinstance(held, list):
        shown = (", " if not printer.chinese else "、").join(word(str(each)) for each in held)
    else:
        shown = printer.quantity(held, value.unit)
    return f"{shown}{printer.life(value.life)}"


def _changeover(line: TransitionLine) -> dict[str, Any]:
    def said(values: dict[str, Any]) -> str:
        return ", ".join(f"{word(key)}: {word(str(value))}" for key, value in values.items())

    rule = line.rule
    return {
        "subject": word(rule.subject),
        "when": said(rule.when.model_dump(exclude_none=True)),
        "then": said(rule.do.model_dump(exclude_none=True)),
        "cited": cited(line.source),
    }


def _change(change: Change) -> ChangeRow:
    printer = Printer("zh" if is_chinese() else "en")
    return ChangeRow(
        path=change.path,
        steps=tuple(word(step) for step in change.path.split(".")),
        kind=change.kind,
        before=_text(printer, change.before) if change.before else "",
        after=_text(printer, change.after) if change.after else "",
        cited=cited(change.source) if change.source else "",
        measure=change.source.measure if change.source else None,
    )


urlpatterns = [
    path("", packs, name="packs"),
    path("compare", compare, name="compare"),
    path("<str:pack_id>", pack, name="pack"),
]
