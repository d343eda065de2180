"""Base45: what a QR code's alphanumeric mode holds."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def base45(data: bytes) -> str:
    """Two bytes become three characters, a last single byte two. Source: RFC 9285."""
    out = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out.append(_ALPHABET[digit])
    return "".join(out)


def unbase45(text: str) -> bytes:
    """The bytes again. Source: RFC 9285. Raises: ValueError, for text that no bytes give."""
    data = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        try:
            number = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
            data += number.to_bytes(len(group) - 1)
        except (KeyError, OverflowError):
            raise ValueError("no Base45") from None
        if len(group) == 1:
            raise ValueError("no Base45")
    return bytes(data)
