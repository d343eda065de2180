"""Reading a chain in a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template

from dayclear.tracing.queries import NamedSource

register = template.Library()


@register.filter
def sources_in(case: int, named: Mapping[int, Sequence[NamedSource]]) -> Sequence[NamedSource]:
    """The sources that a case names, out of `named_sources`."""
    return named.get(case, ())
