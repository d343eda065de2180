"""The API under `/api/v1/`: every package's operations put together, errors as RFC 9457, documentation without a CDN.

Who acts and where is settled by `config.middleware.ActingUser` before an operation runs: a bearer token, or, for
reading, the session of a signed-in browser. Refusals are turned into problem+json there too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from dayclear.areas.api.areas import router as areas
from dayclear.areas.api.measures import router as measures
from dayclear.cases.api import router as cases
from dayclear.config.middleware import problem
from dayclear.foundation.api import router as foundation
from dayclear.foundation.decisions import Decision, Reason, refuse
from dayclear.foundation.requests import ActorRequest, open_to_all
from dayclear.interop.api import fhir
from dayclear.interop.api import router as imports
from dayclear.interop.result_api import router as results
from dayclear.isolation.api import router as orders
from dayclear.lab.api import router as laboratories
from dayclear.lab.person_api import router as tests
from dayclear.people.api import router as people
from dayclear.places.api import router as places
from dayclear.policy.api import router as policies
from dayclear.reporting.api import router as board
from dayclear.sampling.api import router as sampling
from dayclear.supervision.api import router as supervision
from dayclear.tracing.api import router as tracing

DESCRIPTION = """
Everything a program may do, within the places and rights of one grant.

**Who acts.** `Authorization: Bearer …` with a token made under *Accounts*; a token ends by itself and reads only,
unless it was made to write. A signed-in browser may read.

**Lists** are paged by key: put `next` into `after`. `limit` is at most 500.

**Writes** may carry an `Idempotency-Key` of your own: the same request under the same key, within 24 hours, has one
effect and one answer (`Idempotency-Replayed: true`). The same key for another request is refused.

**Errors** are `application/problem+json` (RFC 9457): `reasons` lists codes, parameters and sentences in the language of
`Accept-Language`. What lies outside your places answers 404.

**Numbers of places** have 18 digits and travel as text.
"""

api = NinjaAPI(
    title="Dayclear",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)
api.add_router("", foundation)
api.add_router("/places", places)
api.add_router("/people", people)
api.add_router("/people", tests)
api.add_router("/cases", cases)
api.add_router("", tracing)
api.add_router("", orders)
api.add_router("", areas)
api.add_router("", measures)
api.add_router("/imports", imports)
api.add_router("/fhir", fhir)
api.add_router("/board", board)
api.add_router("/policies", policies)
api.add_router("", sampling)
api.add_router("", laboratories)
api.add_router("", results)
api.add_router("", supervision)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    reasons = [
        Reason("invalid_input", {"where": ".".join(str(part) for part in each["loc"]), "what": str(each["msg"])})
        for each in error.errors
    ]
    return problem(422, Decision(tuple(reasons)))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, refuse("bad_request", what=str(error)))


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, refuse("not_found"))


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The OpenAPI description: ours, with the ways to prove who one is and the form of every error."""
    said: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    components = said.setdefault("components", {})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    said["security"] = [{"token": []}]
    answer = {"description": "Problem", "content": {"application/problem+json": {"schema": _PROBLEM_REF}}}
    for operations in said["paths"].values():
        for method, operation in operations.items():
            # The framework describes its own form of a 422; every error here has one form.
            operation["responses"]["default"] = answer
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY)
    return said


_PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "reasons"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "reasons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "params", "text"],
                "properties": {"code": {"type": "string"}, "params": {"type": "object"}, "text": {"type": "string"}},
            },
        },
    },
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 120, "pattern": "^[A-Za-z0-9._:-]*$"},
    "description": "A key of your own; the same request under it has one effect.",
}


@open_to_all
@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """The OpenAPI description of the API."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False})


@open_to_all
def root(request: HttpRequest) -> JsonResponse:
    """Where to read on."""
    return JsonResponse({"openapi": "/api/v1/openapi.json", "docs": "/api/v1/docs"})


@csrf_exempt
@open_to_all
def unknown(request: HttpRequest, rest: str) -> HttpResponse:
    """An address under /api/ that does not exist answers like every other error of the API."""
    return problem(404, refuse("not_found"))


@require_GET
def docs(request: ActorRequest) -> HttpResponse:
    """The same as a page, without a script from elsewhere."""
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in schema()["paths"].items()
        for method, operation in methods.items()
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in operations:
        groups.setdefault((operation.get("tags") or [_("other")])[0], []).append(operation)
    return render(request, "api/docs.html", {"groups": groups.items(), "description": DESCRIPTION})
