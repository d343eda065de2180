from dayclear.tracing.commands.chains import rebuild_chains
from dayclear.tracing.commands.exposures import Source, link_sources, resolve_references
from dayclear.tracing.commands.visits import Stay, record_visits

__all__ = ["Source", "Stay", "link_sources", "rebuild_chains", "record_visits", "resolve_references"]
