"""An installation of its own for measuring: a temporary folder, migrated, with the places of one province."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.figures import Figure


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A migrated installation that vanishes afterwards. The user's own is not touched."""
    with tempfile.TemporaryDirectory(prefix="dayclear-bench-") as folder:
        home = Path(folder)
        environment = {**os.environ, "DAYCLEAR_HOME": str(home)}
        environment.pop("DAYCLEAR_DATABASE_URL", None)
        for command in ("migrate", "assets"):
            subprocess.run(
                [sys.executable, "-m", "dayclear", command], env=environment, check=True, capture_output=True
            )
        yield home


def measured_inside(module: str, home: Path, *arguments: str) -> list[Figure]:
    """The figures that `python -m module` prints as JSON, run in that installation."""
    environment = {**os.environ, "DAYCLEAR_HOME": str(home)}
    environment.pop("DAYCLEAR_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return [Figure(**figure) for figure in json.loads(done.stdout)]
