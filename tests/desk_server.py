"""The server's side of the sampler's page in the browser tests: programs that run beside the product (`Product.python`)
and print one JSON value."""

from __future__ import annotations

import json
from datetime import timedelta

from dayclear.foundation.cli import installation

PLACE = 610113 * 10**12


def prepare(devices: int, coded: int, laboratory: str = "") -> None:
    """An open round, a point, codes to enrol so many devices, resident codes of so many people; and a laboratory."""
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.lab.tests import acts
        from dayclear.people.commands import PersonRecord, register_people
        from dayclear.sampling.commands import (
            PointRecord,
            change_round,
            issue_codes,
            make_enrolment_code,
            plan_round,
            put_up_point,
        )
        from dayclear.sampling.rules.rounds import RoundPlan

        by, now = system("tests"), clock.now()
        plan = RoundPlan(
            area=PLACE,
            name="Round 1",
            disease="covid-19",
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=20),
            people_per_tube=10,
            by_household=True,
        )
        with acting(by):
            change_round(plan_round(plan, by=by, now=now), "open", by=by, now=now)
            put_up_point(PointRecord(area=PLACE, code="P1", name="Library Square"), by=by, now=now)
            enrolments = [make_enrolment_code(PLACE, by=by, now=now)[0] for _ in range(devices)]
            records = [PersonRecord(area=PLACE, name=f"Person {number}") for number in range(coded)]
            people = register_people(records, by=by, now=now, batch="people.batch:tests")
            codes = [code.text for code in issue_codes(people, by=by, now=now)]
        said = {"enrolments": enrolments, "coded": list(zip(codes, people, strict=True))}
        if laboratory:
            acts.common_assay(now)
            said["laboratory"] = acts.laboratory(now, area=PLACE, name=laboratory)
    print(json.dumps(said))


def held() -> None:
    """What the server holds: every swab as (tube, person), whose slip is whose, whose number is whose, the boxes, and
    of each device the last counter beside the number of uploads received."""
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.encryption import decrypt
        from dayclear.foundation.scope import acting
        from dayclear.people.commands import ID_NUMBER
        from dayclear.people.models import Person
        from dayclear.sampling.models import Box, Device, DisputedTube, Slip, Swab
        from dayclear.sampling.rules.numbers import printed

        with acting(system("tests")):
            numbered = Person.objects.exclude(id_number_sealed=None).values_list("pk", "id_number_sealed")
            said = {
                "swabs": sorted((printed(tube), person) for tube, person in Swab.objects.values_list("tube", "person")),
                "slips": dict(Slip.objects.values_list("number", "person_id")),
                "numbers": {decrypt(sealed or b"", purpose=ID_NUMBER).decode(): person for person, sealed in numbered},
                "boxes": list(Box.objects.order_by("closed_at").values_list("device_id", "tubes", "counted")),
                "disputed": list(DisputedTube.objects.values_list("label", "code")),
                "uploads": {pk: both for pk, *both in Device.objects.values_list("pk", "last_counter", "received")},
            }
    print(json.dumps(said))
