"""The text of a csv file, as offices save it."""

from __future__ import annotations


def decoded(content: bytes) -> str | None:
    """UTF-8, with or without its mark, else GB 18030; None for neither. PostgreSQL keeps every character but one."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return None
