"""Packs as text for a terminal, in English or Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from dayclear.policy.calendar import IndexEntry
from dayclear.policy.diff import Change, PackDiff, TransitionLine
from dayclear.policy.loader import Pack, SourcedValue
from dayclear.policy.problems import Problem
from dayclear.policy.schema import Label
from dayclear.policy.tree import ALWAYS, Life

_WORDS: dict[str, tuple[str, str]] = {
    "pack": ("Pack", "规则包"),
    "name": ("Name", "名称"),
    "disease": ("Disease", "病种"),
    "answers": ("In force", "有效期"),
    "amends": ("Amends", "修订"),
    "version": ("Version", "版本"),
    "value": ("Value", "值"),
    "where": ("Rule", "规则"),
    "source": ("Document § clause [copies]", "文件 § 条款 [来源]"),
    "before": ("Before", "修改前"),
    "after": ("After", "修改后"),
    "measure": ("No.", "条"),
    "transition": ("Changeover", "过渡安排"),
    "gaps": ("Not found, therefore absent", "未找到来源，故未列入"),
    "signed": ("Unsourced, signed for", "无来源，经签批"),
    "awaiting": ("awaiting the installation's rule owner", "待本单位规则负责人签批"),
    "unsourced": ("Unsourced", "无来源"),
    "single": ("One copy only, not cross-checked", "仅有一处来源，未经核对"),
    "from": ("from", "自"),
    "until": ("to before", "至"),
    "standing": ("standing", "长期"),
    "onwards": ("onwards", "起"),
    "in": ("in", "适用于"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "nothing": ("—", "—"),
    "no_changes": ("No value changes.", "没有任何值发生变化。"),
    "valid": ("valid", "有效"),
}
_NEVER_WRAPPED = frozenset({"pack", "amends", "answers", "version", "measure"})
_PIPE_WIDTH = 220
_UNITS_ZH = {
    "day": "天",
    "hour": "小时",
    "month": "个月",
    "week": "周",
    "year": "年",
    "test": "次检测",
    "round": "轮",
    "case": "例",
    "row": "排",
    "room": "间",
    "person": "人",
    "vehicle": "辆",
    "driver": "名驾驶员",
    "kind": "类",
}


class Printer:
    """Prints to one console in one language."""

    def __init__(self, lang: str) -> None:
        self.chinese = lang.startswith("zh")
        self.console = Console(highlight=False, markup=False)
        if not self.console.is_terminal:
            # Into a file or a pipe: one value per line as far as it goes.
            self.console.width = _PIPE_WIDTH

    def word(self, key: str) -> str:
        return _WORDS[key][1 if self.chinese else 0]

    def label(self, label: Label) -> str:
        return label.zh if self.chinese else label.en

    def line(self, text: str = "") -> None:
        self.console.print(text)

    def table(self, *columns: str) -> Table:
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for key in columns:
            table.add_column(self.word(key), overflow="fold", no_wrap=key in _NEVER_WRAPPED)
        return table

    def quantity(self, value: Any, unit: str) -> str:
        """The value with its unit as a person reads it."""
        if isinstance(value, bool):
            return self.word("yes" if value else "no")
        if unit == "text":
            return str(value["zh" if self.chinese else "en"])
        if unit == "block":
            return "; ".join(f"{key}: {self.quantity(each, 'code')}" for key, each in value.items())
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if unit == "Ct":
            return f"Ct {value}"
        if isinstance(value, int | float) and unit != "number":
            return (
                f"{value} {_UNITS_ZH.get(unit, unit)}" if self.chinese else f"{value} {unit}{'' if value == 1 else 's'}"
            )
        return str(value)

    def life(self, life: Life) -> str:
        if life == ALWAYS:
            return ""
        parts = []
        if life.from_on:
            parts.append(f"{self.word('from')} {life.from_on}")
        if life.to_on:
            parts.append(f"{self.word('until')} {life.to_on}")
        if life.areas:
            parts.append(f"{self.word('in')} {', '.join(life.areas)}")
        return f" ({'; '.join(parts)})"

    def index(self, entries: Iterable[IndexEntry]) -> None:
        table = self.table("pack", "disease", "answers", "amends", "name", "version")
        for each in entries:
            spans = []
            for start, end in each.answers:
                spans.append(f"{start or self.word('standing')} – {end or ''}".strip(" –"))
            table.add_row(
                each.head.pack,
                each.head.disease,
                "\n".join(spans),
                each.head.amends or self.word("nothing"),
                self.label(each.head.name),
                each.version.rpartition("@")[2],
            )
        self.console.print(table)

    def values(self, values: Iterable[SourcedValue]) -> None:
        table = self.table("where", "value", "source")
        for each in values:
            table.add_row(each.path, f"{self.quantity(each.value, each.unit)}{self.life(each.life)}", str(each.source))
        self.console.print(table)

    def transition(self, lines: Sequence[TransitionLine]) -> None:
        if not lines:
            return
        self.line()
        self.line(self.word("transition"))
        for each in lines:
            when = each.rule.when.model_dump(exclude_none=True)
            deed = each.rule.do.model_dump(exclude_none=True)
            self.line(f"  {each.rule.subject} {_pairs(when)} → {_pairs(deed)}  [{each.source}]")

    def remarks(self, pack: Pack, values: Iterable[SourcedValue]) -> None:
        """What a reader must know about how well the values are founded."""
        shown = list(values)
        signed = {each.path: each for each in pack.sign_off}
        awaiting = f" ({self.word('awaiting')})"
        self._listing(
            "signed",
            [
                f"{path}: {each.by}{awaiting if each.awaits_rule_owner else ''}, {each.on}. {each.reason}"
                for path, each in signed.items()
            ],
        )
        open_ones = [each.path for each in shown if each.source.is_unsourced and each.path not in signed]
        self._listing("unsourced", open_ones)
        self._listing("single", [each.path for each in shown if each.source.is_single_source])
        self._listing("gaps", [self.label(each) for each in pack.head.gaps])

    def _listing(self, heading: str, lines: Sequence[str]) -> None:
        if lines:
            self.line()
            self.line(self.word(heading))
            for each in lines:
                self.line(f"  {each}")

    def difference(self, found: PackDiff) -> None:
        if not found.changes:
            self.line(self.word("no_changes"))
        table = self.table("measure", "where", "before", "after", "source")
        for each in sorted(found.changes, key=_by_measure):
            table.add_row(
                "" if each.source is None or each.source.measure is None else str(each.source.measure),
                each.path,
                self._side(each.before),
                self._side(each.after),
                "" if each.source is None else str(each.source),
            )
        if found.changes:
            self.console.print(table)
        self.transition(found.transition)

    def _side(self, value: SourcedValue | None) -> str:
        if value is None:
            return self.word("nothing")
        return f"{self.quantity(value.value, value.unit)}{self.life(value.life)}"

    def problems(self, problems: Iterable[Problem]) -> None:
        for each in problems:
            message = each.message_zh if self.chinese else each.message
            self.console.print(f"{each.file}:{each.line}: {each.code}: {message}", soft_wrap=True)


def _by_measure(change: Change) -> int:
    return change.source.measure or 0 if change.source else 0


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items()) or "*"
