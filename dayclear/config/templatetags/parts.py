"""The parts every page is made of, and times, places and people as readers write them.

Built in (settings): a template loads nothing to use them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dayclear.foundation import clock, identifiers
from dayclear.foundation.language import is_chinese
from dayclear.foundation.parts import Explanation, Figure, ProblemLine, StripStep, TimelineEntry
from dayclear.foundation.reasons import RIGHT_NAMES, ROLE_NAMES
from dayclear.foundation.rules import Right, Role

register = template.Library()

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_ZH = "一二三四五六日"


def day_text(day: date, today: date) -> str:
    """A day in the reader's form; the year only when it is another one."""
    if is_chinese():
        text = f"{day.month}月{day.day}日"
        return text if day.year == today.year else f"{day.year}年{text}"
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"


def span_text(span: timedelta) -> str:
    """A span in its two largest units: "1 h 12 min", "3 d 4 h"; under a minute: "0 min"."""
    minutes = int(abs(span.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if is_chinese():
        parts = [(days, f"{days}天"), (hours, f"{hours}小时"), (minutes, f"{minutes}分钟")]
        joint = ""
    else:
        parts = [(days, f"{days} d"), (hours, f"{hours} h"), (minutes, f"{minutes} min")]
        joint = " "
    first = next((index for index, (count, _text) in enumerate(parts) if count), 2)
    return joint.join(text for count, text in parts[first : first + 2] if count) or parts[2][1]


def absolute_text(instant: datetime) -> str:
    """The whole instant, as hover and print show it: "2022-11-11 08:05 (UTC+8)"."""
    local = instant.astimezone(clock.local_zone())
    offset = local.utcoffset() or timedelta()
    hours = offset.total_seconds() / 3600
    return f"{local:%Y-%m-%d %H:%M} (UTC{hours:+g})"


@register.filter
def clock_time(instant: datetime) -> str:
    return f"{instant.astimezone(clock.local_zone()):%H:%M}"


@register.filter
def clock_day(instant: datetime) -> str:
    day = clock.local_day(instant)
    text = day_text(day, day)
    return f"{text} 周{_DAYS_ZH[day.weekday()]}" if is_chinese() else f"{_DAYS_EN[day.weekday()]} {text}"


@register.filter
def local_time(instant: datetime | None) -> str:
    """An instant in local time, 24 h, with the date when it is not today; the absolute instant on hover."""
    if instant is None:
        return "—"
    local, today = instant.astimezone(clock.local_zone()), clock.local_day(clock.now())
    day = "" if local.date() == today else day_text(local.date(), today) + " "
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>',
        instant.isoformat(timespec="seconds"),
        absolute_text(instant),
        day,
        f"{local:%H:%M}",
    )


@register.filter
def local_day(day: date | datetime | None) -> str:
    """A calendar day in the reader's form; ISO on hover."""
    if day is None:
        return "—"
    if isinstance(day, datetime):
        day = clock.local_day(day)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        day.isoformat(),
        day.isoformat(),
        day_text(day, clock.local_day(clock.now())),
    )


@register.filter
def last_day(ends_at: datetime) -> str:
    """The last whole day of something that ends at an instant: midnight belongs to the day before."""
    return local_day(ends_at - timedelta(microseconds=1))


@register.filter
def span(value: timedelta) -> str:
    return span_text(value)


@register.filter
def count(value: int | None) -> str:
    """A count with separators; a dash when it is not known."""
    return "—" if value is None else number_format(value, force_grouping=True)


@register.filter
def age(months: int | None) -> str:
    """An age in years; under two years in months."""
    if months is None:
        return _("age unknown")
    if months < 24:
        return ngettext("%(months)d month old", "%(months)d months old", months) % {"months": months}
    return ngettext("%(years)d year old", "%(years)d years old", months // 12) % {"years": months // 12}


@register.filter
def place_name(number: int | None, names: Mapping[int, Any]) -> str:
    """The name of a place out of `places.queries.names_of`; its full name on hover.

    A place that the register does not know shows its number.
    """
    if number is None:
        return "—"
    if number == 0:
        return _("Whole installation")
    place = names.get(number)
    if place is None:
        return str(number)
    return format_html('<span title="{}">{}</span>', place.full_name, place.name)


@register.filter
def acted(label: str) -> str:
    """Who acted, as a timeline says it: what the system did for itself has no name."""
    return _("by itself") if label.startswith("system:") else label


@register.filter
def masked(value: str) -> str:
    return identifiers.masked(value)


@register.filter
def role_name(role: str) -> str:
    return str(ROLE_NAMES[Role(role)])


@register.filter
def right_name(right: str) -> str:
    return str(RIGHT_NAMES[Right(right)])


@register.filter
def may(frame: Any, right: str) -> bool:
    """Whether the acting person holds a right: `{% if frame|may:"import" %}`."""
    return frame.actor is not None and frame.actor.may(Right(right))


def chip_state(opened_at: datetime, due_at: datetime, now: datetime) -> str:
    """`late` once due, `soon` within the last quarter of its time, else `calm`."""
    if now >= due_at:
        return "late"
    return "soon" if (due_at - now) * 4 <= due_at - opened_at else "calm"


@register.simple_tag(takes_context=True)
def clock_chip(context: Context, opened_at: datetime, due_at: datetime, met_at: datetime | None = None) -> SafeString:
    """The clock of one item: time left or over. `{% clock_chip deadline.opened_at deadline.due_at %}`"""
    if met_at is not None:
        state, text = "met", _("done, %(span)s") % {"span": span_text(met_at - opened_at)}
    else:
        now = context["frame"].now
        state = chip_state(opened_at, due_at, now)
        template_text = _("%(span)s over") if state == "late" else _("%(span)s left")
        text = template_text % {"span": span_text(due_at - now)}
    return format_html(
        '<time class="chip {}" datetime="{}" title="{}">{}</time>',
        state,
        due_at.isoformat(timespec="seconds"),
        _("due %(instant)s") % {"instant": absolute_text(due_at)},
        text,
    )


@register.inclusion_tag("parts/figure.html")
def figure(figure: Figure) -> dict[str, Any]:
    return {"figure": figure}


@register.inclusion_tag("parts/figures.html")
def figures(figures: Iterable[Figure]) -> dict[str, Any]:
    return {"figures": figures}


@register.inclusion_tag("parts/strip.html")
def reconciliation_strip(steps: Iterable[StripStep]) -> dict[str, Any]:
    """Stages that must agree, with the gap where it is: `{% reconciliation_strip steps %}`."""
    return {"steps": steps}


@register.inclusion_tag("parts/timeline.html")
def timeline(entries: Iterable[TimelineEntry]) -> dict[str, Any]:
    return {"entries": entries}


@register.inclusion_tag("parts/explain.html")
def explain(explanation: Explanation) -> dict[str, Any]:
    return {"explanation": explanation}


@register.inclusion_tag("parts/problems.html")
def problems(lines: Iterable[ProblemLine]) -> dict[str, Any]:
    return {"lines": lines}


@register.inclusion_tag("parts/field.html")
def field(bound: Any) -> dict[str, Any]:
    """One field of a form with its label, help and errors: `{% field form.username %}`."""
    described = " ".join(
        name
        for name, there in ((f"{bound.auto_id}-help", bound.help_text), (f"{bound.auto_id}-errors", bound.errors))
        if there
    )
    attributes = {"aria-describedby": described} if described else {}
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return {
        "bound": bound,
        "widget": bound.as_widget(attrs=attributes),
        "is_check": bound.field.widget.__class__.__name__ == "CheckboxInput",
    }


@register.inclusion_tag("parts/pager.html", takes_context=True)
def pager(context: Context, page: Any) -> dict[str, Any]:
    """Where one is in a long list, and the way on. `page` is a `foundation.lists.Page`."""
    return {"page": page, "request": context["request"]}


@register.inclusion_tag("parts/list_tools.html", takes_context=True)
def list_tools(context: Context, page: Any, columns: Any = None) -> dict[str, Any]:
    """How many rows there are, which columns show, and the CSV of the list."""
    return {"page": page, "columns": columns, "request": context["request"]}


@register.inclusion_tag("parts/masked.html")
def masked_value(value: str, reveal_url: str = "") -> dict[str, Any]:
    """An identity number or phone, masked. `reveal_url` answers a POST with the value and records the reading."""
    return {"text": identifiers.masked(value), "reveal_url": reveal_url}


@register.simple_tag
def keeps_input(address: str = "") -> SafeString:
    """The attributes of a form that stays as it was typed when it is refused: `<form method="post" {% keeps_input %}>`.

    Without an address it is sent to that of the page.
    """
    return format_html(
        'hx-post="{}" hx-target="#main" hx-select="#main" hx-swap="outerHTML show:window:top" hx-push-url="true"',
        address,
    )


class _EmptyNode(Node):
    def __init__(self, title: template.base.FilterExpression, nodelist: NodeList) -> None:
        self.title, self.nodelist = title, nodelist

    def render(self, context: Context) -> SafeString:
        return format_html(
            '<div class="empty"><b>{}</b>{}</div>',
            self.title.resolve(context),
            SafeString(self.nodelist.render(context)),
        )


def _empty_state(parser: Parser, token: Token) -> _EmptyNode:
    """An empty state with its next step: `{% empty_state _("No case yet.") %}<a …>Import</a>{% endempty_state %}`."""
    _name, title = token.split_contents()
    nodelist = parser.parse(("endempty_state",))
    parser.delete_first_token()
    return _EmptyNode(parser.compile_filter(title), nodelist)


register.tag("empty_state", _empty_state)
