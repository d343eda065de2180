"""Imports to their end: bad rows, repeated files, references, stops, crashes, two at once, other people's cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.utils import translation

from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.models import Case
from dayclear.cases.queries import cases_of
from dayclear.cases.rules import CaseDays
from dayclear.foundation import clock
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.commands import accounts
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.models import Event, Grant
from dayclear.foundation.scope import acting
from dayclear.interop.commands import cancel_import, dispose_uploads, give_up, run_import
from dayclear.interop.commands import run as running
from dayclear.interop.commands.chunk import ChunkWriter, Tally
from dayclear.interop.error_file import error_lines
from dayclear.interop.linelist.facts import CaseRow
from dayclear.interop.models import Import, ImportFrame, ImportProblem
from dayclear.interop.tests.files import counts, csv_bytes, problems, queued, run_file, upload
from dayclear.interop.texts import failure_sentence, problem_sentence
from dayclear.people.commands import PersonRecord
from dayclear.people.models import Person
from dayclear.tracing.models import Exposure
from dayclear.tracing.reactions import settle_links

pytestmark = pytest.mark.django_db
SYSTEM = system("tests")


def row(number: str, **said: str) -> dict[str, str]:
    """One row of a plain list."""
    blank = {"姓名": "", "性别": "男", "年龄": "30", "身份证号": "", "发病日期": "", "报告日期": "2021-12-20"}
    more = {"死亡日期": "", "现住址": "", "感染来源": ""}
    return {"病例编号": number, **blank, **more, **said}


def case(number: str) -> Case:
    return Case.objects.get(number=number)


BAD_ROWS = [
    pytest.param({"报告日期": "2022-01-05"}, "date_in_future", True, id="a future date"),
    pytest.param(
        {"发病日期": "2021-12-19", "死亡日期": "2021-12-18"}, "onset_after_death", True, id="death, then onset"
    ),
    pytest.param({"报告日期": "2021-02-30"}, "date_impossible", True, id="no such day"),
    pytest.param({"病例编号": "有"}, "case_number_without_digit", True, id="有 in the number column"),
    pytest.param({"病例编号": "1", "性别": "男"}, "case_number_repeated_differently", True, id="a number given twice"),
    pytest.param({"病例编号": "1"}, "two_sexes", True, id="a person with two sexes"),
    pytest.param({"性别": "外星"}, "sex_unreadable", False, id="no sex known here"),
    pytest.param({"感染来源": "2"}, "contact_of_itself", False, id="its own source"),
]


@pytest.mark.parametrize(("said", "code", "rejected"), BAD_ROWS)
def test_one_bad_row_is_explained_and_does_not_stop_the_others(
    said: dict[str, str], code: str, rejected: bool, now: datetime
) -> None:
    bad = row("2", 性别="女", 年龄="61") | said
    done = run_file(csv_bytes([row("1"), bad, row("3")]), now=now)
    assert (done.state, done.rows_done, done.rejected) == ("done", 3, int(rejected))
    assert (3, code, rejected) in problems(done)
    with acting(SYSTEM):
        assert {"1", "3"} <= set(Case.objects.values_list("number", flat=True))
        found = ImportProblem.objects.get(upload=done.pk, code=code)
        assert "…" not in problem_sentence(found)


BAD_FILES = [
    pytest.param(b"%PDF-1.7 something", "is_pdf", id="a PDF"),
    pytest.param(b"PK\x05\x06" + bytes(18), "is_archive", id="an empty zip"),
    pytest.param(b"a\nb\nc\n", "one_column", id="a single column"),
    pytest.param("甲,乙\n1,2\n".encode(), "no_column_known", id="no column that is known"),
]


@pytest.mark.parametrize(("content", "code"), BAD_FILES)
def test_a_file_that_is_no_line_list_fails_with_its_reason_and_writes_nothing(
    content: bytes, code: str, now: datetime
) -> None:
    done = run_file(content, now=now)
    assert (done.state, done.failure, done.rows_done) == ("failed", code, 0)
    assert len(failure_sentence(done)) > 10


def test_a_death_before_the_onset_that_is_known_already_is_rejected_and_the_others_come_in(now: datetime) -> None:
    run_file(csv_bytes([row("1", 发病日期="2021-12-19")]), now=now)
    done = run_file(csv_bytes([row("1", 死亡日期="2021-12-10"), row("2")]), now=now)
    assert (done.created, done.rejected) == (1, 1)
    assert problems(done) == [(2, "death_before_known_onset", True)]


def test_a_number_that_names_another_person_now_is_rejected(now: datetime) -> None:
    run_file(csv_bytes([row("1", 性别="男")]), now=now)
    done = run_file(csv_bytes([row("1", 性别="女")]), now=now)
    assert (done.updated, done.rejected) == (0, 1)
    assert problems(done) == [(2, "number_of_somebody_else", True)]


def test_a_newer_list_updates_what_it_says_and_keeps_what_it_does_not_say(now: datetime) -> None:
    run_file(csv_bytes([row("1", 发病日期="2021-12-18")]), now=now)
    done = run_file(csv_bytes([row("1", 死亡日期="2021-12-28")]), now=now)
    assert (done.created, done.updated) == (0, 1)
    with acting(SYSTEM):
        kept = case("1")
        assert (str(kept.onset_on), str(kept.outcome_on), kept.outcome) == ("2021-12-18", "2021-12-28", "died")


def test_a_reference_to_an_unknown_case_becomes_a_link_when_a_later_file_brings_that_case(now: datetime) -> None:
    first = run_file(csv_bytes([row("1", 感染来源="9")]), now=now)
    assert (first.links, first.unresolved_links) == (0, 1)
    later = run_file(csv_bytes([row("9")]), now=now)
    assert (later.links, later.unresolved_links) == (1, 0)
    with acting(SYSTEM):
        assert case("1").source_known


def test_a_reference_becomes_a_link_when_the_case_is_registered_by_hand(now: datetime) -> None:
    run_file(csv_bytes([row("1", 感染来源="9")]), now=now)
    with acting(SYSTEM):
        record = CaseRecord(area=0, person_id=0, disease="covid-19", number="9", number_key="9").classified("confirmed")
        days = CaseDays(reported_on=now.date())
        pk = register_case(PersonRecord(area=0, sex="male"), _with_days(record, days), by=SYSTEM, now=now)
        event = Event.objects.get(subject=f"cases.case:{pk}", kind="cases.case_registered")
        settle_links(event)
        assert Exposure.objects.get().source_id == pk


def _with_days(record: CaseRecord, days: CaseDays) -> CaseRecord:
    from dataclasses import replace

    return replace(record, days=days)


def test_a_cancelled_import_keeps_what_is_in_and_the_same_file_goes_on_from_there(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 2)
    content = csv_bytes([row(str(number)) for number in range(1, 8)])
    waiting = queued(content, by=SYSTEM, now=now)

    def stop(progress: running.Progress) -> None:
        if progress.rows_done == 4:
            with acting(SYSTEM):
                cancel_import(waiting.pk, by=SYSTEM, now=now)

    done = run_import(waiting.pk, now=now, report=stop)
    assert (done.state, done.rows_done, done.created) == ("cancelled", 4, 4)
    again = run_file(content, now=now)
    assert (again.created, again.unchanged) == (3, 4)


def test_an_import_that_was_killed_between_chunks_goes_on_where_it_stood_and_doubles_nothing(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 2)
    content = csv_bytes([row(str(number), 感染来源=str(number - 1)) for number in range(1, 8)])
    waiting = queued(content, by=SYSTEM, now=now)

    class Killed(Exception):
        pass

    def die(progress: running.Progress) -> None:
        if progress.rows_done == 4:
            raise Killed

    with pytest.raises(Killed):
        run_import(waiting.pk, now=now, report=die)
    with acting(SYSTEM):
        assert Import.objects.get(pk=waiting.pk).rows_done == 4
    done = run_import(waiting.pk, now=now)
    assert (done.state, done.rows_done, done.created, done.links) == ("done", 7, 7, 6)
    assert run_import(waiting.pk, now=now).rows_done == 7


@pytest.mark.parametrize("ended", ["grant", "account"])
def test_what_was_queued_under_a_grant_ends_with_it(
    province_commander: Actor, administrator: Actor, now: datetime, ended: str
) -> None:
    waiting = queued(csv_bytes([row("1")]), by=province_commander, now=now)
    with acting(administrator):
        if ended == "grant":
            grant = Grant.objects.get(user=province_commander.user_id)
            accounts.revoke_grant(grant.pk, by=administrator, now=clock.now())
        else:
            accounts.set_account_open(province_commander.user_id or 0, False, by=administrator, now=clock.now())
    done = run_import(waiting.pk, now=clock.now())
    assert (done.state, done.failure, done.rows_done) == ("failed", "standing_ended", 0)
    with translation.override("en"):
        assert "no longer holds the grant" in failure_sentence(done)


def test_an_import_that_fails_at_every_try_is_shown_as_failed(now: datetime) -> None:
    waiting = queued(csv_bytes([row("1")]), by=SYSTEM, now=now)
    give_up(waiting.pk, now=now)
    with acting(SYSTEM):
        ended = Import.objects.get(pk=waiting.pk)
    assert (ended.state, ended.failure) == ("failed", "unexpected")
    with translation.override("en"):
        assert "several tries" in failure_sentence(ended)


def test_a_county_imports_cases_that_live_elsewhere_under_its_own_place_and_keeps_their_home(
    county_officer: Actor, now: datetime
) -> None:
    content = csv_bytes([row("1", 现住址="海南省海口市秀英区"), row("2", 现住址="陕西省西安市雁塔区小寨路街道甲村")])
    done = run_file(content, by=county_officer, now=now)
    assert (done.created, done.rejected) == (2, 0)
    with acting(county_officer):
        assert case("1").area == county_officer.area.lo
        assert Person.objects.get(pk=case("1").person_id).home == 460105 * 10**12
        assert case("2").area == 610113001001 * 10**6


def test_a_number_that_another_county_uses_is_rejected_and_nothing_of_that_case_is_told(
    county_officer: Actor, make_actor: Callable[..., Actor], now: datetime
) -> None:
    other = make_actor("other-county", county_officer.role, 610103 * 10**12)
    run_file(csv_bytes([row("1", 姓名="张三", 年龄="77")]), by=other, now=now)
    done = run_file(csv_bytes([row("1", 姓名="李四"), row("2")]), by=county_officer, now=now)
    assert (done.created, done.rejected) == (1, 1)
    assert problems(done) == [(2, "number_taken_elsewhere", True)]
    with acting(county_officer):
        told = ImportProblem.objects.get(upload=done.pk)
        assert "张三" not in problem_sentence(told) + told.value + str(told.params)
        assert list(cases_of(county_officer).values_list("number", flat=True)) == ["2"]
        # Nobody is left behind by the row that was rejected.
        assert Person.objects.count() == 1


def test_a_mended_error_file_brings_only_the_rows_that_were_kept_out(now: datetime) -> None:
    first = run_file(csv_bytes([row("1"), row("2", 报告日期="2031-12-21"), row("3")]), now=now)
    text = "".join(error_lines(first, by=SYSTEM))
    assert text.count("\n") == 2
    mended = run_file(text.replace("2031-12-21", "2021-12-21").encode("utf-8-sig"), now=now)
    assert counts(mended) | {"rows_done": 1, "created": 1, "rejected": 0} == counts(mended)


def test_the_error_file_holds_rows_that_only_the_system_refused_as_they_were_written(now: datetime) -> None:
    run_file(csv_bytes([row("1", 性别="男")]), now=now)
    done = run_file(csv_bytes([row("1", 性别="女", 现住址="甲地, 乙号"), row("2")]), now=now)
    lines = "".join(error_lines(done, by=SYSTEM)).splitlines()
    assert len(lines) == 2
    assert lines[1].startswith('1,,女,30,,,2021-12-20,,"甲地, 乙号",,')
    assert "another person" in lines[1]


def test_uploaded_files_are_destroyed_when_their_time_is_over_and_the_numbers_stay(now: datetime) -> None:
    done = run_file(csv_bytes([row("1"), row("2", 报告日期="2031-12-21")]), now=now)
    kept = upload(csv_bytes([row("3")]), by=SYSTEM, now=now + timedelta(days=30))
    draft = upload(csv_bytes([row("4")]), by=SYSTEM, now=now)
    later = now + timedelta(days=31)
    with acting(SYSTEM):
        assert dispose_uploads(by=SYSTEM, now=later) == 2
        assert dispose_uploads(by=SYSTEM, now=later) == 0
        assert set(ImportFrame.objects.values_list("upload", flat=True)) == {kept.pk}
        assert not Import.objects.filter(pk=draft.pk).exists()
        assert Import.objects.get(pk=done.pk).created == 1
        assert ImportProblem.objects.get(upload=done.pk).value == ""
        assert Event.objects.filter(kind="interop.upload_disposed").count() == 2


def test_numbers_of_different_owners_may_coincide(now: datetime) -> None:
    first = run_file(csv_bytes([row("1")]), now=now, numbering="甲中心")
    second = run_file(csv_bytes([row("1", 性别="女")]), now=now, numbering="乙中心")
    assert (first.created, second.created, second.rejected) == (1, 1, 0)


NUMBER, OTHER_NUMBER = "610113198001010014", "610113198001010022"


def plain(number: str, **said: str) -> dict[str, str]:
    """A row of somebody of whom nothing is said that a number could contradict."""
    return row(number, 性别="", 年龄="", **said)


def test_a_newer_list_brings_the_identity_number_of_a_known_case(now: datetime) -> None:
    run_file(csv_bytes([plain("1", 姓名="张三")]), now=now)
    done = run_file(csv_bytes([plain("1", 姓名="张三", 身份证号=NUMBER)]), now=now)
    assert (done.updated, done.unchanged) == (1, 0)
    with acting(SYSTEM):
        assert case("1").person.id_number_hash is not None


def test_a_number_that_another_record_of_the_county_bears_is_reported_and_the_rest_comes_in(now: datetime) -> None:
    run_file(csv_bytes([plain("1", 姓名="张三"), plain("2", 姓名="李四", 身份证号=NUMBER)]), now=now)
    done = run_file(csv_bytes([plain("1", 姓名="张三", 身份证号=NUMBER, 发病日期="2021-12-18")]), now=now)
    assert (done.updated, done.rejected) == (1, 0)
    assert problems(done) == [(2, "id_number_of_another_record", False)]
    with acting(SYSTEM):
        assert (case("1").person.id_number_hash, str(case("1").onset_on)) == (None, "2021-12-18")


def test_another_identity_number_under_a_known_case_number_is_somebody_else(now: datetime) -> None:
    run_file(csv_bytes([plain("1", 身份证号=NUMBER)]), now=now)
    done = run_file(csv_bytes([plain("1", 身份证号=OTHER_NUMBER)]), now=now)
    assert (done.updated, done.rejected) == (0, 1)
    assert problems(done) == [(2, "number_of_somebody_else", True)]


def test_a_case_of_a_chunk_that_was_undone_is_not_gone_on_about(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody registers the number in between: the chunk is written anew and rejects it, and the next row finds it."""
    monkeypatch.setattr(running, "CHUNK_ROWS", 1)
    write, tries = ChunkWriter.write, 0

    def falter(writer: ChunkWriter, rows: Sequence[CaseRow]) -> Tally:
        nonlocal tries
        tries += 1
        if tries == 2:
            record = CaseRecord(area=0, person_id=0, disease="covid-19", number="1", classification="confirmed")
            register_case(PersonRecord(area=610113 * 10**12, sex="female"), record, by=SYSTEM, now=now)
        tally = write(writer, rows)
        if tries == 1:
            raise Refused(refuse("registered_meanwhile"))
        return tally

    monkeypatch.setattr(ChunkWriter, "write", falter)
    done = run_file(csv_bytes([row("1"), row("1", 发病日期="2021-12-18")]), now=now)
    assert (done.state, done.continued, done.rejected) == ("done", 1, 1), problems(done)
    assert problems(done) == [(2, "number_of_somebody_else", True)]


def test_the_file_in_clear_that_a_killed_worker_left_is_removed_when_the_import_comes_again(now: datetime) -> None:
    waiting = queued(csv_bytes([row("1")]), by=SYSTEM, now=now)
    left = settings.HOME / "tmp" / f"import-{waiting.pk}-left"
    left.mkdir(parents=True)
    (left / "upload.txt").write_text("in clear", encoding="utf-8")
    assert run_import(waiting.pk, now=now).state == "done"
    assert not left.exists()
