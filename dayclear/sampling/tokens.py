"""The opaque token in a resident's code: who it is, for this installation alone, without a look-up.

Shape: one AES block of person (8 bytes), serial of the code (4), a constant (4) that tells a token from noise.
"""

from __future__ import annotations

import struct
from base64 import urlsafe_b64encode
from binascii import Error as Malformed
from binascii import a2b_base64
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dayclear.sampling.keys import token_key

BYTES = 16
_MARK = b"DYC1"
_FORM = struct.Struct(">QI4s")
# A token as text has 22 letters; decoded with two more it is 18 bytes.
_TEXT, _NOBODY, _BLOCK = 22, "A" * 22, struct.Struct("16s2x")
_PLAIN = str.maketrans("-_", "+/")


def make_tokens(people: Sequence[tuple[int, int]]) -> list[bytes]:
    """Tokens for pairs of (person, serial of the code)."""
    # One block each, all of them different: there is nothing for a mode to hide.
    cipher = Cipher(algorithms.AES(token_key()), modes.ECB()).encryptor()  # noqa: S305 - single blocks
    sealed = cipher.update(b"".join(_FORM.pack(person, serial, _MARK) for person, serial in people))
    return [sealed[start : start + BYTES] for start in range(0, len(sealed), BYTES)]


def people_of_tokens(texts: Sequence[str]) -> list[int | None]:
    """The persons of base64url tokens, in their order; None for what is no token of this installation."""
    raw = _decoded([text if len(text) == _TEXT else _NOBODY for text in texts])
    cipher = Cipher(algorithms.AES(token_key()), modes.ECB()).decryptor()  # noqa: S305 - single blocks
    opened = cipher.update(raw)
    return [person if mark == _MARK else None for person, _serial, mark in _FORM.iter_unpack(opened)]


def token_text(token: bytes) -> str:
    """A token as devices send it: base64url without padding."""
    return urlsafe_b64encode(token).decode().rstrip("=")


def token_digest(token: bytes) -> str:
    """How lists name a token without giving it: the first 8 bytes of its SHA-256, in hex."""
    return sha256(token).digest()[:8].hex()


def _decoded(texts: Sequence[str]) -> bytes:
    """All blocks at once: thousands come with an upload. What is not base64 becomes a block that names nobody."""
    try:
        # Two more letters make each text whole groups of four; what they decode to is left out again.
        joined = "".join([text + "AA" for text in texts]).translate(_PLAIN)
        return b"".join([block for (block,) in _BLOCK.iter_unpack(a2b_base64(joined, strict_mode=True))])
    except (Malformed, ValueError):
        return b"".join([_decoded([text]) for text in texts]) if len(texts) > 1 else bytes(BYTES)
