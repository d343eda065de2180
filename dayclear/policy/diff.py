"""What changes from one pack to another, value by value, and by which clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dayclear.policy.loader import Pack, SourcedValue
from dayclear.policy.provenance import Provenance
from dayclear.policy.schema import Transition


@dataclass(frozen=True)
class Change:
    """One value that was added, removed or changed.

    `source` is the clause of the change; None when the two packs do not rest on each
    other and the value is simply not there any more.
    """

    path: str
    kind: str
    before: SourcedValue | None
    after: SourcedValue | None
    source: Provenance | None

    def as_json(self) -> dict[str, object]:
        return {
            "path": self.path,
            "kind": self.kind,
            "before": _bare(self.before),
            "after": _bare(self.after),
            "source": self.source.as_json() if self.source else None,
        }


@dataclass(frozen=True)
class TransitionLine:
    """One line of the changeover, with its clause."""

    rule: Transition
    source: Provenance

    def as_json(self) -> dict[str, object]:
        return {**self.rule.model_dump(mode="json", exclude_none=True), "source": self.source.as_json()}


@dataclass(frozen=True)
class PackDiff:
    """Shape: `changes` in file order of the later pack, what it removed last.

    `restated` values stayed the same but rest on another text now.
    """

    before: Pack
    after: Pack
    changes: tuple[Change, ...]
    restated: tuple[Change, ...]
    transition: tuple[TransitionLine, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "from": {"pack": self.before.pack, "version": self.before.version},
            "to": {"pack": self.after.pack, "version": self.after.version},
            "measures": [
                {"number": each.number, "title": each.title}
                for each in (self.after.measures if self.before.pack in self.after.chain else ())
            ],
            "changes": [each.as_json() for each in self.changes],
            "restated": [each.as_json() for each in self.restated],
            "transition": [each.as_json() for each in self.transition],
        }


def diff(before: Pack, after: Pack) -> PackDiff:
    """Compare two resolved packs over all days and places."""
    changes: list[Change] = []
    restated: list[Change] = []
    old, new = _comparable(before), _comparable(after)
    for path, now in new.items():
        was = old.get(path)
        if was is None:
            changes.append(Change(path, "added", None, now, now.source))
        elif (was.value, was.unit, was.life) != (now.value, now.unit, now.life):
            changes.append(Change(path, "changed", was, now, now.source))
        elif was.source != now.source and now.source.pack not in before.chain and after.pack != before.pack:
            restated.append(Change(path, "restated", was, now, now.source))
    removals = after.removals if before.pack in after.chain else {}
    changes.extend(_removed(old, new, removals))
    return PackDiff(before, after, tuple(changes), tuple(restated), transition_of(after))


def transition_of(pack: Pack) -> tuple[TransitionLine, ...]:
    """The changeover into a pack."""
    return tuple(
        TransitionLine(rule, pack.values[f"transition.{number}.subject"].source)
        for number, rule in enumerate(pack.rules.transition)
    )


def _comparable(pack: Pack) -> dict[str, SourcedValue]:
    return {path: each for path, each in pack.values.items() if not path.startswith("transition.")}


def _removed(
    old: Mapping[str, SourcedValue], new: Mapping[str, SourcedValue], removals: Mapping[str, Provenance]
) -> list[Change]:
    """One change per value that is gone; a block that an overlay took away whole is one change."""
    blocks: dict[str, dict[str, Any]] = {}
    found: list[Change] = []
    for path, was in old.items():
        if path in new:
            continue
        block = next((each for each in removals if path.startswith(f"{each}.")), None)
        if block is None:
            found.append(Change(path, "removed", was, None, removals.get(path)))
            continue
        if block not in blocks:
            blocks[block] = {}
            whole = SourcedValue(block, blocks[block], "block", was.source)
            found.append(Change(block, "removed", whole, None, removals[block]))
        blocks[block][path.removeprefix(f"{block}.")] = was.value
    return found


def _bare(value: SourcedValue | None) -> dict[str, object] | None:
    return None if value is None else {"value": value.value, "unit": value.unit}
