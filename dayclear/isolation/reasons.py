"""The words for the codes of `isolation`."""

from __future__ import annotations

from typing import Any

REASONS: dict[str, Any] = {}
EVENT_NAMES: dict[str, Any] = {}
