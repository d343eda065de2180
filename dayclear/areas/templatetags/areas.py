"""Codes of the packs in the reader's words."""

from __future__ import annotations

from django import template

from dayclear.policy.words import word

register = template.Library()


@register.filter
def code_word(code: str) -> str:
    """A code of a pack for readers: `{{ measure.code|code_word }}`."""
    return word(code)
