"""The sampler's page as it is handed out: its shell, its texts, its service worker. It is the same for everybody.

Nobody signs in here: what the page sends is signed by its device. These answers read no row.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from dayclear.foundation.requests import compiles_wasm, open_to_all
from dayclear.sampling.decoder import decoder_address, decoder_files
from dayclear.sampling.desk_texts import texts

_STATIC = Path(__file__).resolve().parent.parent / "static"
_LOOKS = ("dayclear/dayclear.css", "dayclear/chevron.svg", "dayclear/mark.svg")
_WORKER = "sampling/worker.js"


@open_to_all
@compiles_wasm
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The page."""
    return _answer(_shell(), "text/html; charset=utf-8")


@open_to_all
@require_GET
def shell_data(request: HttpRequest) -> HttpResponse:
    """Its texts in both languages, and what this installation has settled for it."""
    return _answer(_data(), "application/json")


@open_to_all
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to install it."""
    return _answer(_manifest(), "application/manifest+json")


@open_to_all
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Its service worker: the list of its files with their digests, then the program."""
    files = [[address, f"sha256-{_digest(content)}"] for address, content in _kept().items()]
    version = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
    head = f"const VERSION = {json.dumps(version)};\nconst FILES = {json.dumps(files)};\n"
    return _answer(head.encode() + _static(_WORKER), "text/javascript; charset=utf-8")


def _answer(content: bytes, kind: str) -> HttpResponse:
    # Asked for again each time; what the phone keeps, its service worker keeps.
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": "no-cache"})


@lru_cache(maxsize=1)
def _kept() -> dict[str, bytes]:
    """address → bytes of everything the page is made of, by which it works without a server."""
    modules = sorted(f"sampling/{file.name}" for file in (_STATIC / "sampling").glob("*.js"))
    names = [*_LOOKS, *(name for name in modules if name != _WORKER), *decoder_files()]
    return {
        reverse("sampling:desk"): _shell(),
        reverse("sampling:shell_data"): _data(),
        reverse("sampling:manifest"): _manifest(),
        **{settings.STATIC_URL + name: _static(name) for name in names},
    }


def _shell() -> bytes:
    # By their plain names: modules import each other by these, and the service worker keeps versions apart.
    return render_to_string("sampling/desk.html", {"static": settings.STATIC_URL}).encode()


def _data() -> bytes:
    said = {
        "texts": texts(),
        "wipe_after_hours": settings.DAYCLEAR_SAMPLING["desk_wipe"],
        "decoder": decoder_address() or None,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _manifest() -> bytes:
    said = {
        "name": "Dayclear 采样",
        "short_name": "采样 Swabs",
        "start_url": reverse("sampling:desk"),
        "scope": reverse("sampling:desk"),
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#0e1317",
        "theme_color": "#123a56",
        "icons": [{"src": f"{settings.STATIC_URL}dayclear/mark.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _static(name: str) -> bytes:
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(name)
    return Path(found).read_bytes()


def _digest(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()
