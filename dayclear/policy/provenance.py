"""Where a value comes from, and how a `source:` line says so."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

TAGS: Final = {
    "L": "primary legal text, read in full",
    "O": "official or agency text",
    "R": "re-publication that agrees with at least one other copy",
    "1": "single secondary copy, not cross-checked",
    "S0": "seed text 0",
    "S1": "seed text 1",
    "S2": "seed text 2",
    "S3": "seed text 3",
    "S4": "seed text 4",
    "U": "unsourced",
    "D": "derived by this project, not a quoted rule",
}
_NEEDS_NO_ID: Final = frozenset({"U", "D", "S0", "S1", "S2", "S3", "S4"})
_STATEMENT = re.compile(r"^(?P<evidence>[^@§]+?)\s*(?:@\s*(?P<document>[\w.+-]+)\s*)?§\s*(?P<clause>.+)$")


@dataclass(frozen=True)
class Evidence:
    """One tag with the ids of the copies that carry it, as `O C55`."""

    tag: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """The document and clause behind a value, and how well that was checked.

    `pack` and `measure` name the pack, and the numbered measure in it, that set the
    value last; an overlay leaves the provenance of what it does not touch alone.
    """

    document: str
    clause: str
    evidence: tuple[Evidence, ...]
    pack: str = ""
    measure: int | None = None

    @property
    def tag(self) -> str:
        """The tag of the first, strongest evidence."""
        return self.evidence[0].tag

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(each for part in self.evidence for each in part.ids)

    @property
    def is_unsourced(self) -> bool:
        return all(part.tag == "U" for part in self.evidence)

    @property
    def is_single_source(self) -> bool:
        return all(part.tag == "1" for part in self.evidence)

    def as_json(self) -> dict[str, object]:
        return {
            "document": self.document,
            "clause": self.clause,
            "tag": self.tag,
            "ids": list(self.ids),
            "evidence": [{"tag": part.tag, "ids": list(part.ids)} for part in self.evidence],
            "pack": self.pack,
            "measure": self.measure,
        }

    def __str__(self) -> str:
        copies = "; ".join(" ".join((f"[{part.tag}]", *part.ids)) for part in self.evidence)
        return f"{self.document} § {self.clause} {copies}"

    def set_by(self, pack: str, measure: int | None) -> Provenance:
        return replace(self, pack=pack, measure=measure)


def parse_source(text: str, default_document: str) -> Provenance | None:
    """Read `R C04 C10; 1 C19 @ document § clause`; None if it has another form.

    The document may be left out: it is then the one the pack as a whole carries out.
    """
    match = _STATEMENT.match(text.strip())
    if match is None:
        return None
    evidence = []
    for part in match["evidence"].split(";"):
        tag, *ids = part.split() or [""]
        if tag not in TAGS or not (ids or tag in _NEEDS_NO_ID):
            return None
        evidence.append(Evidence(tag, tuple(ids)))
    return Provenance(
        document=match["document"] or default_document,
        clause=match["clause"].strip(),
        evidence=tuple(evidence),
    )
