"""What a column tells as a whole: day or month first, whether age 0 means "not known", how case numbers look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Final, Literal

import msgspec

from dayclear.interop.linelist.dates import DateContext, DateOrder, OrderEvidence, order_evidence
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


class ColumnFindings(msgspec.Struct, frozen=True):
    """Shape: `date_orders` header → evidence, only columns that write 03/04/2020; `date_order` is what will be
    used for all of them (None: the user must say)."""

    date_order: DateOrder | None = None
    date_orders: dict[str, OrderEvidence] = {}
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


def learn(table: Table, mapping: ColumnMapping, options: ReadOptions, sample: Sequence[RawRow]) -> ColumnFindings:
    """Looks at the first lines of a table, column by column.

    Age 0: unless the user decides, zeros are infants only if they are at most three times as frequent as
    ages 1 and 2 together allow and at most a fifth of the filled cells; a register that writes 0 for
    "not known" fails both at once. Age 99 is "not known" where it is more frequent than 90 to 98 together.
    """
    by_field = {name: [_column(sample, index) for index in indexes] for name, indexes in mapping.fields().items()}
    orders: dict[str, OrderEvidence] = {
        table.column_name(index): evidence
        for name, indexes in mapping.fields().items()
        if FIELDS[name].kind in ("date", "birthday", "moment")
        for index in indexes
        if (evidence := order_evidence(_column(sample, index))) != "not_needed"
    }
    ages = [cell for column in by_field.get("age", ()) for cell in column]
    zero_unknown, ninety_nine_unknown = _age_habits(ages)
    if options.zero_age != "auto":
        zero_unknown = options.zero_age == "unknown"
    numbers = [text for column in by_field.get("case_number", ()) for cell in column if (text := _plain(cell))]
    sexes = {folded(text) for column in by_field.get("sex", ()) for cell in column if (text := _plain(cell))}
    return ColumnFindings(
        date_order=options.date_order or _common_order(orders),
        date_orders=orders,
        zero_age_unknown=zero_unknown,
        ninety_nine_unknown=ninety_nine_unknown,
        sex_digits="zero_one" if "0" in sexes and "1" in sexes and "2" not in sexes else "standard",
        case_prefixes=frozenset(prefix for text in numbers if (prefix := prefix_of(text)) and text != prefix),
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


def _age_habits(cells: Sequence[Cell]) -> tuple[bool, bool]:
    counts = Counter(int(text) for cell in cells if (text := _plain(cell)).isdigit())
    filled = sum(1 for cell in cells if _plain(cell))
    zeros = counts[0]
    infants = zeros <= _ZEROS_PER_TODDLER * max(1, counts[1] + counts[2]) and zeros <= _LARGEST_ZERO_SHARE * filled
    nineties = sum(counts[age] for age in range(90, 99))
    return bool(zeros) and not infants, counts[99] > max(2, nineties)


def _common_order(orders: Mapping[str, OrderEvidence]) -> DateOrder | None:
    """One file has one habit: what one column proves holds for the undecidable ones too, unless columns
    prove different habits, or one column contradicts itself."""
    proven = set(orders.values()) - {"undecidable"}
    if proven == {"day_first"}:
        return "day_first"
    if proven == {"month_first"}:
        return "month_first"
    return None
