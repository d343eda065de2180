"""All the tests: once on the embedded PostgreSQL, then what touches data again on PostgreSQL 15 and on the server that
`DAYCLEAR_DATABASE_URL` names, where there is one.

Run as `python -m tests.run [pytest options]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.machine import ensure_older_postgres

# These run on every PostgreSQL by themselves, or touch none.
_ONCE = ["--ignore=dayclear/foundation/postgres", "--ignore=dayclear/policy", "--ignore=dayclear/interop/linelist"]
_AGAIN = ["-q", "dayclear", "tests/test_scope_of_every_url.py", "-m", "not browser", *_ONCE]


def main() -> int:
    options = sys.argv[1:]
    external = os.environ.pop("DAYCLEAR_DATABASE_URL", None)
    older = ensure_older_postgres()
    if older is None:
        print("Skipping the pass on PostgreSQL 15: it is not installed on this machine.", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        # Side by side, one on each core; what the further passes say is printed after the first.
        further = []
        if older:
            further.append(_Pass("PostgreSQL 15", {"DAYCLEAR_POSTGRES_BIN": str(older)}, Path(folder)))
        if external:
            further.append(_Pass("the external server", {"DAYCLEAR_DATABASE_URL": external}, Path(folder)))
        print("\n=== Tests on the embedded PostgreSQL", flush=True)
        failed = subprocess.run([sys.executable, "-m", "pytest", *options], check=False).returncode
        for each in further:
            failed = each.finish() or failed
    return failed


class _Pass:
    """A run of the tests beside the first."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        self._name = name
        self._said = folder / name
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *_AGAIN],
                env={**os.environ, **environment},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def finish(self) -> int:
        code = self._process.wait()
        print(f"\n=== Tests on {self._name}\n{self._said.read_text(errors='replace')}", flush=True)
        return code


if __name__ == "__main__":
    sys.exit(main())
