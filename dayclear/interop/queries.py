"""Reading imports, within scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Min, Q, QuerySet

from dayclear.cases.queries import cases_of
from dayclear.foundation.actors import Actor
from dayclear.foundation.filters import existing
from dayclear.foundation.models import Event
from dayclear.foundation.rules import Right
from dayclear.interop.models import Import, ImportCheck, ImportFrame, ImportProblem, ResultFile, SavedMapping


def imports_of(actor: Actor) -> QuerySet[Import]:
    """The imports of the actor's places."""
    actor.require(Right.IMPORT)
    return Import.objects.filter(area__range=(actor.area.lo, actor.area.hi))


def import_in_scope(actor: Actor, upload_id: int) -> Import:
    """Raises: Refused (`not_found`)."""
    return existing(imports_of(actor).filter(pk=upload_id))


def check_of(actor: Actor, upload: Import) -> ImportCheck | None:
    """The last check of an import, for whatever settings it was made."""
    actor.require(Right.IMPORT)
    return ImportCheck.objects.filter(pk=upload.pk).first()


def same_file_before(actor: Actor, upload: Import) -> Import | None:
    """The latest other import of this very file that was started."""
    same = imports_of(actor).filter(sha256=bytes(upload.sha256), pk__lt=upload.pk)
    return same.exclude(state="draft").order_by("-pk").first()


def problems_of(
    actor: Actor, upload: Import, *, code: str = "", rejects: bool | None = None
) -> QuerySet[ImportProblem]:
    """What is wrong with its rows."""
    actor.require(Right.IMPORT)
    rows = ImportProblem.objects.filter(upload=upload.pk, area__range=(actor.area.lo, actor.area.hi))
    if code:
        rows = rows.filter(code=code)
    return rows if rejects is None else rows.filter(rejects=rejects)


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One kind of problem and how often it came."""

    code: str
    rejects: bool
    times: int


def problem_kinds(actor: Actor, upload: Import) -> list[ProblemKind]:
    """The kinds of problems, those that keep rows out first, each by falling count."""
    rows = problems_of(actor, upload).values("code", "rejects").annotate(times=Count("pk")).order_by()
    kinds = [ProblemKind(row["code"], row["rejects"], row["times"]) for row in rows]
    return sorted(kinds, key=lambda kind: (not kind.rejects, -kind.times, kind.code))


def saved_mapping(actor: Actor, headers_hash: bytes) -> SavedMapping | None:
    """How columns of this shape were read last time at the actor's place."""
    actor.require(Right.IMPORT)
    return SavedMapping.objects.filter(area=actor.area.lo, headers_hash=headers_hash).first()


def has_file(upload: Import) -> bool:
    """Whether the uploaded file is still kept."""
    return ImportFrame.objects.filter(upload=upload.pk).exists()


@dataclass(frozen=True, slots=True)
class Reach:
    """The days that the cases of an import count for. None where it brought none."""

    first: date | None
    last: date | None


def reach_of(actor: Actor, upload: Import) -> Reach:
    """The first and last day of the cases under the import's numbering that its run registered or saw."""
    if upload.started_at is None:
        return Reach(None, None)
    rows = cases_of(actor).filter(disease=upload.disease, numbering=upload.numbering)
    if upload.finished_at is not None:
        rows = rows.filter(Q(registered_at__lte=upload.finished_at))
    found = rows.aggregate(first=Min("counted_on"), last=Max("counted_on"))
    return Reach(found["first"], found["last"])


def events_of_import(actor: Actor, upload: Import) -> QuerySet[Event]:
    """What happened to an import."""
    actor.require(Right.IMPORT)
    return Event.objects.filter(subject=f"interop.import:{upload.pk}").order_by("number")


def result_files_of(actor: Actor) -> QuerySet[ResultFile]:
    """The result files of laboratories in the actor's places. Raises: Refused (`right_missing`)."""
    actor.require(Right.SEE_LABS)
    return ResultFile.objects.filter(area__range=(actor.area.lo, actor.area.hi)).defer("sealed")


def result_file_in_scope(actor: Actor, file_id: int) -> ResultFile:
    """Raises: Refused (`right_missing`, `not_found`)."""
    return existing(result_files_of(actor).select_related("laboratory").filter(pk=file_id))
