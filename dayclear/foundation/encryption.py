"""Identifiers at rest: AES-GCM with a fresh nonce per record, and a keyed hash for equality search."""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE_BYTES = 12


@lru_cache(maxsize=4)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def encrypt(data: bytes, *, purpose: str) -> bytes:
    """Encrypt; `purpose` is bound to the record, so that a value copied into another column does not open.

    Shape: 12 bytes of nonce, then ciphertext with its 16-byte tag.
    """
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(settings.DAYCLEAR_ENCRYPTION_KEY).encrypt(nonce, data, purpose.encode())


def decrypt(sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """Raises: cryptography.exceptions.InvalidTag, for a wrong key, purpose or altered bytes."""
    raw = bytes(sealed)
    return _cipher(settings.DAYCLEAR_ENCRYPTION_KEY).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())


def lookup_hash(value: str, *, purpose: str) -> bytes:
    """A keyed hash: equal for equal values, useless without the key.

    Shape: 16 bytes (HMAC-SHA256 cut in half: 2^64 values before a chance collision).
    """
    return hmac.digest(settings.DAYCLEAR_LOOKUP_KEY, f"{purpose}\0{value}".encode(), hashlib.sha256)[:16]
