"""What laboratories do on events of sampling."""

from __future__ import annotations

from dayclear.foundation.actors import system
from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.lab.commands.placing import place_tubes


@reacts_to("sampling.tubes_uploaded")
def place_what_came_first(event: Event) -> None:
    """A tube may reach the laboratory before its phone reaches a network: now its place is known."""
    device = int(event.subject.partition(":")[2])
    place_tubes(device, int(event.payload["counter"]), by=system("reaction"), now=event.at)
