"""`dayclear check` and `dayclear health`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from dayclear.foundation.cli import as_json, installation, print_json


@click.command()
@click.option("--seals", is_flag=True, hidden=True, help="The default, kept for scripts that say it.")
@as_json
def check(seals: bool, as_json: bool) -> None:
    """Check the trail: every event against its own digest, its number and its seal.

    Exit code 1 when an event was changed, removed or slipped in; each is named.
    """
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.foundation.seals import check_trail

        with acting(system("check")):
            report = check_trail()
    if as_json:
        print_json(asdict(report))
    else:
        click.echo(f"{report.events} events, {report.seals} seals, {report.unsealed} not yet sealed")
        for fault in report.faults:
            click.echo(click.style(f"✗ {fault.kind}: {fault.what}", fg="red"))
        if not report.faults:
            click.echo("✓ the trail is whole")
    sys.exit(1 if report.faults else 0)


@click.command()
@as_json
def health(as_json: bool) -> None:
    """Say whether database, worker, queue and trail are well. Exit code 1 when something needs a person."""
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.charts import chinese_is_drawn
        from dayclear.foundation.health import look

        state = look(now=clock.now())
        # Pictures are drawn here, with this machine's fonts; without one for Chinese they show boxes.
        said = {**asdict(state), "chinese_font": chinese_is_drawn()}
    if as_json:
        print_json(said)
    else:
        for name, value in said.items():
            click.echo(f"{name:>18}  {value}")
    sys.exit(0 if state.well else 1)
