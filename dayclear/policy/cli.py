"""`dayclear policy …`: list, show, compare and check packs. Needs no database.

Exit codes: 0 done; 1 a pack is broken, or none was in force; 2 the command was not
understood (an unknown pack, a date that is none, a file that cannot be read). Packs
that differ are no failure: `diff` ends with 0.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn

import click

from dayclear.policy.calendar import IndexEntry, NoPolicyInForce, applied, day_of_effect, index, of_family_on
from dayclear.policy.diff import diff as compare
from dayclear.policy.diff import transition_of
from dayclear.policy.loader import Library, Pack, SourcedValue, shipped, validate_file
from dayclear.policy.problems import PackError, Problem
from dayclear.policy.render import Printer
from dayclear.policy.tree import PREFIX_LENGTHS, area_range

_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
_lang = click.option(
    "--lang", envvar="DAYCLEAR_LANGUAGE", default="en", show_default=True, help="Language of the text: en or zh."
)


@click.group()
def policy() -> None:
    """Rule packs: what applied where, on which day, by which text."""


@policy.command("list")
@_as_json
@_lang
def list_packs(as_json: bool, lang: str) -> None:
    """List the packs with the days they answer for and what they amend."""
    try:
        entries = index()
    except PackError as error:
        _fail(error.problems, as_json, lang)
    if as_json:
        _print_json({"packs": [_entry(each) for each in entries]})
    else:
        Printer(lang).index(entries)


@policy.command()
@click.argument("pack")
@click.option("--at", metavar="DATE", help="What its family had in force on that day (or instant with offset).")
@click.option("--area", metavar="CODE", default="", help="A place's code or its leading digits, as 46 for Hainan.")
@_as_json
@_lang
def show(pack: str, at: str | None, area: str, as_json: bool, lang: str) -> None:
    """Show every value of PACK (an id or a file) with its unit, document and clause."""
    try:
        library, name = _library(pack)
        found = library.resolve(name)
        place = _place(area)
        if at is None:
            resolved = applied(found, None, place) if area else None
        else:
            resolved = of_family_on(name, _day(at), place, library)
            found = library.resolve(resolved.pack)
    except PackError as error:
        _fail(error.problems, as_json, lang)
    except NoPolicyInForce as error:
        raise click.ClickException(str(error)) from error
    values = list(found.values.values()) if resolved is None else list(resolved.values.values())
    values = [each for each in values if not each.path.startswith("transition.")]
    if as_json:
        _print_json(_shown(found, values, at))
        return
    printer = Printer(lang)
    printer.line(f"{printer.label(found.head.name)}  {found.version}")
    printer.line()
    printer.values(values)
    printer.transition(transition_of(found))
    printer.remarks(found, values)


@policy.command()
@click.argument("before")
@click.argument("after")
@_as_json
@_lang
def diff(before: str, after: str, as_json: bool, lang: str) -> None:
    """List every value that changes from pack BEFORE to pack AFTER, by clause."""
    try:
        first, first_name = _library(before)
        second, second_name = _library(after)
        found = compare(first.resolve(first_name), second.resolve(second_name))
    except PackError as error:
        _fail(error.problems, as_json, lang)
    if as_json:
        _print_json(found.as_json())
    else:
        Printer(lang).difference(found)


@policy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_as_json
@_lang
def validate(file: Path, as_json: bool, lang: str) -> None:
    """Check a pack FILE by itself and beside the packs that ship with Dayclear."""
    try:
        found, problems = validate_file(file)
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} cannot be read as UTF-8 text: {error}") from error
    if found is None:
        _fail(problems, as_json, lang)
    if as_json:
        _print_json(
            {
                "valid": True,
                "pack": found.pack,
                "version": found.version,
                "unsourced": list(found.unsourced),
                "single_source": list(found.single_source),
                "problems": [],
            }
        )
        return
    printer = Printer(lang)
    printer.line(f"{file}: {printer.word('valid')} {found.version}")
    printer.remarks(found, found.values.values())


def _library(pack: str) -> tuple[Library, str]:
    """The shipped packs, with a file beside them if `pack` is one.

    Raises: click.UsageError for an unknown id.
    """
    if pack.endswith((".yaml", ".yml")):
        try:
            return shipped().with_text(Path(pack).read_text("utf-8"), pack)
        except (OSError, UnicodeDecodeError) as error:
            raise click.UsageError(f"{pack} cannot be read: {error}") from error
    if pack not in shipped():
        raise click.UsageError(f"there is no pack {pack!r}; known are {', '.join(shipped().ids())}")
    return shipped(), pack


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return day_of_effect(datetime.fromisoformat(text))
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is neither YEAR-MONTH-DAY nor an instant with its offset", param_hint="--at"
        ) from error


def _place(code: str) -> int:
    if not code:
        return 0
    if not code.isdecimal() or len(code) not in PREFIX_LENGTHS:
        raise click.BadParameter(f"{code!r} is not 2, 4, 6, 9, 12, 15 or 18 digits", param_hint="--area")
    return area_range(code)[0]


def _fail(problems: tuple[Problem, ...], as_json: bool, lang: str) -> NoReturn:
    if as_json:
        _print_json({"valid": False, "problems": [each.as_json() for each in problems]})
    else:
        Printer(lang).problems(problems)
    raise click.exceptions.Exit(1)


def _print_json(data: dict[str, object]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _entry(each: IndexEntry) -> dict[str, object]:
    return {
        "pack": each.head.pack,
        "edition": each.edition,
        "version": each.version,
        "disease": each.head.disease,
        "name": each.head.name.model_dump(),
        "amends": each.head.amends,
        "area": each.head.area,
        "answers": [
            {"from": start.isoformat() if start else None, "to": end.isoformat() if end else None}
            for start, end in each.answers
        ],
        "unsourced": list(each.unsourced),
        "single_source": list(each.single_source),
    }


def _shown(pack: Pack, values: list[SourcedValue], at: str | None) -> dict[str, object]:
    return {
        "pack": pack.pack,
        "edition": pack.edition,
        "version": pack.version,
        "at": at,
        "disease": pack.head.disease,
        "name": pack.head.name.model_dump(),
        "chain": list(pack.chain),
        "effective": pack.head.effective.model_dump(mode="json", by_alias=True),
        "values": [each.as_json() for each in values],
        "transition": [each.as_json() for each in transition_of(pack)],
        "sign_off": [each.model_dump(mode="json") for each in pack.sign_off],
        "unsourced": [each.path for each in values if each.source.is_unsourced],
        "single_source": [each.path for each in values if each.source.is_single_source],
        "gaps": [each.model_dump() for each in pack.head.gaps],
    }
