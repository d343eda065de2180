"""A chart as an answer to a request: for the page to draw, as a picture, or as rows."""

from __future__ import annotations

import csv
import hashlib
import io
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from dayclear.foundation.charts.pictures import picture
from dayclear.foundation.charts.specification import Chart, Heading

KINDS = ("json", "png", "svg", "csv")
_TYPES = {
    "json": "application/json; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "csv": "text/csv; charset=utf-8",
}


def answer(request: HttpRequest, chart: Chart, heading: Heading, kind: str) -> HttpResponse:
    """Answer with a chart in one of `KINDS`. Pictures and rows are downloads; the page's copy is revalidated."""
    if kind == "json":
        body = chart.for_page().encode()
    elif kind == "csv":
        body = _rows(chart)
    else:
        body = picture(chart.for_picture(heading), "png" if kind == "png" else "svg")
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    response = HttpResponse(body, content_type=_TYPES[kind])
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"
    if kind != "json":
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(chart.name)}.{kind}"
    return response


def _rows(chart: Chart) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(chart.columns)
    writer.writerows([_plain(value) for value in row] for row in chart.rows)
    # The mark tells Excel that this is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value
