"""What the tests of imports share: real files where they are at hand, and an import from bytes to its end."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.scope import acting
from dayclear.interop.commands import queue_import, run_import, store_upload
from dayclear.interop.models import Import, ImportProblem
from dayclear.interop.plan import ImportPlan

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def real_file(name: str) -> Path:
    """A file of the shared data; the test is skipped, saying so, where it is not at hand."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the shared data is not beside this clone: {path.name} of {path.parent.name} is missing")
    return path


def csv_bytes(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A UTF-8 csv with the keys of the first row as its header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def upload(content: bytes, *, by: Actor, now: datetime, name: str = "list.csv") -> Import:
    with acting(by):
        return store_upload(io.BytesIO(content), name, by=by, now=now)


def queued(content: bytes, *, by: Actor, now: datetime, name: str = "list.csv", **plan: Any) -> Import:
    """An uploaded file, queued and not yet begun."""
    stored = upload(content, by=by, now=now, name=name)
    settled = ImportPlan(**{"disease": "covid-19", **plan})
    with acting(by):
        return queue_import(stored.pk, settled.as_json(), by=by, now=now, defer=False)


def run_file(content: bytes, *, now: datetime, by: Actor | None = None, name: str = "list.csv", **plan: Any) -> Import:
    """Import bytes to their end; as the system itself unless somebody is named."""
    return run_import(queued(content, by=by or system("tests"), now=now, name=name, **plan).pk, now=now)


def problems(done: Import) -> list[tuple[int, str, bool]]:
    """Shape: (row, code, whether it kept the row out), in the order of the file."""
    with acting(system("tests")):
        rows = ImportProblem.objects.filter(upload=done.pk).order_by("row", "id")
        return [(row.row, row.code, row.rejects) for row in rows]


def counts(done: Import) -> dict[str, int]:
    names = ("rows_done", "created", "updated", "unchanged", "continued", "rejected", "links", "unresolved_links")
    return {name: getattr(done, name) for name in names}
