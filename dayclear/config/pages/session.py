"""Small switches of the frame: place, language, brightness; the first page; the command palette."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import activate
from django.views.decorators.http import require_GET, require_POST

from dayclear.config.frame import THEMES, frame
from dayclear.foundation.models import User
from dayclear.foundation.palette import Found, search_all
from dayclear.foundation.requests import ActorRequest, open_to_all
from dayclear.foundation.sent import whole_number

_YEAR_SECONDS = 365 * 24 * 3600


@require_GET
def home(request: ActorRequest) -> HttpResponse:
    """The first page: the first section this person may open."""
    return HttpResponseRedirect(frame(request)["frame"].links[0].href)


@require_POST
def switch_place(request: ActorRequest) -> HttpResponse:
    """Act under another of one's grants from now on. Whose grant it is is checked on every request."""
    chosen = whole_number(request.POST.get("grant", ""))
    if chosen is not None:
        request.session["grant"] = chosen
    # What was open may not exist in the other place: start from its section.
    section = request.POST.get("next", "/").strip("/").split("/")[0]
    target = next((link.href for link in frame(request)["frame"].links if link.href.strip("/") == section), "/")
    return HttpResponseRedirect(target)


@open_to_all
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Also before signing in. The choice is kept with the account and in the browser."""
    language = request.POST.get("language", "")
    response = _back(request)
    if language in dict(settings.LANGUAGES):
        activate(language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True
        )
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
    return response


@open_to_all
@require_POST
def switch_theme(request: HttpRequest) -> HttpResponse:
    response = _back(request)
    if request.POST.get("theme") in THEMES:
        response.set_cookie("theme", request.POST["theme"], max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)
    return response


@open_to_all
@require_GET
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Where other products sign up or reset by mail: an administrator does it here."""
    return render(request, "account/signup_closed.html", status=403)


@require_GET
def palette(request: ActorRequest) -> HttpResponse:
    """What the words typed lead to: pages of the frame first, then what the packages find."""
    words = request.GET.get("q", "").strip()[:80]
    shown = frame(request)["frame"]
    pages = [Found(link.label, link.href) for link in shown.links]
    if words:
        pages = [page for page in pages if words.lower() in str(page.label).lower()]
    found = [*pages, *(search_all(request.actor, words) if words else [])]
    return render(request, "frame/found.html", {"found": found, "words": words})


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else reverse("home"))
