"""Running an import: chunk by chunk, each in its own transaction with its progress, so that a killed worker goes on
where it stood and nothing is written twice."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from django.db import OperationalError
from django.db.models import F
from psycopg.errors import DeadlockDetected

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows
from dayclear.foundation.decisions import Refused
from dayclear.foundation.events import record
from dayclear.foundation.queries import require_standing
from dayclear.foundation.scope import acting
from dayclear.interop.commands.chunk import ChunkWriter, Tally
from dayclear.interop.commands.draft import knows_case
from dayclear.interop.commands.upload import clear_left_file, with_file
from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.linelist.fields import UnknownField
from dayclear.interop.linelist.reading import open_line_list, read_line_list
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.models import Import
from dayclear.interop.plan import ImportPlan
from dayclear.interop.problem_rows import PROBLEM_COLUMNS, problem_row
from dayclear.tracing.commands import rebuild_chains, resolve_references
from dayclear.tracing.limits import interval_limits, lead_days
from dayclear.tracing.queries import link_counts

# Large enough that the counts, one row a day and place, are touched once for many cases; small enough to stop within
# two seconds.
CHUNK_ROWS = 5_000
_TRIES = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come. `rows_total` is None until the file was read to its end once."""

    rows_done: int
    rows_total: int | None


def run_import(upload_id: int, *, now: datetime, report: Callable[[Progress], None] = lambda _: None) -> Import:
    """Run a queued import to its end, or on from where a killed worker left it.

    A file that cannot be read at all ends as `failed` with its reason; anything unexpected is raised, and the job is
    tried again. Returns the import as it then stands.
    """
    clear_left_file(upload_id)
    with acting(system("imports")):
        upload = Import.objects.select_for_update().get(pk=upload_id)
        if upload.state not in ("queued", "running"):
            return upload
        Import.objects.filter(pk=upload_id).update(state="running", started_at=upload.started_at or now)
    by = Actor.from_json(upload.acting)
    try:
        require_standing(by, now=now)
    except Refused:
        # A grant taken away in the meantime ends what was queued under it. By the system: that person may no more.
        return _end(upload_id, "failed", by=system("imports"), now=now, failure="standing_ended")
    plan = ImportPlan.from_json(upload.mapping)
    try:
        with with_file(upload_id, by=by) as path:
            file = open_line_list(path, encoding=plan.encoding, delimiter=plan.delimiter)
            today = local_day(upload.uploaded_at)
            rows = read_line_list(file, plan.read_plan(), today, knows_case=knows_case(plan, by))
            finished = _write_all(upload, plan, rows, by=by, now=now, report=report)
    except LineListRefused as refused:
        return _end(upload_id, "failed", by=by, now=now, failure=refused.code, params=refused.params)
    except UnknownField as unknown:
        return _end(upload_id, "failed", by=by, now=now, failure="field_unknown", params={"name": str(unknown)})
    if not finished:
        return _end(upload_id, "cancelled", by=by, now=now)
    _beside_others(partial(_resolve, plan, now=now))
    _count_links(upload, plan, by=by)
    return _end(upload_id, "done", by=by, now=now)


def _write_all(
    upload: Import,
    plan: ImportPlan,
    rows: Iterator[CaseRow],
    *,
    by: Actor,
    now: datetime,
    report: Callable[[Progress], None],
) -> bool:
    """Write the rows not yet written; False when it was cancelled on the way."""
    with acting(by):
        reading = plan.reading(by)
    lead = lead_days(plan.disease, local_day(now), reading.responsible)
    writer = ChunkWriter(reading, by, now, f"interop.import:{upload.pk}", lead)
    kept = (row for row in rows if row.kind != "skipped")
    # Rows already written are read again, so that repeated numbers are still noticed, and passed over.
    for _ in islice(kept, upload.rows_done):
        pass
    done = upload.rows_done
    more = True
    while more:
        with _without_cycle_collector():
            chunk = list(islice(kept, CHUNK_ROWS))
            if not _beside_others(partial(_write_chunk, upload, writer, chunk)):
                return False
            writer.keep()
        more = len(chunk) == CHUNK_ROWS
        done += len(chunk)
        report(Progress(done, upload.rows_total))
    with acting(by):
        Import.objects.filter(pk=upload.pk).update(rows_total=F("rows_done"))
    return True


@contextmanager
def _without_cycle_collector() -> Iterator[None]:
    """Python's search for reference cycles reads all live objects again whenever many new ones came to be: a third of
    an import's time, for rows that hold no cycles. It has its turn between chunks."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write_chunk(upload: Import, writer: ChunkWriter, chunk: Sequence[CaseRow]) -> bool:
    """False when the import was cancelled."""
    with acting(writer.by):
        if Import.objects.select_for_update().get(pk=upload.pk).cancel_requested:
            return False
        _note(upload, writer.write(chunk))
        return True


def _beside_others(step: Callable[[], _T]) -> _T:
    """Take a step that is one transaction, and take it again when another import came in between.

    Two may register one person at once: the loser reads again and finds them. Of two that wait for each other,
    PostgreSQL ends one and rolls it back whole.
    """
    for _ in range(_TRIES - 1):
        try:
            return step()
        except Refused as refused:
            if refused.decision.codes != ("registered_meanwhile",):
                raise
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return step()


def _note(upload: Import, tally: Tally) -> None:
    """Record what became of a chunk, in the chunk's own transaction."""
    if lines := _problem_rows(upload, tally):
        copy_rows("interop_import_problem", PROBLEM_COLUMNS, lines)
    Import.objects.filter(pk=upload.pk).update(
        rows_done=F("rows_done") + tally.rows,
        created=F("created") + tally.created,
        updated=F("updated") + tally.updated,
        unchanged=F("unchanged") + tally.unchanged,
        continued=F("continued") + tally.continued,
        rejected=F("rejected") + tally.rejected,
    )


def _problem_rows(upload: Import, tally: Tally) -> list[tuple[Any, ...]]:
    rejected = {(row.sheet, row.row_number) for row in tally.rejected_rows}
    return [
        problem_row(upload, row, found, rejects=found.severity == "error" and (row.sheet, row.row_number) in rejected)
        for row, found in tally.problems
    ]


def _resolve(plan: ImportPlan, *, now: datetime) -> None:
    """Turn references into links, and work out the chains they make.

    References from elsewhere may name the cases that have just come, so this looks beyond the importer's places.
    """
    everywhere = system("imports")
    with acting(everywhere):
        linked = resolve_references(plan.disease, by=everywhere, now=now)
        touched = {case for pair in linked for case in pair}
        if touched:
            limits = interval_limits(plan.disease, local_day(now))
            rebuild_chains(plan.disease, limits=limits, touching=touched)


def _count_links(upload: Import, plan: ImportPlan, *, by: Actor) -> None:
    with acting(by):
        links, unresolved = link_counts(by, plan.disease, plan.numbering)
        Import.objects.filter(pk=upload.pk).update(links=links, unresolved_links=unresolved)


def _end(
    upload_id: int,
    state: str,
    *,
    by: Actor,
    now: datetime,
    failure: str = "",
    params: dict[str, Any] | None = None,
) -> Import:
    with acting(by):
        upload = Import.objects.select_for_update().get(pk=upload_id)
        upload.state, upload.finished_at = state, now
        upload.failure, upload.failure_params = failure, params or {}
        upload.save(update_fields=["state", "finished_at", "failure", "failure_params"])
        counts = {
            name: getattr(upload, name)
            for name in ("rows_done", "created", "updated", "unchanged", "continued", "rejected", "links")
        }
        record(
            f"interop.import_{'finished' if state == 'done' else state}",
            f"interop.import:{upload_id}",
            by=by,
            at=now,
            area=upload.area,
            payload={**counts, "failure": failure},
        )
    return upload


def give_up(upload_id: int, *, now: datetime) -> None:
    """End an import as failed when every try met a fault that nobody foresaw. What is in stays in."""
    with acting(system("imports")):
        upload = Import.objects.filter(pk=upload_id, state__in=("queued", "running")).first()
    if upload is not None:
        _end(upload_id, "failed", by=Actor.from_json(upload.acting), now=now, failure="unexpected")
