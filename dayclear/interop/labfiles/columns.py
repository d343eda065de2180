"""Which column of a result table is which: by the words that instruments and offices write over them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dayclear.interop.labfiles.content import plain

_NAMES = {
    "plate": ("plate", "plateid", "plate_id", "板号", "孔板号", "反应板"),
    "well": ("well", "position", "wellposition", "孔位", "孔号"),
    "tube": ("tube", "sample", "sampleid", "sample_id", "samplename", "barcode", "管号", "试管号", "样本编号", "条码"),
    "target": ("target", "targetname", "gene", "靶标", "靶基因", "基因", "检测靶标"),
    "ct": ("ct", "cq", "ct值", "cт"),
    "curve": ("curve", "曲线"),
    "call": ("call", "result", "结果", "判定", "结果判定"),
    "assay": ("assay", "kit", "试剂", "试剂盒"),
    "version": ("version", "cut-offs", "cutoffs", "版本", "判读版本"),
    "instrument": ("instrument", "machine", "仪器", "仪器编号", "扩增仪"),
    "started_at": ("started_at", "started", "runstart", "开始时间"),
    "ended_at": ("ended_at", "ended", "runend", "结束时间"),
    "curves": ("curves", "rawcurves", "raw_curves", "曲线数", "原始曲线数"),
    "wells": ("wells", "wellcount", "孔数"),
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names}
# A column for one target: "N Ct", "Ct (N)", "ct:ORF1ab", "ORF1ab Ct值".
_WIDE = (re.compile(r"c[tq](?:值)?[:(_（]([\w/-]+?)[)）]?"), re.compile(r"([\w/-]+?)_?c[tq](?:值)?"))
NEEDED = ("plate", "well", "tube")


@dataclass(frozen=True, slots=True)
class Columns:
    """Shape: `fields` field → column; `targets` target → column, in a table with one line a well."""

    fields: dict[str, int] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        one_line_a_target = "target" in self.fields and "ct" in self.fields
        return all(name in self.fields for name in NEEDED) and (one_line_a_target or bool(self.targets))

    @property
    def missing(self) -> tuple[str, ...]:
        lacking = [name for name in NEEDED if name not in self.fields]
        if not self.targets:
            lacking += [name for name in ("target", "ct") if name not in self.fields]
        return tuple(lacking)


def columns_of(header: Sequence[object]) -> Columns:
    """Read a header. The first column of a name counts."""
    found = Columns()
    for index, cell in enumerate(header):
        name = plain(str(cell)) if cell is not None else ""
        known = _FIELD_OF.get(name)
        if known is not None:
            found.fields.setdefault(known, index)
        elif (target := _target_in(str(cell or ""))) is not None:
            found.targets.setdefault(target, index)
    return found if "target" not in found.fields else Columns(found.fields)


def _target_in(header: str) -> str | None:
    bare = re.sub(r"\s+", "", header)
    for pattern in _WIDE:
        match = re.fullmatch(pattern.pattern, bare, re.IGNORECASE)
        if match:
            return match[1]
    return None
