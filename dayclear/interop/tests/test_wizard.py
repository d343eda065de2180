"""The wizard from upload to result, through the browser's door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.scope import acting
from dayclear.interop.commands import run_import
from dayclear.interop.models import Import, ImportCheck
from dayclear.interop.tests.files import csv_bytes

ClientOf = Callable[[Actor], Client]

ROWS = csv_bytes(
    [
        {
            "编号": "1",
            "性别": "男",
            "年龄": "30",
            "报告日期": "2021-12-20",
            "结局": "好转",
            "感染来源": "",
            "杂": "x",
        },
        {"编号": "2", "性别": "女", "年龄": "不详", "报告日期": "2021-12-21", "结局": "", "感染来源": "1", "杂": "y"},
        {"编号": "3", "性别": "女", "年龄": "50", "报告日期": "2031-12-21", "结局": "", "感染来源": "9", "杂": ""},
    ]
)


def send(client: Client, content: bytes = ROWS, name: str = "名单.csv", key: str = "k1") -> HttpResponse:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(reverse("interop:new"), {"file": file, "key": key})  # type: ignore[return-value]


def drafts() -> list[Import]:
    with acting(system("tests")):
        return list(Import.objects.order_by("pk"))


def only() -> Import:
    (upload,) = drafts()
    return upload


def page_of(client: Client, name: str, upload_id: int, query: str = "") -> str:
    response = client.get(reverse(f"interop:{name}", args=[upload_id]) + query)
    assert response.status_code == 200, response.content.decode()[:2000]
    return response.content.decode()


def settle(client: Client, upload_id: int, **changed: str) -> HttpResponse:
    sent = {"disease": "covid-19", "classification": "confirmed", "zero_age": "auto", **changed}
    return client.post(reverse("interop:columns", args=[upload_id]), sent)  # type: ignore[return-value]


def start(client: Client, upload_id: int) -> HttpResponse:
    with acting(system("tests")):
        check = ImportCheck.objects.get(pk=upload_id)
    seen = bytes(check.plan_digest).hex()
    return client.post(reverse("interop:start", args=[upload_id]), {"seen": seen})  # type: ignore[return-value]


def test_a_file_goes_from_upload_through_every_step_to_its_result(
    county_officer: Actor, client_of: ClientOf, now: datetime
) -> None:
    client = client_of(county_officer)
    assert client.get(reverse("interop:new")).status_code == 200
    assert send(client).status_code == 302
    pk = only().pk
    columns = page_of(client, "columns", pk)
    assert "6 of 7 columns are recognised" in columns
    assert "2021-12-20 · 2021-12-21" in columns
    assert settle(client, pk)["Location"] == reverse("interop:values", args=[pk])
    values = page_of(client, "values", pk)
    assert "好转" in values
    assert "不详" in values
    mapped = {"word_field": "outcome", "word": "好转", "code": "recovered", "zero_age": "auto"}
    response = client.post(reverse("interop:values", args=[pk]), mapped)
    assert response["Location"] == reverse("interop:preview", args=[pk])
    preview = page_of(client, "preview", pk)
    assert "3 rows tell of <b>2</b> cases" in preview
    assert "is after today" in preview
    assert "好转" not in preview
    assert start(client, pk)["Location"] == reverse("interop:import", args=[pk])
    assert "Waiting for the worker" in page_of(client, "import", pk)
    run_import(pk, now=now)
    result = page_of(client, "import", pk)
    assert "3 rows of COVID-19 read: <b>2</b> new, 0 updated." in result
    assert "3 rows = 2 new + 0 updated + 0 unchanged + 0 continued + 1 not imported" in result
    errors = b"".join(client.get(reverse("interop:errors", args=[pk])).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert errors.splitlines()[0].startswith("编号,性别,年龄,报告日期,结局,感染来源,杂,dayclear")
    assert errors.splitlines()[1].startswith("3,女,50,2031-12-21,,9,,")
    listed = client.get(reverse("interop:imports")).content.decode()
    assert "名单.csv" in listed
