"""Building claims: what is built, and every refusal with its field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.assembly.building import billing_event
from services.assembly.failures import (
    IncompleteClaim,
    TooManyDiagnoses,
    TooManyLines,
    TransactionNotTaken,
    UnknownFacility,
    UnknownPayer,
    UnsupportedCodeSet,
)
from services.chart.failures import Rejected
from services.chart.model import (
    Accident,
    Address,
    Chart,
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    EncounterClass,
    Name,
    Poa,
    Practitioner,
    Procedure,
)
from services.edi.claim import DiagnosisUse
from tests.unit.assembly_charts import (
    DAY,
    DOCTOR,
    SURGEON,
    a_charge,
    a_code,
    a_coded_chart,
    a_coverage,
    a_patient,
    a_procedure,
    build_it,
    the_facilities,
    the_payers,
)

CLINIC, INPATIENT = EncounterClass.CLINIC, EncounterClass.INPATIENT
EMERGENCY, SURGERY = EncounterClass.EMERGENCY, EncounterClass.SURGERY
PRINCIPAL, ADMITTING = DiagnosisRole.PRINCIPAL, DiagnosisRole.ADMITTING
SECONDARY, REASON = DiagnosisRole.SECONDARY, DiagnosisRole.REASON_FOR_VISIT
FIRST = a_code("I5023", PRINCIPAL)


def refused(chart: Chart, **differences: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        build_it(chart, **differences)
    return caught.value


# -- what is built ----------------------------------------------------------------------------


def test_a_clinic_visit_becomes_a_professional_claim() -> None:
    claim = build_it(a_coded_chart())
    assert (claim.transaction, claim.setting, claim.frequency) == ("837P", "11", "1")
    assert (claim.payer.payer_id, claim.payer.filing_code) == ("BLUE1", "BL")
    assert claim.total == Decimal("125.50")
    assert claim.rendering is not None
    assert claim.rendering.npi == DOCTOR.npi
    assert claim.dependent is None
    assert claim.stay is None


@pytest.mark.parametrize(
    ("kind", "bill"),
    [(INPATIENT, "11"), (EMERGENCY, "13"), (SURGERY, "13"), (EncounterClass.OUTPATIENT, "13")],
)
def test_everything_else_becomes_an_institutional_claim(kind: EncounterClass, bill: str) -> None:
    claim = build_it(a_coded_chart(kind))
    assert (claim.transaction, claim.setting) == ("837I", bill)
    assert claim.stay is not None
    assert (claim.stay.admitted_at is not None) == (kind is INPATIENT)
    assert (claim.stay.drg == "291") == (kind is INPATIENT)
    assert (claim.lines[0].on is None) == (kind is INPATIENT)


def test_what_may_be_billed_once_is_facility_account_and_transaction() -> None:
    assert billing_event(a_coded_chart()) == "MERCY|A1|837P"
    assert billing_event(a_coded_chart(EMERGENCY)) == "MERCY|A1|837I"


def test_the_total_is_the_sum_of_the_lines() -> None:
    charges = (a_charge(1), a_charge(2, amount=Decimal("0.01")), a_charge(3, amount=Decimal(0)))
    claim = build_it(a_coded_chart(charges=charges))
    assert claim.total == Decimal("125.51")
    assert [line.control_number for line in claim.lines] == [
        "000000017-1",
        "000000017-2",
        "000000017-3",
    ]


def test_lines_point_to_the_diagnoses_that_the_sender_linked_in_its_order() -> None:
    charges = (a_charge(1, diagnosis_codes=("I10", "I5023")), a_charge(2))
    claim = build_it(a_coded_chart(charges=charges))
    assert [line.pointers for line in claim.lines] == [(3, 1), (1, 2, 3)]


def test_a_line_takes_four_pointers_at_most() -> None:
    codes = (FIRST, *(a_code(f"E11{n}", rank=n) for n in range(2, 8)))
    linked = tuple(f"E11{n}" for n in range(2, 8))
    charges = (a_charge(1, diagnosis_codes=linked), a_charge(2))
    claim = build_it(a_coded_chart(codes=codes, charges=charges))
    assert [line.pointers for line in claim.lines] == [(2, 3, 4, 5), (1, 2, 3, 4)]


def test_who_rendered_is_the_encounters_else_the_attending_else_a_charges() -> None:
    nobody = {"rendering": None}
    attended = build_it(a_coded_chart(encounter={"rendering": None, "attending": SURGEON}))
    charged = build_it(
        a_coded_chart(encounter=nobody, charges=(a_charge(1), a_charge(2, rendering=SURGEON)))
    )
    for claim in (attended, charged):
        assert claim.rendering is not None
        assert claim.rendering.npi == SURGEON.npi
    assert charged.lines[1].rendering is None


def test_a_line_names_its_own_practitioner_and_place_where_they_differ() -> None:
    charges = (
        a_charge(1, rendering=DOCTOR, place_of_service="11"),
        a_charge(2, rendering=SURGEON, place_of_service="22"),
    )
    first, second = build_it(a_coded_chart(charges=charges)).lines
    assert (first.rendering, first.place_of_service) == (None, "")
    assert second.rendering is not None
    assert (second.rendering.npi, second.place_of_service) == (SURGEON.npi, "22")


def test_a_dependent_is_the_patient_and_the_subscriber_somebody_else() -> None:
    subscriber = a_patient(name=Name(family="Elder", given="Una"), address=None, sex="")
    coverage = a_coverage(relationship="child", subscriber=subscriber, rank=1)
    claim = build_it(a_coded_chart(coverages=(a_coverage(rank=2, payer_id="MCAID1"), coverage)))
    assert claim.dependent is not None
    assert claim.dependent.relationship == "19"
    assert claim.dependent.birth_date == date(1961, 2, 3)
    assert claim.subscriber.name.family == "Elder"
    assert claim.payer.payer_id == "BLUE1"


def test_a_drug_goes_with_its_line() -> None:
    charge = a_charge(code="J1100", ndc="12345-6789-01", ndc_quantity=Decimal("0.5"), ndc_unit="ML")
    drug = build_it(a_coded_chart(charges=(charge,))).lines[0].drug
    assert drug is not None
    assert (drug.ndc, drug.quantity, drug.unit) == ("12345678901", Decimal("0.5"), "ML")


def test_an_inpatient_claim_says_what_was_present_on_admission() -> None:
    codes = (
        FIRST,
        a_code("W1830XA", poa=Poa.YES, rank=4),
        a_code("N179", poa=Poa.NO, rank=2),
        a_code("Z794", poa=Poa.EXEMPT, rank=3),
        a_code("R0602", ADMITTING, poa=None),
        a_code("R079", REASON),
        a_procedure("30233N1", rank=2),
        a_procedure("0QS604Z", rank=1),
    )
    claim = build_it(a_coded_chart(INPATIENT, codes=codes, encounter={"operating": SURGEON}))
    assert [(one.code, one.use, one.poa) for one in claim.diagnoses] == [
        ("I5023", DiagnosisUse.PRINCIPAL, "Y"),
        ("R0602", DiagnosisUse.ADMITTING, ""),
        ("W1830XA", DiagnosisUse.EXTERNAL_CAUSE, "Y"),
        ("N179", DiagnosisUse.OTHER, "N"),
        ("Z794", DiagnosisUse.OTHER, ""),
    ]
    assert [one.code for one in claim.procedures] == ["0QS604Z", "30233N1"]


def test_an_outpatient_claim_says_why_the_patient_came_and_nothing_of_admission() -> None:
    codes = (FIRST, a_code("R0602", ADMITTING), a_code("R079", REASON), a_procedure())
    claim = build_it(a_coded_chart(EMERGENCY, codes=codes))
    assert [(one.code, one.use, one.poa) for one in claim.diagnoses] == [
        ("I5023", DiagnosisUse.PRINCIPAL, ""),
        ("R079", DiagnosisUse.REASON_FOR_VISIT, ""),
    ]
    assert claim.procedures == ()


def test_an_outpatients_statement_covers_its_service_days() -> None:
    charges = (
        a_charge(1, revenue_code="0450", on=date(2026, 5, 3)),
        a_charge(2, revenue_code="0300", on=date(2026, 5, 4), until=date(2026, 5, 8)),
    )
    known = {"admitted_at": None, "discharged_at": None}
    stay = build_it(a_coded_chart(EMERGENCY, charges=charges, encounter=known)).stay
    assert stay is not None
    assert (stay.statement_from, stay.statement_to) == (date(2026, 5, 3), date(2026, 5, 8))


def test_an_address_abroad_needs_no_state_and_no_zip() -> None:
    abroad = Address(line1="Ring 1", city="Wien", country="AT")
    claim = build_it(a_coded_chart(patient=a_patient(address=abroad)))
    assert claim.subscriber.address == abroad


def test_the_state_of_an_accident_is_said_of_automobiles_only() -> None:
    for kind, state in (("AA", "IL"), ("OA", "")):
        known = {"accident": Accident(kind=kind, on=DAY, state="IL")}
        accident = build_it(a_coded_chart(encounter=known)).accident
        assert accident is not None
        assert (accident.kind, accident.state) == (kind, state)


def test_the_same_chart_gives_the_same_claim() -> None:
    assert build_it(a_coded_chart(INPATIENT)) == build_it(a_coded_chart(INPATIENT))


# -- what is refused, with the field that mends it -----------------------------------------------

NAMELESS = Practitioner(npi="1234567890")
BARE = Address(city="Springfield")

REFUSALS: list[tuple[EncounterClass, dict[str, Any], str]] = [
    (CLINIC, {"coding": None}, "coding"),
    (CLINIC, {"cancelled": True}, "cancelled"),
    (CLINIC, {"charges": ()}, "charges"),
    (CLINIC, {"charges": (a_charge(amount=Decimal(0)),)}, "charges"),
    (CLINIC, {"coverages": ()}, "coverages"),
    (CLINIC, {"coverages": (a_coverage(member_id=""),)}, "coverages[0].member_id"),
    (CLINIC, {"coverages": (a_coverage(relationship="aunt"),)}, "coverages[0].relationship"),
    (CLINIC, {"coverages": (a_coverage(relationship="child"),)}, "coverages[0].subscriber.name"),
    (CLINIC, {"patient": a_patient(name=None)}, "patient.name.family"),
    (CLINIC, {"patient": a_patient(name=Name(family="日本"))}, "patient.name.family"),
    (CLINIC, {"patient": a_patient(birth_date=None)}, "patient.birth_date"),
    (CLINIC, {"patient": a_patient(sex="")}, "patient.sex"),
    (CLINIC, {"patient": a_patient(address=None)}, "patient.address.line1"),
    (CLINIC, {"patient": a_patient(address=BARE)}, "patient.address.state"),
    (CLINIC, {"patient": a_patient(address=BARE)}, "patient.address.zip"),
    (CLINIC, {"encounter": {"rendering": None}}, "encounter.rendering"),
    (CLINIC, {"encounter": {"rendering": NAMELESS}}, "encounter.rendering.npi"),
    (CLINIC, {"encounter": {"rendering": NAMELESS}}, "encounter.rendering.name.given"),
    (CLINIC, {"encounter": {"referring": NAMELESS}}, "encounter.referring.npi"),
    (CLINIC, {"codes": ()}, "diagnoses"),
    (CLINIC, {"codes": (FIRST, FIRST)}, "diagnoses"),
    (CLINIC, {"charges": (a_charge(code=""),)}, "charges[0].code"),
    (CLINIC, {"charges": (a_charge(on=None),)}, "charges[0].on"),
    (CLINIC, {"charges": (a_charge(on=date(2026, 5, 12)),)}, "charges[0].on"),
    (CLINIC, {"charges": (a_charge(until=date(2026, 5, 3)),)}, "charges[0].until"),
    (CLINIC, {"charges": (a_charge(units=Decimal(0)),)}, "charges[0].units"),
    (CLINIC, {"charges": (a_charge(amount=Decimal(-1)),)}, "charges[0].amount"),
    (CLINIC, {"charges": (a_charge(amount=Decimal("1.005")),)}, "charges[0].amount"),
    (CLINIC, {"charges": (a_charge(modifiers=("25",) * 5),)}, "charges[0].modifiers"),
    (CLINIC, {"charges": (a_charge(modifiers=("2",)),)}, "charges[0].modifiers"),
    (CLINIC, {"charges": (a_charge(place_of_service="X"),)}, "charges[0].place_of_service"),
    (CLINIC, {"charges": (a_charge(diagnosis_codes=("Z9",)),)}, "charges[0].diagnosis_codes"),
    (CLINIC, {"charges": (a_charge(ndc="12345"),)}, "charges[0].ndc"),
    (CLINIC, {"charges": (a_charge(ndc="12345678901"),)}, "charges[0].ndc_quantity"),
    (CLINIC, {"charges": (a_charge(ndc="12345678901"),)}, "charges[0].ndc_unit"),
    (CLINIC, {"charges": (a_charge(rendering=NAMELESS),)}, "charges[0].rendering.npi"),
    (CLINIC, {"encounter": {"accident": Accident(kind="OA")}}, "encounter.accident.on"),
    (CLINIC, {"encounter": {"accident": Accident(on=DAY)}}, "encounter.accident.kind"),
    (CLINIC, {"encounter": {"accident": Accident(kind="AA", on=DAY)}}, "encounter.accident.state"),
    (CLINIC, {"coverages": (a_coverage(payer_id="WCOMP1"),)}, "encounter.accident"),
    (EMERGENCY, {"encounter": {"discharge_status": ""}}, "encounter.discharge_status"),
    (EMERGENCY, {"encounter": {"discharge_status": "30"}}, "encounter.discharge_status"),
    (EMERGENCY, {"encounter": {"attending": None}}, "encounter.attending"),
    (EMERGENCY, {"charges": (a_charge(revenue_code="450"),)}, "charges[0].revenue_code"),
    (EMERGENCY, {"charges": (a_charge(revenue_code="0001"),)}, "charges[0].revenue_code"),
    (EMERGENCY, {"charges": (a_charge(revenue_code="0450", on=None),)}, "charges[0].on"),
    (EMERGENCY, {"charges": (a_charge(revenue_code="0450", code="992"),)}, "charges[0].code"),
    (
        EMERGENCY,
        {"charges": (), "encounter": {"admitted_at": None, "discharged_at": None}},
        "encounter.admitted_at",
    ),
    (INPATIENT, {"encounter": {"admitted_at": None}}, "encounter.admitted_at"),
    (INPATIENT, {"encounter": {"discharged_at": None}}, "encounter.discharged_at"),
    (
        INPATIENT,
        {"encounter": {"discharged_at": datetime(2026, 5, 3, tzinfo=UTC)}},
        "encounter.discharged_at",
    ),
    (
        INPATIENT,
        {"encounter": {"discharged_at": datetime(2026, 5, 13, tzinfo=UTC)}},
        "encounter.discharged_at",
    ),
    (INPATIENT, {"encounter": {"admission_type": "7"}}, "encounter.admission_type"),
    (INPATIENT, {"encounter": {"admission_source": ""}}, "encounter.admission_source"),
    (INPATIENT, {"codes": (FIRST,)}, "diagnoses"),
    (
        INPATIENT,
        {"codes": (FIRST, a_code("R0602", ADMITTING), a_code("N179", poa=None))},
        "diagnoses",
    ),
    (
        INPATIENT,
        {"codes": (FIRST, a_code("R0602", ADMITTING), a_procedure())},
        "encounter.operating",
    ),
    (INPATIENT, {"codes": (FIRST, a_procedure(on=None))}, "procedures"),
    (INPATIENT, {"codes": (FIRST, a_procedure(on=date(2026, 5, 8)))}, "procedures"),
    (INPATIENT, {"codes": (FIRST, a_procedure(on=date(2026, 4, 30)))}, "procedures"),
]


@pytest.mark.parametrize(("kind", "differences", "path"), REFUSALS, ids=lambda one: str(one)[:60])
def test_what_is_missing_is_refused_with_its_field(
    kind: EncounterClass, differences: dict[str, Any], path: str
) -> None:
    failure = refused(a_coded_chart(kind, **dict(differences)))
    assert isinstance(failure, IncompleteClaim)
    assert any(named.startswith(path) for named in failure.where.split(", "))
    assert f"({path}" in failure.sentence


def test_a_code_is_named_where_the_chart_has_it_counted_from_0() -> None:
    """So that the path can be given to `dlq resume --set` as it stands."""
    listed = [("N17.9", ADMITTING), ("I50.23", PRINCIPAL), ("N17.9", SECONDARY)]
    chart = a_coded_chart(
        INPATIENT,
        codes=(FIRST, a_code("N179", ADMITTING), a_code("N179", poa=None), a_procedure(on=None)),
        encounter={"operating": SURGEON},
        diagnoses=tuple(Diagnosis(code=code, role=role) for code, role in listed),
        procedures=(Procedure(code="0FT44ZZ"), Procedure(code="0QS604Z")),
    )
    assert refused(chart).where == "procedures[1].on, diagnoses[2].poa"


def test_several_charges_are_counted_from_0() -> None:
    chart = a_coded_chart(charges=(a_charge(1), a_charge(2, code="")))
    assert refused(chart).where == "charges[1].code"


def test_every_missing_element_is_named_at_once() -> None:
    chart = a_coded_chart(
        INPATIENT,
        patient=a_patient(birth_date=None, sex=""),
        encounter={"attending": None, "discharge_status": ""},
        charges=(a_charge(revenue_code=""),),
    )
    failure = refused(chart)
    assert set(failure.where.split(", ")) == {
        "encounter.discharge_status",
        "encounter.attending",
        "charges[0].revenue_code",
        "patient.birth_date",
        "patient.sex",
    }


def test_a_refusal_names_no_patient() -> None:
    chart = a_coded_chart(patient=a_patient(sex="", address=BARE), charges=(a_charge(code="x"),))
    failure = refused(chart)
    told = f"{failure.sentence} {failure.where} {failure.suggested_fix}".lower()
    assert "canary" not in told
    assert "1961" not in told


def test_a_chart_of_unknown_class_is_refused() -> None:
    failure = refused(a_coded_chart(None))
    assert isinstance(failure, IncompleteClaim)
    assert failure.where == "encounter.encounter_class"


@pytest.mark.parametrize(
    ("chart", "kind"),
    [
        (a_coded_chart(facility="ELSEWHERE"), UnknownFacility),
        (a_coded_chart(coverages=(a_coverage(payer_id="NOBODY"),)), UnknownPayer),
        (a_coded_chart(charges=(a_charge(on=date(2015, 9, 30)),)), UnsupportedCodeSet),
        (
            a_coded_chart(codes=(a_code("4280", PRINCIPAL, system=CodeSystem.ICD9CM),)),
            UnsupportedCodeSet,
        ),
        (a_coded_chart(codes=(FIRST, *(a_code(f"E{n}") for n in range(12)))), TooManyDiagnoses),
        (
            a_coded_chart(EMERGENCY, codes=(FIRST, *(a_code(f"E{n}") for n in range(25)))),
            TooManyDiagnoses,
        ),
        (
            a_coded_chart(EMERGENCY, codes=(FIRST, *(a_code(f"W{n}") for n in range(13)))),
            TooManyDiagnoses,
        ),
        (
            a_coded_chart(EMERGENCY, codes=(FIRST, *(a_code(f"R{n}", REASON) for n in range(4)))),
            TooManyDiagnoses,
        ),
        (a_coded_chart(charges=tuple(map(a_charge, range(51)))), TooManyLines),
        (a_coded_chart(EMERGENCY, charges=tuple(map(a_charge, range(1000)))), TooManyLines),
    ],
)
def test_what_cannot_be_billed_this_way_has_its_own_reason(
    chart: Chart, kind: type[Rejected]
) -> None:
    assert type(refused(chart)) is kind


def test_a_payer_that_does_not_take_the_transaction_is_refused() -> None:
    payers = the_payers()
    only = payers["BLUE1"].model_copy(update={"transactions": ("837I",)})
    failure = refused(a_coded_chart(), payers={"BLUE1": only})
    assert isinstance(failure, TransactionNotTaken)


def test_a_facility_without_a_type_of_bill_for_the_class_is_refused() -> None:
    mercy = the_facilities()["MERCY"].model_copy(update={"type_of_bill": {INPATIENT: "11"}})
    failure = refused(a_coded_chart(EMERGENCY), facilities={"MERCY": mercy})
    assert isinstance(failure, UnknownFacility)


def test_an_encounter_without_any_date_is_left_to_the_gaps() -> None:
    chart = a_coded_chart(charges=(a_charge(on=None),))
    assert refused(chart).where == "charges[0].on"
