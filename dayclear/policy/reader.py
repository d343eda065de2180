"""From YAML text to trees: every line is remembered, every value gets its source."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import yaml

from dayclear.policy.problems import Problem, problem
from dayclear.policy.provenance import Provenance, parse_source
from dayclear.policy.schema import Head, Rules
from dayclear.policy.tree import ALWAYS, PREFIX_LENGTHS, Branch, Leaf, Life, Mark, Node, Removal

_ABOUT_A_BLOCK: Final = frozenset({"source", "note", "in_force_from", "in_force_to", "applies_in"})
_HEAD_KEYS: Final = frozenset(Head.model_fields)
_RULE_KEYS: Final = frozenset(Rules.model_fields)
_OWN_CATALOGUES: Final = frozenset({"sources", "documents"})
_MEASURE_KEYS: Final = frozenset(
    {"number", "title", "source", "note", "set", "add", "remove", "forbidden", "transition"}
)


@dataclass(frozen=True)
class Catalogue:
    """What all packs refer to: source ids, documents, prohibitions."""

    sources: frozenset[str]
    documents: frozenset[str]
    prohibitions: dict[str, Branch] = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One numbered measure of an overlay: the changes it makes, each with its source."""

    number: int | None
    title: dict[str, str] | None
    mark: Mark
    sets: dict[str, Node]
    adds: dict[str, Node]
    removes: tuple[tuple[Removal, Mark], ...]
    forbids: dict[str, Node]
    transition: tuple[Node, ...]


@dataclass(frozen=True)
class PackFile:
    """One file as read, before overlays are applied and the schema is checked."""

    file: str
    head: Branch
    rules: Branch
    measures: tuple[Measure, ...]
    problems: tuple[Problem, ...]

    def text(self, key: str) -> str | None:
        leaf = self.head.children.get(key)
        return str(leaf.value) if isinstance(leaf, Leaf) else None

    @property
    def pack(self) -> str:
        return self.text("pack") or ""

    @property
    def amends(self) -> str | None:
        return self.text("amends")


class Reader:
    """Reads one file. Mistakes are collected, so that all are told at once."""

    def __init__(self, file: str, catalogue: Catalogue) -> None:
        self.file = file
        self.catalogue = catalogue
        self.problems: list[Problem] = []
        self.document = ""
        self.pack = ""
        self.measure: int | None = None

    def read(self, text: str) -> PackFile:
        top = self.compose(text)
        start = Mark(self.file, 1)
        empty = Branch({}, start)
        if top is None:
            return PackFile(self.file, empty, empty, (), tuple(self.problems))
        entries = dict(self.entries(top))
        self.learn_names(entries)
        head: dict[str, Node] = {}
        rules: dict[str, Node] = {}
        measures: tuple[Measure, ...] = ()
        is_overlay = "amends" in entries
        for key, (mark, node) in entries.items():
            if key == "effective":
                head[key] = self.tree(node, key, None, mark)
            elif key in _HEAD_KEYS:
                head[key] = self.tree(node, key, None, mark, needs_source=False)
            elif key == "measures" and is_overlay:
                measures = tuple(self.read_measure(each) for each in self.items(node, mark))
            elif key == "forbidden" and not is_overlay:
                rules[key] = Branch(self.prohibitions(node, mark), mark)
            elif key in _RULE_KEYS and not is_overlay:
                rules[key] = self.tree(node, key, None, mark)
            elif key not in _OWN_CATALOGUES:
                self.complain(mark, "unknown_key", key, key=key)
        return PackFile(self.file, Branch(head, start), Branch(rules, start), measures, tuple(self.problems))

    def compose(self, text: str) -> yaml.MappingNode | None:
        try:
            alias = _first_alias(text)
            if alias is not None:
                self.complain(Mark(self.file, alias), "yaml_syntax", detail="aliases (*name) are not used in packs")
                return None
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.complain(Mark(self.file, line), "yaml_syntax", detail=error.problem or "")
            return None
        except RecursionError:
            self.complain(Mark(self.file, 1), "yaml_syntax", detail="nested too deeply")
            return None
        except yaml.YAMLError as error:
            self.complain(Mark(self.file, 1), "yaml_syntax", detail=str(error))
            return None
        if isinstance(node, yaml.MappingNode):
            return node
        self.complain(Mark(self.file, 1), "not_a_mapping")
        return None

    def complain(self, mark: Mark, code: str, path: str = "", **params: object) -> None:
        self.problems.append(problem(mark.file, mark.line, code, path, **params))

    def entries(self, node: yaml.MappingNode) -> Iterator[tuple[str, tuple[Mark, yaml.Node]]]:
        seen: set[str] = set()
        for key_node, value in node.value:
            mark = Mark(self.file, key_node.start_mark.line + 1)
            key = str(key_node.value)
            if key in seen:
                self.complain(mark, "duplicate_key", key, key=key)
                continue
            seen.add(key)
            yield key, (mark, value)

    def items(self, node: yaml.Node, mark: Mark) -> list[yaml.MappingNode]:
        if isinstance(node, yaml.SequenceNode) and all(isinstance(each, yaml.MappingNode) for each in node.value):
            return list(node.value)
        self.complain(mark, "bad_value", value=node.value if isinstance(node, yaml.ScalarNode) else "…", detail="list")
        return []

    def learn_names(self, entries: dict[str, tuple[Mark, yaml.Node]]) -> None:
        """Take the pack's id, its document and its own sources before any value is read."""
        for key, (_, node) in entries.items():
            if key == "pack" and isinstance(node, yaml.ScalarNode):
                self.pack = node.value
            if key == "document" and isinstance(node, yaml.ScalarNode):
                self.document = node.value
            if key in _OWN_CATALOGUES and isinstance(node, yaml.MappingNode):
                own = frozenset(name for name, _ in self.entries(node))
                known = self.catalogue
                self.catalogue = Catalogue(
                    known.sources | own if key == "sources" else known.sources,
                    known.documents | own if key == "documents" else known.documents,
                    known.prohibitions,
                )
        if "document" in entries and self.document not in self.catalogue.documents:
            self.complain(entries["document"][0], "unknown_document", "document", key=self.document)

    def tree(
        self, node: yaml.Node, path: str, source: Provenance | None, mark: Mark, *, needs_source: bool = True
    ) -> Node:
        """The node as a tree; a value takes the source of the nearest block that has one."""
        if isinstance(node, yaml.MappingNode):
            return self.block(node, path, source, mark, needs_source)
        if isinstance(node, yaml.SequenceNode) and any(isinstance(each, yaml.CollectionNode) for each in node.value):
            children = {
                str(index): self.tree(
                    each,
                    f"{path}.{index}",
                    source,
                    Mark(self.file, each.start_mark.line + 1),
                    needs_source=needs_source,
                )
                for index, each in enumerate(node.value)
            }
            return Branch(children, mark, is_list=True)
        if source is None and needs_source:
            self.complain(mark, "missing_source", path)
        if isinstance(node, yaml.SequenceNode):
            return Leaf(tuple(self.scalar(each, path, mark) for each in node.value), mark, source)
        return Leaf(self.scalar(node, path, mark), mark, source)

    def block(
        self, node: yaml.MappingNode, path: str, source: Provenance | None, mark: Mark, needs_source: bool
    ) -> Node:
        entries = dict(self.entries(node))
        if "source" in entries:
            source = self.source(entries["source"][1], entries["source"][0], path) or source
            needs_source = False
        life = self.life(entries, path)
        if entries.keys() <= {"en", "zh"}:
            if source is None and needs_source and path.rpartition(".")[2] != "name":
                self.complain(mark, "missing_source", path)
            label = {key: self.scalar(value, path, at) for key, (at, value) in entries.items()}
            return Leaf(label, mark, source, life)
        if "value" in entries:
            for key in entries.keys() - _ABOUT_A_BLOCK - {"value"}:
                self.complain(entries[key][0], "unknown_key", f"{path}.{key}", key=key)
            at, value = entries["value"]
            inner = self.tree(value, path, source, at, needs_source=needs_source)
            return Leaf(plain_value(inner), mark, source, life)
        children = {
            key: self.tree(value, f"{path}.{key}", source, at, needs_source=needs_source)
            for key, (at, value) in entries.items()
            if key not in _ABOUT_A_BLOCK
        }
        return Branch(children, mark, life=life)

    def scalar(self, node: yaml.Node, path: str, mark: Mark) -> Any:
        """Yes/no, whole numbers and dates as such; all else as the text it is."""
        if not isinstance(node, yaml.ScalarNode):
            self.complain(mark, "bad_value", path, value="…", detail="a single value is meant")
            return None
        kind = node.tag.rpartition(":")[2]
        if kind == "null":
            self.complain(mark, "no_value", path, key=path.rpartition(".")[2])
        if kind == "bool":
            return node.value.lower() in {"yes", "true", "on"}
        if kind == "int" and node.value.isdecimal():
            return int(node.value)
        if kind == "timestamp":
            try:
                return date.fromisoformat(node.value)
            except ValueError:
                self.complain(mark, "bad_date", path, value=node.value)
                return date.min
        return node.value

    def source(self, node: yaml.Node, mark: Mark, path: str) -> Provenance | None:
        text = node.value if isinstance(node, yaml.ScalarNode) else "…"
        found = parse_source(text, self.document)
        if found is None:
            self.complain(mark, "bad_source", path, value=text)
            return None
        for each in found.ids:
            if each not in self.catalogue.sources:
                self.complain(mark, "unknown_source", path, key=each)
        if found.document != self.document and found.document not in self.catalogue.documents:
            self.complain(mark, "unknown_document", path, key=found.document)
        return found.set_by(self.pack, self.measure)

    def life(self, entries: dict[str, tuple[Mark, yaml.Node]], path: str) -> Life:
        days: dict[str, date] = {}
        areas: tuple[str, ...] = ()
        for key in ("in_force_from", "in_force_to"):
            if key in entries:
                mark, node = entries[key]
                day = self.scalar(node, path, mark)
                if isinstance(day, date):
                    days[key] = day
                else:
                    self.complain(mark, "bad_date", path, value=day)
        if "applies_in" in entries:
            mark, node = entries["applies_in"]
            parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
            areas = tuple(str(each.value) for each in parts)
            for each in areas:
                if not (each.isdecimal() and len(each) in PREFIX_LENGTHS):
                    self.complain(mark, "bad_area", path, value=each)
                    return ALWAYS
        return Life(days.get("in_force_from"), days.get("in_force_to"), areas)

    def prohibitions(self, node: yaml.Node, mark: Mark) -> dict[str, Node]:
        ids = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Node] = {}
        for each in ids:
            key = each.value if isinstance(each, yaml.ScalarNode) else "…"
            if key in self.catalogue.prohibitions:
                found[key] = self.forbidden_here(self.catalogue.prohibitions[key])
            else:
                self.complain(mark, "unknown_prohibition", f"forbidden.{key}", key=key)
        return found

    def forbidden_here(self, catalogued: Branch) -> Branch:
        """A prohibition of the catalogue, marked as set by this pack and measure."""
        children: dict[str, Node] = {
            key: Leaf(leaf.value, leaf.mark, leaf.source and leaf.source.set_by(self.pack, self.measure), leaf.life)
            for key, leaf in catalogued.children.items()
            if isinstance(leaf, Leaf)
        }
        return Branch(children, catalogued.mark, life=catalogued.life)

    def read_measure(self, node: yaml.MappingNode) -> Measure:
        mark = Mark(self.file, node.start_mark.line + 1)
        entries = dict(self.entries(node))
        number = self.scalar(entries["number"][1], "measures", mark) if "number" in entries else None
        self.measure = number if isinstance(number, int) else None
        source = self.source(entries["source"][1], entries["source"][0], "measures") if "source" in entries else None
        for key in entries.keys() - _MEASURE_KEYS:
            self.complain(entries[key][0], "unknown_key", "measures", key=key)
        title = entries.get("title")
        label = self.tree(title[1], "name", None, title[0], needs_source=False) if title else None
        forbids = entries.get("forbidden")
        moves = entries.get("transition")
        return Measure(
            number=self.measure,
            title=label.value if isinstance(label, Leaf) and isinstance(label.value, dict) else None,
            mark=mark,
            sets=self.changes(entries.get("set"), source),
            adds=self.changes(entries.get("add"), source),
            removes=tuple(self.removals(entries.get("remove"), source)),
            forbids=self.prohibitions(forbids[1], forbids[0]) if forbids else {},
            transition=tuple(
                self.tree(each, "transition", source, Mark(self.file, each.start_mark.line + 1))
                for each in (self.items(moves[1], moves[0]) if moves else [])
            ),
        )

    def changes(self, entry: tuple[Mark, yaml.Node] | None, source: Provenance | None) -> dict[str, Node]:
        if entry is None:
            return {}
        mark, node = entry
        if not isinstance(node, yaml.MappingNode):
            self.complain(mark, "bad_value", value="…", detail="paths with their new values")
            return {}
        return {path: self.tree(value, path, source, at) for path, (at, value) in self.entries(node)}

    def removals(
        self, entry: tuple[Mark, yaml.Node] | None, source: Provenance | None
    ) -> Iterator[tuple[Removal, Mark]]:
        if entry is None:
            return
        if source is None:
            self.complain(entry[0], "missing_source", "remove")
            return
        for each in entry[1].value if isinstance(entry[1], yaml.SequenceNode) else [entry[1]]:
            yield Removal(str(each.value), source), Mark(self.file, each.start_mark.line + 1)


def _first_alias(text: str) -> int | None:
    """The line of the first alias: a value stands where it holds, and no file may contain itself."""
    if "*" not in text:
        return None
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            return event.start_mark.line + 1 if event.start_mark else 1
    return None


def plain_value(node: Node) -> Any:
    return node.value if isinstance(node, Leaf) else None


def read_catalogue(sources_text: str, prohibitions_text: str, prohibitions_file: str) -> Catalogue:
    """The shared catalogues that ship with the packs.

    Raises: ValueError if one of them is broken, which only a change to this project can cause.
    """
    listed = yaml.safe_load(sources_text)
    known = Catalogue(frozenset(map(str, listed["sources"])), frozenset(map(str, listed["documents"])))
    reader = Reader(prohibitions_file, known)
    top = reader.compose(prohibitions_text)
    prohibitions: dict[str, Branch] = {}
    for key, (mark, node) in reader.entries(top) if top else ():
        block = reader.tree(node, key, None, mark)
        if isinstance(block, Branch):
            prohibitions[key] = block
    if reader.problems:
        raise ValueError("; ".join(map(str, reader.problems)))
    return Catalogue(known.sources, known.documents, prohibitions)
