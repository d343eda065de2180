"""`dayclear backup` and `dayclear restore`."""

from __future__ import annotations

from pathlib import Path

import click

from dayclear.foundation.cli import as_json, installation, print_json
from dayclear.foundation.postgres import backup as write_backup
from dayclear.foundation.postgres import restore as bring_back
from dayclear.foundation.postgres import running


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Write a backup to FILE, complete or not at all. The keys are not in it: keep keys.json apart."""
    with running() as server:
        write_backup(server.database, file)
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"✓ {file} ({size:,} bytes). Identity numbers in it open only with keys.json: keep that apart.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the data that is there now.")
@as_json
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Bring the backup in FILE back. The old data stays untouched until the new is complete."""
    with installation() as server:
        from dayclear.foundation.events import APPEND_ONLY

        restored = bring_back(server.database, file, replace=replace, append_only=APPEND_ONLY)
    if as_json:
        print_json({"restored": str(file), "former_database": restored.replaced})
    else:
        click.echo(f"✓ restored from {file}; `dayclear migrate` brings it to the state of this version")
        if restored.replaced:
            click.echo(f"  the former data is kept as the database {restored.replaced}")
