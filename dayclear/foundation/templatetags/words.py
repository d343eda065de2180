"""Codes as readers know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def word(code: str, names: Mapping[str, Any]) -> Any:
    """The name of a code; the code itself where it has none. `{{ case.severity|word:words.severity }}`"""
    return names.get(code, code)
