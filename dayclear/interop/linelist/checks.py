"""What the facts of one row must not say together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from dayclear.interop.linelist.facts import Age, Moment, Problem, Visit
from dayclear.interop.linelist.identity import case_number_key, resident_number
from dayclear.interop.linelist.problems import problem

#: Days on which something happened; none of them can be after today.
PAST_DAYS: Final = frozenset(
    {
        "born_on",
        "onset_on",
        "rash_on",
        "sampled_on",
        "positive_on",
        "confirmed_on",
        "reported_on",
        "admitted_on",
        "isolated_on",
        "died_on",
        "discharged_on",
        "exposed_from_on",
        "exposed_to_on",
        "left_area_on",
    }
)
_AGE_TOLERANCE_YEARS: Final = 2
#: One illness takes place within a year; two of these days further apart mean a mistyped year.
_ONE_ILLNESS: Final = ("onset_on", "rash_on", "sampled_on", "positive_on", "confirmed_on", "reported_on", "died_on")
_LONGEST_ILLNESS: Final = timedelta(days=366)


def check_facts(values: dict[str, Any], today: date, late_onset_days: int, columns: Mapping[str, str]) -> list[Problem]:
    """Cross-field checks. May take a value out of `values` where its problem says "dropped".

    Shape: `columns` field → header as the file has it.
    """
    found: list[Problem] = []
    for name in sorted(PAST_DAYS.intersection(values)):
        day = values[name]
        if day > today:
            found.append(problem("date_in_future", name, columns.get(name, ""), day, {"today": today.isoformat()}))
    days = [(values[name], name) for name in _ONE_ILLNESS if name in values]
    if len(days) > 1:
        (first, _), (last, field) = min(days), max(days)
        if last - first > _LONGEST_ILLNESS:
            return [*found, _two_days("dates_years_apart", field, last, first, columns)]
    onset, died = values.get("onset_on"), values.get("died_on")
    if onset is not None:
        if died is not None and onset > died:
            found.append(_two_days("onset_after_death", "onset_on", onset, died, columns))
        reported = values.get("reported_on") or values.get("confirmed_on") or values.get("positive_on")
        if reported is not None and onset - reported > timedelta(days=late_onset_days):
            found.append(_two_days("onset_long_after_report", "onset_on", onset, reported, columns))
        rash = values.get("rash_on")
        if rash is not None and rash < onset:
            found.append(_two_days("rash_before_onset", "rash_on", rash, onset, columns))
    if "id_number" in values:
        found.extend(_check_id_number(values, columns))
    if "born_on" in values:
        found.extend(_check_birth(values, today, columns))
    if "contact_of" in values and "case_number" in values:
        found.extend(_check_own_contact(values, columns))
    return found


def _two_days(code: str, field: str, day: date, other: date, columns: Mapping[str, str]) -> Problem:
    return problem(
        code, field, columns.get(field, ""), day, {"other": other.isoformat(), "days": abs((day - other).days)}
    )


def _check_id_number(values: dict[str, Any], columns: Mapping[str, str]) -> list[Problem]:
    """A number that names another birth or sex is most likely someone else's: it is dropped, because to
    take this case for that person would be worse than to know no number."""
    resident = resident_number(values["id_number"])
    if resident is None:
        return []
    born_on, sex = values.get("born_on"), values.get("sex")
    column = columns.get("id_number", "")
    if born_on is not None and born_on != resident.born_on:
        del values["id_number"]
        return [problem("birth_contradicts_id_number", "id_number", column, "", {"born_on": born_on.isoformat()})]
    if sex in ("male", "female") and sex != resident.sex:
        del values["id_number"]
        return [problem("sex_contradicts_id_number", "id_number", column, "", {"sex": sex})]
    values.setdefault("born_on", resident.born_on)
    values.setdefault("sex", resident.sex)
    return []


def _check_birth(values: dict[str, Any], today: date, columns: Mapping[str, str]) -> list[Problem]:
    born_on: date = values["born_on"]
    reference: date = values.get("onset_on") or values.get("confirmed_on") or values.get("reported_on") or today
    age: Age | None = values.get("age")
    if born_on > reference:
        del values["born_on"]
        return [
            problem(
                "born_after_onset", "born_on", columns.get("born_on", ""), born_on, {"other": reference.isoformat()}
            )
        ]
    if age is not None and age.unit == "years":
        implied = reference.year - born_on.year - ((reference.month, reference.day) < (born_on.month, born_on.day))
        if abs(implied - age.number) > _AGE_TOLERANCE_YEARS:
            return [problem("age_contradicts_birth", "age", columns.get("age", ""), age.number, {"implied": implied})]
    return []


def _check_own_contact(values: dict[str, Any], columns: Mapping[str, str]) -> list[Problem]:
    own = case_number_key(values["case_number"])
    numbers: tuple[str, ...] = values["contact_of"]
    others = tuple(number for number in numbers if case_number_key(number) != own)
    if len(others) == len(numbers):
        return []
    values["contact_of"] = others
    return [problem("contact_of_itself", "contact_of", columns.get("contact_of", ""), values["case_number"])]


def check_visit(visit: Visit, today: date, columns: Mapping[str, str]) -> list[Problem]:
    found = []
    started, ended = visit.started, visit.ended
    if started is not None and ended is not None and _before(ended, started):
        found.append(
            problem(
                "visit_ends_before_start",
                "visit_ended",
                columns.get("visit_ended", ""),
                ended.on,
                {"other": started.on.isoformat()},
            )
        )
    for field, moment in (("visit_started", started), ("visit_ended", ended)):
        if moment is not None and moment.on > today:
            found.append(
                problem("visit_in_future", field, columns.get(field, ""), moment.on, {"today": today.isoformat()})
            )
    return found


def _before(one: Moment, other: Moment) -> bool:
    if one.at is not None and other.at is not None:
        return one.at < other.at
    return one.on < other.on
