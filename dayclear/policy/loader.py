"""Packs as a library: read once, overlays resolved, checked, and frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from dayclear.policy.checks import check_ranges, check_resolved
from dayclear.policy.overlays import amended, strays
from dayclear.policy.problems import PackError, Problem, problem
from dayclear.policy.provenance import Provenance
from dayclear.policy.reader import Catalogue, PackFile, Reader, read_catalogue
from dayclear.policy.schema import Block, Head, Rules, SignOff, split_quantity
from dayclear.policy.tree import (
    ALWAYS,
    Branch,
    Life,
    Mark,
    Tree,
    find,
    leaves,
    mark_of,
    plain,
)

BlockT = TypeVar("BlockT", bound=Block)

# The chain is a handful of editions; a longer one is a mistake in `amends`.
_LONGEST_CHAIN = 20


@dataclass(frozen=True)
class SourcedValue:
    """One value with its unit and where it comes from.

    Units: as `unit` says; `code` is a term of the glossary, `text` is for readers.
    """

    path: str
    value: Any
    unit: str
    source: Provenance
    life: Life = ALWAYS

    def as_json(self) -> dict[str, object]:
        data: dict[str, object] = {
            "path": self.path,
            "value": self.value,
            "unit": self.unit,
            "source": self.source.as_json(),
        }
        if self.life != ALWAYS:
            data["life"] = self.life.as_json()
        return data


@dataclass(frozen=True)
class MeasureTitle:
    number: int
    title: dict[str, str]


@dataclass(frozen=True, eq=False)
class Pack:
    """A pack with all overlays it rests on applied, valid, for every day and place.

    Shape: `chain` runs from the full pack to this one. `values` keeps file order.
    """

    head: Head
    chain: tuple[str, ...]
    tree: Tree
    rules: Rules
    values: Mapping[str, SourcedValue]
    sign_off: tuple[SignOff, ...]
    measures: tuple[MeasureTitle, ...]
    version: str

    @property
    def pack(self) -> str:
        return self.head.pack

    @property
    def edition(self) -> str:
        """The edition the texts speak of; a technical overlay belongs to the edition it carries out."""
        return self.head.edition or self.head.pack

    @property
    def removals(self) -> Mapping[str, Provenance]:
        return {each.path: each.source for each in self.tree.removals}

    @property
    def unsourced(self) -> tuple[str, ...]:
        return tuple(path for path, each in self.values.items() if each.source.is_unsourced)

    @property
    def single_source(self) -> tuple[str, ...]:
        return tuple(path for path, each in self.values.items() if each.source.is_single_source)


class Library:
    """A set of packs by id. Reading is eager; resolving is done once per pack, on demand."""

    def __init__(self, catalogue: Catalogue, packs: Mapping[str, PackFile]) -> None:
        self.catalogue = catalogue
        self._files = dict(packs)
        self._resolved: dict[str, Pack] = {}

    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def packs(self) -> tuple[Pack, ...]:
        """Every pack, resolved.

        Raises: PackError if one of them is broken.
        """
        return tuple(self.resolve(each) for each in self.ids())

    def __contains__(self, pack: str) -> bool:
        return pack in self._files

    def resolve(self, pack: str) -> Pack:
        """The pack with its overlays applied and checked.

        Raises: KeyError for an unknown id; PackError if the pack, or one it rests on, is broken.
        """
        if pack not in self._resolved:
            self._resolved[pack] = self._resolve(self._files[pack])
        return self._resolved[pack]

    def with_text(self, text: str, file: str) -> tuple[Library, str]:
        """This library with one more file, which takes the place of a pack of the same id."""
        read = Reader(file, self.catalogue).read(text)
        return Library(self.catalogue, {**self._files, read.pack: read}), read.pack

    def validate(self, pack: str) -> tuple[Pack | None, tuple[Problem, ...]]:
        """The pack, or what is wrong with it, also against all others in the library."""
        try:
            found = self.resolve(pack)
            check_ranges([each.head for each in self.packs()], {each: self._mark(each) for each in self.ids()}, pack)
        except PackError as error:
            return None, error.problems
        return found, ()

    def _mark(self, pack: str) -> Mark:
        return mark_of(self._files[pack].head, ("effective",))

    def _resolve(self, file: PackFile) -> Pack:
        chain = self._chain(file)
        if file.problems:
            raise PackError(list(file.problems))
        base = self.resolve(chain[-2].pack) if len(chain) > 1 else None
        found: list[Problem] = []
        head = _checked(Head, file.head, found)
        tree = Tree(file.rules)
        if base is not None:
            tree = amended(base.tree, file, found)
        if head is not None and base is not None:
            found.extend(strays(file, head, base.head))
        rules = _checked(Rules, tree.root, found)
        if head is None or rules is None or found:
            raise PackError(found)
        inherited = tuple(base.sign_off if base else ())
        values = sourced_values(tree.root)
        check_resolved(head, rules, tree.root, file.head, values, inherited)
        return Pack(
            head=head,
            chain=tuple(each.pack for each in chain),
            tree=tree,
            rules=rules,
            values=values,
            sign_off=head.sign_off + inherited,
            measures=tuple(
                MeasureTitle(each.number, each.title) for each in file.measures if each.number and each.title
            ),
            version=f"{head.pack}@{_digest(head, tree, head.sign_off + inherited)}",
        )

    def _chain(self, file: PackFile) -> list[PackFile]:
        """From the full pack to this file.

        Raises: PackError if a link is missing or leads back.
        """
        chain = [file]
        while (amended := chain[0].amends) is not None:
            mark = mark_of(chain[0].head, ("amends",))
            if amended in {each.pack for each in chain} or len(chain) > _LONGEST_CHAIN:
                names = " → ".join(each.pack for each in reversed(chain))
                raise PackError([problem(mark.file, mark.line, "circular_amends", "amends", key=amended, chain=names)])
            if amended not in self._files:
                raise PackError([problem(mark.file, mark.line, "unknown_pack", "amends", key=amended)])
            chain.insert(0, self._files[amended])
        return chain


def _checked(model: type[BlockT], tree: Branch, found: list[Problem]) -> BlockT | None:
    try:
        return model.model_validate(plain(tree))
    except ValidationError as error:
        for each in error.errors():
            found.append(
                _as_problem(each["type"], each["loc"], each.get("ctx") or {}, each["msg"], each["input"], tree)
            )
        return None


def _as_problem(
    kind: str, loc: tuple[int | str, ...], context: Mapping[str, Any], detail: str, given: object, tree: Branch
) -> Problem:
    path = tuple(str(part) for part in loc if part != "[key]")
    mark = mark_of(tree, path)
    dotted = ".".join(path)
    last = path[-1] if path else ""
    if kind == "extra_forbidden":
        return problem(mark.file, mark.line, "unknown_key", dotted, key=last)
    if kind == "missing":
        return problem(mark.file, mark.line, "missing_key", dotted, key=last)
    if kind in {"wrong_unit", "days_not_ascending", "bad_date"}:
        return problem(mark.file, mark.line, kind, dotted, **context)
    return problem(mark.file, mark.line, "bad_value", dotted, value=given, detail=detail)


def sourced_values(root: Branch) -> dict[str, SourcedValue]:
    """Every value but the names shown to readers, by path."""
    values: dict[str, SourcedValue] = {}
    for path, leaf in leaves(root):
        if leaf.source is None or path.endswith(".name"):
            continue
        value, unit = (leaf.value, "text") if isinstance(leaf.value, dict) else split_quantity(leaf.value)
        values[path] = SourcedValue(path, value, unit, leaf.source, _life_of(root, path))
    return values


def _life_of(root: Branch, path: str) -> Life:
    """The life of the nearest node on the path, from the value outwards, that has one."""
    parts = path.split(".")
    while parts:
        node = find(root, ".".join(parts))
        if node is not None and node.life != ALWAYS:
            return node.life
        parts.pop()
    return ALWAYS


def _digest(head: Head, tree: Tree, sign_off: Iterable[SignOff]) -> str:
    """Twelve hex digits over all that decides: values, sources, lives, dates; not notes, not line numbers."""
    content = {
        "head": head.model_dump(mode="json", include={"pack", "disease", "amends", "area", "effective", "sunset_on"}),
        "values": [
            [
                path,
                list(leaf.value) if isinstance(leaf.value, tuple) else leaf.value,
                leaf.source.as_json() if leaf.source else None,
                _life_of(tree.root, path).as_json(),
            ]
            for path, leaf in leaves(tree.root)
        ],
        "removals": [[each.path, each.source.as_json()] for each in tree.removals],
        "sign_off": [each.model_dump(mode="json") for each in sign_off],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@lru_cache(maxsize=1)
def shipped_catalogue() -> Catalogue:
    folder = files("dayclear.policy") / "packs"
    return read_catalogue(
        (folder / "_sources.yaml").read_text("utf-8"),
        (folder / "_prohibitions.yaml").read_text("utf-8"),
        "_prohibitions.yaml",
    )


def library_of(texts: Iterable[tuple[str, str]], catalogue: Catalogue) -> Library:
    """A library from (file name, text) pairs.

    Raises: PackError if two of them carry one id.
    """
    read: dict[str, PackFile] = {}
    for file, text in texts:
        pack = Reader(file, catalogue).read(text)
        if pack.pack in read:
            mark = mark_of(pack.head, ("pack",))
            raise PackError(
                [problem(file, mark.line, "duplicate_pack", "pack", key=pack.pack, other=read[pack.pack].file)]
            )
        read[pack.pack] = pack
    return Library(catalogue, read)


@lru_cache(maxsize=1)
def shipped() -> Library:
    """The packs that come with Dayclear."""
    folder = sorted((files("dayclear.policy") / "packs").iterdir(), key=lambda each: each.name)
    return library_of(
        (
            (each.name, each.read_text("utf-8"))
            for each in folder
            if each.name.endswith(".yaml") and not each.name.startswith("_")
        ),
        shipped_catalogue(),
    )


def validate_file(path: Path) -> tuple[Pack | None, tuple[Problem, ...]]:
    """A pack file beside the shipped packs; it stands in for the shipped one of the same id.

    Raises: OSError, UnicodeDecodeError if the file cannot be read as text.
    """
    library, pack = shipped().with_text(path.read_text("utf-8"), str(path))
    return library.validate(pack)
