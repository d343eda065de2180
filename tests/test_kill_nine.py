"""kill -9 of anything in the middle of an import: it goes on, and nothing is doubled."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bench.line_list import write_line_list
from tests.conftest import Product, new_product

ROWS = 30_000
_PATIENCE_SECONDS = 300
_QUEUE = """
import sys
from dayclear.foundation.cli import installation
with installation():
    from dayclear.foundation import clock
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.interop.commands import queue_import, store_upload
    from dayclear.interop.plan import ImportPlan
    by = system("tests")
    with acting(by), open(sys.argv[1], "rb") as stream:
        upload = store_upload(stream, "list.csv", by=by, now=clock.now())
        queue_import(upload.pk, ImportPlan(disease="covid-19").as_json(), by=by, now=clock.now())
"""


def test_an_import_survives_kill_nine_of_worker_web_database_and_everything_at_once(tmp_path: Path) -> None:
    write_line_list(tmp_path / "list.csv", ROWS)
    product = new_product(tmp_path)
    product.start()
    try:
        queue = [sys.executable, "-c", _QUEUE, str(tmp_path / "list.csv")]
        subprocess.run(queue, env=product.environment, check=True, capture_output=True)
        _await_rows(product, 1)
        _kill([*product.processes("worker"), *product.processes("web")])
        _await_more(product)
        _kill(product.postgres())
        _await_more(product)
        everything = product.processes()
        _kill([*everything, *product.postgres()])
        assert product.process is not None
        product.process.wait()
        product.log.write_text("")
        product.start()
        done = _await_rows(product, ROWS, state="done")
        assert (done["created"], done["updated"], done["unchanged"], done["rejected"]) == (ROWS, 0, 0, 0)
        again = product.run("import", "linelist", str(tmp_path / "list.csv"), "--json")
        told = json.loads(again.stdout)
        assert (told["created"], told["updated"], told["unchanged"]) == (0, 0, ROWS)
        assert (told["links"], told["unresolved_links"]) == (done["links"], 0)
        trail = product.run("check", "--json")
        assert (trail.returncode, json.loads(trail.stdout)["faults"]) == (0, [])
    finally:
        product.stop()


def _import(product: Product) -> dict[str, Any]:
    """The one import as it stands. While the database is being started again the question is asked anew."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        listed = product.run("import", "list", "--json")
        if listed.returncode == 0:
            (only,) = json.loads(listed.stdout)
            return dict(only)
        time.sleep(0.2)
    pytest.fail(f"the database did not come back: {listed.stderr}")


def _await_rows(product: Product, rows: int, state: str = "") -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = _import(product)
        there = found["rows"] >= rows and (not state or found["state"] == state)
        if there or found["state"] == "failed":
            return found
        time.sleep(0.2)
    pytest.fail(f"the import stood still at {found}:\n{product.log.read_text(errors='replace')[-4000:]}")


def _await_more(product: Product) -> None:
    """Until the import has gone on from where it stands, or has ended."""
    _await_rows(product, min(_import(product)["rows"] + 1, ROWS))


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(processes, timeout=10)
