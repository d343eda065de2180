"""`dayclear import`: line lists from the command line."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dayclear.foundation.cli import as_json, installation, print_json

if TYPE_CHECKING:
    from dayclear.interop.models import Import

_SHOWN = 20


@click.group("import")
def import_() -> None:
    """Bring data in."""


def _default_disease() -> str:
    return os.environ.get("DAYCLEAR_DISEASE", "covid-19")


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--disease", default=_default_disease, help="For rows that name none.")
@click.option("--numbering", default="", help="Whose case numbers these are; numbers of different owners may coincide.")
@click.option("--classification", default="confirmed", help="For rows that are not classified.")
@click.option("--map", "columns", multiple=True, metavar="HEADER=FIELD", help="How to read a column; empty: leave it.")
@click.option("--sheet", "sheets", multiple=True, help="Only this sheet of a workbook.")
@click.option("--date-order", type=click.Choice(["day_first", "month_first"]), help="For 03/04/2020.")
@click.option("--year", type=int, help="The year of dates written without one.")
@click.option("--encoding", help="Instead of finding it out.")
@click.option("--delimiter", help="Instead of finding it out.")
@click.option("--place", default="0", metavar="CODE", help="Official code of the place that answers for these cases.")
@as_json
def linelist(file: Path, columns: tuple[str, ...], place: str, as_json: bool, **options: Any) -> None:
    """Import a line list of cases (csv or xlsx). The same file twice creates nothing twice.

    Exit code 1 when rows were rejected or the file could not be read.
    """
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.interop.queries import problems_of

        by = system("command line")
        done = _import(file, _plan(columns, place, options), quiet=as_json)
        outcome = _outcome(done)
        with acting(by):
            shown = list(problems_of(by, done).filter(rejects=True).order_by("id")[:_SHOWN]) if not as_json else []
        _tell(outcome, shown, as_json=as_json)
    sys.exit(1 if done.rejected or done.state != "done" else 0)


def _plan(columns: tuple[str, ...], place: str, options: dict[str, Any]) -> Any:
    from dayclear.cases.rules import CLASSIFICATIONS
    from dayclear.foundation.areas import from_code
    from dayclear.interop.linelist.fields import FIELDS
    from dayclear.interop.plan import ImportPlan

    chosen = {header: field for header, _, field in (column.rpartition("=") for column in columns)}
    for header, field in chosen.items():
        if not header or (field and field not in FIELDS):
            raise click.BadParameter(f"{header}={field}: FIELD is one of {', '.join(FIELDS)}", param_hint="--map")
    if options["classification"] not in CLASSIFICATIONS:
        raise click.BadParameter(f"one of {', '.join(CLASSIFICATIONS)}", param_hint="--classification")
    try:
        responsible = from_code(place) if place != "0" else 0
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--place") from error
    options["sheets"] = tuple(options["sheets"])
    return ImportPlan(columns={"": chosen} if chosen else {}, place=responsible, **options)


def _import(file: Path, plan: Any, *, quiet: bool) -> Import:
    from dayclear.foundation import clock
    from dayclear.foundation.actors import system
    from dayclear.foundation.scope import acting
    from dayclear.interop.commands import queue_import, store_upload

    by = system("command line")
    with acting(by), file.open("rb") as stream:
        upload = store_upload(stream, file.name, by=by, now=clock.now())
        queue_import(upload.pk, plan.as_json(), by=by, now=clock.now(), defer=False)
    return _run(upload.pk, file.name, quiet=quiet)


def _run(number: int, name: str, *, quiet: bool) -> Import:
    from dayclear.foundation import clock
    from dayclear.interop.commands import give_up, run_import

    with _progress(quiet) as progress:
        task = progress.add_task(name, total=None)
        try:
            return run_import(
                number,
                now=clock.now(),
                report=lambda p: progress.update(task, completed=p.rows_done, total=p.rows_total),
            )
        except BaseException:
            # No worker goes on with it: it must not be shown as running for ever.
            give_up(number, now=clock.now())
            raise


def _outcome(done: Import) -> dict[str, Any]:
    from dayclear.interop.texts import failure_sentence

    outcome: dict[str, Any] = {
        "import": done.pk,
        "state": done.state,
        "rows": done.rows_done,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "continued": done.continued,
        "rejected": done.rejected,
        "links": done.links,
        "unresolved_links": done.unresolved_links,
    }
    if done.state == "failed":
        outcome["failure"] = {"code": done.failure, "message": failure_sentence(done)}
    return outcome


def _tell(outcome: dict[str, Any], shown: list[Any], *, as_json: bool) -> None:
    from django.utils.translation import gettext as _

    from dayclear.interop.texts import problem_sentence

    if as_json:
        print_json(outcome)
        return
    failure = outcome.pop("failure", None)
    for name, value in outcome.items():
        click.echo(f"{name:>18}  {value}")
    if failure:
        click.echo(click.style("✗ ", fg="red") + failure["message"], err=True)
    for problem in shown:
        where = f"{problem.sheet} {problem.row}" if problem.sheet else str(problem.row)
        line = _("row %(where)s: %(why)s") % {"where": where, "why": problem_sentence(problem)}
        click.echo(line, err=True)
    if outcome["rejected"] > 0:
        said = {"rejected": outcome["rejected"], "command": f"dayclear import errors {outcome['import']} OUT.csv"}
        click.echo(_("%(rejected)s rows were not imported. All of them, to be mended: %(command)s") % said, err=True)


@import_.command()
@click.argument("number", metavar="ID", type=int)
@as_json
def resume(number: int, as_json: bool) -> None:
    """Go on with import ID, whose command was killed. What is in already is not written again."""
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.interop.queries import import_in_scope

        by = system("command line")
        with acting(by):
            name = import_in_scope(by, number).file_name
        done = _run(number, name, quiet=as_json)
        _tell(_outcome(done), [], as_json=as_json)
    sys.exit(1 if done.rejected or done.state != "done" else 0)


@import_.command("list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_imports(limit: int, as_json: bool) -> None:
    """List the latest imports, what became of their rows, and whether they are running."""
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.interop.queries import imports_of

        by = system("command line")
        with acting(by):
            found = list(imports_of(by).order_by("-pk")[:limit])
        lines = [
            {**_outcome(one), "file": one.file_name, "uploaded_at": one.uploaded_at, "by": one.acting["label"]}
            for one in found
        ]
    if as_json:
        print_json(lines)
        return
    for line in lines:
        click.echo(
            f"{line['import']:>6}  {line['state']:<9}  {line['uploaded_at']:%Y-%m-%d %H:%M}  "
            f"{line['rows']:>8} = {line['created']} + {line['updated']} + {line['unchanged']} + {line['continued']} "
            f"+ {line['rejected']}  {line['file']}"
        )


@import_.command()
@click.argument("number", metavar="ID", type=int)
@click.argument("out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def errors(number: int, out: Path) -> None:
    """Write the rows of import ID that were kept out to OUT, in the columns of the file, with the reasons.

    Mend them there and import OUT: it is read like the first file.
    """
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.interop.error_file import ENCODING, error_lines
        from dayclear.interop.queries import import_in_scope

        by = system("command line")
        with acting(by):
            upload = import_in_scope(by, number)
        pieces = error_lines(upload, by=by)
        with out.open("w", encoding=ENCODING, newline="") as file:
            file.writelines(pieces)
    click.echo(str(out))


def _progress(quiet: bool) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=quiet,
        transient=True,
    )


@import_.command("risk-areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--disease", default="covid-19", show_default=True, help="The disease the areas were drawn for.")
@as_json
def risk_areas(file: Path, disease: str, as_json: bool) -> None:
    """Rebuild the lives of risk areas from a file of published lists (csv or csv.gz), and hold them against the rules.

    The same file twice changes nothing.
    """
    with installation():
        from dayclear.areas.texts import lists_told
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.interop.risk_areas import import_risk_areas

        by = system("command line")
        with acting(by):
            done = import_risk_areas(file, disease, by=by, now=clock.now())
        if as_json:
            print_json(dataclasses.asdict(done))
            return
        for line in lists_told(done.stored):
            click.echo(line)
