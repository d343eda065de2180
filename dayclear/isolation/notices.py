"""The written notice of an order, its change and its end: what, why, rule, place, term, rights, appeal, contact (R08).

One text, two forms: Word for a unit that adds its seal, PDF for the phone and the printer. The PDF carries its letters
with it, so that it reads the same everywhere. The language is the one in force while it is composed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph
from fpdf import FPDF

from dayclear.foundation.areas import ancestor
from dayclear.foundation.language import is_chinese
from dayclear.isolation.models import Order, Phase
from dayclear.isolation.reasons import END_CAUSE_NAMES
from dayclear.isolation.texts import (
    DUTY_TEXTS,
    day_text,
    days_text,
    instant_text,
    mode_text,
    pack_of,
    pack_text,
    phase_text,
    reason_text,
    rule_source,
)
from dayclear.places.queries import names_of
from dayclear.policy.words import cited

KINDS = ("order", "change", "release")
FORMS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_TITLES = {
    "order": gettext_lazy("Notice of an order"),
    "change": gettext_lazy("Notice of a changed order"),
    "release": gettext_lazy("Notice of release"),
}
_FONT = "Noto Sans SC"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as text. Shape: `sections` are (heading, lines), in the order in which they are read."""

    title: str
    number: str
    to: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    signed: tuple[str, ...]


def compose(order: Order, kind: str, *, now: datetime) -> Notice:
    """The notice in the language now in force. The order was signed."""
    phases = list(order.phases.order_by("number"))
    home = order.person.home or order.area
    # Where the register does not know the place itself, the nearest above it that it knows.
    above = [ancestor(home, level) for level in range(7, 0, -1)]
    places = names_of({*above, order.authority or order.area})
    place = next((places[each] for each in above if each in places), None)
    unit = places.get(order.authority or order.area)
    where = order.person.residence or (place.full_name if place else str(home))
    by = _("%(unit)s, for epidemic control") % {"unit": unit.full_name} if unit else order.signed_label
    sections = _released(order) if kind == "release" else _ordered(order, phases, where)
    sections += [(_("Your rights"), _rights(ended=kind == "release")), (_("Contact"), _contact(by))]
    return Notice(
        title=str(_TITLES[kind]),
        number=_("Order no. %(number)s") % {"number": order.pk},
        to=order.person.name or _("the person concerned"),
        sections=tuple(sections),
        signed=(by, instant_text(order.signed_at if kind == "order" else now)),
    )


def _ordered(order: Order, phases: list[Phase], where: str) -> list[tuple[str, tuple[str, ...]]]:
    modes = list(dict.fromkeys(phase.mode for phase in phases))
    told = [(mode_text(mode), str(DUTY_TEXTS[mode])) for mode in modes if mode in DUTY_TEXTS]
    duties = [_("%(mode)s: %(duty)s") % {"mode": mode, "duty": duty} for mode, duty in told]
    if len(told) == 1:
        duties = [told[0][1]]
    tests = [day for phase in phases for day in phase.tests_on]
    what = [phase_text(phase) for phase in phases]
    found = [
        (_("What is ordered"), tuple(what)),
        (_("What that means"), tuple(duties)),
        (_("Why"), (reason_text(order),)),
        (_("By which rule"), _rule(order)),
        (_("Where"), (where,)),
        (_("Until when"), _term(order)),
    ]
    if tests:
        found.insert(5, (_("Tests"), (days_text(tests),)))
    return found


def _rule(order: Order) -> tuple[str, ...]:
    source = rule_source(order, pack_of(order.policy))
    lines = [pack_text(order.policy)]
    if source is not None:
        lines.append(cited(source.source))
    return (*lines, _("Version %(version)s") % {"version": order.policy})


def _term(order: Order) -> tuple[str, ...]:
    return (
        _("From %(start)s to the end of %(day)s.")
        % {"start": instant_text(order.starts_at), "day": day_text(order.ends_on)},
        _("It ends by itself then. It can become shorter at any time, and longer only by another signed order."),
    )


def _released(order: Order) -> list[tuple[str, tuple[str, ...]]]:
    cause = str(END_CAUSE_NAMES.get(order.end_cause, END_CAUSE_NAMES["term"]))
    ended = order.ended_at or order.ends_at
    return [
        (
            _("You are free"),
            (
                _("The order ended on %(at)s: %(cause)s.") % {"at": instant_text(ended), "cause": cause},
                _("Nothing restricts you under it any more. Nobody may treat you otherwise because of it."),
            ),
        )
    ]


def _rights(*, ended: bool) -> tuple[str, ...]:
    appeal_hours = settings.DAYCLEAR_ISOLATION["appeal_due"]
    if ended:
        return (
            _("You may see what was recorded, have it corrected and get a copy."),
            _("You may complain, ask for a review or go to court about the order even now."),
        )
    return (
        _("Medical care and danger come before this order: leave at once if you need to; nobody may hold you back."),
        _("Food, medicine and care are owed to you while you must stay. Your wages go on."),
        _("You may see what is recorded, have it corrected and get a copy."),
        ngettext(
            "You may object: on paper, by phone, by your link or to whoever looks after you. Another officer decides "
            "within %(hours)d hour; if you are right, you are free at once.",
            "You may object: on paper, by phone, by your link or to whoever looks after you. Another officer decides "
            "within %(hours)d hours; if you are right, you are free at once.",
            appeal_hours,
        )
        % {"hours": appeal_hours},
        _("You may also ask for a review by the authority above, or go to court. Objecting has no bad consequences."),
    )


def _contact(by: str) -> tuple[str, ...]:
    return (_("%(unit)s; hotline %(number)s") % {"unit": by, "number": settings.DAYCLEAR_HOTLINE},)


def as_pdf(notice: Notice) -> bytes:
    """A notice on A4 pages."""
    pdf = FPDF(format="A4")
    pdf.set_title(f"{notice.title} {notice.number}")
    pdf.set_lang("zh-CN" if is_chinese() else "en")
    pdf.set_auto_page_break(auto=True, margin=16)
    pdf.set_margins(22, 16, 22)
    pdf.add_font(_FONT, "", _font_file())
    pdf.add_page()
    width = pdf.epw

    def line(text: str, size: float, *, gap: float = 0.0, align: str = "L", indent: float = 0.0) -> None:
        pdf.set_font(_FONT, size=size)
        pdf.set_x(pdf.l_margin + indent)
        pdf.multi_cell(width - indent, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(gap)

    line(notice.title, 20, gap=1, align="C")
    line(notice.number, 10, gap=3, align="C")
    line(notice.to, 14, gap=2)
    for heading, lines in notice.sections:
        # A heading never stands alone at the foot of a page.
        if pdf.will_page_break(18):
            pdf.add_page()
        pdf.set_text_color(90)
        line(heading, 9.5, gap=0.2)
        pdf.set_text_color(0)
        for text in lines:
            line(text, 11, gap=0.4, indent=4)
        pdf.ln(1.6)
    # Who signed and when stay together.
    if pdf.will_page_break(18):
        pdf.add_page()
    pdf.ln(3)
    for text in notice.signed:
        line(text, 11.5, align="R")
    return bytes(pdf.output())


def as_docx(notice: Notice) -> bytes:
    """A notice as a Word document, with headings that a unit may add to."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(11)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    document.core_properties.title = notice.title
    document.core_properties.author = "Dayclear"
    document.core_properties.language = "zh-CN" if is_chinese() else "en"
    _with_font(document.add_heading(notice.title, level=0))
    document.add_paragraph(notice.number)
    document.add_paragraph().add_run(notice.to).bold = True
    for heading, lines in notice.sections:
        _with_font(document.add_heading(heading, level=2))
        for text in lines:
            document.add_paragraph(text)
    for text in notice.signed:
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _with_font(paragraph: Paragraph) -> None:
    """Headings have a font of their own for Chinese; ours reads the same in both languages."""
    for run in paragraph.runs:
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)


@lru_cache(maxsize=1)
def _font_file() -> str:
    return str(files("pylopdf_fonts_zh_cn").joinpath("NotoSansSC-Regular.otf"))
