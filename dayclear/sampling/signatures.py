"""What a device signs with its P-256 key: the exact bytes of an upload, or the line of a request without a body."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Malformed
from collections.abc import Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from dayclear.foundation.decisions import Refused, refuse

_HALF = 32


def point_of_jwk(jwk: Mapping[str, object]) -> bytes:
    """A public key as WebCrypto exports it (JWK), as an uncompressed point. Raises: Refused (`key_bad`)."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise Refused(refuse("key_bad"))
    point = b"\x04" + b"".join(_unpadded(str(jwk.get(name, ""))) for name in ("x", "y"))
    try:
        _public_key(point)
    except ValueError:
        raise Refused(refuse("key_bad")) from None
    return point


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """A public key as WebCrypto imports it."""
    numbers = key.public_numbers()
    x, y = (urlsafe_b64encode(each.to_bytes(_HALF)).decode().rstrip("=") for each in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def require_signature(point: bytes, signature: str, signed: bytes) -> None:
    """Shape: `signature` is base64url of r and s, 32 bytes each. Raises: Refused (`signature_bad`)."""
    raw = _unpadded(signature)
    if len(raw) != 2 * _HALF:
        raise Refused(refuse("signature_bad"))
    r, s = int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:])
    try:
        _public_key(point).verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused(refuse("signature_bad")) from None


@lru_cache(maxsize=20_000)
def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def _unpadded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Malformed, ValueError):
        return b""
