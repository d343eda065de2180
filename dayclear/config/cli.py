"""The `dayclear` command.

Each package's commands live in its `cli.py`; they are imported when they are called, so that `dayclear policy …` needs
no database and `--help` no Django.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

# name → module, attribute, one line of help. In the order of `--help`.
COMMANDS = {
    "up": ("dayclear.config.serve", "up", "Start everything: database, web server, worker."),
    "web": ("dayclear.config.serve", "web", "Run the web server alone."),
    "worker": ("dayclear.config.serve", "worker", "Run the worker alone."),
    "migrate": ("dayclear.config.serve", "migrate", "Bring the database to the state of this version."),
    "assets": ("dayclear.config.serve", "assets", "Build what the pages need: styles, charts, translations."),
    "import": ("dayclear.interop.cli", "import_", "Bring in line lists."),
    "sampling": ("dayclear.sampling.cli", "sampling", "Plan sampling; take in what devices exported."),
    "places": ("dayclear.places.cli", "places", "Bring in and search the register of places."),
    "policy": ("dayclear.config.changeover", "policy", "List, show, compare and check policy packs; change over."),
    "users": ("dayclear.foundation.cli.users", "users", "Accounts and what they may do."),
    "check": ("dayclear.foundation.cli.trail", "check", "Check the trail of events against its seals."),
    "health": ("dayclear.foundation.cli.trail", "health", "Say whether everything works."),
    "backup": ("dayclear.foundation.cli.backups", "backup", "Write a backup of the database."),
    "restore": ("dayclear.foundation.cli.backups", "restore", "Bring a backup back."),
    "translations": ("dayclear.config.translations", "translations", "Check, update and compile translations."),
}


class Lazy(click.Group):
    """A group that imports a command when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(["zh", "en"]), envvar="DAYCLEAR_LANGUAGE", help="Language of messages.")
@click.version_option(package_name="dayclear", message="%(version)s")
def cli(lang: str | None) -> None:
    """Dayclear: everything opened on a day is closed that day."""
    os.environ["DAYCLEAR_LANGUAGE"] = lang or ("zh" if os.environ.get("LANG", "").startswith("zh") else "en")


def main() -> None:
    """The console script. Exit codes: 0 done; 1 refused or found wanting; 2 called wrongly."""
    from dayclear.foundation.postgres import PostgresError

    try:
        # Without standalone mode click hands back the code of `ctx.exit` instead of leaving with it.
        outcome = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except PostgresError as error:
        _say(str(error))
        sys.exit(1)
    except Exception as error:
        sentences = _sentences(error)
        if sentences is None:
            raise
        for sentence in sentences:
            _say(sentence)
        sys.exit(1)
    else:
        sys.exit(outcome if isinstance(outcome, int) else 0)


def _sentences(error: Exception) -> list[str] | None:
    """The sentences of an expected error; None for a fault of ours, which shows its traceback."""
    from dayclear.foundation.decisions import Refused

    if not isinstance(error, Refused):
        return None
    from dayclear.config.refusals import sentence

    return [sentence(reason) for reason in error.decision.reasons]


def _say(text: str) -> None:
    click.echo(click.style("✗ ", fg="red") + text, err=True)
