"""The HL7 v2.5.1 segments of a synthetic chart: each says once where a fact stands."""

from __future__ import annotations

from datetime import date, datetime

from services.chart.model import (
    Address,
    Charge,
    CodeSystem,
    Coverage,
    Diagnosis,
    DiagnosisRole,
    DocumentKind,
    DocumentStatus,
    DocumentText,
    EncounterClass,
    Name,
    Poa,
    Practitioner,
    Procedure,
)
from workers.demo.facts import ChartFacts

PATIENT_CLASS = {EncounterClass.INPATIENT: "I", EncounterClass.EMERGENCY: "E"}
DOCUMENT_TYPE = {
    DocumentKind.HISTORY_AND_PHYSICAL: "HP",
    DocumentKind.DISCHARGE_SUMMARY: "DS",
    DocumentKind.OPERATIVE_NOTE: "OP",
    DocumentKind.ANESTHESIA_RECORD: "AN",
    DocumentKind.EMERGENCY_NOTE: "ED",
    DocumentKind.CLINIC_NOTE: "CL",
    DocumentKind.PROGRESS_NOTE: "PN",
    DocumentKind.CONSULTATION: "CN",
    DocumentKind.IMMUNIZATION_RECORD: "IM",
    DocumentKind.OTHER: "OT",
}
COMPLETION = {
    DocumentStatus.SIGNED: "AU",
    DocumentStatus.UNSIGNED: "PA",
    DocumentStatus.PRELIMINARY: "DI",
    DocumentStatus.CANCELLED: "CA",
}
DIAGNOSIS_TYPE = {DiagnosisRole.ADMITTING: "A", DiagnosisRole.REASON_FOR_VISIT: "W"}
RELATIONSHIP = {"self": "SEL", "spouse": "SPO", "child": "CHD", "other": "OTH"}
_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})

Segment = dict[int, str]


def evn(event: str, at: datetime) -> str:
    """What happened and when it was recorded."""
    return segment("EVN", {1: event, 2: instant(at)})


def pid(facts: ChartFacts) -> str:
    """The patient, and in PID-18 the account."""
    who = facts.patient
    return segment(
        "PID",
        {
            1: "1",
            3: f"{who.mrn}^^^{facts.facility}^MR",
            5: name(who.name),
            7: day(who.birth_date),
            8: who.sex,
            11: address(who.address),
            13: who.phone,
            18: f"{facts.account}^^^{facts.facility}^AN",
        },
    )


def pv1(facts: ChartFacts, *, ended: bool) -> str:
    """The visit; PV1-36 and PV1-45 once it has ended."""
    visit = facts.encounter
    fields = {
        1: "1",
        2: PATIENT_CLASS.get(visit.encounter_class or EncounterClass.CLINIC, "O"),
        4: visit.admission_type,
        7: practitioner(visit.attending),
        8: practitioner(visit.referring),
        10: visit.service,
        14: visit.admission_source,
        19: f"{facts.account}^^^{facts.facility}^VN",
        44: instant(visit.admitted_at),
    }
    if ended:
        fields |= {36: visit.discharge_status, 45: instant(visit.discharged_at)}
    return segment("PV1", fields)


def in1(facts: ChartFacts, one: Coverage) -> str:
    """A coverage; the subscriber is the patient unless another is named."""
    who = one.subscriber or facts.patient
    return segment(
        "IN1",
        {
            1: str(one.rank),
            2: one.plan_type,
            3: one.payer_id,
            4: escape(one.payer_name),
            8: one.group_number,
            15: one.plan_type,
            16: name(who.name),
            17: RELATIONSHIP[one.relationship],
            18: day(who.birth_date),
            19: address(who.address),
            36: one.member_id,
            43: who.sex,
        },
    )


def dg1(one: Diagnosis, number: int) -> str:
    """A diagnosis: DG1-6 A admitting, W why the patient came, F final; DG1-15 rank, DG1-26 POA."""
    return segment(
        "DG1",
        {
            1: str(number),
            3: f"{dotted(one.code)}^^I10",
            6: DIAGNOSIS_TYPE.get(one.role, "F"),
            15: str(one.rank or ""),
            26: "E" if one.poa is Poa.EXEMPT else str(one.poa or ""),
        },
    )


def pr1(one: Procedure, number: int) -> str:
    """A procedure with who did it in PR1-11: by ICD-10-PCS, or by the CPT code of its charge."""
    system = "I10P" if one.system is CodeSystem.ICD10PCS else "C4"
    return segment(
        "PR1",
        {
            1: str(number),
            3: f"{one.code}^^{system}",
            5: day(one.on),
            11: practitioner(one.practitioner),
        },
    )


def ft1(one: Charge, number: int) -> str:
    """A charge; FT1-7 is the revenue code, FT1-25 CPT or HCPCS, FT1-11 the line's amount."""
    return segment(
        "FT1",
        {
            1: str(number),
            2: one.charge_id,
            4: day(one.on),
            6: "CG",
            7: f"{one.revenue_code}^^NUBC" if one.revenue_code else "",
            10: str(one.units),
            11: str(one.amount),
            19: "~".join(f"{dotted(code)}^^I10" for code in one.diagnosis_codes),
            20: practitioner(one.rendering),
            25: f"{one.code}^^C4" if one.code else "",
            26: "~".join(one.modifiers),
        },
    )


def acc(facts: ChartFacts) -> list[str]:
    """The accident, when there was one."""
    what = facts.encounter.accident
    if what is None:
        return []
    return [segment("ACC", {1: day(what.on), 2: what.kind, 4: what.state})]


def txa(found: DocumentText) -> str:
    """A document's head; TXA-17 says whether it is signed."""
    head = found.head
    return segment(
        "TXA",
        {
            1: "1",
            2: f"{DOCUMENT_TYPE[head.kind]}^{escape(head.title)}",
            3: "TX",
            4: instant(head.at),
            9: practitioner(head.author),
            12: head.document_id,
            17: COMPLETION[head.status],
        },
    )


def obr(found: DocumentText) -> str:
    """A result's head: OBR-3 its id, OBR-25 its state."""
    head = found.head
    status = "F" if head.status is DocumentStatus.SIGNED else "P"
    fields = {
        1: "1",
        3: head.document_id,
        4: f"DEMO^{escape(head.title)}^L",
        7: instant(head.at),
        25: status,
    }
    return segment("OBR", fields | {32: practitioner(head.author)})


def segment(name: str, fields: Segment) -> str:
    """One segment; the fields between those given are empty."""
    values = [fields.get(number, "") for number in range(1, max(fields) + 1)]
    return "|".join([name, *values]).rstrip("|")


def escape(text: str) -> str:
    """Text with the delimiters written as HL7 escapes."""
    return text.translate(_ESCAPES)


def name(who: Name | None) -> str:
    """An XPN."""
    if who is None:
        return ""
    parts = (who.family, who.given, who.middle, who.suffix)
    return "^".join(escape(part) for part in parts).rstrip("^")


def address(where: Address | None) -> str:
    """An XAD."""
    if where is None:
        return ""
    parts = (where.line1, where.line2, where.city, where.state, where.zip, where.country)
    return "^".join(escape(part) for part in parts).rstrip("^")


def practitioner(who: Practitioner | None) -> str:
    """An XCN: the NPI, or the local id when the sender has none."""
    if who is None:
        return ""
    called = who.name or Name(family="")
    parts = [who.npi or who.local_id, called.family, called.given, called.middle, called.suffix]
    return "^".join([*parts, *(["", "", "", "NPI"] if who.npi else ["", "", "", "DEMO"])])


def dotted(code: str) -> str:
    """An ICD-10-CM code as people and most senders write it."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code  # noqa: PLR2004


def day(on: date | None) -> str:
    """A date as YYYYMMDD."""
    return on.strftime("%Y%m%d") if on else ""


def instant(at: datetime | None) -> str:
    """An instant with its offset."""
    return at.strftime("%Y%m%d%H%M%S%z") if at else ""
