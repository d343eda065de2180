"""Every address. A package's pages are the `urlpatterns` of its `pages` module, under its own prefix and namespace."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from dayclear.config.pages import health, session, tasks

_PREFIXES = {
    "reporting": "board/",
    "cases": "cases/",
    "tracing": "chains/",
    "people": "people/",
    "places": "places/",
    "interop": "imports/",
    "policy": "rules/",
}


def _package_pages() -> list[URLResolver]:
    return [
        path(prefix, include((f"dayclear.{package}.pages", package)))
        for package, prefix in _PREFIXES.items()
        if find_spec(f"dayclear.{package}.pages")
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", session.home, name="home"),
    path("palette", session.palette, name="palette"),
    path("switch/place", session.switch_place, name="switch_place"),
    path("switch/language", session.switch_language, name="switch_language"),
    path("switch/theme", session.switch_theme, name="switch_theme"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sso/", include("allauth.socialaccount.urls")),
    path("account/", include("allauth.account.urls")),
    path("tasks/", include((tasks, "tasks"))),
    path("health/", include((health, "health"))),
    path("healthz", health.healthz, name="healthz"),
    *_package_pages(),
]
