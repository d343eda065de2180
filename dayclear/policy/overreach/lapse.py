"""Under a pack past its end or its review nothing new is ordered; what is open goes on to its end (R37)."""

from __future__ import annotations

from datetime import date

from dayclear.foundation.decisions import Reason


def lapsed(today: date, sunset_on: date | None, review_on: date | None) -> tuple[Reason, ...]:
    """Why nothing new may be ordered under a pack; empty while it lives. Units: the pack's own days."""
    if sunset_on is not None and today >= sunset_on:
        return (Reason("pack_ended", {"day": sunset_on.isoformat()}),)
    if review_on is not None and today > review_on:
        return (Reason("pack_not_reviewed", {"day": review_on.isoformat()}),)
    return ()
