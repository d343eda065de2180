"""Codes on paper: six on an A4 page, each 50 mm across, with a name to hand it over by."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import segno
from django.utils.translation import gettext as _
from fpdf import FPDF

from dayclear.foundation.clock import local_zone
from dayclear.sampling.commands.codes import Code

_FONT = "Noto Sans SC"
_COLUMNS, _ROWS = 2, 3
# Millimetres.
_WIDTH, _HEIGHT, _CODE_MM = 90, 88, 50


def as_pdf(codes: Sequence[Code]) -> bytes:
    """A sheet to print, in the language now in force. Shape: codes in their order, line by line."""
    pdf = FPDF(format="A4")
    pdf.set_title(_("Codes for testing"))
    pdf.set_auto_page_break(auto=False)
    pdf.add_font(_FONT, "", _font_file())
    for at, code in enumerate(codes):
        place = at % (_COLUMNS * _ROWS)
        if place == 0:
            pdf.add_page()
        left = 15 + place % _COLUMNS * _WIDTH
        top = 15 + place // _COLUMNS * _HEIGHT
        pdf.image(picture(code.text), x=left + (_WIDTH - _CODE_MM) / 2, y=top, w=_CODE_MM)
        _line(pdf, code.name or f"#{code.person}", 14, left, top + _CODE_MM + 3)
        until = code.expires_at.astimezone(local_zone())
        _line(pdf, _("good until %(day)s") % {"day": f"{until:%Y-%m-%d %H:%M}"}, 9, left, top + _CODE_MM + 11)
        _line(pdf, _("Show it at any sampling point. It holds no name and no number."), 8, left, top + _CODE_MM + 17)
    return bytes(pdf.output())


def picture(text: str) -> io.BytesIO:
    """A code as a PNG: error level M, as the codes are meant to be scanned from paper and screens alike."""
    made = io.BytesIO()
    segno.make_qr(text, error="m").save(made, kind="png", scale=6, border=4)
    made.seek(0)
    return made


def _line(pdf: FPDF, text: str, size: float, left: float, top: float) -> None:
    pdf.set_font(_FONT, size=size)
    pdf.set_xy(left, top)
    pdf.cell(_WIDTH, size * 0.5, text, align="C")


@lru_cache(maxsize=1)
def _font_file() -> str:
    return str(files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf"))
