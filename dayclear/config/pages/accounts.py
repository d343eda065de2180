"""Accounts: who may sign in, in which role, for which place, until when; and tokens for programs."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dayclear.config.forms import GrantForm, TokenForm, UserForm, end_of_day
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.commands import accounts
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.filters import existing
from dayclear.foundation.lists import keyset_page
from dayclear.foundation.models import Grant, User
from dayclear.foundation.palette import Found, finds
from dayclear.foundation.queries import grants_within, holds_only_within, tokens_of, users_of
from dayclear.foundation.reasons import ROLE_NAMES
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right, Role
from dayclear.foundation.sent import whole_number
from dayclear.places.models import Place
from dayclear.places.queries import names_of, search_places


@require_GET
def users(request: ActorRequest) -> HttpResponse:
    request.actor.require(Right.MANAGE_ACCOUNTS)
    words = request.GET.get("q", "").strip()
    rows = users_of(request.actor)
    if words:
        rows = rows.filter(username__istartswith=words) | rows.filter(display_name__icontains=words)
    page = keyset_page(rows, ("username", "id"), after=request.GET.get("after", ""))
    now = clock.now()
    held: dict[int, list[Grant]] = {}
    for grant in grants_within(request.actor).filter(user__in=page.rows, expires_at__gt=now).order_by("place", "role"):
        held.setdefault(grant.user_id, []).append(grant)
    names = names_of({grant.place for grants in held.values() for grant in grants})
    context = {"page": page, "rows": [(user, held.get(user.pk, [])) for user in page], "places": names, "words": words}
    return render(request, "accounts/users.html", context)


@require_http_methods(["GET", "POST"])
def new_user(request: ActorRequest) -> HttpResponse:
    request.actor.require(Right.MANAGE_ACCOUNTS)
    form = UserForm(request.POST or None)
    if form.is_valid():
        made = accounts.create_user(
            form.cleaned_data["username"], form.cleaned_data["display_name"], by=request.actor, now=clock.now()
        )
        return _shown_once(request, made)
    return render(request, "accounts/new_user.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def user(request: ActorRequest, user_id: int) -> HttpResponse:
    return _user_page(request, _account(request.actor, user_id))


@require_POST
def give_grant(request: ActorRequest, user_id: int) -> HttpResponse:
    account = _account(request.actor, user_id)
    now = clock.now()
    form = GrantForm(request.POST, today=clock.local_day(now))
    place = _place_chosen(request)
    if not form.is_valid() or place is None:
        return _user_page(request, account, grant_form=form, status=422)
    accounts.give_grant(
        account.pk, form.role_chosen(), place, end_of_day(form.cleaned_data["until"]), by=request.actor, now=now
    )
    return HttpResponseRedirect(reverse("accounts:user", args=[account.pk]))


@require_POST
def revoke_grant(request: ActorRequest, grant_id: int) -> HttpResponse:
    user = accounts.revoke_grant(grant_id, by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:user", args=[user]))


@require_POST
def reset_password(request: ActorRequest, user_id: int) -> HttpResponse:
    return _shown_once(request, accounts.reset_password(user_id, by=request.actor, now=clock.now()))


@require_POST
def reset_second_factor(request: ActorRequest, user_id: int) -> HttpResponse:
    accounts.reset_second_factor(user_id, by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:user", args=[user_id]))


@require_POST
def set_open(request: ActorRequest, user_id: int) -> HttpResponse:
    accounts.set_account_open(user_id, request.POST.get("open") == "1", by=request.actor, now=clock.now())
    return HttpResponseRedirect(reverse("accounts:user", args=[user_id]))


@require_GET
def find_place(request: ActorRequest) -> HttpResponse:
    """The places that begin so, to pick one for a grant."""
    request.actor.require(Right.MANAGE_ACCOUNTS)
    return render(request, "accounts/places_found.html", _places_found(request.actor, request.GET.get("words", "")))


@require_http_methods(["GET", "POST"])
def tokens(request: ActorRequest) -> HttpResponse:
    """One's own tokens for programs."""
    account = request.user
    if not isinstance(account, User):
        raise Refused(refuse("not_found"))
    now = clock.now()
    form = TokenForm(request.POST or None, today=clock.local_day(now), grants=_grant_choices(account))
    made = None
    if form.is_valid():
        made = accounts.make_token(
            form.cleaned_data["grant"],
            form.cleaned_data["name"],
            may_write=form.cleaned_data["may_write"],
            expires_at=end_of_day(form.cleaned_data["until"]),
            by=request.actor,
            now=now,
        )
        form = TokenForm(today=clock.local_day(now), grants=_grant_choices(account))
    rows = list(tokens_of(account))
    context = {
        "form": form,
        "made": made,
        "tokens": rows,
        "now": now,
        "places": names_of({token.grant.place for token in rows}),
    }
    response = render(request, "accounts/tokens.html", context, status=422 if form.is_bound else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def revoke_token(request: ActorRequest, token_id: int) -> HttpResponse:
    accounts.revoke_token(token_id, by=request.actor, now=clock.now())
    owner = whole_number(request.POST.get("user", ""))
    back = reverse("accounts:user", args=[owner]) if owner is not None else reverse("accounts:tokens")
    return HttpResponseRedirect(back)


@finds("accounts")
def find_accounts(actor: Actor, words: str) -> list[Found]:
    if not actor.may(Right.MANAGE_ACCOUNTS):
        return []
    found = users_of(actor).filter(username__istartswith=words)[:5]
    return [Found(each.username, reverse("accounts:user", args=[each.pk]), _("account")) for each in found]


def _account(actor: Actor, user_id: int) -> User:
    actor.require(Right.MANAGE_ACCOUNTS)
    return existing(users_of(actor).filter(pk=user_id))


def _user_page(
    request: ActorRequest, account: User, *, grant_form: GrantForm | None = None, status: int = 200
) -> HttpResponse:
    now = clock.now()
    grants = list(grants_within(request.actor).filter(user=account).order_by("-expires_at", "id"))
    rows = list(tokens_of(account).filter(grant__in=grants))
    context: dict[str, Any] = {
        "account": account,
        "grants": [grant for grant in grants if grant.expires_at > now],
        "ended": [grant for grant in grants if grant.expires_at <= now],
        "tokens": rows,
        "now": now,
        "places": names_of({grant.place for grant in grants}),
        "manages": holds_only_within(request.actor, account),
        "oneself": account.pk == request.actor.user_id,
        "form": grant_form or GrantForm(today=clock.local_day(now)),
        **_places_found(request.actor, request.POST.get("words", "")),
    }
    return render(request, "accounts/user.html", context, status=status)


def _places_found(actor: Actor, words: str) -> dict[str, Any]:
    text = words.strip()
    found = search_places(actor, text, limit=8) if text else []
    return {"found": found, "words": text, "whole": actor.everywhere, "searched": bool(text)}


def _place_chosen(request: ActorRequest) -> int | None:
    """The place picked, or the only one that the words can mean."""
    number = whole_number(request.POST.get("place", ""))
    if number is not None:
        if number == 0 or Place.objects.filter(number=number).exists():
            return number
        raise Refused(refuse("place_unknown"))
    found = search_places(request.actor, request.POST.get("words", ""), limit=2)
    return found[0].number if len(found) == 1 else None


def _grant_choices(account: User) -> list[tuple[int, str]]:
    live = list(account.grants.filter(expires_at__gt=clock.now()).order_by("place", "id"))
    names = names_of({grant.place for grant in live})
    choices = []
    for grant in live:
        where = names[grant.place].full_name if grant.place in names else _("Whole installation")
        choices.append((grant.pk, f"{ROLE_NAMES[Role(grant.role)]} · {where}"))
    return choices


def _shown_once(request: ActorRequest, made: accounts.OneTimePassword) -> HttpResponse:
    response = render(request, "accounts/one_time_password.html", {"made": made})
    response.headers["Cache-Control"] = "no-store"
    return response


urlpatterns = [
    path("", users, name="users"),
    path("new", new_user, name="new_user"),
    path("places", find_place, name="find_place"),
    path("tokens", tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke", revoke_token, name="revoke_token"),
    path("grants/<int:grant_id>/revoke", revoke_grant, name="revoke_grant"),
    path("<int:user_id>", user, name="user"),
    path("<int:user_id>/grant", give_grant, name="give_grant"),
    path("<int:user_id>/password", reset_password, name="reset_password"),
    path("<int:user_id>/second-factor", reset_second_factor, name="reset_second_factor"),
    path("<int:user_id>/open", set_open, name="set_open"),
]
