"""What every command on the command line needs: the database for its own duration, an actor, and an honest output."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from dayclear.foundation.postgres import Server, running


@contextmanager
def installation() -> Iterator[Server]:
    """The database, started if it is not running, and Django set up."""
    with running(report=lambda phase: click.echo(f"… {phase}", err=True)) as server:
        speak()
        try:
            yield server
        finally:
            from django.db import connections

            for connection in connections.all(initialized_only=True):
                connection.close()
                if connection.settings_dict["OPTIONS"].get("pool"):
                    connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend, unknown to the stubs


def speak() -> None:
    """Set Django up in the language of the command line: all that a refusal needs to be said in words."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dayclear.config.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate("zh-hans" if os.environ.get("DAYCLEAR_LANGUAGE") == "zh" else "en")


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON value, for programs.")
