"""Base45: bytes as the characters that QR codes hold most densely. Source: RFC 9285."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}


def to_base45(data: bytes) -> str:
    """Two bytes become three characters, a last single one two."""
    text = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair)
        for _place in range(len(pair) + 1):
            number, value = divmod(number, 45)
            text.append(_ALPHABET[value])
    return "".join(text)


def from_base45(text: str) -> bytes:
    """Raises: ValueError, for text that no bytes give."""
    data = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        try:
            number = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
            data += number.to_bytes(len(group) - 1)
        except (KeyError, OverflowError):
            raise ValueError("no Base45") from None
        if len(group) == 1:
            raise ValueError("no Base45")
    return bytes(data)
