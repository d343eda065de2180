"""From the cells of one line to values by field, notes on what is missing, and problems."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

from dayclear.interop.linelist.checks import check_facts, check_visit
from dayclear.interop.linelist.columns import CompiledColumn, ReadOptions
from dayclear.interop.linelist.facts import MissingNote, Problem, Visit
from dayclear.interop.linelist.fields import FIELDS
from dayclear.interop.linelist.identity import CaseReferences
from dayclear.interop.linelist.outcomes import Cell, Flaw, FormulaCell, Missing, Outcome, Parsed
from dayclear.interop.linelist.problems import problem
from dayclear.interop.linelist.table import RawRow, Table, is_blank
from dayclear.interop.linelist.values import is_masked_name
from dayclear.interop.linelist.vocabulary import folded

_VISIT_FIELDS: Final = frozenset(field.name for field in FIELDS.values() if field.visit)
_TOTAL_WORDS: Final = ("合计", "总计", "小计", "共计", "总数", "total", "subtotal", "grandtotal", "sum")
_LONGEST_TOTAL: Final = 16
#: Per column: how many outcomes are remembered, and the longest text that is.
_CACHE_LIMIT: Final = 20_000
_CACHED_LENGTH: Final = 64
#: Values that hardly ever come twice.
_NEVER_CACHED: Final = frozenset({"case_number", "id_number", "phone"})
#: Unreadable values of fields by which cases are counted keep the row out; elsewhere the value is dropped.
_STRICT_ONLY: Final = frozenset(
    {
        "date_before_1800",
        "date_impossible",
        "date_order_undecided",
        "date_unreadable",
        "date_without_year",
        "formula_without_value",
        "spreadsheet_error_value",
    }
)


class ParsedLine(msgspec.Struct):
    """Shape: `values` field → value, without the fields of the visit, which are in `visit`."""

    values: dict[str, Any]
    visit: Visit | None
    missing: list[MissingNote]
    problems: list[Problem]


class LineParser:
    """Parses the lines of one table; knows nothing of other lines but the outcomes of equal cells."""

    def __init__(self, table: Table, columns: tuple[CompiledColumn, ...], options: ReadOptions, today: date) -> None:
        self._columns = columns
        self._options = options
        self._today = today
        self._caches: list[dict[str, Outcome] | None] = [
            None if column.field.kind in _NEVER_CACHED else {} for column in columns
        ]
        self._folded_headers = tuple(folded(header) for header in table.headers)
        self.headers_by_field = {column.field.name: column.header for column in columns}

    def reason_to_skip(self, cells: tuple[Cell, ...]) -> str:
        """A code for a line that tells of no case at all; else empty."""
        first = next((cell for cell in cells if not is_blank(cell)), None)
        if first is None:
            return "blank_row"
        if not isinstance(first, str):
            return ""
        start = folded(first)
        if len(start) <= _LONGEST_TOTAL and start.rstrip("0123456789人例名") in _TOTAL_WORDS:
            return "total_row"
        if start in self._folded_headers and self._repeats_header(cells):
            return "header_repeated"
        return ""

    def _repeats_header(self, cells: tuple[Cell, ...]) -> bool:
        filled = [(index, folded(cell)) for index, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()]
        headers = self._folded_headers
        same = sum(1 for index, text in filled if index < len(headers) and text == headers[index])
        return same >= 2 and same * 2 > len(filled)

    def parse(self, raw: RawRow) -> ParsedLine:
        line = ParsedLine({}, None, [], [problem(flaw.code, params=flaw.params) for flaw in raw.flaws])
        width = len(raw.cells)
        for column, cache in zip(self._columns, self._caches, strict=True):
            if column.index >= width:
                continue
            cell = raw.cells[column.index]
            if cell is None or cell == "":
                continue
            if cache is None or not isinstance(cell, str):
                outcome = column.parse(cell)
            else:
                outcome = cache.get(cell) or self._parse_and_keep(column, cell, cache)
            self._take(line, column, cell, outcome)
        self._finish(line)
        return line

    def _parse_and_keep(self, column: CompiledColumn, cell: str, cache: dict[str, Outcome]) -> Outcome:
        outcome = column.parse(cell)
        if len(cell) <= _CACHED_LENGTH and len(cache) < _CACHE_LIMIT:
            cache[cell] = outcome
        return outcome

    def _take(self, line: ParsedLine, column: CompiledColumn, cell: Cell, outcome: Outcome) -> None:
        name = column.field.name
        if isinstance(outcome, Parsed):
            before = line.values.get(name)
            line.values[name] = outcome.value if before is None else f"{before}\n{outcome.value}"
            for flaw in outcome.flaws:
                line.problems.append(problem(flaw.code, name, column.header, shown(cell), flaw.params))
        elif isinstance(outcome, Missing):
            if outcome.reason != "blank":
                line.missing.append(MissingNote(name, column.header, shown(cell), outcome.reason))
        else:
            line.problems.append(_problem_of(outcome, column, cell))

    def _finish(self, line: ParsedLine) -> None:
        values = line.values
        line.visit = _visit_of(values)
        if "contact_of" in values:
            _spread_references(values)
        if "person_name" in values and is_masked_name(values["person_name"]):
            values["name_masked"] = True
        line.problems.extend(check_facts(values, self._today, self._options.late_onset_days, self.headers_by_field))
        if line.visit is not None:
            line.problems.extend(check_visit(line.visit, self._today, self.headers_by_field))
        if "how_found" not in values and values.get("found_by_screening"):
            values["how_found"] = "screening"


def _problem_of(flaw: Flaw, column: CompiledColumn, cell: Cell) -> Problem:
    code, params = flaw.code, flaw.params
    if code in _STRICT_ONLY and not column.field.strict:
        params = {"reason": code, **params}
        code = "value_dropped"
    return problem(code, column.field.name, column.header, shown(cell), params)


def shown(cell: Cell) -> str:
    """The cell as the user sees it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, FormulaCell):
        return cell.formula if cell.formula.startswith("=") else f"={cell.formula}"
    return str(cell)


def _visit_of(values: dict[str, Any]) -> Visit | None:
    """Takes the fields of a visit out of the row's values."""
    if _VISIT_FIELDS.isdisjoint(values):
        return None
    on = values.pop("visit_on", None)
    started = values.pop("visit_started", None)
    return Visit(
        started=started or on,
        ended=values.pop("visit_ended", None),
        place=values.pop("visit_place", None),
        from_place=values.pop("visit_from", None),
        to_place=values.pop("visit_to", None),
        transport=values.pop("visit_transport", None),
        vehicle=values.pop("visit_vehicle", None),
        event=values.pop("visit_event", None),
    )


def _spread_references(values: dict[str, Any]) -> None:
    references: CaseReferences = values.pop("contact_of")
    if references.numbers:
        values["contact_of"] = references.numbers
    if references.words:
        values["contact_words"] = references.words
