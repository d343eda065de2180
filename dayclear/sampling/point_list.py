"""A list of points in a csv file, as a centre keeps it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import time

from dayclear.foundation.areas import from_code
from dayclear.foundation.decisions import Decision, Reason, Refused, refuse
from dayclear.sampling.commands.rounds import PointRecord
from dayclear.sampling.csv_text import decoded

# Heading in the file → field. Chinese and English alike.
HEADINGS = {
    "area": "area",
    "place number": "area",
    "区划代码": "area",
    "code": "code",
    "编号": "code",
    "name": "name",
    "名称": "name",
    "address": "address",
    "地址": "address",
    "latitude": "latitude",
    "纬度": "latitude",
    "longitude": "longitude",
    "经度": "longitude",
    "lanes": "lanes",
    "通道数": "lanes",
    "opens": "opens",
    "开放时间": "opens",
    "closes": "closes",
    "关闭时间": "closes",
}
_MOST_REASONS = 20


def read_points(data: bytes) -> list[PointRecord]:
    """The points of a file, in its order.

    Raises: Refused (`points_file_unreadable`, `points_columns_missing`, and `point_row_bad` for each bad row, at most
    twenty).
    """
    reader = csv.reader(io.StringIO(_text(data)))
    columns = [HEADINGS.get(cell.strip().lower(), "") for cell in next(reader, [])]
    missing = [name for name in ("area", "code", "name") if name not in columns]
    if missing:
        raise Refused(refuse("points_columns_missing", missing=", ".join(missing)))
    points, bad = [], []
    for line, row in enumerate(reader, 2):
        if not any(cell.strip() for cell in row):
            continue
        said = {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name}
        try:
            points.append(_point(said))
        except ValueError as wrong:
            bad.append(Reason("point_row_bad", {"line": line, "value": str(wrong)[:80]}))
    if bad:
        raise Refused(Decision(tuple(bad[:_MOST_REASONS])))
    if not points:
        raise Refused(refuse("points_file_unreadable"))
    return points


def _text(data: bytes) -> str:
    text = decoded(data)
    if text is None:
        raise Refused(refuse("points_file_unreadable"))
    return text


def _point(said: Mapping[str, str]) -> PointRecord:
    return PointRecord(
        area=from_code(said.get("area", "").lstrip("'")),
        code=said.get("code", ""),
        name=said.get("name", ""),
        address=said.get("address", ""),
        latitude=float(said["latitude"]) if said.get("latitude") else None,
        longitude=float(said["longitude"]) if said.get("longitude") else None,
        lanes=int(said["lanes"]) if said.get("lanes") else 1,
        opens=time.fromisoformat(said["opens"]) if said.get("opens") else None,
        closes=time.fromisoformat(said["closes"]) if said.get("closes") else None,
    )
