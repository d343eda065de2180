"""What devices send. Decoded strictly in form, tolerantly in content: what is wrong with a tube disputes it alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.encryption import decrypt, encrypt

MOST_TUBES = 1_000
# No clock that anybody set is further off; beyond, shifting an instant leaves the calendar.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
# What a tube that is kept for an officer is encrypted for.
_DISPUTED = "sampling.disputed"
_Aware = Annotated[datetime, msgspec.Meta(tz=True)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**62)]


# Thousands come at once, none of them in a ring: nothing for the garbage collector to look through.


class Identity(msgspec.Struct, frozen=True, gc=False):
    """An identity number as typed, and the name on the paper where one was given."""

    kind: Annotated[str, msgspec.Meta(max_length=16)]
    number: Annotated[str, msgspec.Meta(max_length=40)]
    name: Annotated[str, msgspec.Meta(max_length=120)] = ""


class SwabSent(msgspec.Struct, frozen=True, gc=False):
    """One person's swab: a resident code's token, an identity number, or the number of a paper slip."""

    token: Annotated[str, msgspec.Meta(max_length=32)] = ""
    identity: Identity | None = None
    slip: Annotated[str, msgspec.Meta(max_length=24)] = ""


class ItemSent(msgspec.Struct, frozen=True, gc=False):
    """A swab of goods or of an environment."""

    what: Annotated[str, msgspec.Meta(max_length=120)]
    where: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TubeSent(msgspec.Struct, frozen=True, gc=False):
    number: Annotated[str, msgspec.Meta(max_length=40)]
    round: _Number
    point: _Number
    opened_at: _Aware
    closed_at: _Aware
    kind: Annotated[str, msgspec.Meta(max_length=16)] = "persons"
    swabs: Annotated[list[SwabSent], msgspec.Meta(max_length=100)] = []
    items: Annotated[list[ItemSent], msgspec.Meta(max_length=100)] = []


class BoxSent(msgspec.Struct, frozen=True):
    id: UUID
    tubes: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=2_000)]
    counted: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    closed_at: _Aware


class UploadSent(msgspec.Struct, frozen=True):
    """A batch as it was frozen: its bytes are what the device signed. `counter` counts a device's batches from 1."""

    device: _Number
    counter: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    sent_at: _Aware
    tubes: Annotated[list[TubeSent], msgspec.Meta(max_length=MOST_TUBES)] = []
    boxes: Annotated[list[BoxSent], msgspec.Meta(max_length=100)] = []


_upload = msgspec.json.Decoder(UploadSent)


def decode_upload(body: bytes) -> UploadSent:
    """Raises: Refused (`upload_unreadable`)."""
    try:
        sent = _upload.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(refuse("upload_unreadable", what=str(error)[:200])) from None
    instants = [sent.sent_at, *(at for tube in sent.tubes for at in (tube.opened_at, tube.closed_at))]
    if not all(_EARLIEST <= at < _LATEST for at in (*instants, *(box.closed_at for box in sent.boxes))):
        raise Refused(refuse("upload_unreadable", what="instant"))
    if b"\\u0000" in body:
        raise Refused(refuse("upload_unreadable", what="NUL"))
    return sent


def seal_tube(sent: TubeSent) -> bytes:
    """A tube as it was sent, to be kept: encrypted, for it may hold identity numbers."""
    return encrypt(msgspec.json.encode(sent), purpose=_DISPUTED)


def open_tube(sealed: bytes | memoryview) -> TubeSent:
    """A tube that was kept."""
    return msgspec.json.decode(decrypt(sealed, purpose=_DISPUTED), type=TubeSent)
