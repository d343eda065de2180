"""The real line lists, from file to chains, in the numbers that are known of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dayclear.cases.models import Case
from dayclear.foundation.actors import system
from dayclear.foundation.scope import acting
from dayclear.interop.models import Import, ImportProblem
from dayclear.interop.tests.files import counts, real_file, run_file
from dayclear.interop.texts import problem_sentence
from dayclear.tracing.models import Exposure
from dayclear.tracing.queries import chain_summary

pytestmark = pytest.mark.django_db
SYSTEM = system("tests")


def twice(name: str, now: datetime, **plan: Any) -> tuple[Import, Import]:
    path = real_file(name)
    content = path.read_bytes()
    return run_file(content, now=now, name=path.name, **plan), run_file(content, now=now, name=path.name, **plan)


def nothing_new(again: Import, first: Import) -> None:
    assert (again.created, again.updated) == (0, 0)
    assert (again.links, again.unresolved_links) == (first.links, first.unresolved_links)
    assert again.rejected == first.rejected


def test_xian_brings_777_cases_with_163_links_and_34_references_and_nothing_the_second_time(now: datetime) -> None:
    first, again = twice("xian_2021/cases_to_2021-12-28.csv", now)
    expected = {"rows_done": 777, "created": 777, "updated": 0, "unchanged": 0, "continued": 0, "rejected": 0}
    assert counts(first) == {**expected, "links": 163, "unresolved_links": 34}
    nothing_new(again, first)
    with acting(SYSTEM):
        cases = Case.objects.all()
        assert cases.filter(under_order="yes").count() == 596
        days = cases.order_by("counted_on").values_list("counted_on", flat=True)
        assert (str(days.first()), str(days.last())) == ("2021-12-21", "2021-12-28")


def test_hagelloch_has_184_links_in_four_chains_five_deep_and_thirty_caught_it_from_case_45(now: datetime) -> None:
    first, again = twice("measles_1861/hagelloch.csv", now, disease="measles")
    assert counts(first) | {"links": 184} == counts(first)
    assert (first.created, first.rejected, first.unresolved_links) == (188, 0, 0)
    nothing_new(again, first)
    with acting(SYSTEM):
        summary = chain_summary(SYSTEM, 0, "measles")
        assert (summary.joined, summary.single, summary.longest, summary.largest) == (3, 1, 5, 30)
        assert Exposure.objects.filter(source__number="45").count() == 30
        assert Case.objects.filter(source_known=False).count() == 4


def test_every_row_of_wuhan_is_accounted_for_and_every_rejected_one_explained(now: datetime) -> None:
    first, again = twice("wuhan_2020/patient_detail_zh.xlsx", now)
    told = counts(first)
    assert told["rows_done"] == sum(told[n] for n in ("created", "updated", "unchanged", "continued", "rejected"))
    assert (told["created"], told["rejected"]) == (3604, 172)
    nothing_new(again, first)
    with acting(SYSTEM):
        errors = ImportProblem.objects.filter(upload=first.pk, rejects=True)
        assert errors.values("sheet", "row").distinct().count() == first.rejected
        assert all(len(problem_sentence(error)) > 20 for error in errors)


def test_tianjin_reads_its_days_the_day_first_and_links_its_sources(now: datetime) -> None:
    first, again = twice("tianjin_2020/cases.csv", now)
    assert (first.created, first.rejected) == (135, 0)
    nothing_new(again, first)
    with acting(SYSTEM):
        days = Case.objects.exclude(counted_on=None).order_by("counted_on").values_list("counted_on", flat=True)
        assert str(days.first()).startswith("2020-01")
        assert str(days.last()) < "2020-03-15"
