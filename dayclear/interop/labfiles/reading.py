"""One door for every form of result file, by its content and never by its name."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path

from dayclear.interop.labfiles.content import LabFile
from dayclear.interop.labfiles.hl7v2 import read_hl7
from dayclear.interop.labfiles.jsonfile import read_json
from dayclear.interop.labfiles.tables import read_table

_HL7 = (b"MSH|", b"BHS|", b"FHS|")


def read_lab_file(path: Path, *, zone: tzinfo) -> LabFile:
    """Read a result file. Units: instants in tables without an offset are of `zone`.

    Raises: Refused (`columns_missing`, `file_truncated`, `file_not_as_described`, `message_not_a_result`,
    `time_without_offset`), LineListRefused (nothing that can be read).
    """
    with path.open("rb") as file:
        start = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return read_json(path.read_bytes())
    if start.startswith(_HL7):
        return read_hl7(path.read_bytes())
    return read_table(path, zone=zone)
