"""A pack while it is still text: values that know their line, source and life.

Overlays are applied here, before the schema is checked, so that every complaint about
the result can point to the line that caused it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from dayclear.policy.provenance import Provenance

_PLACE_DIGITS = 18
PREFIX_LENGTHS = frozenset({2, 4, 6, 9, 12, 15, 18})


@dataclass(frozen=True)
class Mark:
    """A line of a file, counted from 1."""

    file: str
    line: int


@dataclass(frozen=True)
class Life:
    """When and where a value holds within its pack; empty means always, everywhere."""

    from_on: date | None = None
    to_on: date | None = None
    areas: tuple[str, ...] = ()

    def holds(self, day: date | None, area: int) -> bool:
        """`day` None stands for every day, `area` 0 for the whole installation."""
        if day is not None and (
            (self.from_on is not None and day < self.from_on) or (self.to_on is not None and day >= self.to_on)
        ):
            return False
        return not self.areas or any(low <= area <= high for low, high in map(area_range, self.areas))

    def as_json(self) -> dict[str, object]:
        return {
            "in_force_from": self.from_on.isoformat() if self.from_on else None,
            "in_force_to": self.to_on.isoformat() if self.to_on else None,
            "applies_in": list(self.areas),
        }


ALWAYS = Life()


@dataclass(frozen=True)
class Leaf:
    """One value as written: text, yes/no, a date, a tuple of texts, or a label."""

    value: Any
    mark: Mark
    source: Provenance | None
    life: Life = ALWAYS


@dataclass(frozen=True)
class Branch:
    """A block (named children) or a list (children named "0", "1", …), in file order."""

    children: dict[str, Node]
    mark: Mark
    is_list: bool = False
    life: Life = ALWAYS


Node = Leaf | Branch


@dataclass(frozen=True)
class Removal:
    """What an overlay took away, and by which clause."""

    path: str
    source: Provenance


@dataclass(frozen=True)
class Tree:
    """The root of a pack's values, with the removals that overlays made on the way."""

    root: Branch
    removals: tuple[Removal, ...] = field(default=())


def area_range(prefix: str) -> tuple[int, int]:
    """The numbers of a place and everything under it, from its leading digits."""
    below = _PLACE_DIGITS - len(prefix)
    low = int(prefix) * 10**below
    return low, low + 10**below - 1


def find(root: Branch, path: str) -> Node | None:
    node: Node = root
    for part in path.split("."):
        if not isinstance(node, Branch) or part not in node.children:
            return None
        node = node.children[part]
    return node


def put(root: Branch, path: str, new: Node) -> Branch:
    """A copy of the tree with the node at the path replaced or added.

    Raises: KeyError if the path's parent is not there.
    """
    head, _, rest = path.partition(".")
    if not rest:
        return replace(root, children={**root.children, head: new})
    child = root.children[head]
    if not isinstance(child, Branch):
        raise KeyError(path)
    return replace(root, children={**root.children, head: put(child, rest, new)})


def without(root: Branch, path: str) -> Branch:
    """A copy of the tree without the node at the path.

    Raises: KeyError if it is not there.
    """
    head, _, rest = path.partition(".")
    children = dict(root.children)
    child = children.pop(head)
    if rest:
        if not isinstance(child, Branch):
            raise KeyError(path)
        return replace(root, children={**root.children, head: without(child, rest)})
    return replace(root, children=children)


def lives(node: Node) -> Iterator[Life]:
    """Every life in the tree that is not simply "always", in file order."""
    if node.life != ALWAYS:
        yield node.life
    if isinstance(node, Branch):
        for child in node.children.values():
            yield from lives(child)


def living(root: Branch, held: frozenset[Life]) -> Branch:
    """The tree with only what always holds or whose life is among `held`."""
    children: dict[str, Node] = {}
    for key, child in root.children.items():
        if child.life != ALWAYS and child.life not in held:
            continue
        kept = living(child, held) if isinstance(child, Branch) else child
        if isinstance(kept, Branch) and not kept.children:
            continue
        children[str(len(children)) if root.is_list else key] = kept
    return replace(root, children=children)


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every value below a node with its dotted path, in file order."""
    if isinstance(node, Leaf):
        yield path, node
        return
    for key, child in node.children.items():
        yield from leaves(child, f"{path}.{key}" if path else key)


def plain(node: Node) -> Any:
    """The bare values, as the schema reads them."""
    if isinstance(node, Leaf):
        return node.value
    if node.is_list:
        return [plain(child) for child in node.children.values()]
    return {key: plain(child) for key, child in node.children.items()}


def mark_of(root: Branch, path: tuple[str, ...]) -> Mark:
    """The line of the deepest node on the path that exists."""
    node: Node = root
    for part in path:
        if not isinstance(node, Branch) or part not in node.children:
            break
        node = node.children[part]
    return node.mark
