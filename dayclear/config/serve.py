"""Starting Dayclear: `up` and the processes under it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import psutil

from dayclear.foundation.cli import as_json, installation, print_json
from dayclear.foundation.postgres import PostgresError, Server, data_home
from dayclear.sampling.decoder import decoder_files

_WATCH_SECONDS = 1.0
_STOP_SECONDS = 20
_WEB_THREADS = 4
# A process that dies this often within a minute is started again only after a pause: haste does not help it, and the
# others go on meanwhile. Without the worker, uploads are still taken in.
_DEATHS_PER_MINUTE = 5
_PAUSE_SECONDS = 10.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def up(host: str, port: int) -> None:
    """Start everything: database, migrations, web server, worker. Ctrl-C stops it all.

    What a killed `up` left running is taken over or ended first.
    """
    folder = data_home() / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    children = [
        Child("web", ["web", "--host", host, "--port", str(port)], folder),
        Child("worker", ["worker"], folder),
    ]
    for child in children:
        child.end_leftover()
    _refuse_taken_port(host, port)
    with _signals() as stop, installation() as server:
        prepare(server)
        try:
            for child in children:
                child.start()
            _await_port(host, port, children[0])
            click.echo(f"Dayclear: http://{host}:{port}/")
            _watch(server, children, stop)
        finally:
            for child in children:
                child.end()


def prepare(server: Server) -> None:
    """Migrate, build what pages need, and make the first administrator where there is none."""
    from dayclear.config.installation import build_assets, first_administrator, migrate

    migrate(server.database)
    build_assets()
    made = first_administrator()
    if made:
        click.echo(f"First start: sign in as {made.username} with the one-time password {made.password}")


class Child:
    """One process under `up`: started again when it dies, ended with `up`, found again after a crash of `up`."""

    def __init__(self, name: str, arguments: list[str], folder: Path) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "dayclear", *arguments]
        self._note = folder / f"{name}.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self._deaths: list[float] = []
        self._again_at: float | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, start_new_session=True)
        self._note.write_text(f"{self._process.pid} {psutil.Process(self._process.pid).create_time()}")
        self._again_at = None

    def revive(self) -> None:
        """For each look at one that has died: start it again, or leave it until its pause is over."""
        moment = time.monotonic()
        if self._again_at is None:
            self._again_at = moment + self._mourn(moment)
            self._end_group(self._process.pid if self._process else 0)
        if moment >= self._again_at:
            self.start()

    def _mourn(self, moment: float) -> float:
        """Note and tell a death. Units: seconds until it is started again."""
        self._deaths = [death for death in self._deaths if moment - death < 60] + [moment]
        if len(self._deaths) <= _DEATHS_PER_MINUTE:
            click.echo(f"… {self.name} ended; starting it again", err=True)
            return 0.0
        click.echo(
            f"… {self.name} keeps ending; its messages above say why. Starting it again in {_PAUSE_SECONDS:.0f} s",
            err=True,
        )
        return _PAUSE_SECONDS

    def end(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.terminate()
                try:
                    self._process.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
            self._end_group(self._process.pid)
        self._note.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """End what an `up` that was killed left behind: the very process that was noted, and its children."""
        try:
            pid_text, _, started = self._note.read_text().partition(" ")
            noted = psutil.Process(int(pid_text))
            if abs(noted.create_time() - float(started)) < 1:
                self._end_group(noted.pid)
        except psutil.NoSuchProcess:
            self._end_group(int(pid_text))
        except (FileNotFoundError, ValueError):
            return
        self._note.unlink(missing_ok=True)

    @staticmethod
    def _end_group(group: int) -> None:
        """End a process group we made (its number is that of its first process)."""
        members = [process for process in psutil.process_iter() if _group_of(process.pid) == group and group > 1]
        for member in members:
            member.terminate()
        _, stubborn = psutil.wait_procs(members, timeout=5)
        for member in stubborn:
            member.kill()
        psutil.wait_procs(stubborn, timeout=5)


def _group_of(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return 0


def _watch(server: Server, children: list[Child], stop: threading.Event) -> None:
    while not stop.wait(_WATCH_SECONDS):
        try:
            if server.keep_alive():
                click.echo("… the database ended; it is started again", err=True)
        except PostgresError as error:
            # Killed again while it recovered, or short of room: the next look tries again.
            click.echo(f"… {error}", err=True)
        for child in children:
            if not child.alive:
                child.revive()


@contextmanager
def _signals() -> Iterator[threading.Event]:
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise click.ClickException(
                f"Port {port} on {host} is in use by another program. Stop that, or choose another with --port."
            ) from None


def _await_port(host: str, port: int, web: Child) -> None:
    while web.alive:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.1)
    raise click.ClickException("The web server did not start; its messages above say why.")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def web(host: str, port: int) -> None:
    """Run the web server alone (granian, one process, several threads)."""
    with installation():
        from granian import Granian
        from granian.constants import Interfaces

        Granian(
            "dayclear.config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=1,
            blocking_threads=_WEB_THREADS,
            backpressure=64,
            log_access=False,
            respawn_failed_workers=True,
        ).serve()


@click.command()
@click.option("--until-empty", is_flag=True, help="Stop when the queue is empty.")
def worker(until_empty: bool) -> None:
    """Run the worker alone: imports, reactions, seals, deadlines."""
    with installation():
        from dayclear.foundation.worker import run

        run(wait=not until_empty)


@click.command()
@as_json
def migrate(as_json: bool) -> None:
    """Bring the database to the state of this version."""
    with installation() as server:
        from dayclear.config.installation import migrate as bring_up_to_date

        bring_up_to_date(server.database)
    if as_json:
        print_json({"migrated": True})
    else:
        click.echo("✓ the database is up to date")


@click.command()
def assets() -> None:
    """Build what pages need: translations, styles, the chart bundle."""
    with installation():
        from dayclear.config.installation import build_assets

        build_assets()
    click.echo("✓ built")
    if not decoder_files():
        click.echo("… without a decoder for cameras: npm or its registry is not at hand. Scanners and typing go on.")
