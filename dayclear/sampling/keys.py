"""The keys of sampling, derived from the installation's one encryption key: nothing more to keep, back up or lose."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# The order of P-256 (FIPS 186-5).
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _derived(key: bytes, purpose: str, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=f"dayclear.sampling.{purpose}".encode()).derive(key)


@lru_cache(maxsize=4)
def _token_key(key: bytes) -> bytes:
    return _derived(key, "resident-token", 16)


def token_key() -> bytes:
    """The AES-128 key of the tokens in residents' codes."""
    return _token_key(settings.DAYCLEAR_ENCRYPTION_KEY)


@lru_cache(maxsize=4)
def _signing_key(key: bytes) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the order has: the remainder is uniform for all purposes (FIPS 186-5, A.2.1).
    number = int.from_bytes(_derived(key, "resident-code", 48))
    return ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())


def signing_key() -> ec.EllipticCurvePrivateKey:
    """The key that signs residents' codes (ES256). Devices verify with its public half."""
    return _signing_key(settings.DAYCLEAR_ENCRYPTION_KEY)


def key_id(key: ec.EllipticCurvePublicKey) -> bytes:
    """How a code names the key that signed it: the first 8 bytes of the SHA-256 of its uncompressed point."""
    form = serialization.PublicFormat.UncompressedPoint
    return sha256(key.public_bytes(serialization.Encoding.X962, form)).digest()[:8]
