"""The claims behind the golden files; `python -m tests.unit.golden_claims` writes them anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from services.edi.claim import Claim, ClaimAccident, ClaimProcedure, DiagnosisUse, Drug
from tests.unit.edi_claims import (
    DOCTOR,
    SURGEON,
    a_claim,
    a_dependent,
    a_diagnosis,
    a_file,
    a_line,
    a_revenue_line,
    a_stay,
    an_inpatient_claim,
)

GOLDEN = Path(__file__).parents[1] / "golden"
CAUSE = DiagnosisUse.EXTERNAL_CAUSE


def clinic_visit() -> Claim:
    return a_claim(
        referring=SURGEON,
        prior_authorization="PA4471",
        onset=date(2026, 4, 30),
        lines=(
            a_line(1, modifiers=("25",), pointers=(1, 2)),
            a_line(2, procedure="36415", charge=Decimal(18), until=date(2026, 5, 5)),
            a_line(
                3,
                procedure="J1100",
                charge=Decimal("7.25"),
                units=Decimal(4),
                drug=Drug(ndc="00000012345", quantity=Decimal("0.5"), unit="ML"),
                place_of_service="22",
                rendering=SURGEON,
            ),
        ),
    )


def accident_of_a_child() -> Claim:
    return a_claim(
        **a_dependent(),
        accident=ClaimAccident(kind="AA", on=date(2026, 5, 3), state="IL"),
        diagnoses=(
            a_diagnosis("S52501A", DiagnosisUse.PRINCIPAL),
            a_diagnosis("V4352XA"),
        ),
    )


def replacement() -> Claim:
    return a_claim(frequency="7", original_reference="PAYER20260504001")


def stay_with_surgery() -> Claim:
    many = tuple(a_diagnosis(f"Z{number}", poa="") for number in range(800, 813))
    return an_inpatient_claim(
        operating=SURGEON,
        diagnoses=(
            a_diagnosis("S72001A", DiagnosisUse.PRINCIPAL, "Y"),
            a_diagnosis("M25551", DiagnosisUse.ADMITTING),
            a_diagnosis("W1830XA", CAUSE, "Y"),
            a_diagnosis("Y92009", CAUSE),
            a_diagnosis("N179", poa="N"),
            *many,
        ),
        procedures=(
            ClaimProcedure(code="0QS604Z", on=date(2026, 5, 4)),
            ClaimProcedure(code="30233N1", on=date(2026, 5, 5)),
        ),
        stay=a_stay(drg="480"),
        accident=ClaimAccident(kind="OA", on=date(2026, 5, 4)),
    )


def emergency_visit() -> Claim:
    return an_inpatient_claim(
        setting="13",
        diagnoses=(
            a_diagnosis("J45901", DiagnosisUse.PRINCIPAL),
            a_diagnosis("R0602", DiagnosisUse.REASON_FOR_VISIT),
            a_diagnosis("Z87891"),
        ),
        stay=a_stay(admitted_at=None, discharged_at=None, drg="", statement_to=date(2026, 5, 4)),
        referring=SURGEON,
        rendering=DOCTOR,
        accident=ClaimAccident(kind="AA", on=date(2026, 5, 4), state="IL"),
        lines=(
            a_revenue_line(1, revenue_code="0450", procedure="99284", on=date(2026, 5, 4)),
            a_revenue_line(
                2,
                revenue_code="0636",
                procedure="J7620",
                modifiers=("JZ",),
                on=date(2026, 5, 4),
                drug=Drug(ndc="00000054321", quantity=Decimal(3), unit="ML"),
            ),
        ),
    )


FILES: dict[str, tuple[Claim, ...]] = {
    "837p-clinic-visit.x12": (clinic_visit(),),
    "837p-accident-of-a-child.x12": (accident_of_a_child(),),
    "837p-batch.x12": (clinic_visit(), accident_of_a_child(), replacement()),
    "837i-stay-with-surgery.x12": (stay_with_surgery(),),
    "837i-emergency-visit.x12": (emergency_visit(),),
    "837i-batch.x12": (stay_with_surgery(), an_inpatient_claim(**a_dependent()), emergency_visit()),
}


def main() -> None:
    """Write every golden file anew; look at the differences before they are kept."""
    for name, some in FILES.items():
        (GOLDEN / name).write_bytes(a_file(*some))


if __name__ == "__main__":
    main()
