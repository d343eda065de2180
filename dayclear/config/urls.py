"""Every address. A package's pages are the `urlpatterns` of its `pages` module, under its own prefix and namespace."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account
from allauth.socialaccount import views as sso
from django.urls import URLPattern, URLResolver, include, path

from dayclear.config import api
from dayclear.config.pages import accounts, health, session, tasks

_PREFIXES = {
    "reporting": "board/",
    "cases": "cases/",
    "tracing": "chains/",
    "people": "people/",
    "sampling": "sampling/",
    "lab": "labs/",
    "places": "places/",
    "isolation": "orders/",
    "areas": "areas/",
    "supervision": "findings/",
    "interop": "imports/",
    "policy": "rules/",
}


def _package_pages() -> list[URLResolver]:
    return [
        path(prefix, include((f"dayclear.{package}.pages", package)))
        for package, prefix in _PREFIXES.items()
        if (spec := find_spec(f"dayclear.{package}.pages")) is not None and spec.origin
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", session.home, name="home"),
    path("palette", session.palette, name="palette"),
    path("switch/place", session.switch_place, name="switch_place"),
    path("switch/language", session.switch_language, name="switch_language"),
    path("switch/theme", session.switch_theme, name="switch_theme"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("account/sso/cancelled/", sso.login_cancelled, name="socialaccount_login_cancelled"),
    path("account/sso/error/", sso.login_error, name="socialaccount_login_error"),
    path("account/sso/signup/", sso.signup, name="socialaccount_signup"),
    path("account/sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
    # Of allauth's pages only those that exist here: no sign-up, no e-mail, no reset by mail.
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", account.password_change, name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("account/signup/", session.no_sign_up, name="account_signup"),
    path("account/password/reset/", session.no_sign_up, name="account_reset_password"),
    path("account/email/", session.no_sign_up, name="account_email"),
    path("tasks/", include((tasks, "tasks"))),
    path("accounts/", include((accounts, "accounts"))),
    path("health/", include((health, "health"))),
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/openapi.json", api.openapi, name="openapi"),
    path("api/v1/docs", api.docs, name="api_docs"),
    path("api/v1/", api.root, name="api_root"),
    path("api/v1/sampling/", include(("dayclear.sampling.device_api", "sampling_devices"))),
    path("api/v1/", api.api.urls),
    path("api/<path:rest>", api.unknown, name="api_unknown"),
    *_package_pages(),
]
