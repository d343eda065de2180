"""The sentences behind the reason codes of `people`, and the words for its codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REASONS = {
    "same_row": _("This is one and the same record."),
    "already_merged": _(
        "One of the two records has been merged already. Open it: it leads on to the record that was kept."
    ),
    "other_id_number": _("The two have different identity numbers: they are two people. Keep them apart."),
    "already_undone": _("This merge was already taken back."),
    "merged_further": _("Record %(kept)s was merged into %(into)s afterwards. Take that later merge back first."),
    "number_borne_by_other": _(
        "Another record now bears the identity number of the one that would come back. Merge with that record instead."
    ),
    "id_number_wrong": _("The check character of the identity number does not fit: one of the 18 characters is wrong."),
    "registered_meanwhile": _("Somebody else registered this person a moment ago. Send it once more."),
    "number_borne": _(
        "Record %(person)s of this county bears that identity number. If the two are one person, merge them."
    ),
    "merge_not_confirmed": _("Type the number of the record that will disappear (%(number)s) to merge."),
    "purpose_missing": _("Say what you need the identity for. It is recorded with your name."),
    "words_too_short": _("Type at least two characters."),
}

SEX_NAMES = {"male": _("male"), "female": _("female"), "other": _("other"), "unknown": _("sex unknown")}

# Why two records look alike, or not.
LIKENESS_NAMES = {
    "same_id_number": _("same identity number"),
    "other_id_number": _("different identity numbers"),
    "same_name": _("same name"),
    "other_name": _("different names"),
    "same_sex": _("same sex"),
    "other_sex": _("different sex"),
    "same_birthday": _("same day of birth"),
    "other_birthday": _("different day of birth"),
    "same_age": _("same age"),
    "near_age": _("about the same age"),
    "other_age": _("different age"),
    "same_county": _("same county"),
    "same_township": _("same township"),
    "other_county": _("different counties"),
    "same_phone": _("same phone"),
    "other_phone": _("different phones"),
}

EVENT_NAMES = {
    "people.people_registered": _("Registered"),
    "people.person_moved": _("Another place is responsible now"),
    "people.person_amended": _("Better described"),
    "people.people_merged": _("Merged with another record"),
    "people.merge_undone": _("Merge taken back"),
    "people.match_refuted": _("Found to be somebody else than a namesake"),
    "people.identity_read": _("Identity read"),
    "people.person_opened": _("Person looked at"),
}

# What follows a person in a merge.
TABLE_NAMES = {
    "cases_case": _("cases"),
    "tracing_contact": _("contacts"),
}

# What a better description changes.
FIELD_NAMES = {
    "name": _("name"),
    "sex": _("sex"),
    "born_on": _("day of birth"),
    "age_months": _("age"),
    "home": _("home"),
    "id_number": _("identity number"),
    "phone": _("phone"),
    "residence": _("residence"),
}
