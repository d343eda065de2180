"""The page of one area: its level and clock, why, what holds, who decided, what was found, when and by what it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from dayclear.areas.commands import subject_of
from dayclear.areas.models import RiskArea
from dayclear.areas.notices import level_name
from dayclear.areas.queries import area_in_scope, facts_of, held_over, outlook_of, policy_for
from dayclear.areas.reasons import CAUSE_NAMES, KIND_NAMES, LEVEL_LETTERS, REASONS, STATE_NAMES, UNIT_NAMES
from dayclear.areas.rules.clearing import Outlook, completed_clear_days, step_of
from dayclear.areas.timeline import told
from dayclear.foundation import clock
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.language import is_chinese
from dayclear.foundation.parts import Explanation
from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.foundation.trail import events_of
from dayclear.isolation.texts import day_text
from dayclear.places.queries import names_of
from dayclear.places.reasons import LEVEL_NAMES
from dayclear.policy.calendar import Policy
from dayclear.policy.words import cited, word


@require_GET
def show_area(request: ActorRequest, area_id: int) -> HttpResponse:
    actor, now = request.actor, clock.now()
    area = area_in_scope(actor, area_id)
    if area is None:
        raise Refused(refuse("not_found"))
    policy = policy_for(area.area, area.disease, now)
    view = outlook_of(area, policy) if area.state == "in_force" else None
    events = list(events_of(actor, [subject_of(area.pk)]))
    members = list(area.members.order_by("pk"))
    notices = list(area.notices.order_by("-version"))
    level = policy.rules.areas.levels.get(area.level) if policy and policy.rules.areas else None
    context: dict[str, Any] = {
        "area": area,
        "letter": LEVEL_LETTERS.get(area.level, "–"),
        "level_name": level_name(area.level, policy),
        "state": STATE_NAMES[area.state],
        "unit": UNIT_NAMES[area.unit],
        "designation": word(area.designation),
        "cause": CAUSE_NAMES.get(area.end_cause, area.end_cause),
        "decider": LEVEL_NAMES[area.decided_level] if area.decided_level is not None else "",
        "measures_of_level": [word(code) for code in level.measures] if level else [],
        "members": members,
        "view": view,
        "undated": area.state == "in_force" and view is None,
        "missing": [str(REASONS[reason.code]) % reason.params for reason in view.missing] if view else [],
        "clear_days": completed_clear_days(facts_of(area), today=clock.local_day(now)) if view else None,
        "over": held_over(area, view, now=now),
        "may_step": view is not None
        and (view.basis_gone or (view.eligible_at is not None and view.eligible_at <= now)),
        "explanation": explanation(area, view, policy, now) if view else None,
        "episodes": [
            (row, word(row.level), CAUSE_NAMES.get(row.end_cause, row.end_cause))
            for row in area.episodes.order_by("-from_at")
        ],
        "infections": list(area.infections.order_by("-found_on", "-pk")),
        "kinds": _kinds(policy),
        "rounds": list(area.rounds.order_by("-held_on")),
        "asks_contacts": _asks_contacts(area, policy),
        "measures": list(area.measures.order_by("-starts_at", "-pk")[:50]),
        "kind_names": KIND_NAMES,
        "notice": (notices[0].text_zh if is_chinese() else notices[0].text_en) if notices else "",
        "notice_version": notices[0].version if notices else 0,
        "timeline": told(events),
        "seen": events[-1].number if events else 0,
        "places": names_of({area.area, *(member.place for member in members if member.place)}),
        "today": clock.local_day(now),
        "may_see_cases": actor.may(Right.SEE_CASES),
        "own": actor.user_id is not None and actor.user_id == area.proposed_by,
        "may_overrule": area.decided_level is not None and actor.level < area.decided_level,
    }
    return render(request, "areas/area.html", context)


def _kinds(policy: Policy | None) -> list[tuple[str, str]]:
    areas = policy.rules.areas if policy else None
    return [(code, word(code)) for code in (areas.not_counted or ())] if areas else []


def _asks_contacts(area: RiskArea, policy: Policy | None) -> bool:
    step = step_of(policy.rules.areas if policy else None, area.level, came_down=area.stepped_on is not None)
    return step is not None and step.contacts_out_and_negative_for is not None


def explanation(area: RiskArea, view: Outlook, policy: Policy | None, now: datetime) -> Explanation:
    """Inputs, rule, source, result and what would change it, for whoever the area touches."""
    if view.basis_gone or policy is None:
        return Explanation(
            inputs=[(_("level"), word(area.level))],
            rule=_("The rules in force do not know this level. Nothing justifies it for a further day."),
            source=policy.version if policy else "",
            result=_("It may be ended at once."),
        )
    down = "after_higher" if area.stepped_on is not None and _has_after(area, policy) else "down"
    path = f"areas.levels.{area.level}.{down}.clear_days"
    source = cited(policy.values[path].source) if path in policy.values else ""
    rounds = [_("a whole round, all negative, on the last day")] if _asks_round(area, policy) else []
    conditions = [_("%(days)d days without a new countable infection") % {"days": view.clear_days}, *rounds]
    if _asks_contacts(area, policy):
        conditions.append(_("every contact out and negative"))
    to = level_name(view.to, policy) if view.to != "none" else _("lifted")
    return Explanation(
        inputs=[
            (_("day 0"), day_text(view.day_0)),
            (_("clear days so far"), completed_clear_days(facts_of(area), today=clock.local_day(now))),
            (_("round"), day_text(view.round_on) if view.round_on else _("none that counts yet")),
        ],
        rule=_("It goes down when both hold: %(conditions)s.") % {"conditions": _("; ").join(conditions)},
        source=" · ".join(part for part in (source, policy.version) if part),
        result=_("Earliest lawful change: the end of %(day)s, to: %(to)s.") % {"day": day_text(view.last_on), "to": to},
        ends_when=_("a person signs the step. A new infection changes it only by a recorded decision; new rules may."),
    )


def _has_after(area: RiskArea, policy: Policy) -> bool:
    areas = policy.rules.areas
    return bool(areas and area.level in areas.levels and areas.levels[area.level].after_higher)


def _asks_round(area: RiskArea, policy: Policy) -> bool:
    step = step_of(policy.rules.areas, area.level, came_down=area.stepped_on is not None)
    return step is not None and bool(step.round_on_last_day or step.round_within)
