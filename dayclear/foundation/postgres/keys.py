"""The keys of one installation: made once, kept in one file, never made again by themselves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dayclear.foundation.postgres.errors import KeysError, gettext_noop

KEY_FILE = "keys.json"
KEY_BYTES = 32

_TEXT_KEYS = ("secret_key", "app_password", "owner_password")
_BYTE_KEYS = ("encryption_key", "lookup_key", "seal_key")


@dataclass(frozen=True)
class Keys:
    """Byte keys are 32 bytes long; in the file and the environment they are base64."""

    secret_key: str = field(repr=False)
    encryption_key: bytes = field(repr=False)
    lookup_key: bytes = field(repr=False)
    seal_key: bytes = field(repr=False)
    app_password: str = field(repr=False)
    owner_password: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Tells two sets of data keys apart without giving either away: 16 hex digits."""
        digest = hashlib.sha256(b"dayclear data keys\0")
        for key in (self.encryption_key, self.lookup_key, self.seal_key):
            digest.update(hashlib.sha256(key).digest())
        return digest.hexdigest()[:16]


def load_or_create_keys(home: Path, env: Mapping[str, str] | None = None) -> Keys:
    """The keys of ``home``; ``DAYCLEAR_<NAME>`` in the environment goes before the file.

    Raises: KeysError if the file is damaged, or missing beside existing data: new keys would
        make every stored identity number unreadable and every seal look forged.
    """
    env = os.environ if env is None else env
    given = {name: env[variable(name)] for name in _TEXT_KEYS + _BYTE_KEYS if env.get(variable(name))}
    path = home / KEY_FILE
    stored: dict[str, str] = {}
    if len(given) < len(_TEXT_KEYS) + len(_BYTE_KEYS):
        if not path.exists():
            _refuse_beside_data(home, path)
            _create(path)
        stored = _read(path)
    merged = {**stored, **given}
    missing = [name for name in _TEXT_KEYS + _BYTE_KEYS if not merged.get(name)]
    if missing:
        raise KeysError(
            gettext_noop("The key file %(path)s lacks %(missing)s. Put back the file from your own copy."),
            path=path,
            missing=", ".join(missing),
        )
    return Keys(
        secret_key=merged["secret_key"],
        encryption_key=_decoded("encryption_key", merged["encryption_key"], path),
        lookup_key=_decoded("lookup_key", merged["lookup_key"], path),
        seal_key=_decoded("seal_key", merged["seal_key"], path),
        app_password=merged["app_password"],
        owner_password=merged["owner_password"],
    )


def variable(name: str) -> str:
    """The environment variable that overrides the key ``name``."""
    return f"DAYCLEAR_{name.upper()}"


def _refuse_beside_data(home: Path, path: Path) -> None:
    if (home / "postgres" / "data").exists():
        raise KeysError(
            gettext_noop(
                "The key file %(path)s is missing, but there is a database beside it. Its identity numbers "
                "cannot be read without the keys that wrote them, so no new keys are made. Put back keys.json "
                "from your own copy; or, if the data is to be given up, move the folder %(data)s away."
            ),
            path=path,
            data=home / "postgres",
        )


def _create(path: Path) -> None:
    made: dict[str, str] = {name: secrets.token_urlsafe(48) for name in _TEXT_KEYS}
    made.update({name: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for name in _BYTE_KEYS})
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, unlike a rename, fails if another process was first: then its keys count.
            os.link(draft, path)
        except FileExistsError:
            return
        sync_folder(path.parent)
    finally:
        draft.unlink()


def _read(path: Path) -> dict[str, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except PermissionError as error:
        raise KeysError(
            gettext_noop("The key file %(path)s belongs to another user: run Dayclear as that user."), path=path
        ) from error
    except ValueError as error:
        raise KeysError(
            gettext_noop("The key file %(path)s is damaged (%(reason)s). Put back the file from your own copy."),
            path=path,
            reason=error,
        ) from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise KeysError(
            gettext_noop("The key file %(path)s is damaged (%(reason)s). Put back the file from your own copy."),
            path=path,
            reason="not an object of texts",
        )
    return content


def _decoded(name: str, text: str, path: Path) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeysError(
            gettext_noop("The key %(name)s (in %(path)s or the variable %(variable)s) is not the base64 of 32 bytes."),
            name=name,
            path=path,
            variable=variable(name),
        )
    return key


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in ``folder`` survive a power cut."""
    if sys.platform == "win32":
        return  # which opens no folders, and has no such call
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
