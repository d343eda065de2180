"""What packages add to something below them, by name: a panel of a page, a search, the words of a deadline.

Nobody below knows who adds. A package adds when it starts, in the `ready` of its AppConfig.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Added = TypeVar("Added", bound=Callable[..., Any])


class Additions(dict[str, Added]):
    """Shape: name → what was added, in the order of adding. Called with a name it is a decorator that adds."""

    def __call__(self, name: str) -> Callable[[Added], Added]:
        def add(one: Added) -> Added:
            self[name] = one
            return one

        return add
