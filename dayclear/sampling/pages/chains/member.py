"""One member, made for a phone in one hand: what is next on top, calls and visits by one touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import ActorRequest, compiles_wasm, once
from dayclear.foundation.sent import number_in, text_in
from dayclear.foundation.trail import events_of
from dayclear.people.models import Person
from dayclear.people.queries import age_on, reveal_phones
from dayclear.places.queries import names_of
from dayclear.sampling.chain_texts import (
    ATTEMPT_NAMES,
    ATTEMPT_OUTCOME_NAMES,
    FOUND_NAMES,
    NEXT_NAMES,
    OUTCOME_NAMES,
)
from dayclear.sampling.chain_timeline import told
from dayclear.sampling.commands import chains as commands
from dayclear.sampling.commands.chains.rows import facts_of, member_subject, tell_due_at
from dayclear.sampling.decoder import decoder_address
from dayclear.sampling.models import Chain, ChainMember
from dayclear.sampling.queries.chains import lines_of, member_in_scope, members_in, note_reading, squads_for
from dayclear.sampling.reasons import STEP_NAMES
from dayclear.sampling.rules.chains.members import WRITTEN, may_take_back, next_step
from dayclear.sampling.rules.numbers import printed

Said = Mapping[str, str]
Act = Callable[[int, Said, Actor, datetime], Any]
# What can come of a call, and of a visit: one touch each.
_OUTCOMES = {
    "call": ("reached", "no_answer", "number_wrong", "refused"),
    "visit": ("reached", "not_there", "refused"),
}

# What the squad does where the person is.
_AT_THE_DOOR = ("locate", "hold", "resample")


@compiles_wasm
@require_GET
def show_member(request: ActorRequest, member_id: int) -> HttpResponse:
    actor, now = request.actor, clock.now()
    member = member_in_scope(actor, member_id)
    note_reading(actor, [member], purpose="member", now=now)
    facts = facts_of(member)
    person = Person.objects.filter(pk=member.person_id).first()
    context = {
        "member": member,
        "person": person,
        "age": age_on(person, clock.local_day(now)) if person else None,
        "label": printed(member.tube),
        "specimen": printed(member.specimen) if member.specimen else "",
        "chain": Chain.objects.filter(pk=member.chain_id).first(),
        "step": next_step(facts),
        "tell_due_at": tell_due_at(member.reported_at) if member.reported_at else None,
        "step_name": NEXT_NAMES.get(next_step(facts), ""),
        "outcome": OUTCOME_NAMES[member.outcome],
        "places": names_of({member.area}),
        "found_names": FOUND_NAMES,
        "found": FOUND_NAMES.get(member.located_how, ""),
        "calls": [
            (kind, ATTEMPT_NAMES[kind], [(code, ATTEMPT_OUTCOME_NAMES[code]) for code in outcomes])
            for kind, outcomes in _OUTCOMES.items()
        ],
        "tries": [
            (each, ATTEMPT_NAMES[each.kind], ATTEMPT_OUTCOME_NAMES[each.outcome])
            for each in member.tries.order_by("-at", "-pk")[:20]
        ],
        "hand_overs": list(member.hand_overs.order_by("at")),
        "takeable": [(step, STEP_NAMES[step]) for step in WRITTEN if may_take_back(step, facts).allowed],
        "may_give_up": not member.outcome,
        "has_phone": person is not None and person.phone_sealed is not None,
        "squads": squads_for(actor, member.area),
        "decoder": decoder_address(),
        "next_member": _next(actor, member),
        "timeline": told(events_of(actor, [member_subject(member.pk)])),
        "key": uuid4().hex,
    }
    return render(request, "sampling/chains/member.html", context)


def _next(actor: Actor, member: ChainMember) -> ChainMember | None:
    """Whom of the same tube the squad goes to next, once this one's swab is taken."""
    if not member.collected_at and not member.outcome:
        return None
    others = lines_of(members_in(actor).filter(chain=member.chain_id).exclude(pk=member.pk))
    return next((line.member for line in others if line.step in _AT_THE_DOOR), None)


@require_POST
def reveal(request: ActorRequest, member_id: int) -> HttpResponse:
    """The member's phone in clear, to be dialled by touch; the reading is recorded before it is shown."""
    member = member_in_scope(request.actor, member_id)
    phones = reveal_phones(request.actor, [member.person_id], purpose="positive tube", now=clock.now())
    number = phones.get(member.person_id, "")
    link = format_html('<a class="button" href="tel:{0}">{0}</a>', number) if number else _("none recorded")
    response = HttpResponse(link)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def act(request: ActorRequest, member_id: int, what: str) -> HttpResponse:
    """Write down one thing about a member. Sent twice, it is done once."""
    if what not in ACTS:
        raise Refused(refuse("not_found"))
    work, done = ACTS[what]
    actor, now = request.actor, clock.now()
    member_in_scope(actor, member_id)
    back = reverse("sampling:positive:chain_member", args=[member_id])
    return once(request, lambda: work(member_id, request.POST, actor, now), str(done), back)


def _try(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    kind, outcome = text_in(said, "kind"), text_in(said, "outcome")
    commands.record_attempt(member_id, kind, outcome, remark=text_in(said, "remark"), by=by, now=now)


def _locate(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    """Found, and held apart in the same place where that is so."""
    where = text_in(said, "where")
    with transaction.atomic():
        commands.locate_member(member_id, text_in(said, "how"), where, by=by, now=now)
        if said.get("held"):
            commands.hold_member(member_id, where, by=by, now=now)


def _hold(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.hold_member(member_id, text_in(said, "where"), by=by, now=now)


def _resample(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.bind_resample(member_id, text_in(said, "label"), by=by, now=now)


def _deliver(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.deliver_members([member_id], by=by, now=now)


def _hand_over(part: str) -> Act:
    def work(member_id: int, said: Said, by: Actor, now: datetime) -> None:
        given = commands.HandOverIn(part, text_in(said, "place"), text_in(said, "given_by"), text_in(said, "taken_by"))
        commands.hand_over(member_id, given, by=by, now=now)

    return work


def _tell(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.tell_cleared(member_id, by=by, now=now)


def _give_up(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.give_up_member(member_id, text_in(said, "reason"), by=by, now=now)


def _take_back(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.take_back(member_id, text_in(said, "step"), text_in(said, "reason"), by=by, now=now)


def _assign(member_id: int, said: Said, by: Actor, now: datetime) -> None:
    commands.assign_member(member_id, number_in(said, "squad"), by=by, now=now)


ACTS: Mapping[str, tuple[Act, Any]] = {
    "try": (_try, gettext_lazy("It is written down.")),
    "locate": (_locate, gettext_lazy("Written down: found.")),
    "hold": (_hold, gettext_lazy("Written down: held apart.")),
    "resample": (_resample, gettext_lazy("The tube is bound to this person.")),
    "deliver": (_deliver, gettext_lazy("Written down: delivered.")),
    "depart": (_hand_over("departure"), gettext_lazy("Written down: handed over to the crew.")),
    "arrive": (_hand_over("arrival"), gettext_lazy("Written down: handed over to the hospital.")),
    "tell": (_tell, gettext_lazy("Written down: told.")),
    "give-up": (_give_up, gettext_lazy("Given up: the chain waits for this person no more.")),
    "take-back": (_take_back, gettext_lazy("Taken back.")),
    "squad": (_assign, gettext_lazy("The squad has it on its list.")),
}
