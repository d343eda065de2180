"""Sentences about areas that are longer than a word: what lists prove, and what they cannot tell."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dayclear.areas.commands.published import ListsStored
from dayclear.areas.reasons import VERDICT_NAMES

CANNOT_TELL = {
    "infections": gettext_lazy(
        "Infections are not in the lists. The days of the rules are counted from the day an area was first listed, as "
        "if the last infection had been found then; an infection found later would have moved the end, and an area "
        "that looks held too long may have been held rightly."
    ),
    "rounds": gettext_lazy(
        "Rounds of tests are not in the lists. Whether the round of the last day was held, and when its results came, "
        "cannot be seen; an area that waited for it looks the same as one that was forgotten."
    ),
    "hours_between": gettext_lazy(
        "Between two snapshots nothing is seen. A start or an end lies somewhere between them; where the lists were "
        "silent for more than a day, it may lie anywhere in that time."
    ),
    "renamed": gettext_lazy(
        "An area that was renamed, split or joined appears to end and another to begin: its days then look shorter "
        "than they were."
    ),
    "ground": gettext_lazy("On what ground an area was drawn, and who decided it, is not in the lists."),
}


def lists_told(stored: ListsStored) -> list[str]:
    """An import of lists, told in lines."""
    said = {"areas": stored.areas, "spells": stored.spells, "snapshots": stored.snapshots}
    lines = [
        _("%(snapshots)s snapshots, %(areas)s areas with %(spells)s times at a level.") % said,
        _("%(created)s new, %(updated)s changed, %(unchanged)s as before.")
        % {"created": stored.created, "updated": stored.updated, "unchanged": stored.unchanged},
    ]
    lines += [f"{count:>8}  {VERDICT_NAMES[verdict]}" for verdict, count in stored.verdicts.items()]
    return [*lines, *(f"• {text}" for text in CANNOT_TELL.values())]
