"""Completeness: what a chart may lack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.failures import Owner
from services.chart.model import (
    Address,
    Chart,
    CodeSystem,
    Coverage,
    DocumentKind,
    DocumentStatus,
    EncounterClass,
    Name,
    Override,
    Procedure,
    Source,
)
from services.completeness.checking import check
from services.completeness.deficiency import FAILURES, Complete, DeficiencyKind, Deficient
from tests.unit.completeness_charts import (
    DISCHARGED,
    a_charge,
    a_chart,
    a_document,
    a_patient,
    a_surgeon,
    the_matrix,
)

INPATIENT = EncounterClass.INPATIENT
SURGERY = EncounterClass.SURGERY
CLINIC = EncounterClass.CLINIC


def deficiencies(chart: Chart) -> list[tuple[str, str]]:
    match check(chart, the_matrix()):
        case Complete():
            return []
        case Deficient(deficiencies=found):
            return [(one.rule_id, one.kind.value) for one in found]


def wanted(chart: Chart) -> list[str]:
    result = check(chart, the_matrix())
    assert isinstance(result, Complete)
    return [one.rule_id for one in result.wanted]


@pytest.mark.parametrize("encounter_class", list(EncounterClass))
def test_a_chart_with_everything_is_complete(encounter_class: EncounterClass) -> None:
    assert check(a_chart(encounter_class), the_matrix()) == Complete()


@pytest.mark.parametrize(
    ("encounter_class", "rule"),
    [
        (EncounterClass.CLINIC, "clinic-note"),
        (EncounterClass.EMERGENCY, "emergency-note"),
        (EncounterClass.SURGERY, "surgery-operative-note"),
        (EncounterClass.OUTPATIENT, "outpatient-document"),
    ],
)
def test_each_class_asks_for_its_own_document(encounter_class: EncounterClass, rule: str) -> None:
    assert deficiencies(a_chart(encounter_class, documents=())) == [(rule, "missing-document")]


def test_an_inpatient_chart_needs_both_its_documents() -> None:
    assert deficiencies(a_chart(INPATIENT, documents=())) == [
        ("history-and-physical", "missing-document"),
        ("discharge-summary", "missing-document"),
    ]


@pytest.mark.parametrize("status", [DocumentStatus.UNSIGNED, DocumentStatus.PRELIMINARY])
def test_a_document_that_is_not_signed_is_another_matter_than_one_that_is_missing(
    status: DocumentStatus,
) -> None:
    chart = a_chart(CLINIC, documents=(a_document(DocumentKind.CLINIC_NOTE, status),))
    assert deficiencies(chart) == [("clinic-note", "unsigned-document")]


def test_a_cancelled_document_is_not_there() -> None:
    gone = a_document(DocumentKind.CLINIC_NOTE, DocumentStatus.CANCELLED)
    assert deficiencies(a_chart(CLINIC, documents=(gone,))) == [("clinic-note", "missing-document")]


def test_a_signed_document_that_was_replaced_by_an_unsigned_one_does_not_count() -> None:
    old = a_document(DocumentKind.CLINIC_NOTE, document_id="D1")
    new = a_document(
        DocumentKind.CLINIC_NOTE, DocumentStatus.UNSIGNED, document_id="D2", replaces="D1"
    )
    chart = a_chart(CLINIC, documents=(old, new))
    assert deficiencies(chart) == [("clinic-note", "unsigned-document")]
    (one,) = _found(chart).deficiencies
    assert one.where == "documents[1].status"


def test_a_replacement_that_was_cancelled_leaves_the_document_in_force() -> None:
    old = a_document(DocumentKind.CLINIC_NOTE, document_id="D1")
    new = a_document(
        DocumentKind.CLINIC_NOTE, DocumentStatus.CANCELLED, document_id="D2", replaces="D1"
    )
    assert deficiencies(a_chart(CLINIC, documents=(old, new))) == []


@pytest.mark.parametrize(
    "kind", [DocumentKind.RESULT, DocumentKind.PROGRESS_NOTE, DocumentKind.CLINIC_NOTE]
)
def test_any_one_of_its_documents_is_enough_for_an_outpatient_chart(kind: DocumentKind) -> None:
    unsigned = a_document(DocumentKind.CONSULTATION, DocumentStatus.UNSIGNED)
    chart = a_chart(EncounterClass.OUTPATIENT, documents=(unsigned, a_document(kind)))
    assert deficiencies(chart) == []


@pytest.mark.parametrize(
    ("differences", "asked"),
    [
        ({"procedures": (Procedure(code="0QS604Z"),)}, True),
        ({"procedures": (Procedure(code="10D00Z1"),)}, True),
        ({"procedures": (Procedure(code="27447", system=CodeSystem.CPT),)}, True),
        ({"encounter": {"operating": a_surgeon()}}, True),
        ({"procedures": (Procedure(code="10E0XZZ"),)}, False),
        ({"procedures": (Procedure(code="3E0234Z"),)}, False),
        ({}, False),
    ],
)
def test_an_inpatient_who_was_operated_on_needs_an_operative_note(
    differences: dict[str, Any], *, asked: bool
) -> None:
    chart = a_chart(INPATIENT, **differences)
    assert (("operative-note", "missing-document") in deficiencies(chart)) is asked


@pytest.mark.parametrize("charge", [a_charge("", revenue_code="0370"), a_charge("00400")])
def test_an_anesthesia_record_is_wanted_where_anesthesia_was_charged_and_stops_nothing(
    charge: Any,
) -> None:
    assert wanted(a_chart(SURGERY, charges=(charge,))) == ["anesthesia-record"]
    assert wanted(a_chart(SURGERY)) == []


def test_a_visit_for_immunization_alone_needs_its_record_and_no_note() -> None:
    vaccines = (a_charge("90686"), a_charge("G0008"))
    record = (a_document(DocumentKind.IMMUNIZATION_RECORD),)
    assert deficiencies(a_chart(CLINIC, charges=vaccines, documents=record)) == []
    assert deficiencies(a_chart(CLINIC, charges=vaccines, documents=())) == [
        ("immunization-record", "missing-document")
    ]
    with_visit = (*vaccines, a_charge("99213"))
    assert deficiencies(a_chart(CLINIC, charges=with_visit, documents=record)) == [
        ("clinic-note", "missing-document")
    ]


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        ({"mrn": " "}, "The patient's medical record number is missing."),
        ({"name": None}, "The patient's name is missing."),
        ({"name": Name(family="")}, "The patient's name is missing."),
        ({"birth_date": None}, "The patient's birth date is missing."),
        ({"sex": ""}, "The patient's sex is missing."),
        ({"address": None}, "The patient's address is missing."),
        ({"address": Address(line1="1 A", city="B")}, "The patient's address is missing."),
        (
            {"address": Address(city="B", state="OH", zip="45501")},
            "The patient's address is missing.",
        ),
        (
            {"name": None, "sex": "", "address": None},
            "The patient's name, sex and address are missing.",
        ),
    ],
)
def test_missing_demographics_are_named_by_field(difference: dict[str, Any], words: str) -> None:
    chart = a_chart(patient=a_patient(**difference))
    assert deficiencies(chart) == [("demographics", "missing-demographics")]
    assert _found(chart).sentence == words


def test_an_address_abroad_needs_no_state_and_no_zip() -> None:
    abroad = Address(line1="1 Rue A", city="Lyon", country="FR")
    assert deficiencies(a_chart(patient=a_patient(address=abroad))) == []


@pytest.mark.parametrize(
    ("coverages", "words"),
    [
        ((), "There is no coverage."),
        ((Coverage(member_id="M"),), "The primary coverage has no payer id."),
        ((Coverage(payer_id="P"),), "The primary coverage has no member id."),
        ((Coverage(),), "The primary coverage has no payer id and no member id."),
        (
            (Coverage(rank=2, payer_id="P", member_id="M"), Coverage(rank=1, payer_id="P")),
            "The primary coverage has no member id.",
        ),
    ],
)
def test_a_chart_needs_a_primary_coverage_with_payer_and_member(
    coverages: tuple[Coverage, ...], words: str
) -> None:
    chart = a_chart(coverages=coverages)
    assert deficiencies(chart) == [("coverage", "missing-coverage")]
    assert _found(chart).sentence == words


def test_a_secondary_coverage_without_a_member_holds_up_nothing() -> None:
    both = (Coverage(payer_id="P", member_id="M"), Coverage(rank=2, payer_id="Q"))
    assert deficiencies(a_chart(coverages=both)) == []


def test_an_inpatient_chart_waits_for_the_discharge_and_others_do_not() -> None:
    assert deficiencies(a_chart(INPATIENT, encounter={"discharged_at": None})) == [
        ("ended", "not-discharged")
    ]
    assert deficiencies(a_chart(SURGERY, encounter={"discharged_at": None})) == []


def test_a_chart_without_charges_waits_for_them() -> None:
    assert deficiencies(a_chart(charges=())) == [("charges", "missing-charges")]


def test_a_registration_without_a_class_needs_a_person_at_once() -> None:
    (one,) = _found(a_chart(None)).deficiencies
    assert (one.rule_id, one.waits, one.owner) == (
        "encounter-class-unknown",
        False,
        Owner.REGISTRATION,
    )


def test_a_charge_that_comes_before_its_registration_waits_for_it() -> None:
    early = (Source(raw_id="r_1", event="DFT^P03"),)
    (one,) = _found(a_chart(None, sources=early)).deficiencies
    assert (one.rule_id, one.waits) == ("encounter-class-not-sent", True)


def test_a_rule_that_a_person_has_overridden_is_not_asked() -> None:
    override = Override(
        rule_id="clinic-note", reason="paper note", by="u", at=datetime(2026, 5, 8, tzinfo=UTC)
    )
    assert deficiencies(a_chart(documents=(), overrides=(override,))) == []


def test_deficiencies_stand_in_the_order_of_their_importance() -> None:
    chart = a_chart(
        INPATIENT,
        patient=a_patient(sex=""),
        coverages=(),
        documents=(a_document(DocumentKind.DISCHARGE_SUMMARY, DocumentStatus.UNSIGNED),),
        charges=(),
    )
    found = _found(chart)
    assert [one.kind for one in found.deficiencies] == [
        DeficiencyKind.DEMOGRAPHICS,
        DeficiencyKind.COVERAGE,
        DeficiencyKind.MISSING_DOCUMENT,
        DeficiencyKind.UNSIGNED_DOCUMENT,
        DeficiencyKind.CHARGES,
    ]
    assert found.sentence == (
        "The patient's sex is missing; there is no coverage; there is no history and physical; "
        "the discharge summary is not signed; there is no charge."
    )
    assert found.awaits == (
        "the patient's sex, a coverage, a signed history and physical, "
        "the signature of the discharge summary, a charge"
    )


def test_every_kind_of_deficiency_has_the_failure_of_its_name() -> None:
    assert {kind: failure.code for kind, failure in FAILURES.items()} == {
        kind: f"completeness.{kind}" for kind in DeficiencyKind
    }
    assert all(failure.fix and failure.owner for failure in FAILURES.values())


documents = st.lists(
    st.builds(
        a_document,
        st.sampled_from(DocumentKind),
        st.sampled_from(DocumentStatus),
        document_id=st.sampled_from(["D1", "D2", "D3", "D4"]),
        replaces=st.sampled_from(["", "", "D1", "D2"]),
    ),
    max_size=5,
).map(tuple)
charts = st.builds(
    a_chart,
    st.sampled_from([None, *EncounterClass]),
    documents=documents,
    charges=st.sampled_from([(), (a_charge(),), (a_charge("90686"),)]),
    coverages=st.sampled_from([(), (Coverage(payer_id="P", member_id="XCANARY1"),)]),
    patient=st.sampled_from([a_patient(), a_patient(birth_date=None), a_patient(name=None)]),
    encounter=st.sampled_from([{}, {"discharged_at": DISCHARGED}, {"operating": a_surgeon()}]),
)


@settings(deadline=None)
@given(chart=charts)
def test_a_deficiency_never_says_anything_of_the_patient(chart: Chart) -> None:
    match check(chart, the_matrix()):
        case Deficient() as found:
            said = f"{found.sentence} {found.awaits} {found.deficiencies}"
            assert found.deficiencies
        case Complete(wanted=more):
            said = f"{more}"
    assert "anary" not in said.casefold().replace("zelda", "canary")


@settings(deadline=None)
@given(chart=charts, more=documents)
def test_a_signed_document_that_replaces_nothing_never_makes_a_chart_worse(
    chart: Chart, more: tuple[Any, ...]
) -> None:
    harmless = tuple(
        one.model_copy(
            update={"document_id": f"N{n}", "replaces": "", "status": DocumentStatus.SIGNED}
        )
        for n, one in enumerate(more)
    )
    better = chart.model_copy(update={"documents": (*chart.documents, *harmless)})
    assert {rule for rule, _ in deficiencies(better)} <= {rule for rule, _ in deficiencies(chart)}


def _found(chart: Chart) -> Deficient:
    found = check(chart, the_matrix())
    assert isinstance(found, Deficient)
    return found
