"""What a rule answers, and how a refusal travels.

Rules return reason *codes*; pages and API turn codes into sentences in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a stable code, and the facts its sentence needs."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a rule.

    Shape: `reasons` in a fixed order, empty when allowed.
    """

    reasons: tuple[Reason, ...] = ()
    policy: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reasons

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(reason.code for reason in self.reasons)


ALLOWED = Decision()


def refuse(code: str, /, **params: str | int) -> Decision:
    """A decision that says no, for one reason."""
    return Decision(reasons=(Reason(code, params),))


class Refused(Exception):
    """A command was refused by a rule; nothing was written."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(", ".join(decision.codes))
        self.decision = decision


def require(decision: Decision) -> None:
    """Raises: Refused, when the decision is not allowed."""
    if not decision.allowed:
        raise Refused(decision)
