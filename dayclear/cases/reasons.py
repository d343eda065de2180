"""The sentences behind the reason codes of `cases`, and the words for its codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "future_date": _("%(field)s lies in the future (%(date)s). A case is registered with days that have come."),
    "death_before_onset": _(
        "The day of death (%(died)s) lies before the day of onset (%(onset)s). Correct one of them."
    ),
    "outside_area": _("The place lies outside your own. Choose a place of yours, or ask the centre of that place."),
    "number_taken": _(
        "The case number %(number)s is taken. Look the case up by its number; if it lies outside your places, ask the "
        "centre above for it."
    ),
    "investigation_complete": _("The investigation of this case is already recorded as complete."),
    "unknown_classification": _("%(value)s is not a classification. Choose one of the list."),
    "unknown_outcome": _("%(value)s is not an outcome. Choose one of the list."),
    "unknown_code": _("%(value)s is not one of the codes of %(field)s."),
    "reason_missing": _("Say why: who reads this case later must be able to follow the decision."),
    "same_classification": _("The case already has this classification. Nothing was changed."),
    "bad_filter": _("The address asks for %(name)s = %(value)s, which is not possible here."),
}

CLASSIFICATION_NAMES = {
    "suspected": _("suspected"),
    "probable": _("probable"),
    "confirmed": _("confirmed"),
    "asymptomatic_infection": _("asymptomatic infection"),
    "excluded": _("excluded"),
}
SEVERITY_NAMES = {
    "asymptomatic": _("without symptoms"),
    "mild": _("mild"),
    "moderate": _("moderate"),
    "severe": _("severe"),
    "critical": _("critical"),
    "unknown": _("not known"),
}
FOUND_BY_NAMES = {
    "screening": _("screening"),
    "under_order": _("test under an order"),
    "fever_clinic": _("fever clinic"),
    "seeking_care": _("seeking care"),
    "contact": _("traced as a contact"),
    "other": _("another way"),
    "unknown": _("not known"),
}
UNDER_ORDER_NAMES = {
    "yes": _("under an order"),
    "no": _("in the community"),
    "unknown": _("not known"),
}
OUTCOME_NAMES = {
    "in_care": _("in care"),
    "recovered": _("recovered"),
    "died": _("died"),
    "transferred": _("transferred"),
    "unknown": _("not known"),
}
MISSING_NAMES = {
    "sex": _("sex"),
    "age": _("age"),
    "onset": _("day of onset"),
    "sampling": _("day of sampling or positive result"),
    "order": _("whether under an order when found"),
    "home": _("home place"),
    "day": _("any day"),
}
EVENT_NAMES = {
    "cases.case_registered": _("Case registered"),
    "cases.case_imported": _("Case read from a line list"),
    "cases.batch_imported": _("Cases read from a line list"),
    "cases.case_updated": _("Newer description taken over"),
    "cases.gaps_followed": _("What is known of the person changed"),
    "cases.case_classified": _("Classification changed"),
    "cases.outcome_recorded": _("Outcome recorded"),
    "cases.investigation_completed": _("Investigation complete"),
}
