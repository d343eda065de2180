"""What a device exported instead of uploading it: a file, or the lines of its QR codes in any order and any number of
times. Either holds batches exactly as they would have been sent; they go the same way as an upload.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from dayclear.foundation.decisions import Refused, refuse
from dayclear.sampling.rules.codes import unbase45

FORMAT = "dayclear-batches/1"
# Bytes. A shift of 2,000 tubes of ten is some 2 MB.
LARGEST = 64_000_000
_LINE = re.compile(r"DCX:([0-9A-F]{8}):(\d{1,4}):(\d{1,4}):([0-9A-Z $%*+\-./:]*)")


class Batch(msgspec.Struct, frozen=True):
    """The text that was signed, and its signature (base64url)."""

    body: str
    signature: str


class Export(msgspec.Struct, frozen=True):
    """What a device exported, its batches in the order of their counters.

    Units: `clock_behind_ms`, how far its clock is behind the server's as it last knew; None where they never met.
    """

    format: str
    device: int
    batches: list[Batch]
    clock_behind_ms: int | None = None


_export = msgspec.json.Decoder(Export)


def read_export(exported: str) -> Export:
    """An exported file, or the lines of its QR codes.

    Raises: Refused (`export_unreadable`, `export_incomplete`).
    """
    text = exported.strip("\ufeff\r\n\t")
    said = _joined(text) if text.startswith("DCX:") else text.encode()
    try:
        read = _export.decode(said)
    except msgspec.MsgspecError as error:
        raise Refused(refuse("export_unreadable", what=str(error)[:200])) from None
    if read.format != FORMAT:
        raise Refused(refuse("export_unreadable", what=read.format[:40]))
    return read


@dataclass(frozen=True, slots=True)
class _Piece:
    which: str
    count: int
    text: str


def _joined(text: str) -> bytes:
    pieces: dict[int, _Piece] = {}
    for line in filter(str.strip, text.splitlines()):
        match = _LINE.fullmatch(line)
        if match is None:
            raise Refused(refuse("export_unreadable", what=line[:40]))
        which, number, count, piece = match.groups()
        pieces[int(number)] = _Piece(which, int(count), piece)
    first = next(iter(pieces.values()))
    if any((piece.which, piece.count) != (first.which, first.count) for piece in pieces.values()):
        raise Refused(refuse("export_unreadable", what="DCX"))
    missing = [number for number in range(1, first.count + 1) if number not in pieces]
    if missing:
        raise Refused(refuse("export_incomplete", missing=", ".join(map(str, missing)), count=first.count))
    return _inflated("".join(pieces[number].text for number in sorted(pieces)), first.which)


def _inflated(text: str, which: str) -> bytes:
    try:
        deflated = unbase45(text)
        opened = zlib.decompressobj(-zlib.MAX_WBITS)
        said = opened.decompress(deflated, LARGEST)
    except (ValueError, zlib.error):
        raise Refused(refuse("export_unreadable", what=which)) from None
    if not opened.eof or sha256(deflated).hexdigest()[:8].upper() != which:
        raise Refused(refuse("export_unreadable", what=which))
    return said
