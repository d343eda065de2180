"""What happens to boxes and plates happens to their tubes: reconciliation follows."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from dayclear.foundation.events import reacts_to, reacts_together_to
from dayclear.foundation.models import Event
from dayclear.lab.commands.locating import locate_boxes, locate_plates, locate_received


@reacts_together_to("sampling.box_closed")
@reacts_together_to("sampling.box_sent")
@reacts_together_to("sampling.box_received")
@reacts_together_to("sampling.box_cancelled")
def locate_what_was_boxed(events: Sequence[Event]) -> None:
    locate_boxes([UUID(_key(event)) for event in events])


@reacts_to("lab.tubes_received")
def locate_a_reception(event: Event) -> None:
    """What a laboratory took in, by the box or singly, is there."""
    if event.payload["box"]:
        locate_boxes([UUID(event.payload["box"])])
    else:
        locate_received(int(_key(event)), event.at)


@reacts_together_to("lab.plate_made_up")
@reacts_together_to("lab.plate_entered")
@reacts_together_to("lab.plate_released")
@reacts_together_to("lab.plate_rejected")
@reacts_together_to("lab.result_corrected")
@reacts_together_to("lab.tube_queued_again")
def locate_what_was_plated(events: Sequence[Event]) -> None:
    locate_plates([int(_key(event)) for event in events])


def _key(event: Event) -> str:
    return event.subject.partition(":")[2]
