"""A second officer: nothing stricter than the least is signed by one alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from dayclear.foundation.rules import Role

if TYPE_CHECKING:
    from dayclear.foundation.actors import Actor

COUNTY = 610113 * 10**12


@pytest.fixture
def second_officer(make_actor: Callable[..., Actor]) -> Actor:
    """Another officer of 雁塔区."""
    return make_actor("second-officer", Role.OFFICER, COUNTY)
