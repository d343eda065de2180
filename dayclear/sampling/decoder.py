"""The program that reads and draws barcodes in browsers which cannot: ZXing as WebAssembly, from its npm package.

Brought once when the installation is made, as the translations are compiled: nobody else's code lies in the repository.
Without npm or its registry the page goes on with scanners and typing, and the browser's own detector where it has one.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from django.conf import settings

VERSION = "3.1.4"
# SHA-512 of the package, as the registry gives it.
_INTEGRITY = "1+v8p7sauddySVNG+ye7GD/0TS95BG2ycdkrC+EnBrFBFkHeIghzUt2yVjtx3NucJeNrQnhT8yGAIz60Vx9o0w=="
_FILES = ("LICENSE", "dist/es/share.js", "dist/es/full/index.js", "dist/full/zxing_full.wasm")
_PATIENCE_SECONDS = 30
_STATIC = Path(__file__).resolve().parent / "static"


def decoder_path() -> str:
    """Its folder among the static files. The name carries the version: a new one is a new folder."""
    return f"sampling/zxing-{VERSION}/"


def decoder_files() -> list[str]:
    """What a page loads of it, as static files; empty where it was not brought."""
    names = [decoder_path() + name.removeprefix("dist/") for name in _FILES if name != "LICENSE"]
    return names if all((_STATIC / name).exists() for name in names) else []


def decoder_address() -> str:
    """Where a page loads it from; empty where it was not brought."""
    return settings.STATIC_URL + decoder_path() if decoder_files() else ""


def bring_decoder() -> bool:
    """Bring it, unless this version is already there; returns whether it is there now. It appears whole or not."""
    if decoder_files():
        return True
    npm = shutil.which("npm")
    if npm is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        package = _packed(npm, Path(folder))
        if package is None:
            return False
        unpacked = _STATIC / f"{decoder_path().rstrip('/')}.{os.getpid()}.part"
        with tarfile.open(package) as archive:
            for name in _FILES:
                target = unpacked / name.removeprefix("dist/")
                target.parent.mkdir(parents=True, exist_ok=True)
                member = archive.extractfile(f"package/{name}")
                target.write_bytes(member.read() if member else b"")
        unpacked.replace(_STATIC / decoder_path())
    return True


def _packed(npm: str, folder: Path) -> Path | None:
    """The package from the registry, or from npm's own cache; None where neither has exactly this one."""
    command = [npm, "pack", f"zxing-wasm@{VERSION}", "--prefer-offline", "--fetch-retries=0", "--loglevel=silent"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=_PATIENCE_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    found = next(folder.glob("*.tgz"), None)
    if done.returncode or found is None:
        return None
    digest = base64.b64encode(hashlib.sha512(found.read_bytes()).digest()).decode()
    return found if digest == _INTEGRITY else None
