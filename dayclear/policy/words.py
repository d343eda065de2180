"""The codes of packs as words, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import gettext_lazy as _

from dayclear.foundation.language import is_chinese
from dayclear.policy.calendar import diseases
from dayclear.policy.provenance import Provenance
from dayclear.policy.schema import Label

_WORDS = Path(__file__).parent / "packs" / "_words.yaml"
_SOURCES = Path(__file__).parent / "packs" / "_sources.yaml"
# How an overlay names its own numbered measures.
_MEASURE = re.compile(r"Measure (\d+)")

SECTIONS = {
    "legal_class": _("Legal class"),
    "incubation": _("Incubation"),
    "infectious": _("Infectious period"),
    "case_definitions": _("Case definitions"),
    "day_count": _("How days are counted"),
    "contact_definition": _("Who is a contact"),
    "categories": _("Categories of persons"),
    "special_groups": _("Special groups"),
    "home_quarantine": _("Home quarantine"),
    "suspicion_dropped": _("When a suspicion is dropped"),
    "discharge": _("Discharge"),
    "prophylaxis": _("Prophylaxis"),
    "outbreak_end": _("End of the outbreak"),
    "areas": _("Risk areas"),
    "county_tiers": _("County tiers"),
    "time_limits": _("Time limits"),
    "cadences": _("Cadences"),
    "testing": _("Testing"),
    "travel": _("Travel"),
    "diagnosis": _("Diagnosis"),
    "sites": _("Quarantine sites"),
    "transfer": _("Transfer"),
    "duties": _("Duties"),
    "forbidden": _("Forbidden"),
    "transition": _("Changeover"),
}

TAGS = {
    "L": _("legal text"),
    "O": _("official text"),
    "R": _("agreeing copies"),
    "1": _("one copy only"),
    "S0": _("seed text"),
    "S1": _("seed text"),
    "S2": _("seed text"),
    "S3": _("seed text"),
    "S4": _("seed text"),
    "U": _("unsourced"),
    "D": _("derived"),
}


# Diseases of line lists have names even where no pack knows them.
DISEASE_NAMES = {
    "covid-19": _("COVID-19"),
    "measles": _("measles"),
    "ebola": _("Ebola"),
    "mpox": _("mpox"),
    "influenza": _("influenza"),
    "cholera": _("cholera"),
}


@lru_cache(maxsize=1)
def chinese_words() -> Mapping[str, str]:
    """Code → Chinese, as `packs/_words.yaml` has them."""
    return {str(code): str(text) for code, text in yaml.safe_load(_WORDS.read_text(encoding="utf-8")).items()}


def word(code: str) -> str:
    """A code for readers: its Chinese word, or in English its own words. A section's code is its heading; an
    entry of a list counts from one.
    """
    if code.isdecimal():
        return str(int(code) + 1)
    if code in SECTIONS:
        return str(SECTIONS[code])
    if is_chinese():
        return chinese_words().get(code, code)
    return code.replace("_", " ")


def disease_name(code: str) -> str:
    return str(DISEASE_NAMES.get(code, code))


def disease_choices() -> list[tuple[str, str]]:
    """The diseases for which there are rules, to choose from."""
    return [(code, disease_name(code)) for code in diseases()]


def label_text(label: Label) -> str:
    return label.zh if is_chinese() else label.en


@lru_cache(maxsize=1)
def _documents() -> Mapping[str, Mapping[str, str]]:
    listed: Mapping[str, Mapping[str, str]] = yaml.safe_load(_SOURCES.read_text(encoding="utf-8"))["documents"]
    return listed


def document_name(code: str) -> str:
    """What a document is called, as `packs/_sources.yaml` has it; a local pack's own document keeps its code."""
    names = _documents().get(code)
    if names is None:
        return code
    return f"《{names['zh']}》" if is_chinese() else names["en"]


def cited(source: Provenance) -> str:
    """The document by its name, and the clause as it stands there."""
    clause = source.clause
    if is_chinese():
        clause = _MEASURE.sub(r"第\1条", clause)
    return f"{document_name(source.document)} § {clause}"


def cited_text(stored: str) -> str:
    """As `cited`, of a provenance that was kept as text (`str(Provenance)`)."""
    document, mark, rest = stored.partition(" § ")
    return cited(Provenance(document, rest.partition(" [")[0], ())) if mark else stored
