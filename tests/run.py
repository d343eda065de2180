"""All the tests: once on the embedded PostgreSQL, then what touches data again on PostgreSQL 15 and on the server that
`DAYCLEAR_DATABASE_URL` names, where there is one.

Run as `python -m tests.run [pytest options]`.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.machine import ensure_older_postgres

# These run on every PostgreSQL by themselves, or touch none.
_ONCE = ["--ignore=dayclear/foundation/postgres", "--ignore=dayclear/policy", "--ignore=dayclear/interop/linelist"]


def main() -> int:
    options = sys.argv[1:]
    external = os.environ.pop("DAYCLEAR_DATABASE_URL", None)
    passes: list[tuple[str, dict[str, str], list[str]]] = [("the embedded PostgreSQL", {}, [])]
    older = ensure_older_postgres()
    if older is None:
        print("Skipping the pass on PostgreSQL 15: it is not installed on this machine.", flush=True)
    else:
        passes.append(("PostgreSQL 15", {"DAYCLEAR_POSTGRES_BIN": str(older)}, ["-m", "not browser", *_ONCE]))
    if external:
        passes.append(("the external server", {"DAYCLEAR_DATABASE_URL": external}, ["-m", "not browser", *_ONCE]))
    for name, environment, more in passes:
        print(f"\n=== Tests on {name}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *more, *options], env={**os.environ, **environment}, check=False
        )
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
