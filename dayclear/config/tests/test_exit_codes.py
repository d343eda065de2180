"""The exit codes of the console script itself, as programs see them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["policy", "validate", str(PACKAGE / "policy/packs/measles.yaml")], 0, id="a sound pack"),
        pytest.param(
            ["policy", "validate", str(PACKAGE / "policy/tests/broken/overlay_unsourced.yaml")], 1, id="a broken pack"
        ),
        pytest.param(["policy", "validate", "nowhere.yaml"], 2, id="no such file"),
        pytest.param(["nothing"], 2, id="no such command"),
        pytest.param(["--help"], 0, id="help"),
    ],
)
def test_the_command_leaves_with_the_code_that_it_means(words: list[str], code: int) -> None:
    done = subprocess.run([sys.executable, "-m", "dayclear", *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
