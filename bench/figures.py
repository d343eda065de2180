"""What a measurement gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    `ratio_of` says what stands against what where the number is a ratio measured in one run; `command` is what was
    measured; `note` says under which conditions, and the aim if there is one.
    """

    name: str
    value: float
    unit: str
    ratio_of: str = ""
    command: str = ""
    note: str = ""
