"""What each field is called on pages and in sentences."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELD_LABELS: Final[dict[str, Promise]] = {
    "case_number": _("Case number"),
    "person_name": _("Name"),
    "sex": _("Sex"),
    "age": _("Age"),
    "born_on": _("Date of birth"),
    "id_number": _("Identity number"),
    "phone": _("Telephone"),
    "occupation": _("Occupation"),
    "residence": _("Residence"),
    "province": _("Province"),
    "prefecture": _("Prefecture"),
    "county": _("County"),
    "township": _("Township"),
    "community": _("Community"),
    "address": _("Address"),
    "place_code": _("Place code"),
    "disease": _("Disease"),
    "classification": _("Classification"),
    "severity": _("Severity"),
    "symptoms": _("Symptoms"),
    "onset_on": _("Date of onset"),
    "onset_place": _("Place of onset"),
    "rash_on": _("Date of rash"),
    "sampled_on": _("Date of sampling"),
    "positive_on": _("Date of positive test"),
    "confirmed_on": _("Date of confirmation"),
    "reported_on": _("Date of report"),
    "hospital": _("Hospital"),
    "admitted_on": _("Date of admission"),
    "isolated_on": _("Date of isolation"),
    "quarantine_type": _("Kind of quarantine"),
    "how_found": _("How found"),
    "found_by_screening": _("Found by screening"),
    "under_order_when_found": _("Under an order when found"),
    "outcome": _("Outcome"),
    "died_on": _("Date of death"),
    "discharged_on": _("Date of discharge"),
    "contact_of": _("Contact of (source cases)"),
    "relation": _("Relation to the source case"),
    "household": _("Household"),
    "exposed_from_on": _("Exposed from"),
    "exposed_to_on": _("Exposed until"),
    "exposure": _("Exposure history"),
    "left_area_on": _("Left the affected area on"),
    "left_area": _("Affected area left"),
    "contacts_count": _("Number of contacts"),
    "review_state": _("State of review"),
    "text": _("Text of the notice"),
    "notes": _("Notes"),
    "source_urls": _("Sources"),
    "visit_on": _("Day of the visit"),
    "visit_started": _("Visit from"),
    "visit_ended": _("Visit until"),
    "visit_place": _("Place visited"),
    "visit_from": _("Departure"),
    "visit_to": _("Destination"),
    "visit_transport": _("Means of transport"),
    "visit_vehicle": _("Vehicle, seat"),
    "visit_event": _("What happened there"),
}


def field_list(names: str) -> str:
    """Shape: "age,onset_on" → the labels in the active language, separated by commas."""
    return ", ".join(str(FIELD_LABELS[name]) if name in FIELD_LABELS else name for name in names.split(","))
