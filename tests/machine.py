"""Make the machine fit for the tests: a Chromium, and on a build server a second PostgreSQL.

Run as `python -m tests.machine`; says what it did, and fails with the reason when no browser can be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OLDER_POSTGRES = Path("/usr/lib/postgresql/15/bin")


def chromium() -> str | None:
    """The path of a Chromium: the system's, else the one Playwright brought."""
    for name in _CHROMIUMS:
        found = shutil.which(name)
        if found:
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def ensure_chromium() -> str:
    """Raises: SystemExit with the reason, when there is none and none can be installed."""
    tried = []
    found = chromium()
    if found is None and _can_apt():
        tried.append(_apt("chromium", "fonts-noto-cjk"))
        found = chromium()
    if found is None:
        tried.append(_run([sys.executable, "-m", "playwright", "install", "chromium"]))
        found = chromium()
    if found is None:
        reasons = "\n".join(reason for reason in tried if reason)
        raise SystemExit(
            f"The page tests need Chromium, and none could be installed:\n{reasons}\nInstall it and try again."
        )
    return found


def ensure_older_postgres() -> Path | None:
    """PostgreSQL 15 beside the embedded one; installed only on a build server (CI=true), never on somebody's own."""
    if not OLDER_POSTGRES.exists() and os.environ.get("CI") == "true" and _can_apt():
        _apt("postgresql-15")
    return OLDER_POSTGRES if OLDER_POSTGRES.exists() else None


def _can_apt() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def _apt(*packages: str) -> str:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return _run(["apt-get", "update", "-qq"], environment) or _run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], environment
    )


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """Empty when it went well; else the command and its last words."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    last = (done.stderr or done.stdout).strip().splitlines()[-3:]
    return "" if done.returncode == 0 else f"{' '.join(command)}: {' / '.join(last)}"


if __name__ == "__main__":
    print(f"Chromium: {ensure_chromium()}")
    print(f"PostgreSQL 15: {ensure_older_postgres() or 'not here; the second pass of the tests will be skipped'}")
