"""What the preview and the result share: the list of rows with a problem."""

from __future__ import annotations

from typing import Any

from dayclear.foundation.lists import keyset_page
from dayclear.foundation.requests import ActorRequest
from dayclear.interop.models import Import
from dayclear.interop.problem_names import PROBLEM_NAMES
from dayclear.interop.queries import problem_kinds, problems_of
from dayclear.interop.texts import problem_sentence

_ORDER = ("-rejects", "id")


def problem_list(request: ActorRequest, upload: Import) -> dict[str, Any]:
    """One page of the problems, narrowed to a code by the address; rows that are kept out stand first."""
    code = request.GET.get("code", "")
    page = keyset_page(problems_of(request.actor, upload, code=code), _ORDER, after=request.GET.get("after", ""))
    kinds = problem_kinds(request.actor, upload)
    return {
        "problem_page": page,
        "problems": [(problem, problem_sentence(problem)) for problem in page],
        "problem_kinds": [(kind, PROBLEM_NAMES[kind.code]) for kind in kinds],
        "problem_code": code,
        "with_sheets": any(problem.sheet for problem in page),
    }
