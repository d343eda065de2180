"""Running an import: chunk by chunk, each in its own transaction with its progress, so that a killed worker goes on
where it stood and nothing is written twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import F

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import Area
from dayclear.foundation.clock import local_day
from dayclear.foundation.decisions import Refused
from dayclear.foundation.events import record
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.interop.commands.chunk import ChunkWriter, Tally
from dayclear.interop.commands.upload import with_file
from dayclear.interop.linelist.facts import CaseRow, Problem
from dayclear.interop.linelist.reading import open_line_list, read_line_list
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.models import Import, ImportProblem
from dayclear.interop.plan import ImportPlan
from dayclear.tracing.commands import rebuild_chains, resolve_references
from dayclear.tracing.limits import interval_limits, lead_days
from dayclear.tracing.queries import link_counts

CHUNK_ROWS = 2_000
_TRIES = 3
# Cells of these fields are not repeated in the list of problems: the list outlives the file.
_PERSONAL_FIELDS = frozenset({"person_name", "id_number", "phone", "address", "residence", "born_on"})


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
    with acting(system("imports")):
        upload = Import.objects.select_for_update().get(pk=upload_id)
        if upload.state not in ("queued", "running"):
            return upload
        Import.objects.filter(pk=upload_id).update(state="running", started_at=upload.started_at or now)
    by = _actor(upload.acting)
    plan = ImportPlan.from_json(upload.mapping)
    try:
        with with_file(upload_id, by=by) as path:
            file = open_line_list(path, encoding=plan.encoding, delimiter=plan.delimiter)
            rows = read_line_list(file, plan.read_plan(), local_day(upload.uploaded_at))
            finished = _write_all(upload, plan, rows, by=by, now=now, report=report)
    except LineListRefused as refused:
        return _end(upload_id, "failed", by=by, now=now, failure=refused.code, params=refused.params)
    if not finished:
        return _end(upload_id, "cancelled", by=by, now=now)
    _join(upload, plan, by=by, now=now)
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
    while chunk := list(islice(kept, CHUNK_ROWS)):
        if not _write_chunk(upload, writer, chunk):
            return False
        done += len(chunk)
        report(Progress(done, upload.rows_total))
    with acting(by):
        Import.objects.filter(pk=upload.pk).update(rows_total=F("rows_done"))
    return True


def _write_chunk(upload: Import, writer: ChunkWriter, chunk: Sequence[CaseRow]) -> bool:
    for attempt in range(1, _TRIES + 1):
        try:
            with acting(writer.by):
                if Import.objects.select_for_update().get(pk=upload.pk).cancel_requested:
                    return False
                _note(upload, writer.write(chunk))
                return True
        except Refused as refused:
            # Two imports registered the same person at once: the loser reads again and finds them.
            if refused.decision.codes != ("registered_meanwhile",) or attempt == _TRIES:
                raise
    return True


def _note(upload: Import, tally: Tally) -> None:
    """Record what became of a chunk, in the chunk's own transaction."""
    ImportProblem.objects.bulk_create(_problem_rows(upload, tally))
    Import.objects.filter(pk=upload.pk).update(
        rows_done=F("rows_done") + tally.rows,
        created=F("created") + tally.created,
        updated=F("updated") + tally.updated,
        unchanged=F("unchanged") + tally.unchanged,
        continued=F("continued") + tally.continued,
        rejected=F("rejected") + tally.rejected,
    )


def _problem_rows(upload: Import, tally: Tally) -> list[ImportProblem]:
    rejected = {(row.sheet, row.row_number) for row in tally.rejected_rows}
    return [
        ImportProblem(
            area=upload.area,
            upload=upload,
            sheet=row.sheet[:64],
            row=row.row_number,
            column=problem.column[:120],
            value="" if problem.field in _PERSONAL_FIELDS else problem.value[:120],
            code=problem.code,
            params=dict(problem.params),
            rejects=_rejects(problem) and (row.sheet, row.row_number) in rejected,
        )
        for row, problem in tally.problems
    ]


def _rejects(problem: Problem) -> bool:
    return problem.severity == "error"


def _join(upload: Import, plan: ImportPlan, *, by: Actor, now: datetime) -> None:
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


def _actor(acting_as: dict[str, Any]) -> Actor:
    return Actor(
        user_id=acting_as["user_id"],
        label=acting_as["label"],
        role=Role(acting_as["role"]),
        area=Area(acting_as["lo"], acting_as["hi"]),
    )
