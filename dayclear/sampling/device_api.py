"""What devices ask of the server. They prove who they are by their signature: there is no session and no token here.

Plain views, not operations of the API for programs: the signature covers the exact bytes, and one in three requests of
a shift's end is an upload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from dayclear.foundation import clock
from dayclear.foundation.actors import system
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.requests import open_to_all
from dayclear.foundation.scope import acting
from dayclear.sampling.commands.devices import enrol_device
from dayclear.sampling.commands.uploads import key_of_device, receive_upload
from dayclear.sampling.models import Device
from dayclear.sampling.queries.bundle import bundle_of
from dayclear.sampling.reasons import REASONS
from dayclear.sampling.signatures import require_signature

# How far the clock of a request without a body may be off. Further off, the server says what time it is.
CLOCK_MAY_DIFFER = timedelta(minutes=10)


@csrf_exempt
@open_to_all
@require_POST
def enrol(request: HttpRequest) -> JsonResponse:
    """Enrol a device by a code: `{"code", "public_key" (JWK), "name"}`."""
    said = _object(request.body)
    key = said.get("public_key")
    by, now = system("enrolment"), clock.now()
    with acting(by):
        device = enrol_device(
            str(said.get("code", "")),
            key if isinstance(key, dict) else {},
            str(said.get("name", "")).replace("\x00", ""),
            by=by,
            now=now,
        )
        answer = {"device": device.pk, "area": f"{device.area:018d}", "bundle": bundle_of(device, now=now)}
    return JsonResponse(answer, status=201)


@csrf_exempt
@open_to_all
@require_GET
def bundle(request: HttpRequest, device_id: int) -> JsonResponse:
    """What the device takes along. Signed: `GET path date`, with the headers Dayclear-Date and Dayclear-Signature."""
    now, date = clock.now(), request.headers.get("Dayclear-Date", "")
    with acting(system(f"device {device_id}")):
        line = f"GET {request.get_full_path()} {date}"
        require_signature(key_of_device(device_id), request.headers.get("Dayclear-Signature", ""), line.encode())
        said = _instant(date)
        if said is None or abs(now - said) > CLOCK_MAY_DIFFER:
            return JsonResponse({"code": "clock_off", "server_time": now.isoformat()}, status=409)
        device = Device.objects.get(pk=device_id)
        if device.state != "active":
            raise Refused(refuse("device_revoked"))
        return JsonResponse(bundle_of(device, now=now))


@csrf_exempt
@open_to_all
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """Take in a batch. `Dayclear-Signature` is over the exact body; `Dayclear-Date` is the device's clock now."""
    now = clock.now()
    answer = receive_upload(
        request.body,
        request.headers.get("Dayclear-Signature", ""),
        now=now,
        device_says=_instant(request.headers.get("Dayclear-Date", "")),
    )
    said = dict(answer.said)
    said["refused"] = [_with_message(each) for each in said["refused"]]
    return JsonResponse({**said, "already": answer.already, "server_time": now.isoformat()})


def _with_message(refused: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: value for name, value in refused.items() if name != "params"}
    return {**named, "message": str(REASONS[refused["code"]]) % refused["params"]}


def _object(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        said = None
    if not isinstance(said, dict):
        raise Refused(refuse("upload_unreadable", what="JSON"))
    return said


def _instant(text: str) -> datetime | None:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said if said.tzinfo is not None and 2000 <= said.year < 2100 else None


urlpatterns = [
    path("devices", enrol, name="enrol"),
    path("devices/<int:device_id>/bundle", bundle, name="bundle"),
    path("uploads", upload, name="upload"),
]
