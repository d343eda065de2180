"""The wizard from upload to result, through the browser's door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dayclear.foundation.actors import Actor, system
from dayclear.foundation.models import Event
from dayclear.foundation.scope import acting
from dayclear.interop.commands import draft, run_import
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


def test_a_double_click_on_upload_makes_one_draft(county_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(county_officer)
    first, second = send(client), send(client)
    assert first["Location"] == second["Location"]
    assert len(drafts()) == 1


def test_the_same_file_and_the_same_headers_are_recognised(
    county_officer: Actor, client_of: ClientOf, now: datetime
) -> None:
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    settle(client, pk, numbering="甲中心")
    start(client, pk)
    run_import(pk, now=now)
    send(client, key="k2")
    again = drafts()[-1].pk
    columns = page_of(client, "columns", again)
    assert "This very file was uploaded" in columns
    assert "A file with these headers was imported here" in columns
    assert 'value="甲中心"' in columns


def test_a_start_with_settings_nobody_looked_at_is_refused_and_a_second_click_starts_nothing_twice(
    county_officer: Actor, client_of: ClientOf
) -> None:
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    settle(client, pk)
    stale = client.post(reverse("interop:start", args=[pk]), {"seen": "00"})
    assert stale.status_code == 409
    assert "was not checked the way it is set now" in stale.content.decode()
    assert start(client, pk).status_code == start(client, pk).status_code == 302
    with acting(system("tests")):
        assert Event.objects.filter(kind="interop.import_queued").count() == 1


def test_a_file_that_cannot_be_read_says_what_it_is_and_offers_the_next_step(
    county_officer: Actor, client_of: ClientOf
) -> None:
    client = client_of(county_officer)
    send(client, b"%PDF-1.7 ...", "list.pdf")
    columns = page_of(client, "columns", only().pk)
    assert "The file is a PDF" in columns
    assert "Choose another file" in columns


def test_two_columns_for_one_field_are_named_and_nothing_is_lost(county_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    # The fifth and seventh column, both as notes of one's own choice of a field that takes one column.
    response = settle(client, pk, **{"field:4": "phone", "field:6": "phone"})
    assert response.status_code == 422
    assert "结局, 杂 are all read as" in response.content.decode()


def test_a_large_file_is_checked_in_the_background_with_its_progress_shown(
    county_officer: Actor, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "CHECKED_AT_ONCE_BYTES", 1)
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    settle(client, pk)
    assert "The file is being read" in page_of(client, "preview", pk)
    with acting(system("tests")):
        digest = bytes(ImportCheck.objects.get(pk=pk).plan_digest)
    draft.run_check(pk, b"0" * 16)
    assert "The file is being read" in page_of(client, "preview", pk)
    draft.run_check(pk, digest)
    assert "3 rows tell of <b>2</b> cases" in page_of(client, "preview", pk)


def test_a_village_worker_may_not_import_and_another_county_sees_no_import(
    county_officer: Actor, village_worker: Actor, make_actor: Callable[..., Actor], client_of: ClientOf
) -> None:
    send(client_of(county_officer))
    pk = only().pk
    assert client_of(village_worker).get(reverse("interop:imports")).status_code == 403
    other = client_of(make_actor("other-county", county_officer.role, 610103 * 10**12))
    assert "名单.csv" not in other.get(reverse("interop:imports")).content.decode()
    for name in ("import", "columns", "values", "preview", "progress", "errors"):
        assert other.get(reverse(f"interop:{name}", args=[pk])).status_code == 404
    for name in ("start", "drop", "cancel"):
        assert other.post(reverse(f"interop:{name}", args=[pk])).status_code == 404


def test_a_draft_is_thrown_away_with_its_file(county_officer: Actor, client_of: ClientOf) -> None:
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    assert client.post(reverse("interop:drop", args=[pk])).status_code == 302
    assert drafts() == []


@pytest.mark.parametrize("name", ["import", "columns", "values", "preview"])
def test_no_page_of_the_wizard_asks_more_than_eight_questions_of_its_own(
    name: str, county_officer: Actor, client_of: ClientOf, django_assert_max_num_queries: Any, now: datetime
) -> None:
    client = client_of(county_officer)
    send(client)
    pk = only().pk
    settle(client, pk)
    if name == "import":
        start(client, pk)
        run_import(pk, now=now)
    client.get(reverse("interop:imports"))
    # Beside its own: the session, the user, the grants, and the statements that open and close the actor's scope.
    with django_assert_max_num_queries(24):
        page_of(client, name, pk)
