"""Charts: one specification, drawn the same in the page, in a picture and as rows."""

from dayclear.foundation.charts.answers import KINDS, answer
from dayclear.foundation.charts.bundle import build_chart_bundle, bundle_address, bundle_path
from dayclear.foundation.charts.pictures import chinese_is_drawn, picture
from dayclear.foundation.charts.specification import Chart, Heading, axis_days

__all__ = [
    "KINDS",
    "Chart",
    "Heading",
    "answer",
    "axis_days",
    "build_chart_bundle",
    "bundle_address",
    "bundle_path",
    "chinese_is_drawn",
    "picture",
]
