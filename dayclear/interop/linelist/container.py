"""What a file is, by its content and never by its name, and whether it is safe to open."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.refusal import LineListRefused

ContainerKind = Literal["text", "xlsx"]


class Limits(msgspec.Struct, frozen=True):
    """How much a file may ask of the machine. Units: bytes; `largest_ratio` unpacked to packed bytes of one part."""

    file_bytes: int = 300_000_000
    unpacked_bytes: int = 2_000_000_000
    shared_strings_bytes: int = 300_000_000
    largest_ratio: int = 300
    ratio_counts_from_bytes: int = 10_000_000
    parts: int = 5_000


_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Openings of files that are no tables, and the code that says so.
_OTHER_FILES: Final = (
    (b"%PDF", "is_pdf"),
    (b"\x89PNG", "is_image"),
    (b"\xff\xd8\xff", "is_image"),
    (b"GIF8", "is_image"),
    (b"BM", "is_image"),
    (b"II*\x00", "is_image"),
    (b"MM\x00*", "is_image"),
    (b"{\\rtf", "is_document"),
    (b"\x1f\x8b", "is_archive"),
    (b"7z\xbc\xaf\x27\x1c", "is_archive"),
    (b"Rar!", "is_archive"),
    (b"SQLite format 3", "is_database"),
)
_MACRO_PARTS: Final = ("vbaproject.bin", "macrosheets/", "xl4macro")
_SCAN_CHUNK: Final = 1 << 20


def kind_of(path: Path, limits: Limits = Limits()) -> ContainerKind:  # noqa: B008  frozen, so that sharing it is safe
    """Raises: LineListRefused where the file is nothing that can be read, or asks too much."""
    size = path.stat().st_size
    if size == 0:
        raise LineListRefused("file_empty")
    if size > limits.file_bytes:
        raise LineListRefused("file_too_large", size=size, limit=limits.file_bytes)
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        _check_zip(path, size, limits)
        return "xlsx"
    if start.startswith(b"PK"):
        raise LineListRefused("is_archive")
    if start.startswith(_OLE):
        raise LineListRefused(_kind_of_ole(path))
    for magic, code in _OTHER_FILES:
        if start.startswith(magic) and not (magic == b"BM" and _is_mostly_text(start)):
            raise LineListRefused(code)
    beginning = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if beginning.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise LineListRefused("is_html_table")
    if beginning.startswith(b"<?xml"):
        raise LineListRefused("is_xml")
    if not beginning and size <= len(start):
        raise LineListRefused("file_empty")
    return "text"


def _is_mostly_text(start: bytes) -> bool:
    return sum(1 for byte in start if byte < 9) == 0


def _kind_of_ole(path: Path) -> str:
    """Excel 97, Word 97, or an encrypted workbook: all three are OLE files; their stream names tell."""
    names = {
        "EncryptedPackage": "is_encrypted",
        "WordDocument": "is_document",
        "Workbook": "is_xls",
        "Book": "is_xls",
    }
    kept = b""
    found: set[str] = set()
    with path.open("rb") as file:
        while chunk := file.read(_SCAN_CHUNK):
            window = kept + chunk
            found.update(code for name, code in names.items() if name.encode("utf-16-le") in window)
            kept = window[-64:]
    return next((code for code in names.values() if code in found), "is_unknown_binary")


def _check_zip(path: Path, size: int, limits: Limits) -> None:
    """Looks at the directory of a zip file only. What it promises is also what is read: Python's reader stops at
    the size the directory states, so a part can't unpack to more than was checked here."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = [part.filename.lower() for part in parts]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, UnicodeDecodeError) as error:
        raise LineListRefused("xlsx_broken", detail=str(error)[:100]) from error
    if any(part.flag_bits & 1 for part in parts):
        raise LineListRefused("is_encrypted")
    _check_sizes(parts, size, limits)
    if any(sign in name for name in names for sign in _MACRO_PARTS):
        raise LineListRefused("has_macros")
    if "xl/workbook.bin" in names:
        raise LineListRefused("is_xlsb")
    if "content.xml" in names and "mimetype" in names:
        raise LineListRefused("is_ods")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise LineListRefused("is_document")
    if "xl/workbook.xml" not in names or "[content_types].xml" not in names:
        raise LineListRefused("is_archive")


def _check_sizes(parts: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    if len(parts) > limits.parts:
        raise LineListRefused("zip_bomb", unpacked=len(parts), limit=limits.parts)
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked_bytes or sum(part.compress_size for part in parts) > size:
        raise LineListRefused("zip_bomb", unpacked=unpacked, limit=limits.unpacked_bytes)
    for part in parts:
        swollen = part.file_size > limits.ratio_counts_from_bytes
        if swollen and part.file_size > limits.largest_ratio * max(1, part.compress_size):
            raise LineListRefused("zip_bomb", unpacked=part.file_size, limit=limits.largest_ratio * part.compress_size)
        if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > limits.shared_strings_bytes:
            raise LineListRefused("zip_bomb", unpacked=part.file_size, limit=limits.shared_strings_bytes)
