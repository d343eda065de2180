"""From lines of a table to cases: every line is accounted for, and none stops the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import chain, islice
from typing import Any, Final

import msgspec

from dayclear.interop.linelist.columns import (
    SAMPLE_ROWS,
    ColumnFindings,
    ReadOptions,
    compile_columns,
    conclude,
    gather,
)
from dayclear.interop.linelist.facts import CaseFacts, CaseRow, Problem, RowKind
from dayclear.interop.linelist.fields import FIELDS, ColumnMapping, is_own_column
from dayclear.interop.linelist.identity import case_number_key
from dayclear.interop.linelist.parsing import LineParser, ParsedLine
from dayclear.interop.linelist.problems import problem
from dayclear.interop.linelist.seen import COMPARED, FirstSeen, SeenRows, differing, digests_of, merged
from dayclear.interop.linelist.table import RawRow, Table

_PERSON_FIELDS: Final = frozenset(field.name for field in FIELDS.values() if field.person) | {"person_name"}
_SOMEONE: Final = ("person_name", "sex", "age", "born_on", "phone")
_SOME_DAY: Final = ("onset_on", "positive_on", "confirmed_on", "reported_on", "sampled_on", "rash_on", "died_on")
_SEX_PLACE: Final = COMPARED.index("sex")
_NOTHING: Final = CaseFacts()


class _Place(msgspec.Struct, frozen=True):
    """Where an earlier row stands, and what became of it."""

    row: int
    sheet: str
    key: str
    rejected: bool = False

    def as_params(self) -> dict[str, str | int]:
        return {"first_row": self.row, "first_sheet": self.sheet}


class RowReader:
    """Reads the lines of one table in order.

    `knows_case`: asked only in a mended error file, where the case of a further visit may be in the system
    already. In a first-hand file it would make the second import of the same file differ from the first.
    """

    def __init__(self, table: Table, parser: LineParser, seen: SeenRows, knows_case: Callable[[str], bool]) -> None:
        self._sheet = table.name
        self._parser = parser
        self._seen = seen
        self._knows_case = knows_case
        self._is_mended = any(is_own_column(header) for header in table.headers)
        self._number_column = parser.headers_by_field.get("case_number", "")
        self._current: _Place | None = None

    def read(self, raw: RawRow) -> CaseRow:
        if raw.flaws:
            found = [problem(flaw.code, params=flaw.params) for flaw in raw.flaws]
            if any(one.severity == "error" for one in found):
                return self._reject(raw, ParsedLine({}, None, [], found), "")
        reason = self._parser.reason_to_skip(raw.cells)
        if reason:
            return CaseRow(
                row_number=raw.number, sheet=self._sheet, kind="skipped", facts=_NOTHING, problems=(problem(reason),)
            )
        return self._place(raw, self._parser.parse(raw))

    def _place(self, raw: RawRow, line: ParsedLine) -> CaseRow:
        """Decides what the row is: a case, more about an earlier one, or nothing that can be used."""
        values = line.values
        number = values.get("case_number")
        tells = not _PERSON_FIELDS.isdisjoint(values)
        failed = _has_error(line)
        if number is None and not tells and not failed:
            return self._continue_current(raw, line)
        if number is None and not failed and not _identifies(values):
            line.problems.append(problem("cannot_identify_case"))
            failed = True
        key = case_number_key(number) if number is not None else _key_of_facts(self._sheet, values)
        here = FirstSeen(raw.number, self._sheet, failed, digests_of(values), hash(raw.cells) if tells else 0)
        if not failed and "id_number" in values and "sex" in values:
            line.problems.extend(self._two_sexes(values["id_number"], here))
            failed = _has_error(line)
        first = self._first_of(key, number, here, tells) if number is not None or not failed else None
        if failed:
            return self._reject(raw, line, key)
        if first is not None and not (first.rejected and tells):
            return self._again(raw, line, key, first, here, tells)
        if number is not None and not tells:
            return self._bare(raw, line, key)
        if first is not None:
            self._seen.replace(("number", self._sheet, key), here)
        self._current = _Place(raw.number, self._sheet, key)
        return self._row(raw, line, "case", key)

    def _first_of(self, key: str, number: str | None, here: FirstSeen, tells: bool) -> FirstSeen | None:
        """The earlier row of this case; None, and remembered, where this is the first.

        Within a sheet the loose key decides; between sheets only the very same writing, because 0852000001
        (Zunyi) and 00852000001 (Hong Kong) are two cases. A row that tells nothing of a person never counts
        as the first.
        """
        if number is None:
            return None if self._seen.add_if_new(("facts", key), here) else self._seen.find("facts", key)
        within, exact = ("number", self._sheet, key), ("exact", number)
        if not tells:
            return self._seen.find(*within) or self._seen.find(*exact)
        if not self._seen.add_if_new(within, here):
            return self._seen.find(*within)
        if not self._seen.many_sheets or self._seen.add_if_new(exact, here):
            return None
        return self._seen.find(*exact)

    def _again(
        self, raw: RawRow, line: ParsedLine, key: str, first: FirstSeen, here: FirstSeen, tells: bool
    ) -> CaseRow:
        """A further row of a case that came before: the same again, more of it, or something else."""
        place = _Place(first.row, first.sheet, key, first.rejected)
        current = self._current
        if not tells and current is not None and current.key == key and current.rejected:
            place = current
        if place.rejected:
            line.problems.append(problem("continues_rejected_row", params=place.as_params()))
            return self._reject(raw, line, key)
        differs = differing(first.digests, here.digests)
        if differs:
            code = "two_sexes" if "sex" in differs else "case_number_repeated_differently"
            params = {**place.as_params(), "fields": ",".join(differs)}
            number = line.values.get("case_number", "")
            line.problems.append(problem(code, "case_number", self._number_column, number, params))
            return self._reject(raw, line, key)
        self._current = place
        together = merged(first.digests, here.digests)
        adds = together != first.digests
        if adds:
            known = FirstSeen(first.row, first.sheet, False, together, first.row_digest)
            self._seen.replace(("number", self._sheet, key), known)
        says_nothing_new = not adds and line.visit is None
        if says_nothing_new or (tells and first.row_digest == here.row_digest):
            return self._row(raw, line, "duplicate", key, place)
        return self._row(raw, line, "continuation", key, place)

    def _bare(self, raw: RawRow, line: ParsedLine, key: str) -> CaseRow:
        """A number that no row has explained: visits of a case that is already in the system, or nothing."""
        number = line.values["case_number"]
        if self._is_mended and self._knows_case(number):
            self._current = _Place(0, "", key)
            return self._row(raw, line, "continuation", key, self._current)
        code = "continues_no_case" if line.visit is not None else "nothing_but_a_number"
        line.problems.append(problem(code, "case_number", self._number_column, number))
        return self._reject(raw, line, key)

    def _continue_current(self, raw: RawRow, line: ParsedLine) -> CaseRow:
        """A line without number or person goes on about the case above it."""
        current = self._current
        if line.visit is None:
            line.problems.append(problem("cannot_identify_case"))
        elif current is None:
            line.problems.append(problem("continues_no_case"))
        elif current.rejected:
            line.problems.append(problem("continues_rejected_row", params=current.as_params()))
        else:
            return self._row(raw, line, "continuation", current.key, current)
        return self._row(raw, line, "rejected", current.key if current is not None else "", cells=raw.cells)

    def _two_sexes(self, id_number: str, here: FirstSeen) -> list[Problem]:
        """One identity number can't be a man's in one row and a woman's in another."""
        if self._seen.add_if_new(("person", id_number), here):
            return []
        first = self._seen.find("person", id_number)
        if first is None or first.digests[_SEX_PLACE] == here.digests[_SEX_PLACE]:
            return []
        column = self._parser.headers_by_field.get("sex", "")
        params: dict[str, str | int] = {"first_row": first.row, "first_sheet": first.sheet, "fields": "sex"}
        return [problem("two_sexes", "sex", column, "", params)]

    def _reject(self, raw: RawRow, line: ParsedLine, key: str) -> CaseRow:
        """Lines that go on about this row fall with it, instead of being taken for the case before."""
        self._current = _Place(raw.number, self._sheet, key, rejected=True)
        return self._row(raw, line, "rejected", key, cells=raw.cells)

    def _row(
        self,
        raw: RawRow,
        line: ParsedLine,
        kind: RowKind,
        key: str,
        first: _Place | None = None,
        cells: tuple[Any, ...] = (),
    ) -> CaseRow:
        return CaseRow(
            row_number=raw.number,
            sheet=self._sheet,
            kind=kind,
            facts=CaseFacts(**line.values) if line.values else _NOTHING,
            case_key=key,
            visits=(line.visit,) if line.visit is not None and kind in ("case", "continuation") else (),
            missing=tuple(line.missing),
            problems=tuple(line.problems),
            first_row=first.row if first is not None else 0,
            first_sheet=first.sheet if first is not None else "",
            cells=cells,
        )


def read_rows(
    table: Table,
    mapping: ColumnMapping,
    options: ReadOptions,
    today: date,
    *,
    seen: SeenRows | None = None,
    findings: ColumnFindings | None = None,
    knows_case: Callable[[str], bool] = lambda number: False,
) -> Iterator[CaseRow]:
    """Reads a table row by row, in the file's order, in memory that does not grow with it.

    `seen`: shared over the sheets of one workbook, so that a number repeated in another sheet is noticed.
    `findings`: what a look at the whole file learned of the columns; else the first 2,000 lines are looked at.
    `knows_case`: whether a case number is already in the system, for a mended file that only adds visits to it.
    """
    own_seen = seen if seen is not None else SeenRows()
    try:
        rows = iter(table.rows)
        sample = list(islice(rows, SAMPLE_ROWS))
        learned = findings if findings is not None else conclude(gather(table, mapping, sample), options)
        parser = LineParser(table, compile_columns(table, mapping, options, learned), options, today)
        reader = RowReader(table, parser, own_seen, knows_case)
        for raw in chain(sample, rows):
            yield reader.read(raw)
    finally:
        if seen is None:
            own_seen.close()


def _has_error(line: ParsedLine) -> bool:
    return any(found.severity == "error" for found in line.problems)


def _identifies(values: Mapping[str, Any]) -> bool:
    """Without a case number: an identity number, or someone on some day."""
    if "id_number" in values:
        return True
    return any(name in values for name in _SOMEONE) and any(name in values for name in _SOME_DAY)


def _key_of_facts(sheet: str, values: Mapping[str, Any]) -> str:
    """The same facts give the same key at every import, whatever the row's place in the file."""
    stable = {name: values[name] for name in COMPARED if name in values}
    digest = hashlib.blake2b(msgspec.json.encode([sheet, stable], order="sorted"), digest_size=10)
    return f"row:{digest.hexdigest()}"
