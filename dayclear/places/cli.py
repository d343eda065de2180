"""`dayclear places …`"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from dayclear.foundation.cli import as_json, installation, print_json


@click.group()
def places() -> None:
    """The register of places."""


@places.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
def import_tables(folder: Path, as_json: bool) -> None:
    """Read the official code tables in FOLDER (provinces, cities, areas, streets, villages; csv or csv.gz)."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=as_json,
    )
    with installation(), progress:
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.places.commands import import_code_tables

        actor = system("command line")
        task = progress.add_task(f"Reading the code tables in {folder}", total=None)
        with acting(actor):
            done = import_code_tables(
                folder,
                by=actor,
                now=clock.now(),
                progress=lambda count: progress.update(task, description=f"{count:,} places read"),
            )
    if as_json:
        print_json(asdict(done))
    else:
        click.echo(f"{done.places:,} places: {done.created:,} new, {done.renamed:,} renamed ({', '.join(done.files)})")


@places.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@as_json
def search(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find places by the beginning of their name, pinyin, initials or code. Exit code 1: none found."""
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.places.queries import search_places

        actor = system("command line")
        with acting(actor):
            found = search_places(actor, " ".join(words), limit=limit)
    if as_json:
        rows = [
            {"number": f"{p.number:018d}", "code": p.code, "name": p.name, "full_name": p.full_name, "level": p.level}
            for p in found
        ]
        print_json(rows)
    else:
        for place in found:
            click.echo(f"{place.code:<13}{place.full_name}")
    if not found:
        raise SystemExit(1)
