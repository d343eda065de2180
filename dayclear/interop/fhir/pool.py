"""A pooled tube as a FHIR R4 bundle.

FHIR R4 has no pool: the mapping is that of the testing reference §4.1. A person's swab is a specimen; the tube is a
specimen whose parents are the swabs and whose subject is the group of its people; that it is pooled says R5's element
in its cross-version extension. Nobody's name is in it: a patient is the number by which this installation knows them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from dayclear.lab.codes import (
    CT,
    CT_UNIT,
    LOINC,
    NOT_DETECTED_IN_POOL,
    RESULTS,
    SNOMED,
    TESTS,
    UCUM,
    Code,
)
from dayclear.lab.rules.cutoffs import ALARMING, State

POOLED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Specimen.combined"
SYSTEM = "urn:dayclear"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reported:
    """The result of a tube. Shape: `cts` by target, None where no curve rose."""

    state: State
    at: datetime
    version: int
    laboratory: str
    assay: str
    cts: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Pool:
    """A tube with the people in it. Shape: `people` by their numbers here."""

    number: str
    disease: str
    people: Sequence[int]
    collected_from: datetime
    collected_to: datetime
    received_at: datetime | None = None
    result: Reported | None = None


def pool_bundle(pool: Pool, *, at: datetime) -> Resource:
    """The bundle of a pool, a collection. The same pool gives the same addresses, whenever it is asked for.

    Raises: KeyError, for a disease without a code of its test.
    """
    resources = list(_resources(_Names(pool.number), pool, TESTS[pool.disease]))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in resources],
    }


@dataclass(frozen=True, slots=True)
class _Names:
    """The ids of a pool's resources: made of what they are, so that they stay the same."""

    tube: str

    def id(self, kind: str, of: object = "") -> str:
        return str(uuid5(NAMESPACE_URL, f"{SYSTEM}:{self.tube}:{kind}:{of}"))

    def reference(self, kind: str, of: object = "") -> Resource:
        return {"reference": f"urn:uuid:{self.id(kind, of)}"}


def _resources(names: _Names, pool: Pool, test: Code) -> Iterator[Resource]:
    for person in pool.people:
        yield {
            "resourceType": "Patient",
            "id": names.id("patient", person),
            "identifier": [_identifier("person", person)],
        }
        yield _swab(names, pool, person)
    yield {
        "resourceType": "Group",
        "id": names.id("group"),
        "type": "person",
        "actual": True,
        "quantity": len(pool.people),
        "member": [{"entity": names.reference("patient", person)} for person in pool.people],
    }
    yield {
        "resourceType": "ServiceRequest",
        "id": names.id("request"),
        "status": "completed" if pool.result else "active",
        "intent": "order",
        "code": _concept(LOINC, test),
        "subject": names.reference("group"),
        "specimen": [names.reference("tube")],
    }
    yield _tube(names, pool)
    if pool.result is not None:
        yield from _results(names, pool, pool.result, test)


def _swab(names: _Names, pool: Pool, person: int) -> Resource:
    return {
        "resourceType": "Specimen",
        "id": names.id("swab", person),
        "identifier": [_identifier("swab", f"{pool.number}-{person}")],
        "subject": names.reference("patient", person),
        "collection": {"collectedPeriod": _period(pool)},
    }


def _tube(names: _Names, pool: Pool) -> Resource:
    received = {"receivedTime": _instant(pool.received_at)} if pool.received_at else {}
    return {
        "resourceType": "Specimen",
        "id": names.id("tube"),
        "extension": [{"url": POOLED, "valueCode": "pooled"}],
        "identifier": [_identifier("tube", pool.number)],
        "status": "available",
        "subject": names.reference("group"),
        "parent": [names.reference("swab", person) for person in pool.people],
        "request": [names.reference("request")],
        "container": [{"identifier": [_identifier("tube", pool.number)]}],
        "collection": {"collectedPeriod": _period(pool)},
        **received,
    }


def _results(names: _Names, pool: Pool, result: Reported, test: Code) -> Iterator[Resource]:
    status = "final" if result.version == 1 else "corrected"
    measured = [target for target, ct in result.cts.items() if ct is not None]
    yield _observation(names, "result", "", test, result, names.reference("group")) | {
        "status": status,
        "valueCodeableConcept": _concept(SNOMED, RESULTS[result.state]),
        "specimen": names.reference("tube"),
    }
    for target in measured:
        yield _observation(names, "ct", target, CT, result, names.reference("group")) | {
            "status": status,
            "specimen": names.reference("tube"),
            "component": [
                {
                    "code": {"text": target},
                    "valueQuantity": {"value": result.cts[target], "system": UCUM, "code": CT_UNIT},
                }
            ],
        }
    yield {
        "resourceType": "DiagnosticReport",
        "id": names.id("report"),
        "basedOn": [names.reference("request")],
        "status": status,
        "code": _concept(LOINC, test),
        "subject": names.reference("group"),
        "issued": _instant(result.at),
        "performer": [{"display": result.laboratory}],
        "specimen": [names.reference("tube")],
        "result": [names.reference("result"), *(names.reference("ct", target) for target in measured)],
    }
    if result.state is State.NEGATIVE:
        yield from (_not_detected(names, person, result, test, status) for person in pool.people)
    elif result.state in ALARMING:
        yield from (each for person in pool.people for each in _recall(names, person, result, test))


def _not_detected(names: _Names, person: int, result: Reported, test: Code, status: str) -> Resource:
    """What a negative tube means for each person in it."""
    return _observation(names, "member", person, test, result, names.reference("patient", person)) | {
        "status": status,
        "valueCodeableConcept": _concept(SNOMED, NOT_DETECTED_IN_POOL),
        "specimen": names.reference("swab", person),
        "derivedFrom": [names.reference("result")],
    }


def _recall(names: _Names, person: int, result: Reported, test: Code) -> Iterator[Resource]:
    """A person in a tube that is not negative has no result: a new swab of their own is asked for."""
    patient = names.reference("patient", person)
    yield {
        "resourceType": "ServiceRequest",
        "id": names.id("reflex", person),
        "status": "active",
        "intent": "reflex-order",
        "basedOn": [names.reference("request")],
        "code": _concept(LOINC, test),
        "subject": patient,
    }
    yield {
        "resourceType": "Task",
        "id": names.id("recall", person),
        "status": "requested",
        "intent": "order",
        "code": {"text": "recall and single test"},
        "for": patient,
        "focus": names.reference("reflex", person),
        "reasonReference": names.reference("report"),
        "authoredOn": _instant(result.at),
    }


def _observation(names: _Names, kind: str, of: object, code: Code, result: Reported, subject: Resource) -> Resource:
    return {
        "resourceType": "Observation",
        "id": names.id(kind, of),
        "category": [{"coding": [{"system": _CATEGORY, "code": "laboratory"}]}],
        "code": _concept(LOINC, code),
        "subject": subject,
        "issued": _instant(result.at),
        "method": {"text": result.assay},
    }


def _concept(system: str, code: Code) -> Resource:
    return {"coding": [{"system": system, "code": code.code}], "text": code.display}


def _identifier(kind: str, value: object) -> Resource:
    return {"system": f"{SYSTEM}:{kind}", "value": str(value)}


def _period(pool: Pool) -> Resource:
    return {"start": _instant(pool.collected_from), "end": _instant(pool.collected_to)}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
