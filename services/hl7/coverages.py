"""The coverages in IN1, in the order they pay.

IN1-3 payer id (else the plan id, IN1-2), IN1-4 payer name, IN1-8 group, IN1-15 plan type when it
is an X12 SBR09 code, IN1-16/17/18/19/43 subscriber, IN1-36 policy number (else IN1-49) as member
id. The order is IN1-22 when every IN1 has one, else the order of the segments.
"""

from __future__ import annotations

from services.chart.model import Coverage, Patient, Severity
from services.hl7.message import Segment
from services.hl7.people import read_address, read_name, read_sex
from services.hl7.scope import Scope

PLAN_TYPES = frozenset(
    {"11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM"}
    | {"MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"}
)  # X12 element 1032 as used in SBR09
RELATIONSHIPS = {
    "SEL": "self",
    "SELF": "self",
    "S": "self",
    "18": "self",
    "SPO": "spouse",
    "SPOUSE": "spouse",
    "01": "spouse",
    "CHD": "child",
    "CHILD": "child",
    "C": "child",
    "19": "child",
}  # HL7 table 0063 and X12 element 1069


def read_coverages(scope: Scope, patient: Patient | None) -> tuple[Coverage, ...] | None:
    """Every coverage; None when there is no IN1."""
    segments = scope.message.all("IN1")
    if not segments:
        return None
    ordered = _in_paying_order(segments)
    return tuple(_coverage(one, rank, scope, patient) for rank, one in enumerate(ordered, 1))


def _in_paying_order(segments: list[Segment]) -> list[Segment]:
    priorities = [segment.get(22) for segment in segments]
    if all(one.isascii() and one.isdigit() for one in priorities):
        paired = sorted(zip(priorities, segments, strict=True), key=lambda pair: int(pair[0]))
        return [segment for _, segment in paired]
    return segments


def _coverage(in1: Segment, rank: int, scope: Scope, patient: Patient | None) -> Coverage:
    relationship = _relationship(in1, scope, patient)
    return Coverage(
        rank=rank,
        payer_id=in1.get(3) or in1.get(2),
        payer_name=in1.get(4),
        plan_type=_plan_type(in1, scope),
        member_id=in1.get(36) or in1.get(49),
        group_number=in1.get(8),
        relationship=relationship,
        subscriber=None if relationship == "self" else _subscriber(in1, scope),
    )


def _plan_type(in1: Segment, scope: Scope) -> str:
    code = in1.get(15).upper()
    if code in PLAN_TYPES:
        return code
    if code:
        scope.remark(
            "plan-type",
            in1.where(15),
            "The plan type is no claim filing code (X12 SBR09); it is left out.",
            severity=Severity.INFO,
        )
    return ""


def _relationship(in1: Segment, scope: Scope, patient: Patient | None) -> str:
    code = in1.get(17).upper()
    if code:
        return RELATIONSHIPS.get(code, "other")
    name = read_name(in1.composites(16))
    if name is None or patient is None or patient.name is None:
        return "self"
    if (name.family.upper(), name.given.upper()) == (
        patient.name.family.upper(),
        patient.name.given.upper(),
    ):
        return "self"
    scope.remark(
        "subscriber-relationship",
        in1.where(17),
        "The subscriber is not the patient, and the relationship is not given.",
        fix="Ask registration for the relationship (IN1-17).",
    )
    return "other"


def _subscriber(in1: Segment, scope: Scope) -> Patient:
    return Patient(
        mrn="",
        name=read_name(in1.composites(16)),
        birth_date=scope.day(in1, 18, "The subscriber's birth date"),
        sex=read_sex(in1.get(43), scope, in1.where(43)),
        address=read_address(in1.composites(19), scope, in1.where(19)),
    )
