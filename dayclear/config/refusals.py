"""Turning reason codes into sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from dayclear.foundation.decisions import Decision, Reason
from dayclear.foundation.reasons import RIGHT_NAMES, ROLE_NAMES
from dayclear.policy.words import word

# Parameters that are themselves codes, and the names by which readers know them.
_NAMES: Mapping[str, Mapping[str, Any]] = {
    "right": {right.value: name for right, name in RIGHT_NAMES.items()},
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
}

# Parameters that are codes of the packs: levels and units of areas, categories of persons.
_CODES = frozenset({"level", "unit", "largest", "required", "category"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """A reason in words. `text` is the code itself where nobody has written the sentence."""

    code: str
    text: str


class _Params(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Any]:
    """Every package's sentences: the `REASONS` of its `reasons.py`."""
    found: dict[str, Any] = {}
    for app in apps.get_app_configs():
        if app.name.startswith("dayclear.") and app.module and module_has_submodule(app.module, "reasons"):
            found.update(import_module(f"{app.name}.reasons").REASONS)
    return found


@lru_cache(maxsize=1)
def names() -> Mapping[str, Mapping[str, Any]]:
    """Parameters that are codes, in words: our own, and the `PARAM_NAMES` of every package's `reasons.py`."""
    found = dict(_NAMES)
    for app in apps.get_app_configs():
        if app.name.startswith("dayclear.") and app.module and module_has_submodule(app.module, "reasons"):
            for param, words in getattr(import_module(f"{app.name}.reasons"), "PARAM_NAMES", {}).items():
                found[param] = {**found.get(param, {}), **words}
    return found


def sentences(decision: Decision) -> list[Sentence]:
    """The reasons of a decision as sentences, in its order."""
    return [Sentence(reason.code, sentence(reason)) for reason in decision.reasons]


def sentence(reason: Reason) -> str:
    """One reason in the language now active."""
    template = catalogue().get(reason.code)
    if template is None:
        return reason.code
    return str(template) % _Params({key: _said(key, str(value)) for key, value in reason.params.items()})


def _said(key: str, value: str) -> str:
    """A parameter as readers say it: codes of the packs by their words, rights and roles by their names."""
    if key in _CODES:
        return word(value) if value else "—"
    return str(names().get(key, {}).get(value, value))
