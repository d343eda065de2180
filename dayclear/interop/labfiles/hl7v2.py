"""Results as HL7 v2.5.1 ORU^R01.

A message is one plate. The first OBR speaks of the run, each further one of a well with its specimen: SPM-2 the tube,
SPM-3 the swabs in it, SPM-11 `L` for a pool (where SPM-3 repeats it must be `L`; testing reference §4.1), `Q` for a
control. What the standard has no field for carries codes of our own (system 99DAY).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import hl7

from dayclear.foundation.decisions import Refused, refuse
from dayclear.interop.labfiles.content import LabFile, Specimen, Unreadable, ct_of, whole_of
from dayclear.lab.codes import CT, CT_UNIT, NOT_DETECTED_IN_POOL, RESULTS, STATE_OF, TESTS
from dayclear.lab.rules.cutoffs import State
from dayclear.lab.rules.intake import PlateReadings, Problem, Reading

OWN = "99DAY"
_RUN, _START, _END, _CURVES, _WELLS, _CLEAR = "RUN", "RUN-START", "RUN-END", "CURVES", "WELLS", "CURVE"
POOL, CONTROL = "L", "Q"


def read_hl7(data: bytes) -> LabFile:
    """Read one or more messages, with or without a batch around them.

    Raises: Refused (`file_not_as_described`, `message_not_a_result`).
    """
    problems: list[Problem] = []
    plates, specimens, rows, used = [], [], 0, 0
    for message in _messages(data):
        kind = _text(message, "MSH", 9)
        if not kind.startswith("ORU^R01"):
            raise Refused(refuse("message_not_a_result", kind=kind[:40]))
        read = _Message(message)
        plates.append(read.plate())
        specimens += read.specimens
        problems += read.problems
        rows, used = rows + read.rows, used + read.used
    return LabFile("hl7", tuple(plates), tuple(problems), rows, used, tuple(specimens))


def _messages(data: bytes) -> Iterator[hl7.Message]:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\r").replace("\n", "\r")
    except UnicodeDecodeError as wrong:
        raise Refused(refuse("file_not_as_described", detail=str(wrong)[:200])) from None
    segments = [line for line in text.split("\r") if line and line[:3] not in ("FHS", "BHS", "BTS", "FTS")]
    if not segments or not segments[0].startswith("MSH"):
        raise Refused(refuse("file_not_as_described", detail="MSH"))
    starts = [index for index, line in enumerate(segments) if line.startswith("MSH")]
    for start, end in zip(starts, [*starts[1:], len(segments)], strict=True):
        try:
            yield hl7.parse("\r".join(segments[start:end]) + "\r")
        except (hl7.HL7Exception, ValueError, IndexError) as wrong:
            raise Refused(refuse("file_not_as_described", detail=str(wrong)[:200])) from None


@dataclass(slots=True)
class _Group:
    """An OBR and what stands under it."""

    row: int
    well: str
    plate: str
    cts: dict[str, float | None] = field(default_factory=dict)
    clear: set[str] = field(default_factory=set)
    call: State | None = None
    tube: str = ""
    method: str = ""
    instrument: str = ""
    flawed: bool = False


class _Message:
    """One message, taken apart."""

    def __init__(self, message: hl7.Message) -> None:
        self._message = message
        self.problems: list[Problem] = []
        self.specimens: list[Specimen] = []
        self.run: dict[str, str] = {}
        self.groups: list[_Group] = []
        self._read()

    @property
    def rows(self) -> int:
        return len(self.groups)

    @property
    def used(self) -> int:
        return sum(not group.flawed for group in self.groups)

    def _read(self) -> None:
        at_run = False
        for row, segment in enumerate(self._message, start=1):
            name = str(segment[0])
            if name == "OBR":
                at_run = _component(segment, 4, 0) == _RUN
                if not at_run:
                    self.groups.append(_Group(row, _component(segment, 3, 0).upper(), _component(segment, 3, 1)))
            elif name == "OBX" and at_run:
                self.run[_component(segment, 3, 0)] = self._said(segment, 5)
            elif name in ("OBX", "SPM") and self.groups:
                self._try(segment, name, self.groups[-1], row)

    def _try(self, segment: hl7.Segment, name: str, group: _Group, row: int) -> None:
        try:
            if name == "OBX":
                self._observation(segment, group)
            else:
                self._specimen(segment, group)
        except Unreadable as wrong:
            group.flawed = True
            self.problems.append(Problem(wrong.reason, row, group.well, wrong.value))

    def _observation(self, segment: hl7.Segment, group: _Group) -> None:
        what, target = _component(segment, 3, 0), self._said(segment, 4)
        group.method = self._said(segment, 17) or group.method
        group.instrument = self._said(segment, 18) or group.instrument
        if what == CT.code:
            if not target:
                raise Unreadable("target_not_named", "")
            if target in group.cts:
                raise Unreadable("target_twice", target)
            group.cts[target] = ct_of(self._said(segment, 5))
        elif what == _CLEAR:
            group.clear.add(target)
        elif (code := _component(segment, 5, 0)) in STATE_OF:
            group.call = STATE_OF[code]
        else:
            raise Unreadable("call_unknown", code)

    def _specimen(self, segment: hl7.Segment, group: _Group) -> None:
        parents = tuple(self._parents(segment))
        role = _component(segment, 11, 0)
        group.tube = "" if role == CONTROL else _component(segment, 2, 0)
        if len(parents) > 1 and role != POOL:
            raise Unreadable("pool_role_missing", role)
        if group.tube:
            self.specimens.append(Specimen(group.tube, role, parents, whole_of(_component(segment, 13, 0))))

    def _parents(self, segment: hl7.Segment) -> Iterator[str]:
        for repetition in segment[3] if len(segment) > 3 else ():
            # A repetition of one part is the text itself, else a list of its parts.
            number = self._plain(str(repetition if isinstance(repetition, str) else repetition[0]))
            if number:
                yield number

    def plate(self) -> PlateReadings:
        """Raises: Refused (`file_not_as_described`), where wells are of different plates."""
        plates = {group.plate for group in self.groups}
        said = {(group.method, group.instrument) for group in self.groups}
        if len(plates) != 1 or len(said) != 1:
            detail = ", ".join(sorted(str(each) for each in (plates if len(plates) != 1 else said)))
            raise Refused(refuse("file_not_as_described", detail=f"OBR: {detail}"[:200]))
        method, instrument = said.pop()
        assay, _caret, version = method.partition("^")
        readings = tuple(
            Reading(group.well, group.tube, group.cts, frozenset(group.clear), group.call, group.row)
            for group in self.groups
            if not group.flawed
        )
        try:
            started, ended = (_instant(self.run.get(name, "")) for name in (_START, _END))
            curves, wells = (whole_of(self.run.get(name, "")) for name in (_CURVES, _WELLS))
        except Unreadable as wrong:
            raise Refused(refuse("file_not_as_described", detail=f"OBX: {wrong.value}")) from None
        return PlateReadings(plates.pop(), assay, version, instrument, started, ended, readings, curves, wells)

    def _said(self, segment: hl7.Segment, position: int) -> str:
        return self._plain(str(segment[position])) if len(segment) > position else ""

    def _plain(self, text: str) -> str:
        return str(self._message.unescape(text)).strip()


def _component(segment: hl7.Segment, position: int, component: int) -> str:
    """One component of a field's first repetition; empty where it is not there."""
    if len(segment) <= position:
        return ""
    first = segment[position][0] if len(segment[position]) else ""
    if isinstance(first, str):
        return first.strip() if component == 0 else ""
    return str(first[component]).strip() if len(first) > component else ""


def _text(message: hl7.Message, segment: str, position: int) -> str:
    found = message.segment(segment)
    return str(found[position]) if len(found) > position else ""


def _instant(text: str) -> datetime | None:
    """An HL7 instant, YYYYMMDDHHMMSS+ZZZZ. Raises: Unreadable, without an offset too: whose clock was it?"""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S%z")
    except ValueError:
        raise Unreadable("time_unreadable", text) from None


def write_hl7(
    plates: Iterable[PlateReadings],
    *,
    disease: str,
    sender: str,
    at: datetime,
    pools: Mapping[str, Specimen],
) -> bytes:
    """Plates as a batch, a message each. Shape: `pools` by the tube's number as printed; a tube that is not in it holds
    one swab. Raises: KeyError, for a disease without a code of its test."""
    writer = _Writer(TESTS[disease].code, _stamp(at), _escaped(sender), pools)
    messages = [writer.message(plate, number) for number, plate in enumerate(plates, start=1)]
    head = _segment("BHS", _SEPARATORS, writer.sender, "", "", "", writer.stamp)
    return "".join([head, *messages, _segment("BTS", str(len(messages)))]).encode()


_SEPARATORS = "^~\\&"
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"}


@dataclass(frozen=True, slots=True)
class _Writer:
    """What all messages of a batch share."""

    test: str
    stamp: str
    sender: str
    pools: Mapping[str, Specimen]

    def message(self, plate: PlateReadings, number: int) -> str:
        return "".join(self._segments(plate, number))

    def _segments(self, plate: PlateReadings, number: int) -> Iterator[str]:
        control = f"{self.stamp[:14]}-{number}"
        kind = "ORU^R01^ORU_R01"
        yield _segment(
            "MSH", _SEPARATORS, self.sender, "", "", "", self.stamp, "", kind, control, "P", "2.5.1",
            "", "", "", "", "", "UNICODE UTF-8",
        )  # fmt: skip
        yield _segment("OBR", "1", "", f"^{_escaped(plate.plate)}", f"{_RUN}^Plate run^{OWN}")
        stated = len(plate.readings) if plate.stated is None else plate.stated
        facts = (
            (_START, "DTM", _stamp(plate.started_at)),
            (_END, "DTM", _stamp(plate.ended_at)),
            (_CURVES, "NM", "" if plate.curves is None else str(plate.curves)),
            (_WELLS, "NM", str(stated)),
        )
        for order, (what, form, value) in enumerate(facts, start=1):
            yield _segment("OBX", str(order), form, f"{what}^^{OWN}", "", value)
        for order, reading in enumerate(plate.readings, start=2):
            yield from self._well(plate, reading, order)

    def _well(self, plate: PlateReadings, reading: Reading, order: int) -> Iterator[str]:
        place = f"{reading.well}^{_escaped(plate.plate)}"
        yield _segment("OBR", str(order), "", place, f"{self.test}^^LN")
        method = f"{_escaped(plate.assay)}^{_escaped(plate.version)}"
        who = ("", "", "", "", "", "F", "", "", "", "", "", method, _escaped(plate.instrument))
        count = 0
        for target, ct in reading.cts.items():
            count += 1
            form, value, unit = ("ST", "Undetermined", "") if ct is None else ("NM", f"{ct:g}", CT_UNIT)
            yield _segment("OBX", str(count), form, f"{CT.code}^^LN", _escaped(target), value, unit, *who[1:])
        for target in sorted(reading.clear_curves):
            count += 1
            yield _segment("OBX", str(count), "ST", f"{_CLEAR}^^{OWN}", _escaped(target), "clear", *who)
        if reading.call is not None:
            result = RESULTS[reading.call]
            if reading.call is State.NEGATIVE and reading.tube in self.pools:
                result = NOT_DETECTED_IN_POOL
            value = f"{result.code}^{result.display}^SCT"
            yield _segment("OBX", str(count + 1), "CWE", f"{self.test}^^LN", "", value, *who)
        yield self._specimen(reading)

    def _specimen(self, reading: Reading) -> str:
        if not reading.tube:
            return _segment("SPM", "1", "", "", "", *[""] * 6, CONTROL)
        pool = self.pools.get(reading.tube)
        if pool is None:
            return _segment("SPM", "1", _escaped(reading.tube))
        parents = "~".join(_escaped(each) for each in pool.parents)
        count = str(len(pool.parents) if pool.count is None else pool.count)
        return _segment("SPM", "1", _escaped(reading.tube), parents, "", *[""] * 6, pool.role, "", count)


def _segment(name: str, *fields: str) -> str:
    return "|".join([name, *fields]).rstrip("|") + "\r"


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)


def _stamp(at: datetime | None) -> str:
    return f"{at:%Y%m%d%H%M%S%z}" if at is not None else ""
