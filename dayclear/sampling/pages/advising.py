"""How many people to put into a tube: sizes side by side, recalls beside tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from dayclear.foundation.requests import ActorRequest
from dayclear.foundation.rules import Right
from dayclear.sampling.rules.pooling import (
    Prevalence,
    SizeAdvice,
    advise,
    best_of,
    prevalence_from_tubes,
    recall_worth,
)

# No specification in force puts more than twenty swabs into a tube (see Round.people_per_tube).
_LARGEST = 20
_MOST_PEOPLE = 2_000_000_000


class AdviceForm(forms.Form):
    """The question. The prevalence is said, or follows from the positive tubes of a past round."""

    people = forms.IntegerField(label=_("People to be tested"), min_value=1, max_value=_MOST_PEOPLE, initial=100_000)
    infected = forms.FloatField(
        label=_("Infected among 10,000"),
        required=False,
        min_value=0,
        max_value=10_000,
        help_text=_("Or give the positive tubes of a past round."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )
    positive = forms.IntegerField(label=_("Positive tubes"), required=False, min_value=0)
    tubes = forms.IntegerField(label=_("Of so many tubes"), required=False, min_value=1, max_value=_MOST_PEOPLE)
    shared_by = forms.IntegerField(
        label=_("With so many people in each"), required=False, min_value=1, max_value=_LARGEST
    )
    sizes = forms.CharField(label=_("People per tube to compare"), initial="5 10 20", max_length=60)
    test_cost = forms.FloatField(
        label=_("Cost of a test"), required=False, min_value=0, widget=forms.NumberInput(attrs={"step": "any"})
    )
    recall_cost = forms.FloatField(
        label=_("Cost of a recall"),
        required=False,
        min_value=0,
        help_text=_("Finding, holding apart and swabbing one person again, without the test. No source gives it."),
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def clean_sizes(self) -> tuple[int, ...]:
        words = re.findall(r"[^\s,，、;]+", self.cleaned_data["sizes"])
        sizes = sorted({int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 4})
        if len(sizes) != len(set(words)) or not sizes or not 1 <= sizes[0] <= sizes[-1] <= _LARGEST:
            raise forms.ValidationError(_("Whole numbers from 1 to %(most)s."), params={"most": _LARGEST})
        return tuple(sizes)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        counted = [said.get(name) for name in ("positive", "tubes", "shared_by")]
        if said.get("infected") is None and None in counted and not self.errors:
            raise forms.ValidationError(
                _("Say how many are infected, or give positive tubes, tubes and people in each.")
            )
        if None not in counted[:2] and said["positive"] > said["tubes"]:
            self.add_error("positive", _("More than there are tubes."))
        return said

    def prevalence(self) -> Prevalence:
        """What was said; without it, what the tubes say."""
        said = self.cleaned_data
        if said["infected"] is not None:
            share = said["infected"] / 10_000
            return Prevalence(share, share, share)
        return prevalence_from_tubes(said["positive"], said["tubes"], said["shared_by"])


@dataclass(frozen=True, slots=True)
class Swap:
    """Up to how many tests a recall may cost before the smaller size is the better one; 0: it is better anyway."""

    smaller: int
    larger: int
    tests: float


@require_GET
def show_advice(request: ActorRequest) -> HttpResponse:
    """The form, and beneath it the answer to what the address asks."""
    request.actor.require(Right.SEE_SAMPLING)
    asked = AdviceForm(request.GET) if "people" in request.GET and "sizes" in request.GET else None
    if asked is None:
        start = {name: field.initial for name, field in AdviceForm.base_fields.items()}
        return render(request, "sampling/advice.html", {"form": AdviceForm(initial=start | _given(request))})
    if not asked.is_valid():
        return render(request, "sampling/advice.html", {"form": asked}, status=422)
    said, prevalence = asked.cleaned_data, asked.prevalence()
    advice = advise(
        said["people"],
        prevalence.share,
        said["sizes"],
        cost_per_test=said["test_cost"],
        cost_per_recall=said["recall_cost"],
    )
    context = {
        "form": asked,
        "advice": advice,
        "best": best_of(advice),
        "in_ten_thousand": Prevalence(
            *(10_000 * share for share in (prevalence.share, prevalence.low, prevalence.high))
        ),
        "estimated": said["infected"] is None,
        "priced": advice[0].cost is not None,
        "swaps": _swaps(advice),
    }
    return render(request, "sampling/advice.html", context)


def _given(request: ActorRequest) -> dict[str, str]:
    """What a link to this page already knows, as a round knows its people."""
    people = request.GET.get("people", "")
    return {"people": people} if people.isascii() and people.isdecimal() and len(people) < 11 else {}


def _swaps(advice: tuple[SizeAdvice, ...]) -> list[Swap]:
    worths = ((smaller, larger, recall_worth(smaller, larger)) for smaller, larger in pairwise(advice))
    return [Swap(less.size, more.size, max(0.0, worth)) for less, more, worth in worths if worth is not None]
