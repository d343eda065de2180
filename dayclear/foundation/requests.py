"""The request as a page receives it: somebody known, acting in one role for one place."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from dayclear.foundation.actors import Actor


class ActorRequest(HttpRequest):
    """What `config.middleware.ActingUser` hands to every page and API operation. Only for annotations."""

    actor: Actor
    htmx: HtmxDetails
