"""One thing seen, before it is a finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dayclear.policy.overreach import Breach


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something the guard saw, with who answers for it. Shape: the columns of a finding."""

    area: int
    subject: str
    predicate: str
    owner: int
    about: str = ""
    side: str = "over"
    disease: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    limit: str = ""
    source: str = ""
    policy: str = ""
    review: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.subject, self.about, self.predicate


def of_breach(breach: Breach, *, area: int, subject: str, owner: int, disease: str, policy: str) -> Sighting:
    """A breach of one thing."""
    return Sighting(
        area=area,
        subject=subject,
        predicate=breach.rule,
        owner=owner,
        disease=disease,
        facts=dict(breach.params),
        limit=breach.limit[:400],
        source=breach.source[:300],
        policy=policy,
        review=breach.review,
    )
