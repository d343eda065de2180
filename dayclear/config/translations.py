"""`dayclear translations`: collect every text, check the Chinese catalogue, merge and compile it, without GNU gettext.

English texts are their own keys; only Chinese has a catalogue. A text is missing until somebody has written it: nothing
is guessed from a similar one.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
CATALOGUE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]|(?<!%)%[sd]|\{(\w*)\}")
_CHANGES_BY_ITSELF = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team).*\n', re.MULTILINE
)

Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Text:
    """A text that readers see. `plural` is empty where there is none; `context` of None is the common case."""

    singular: str
    plural: str
    context: str | None
    file: str
    line: int

    @property
    def key(self) -> Key:
        return self.singular, self.context


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the catalogue. `kind`: missing, fuzzy, placeholders, plural."""

    kind: str
    text: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r} ({self.where})"


def texts(package: Path = PACKAGE) -> list[Text]:
    """Every text of the code and the templates, in the order of files and lines."""
    found: dict[Key, Text] = {}
    for file in sorted(_files(package)):
        for text in _in_file(file, str(file.relative_to(package.parent))):
            found.setdefault(text.key, text)
    return list(found.values())


def _files(package: Path) -> Iterator[Path]:
    for pattern in ("**/*.py", "**/templates/**/*.html", "**/templates/**/*.txt"):
        for file in package.glob(pattern):
            if not {"tests", "migrations"} & set(file.relative_to(package).parts):
                yield file


def _in_file(file: Path, name: str) -> Iterator[Text]:
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        from django.utils.translation.template import templatize

        # Without its indentation, which means nothing in a template and everything to the reader of Python below.
        source = "\n".join(line.lstrip() for line in templatize(source, origin=str(file)).splitlines())
    for line, message, _comments, context in extract(
        "python", io.BytesIO(source.encode()), keywords=_KEYWORDS, options={"encoding": "utf-8"}
    ):
        singular, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        if singular:
            yield Text(singular, plural or "", context, name, line)


def read_catalogue(file: Path = CATALOGUE) -> Catalog:
    """The catalogue as it stands; an empty one where there is no file yet."""
    if not file.exists():
        return Catalog(locale="zh_Hans_CN")
    with file.open("rb") as opened:
        return read_po(opened, locale="zh_Hans_CN", abort_invalid=True)


def flaws(wanted: Sequence[Text], catalogue: Catalog) -> list[Flaw]:
    """What stands between the catalogue and a complete Chinese product."""
    found = []
    for text in wanted:
        where = f"{text.file}:{text.line}"
        message = catalogue.get(text.singular, text.context)
        if message is None or not _strings(message)[0]:
            found.append(Flaw("missing", text.singular, where))
            continue
        if message.fuzzy:
            found.append(Flaw("fuzzy", text.singular, where))
        translated = _strings(message)
        if text.plural and not isinstance(message.id, tuple | list):
            found.append(Flaw("plural", text.singular, where))
        # Chinese has one form for every number: it must hold all that the plural holds.
        expected = _placeholders(text.plural or text.singular)
        if any(_placeholders(each) != expected for each in translated):
            found.append(Flaw("placeholders", text.singular, where))
    return found


def _strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)


def _placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text)}


def merged(wanted: Sequence[Text], *sources: Catalog) -> Catalog:
    """A catalogue of exactly the texts there are, each with the last translation that any source gives."""
    result = Catalog(locale="zh_Hans_CN", project="Dayclear", fuzzy=False, charset="utf-8")
    result.header_comment = "# Chinese (Simplified) texts of Dayclear."
    for text in wanted:
        translated = ""
        for source in sources:
            message = source.get(text.singular, text.context)
            if message is not None and not message.fuzzy:
                translated = next((each for each in reversed(_strings(message)) if each), translated)
        identity = (text.singular, text.plural) if text.plural else text.singular
        string: str | tuple[str, ...] = (translated,) if text.plural else translated
        result.add(identity, string, locations=[(text.file, 0)], context=text.context)
    return result


def write_catalogue(catalogue: Catalog, file: Path = CATALOGUE) -> None:
    """Write it so that only a changed text changes a line."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, include_lineno=False, sort_by_file=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_CHANGES_BY_ITSELF.sub(b"", buffer.getvalue()))


def compile_catalogue(file: Path = CATALOGUE) -> Path:
    """Make the .mo that Django reads, beside the .po; returns its path."""
    target = file.with_suffix(".mo")
    # Written aside and renamed: a server that reads at this moment sees the old file or the new one, whole.
    aside = target.with_suffix(".mo.new")
    with aside.open("wb") as opened:
        write_mo(opened, read_catalogue(file))
    aside.replace(target)
    return target


@click.group()
def translations() -> None:
    """Check, update and compile translations."""


@translations.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON value, for programs.")
def check(as_json: bool) -> None:
    """Name every text without a sound Chinese translation. Exit code 1 when there is one."""
    wanted = texts()
    found = flaws(wanted, read_catalogue())
    if as_json:
        from dayclear.foundation.cli import print_json

        print_json({"texts": len(wanted), "flaws": [{"kind": f.kind, "text": f.text, "where": f.where} for f in found]})
    else:
        for flaw in found:
            click.echo(f"✗ {flaw}")
        click.echo(f"{len(wanted)} texts, {len(found)} flaws")
    sys.exit(1 if found else 0)


@translations.command()
@click.option(
    "--merge",
    "sources",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take translations from this .po as well; later files win.",
)
def update(sources: tuple[Path, ...]) -> None:
    """Bring the catalogue to the texts there are now: new ones empty, gone ones dropped."""
    wanted = texts()
    catalogue = merged(wanted, read_catalogue(), *(read_catalogue(source) for source in sources))
    write_catalogue(catalogue)
    click.echo(f"{len(wanted)} texts, {len(flaws(wanted, catalogue))} flaws left; see: dayclear translations check")


@translations.command("compile")
def compile_() -> None:
    """Make the file that the pages read. `make up` and `make test` do it."""
    click.echo(str(compile_catalogue()))
