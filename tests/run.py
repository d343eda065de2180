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
from pathlib import Path

from tests.machine import ensure_older_postgres

# These run on every PostgreSQL by themselves, or touch none.
_ONCE = {"dayclear/foundation/postgres", "dayclear/policy", "dayclear/interop/linelist"}
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
    """The packages in two halves, so that no processor waits long for the other at the end."""
    external = os.environ.pop("DAYCLEAR_DATABASE_URL", None)
    packages = sorted(str(init.parent) for init in Path("dayclear").glob("*/__init__.py"))
    halves = (tuple(packages[::2]), tuple(packages[1::2]))
    passes = [_Pass("the whole product on the embedded PostgreSQL", ("tests",))]
    passes += [_Pass("half of the packages on the embedded PostgreSQL", half) for half in halves]
    servers = {}
    if older := ensure_older_postgres():
        servers["PostgreSQL 15"] = {"DAYCLEAR_POSTGRES_BIN": str(older)}
    else:
        print("Skipping the passes on PostgreSQL 15: it is not installed on this machine.", flush=True)
    if external:
        servers["the external server"] = {"DAYCLEAR_DATABASE_URL": external}
    for server, environment in servers.items():
        for half in halves:
            data = (*(package for package in half if package not in _ONCE), *(f"--ignore={path}" for path in _ONCE))
            passes.append(_Pass(f"what touches data on {server}", data, environment))
        passes.append(_Pass(f"every address on {server}", ("tests/test_scope_of_every_url.py",), environment))
    return passes


if __name__ == "__main__":
    sys.exit(main())
