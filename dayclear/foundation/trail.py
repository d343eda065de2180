"""Reading the trail of events, within scope."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db.models import QuerySet
from django.utils.module_loading import module_has_submodule

from dayclear.foundation.actors import Actor
from dayclear.foundation.models import Event
from dayclear.foundation.parts import TimelineEntry


def events_of(actor: Actor, subjects: Collection[str]) -> QuerySet[Event]:
    """What happened to these subjects in the actor's places, in the order of recording."""
    return Event.objects.filter(subject__in=list(subjects), area__range=(actor.area.lo, actor.area.hi)).order_by(
        "ordinal"
    )


def _nothing(event: Event) -> str:
    return ""


def timeline(events: Iterable[Event], detail: Callable[[Event], str] = _nothing) -> list[TimelineEntry]:
    """Events as readers see them, the latest first. `detail` says what changed."""
    return [
        TimelineEntry(
            at=event.at,
            title=event_name(event.kind),
            who=event.actor_label,
            why=event.payload.get("reason", ""),
            detail=detail(event),
        )
        for event in events
    ][::-1]


def event_name(kind: str) -> Any:
    """What readers call a kind of event: the `EVENT_NAMES` of the `reasons.py` of the package that records it."""
    return _event_names().get(kind, kind)


@lru_cache(maxsize=1)
def _event_names() -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for app in apps.get_app_configs():
        if app.name.startswith("dayclear.") and app.module and module_has_submodule(app.module, "reasons"):
            found.update(getattr(import_module(f"{app.name}.reasons"), "EVENT_NAMES", {}))
    return found
