"""Small HL7 v2 messages, bundles and JSON of our own: a valid thing with one difference."""

from __future__ import annotations

import base64
import json
from typing import Any

PID = (
    "PID|1||M100^^^GEN^MR||Storyfield^Ada^B||19510314|F|||1 Invented Way^^Springton^OH^45501"
    "||^PRN^PH^^^937^5550101|||||A100^^^GEN^AN"
)
PV1_IN = (
    "PV1|1|I|4W^401^1||||1234567893^Storyhill^Max^^^^^^NPI|||MED||||1|||||A100|||||||||||||||||01"
    "||||||||20260504140500-0400|20260507110500-0400"
)
PV1_CLINIC = "PV1|1|O|||||1234567893^Storyhill^Max|||FAM|||||||||A100" + "|" * 25 + "20260504093000"
IN1 = "IN1|1|PLAN|MCARE1|Invented Medicare||||G7|||||||MB|Storyfield^Ada|SEL|19510314" + (
    "|" * 18 + "MEM1"
)


def hl7(event: str, *segments: str, **header: str) -> bytes:
    """A message; `header` may set app, facility, at, control, processing, charset, end."""
    given = {
        "app": "EPICISH",
        "facility": "GEN",
        "at": "20260504141000-0400",
        "control": "MSG1",
        "processing": "P",
        "charset": "",
        "end": "\r",
    } | header
    msh = (
        f"MSH|^~\\&|{given['app']}|{given['facility']}|CHARTLINE|HUB|{given['at']}||{event}"
        f"|{given['control']}|{given['processing']}|2.5.1||||||{given['charset']}"
    )
    end = given["end"]
    return end.join([msh, *segments, ""]).encode()


def adt(
    event: str = "A01", *segments: str, at: str = "20260504141000-0400", **header: str
) -> bytes:
    """An ADT of the inpatient chart A100 at GEN."""
    body = segments or (PID, PV1_IN)
    return hl7(f"ADT^{event}", f"EVN|{event}|{at}", *body, at=at, **header)


def ft1(number: int, charge_id: str, **fields: str) -> str:
    """A charge line; `fields` such as f11="96.00" replace a field."""
    values = {
        1: str(number),
        2: charge_id,
        4: "20260504",
        6: "CG",
        7: "0300^^NUBC",
        10: "1",
        11: "96.00",
        25: "80053^^C4",
    } | {int(name[1:]): value for name, value in fields.items()}
    return "|".join(["FT1", *(values.get(field, "") for field in range(1, max(values) + 1))])


def dft(*lines: str, at: str = "20260508080000-0400", **header: str) -> bytes:
    """A DFT P03 of the chart A100 at GEN."""
    return hl7("DFT^P03", f"EVN|P03|{at}", PID, *lines, at=at, **{"control": "DFT1"} | header)


def mdm(
    text: str = "Stable.",
    *,
    event: str = "T02",
    status: str = "AU",
    kind: str = "HP",
    document_id: str = "D1",
    at: str = "20260505090000-0400",
    written: str = "20260505080000-0400",
    parent: str = "",
    **header: str,
) -> bytes:
    """An MDM of the chart A100 at GEN."""
    author = "1234567893^Storyhill^Max"
    txa = f"TXA|1|{kind}|TX|{written}|||||{author}|||{document_id}|{parent}||||{status}"
    lines = [f"OBX|{n}|TX|L^Text||{line}||||||F" for n, line in enumerate(text.split("\n"), 1)]
    body = (f"EVN|{event}|{at}", PID, txa, *(lines if text else ()))
    return hl7(f"MDM^{event}", *body, at=at, **{"control": f"MDM{document_id}"} | header)


def bundle(*resources: dict[str, Any], **head: Any) -> bytes:
    """A collection of resources; references are `Type/id`."""
    body = {
        "resourceType": "Bundle",
        "id": "B1",
        "type": "collection",
        "timestamp": "2026-05-08T08:00:00-04:00",
        "entry": [{"resource": one} for one in resources],
    } | head
    return json.dumps({key: value for key, value in body.items() if value is not None}).encode()


def patient(**changes: Any) -> dict[str, Any]:
    """The invented patient as a FHIR resource."""
    return {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"type": coding("v2", "MR"), "value": "M100"}],
        "name": [{"use": "official", "family": "Storyfield", "given": ["Ada", "B"]}],
        "gender": "female",
        "birthDate": "1951-03-14",
    } | changes


def encounter(**changes: Any) -> dict[str, Any]:
    """Her inpatient stay as a FHIR resource."""
    return {
        "resourceType": "Encounter",
        "id": "e",
        "identifier": [{"type": coding("v2", "AN"), "value": "A100"}],
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p"},
        "period": {"start": "2026-05-04T14:05:00-04:00", "end": "2026-05-07T11:05:00-04:00"},
        "serviceProvider": {"identifier": {"value": "GEN"}},
    } | changes


def condition(code: str = "I50.23", number: int = 1, **changes: Any) -> dict[str, Any]:
    """A diagnosis as a FHIR resource."""
    return {
        "resourceType": "Condition",
        "id": f"c{number}",
        "code": coding("http://hl7.org/fhir/sid/icd-10-cm", code),
        "encounter": {"reference": "Encounter/e"},
    } | changes


def charge_item(number: int = 1, amount: Any = 96, **changes: Any) -> dict[str, Any]:
    """A charge as a FHIR resource."""
    return {
        "resourceType": "ChargeItem",
        "id": f"ch{number}",
        "status": "billable",
        "code": coding("http://www.ama-assn.org/go/cpt", "80053"),
        "context": {"reference": "Encounter/e"},
        "occurrenceDateTime": "2026-05-04",
        "quantity": {"value": 1},
        "priceOverride": {"value": amount, "currency": "USD"},
    } | changes


def document_reference(text: str = "Stable.", **changes: Any) -> dict[str, Any]:
    """A document as a FHIR resource."""
    data = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "docStatus": "final",
        "type": coding("http://loinc.org", "34117-2"),
        "content": [{"attachment": {"contentType": "text/plain", "data": data}}],
        "context": {"encounter": [{"reference": "Encounter/e"}]},
    } | changes


def coding(system: str, code: str) -> dict[str, Any]:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code}]}


def native(**changes: Any) -> bytes:
    """A native message; `chart__x=...` changes a field of the chart, other names the envelope."""
    chart: dict[str, Any] = {
        "facility": "GEN",
        "account": "A100",
        "event_at": "2026-05-08T08:00:00-04:00",
        "patient": {"mrn": "M100", "name": {"family": "Storyfield", "given": "Ada"}},
    }
    body: dict[str, Any] = {
        "schema": "chartline.chart/1",
        "sender": "HUB",
        "message_id": "N1",
        "chart": chart,
    }
    for name, value in changes.items():
        place, key = (chart, name[7:]) if name.startswith("chart__") else (body, name)
        place[key] = value
    return json.dumps(body).encode()
