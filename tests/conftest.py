"""The real product in a folder of its own, and a real browser in front of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from dayclear.foundation.postgres.supervisor import Supervisor
from tests.machine import ensure_chromium

_START_SECONDS = 300
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Product:
    """A `dayclear up` of our own. `password` is the administrator's one-time password of the first start."""

    home: Path
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    password: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key != "DAYCLEAR_DATABASE_URL"}
        return {**kept, "DAYCLEAR_HOME": str(self.home), "DAYCLEAR_LANGUAGE": "en"}

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dayclear", "up", "--port", str(self.port)],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        said = self._await(rf"Dayclear: {re.escape(self.url)}/")
        first = re.search(r"one-time password (\S+)", said)
        self.password = first.group(1) if first else self.password

    def _await(self, pattern: str) -> str:
        deadline = time.monotonic() + _START_SECONDS
        assert self.process is not None
        while time.monotonic() < deadline:
            said = self.log.read_text(errors="replace")
            if re.search(pattern, said):
                return said
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"`dayclear up` did not start:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.log.write_text("")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A `dayclear` command beside it."""
        return subprocess.run(
            [sys.executable, "-m", "dayclear", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def python(self, code: str) -> str:
        """What a program says that runs beside it, in its installation."""
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def import_places(self, folder: Path, tables: dict[str, dict[str, str]]) -> None:
        """Bring in a register of places. Shape: table → code → name."""
        for name, rows in tables.items():
            lines = ["code,name", *(f"{code},{place}" for code, place in rows.items())]
            (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
        places = self.run("places", "import", str(folder), "--json")
        assert places.returncode == 0, places.stderr

    def processes(self, *words: str) -> list[psutil.Process]:
        """Our processes whose command line holds all these words."""
        assert self.process is not None
        up = psutil.Process(self.process.pid)
        ours = [up, *up.children(recursive=True)]
        lines = [(process, _command_line(process)) for process in ours]
        return [process for process, line in lines if line and all(word in line for word in words)]

    def postgres(self) -> list[psutil.Process]:
        """The server process of our database, while it lives."""
        pid = Supervisor(self.home).running_pid()
        return [psutil.Process(pid)] if pid is not None else []


def _command_line(process: psutil.Process) -> str:
    """Empty for one that has ended: a server that was killed stays in the table until whoever started it looks."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def new_product(folder: Path) -> Product:
    """A product not yet started."""
    log = folder / "up.log"
    log.touch()
    return Product(folder / "home", free_port(), log)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One `dayclear up` for all browser tests whose figures bear what other files bring in."""
    yield from a_running_product(tmp_path_factory)


def a_running_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    made = new_product(tmp_path_factory.mktemp("product"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=list(FLAGS))
    yield browser
    browser.close()


def totp(secret: str) -> str:
    """The six digits that an authenticator shows now for a base32 secret. Source: RFC 6238."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


NEW_PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def signed_in(product: Product, chromium: Browser) -> Path:
    return sign_in(product, chromium)


def sign_in(product: Product, chromium: Browser) -> Path:
    """The administrator's session, after the one-time password was changed and the second factor set up: a file of
    cookies for new pages."""
    state = product.home.parent / "session.json"
    context = chromium.new_context(locale="en-GB", base_url=product.url)
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=login]").fill("admin")
    page.locator("input[name=password]").fill(product.password)
    page.locator("main .main-action").click()
    change_password(page, product.password)
    set_up_second_factor(page)
    context.storage_state(path=state)
    context.close()
    return state


def change_password(page: Page, old: str) -> None:
    """From the page that asks for a password of one's own to the next."""
    fields = page.locator("input[type=password]")
    fields.first.wait_for()
    for field, value in zip(fields.all(), (old, NEW_PASSWORD, NEW_PASSWORD), strict=True):
        field.fill(value)
    page.locator("main button[type=submit], main .main-action").last.click()


def set_up_second_factor(page: Page) -> None:
    """From the page that explains the second factor to the first working page."""
    page.get_by_role("link", name="Set up the second factor").click()
    code = page.locator("input[name=code]")
    code.wait_for()
    secret = page.locator("#totp-key").get_attribute("value") or ""
    code.fill(totp(secret))
    page.locator("main button[type=submit], main .main-action").last.click()
    page.wait_for_url(lambda url: "/account/" not in url or "recovery" in url)


@pytest.fixture
def page(product: Product, chromium: Browser, signed_in: Path) -> Iterator[Page]:
    """A desktop page of the signed-in administrator, in English, that fails the test on any fault of its own."""
    context = chromium.new_context(
        locale="en-GB", base_url=product.url, storage_state=signed_in, viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            faults.append(request.url) if not request.url.startswith((product.url, "data:", "blob:")) else None
        ),
    )
    yield page
    context.close()
    assert not faults, faults


def assert_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def fits_a_phone(product: Product, chromium: Browser, signed_in: Path) -> Callable[[str, str], None]:
    """Open an address on a phone in a language: `fits_a_phone("/cases/", "en")`; it must answer, need no sideways
    scrolling, and pass the checks of access in the dark."""

    def check(address: str, language: str) -> None:
        context = chromium.new_context(
            base_url=product.url,
            storage_state=signed_in,
            viewport={"width": 390, "height": 844},
            is_mobile=True,
            color_scheme="dark",
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
        page = context.new_page()
        answer = page.goto(address)
        page.wait_for_load_state("networkidle")
        assert answer is not None
        assert answer.ok
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert_accessible(page)
        context.close()

    return check
