"""The published notice of an area, in both languages: what, where, why, the rule, when and by what it ends (R35)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from dayclear.areas.models import RiskArea
from dayclear.areas.rules.clearing import Outlook
from dayclear.isolation.texts import day_text, instant_text
from dayclear.places.queries import names_of
from dayclear.policy.calendar import Policy
from dayclear.policy.words import label_text, word

LANGUAGES = ("en", "zh-hans")


def compose(
    area: RiskArea, members: Sequence[tuple[int | None, str]], view: Outlook | None, policy: Policy, *, now: datetime
) -> dict[str, str]:
    """The notice as it stands now. Shape: language code → text, one paragraph a line."""
    texts = {}
    for language in LANGUAGES:
        with override(language):
            texts[language] = "\n".join(_lines(area, members, view, policy, now))
    return texts


def _lines(
    area: RiskArea, members: Sequence[tuple[int | None, str]], view: Outlook | None, policy: Policy, now: datetime
) -> list[str]:
    names = names_of({place for place, _text in members if place is not None} | {area.area})
    listed = [text or (names[place].full_name if place in names else str(place)) for place, text in members]
    level = policy.rules.areas.levels.get(area.level) if policy.rules.areas else None
    measures = [word(code) for code in level.measures] if level else []
    where = names[area.area].full_name if area.area in names else str(area.area)
    lines = [
        _("%(name)s: %(level)s") % {"name": area.name, "level": level_name(area.level, policy)},
        _("Place: %(where)s. It consists of: %(members)s.") % {"where": where, "members": _("; ").join(listed)},
        _("From %(instant)s.") % {"instant": instant_text(now)},
        _("Why: %(ground)s (%(designation)s).") % {"ground": area.ground, "designation": word(area.designation)},
        _("What holds here: %(measures)s.") % {"measures": _(", ").join(measures)},
        _("Decided by %(who)s. Rules: %(policy)s.") % {"who": area.decided_label, "policy": policy.version},
    ]
    if view is not None and not view.basis_gone:
        lines.append(
            _("Earliest end: %(day)s, after %(days)d days without a new countable infection since %(from)s.")
            % {"day": day_text(view.last_on), "days": view.clear_days, "from": day_text(view.day_0)}
        )
    lines.append(
        _("Care, medicine and ways out in an emergency are never blocked. Objections are heard by any office.")
    )
    return lines


def level_name(level: str, policy: Policy | None) -> str:
    """What the pack calls a level, in the language now active; the bare word where the pack does not know it."""
    areas = policy.rules.areas if policy else None
    known = areas.levels.get(level) if areas else None
    if known is None:
        return word(level) if level else ""
    return label_text(known.name)
