"""What a column tells as a whole: day or month first, whether age 0 means "not known", how case numbers look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.dates import DateContext, DateOrder, OrderEvidence, order_evidence, together
from dayclear.interop.linelist.fields import FIELDS, ColumnMapping, Field
from dayclear.interop.linelist.identity import as_text, prefix_of
from dayclear.interop.linelist.outcomes import Cell, FormulaCell
from dayclear.interop.linelist.table import RawRow, Table
from dayclear.interop.linelist.values import ColumnContext, Parser, SexDigits, parser_for
from dayclear.interop.linelist.vocabulary import folded

#: Lines looked at before the first is read.
SAMPLE_ROWS: Final = 2000
#: Age 0 is an infant where zeros are no more than this many times as frequent as ages 1 and 2 ...
_ZEROS_PER_TODDLER: Final = 3
#: ... and no more than this share of the filled cells.
_LARGEST_ZERO_SHARE: Final = 0.2


class ReadOptions(msgspec.Struct, frozen=True):
    """How the user wants a file read.

    `zone`: the place's time zone. `year`: the year of dates written without one.
    `date_order`: which comes first in 03/04/2020, where the file does not prove it.
    `value_map`: field → raw value → code ("" for "not known").
    Units: `late_onset_days` days between report and a later onset from which a warning is given.
    """

    zone: tzinfo = UTC
    year: int | None = None
    date_order: DateOrder | None = None
    zero_age: Literal["auto", "unknown", "infant"] = "auto"
    value_map: Mapping[str, Mapping[str, str]] = {}
    late_onset_days: int = 14


class ColumnEvidence(msgspec.Struct, frozen=True):
    """What was counted in some lines of a file; evidence of several tables adds up.

    Shape: `date_orders` (sheet, header) → evidence, only columns that write 03/04/2020.
    """

    date_orders: dict[tuple[str, str], OrderEvidence] = {}
    ages: int = 0
    zero_ages: int = 0
    toddlers: int = 0
    nineties: int = 0
    ninety_nines: int = 0
    sex_words: frozenset[str] = frozenset()
    case_prefixes: frozenset[str] = frozenset()

    def __add__(self, other: ColumnEvidence) -> ColumnEvidence:
        none: OrderEvidence = "not_needed"
        return ColumnEvidence(
            date_orders={
                column: together(self.date_orders.get(column, none), other.date_orders.get(column, none))
                for column in {**self.date_orders, **other.date_orders}
            },
            ages=self.ages + other.ages,
            zero_ages=self.zero_ages + other.zero_ages,
            toddlers=self.toddlers + other.toddlers,
            nineties=self.nineties + other.nineties,
            ninety_nines=self.ninety_nines + other.ninety_nines,
            sex_words=self.sex_words | other.sex_words,
            case_prefixes=self.case_prefixes | other.case_prefixes,
        )

    def with_dates_of(self, other: ColumnEvidence) -> ColumnEvidence:
        """Takes from further lines only what they prove of the order of day and month."""
        return self + ColumnEvidence(date_orders=other.date_orders)

    def is_undecided(self) -> bool:
        """Whether more lines could still settle which of day and month comes first."""
        return "undecidable" in self.date_orders.values() and _common_order(self.date_orders.values()) is None


class ColumnFindings(msgspec.Struct, frozen=True):
    """What follows from the evidence and the user's word. Shape: `date_order` None: the user must say."""

    date_order: DateOrder | None = None
    zero_age_unknown: bool = False
    ninety_nine_unknown: bool = False
    sex_digits: SexDigits = "standard"
    case_prefixes: frozenset[str] = frozenset()


class CompiledColumn(msgspec.Struct, frozen=True):
    """One mapped column with its parser and the outcomes already seen."""

    index: int
    header: str
    field: Field
    parse: Parser


def gather(table: Table, mapping: ColumnMapping, sample: Sequence[RawRow]) -> ColumnEvidence:
    """Counts, column by column, in lines of a table."""
    indexes = mapping.fields()
    orders: dict[tuple[str, str], OrderEvidence] = {
        (table.name, table.column_name(index)): evidence
        for name, places in indexes.items()
        if FIELDS[name].kind in ("date", "birthday", "moment")
        for index in places
        if (evidence := order_evidence(_column(sample, index))) != "not_needed"
    }
    ages = [text for index in indexes.get("age", ()) for cell in _column(sample, index) if (text := _plain(cell))]
    years = Counter(int(text) for text in ages if text.isdecimal())
    sexes = {text for index in indexes.get("sex", ()) for cell in _column(sample, index) if (text := _plain(cell))}
    numbers = {
        text for index in indexes.get("case_number", ()) for cell in _column(sample, index) if (text := _plain(cell))
    }
    return ColumnEvidence(
        date_orders=orders,
        ages=len(ages),
        zero_ages=years[0],
        toddlers=years[1] + years[2],
        nineties=sum(years[age] for age in range(90, 99)),
        ninety_nines=years[99],
        sex_words=frozenset(folded(text) for text in sexes),
        case_prefixes=frozenset(prefix for text in numbers if (prefix := prefix_of(text)) and text != prefix),
    )


def conclude(evidence: ColumnEvidence, options: ReadOptions) -> ColumnFindings:
    """Age 0: unless the user decides, zeros are infants only where they are at most three times as frequent as
    ages 1 and 2 together and at most a fifth of all ages; a register that writes 0 for "not known" fails both.
    Age 99 is "not known" where it is more frequent than 90 to 98 together.
    Sex 0 and 1 without 2 is no standard code: the user must say which is which.
    """
    infants = (
        evidence.zero_ages <= _ZEROS_PER_TODDLER * max(1, evidence.toddlers)
        and evidence.zero_ages <= _LARGEST_ZERO_SHARE * evidence.ages
    )
    zero_unknown = bool(evidence.zero_ages) and not infants
    if options.zero_age != "auto":
        zero_unknown = options.zero_age == "unknown"
    sexes = evidence.sex_words
    return ColumnFindings(
        date_order=options.date_order or _common_order(evidence.date_orders.values()),
        zero_age_unknown=zero_unknown,
        ninety_nine_unknown=evidence.ninety_nines > max(2, evidence.nineties),
        sex_digits="zero_one" if {"0", "1"} <= sexes and "2" not in sexes else "standard",
        case_prefixes=evidence.case_prefixes,
    )


def compile_columns(
    table: Table, mapping: ColumnMapping, options: ReadOptions, findings: ColumnFindings
) -> tuple[CompiledColumn, ...]:
    dates = DateContext(zone=options.zone, order=findings.date_order, year=options.year, epoch_1904=table.epoch_1904)
    compiled = []
    for guess in mapping.columns:
        if not guess.field:
            continue
        field = FIELDS[guess.field]
        words = {folded(raw): code or None for raw, code in options.value_map.get(field.name, {}).items()}
        context = ColumnContext(
            dates=dates,
            zero_age_unknown=findings.zero_age_unknown,
            ninety_nine_unknown=findings.ninety_nine_unknown,
            sex_digits=findings.sex_digits,
            prefixes=findings.case_prefixes,
            words=words,
        )
        compiled.append(CompiledColumn(guess.index, table.column_name(guess.index), field, parser_for(field, context)))
    return tuple(compiled)


def _column(sample: Sequence[RawRow], index: int) -> list[Cell]:
    return [_value(row.cells[index]) for row in sample if index < len(row.cells)]


def _value(cell: Cell) -> Cell:
    return cell.cached if isinstance(cell, FormulaCell) else cell


def _plain(cell: Cell) -> str:
    return (as_text(cell) or "") if cell is not None else ""


def _common_order(orders: Iterable[OrderEvidence]) -> DateOrder | None:
    """One file has one habit: what one column proves holds for the undecidable ones too, unless columns
    prove different habits, or one column contradicts itself."""
    proven = set(orders) - {"undecidable", "not_needed"}
    if proven == {"day_first"}:
        return "day_first"
    if proven == {"month_first"}:
        return "month_first"
    return None
