"""Claims for the tests of X12: a valid one of each transaction, with one difference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.chart.model import Address, Name
from services.edi import claims
from services.edi.claim import (
    BillingProvider,
    Claim,
    ClaimDiagnosis,
    Dependent,
    DiagnosisUse,
    Payer,
    Provider,
    ServiceLine,
    Stay,
    Submitter,
    Subscriber,
)

AT = datetime(2026, 5, 8, 6, 30, tzinfo=UTC)
HOME = Address(line1="1 CANARY STREET", city="SPRINGFIELD", state="IL", zip="62701")
ZELDA = Name(family="CANARYFAMILY", given="ZELDA", middle="Q")
DOCTOR = Provider(
    name=Name(family="CANARYDOCTOR", given="ADA"), npi="1234567893", taxonomy="207Q00000X"
)
SURGEON = Provider(name=Name(family="CANARYSURGEON", given="IDA"), npi="1679523708")


def a_diagnosis(code: str, use: DiagnosisUse = DiagnosisUse.OTHER, poa: str = "") -> ClaimDiagnosis:
    return ClaimDiagnosis(code=code, use=use, poa=poa)


def a_line(number: int = 1, **differences: Any) -> ServiceLine:
    facts: dict[str, Any] = {
        "control_number": f"000000017-{number}",
        "charge": Decimal("125.50"),
        "units": Decimal(1),
        "procedure": "99213",
        "on": date(2026, 5, 4),
        "pointers": (1,),
    }
    return ServiceLine(**facts | differences)


def a_revenue_line(number: int = 1, **differences: Any) -> ServiceLine:
    facts = {"procedure": "", "revenue_code": "0120", "on": None, "pointers": ()}
    return a_line(number, **facts | differences)


def a_stay(**differences: Any) -> Stay:
    facts: dict[str, Any] = {
        "statement_from": date(2026, 5, 4),
        "statement_to": date(2026, 5, 7),
        "admitted_at": datetime(2026, 5, 4, 4, 15, tzinfo=UTC),
        "discharged_at": datetime(2026, 5, 7, 11, 30, tzinfo=UTC),
        "admission_type": "1",
        "admission_source": "1",
        "discharge_status": "01",
        "drg": "291",
    }
    return Stay(**facts | differences)


def a_claim(**differences: Any) -> Claim:
    """A professional claim of one visit."""
    facts: dict[str, Any] = {
        "transaction": "837P",
        "control_number": "000000017",
        "setting": "11",
        "submitter": Submitter(
            submitter_id="CHARTLINE",
            name="MERCY GENERAL HOSPITAL",
            contact="BILLING OFFICE",
            phone="2175550143",
        ),
        "payer": Payer(payer_id="BLUE1", name="BLUE HERON MUTUAL", filing_code="BL"),
        "billing": BillingProvider(
            name="MERCY GENERAL HOSPITAL",
            npi="2990000103",
            tax_id="070000011",
            taxonomy="282N00000X",
            address=Address(
                line1="100 HARBOR AVENUE", city="SPRINGFIELD", state="IL", zip="627010001"
            ),
        ),
        "subscriber": Subscriber(
            name=ZELDA,
            address=HOME,
            birth_date=date(1961, 2, 3),
            sex="F",
            member_id="XCANARY1",
            group_number="G77",
        ),
        "medical_record": "M1",
        "diagnoses": (a_diagnosis("E119", DiagnosisUse.PRINCIPAL), a_diagnosis("I10")),
        "rendering": DOCTOR,
        "lines": (a_line(),),
    }
    facts |= differences
    facts.setdefault("total", sum((line.charge for line in facts["lines"]), Decimal(0)))
    return Claim(**facts)


def an_inpatient_claim(**differences: Any) -> Claim:
    """An institutional claim of a stay."""
    facts: dict[str, Any] = {
        "transaction": "837I",
        "setting": "11",
        "rendering": None,
        "attending": DOCTOR,
        "diagnoses": (
            a_diagnosis("I5023", DiagnosisUse.PRINCIPAL, "Y"),
            a_diagnosis("R0602", DiagnosisUse.ADMITTING),
            a_diagnosis("N1831", poa="Y"),
            a_diagnosis("Z794"),
        ),
        "stay": a_stay(),
        "lines": (
            a_revenue_line(1, units=Decimal(3), charge=Decimal(4500)),
            a_revenue_line(2, revenue_code="0300", charge=Decimal("310.25")),
        ),
    }
    return a_claim(**facts | differences)


def a_dependent(**differences: Any) -> dict[str, Any]:
    """The differences of a claim whose patient is a child of the subscriber."""
    child = {"name": Name(family="CANARYFAMILY", given="OTTO"), "address": HOME}
    facts: dict[str, Any] = {"birth_date": date(2015, 6, 7), "sex": "M", "relationship": "19"}
    return {
        "dependent": Dependent(**child, **facts | differences),
        "subscriber": Subscriber(name=ZELDA, member_id="XCANARY1"),
    }


def a_file(*some: Claim, control: str = "41") -> bytes:
    """The claims as a file."""
    return claims.write(some, interchange_control=control, group_control=control, at=AT)


def recounted(content: bytes) -> bytes:
    """The file with a true SE01, so that nothing but the mutation is wrong."""
    rows = content.split(b"~\n")
    st = [number for number, row in enumerate(rows) if row.startswith(b"ST*")]
    se = [number for number, row in enumerate(rows) if row.startswith(b"SE*")]
    if st and se:
        control = rows[se[0]].rsplit(b"*", 1)[1]
        rows[se[0]] = b"SE*%d*%s" % (se[0] - st[0] + 1, control)
    return b"~\n".join(rows)
