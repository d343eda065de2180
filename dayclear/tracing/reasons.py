"""The words for the codes of `tracing`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Any] = {
    "unknown_relation": _("%(value)s is not a relation between a case and its contact. Choose one of the list."),
    "unknown_certainty": _("%(value)s does not say how sure a link is. Choose one of the list."),
    "contact_of_itself": _("This is the case's own person. Nobody is a contact of themselves."),
    "contact_known": _("This person is already a contact of this case."),
    "source_missing": _("Give the number of the case that is thought to be the source."),
    "source_is_itself": _("A case is not its own source. Give the number of another case."),
    "unknown_category": _("The pack in force knows no category %(value)s."),
    "contact_settled": _("Category and day of this contact are settled. Correct them where they led to: on the order."),
    "category_missing": _("Choose the category of the contact."),
    "last_exposed_missing": _("Give the last day of exposure."),
    "name_missing": _("Give the name of the contact."),
    "source_known": _("The case already names %(number)s as its source."),
}

RELATION_NAMES = {
    "household": _("household"),
    "work": _("work"),
    "school": _("school"),
    "meal": _("meal"),
    "transport": _("transport"),
    "care": _("care"),
    "venue": _("venue"),
    "other": _("another way"),
    "unknown": _("not known"),
}
CERTAINTY_NAMES = {"confirmed": _("confirmed"), "probable": _("probable"), "possible": _("possible")}
EVENT_NAMES = {
    "tracing.source_linked": _("Source linked"),
    "tracing.source_named": _("Source named"),
    "tracing.contact_recorded": _("Contact recorded"),
    "tracing.contact_settled": _("Category and day of a contact settled"),
    "tracing.contact_fell_ill": _("A contact fell ill"),
    "tracing.contacts_disposed": _("Contacts whose time is over destroyed"),
    "tracing.visits_disposed": _("Places visited whose time is over destroyed"),
}

FLAW_NAMES = {
    "before_source": _("ill before its source could infect"),
    "too_long_after": _("ill longer after its source than the disease allows"),
    "cycle": _("infects itself through others"),
}
