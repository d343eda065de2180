from dayclear.tracing.commands.chains import rebuild_chains
from dayclear.tracing.commands.contacts import Exposed, name_source, note_fallen_ill, record_contact, settle_contact
from dayclear.tracing.commands.disposal import dispose_contacts, dispose_visits
from dayclear.tracing.commands.exposures import Source, link_sources, resolve_references
from dayclear.tracing.commands.visits import Stay, record_visits

__all__ = [
    "Exposed",
    "Source",
    "Stay",
    "dispose_contacts",
    "dispose_visits",
    "link_sources",
    "name_source",
    "note_fallen_ill",
    "rebuild_chains",
    "record_contact",
    "record_visits",
    "resolve_references",
    "settle_contact",
]
