"""What a deadline is called, and where it is dealt with: every package says so for its own kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dayclear.foundation.additions import Additions
from dayclear.foundation.models import Deadline


@dataclass(frozen=True, slots=True)
class TaskText:
    """One line of "my tasks". `title` may be lazy text."""

    title: Any
    href: str = ""


Describer = Callable[[Deadline], TaskText]
# The words and the page for a kind of deadline.
describes = Additions[Describer]()


def describe(deadline: Deadline) -> TaskText:
    """The words for a deadline; its kind and subject where no package has given any."""
    describer = describes.get(deadline.kind)
    return describer(deadline) if describer else TaskText(f"{deadline.kind} · {deadline.subject}")
