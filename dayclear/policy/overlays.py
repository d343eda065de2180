"""Applying an overlay to the values of the pack it amends."""

from __future__ import annotations

from collections.abc import Iterator

from dayclear.policy.problems import Problem, problem
from dayclear.policy.reader import PackFile
from dayclear.policy.schema import Head, Rules
from dayclear.policy.tree import Branch, Mark, Node, Removal, Tree, find, leaves, mark_of, put, without


def strays(file: PackFile, head: Head, base: Head) -> Iterator[Problem]:
    """An overlay is about the same disease, no other places and no earlier time than what it amends."""
    if head.disease != base.disease:
        mark = mark_of(file.head, ("disease",))
        yield problem(mark.file, mark.line, "other_disease", "disease", key=head.disease, other=base.disease)
    if base.area and not (head.area or "").startswith(base.area):
        mark = mark_of(file.head, ("area",))
        yield problem(mark.file, mark.line, "wider_than_amended", "area")
    start, earliest = head.effective.from_on, base.effective.from_on
    if start and earliest and start < earliest:
        mark = mark_of(file.head, ("effective", "from"))
        yield problem(mark.file, mark.line, "before_amended", "effective.from")


def amended(base: Tree, file: PackFile, found: list[Problem]) -> Tree:
    """The amended pack's values with the overlay's measures applied, in their order.

    The changeover of the amended pack is over: its `transition` is not inherited.
    """
    root = base.root
    if "transition" in root.children:
        root = without(root, "transition")
    removals = base.removals
    transition: list[Node] = []
    for measure in file.measures:
        for path, node in measure.sets.items():
            old = find(root, path)
            if old is None:
                found.append(problem(node.mark.file, node.mark.line, "unknown_path", path))
            else:
                removals = (*removals, *_lost(old, node, path))
                root = put(root, path, node)
        for path, node in measure.adds.items():
            if find(root, path) is not None:
                found.append(problem(node.mark.file, node.mark.line, "already_there", path))
                continue
            root, parent_there = _with_section(root, path, node.mark)
            if parent_there:
                root = put(root, path, node)
                removals = tuple(each for each in removals if each.path != path)
            else:
                found.append(problem(node.mark.file, node.mark.line, "unknown_parent", path))
        for removal, mark in measure.removes:
            if find(root, removal.path) is None:
                found.append(problem(mark.file, mark.line, "nothing_to_remove", removal.path))
            else:
                root = without(root, removal.path)
                removals = (*removals, removal)
        for key, node in measure.forbids.items():
            root, _ = _with_section(root, "forbidden.x", node.mark)
            root = put(root, f"forbidden.{key}", node)
        transition.extend(measure.transition)
    if transition:
        children = {str(index): node for index, node in enumerate(transition)}
        root = put(root, "transition", Branch(children, transition[0].mark, is_list=True))
    return Tree(root, removals)


def _lost(old: Node, new: Node, path: str) -> Iterator[Removal]:
    """The values that a block had and the block set in its place has not."""
    kept = dict(leaves(new, path))
    source = next((leaf.source for leaf in kept.values() if leaf.source), None)
    for each, _ in leaves(old, path):
        if source is not None and each not in kept:
            yield Removal(each, source)


def _with_section(root: Branch, path: str, mark: Mark) -> tuple[Branch, bool]:
    """Open a whole section that the amended pack lacks; deeper parents must be there already."""
    parent = path.rpartition(".")[0]
    if not parent:
        return root, True
    if "." not in parent and parent in Rules.model_fields and parent not in root.children:
        return put(root, parent, Branch({}, mark)), True
    return root, isinstance(find(root, parent), Branch)
