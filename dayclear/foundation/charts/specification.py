"""What a chart is before anybody draws it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dayclear.foundation.language import is_chinese

# On paper and in pictures the page's own colours are not there: the light theme, as in the stylesheet.
_INK, _MUTED, _LINE = "#15202a", "#51606c", "#d5dbe0"
_SERIES = ("#155a85", "#b5651d", "#7a8893", "#6b4c9a")
FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
PICTURE_WIDTH = 960


@dataclass(frozen=True, slots=True)
class Heading:
    """What a picture says about itself once it has left the page. Shape: `lines` below the title, in order."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite specification and the rows behind it.

    Shape: `rows` in the order of `columns`; `name` begins the names of its files. A picture is `width` wide where the
    page would fill its column.
    """

    name: str
    specification: Mapping[str, Any]
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    width: int = PICTURE_WIDTH

    def for_page(self) -> str:
        return json.dumps(self._bare(), ensure_ascii=False, separators=(",", ":"))

    def for_picture(self, heading: Heading) -> str:
        """The specification with its title, a fixed width and the light theme. Equal charts give equal text."""
        whole = self._bare()
        if whole.get("width") == "container":
            whole["width"] = self.width
        whole["title"] = {"text": heading.title, "subtitle": list(heading.lines)}
        whole["config"] = _picture_config()
        whole["padding"] = 20
        return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def _bare(self) -> dict[str, Any]:
        """Without Altair's own configuration: colours and sizes are the page's, or the picture's."""
        return {key: value for key, value in self.specification.items() if key != "config"}


def _picture_config() -> dict[str, Any]:
    axis = {
        "labelColor": _MUTED,
        "titleColor": _MUTED,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "gridColor": _LINE,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": 400,
    }
    return {
        "background": "#ffffff",
        "font": FONTS,
        "view": {"stroke": None},
        "axis": axis,
        "legend": {"labelColor": _INK, "titleColor": _MUTED, "labelFontSize": 13, "titleFontSize": 13},
        "title": {
            "anchor": "start",
            "frame": "group",
            "color": _INK,
            "fontSize": 20,
            "subtitleColor": _MUTED,
            "subtitleFontSize": 13,
            "subtitlePadding": 6,
            "offset": 18,
        },
        "text": {"color": _INK},
        "range": {"category": list(_SERIES)},
    }


def axis_days() -> str:
    """How an axis writes its days, in the reader's language."""
    return "%-m月%-d日" if is_chinese() else "%-d %b"
