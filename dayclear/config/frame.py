"""What every page shows around its own content: places, clock, languages, sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dayclear.config.accounts import Standing
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.models import User
from dayclear.foundation.reasons import ROLE_NAMES
from dayclear.foundation.rules import Right

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Tab:
    """A page within a section. `right` of None: whoever is signed in."""

    url_name: str
    label: Any
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of a section that the same people work with. Without a label: its pages stand by themselves."""

    label: Any
    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the rail. Its pages are known by their namespaces; the first tab one may open is its front page."""

    key: str
    label: Any
    namespaces: tuple[str, ...]
    groups: tuple[Group, ...]


def _plain(*tabs: Tab) -> tuple[Group, ...]:
    """A section that needs no grouping."""
    return (Group("", tabs),)


SECTIONS = (
    Section("board", _("Board"), ("reporting",), _plain(Tab("reporting:board", _("Board"), Right.SEE_BOARD))),
    Section("tasks", _("My tasks"), ("tasks",), _plain(Tab("tasks:open", _("My tasks")))),
    Section(
        "people",
        _("People"),
        ("cases", "tracing", "people", "isolation", "sampling:positive"),
        _plain(
            Tab("cases:list", _("Cases"), Right.SEE_CASES),
            Tab("tracing:chains", _("Chains"), Right.SEE_CASES),
            Tab("sampling:positive:chains", _("Positive tubes"), Right.SEE_SAMPLING),
            Tab("sampling:positive:phone_list", _("Phone list"), Right.TRACE_TUBES),
            Tab("isolation:list", _("Orders"), Right.SEE_ORDERS),
            Tab("people:list", _("People"), Right.SEE_PEOPLE),
            Tab("people:matches", _("One person or two?"), Right.REVIEW_MATCHES),
        ),
    ),
    Section(
        "places",
        _("Places"),
        ("places", "areas"),
        _plain(
            Tab("places:list", _("Places")),
            Tab("areas:list", _("Risk areas")),
            Tab("areas:measures", _("Measures")),
            Tab("areas:published", _("Published lists")),
            Tab("areas:tiers", _("County tiers"), Right.SEE_CASES),
        ),
    ),
    Section(
        "resources",
        _("Resources"),
        ("sampling", "interop", "lab", "accounts", "health"),
        (
            Group(
                _("Sampling"),
                (
                    Tab("sampling:rounds", _("Rounds"), Right.SEE_SAMPLING),
                    Tab("sampling:points", _("Points"), Right.SEE_SAMPLING),
                    Tab("sampling:devices", _("Devices"), Right.SEE_SAMPLING),
                    Tab("sampling:boxes", _("Boxes"), Right.SEE_SAMPLING),
                    Tab("sampling:disputes", _("Disputed tubes"), Right.SEE_SAMPLING),
                    Tab("sampling:duties", _("Routine tests"), Right.SEE_SAMPLING),
                    Tab("sampling:codes", _("Codes"), Right.ISSUE_CODES),
                    Tab("sampling:advice", _("People per tube"), Right.SEE_SAMPLING),
                    Tab("lab:items", _("Goods and surfaces"), Right.SEE_SAMPLING),
                ),
            ),
            Group(
                _("Laboratories"),
                (
                    Tab("lab:list", _("Laboratories"), Right.SEE_LABS),
                    Tab("interop:results", _("Result files"), Right.WORK_IN_LAB),
                    Tab("lab:dispatch", _("Dispatch"), Right.SEE_LABS),
                    Tab("lab:returns", _("Returns"), Right.SEE_LABS),
                    Tab("lab:reconciliation", _("Reconciliation"), Right.SEE_LABS),
                    Tab("lab:quality", _("Laboratory quality"), Right.SEE_LABS),
                    Tab("lab:assays", _("Assays"), Right.SEE_LABS),
                ),
            ),
            Group(
                _("Installation"),
                (
                    Tab("interop:imports", _("Line lists"), Right.IMPORT),
                    Tab("accounts:users", _("Accounts"), Right.MANAGE_ACCOUNTS),
                    Tab("health:page", _("Health"), Right.SEE_HEALTH),
                ),
            ),
        ),
    ),
    Section(
        "rules",
        _("Rules"),
        ("policy", "supervision"),
        _plain(
            Tab("policy:packs", _("Rules")),
            Tab("supervision:list", _("Findings"), Right.SEE_FINDINGS),
            Tab("supervision:complain", _("Complaints"), Right.TAKE_COMPLAINTS),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A resolved link of the frame."""

    key: str
    label: Any
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """The links of a group; `head` stands for all of them, and is missing where there is nothing to choose between."""

    head: Link | None
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything the base templates read."""

    now: datetime
    zone: str
    theme: str
    language: str
    actor: Actor | None
    role_name: Any
    person: str
    standing: Standing | None
    standings: tuple[Standing, ...]
    links: tuple[Link, ...]
    tabs: tuple[LinkGroup, ...]
    may_see_health: bool

    @property
    def here(self) -> Any:
        """The name of the page within its section."""
        pages = [link for group in self.tabs for link in (group.links or (group.head,)) if link]
        return next((link.label for link in pages if link.current), "")


def frame(request: HttpRequest) -> dict[str, Frame]:
    """The context processor."""
    actor: Actor | None = getattr(request, "actor", None)
    match = request.resolver_match
    namespace = match.namespace if match else ""
    theme = request.COOKIES.get("theme", "auto")
    # A request that failed before anybody was looked for has no user at all.
    user = getattr(request, "user", None)
    return {
        "frame": Frame(
            now=clock.now(),
            zone=settings.TIME_ZONE,
            theme=theme if theme in THEMES else "auto",
            language=get_language() or settings.LANGUAGE_CODE,
            actor=actor,
            role_name=ROLE_NAMES[actor.role] if actor else "",
            person=(user.display_name or user.get_username()) if isinstance(user, User) else "",
            standing=getattr(request, "standing", None),
            standings=tuple(getattr(request, "standings", ())),
            links=_links(actor, namespace) if actor else (),
            tabs=_tabs(actor, namespace, request.path) if actor else (),
            may_see_health=actor is not None and actor.may(Right.SEE_HEALTH),
        )
    }


def _links(actor: Actor, namespace: str) -> tuple[Link, ...]:
    links = []
    for section in SECTIONS:
        groups = _open_groups(actor, section)
        if groups:
            front = groups[0][1][0]
            links.append(Link(section.key, section.label, front.href, namespace in section.namespaces))
    return tuple(links)


def _tabs(actor: Actor, namespace: str, path: str) -> tuple[LinkGroup, ...]:
    """The pages of the section one is in; nothing where there is only this one."""
    section = next((each for each in SECTIONS if namespace in each.namespaces), None)
    groups = _open_groups(actor, section) if section else []
    pages = [page for _label, pages in groups for page in pages]
    if len(pages) < 2:
        return ()
    lit = _lit(pages, path)
    return tuple(_link_group(label, pages, lit, alone=len(groups) == 1) for label, pages in groups)


def _link_group(label: Any, pages: Sequence[Link], lit: str, *, alone: bool) -> LinkGroup:
    """A group of one page is that page; the only group needs no head."""
    links = tuple(replace(page, current=page.key == lit) for page in pages)
    current = any(link.current for link in links)
    if alone:
        return LinkGroup(None, links)
    if len(links) == 1:
        return LinkGroup(links[0], ())
    return LinkGroup(Link(links[0].key, label, links[0].href, current), links)


def _lit(pages: Sequence[Link], path: str) -> str:
    """The tab of a page: the nearest under whose address it stands (`/areas/measures/7` under `/areas/measures/`)."""
    above = [page for page in pages if path.startswith(page.href)]
    return max(above, key=lambda page: len(page.href)).key if above else ""


def _open_groups(actor: Actor, section: Section) -> list[tuple[Any, list[Link]]]:
    """What of a section the actor may open. Shape: (label of the group, its pages), none of them empty."""
    groups = [(group.label, _open_pages(actor, group)) for group in section.groups]
    return [(label, pages) for label, pages in groups if pages]


def _open_pages(actor: Actor, group: Group) -> list[Link]:
    found = []
    for tab in group.tabs:
        if tab.right is None or actor.may(tab.right):
            try:
                found.append(Link(tab.url_name, tab.label, reverse(tab.url_name), current=False))
            except NoReverseMatch:
                # The package with this page is not part of this installation: no entry leads to it.
                continue
    return found
