"""The words for what the over-reach guard found, and for packs that have run out.

The names of the prohibitions themselves stand in `packs/_prohibitions.yaml`; these sentences say what to do.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    "R01": _("The rules in force give nothing of the kind. What no rule gives cannot be ordered."),
    "OG-01": _(
        "OG-01: movement is not limited beyond the medium- and high-risk areas (level here: %(level)s). Name a "
        "designated area, or leave the measure out."
    ),
    "OG-02": _(
        "OG-02: nobody is sent back or quarantined whose only exposure was in an area of the level %(level)s. "
        "Propose monitoring, or give another exposure."
    ),
    "OG-03": _("OG-03: both conditions for the next step have held since %(since)s. Sign the step."),
    "OG-04": _("OG-04: the rules in force have no category %(category)s. Nobody is managed beyond them."),
    "OG-05": _("OG-05: the order would end on %(ends)s; without a new cause the rules allow %(latest)s at the latest."),
    "OG-06": _("OG-06: care is never refused because of a code, an order, an area or a missing test."),
    "OG-07": _("OG-07: belonging to a group is no exposure. Say how and on which day this very person was exposed."),
    "OG-08": _("OG-08: a checkpoint needs an approval and an end."),
    "OG-09": _("OG-09: places needed for normal life are not closed in low-risk areas (level here: %(level)s)."),
    "OG-10": _(
        "OG-10: a high-risk area is drawn by %(largest)s, not by %(unit)s, unless a ground that the rules name is "
        "recorded. Draw it smaller."
    ),
    "OG-11": _("OG-11: the rules in force determine no %(category)s any more."),
    "OG-12": _("OG-12: no mass testing where there is no outbreak, and not more than one round a day."),
    "OG-13": _(
        "OG-13: %(days)s days since %(exposed)s are served already and would be asked again. Count from the exposure."
    ),
    "OG-14": _("OG-14: the rules in force do not give this measure for the level here (%(level)s)."),
    "OG-15": _("OG-15: nobody is refused who comes home. Take the measure out."),
    "OG-16": _("OG-16: no temporary lockdown of any kind, and no limits outside high-risk areas."),
    "OG-17": _("OG-17: fire exits, unit doors and compound gates are never blocked."),
    "OG-18": _("OG-18: a code or a negative test is asked for only at the places the rules list, not here."),
    "OG-19": _("OG-19: pharmacies stay open, and no limit is put on over-the-counter medicine."),
    "OG-20": _("OG-20: a code or an order follows from the epidemic alone. Another purpose is refused."),
    "OG-21": _("OG-21: whole populations are not taken on a list. Bring people with an exposure of their own."),
    "OG-22": _(
        "OG-22, the five must-nots: nobody is kept from going home, no limit reaches from an area to a city, nobody is "
        "sent back from a low-risk area, no period is made longer."
    ),
    "coach_at_night": _("Coaches do not run on expressways between %(from)s and %(until)s. Plan another hour."),
    "unit_too_large": _(
        "The rules draw this level by %(largest)s, and this is a %(unit)s. Draw it smaller, or record the ground on "
        "which the investigation enlarged it."
    ),
    "pack_ended": _(
        "The rules ended on %(day)s. Nothing new may be ordered under them; what stands goes on to its end."
    ),
    "overlay_without_variance": _(
        "The local rules %(pack)s depart from their parent in %(n)s values without leave that holds today (until: "
        "%(until)s). Nothing new may be ordered under them. Ask the level above for a variance."
    ),
    "pack_not_reviewed": _(
        "The rules were due for review on %(day)s and have not been reviewed. Nothing new may be ordered under them."
    ),
}
