"""A draft import: how its file is to be read, what that would come to, and its start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app

from dayclear.cases.models import Case
from dayclear.cases.queries import cases_of
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.clock import local_day
from dayclear.foundation.database import copy_rows
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.rules import Right
from dayclear.foundation.scope import acting
from dayclear.interop.commands.upload import lock_draft, queue_import, with_file
from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.linelist.fields import UnknownField
from dayclear.interop.linelist.identity import case_number_key
from dayclear.interop.linelist.preview import preview
from dayclear.interop.linelist.reading import open_line_list
from dayclear.interop.linelist.refusal import LineListRefused
from dayclear.interop.models import Import, ImportCheck, ImportProblem, SavedMapping
from dayclear.interop.plan import ImportPlan
from dayclear.interop.problem_rows import PROBLEM_COLUMNS, problem_row
from dayclear.interop.wizard import digest_of, summary_of

CHECK_TASK = "dayclear.interop.jobs.check_line_list"
# A file up to this size is checked while the page waits (about two seconds); a larger one in the background.
CHECKED_AT_ONCE_BYTES = 1_500_000
_FLUSH_ROWS = 5_000
# What a saved mapping keeps of the settings: what belongs to the shape of the file, not to this one file.
_SAVED = ("disease", "numbering", "classification", "columns", "value_map", "date_order", "zero_age", "year")


def settle_plan(upload_id: int, plan: ImportPlan, *, by: Actor, now: datetime) -> Import:
    """Keep how a draft is to be read. Raises: Refused (`not_found`, `already_started`)."""
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = lock_draft(upload_id)
        upload.mapping = plan.as_json()
        upload.disease, upload.numbering = plan.disease[:32], plan.numbering[:64]
        upload.save(update_fields=["mapping", "disease", "numbering"])
    return upload


def ask_check(upload_id: int, *, by: Actor, now: datetime) -> ImportCheck:
    """Check a draft the way it is set now: at once if it is small, else in the background.

    A check that holds for these settings already is not made again. Raises: Refused (`not_found`, `already_started`).
    """
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = lock_draft(upload_id)
        digest = digest_of(ImportPlan.from_json(upload.mapping))
        known = ImportCheck.objects.filter(pk=upload.pk).first()
        if known is not None and bytes(known.plan_digest) == digest and known.state != "failed":
            return known
        start = {"area": upload.area, "plan_digest": digest, "state": "queued", "rows_read": 0, "summary": {}}
        start |= {"failure": "", "failure_params": {}}
        ImportCheck.objects.update_or_create(upload=upload, defaults=start)
        if upload.size_bytes > CHECKED_AT_ONCE_BYTES:
            task = app.configure_task(CHECK_TASK, queue="imports", lock=f"interop.check:{upload.pk}")
            task.defer(upload_id=upload.pk, digest=digest.hex())
        else:
            run_check(upload.pk, digest)
    return ImportCheck.objects.get(pk=upload_id)


def run_check(upload_id: int, digest: bytes) -> None:
    """Read the whole file of a draft and note what would come of it. Doing it again gives the same.

    It ends by itself when the draft was started, dropped or set in another way in the meantime.
    """
    with acting(system("imports")):
        upload = Import.objects.filter(pk=upload_id).first()
        if upload is None:
            return
    by = Actor.from_json(upload.acting)
    plan = ImportPlan.from_json(upload.mapping)
    noting = _Noting(upload, digest, by)
    try:
        if digest_of(plan) != digest or not noting.begin():
            return
        with with_file(upload_id, by=by) as path:
            file = open_line_list(path, encoding=plan.encoding, delimiter=plan.delimiter)
            found = preview(
                file,
                plan.read_plan(),
                local_day(upload.uploaded_at),
                first_rows=0,
                knows_case=knows_case(plan, by),
                each=noting.add,
            )
        noting.end("done", summary=msgspec.to_builtins(summary_of(found, plan)))
    except _Outdated:
        return
    except LineListRefused as refused:
        noting.end("failed", failure=refused.code, failure_params=refused.params)
    except UnknownField as unknown:
        noting.end("failed", failure="field_unknown", failure_params={"name": str(unknown)})


class _Outdated(Exception):
    """The check is for settings that no longer hold."""


class _Noting:
    """Writes the problem rows of a check, and how far it is, a few thousand rows at a time."""

    def __init__(self, upload: Import, digest: bytes, by: Actor) -> None:
        self._upload, self._digest, self._by = upload, digest, by
        self._rows = 0
        self._lines: list[tuple[object, ...]] = []

    def begin(self) -> bool:
        try:
            self._update(state="running", rows_read=0)
        except _Outdated:
            return False
        with acting(self._by):
            ImportProblem.objects.filter(upload=self._upload.pk).delete()
        return True

    def add(self, row: CaseRow) -> None:
        self._rows += 1
        # An empty row is counted; a line of its own for each would bury the others.
        self._lines += [
            problem_row(self._upload, row, problem, rejects=row.kind == "rejected" and problem.severity == "error")
            for problem in row.problems
            if problem.code != "blank_row"
        ]
        if self._rows % _FLUSH_ROWS == 0:
            self._update(rows_read=self._rows)

    def end(self, state: str, **noted: object) -> None:
        self._update(state=state, rows_read=self._rows, **noted)

    def _update(self, **noted: object) -> None:
        with acting(self._by):
            # A started import has no use for its check: its own problems are written now.
            draft = Import.objects.select_for_update().filter(pk=self._upload.pk, state="draft").exists()
            mine = ImportCheck.objects.filter(pk=self._upload.pk, plan_digest=self._digest)
            if not draft or not mine.update(**noted):
                raise _Outdated
            if self._lines:
                copy_rows("interop_import_problem", PROBLEM_COLUMNS, self._lines)
        self._lines = []


def start_import(upload_id: int, *, seen: str, by: Actor, now: datetime) -> Import:
    """Start a draft that was checked as it stands. The mapping is remembered for the next file of this shape.

    `seen` is the digest of the settings whose check the actor looked at.
    Raises: Refused (`not_found`, `already_started`, `not_checked`).
    """
    by.require(Right.IMPORT)
    with transaction.atomic():
        upload = lock_draft(upload_id)
        digest = digest_of(ImportPlan.from_json(upload.mapping))
        check = ImportCheck.objects.filter(pk=upload_id, plan_digest=digest, state="done").first()
        if check is None or seen != digest.hex():
            raise Refused(refuse("not_checked"))
        ImportProblem.objects.filter(upload=upload_id).delete()
        kinds = check.summary["kinds"]
        upload.rows_total = check.summary["rows"] - kinds.get("skipped", 0)
        upload.save(update_fields=["rows_total"])
        headers_hash = bytes.fromhex(check.summary["headers_hash"])
        save_mapping(headers_hash, ImportPlan.from_json(upload.mapping), by=by, now=now)
        return queue_import(upload_id, upload.mapping, by=by, now=now)


def save_mapping(headers_hash: bytes, plan: ImportPlan, *, by: Actor, now: datetime) -> None:
    """Remember how columns of this shape are read at the actor's place."""
    by.require(Right.IMPORT)
    whole = plan.as_json()
    kept = {name: whole[name] for name in _SAVED if name in whole}
    SavedMapping.objects.update_or_create(
        area=by.area.lo,
        headers_hash=headers_hash,
        defaults={"disease": plan.disease[:32], "mapping": kept, "used_at": now},
    )


def knows_case(plan: ImportPlan, by: Actor) -> Callable[[str], bool]:
    """Whether a case number is in the system already, asked for the rows of a mended error file."""

    def known(number: str) -> bool:
        with acting(by):
            found = cases_of(by).filter(disease=plan.disease, numbering=plan.numbering)
            return found.filter(number_key=case_number_key(number)[: _key_length()]).exists()

    return known


def _key_length() -> int:
    return Case._meta.get_field("number_key").max_length or 64
