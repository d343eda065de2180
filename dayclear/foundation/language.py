"""In which of the two languages somebody reads."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language


def is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def enumerated(words: Iterable[str]) -> str:
    """Words one after the other, with the comma that the language has between them."""
    return ("、" if is_chinese() else ", ").join(words)
