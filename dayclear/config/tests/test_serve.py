"""What `dayclear up` does about processes that end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dayclear.config import serve
from dayclear.config.serve import Child


def test_what_ends_is_started_at_once_and_what_keeps_ending_after_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "_DEATHS_PER_MINUTE", 1)
    monkeypatch.setattr(serve, "_PAUSE_SECONDS", 0.3)
    child = Child("web", ["no-such-command"], tmp_path)
    child.start()
    _await(lambda: not child.alive)
    child.revive()
    _await(lambda: not child.alive)
    died_at = time.monotonic()
    _await(lambda: _revived(child))
    assert time.monotonic() - died_at >= 0.3
    said = capsys.readouterr().err
    assert (said.count("web ended; starting it again"), said.count("web keeps ending")) == (1, 1)
    child.end()


def _revived(child: Child) -> bool:
    child.revive()
    return child.alive


def _await(there: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not there():
        assert time.monotonic() < until
        time.sleep(0.02)
