"""All the tests, in passes that share nothing: the packages and the whole product on the embedded PostgreSQL, and what
touches data again on PostgreSQL 15 and on the server that `DAYCLEAR_DATABASE_URL` names, where there is one.

Run as `python -m tests.run [pytest options]`. Two passes run side by side; what a pass says is printed when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from tests.machine import ensure_older_postgres

# These run on every PostgreSQL by themselves, or touch none.
_ONCE = ("--ignore=dayclear/foundation/postgres", "--ignore=dayclear/policy", "--ignore=dayclear/interop/linelist")
_DATA = ("dayclear", "tests/test_scope_of_every_url.py", "-m", "not browser", *_ONCE)
_AT_ONCE = 2


@dataclass(frozen=True)
class _Pass:
    name: str
    tests: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, options: list[str]) -> tuple[int, str, float]:
        """Shape: (exit code, what it said, seconds)."""
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, *self.tests],
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout, time.monotonic() - began


def main() -> int:
    passes = _passes()
    print(f"{len(passes)} passes, {_AT_ONCE} at a time: {', '.join(each.name for each in passes)}", flush=True)
    failed = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        running = {pool.submit(each.run, sys.argv[1:]): each for each in passes}
        for ended in as_completed(running):
            code, said, seconds = ended.result()
            failed = code or failed
            print(f"\n=== Tests of {running[ended].name} ({seconds:.0f} s)\n{said}", flush=True)
    return failed


def _passes() -> list[_Pass]:
    """The longest first."""
    external = os.environ.pop("DAYCLEAR_DATABASE_URL", None)
    passes = [_Pass("the packages on the embedded PostgreSQL", ("dayclear",))]
    if older := ensure_older_postgres():
        passes.append(_Pass("what touches data on PostgreSQL 15", _DATA, {"DAYCLEAR_POSTGRES_BIN": str(older)}))
    else:
        print("Skipping the pass on PostgreSQL 15: it is not installed on this machine.", flush=True)
    if external:
        passes.append(_Pass("what touches data on the external server", _DATA, {"DAYCLEAR_DATABASE_URL": external}))
    passes.append(_Pass("the whole product on the embedded PostgreSQL", ("tests",)))
    return passes


if __name__ == "__main__":
    sys.exit(main())
