"""`dayclear import linelist`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dayclear.foundation.cli import as_json, installation, print_json


@click.group("import")
def import_() -> None:
    """Bring data in."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--disease", default=lambda: os.environ.get("DAYCLEAR_DISEASE", "covid-19"), help="For rows that name none.")
@click.option("--numbering", default="", help="Whose case numbers these are; numbers of different owners may coincide.")
@click.option("--classification", default="confirmed", help="For rows that are not classified.")
@click.option("--map", "columns", multiple=True, metavar="HEADER=FIELD", help="How to read a column; FIELD empty: leave it.")
@click.option("--sheet", "sheets", multiple=True, help="Only this sheet of a workbook.")
@click.option("--date-order", type=click.Choice(["day_first", "month_first"]), help="For 03/04/2020.")
@click.option("--encoding", help="Instead of finding it out.")
@click.option("--place", default="0", metavar="CODE", help="Official code of the place that answers for these cases.")
@as_json
def linelist(file: Path, columns: tuple[str, ...], place: str, as_json: bool, **options: Any) -> None:
    """Import a line list of cases (csv or xlsx). The same file twice creates nothing twice.

    Exit code 1 when rows were rejected or the file could not be read.
    """
    chosen = dict(column.partition("=")[::2] for column in columns)
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.areas import from_code
        from dayclear.foundation.scope import acting
        from dayclear.interop.commands import queue_import, run_import, store_upload
        from dayclear.interop.plan import ImportPlan
        from dayclear.interop.texts import failure_sentence, problem_sentence

        by = system("command line")
        sheets = tuple(options.pop("sheets"))
        plan = ImportPlan(
            sheets=sheets,
            columns={"": chosen} if chosen else {},
            place=from_code(place) if place != "0" else 0,
            **options,
        )
        with acting(by), file.open("rb") as stream:
            upload = store_upload(stream, file.name, by=by, now=clock.now())
            queue_import(upload.pk, plan.as_json(), by=by, now=clock.now(), defer=False)
        with _progress(as_json) as progress:
            task = progress.add_task(file.name, total=None)
            done = run_import(
                upload.pk,
                now=clock.now(),
                report=lambda p: progress.update(task, completed=p.rows_done, total=p.rows_total),
            )
        outcome = {
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
        with acting(by):
            problems = list(done.problems.filter(rejects=True).order_by("id")[:20])
        if as_json:
            print_json(outcome)
        else:
            for name, value in outcome.items():
                click.echo(f"{name:>18}  {value}")
            for problem in problems:
                click.echo(f"row {problem.row}: {problem_sentence(problem)}", err=True)
    sys.exit(1 if done.rejected or done.state != "done" else 0)


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
