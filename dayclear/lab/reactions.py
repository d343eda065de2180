"""What laboratories do on events of sampling."""

from __future__ import annotations

from uuid import UUID

from dayclear.foundation.events import reacts_to
from dayclear.foundation.models import Event
from dayclear.lab.commands.locating import locate_box, locate_plate, locate_received


@reacts_to("sampling.box_closed")
@reacts_to("sampling.box_sent")
@reacts_to("sampling.box_received")
@reacts_to("sampling.box_cancelled")
def locate_a_box(event: Event) -> None:
    """What happened to a box happened to its tubes."""
    locate_box(UUID(event.subject.partition(":")[2]))


@reacts_to("lab.tubes_received")
def locate_a_reception(event: Event) -> None:
    """What a laboratory took in, by the box or singly, is there."""
    if event.payload["box"]:
        locate_box(UUID(event.payload["box"]))
    else:
        locate_received(int(event.subject.partition(":")[2]), event.at)


@reacts_to("lab.plate_made_up")
@reacts_to("lab.plate_entered")
@reacts_to("lab.plate_released")
@reacts_to("lab.plate_rejected")
@reacts_to("lab.result_corrected")
@reacts_to("lab.tube_queued_again")
def locate_a_plate(event: Event) -> None:
    """What happened to a plate happened to its tubes."""
    locate_plate(int(event.subject.partition(":")[2]))
