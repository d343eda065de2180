"""The two things every request passes: what a browser may load, and who is acting, where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from dayclear.config.accounts import Standing, chosen, has_totp, standings
from dayclear.config.refusals import sentences
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.areas import EVERYWHERE, area_of
from dayclear.foundation.decisions import Decision, Refused, refuse
from dayclear.foundation.models import ApiToken, User
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Role, owes_second_factor
from dayclear.foundation.scope import acting

GetResponse = Callable[[HttpRequest], HttpResponseBase]

API = "/api/"
SESSION_LASTS = timedelta(hours=12)
IDLE_LASTS = timedelta(minutes=60)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ContentSecurityPolicy:
    """Only our own scripts, styles and pictures; nothing inline, nothing evaluated, nobody frames us."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # A form that starts central sign-on is redirected to the identity provider.
        providers: dict[str, Any] = settings.SOCIALACCOUNT_PROVIDERS
        apps = providers.get("openid_connect", {}).get("APPS", [])
        origins = [urlsplit(app["settings"]["server_url"]) for app in apps]
        self.policy = "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self' data: blob:",
                "font-src 'self'",
                "connect-src 'self'",
                "manifest-src 'self'",
                " ".join(["form-action 'self'", *(f"{o.scheme}://{o.netloc}" for o in origins)]),
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        wasm = match is not None and getattr(match.func, "compiles_wasm", False)
        policy = (
            self.policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'") if wasm else self.policy
        )
        response.headers["Content-Security-Policy"] = policy
        return response


class _Undone(Exception):
    """Carries an answer of 400 or more out of the transaction, which is thereby undone."""

    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__(response.status_code)
        self.response = response


class ActingUser:
    """Finds out who acts, and runs the view inside that person's scope: one transaction, undone if it refuses."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if getattr(view, "open_to_all", False) or view.__module__.startswith("allauth."):
            return None
        now = clock.now()
        with_token = request.path.startswith(API) and "Authorization" in request.headers
        who: Actor | HttpResponseBase = _by_token(request, now) if with_token else _by_session(request, now)
        if not isinstance(who, Actor):
            return who
        acted = cast(ActorRequest, request)
        acted.actor = who
        return _run(acted, view, args, kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """What a view that is open to all refuses, it refuses as every other."""
        return refusal(request, exception.decision) if isinstance(exception, Refused) else None


def _run(
    request: ActorRequest, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    try:
        with acting(request.actor):
            response = view(request, *args, **kwargs)
            render_now = getattr(response, "render", None)
            if render_now is not None:
                response = render_now()
            if response.status_code >= 400:
                raise _Undone(response)
    except Refused as refused:
        return refusal(request, refused.decision)
    except _Undone as undone:
        return undone.response
    return response


# What a refusal for one of these reasons answers; any other is a conflict with how things stand.
_STATUSES = {
    "right_missing": 403,
    "token_read_only": 403,
    "device_revoked": 403,
    "not_found": 404,
    "device_unknown": 401,
    "signature_bad": 401,
    "upload_unreadable": 422,
}


def refusal(request: HttpRequest, decision: Decision) -> HttpResponse:
    """The answer to something a rule refused: a page, a fragment or problem+json, with every reason in words."""
    status = next((_STATUSES[code] for code in decision.codes if code in _STATUSES), 409)
    if request.path.startswith(API):
        return problem(status, decision)
    context = {"reasons": sentences(decision), "policy": decision.policy}
    if request.headers.get("HX-Request") and not request.headers.get("HX-Boosted"):
        response = render(request, "parts/refusal.html", context, status=status)
        response.headers["HX-Retarget"] = "#refusals"
        response.headers["HX-Reswap"] = "innerHTML show:window:top"
        response.headers["HX-Reselect"] = ".refusal"
        return response
    return render(request, "refusal.html", context, status=status)


def problem(status: int, decision: Decision) -> HttpResponse:
    """RFC 9457 problem details, with our reason codes."""
    reasons = [
        {"code": reason.code, "params": dict(reason.params), "text": said.text}
        for reason, said in zip(decision.reasons, sentences(decision), strict=True)
    ]
    body = {"type": "about:blank", "title": reasons[0]["text"] if reasons else "", "status": status, "reasons": reasons}
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/problem+json; charset=utf-8"
    )


def _by_token(request: HttpRequest, now: datetime) -> Actor | HttpResponse:
    scheme, _space, secret = request.headers["Authorization"].partition(" ")
    token = (
        ApiToken.objects.select_related("grant__user")
        .filter(digest=hashlib.sha256(secret.strip().encode()).digest(), revoked_at=None, expires_at__gt=now)
        .filter(grant__expires_at__gt=now, grant__user__is_active=True)
        .first()
        if scheme.lower() == "bearer"
        else None
    )
    if token is None:
        return problem(401, refuse("token_invalid"))
    if request.method not in _SAFE and not token.may_write:
        return problem(403, refuse("token_read_only"))
    # Written at most once in ten minutes: a busy program must not turn every read into a write.
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - timedelta(minutes=10))
    if token.last_used_at is None or token.last_used_at < now - timedelta(minutes=10):
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    place = token.grant.place
    return Actor(
        user_id=token.grant.user_id,
        label=f"{token.grant.user.get_username()} ({token.name})",
        role=Role(token.grant.role),
        area=EVERYWHERE if place == 0 else area_of(place),
    )


def _by_session(request: HttpRequest, now: datetime) -> Actor | HttpResponseBase:
    user = request.user
    api = request.path.startswith(API)
    if not isinstance(user, User):
        return problem(401, refuse("sign_in_needed")) if api else _to_login(request)
    if _over(request, now):
        logout(request)
        messages.info(request, _("You were signed out: a session ends after 60 minutes at rest, and after 12 hours."))
        return problem(401, refuse("sign_in_needed")) if api else _to_login(request)
    if api and request.method not in _SAFE:
        return problem(403, refuse("writes_need_token"))
    if user.must_change_password:
        return (
            problem(403, refuse("password_to_change"))
            if api
            else _redirect(request, reverse("account_change_password"))
        )
    candidates = standings(user, now=now)
    standing = chosen(candidates, request.session.get("grant"))
    if standing is None:
        return problem(403, refuse("no_grant")) if api else render(request, "no_grant.html", status=403)
    actor = standing.actor(user)
    if owes_second_factor(actor.role, actor.level) and not has_totp(user):
        if api:
            return problem(403, refuse("second_factor_owed"))
        return render(request, "second_factor_owed.html", {"standing": standing}, status=403)
    _remember(request, candidates, standing)
    return actor


def _over(request: HttpRequest, now: datetime) -> bool:
    """Whether the session is too old or was left alone too long; otherwise note that it is in use."""
    session, at = request.session, int(now.timestamp())
    began, seen = session.get("began_at"), session.get("seen_at")
    if began is None or seen is None:
        session["began_at"] = session["seen_at"] = at
        return False
    if at - began > SESSION_LASTS.total_seconds() or at - seen > IDLE_LASTS.total_seconds():
        return True
    # What a page asks for by itself (the health light, a refreshed list) is not somebody at work.
    if at - seen >= 60 and "X-Dayclear-Quiet" not in request.headers:
        session["seen_at"] = at
    return False


def _remember(request: HttpRequest, candidates: list[Standing], standing: Standing) -> None:
    """Keep what the frame shows, so that it asks nothing twice."""
    request.standings = candidates  # type: ignore[attr-defined]  # read by config.frame alone
    request.standing = standing  # type: ignore[attr-defined]  # read by config.frame alone


def _to_login(request: HttpRequest) -> HttpResponseBase:
    target = request.get_full_path() if request.method in _SAFE and not request.headers.get("HX-Request") else "/"
    return _redirect(request, f"{reverse('account_login')}?{urlencode({'next': target})}")


def _redirect(request: HttpRequest, url: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
