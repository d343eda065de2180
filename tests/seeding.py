"""The same small outbreak in six villages, each marked so that a stray row names its village."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dayclear.areas.commands import (
    AreaProposal,
    MeasureOrder,
    Member,
    approve_area,
    impose_measure,
    propose_area,
    publish_area,
    record_infection,
)
from dayclear.areas.commands.published import ListedArea, store_lists
from dayclear.areas.models import PublishedArea
from dayclear.cases.commands import CaseRecord, register_case
from dayclear.cases.models import Case
from dayclear.cases.rules import CaseDays
from dayclear.foundation.actors import Actor, system
from dayclear.foundation.areas import area_of
from dayclear.foundation.deadlines import open_deadline
from dayclear.foundation.rules import Role
from dayclear.foundation.scope import acting
from dayclear.interop.commands.upload import store_upload
from dayclear.interop.models import Import, ImportCheck, ImportProblem, SavedMapping
from dayclear.people.commands import PersonRecord, register_people
from dayclear.people.merging import merge_people
from dayclear.people.models import Match
from dayclear.supervision.commands import ComplaintIn, take_complaint
from dayclear.tracing.commands import (
    Exposed,
    Stay,
    name_source,
    rebuild_chains,
    record_contact,
    record_visits,
    resolve_references,
)
from dayclear.tracing.models import ChainMember
from dayclear.tracing.rules import IntervalLimits
from tests.seeding_chains import seed_chain
from tests.seeding_lab import seed_lab
from tests.seeding_orders import seed_orders
from tests.seeding_sampling import seed_sampling

# Village → the word that stands in every text of its rows.
MARKS = {
    610113001001 * 10**6: "Seeded-jia-row",
    610113001002 * 10**6: "Seeded-yi-row",
    610113002001 * 10**6: "Seeded-ding-row",
    610103001001 * 10**6: "Seeded-bing-row",
    610302001001 * 10**6: "Seeded-six-row",
    460105001001 * 10**6: "Seeded-wu-row",
}
SYSTEM = system("seeding")


@dataclass
class Village:
    """What was seeded in one village: ids of rows by what they are. `words` are the texts nobody outside may read."""

    area: int
    mark: str
    words: list[str] = field(default_factory=list)
    order: int = 0
    proposal: int = 0
    appeal: int = 0
    need: int = 0
    emergency: int = 0
    changeover: int = 0
    bound: int = 0
    case: int = 0
    other_case: int = 0
    chain: int = 0
    person: int = 0
    contact: int = 0
    match: int = 0
    merge: int = 0
    upload: int = 0
    risk_area: int = 0
    infection: int = 0
    measure: int = 0
    published: int = 0
    finding: int = 0
    round: int = 0
    point: int = 0
    device: int = 0
    tube: str = ""
    tube_chain: int = 0
    tube_member: int = 0
    squad: int = 0
    item_alarm: int = 0
    item_tube: str = ""
    box: object = ""
    plan: int = 0
    dispute: int = 0
    duty: int = 0
    laboratory: int = 0
    instrument: int = 0
    plate: int = 0
    correction: int = 0
    alarm: int = 0
    owed_return: int = 0
    result_file: int = 0
    dispatch: int = 0
    examined: str = ""


def seed(now: datetime) -> dict[int, Village]:
    """Fill every village and return what stands where."""
    with acting(SYSTEM):
        villages = {area: _seed_village(area, mark, now) for area, mark in MARKS.items()}
        resolve_references("covid-19", by=SYSTEM, now=now)
        rebuild_chains("covid-19", limits=IntervalLimits(2, None))
        for village in villages.values():
            village.chain = ChainMember.objects.get(case=village.case).chain
    return villages


def _seed_village(area: int, mark: str, now: datetime) -> Village:
    village = Village(area, mark, words=[mark])
    village.case = _case(area, f"{mark}-one", now)
    village.other_case = _case(area, f"{mark}-two", now)
    village.person = Case.objects.get(pk=village.case).person_id
    how = {"relation": "meal", "certainty": "possible", "exposed_on": None}
    name_source(village.other_case, f"{mark}-one", by=SYSTEM, now=now, **how)  # type: ignore[arg-type]  # one dict
    name_source(village.other_case, f"{mark}-elsewhere", by=SYSTEM, now=now, **how)  # type: ignore[arg-type]
    contact = PersonRecord(area=area, name=f"{mark} contact", phone="13800000000", residence=f"{mark} road")
    exposed = Exposed(relation="meal", last_exposed_on=date(2021, 12, 28))
    village.contact = record_contact(village.case, contact, exposed, by=SYSTEM, now=now)
    record_visits(
        [
            Stay(
                village.case,
                area,
                f"{mark} market",
                f"{mark} bus",
                date(2021, 12, 28),
                None,
                (date(2021, 12, 26), None),
            )
        ],
        by=SYSTEM,
        now=now,
    )
    open_deadline(
        "case_investigation",
        f"cases.case:{village.case}",
        area=area,
        accountable=area,
        opened_at=now,
        due_at=now + timedelta(hours=24),
    )
    twins = [
        register_people(
            [PersonRecord(area=area, name=f"{mark} twin", sex="male", age_months=480, age_on=date(2021, 12, 1))],
            by=SYSTEM,
            now=now,
            batch=f"people.batch:{mark}{number}",
        )[0]
        for number in (1, 2)
    ]
    village.match = Match.objects.get(first=min(twins), second=max(twins)).pk
    pair = [_person(area, f"{mark} {word}", now) for word in ("kept", "gone")]
    village.merge = merge_people(pair[0], pair[1], by=SYSTEM, now=now).pk
    village.upload = _upload(area, mark, now)
    _seed_areas(village, now)
    said = ComplaintIn(area, "OG-17", f"{mark} door is blocked", "phone", "13800000000")
    village.finding = take_complaint(said, by=SYSTEM, now=now).finding
    seed_orders(village)
    seed_sampling(village)
    seed_chain(village)
    seed_lab(village)
    return village


def _seed_areas(village: Village, now: datetime) -> None:
    area, mark = village.area, village.mark
    proposal = AreaProposal(
        place=area,
        disease="covid-19",
        name=f"{mark} area",
        level="lockdown",
        unit="building",
        designation="residence_compound_of_case_and_frequently_visited",
        ground=f"{mark} ground",
        anchored_on=date(2021, 12, 28),
        members=(Member(text=f"{mark} building"), Member(text=f"{mark} shop")),
    )
    village.risk_area = propose_area(proposal, by=SYSTEM, now=now)
    approve_area(village.risk_area, by=SYSTEM, now=now)
    publish_area(village.risk_area, by=SYSTEM, now=now)
    found = record_infection(village.risk_area, date(2021, 12, 29), by=SYSTEM, now=now, case_id=village.case)
    assert found is not None, "a fresh area knows no infection"
    village.infection = found
    order = MeasureOrder(
        place=area,
        disease="covid-19",
        kind="area_measure",
        code="stay_home",
        scope=f"{mark} people",
        basis=f"{mark} basis",
        starts_at=now,
        ends_at=now + timedelta(days=3650),
        review_on=date(2021, 12, 30),
        area_id=village.risk_area,
    )
    village.measure = impose_measure(order, by=SYSTEM, now=now)
    listed = ListedArea(area, f"{mark} county", f"{mark} compound")
    store_lists([(now, {listed: "high"}), (now + timedelta(days=30), {})], "covid-19", by=SYSTEM, now=now)
    village.published = PublishedArea.objects.get(area=area).pk


def _person(area: int, name: str, now: datetime) -> int:
    return register_people([PersonRecord(area=area, name=name)], by=SYSTEM, now=now, batch=f"people.batch:{name}")[0]


def _case(area: int, number: str, now: datetime) -> int:
    person = PersonRecord(area=area, name=f"{number} name", residence=f"{number} road", id_number=f"ID-{number}-7")
    days = CaseDays(reported_on=date(2021, 12, 29), onset_on=date(2021, 12, 28))
    case = CaseRecord(
        area=0,
        person_id=0,
        disease="covid-19",
        number=number,
        days=days,
        classification="confirmed",
        notice=f"{number} notice",
        details={"symptoms": f"{number} cough"},
    )
    return register_case(person, case, by=SYSTEM, now=now)


def _upload(area: int, mark: str, now: datetime) -> int:
    by = Actor(None, "seeding", Role.OFFICER, area_of(area))
    lines = f"case_number,name,reported\n{mark}-nine,{mark},2999-01-01\n"
    upload = store_upload(io.BytesIO(lines.encode()), f"{mark}.csv", by=by, now=now)
    Import.objects.filter(pk=upload.pk).update(state="done", mapping={"disease": "covid-19"}, disease="covid-19")
    ImportCheck.objects.create(area=area, upload=upload, plan_digest=bytes(16), state="done")
    ImportProblem.objects.create(
        area=area, upload=upload, row=2, column=f"{mark} column", value=mark, code="blank_row", rejects=True
    )
    SavedMapping.objects.create(area=area, headers_hash=bytes(16), disease="covid-19", mapping={}, used_at=now)
    return upload.pk
