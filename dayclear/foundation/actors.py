"""Who acts, in which role, for which places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dayclear.foundation.areas import EVERYWHERE, Area, level_of
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right, Role, may


@dataclass(frozen=True, slots=True)
class Actor:
    """One person (or the system) acting in one role for one place.

    A person with several grants acts under one of them at a time, so that a scope is always one range.
    `user_id` is None for the system itself; `label` is what the audit trail calls the actor.
    """

    user_id: int | None
    label: str
    role: Role
    area: Area

    @property
    def everywhere(self) -> bool:
        return self.area == EVERYWHERE

    @property
    def level(self) -> int:
        """The depth of the granted place, 0 to 7."""
        return 0 if self.everywhere else level_of(self.area.lo)

    def may(self, right: Right) -> bool:
        return may(self.role, right)

    def require(self, right: Right) -> None:
        """Raises: Refused (`right_missing`), when the role does not hold the right."""
        if not self.may(right):
            raise Refused(refuse("right_missing", right=right.value, role=self.role.value))

    def require_everywhere(self) -> None:
        """Raises: Refused (`whole_installation_only`), when the actor acts for less than the whole installation."""
        if not self.everywhere:
            raise Refused(refuse("whole_installation_only"))

    def as_json(self) -> dict[str, Any]:
        """How a job keeps whoever it acts for; `Actor.from_json` reads it."""
        return {
            "user_id": self.user_id,
            "label": self.label,
            "role": self.role.value,
            "lo": self.area.lo,
            "hi": self.area.hi,
        }

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> Actor:
        return Actor(kept["user_id"], kept["label"], Role(kept["role"]), Area(kept["lo"], kept["hi"]))


def system(label: str) -> Actor:
    """The installation itself at work (worker, command line): sees every place, is named in the trail."""
    return Actor(user_id=None, label=f"system:{label}", role=Role.ADMINISTRATOR, area=EVERYWHERE)
