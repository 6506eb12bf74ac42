"""What HL7 v2 messages say about a chart: patient, visit, coverages, codes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.chart.model import (
    Accident,
    Address,
    CodeSystem,
    DiagnosisRole,
    EncounterClass,
    Name,
    Poa,
    Practitioner,
    Reading,
)
from services.hl7.message import UnreadableMessageError
from services.hl7.people import is_npi
from services.hl7.reader import read_message
from services.hl7.transmission import parse
from tests.unit.intake_messages import IN1, PID, PV1_CLINIC, PV1_IN, adt, dft, ft1, hl7

EASTERN = timezone(timedelta(hours=-4))


def understood(content: bytes) -> Reading:
    (message,) = parse(content).messages
    return read_message(message)


def rules(reading: Reading) -> list[str]:
    return [finding.rule_id for finding in reading.findings]


def test_an_admission_says_who_where_and_when() -> None:
    reading = understood(adt())
    assert (reading.sender, reading.control_id) == ("EPICISH|GEN", "MSG1")
    assert reading.event == "ADT^A01"
    update = reading.update
    assert update is not None
    assert (update.facility, update.account) == ("GEN", "A100")
    assert update.event_at == datetime(2026, 5, 4, 14, 10, tzinfo=EASTERN)
    assert update.patient is not None
    assert update.patient.mrn == "M100"
    assert update.patient.name == Name(family="Storyfield", given="Ada", middle="B")
    assert update.patient.birth_date == date(1951, 3, 14)
    assert update.patient.sex == "F"
    assert update.patient.phone == "9375550101"
    assert update.patient.address == Address(
        line1="1 Invented Way", city="Springton", state="OH", zip="45501"
    )


def test_an_inpatient_visit_has_its_billing_facts() -> None:
    update = understood(adt("A03")).update
    assert update is not None
    assert update.encounter is not None
    visit = update.encounter
    assert visit.encounter_class is EncounterClass.INPATIENT
    assert visit.admitted_at == datetime(2026, 5, 4, 14, 5, tzinfo=EASTERN)
    assert visit.discharged_at == datetime(2026, 5, 7, 11, 5, tzinfo=EASTERN)
    assert (visit.discharge_status, visit.admission_source) == ("01", "1")
    assert visit.attending == Practitioner(
        npi="1234567893", name=Name(family="Storyhill", given="Max")
    )


@pytest.mark.parametrize(
    ("pv1", "expected"),
    [
        ("PV1|1|I", EncounterClass.INPATIENT),
        ("PV1|1|E", EncounterClass.EMERGENCY),
        ("PV1|1|O||||||||SUR", EncounterClass.SURGERY),
        ("PV1|1|O||||||||FAM", EncounterClass.CLINIC),
        ("PV1|1|O||||||||LAB||||||||CLI", EncounterClass.CLINIC),
        ("PV1|1|O|X^^^^^C", EncounterClass.CLINIC),
        ("PV1|1|O||||||||LAB", EncounterClass.OUTPATIENT),
        ("PV1|1|R", EncounterClass.OUTPATIENT),
        ("PV1|1|I||||||||SUR", EncounterClass.INPATIENT),
        ("PV1|1|P", None),
        ("PV1|1|B", None),
        ("PV1|1", None),
    ],
)
def test_the_patient_class_becomes_how_the_visit_is_billed(
    pv1: str, expected: EncounterClass | None
) -> None:
    update = understood(adt("A04", PID, pv1)).update
    assert update is not None
    found = update.encounter.encounter_class if update.encounter else None
    assert found is expected


def test_a_class_that_does_not_say_how_to_bill_is_told() -> None:
    assert "hl7.patient-class" in rules(understood(adt("A05", PID, "PV1|1|P")))


@pytest.mark.parametrize(
    ("code", "meaning"), [("E", "1"), ("U", "2"), ("C", "3"), ("N", "4"), ("5", "5"), ("Q", "")]
)
def test_the_admission_type_is_an_nubc_code_or_left_out(code: str, meaning: str) -> None:
    reading = understood(adt("A01", PID, f"PV1|1|I||{code}"))
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.admission_type == meaning
    assert ("hl7.local-code" in rules(reading)) is (meaning == "")


@pytest.mark.parametrize(("sent", "kept"), [("1", "01"), ("20", "20"), ("HOME", "")])
def test_a_disposition_is_two_digits_or_left_out(sent: str, kept: str) -> None:
    reading = understood(adt("A03", PID, "PV1|1|I" + "|" * 34 + sent))
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.discharge_status == kept


def test_the_account_falls_back_to_the_visit_number() -> None:
    update = understood(adt("A01", "PID|1||M1", "PV1|1|I" + "|" * 17 + "V9")).update
    assert update is not None
    assert update.account == "V9"


@pytest.mark.parametrize(
    ("born", "rule"), [("1951", "hl7.date-not-whole"), ("19510231", "hl7.not-a-date")]
)
def test_a_birth_date_that_is_not_whole_is_left_out_with_a_finding(born: str, rule: str) -> None:
    reading = understood(adt("A01", f"PID|1||M1||A^B||{born}", PV1_IN))
    assert reading.update is not None
    assert reading.update.patient is not None
    assert reading.update.patient.birth_date is None
    (found,) = [one for one in reading.findings if one.rule_id == rule]
    assert found.target == "segment 3 (PID), field 7, line 3"
    assert born not in found.message


def test_a_time_without_an_offset_takes_that_of_the_header_else_utc() -> None:
    pv1 = "PV1|1|O" + "|" * 42 + "20260504093000"
    with_offset = understood(adt("A04", PID, pv1)).update
    without = understood(adt("A04", PID, pv1, at="20260504141000")).update
    assert with_offset is not None
    assert with_offset.encounter is not None
    assert with_offset.encounter.admitted_at == datetime(2026, 5, 4, 9, 30, tzinfo=EASTERN)
    assert without is not None
    assert without.encounter is not None
    assert without.encounter.admitted_at == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_a_day_without_an_hour_is_midnight_with_a_finding() -> None:
    reading = understood(adt("A04", PID, "PV1|1|O" + "|" * 42 + "20260504"))
    assert "hl7.no-time-of-day" in rules(reading)


@pytest.mark.parametrize("number", ["1234567893", "1679523708", "1992861900"])
def test_a_real_npi_passes_its_check_digit(number: str) -> None:
    assert is_npi(number)


@pytest.mark.parametrize(
    "number", ["1234567890", "0234567893", "123456789", "12345678931", "²234567893"]
)
def test_a_number_that_is_no_npi_fails(number: str) -> None:
    assert not is_npi(number)


def test_a_claimed_npi_with_a_wrong_check_digit_is_a_local_id_and_told() -> None:
    reading = understood(adt("A01", PID, "PV1|1|I|||||1234567890^H^M^^^^^^NPI"))
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.attending == Practitioner(
        local_id="1234567890", name=Name(family="H", given="M")
    )
    assert "hl7.npi-check-digit" in rules(reading)


def test_the_npi_is_found_in_any_repetition() -> None:
    reading = understood(
        adt("A01", PID, "PV1|1|I|||||77^H^M~1234567893^H^M^^^^^^&2.16.840.1.113883.4.6&ISO")
    )
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.attending == Practitioner(
        npi="1234567893", local_id="77", name=Name(family="H", given="M")
    )


# -- coverages --------------------------------------------------------------------------------


def test_a_coverage_has_payer_plan_member_and_group() -> None:
    update = understood(adt("A04", PID, PV1_CLINIC, IN1)).update
    assert update is not None
    assert update.coverages is not None
    (coverage,) = update.coverages
    assert (coverage.payer_id, coverage.payer_name) == ("MCARE1", "Invented Medicare")
    assert (coverage.plan_type, coverage.member_id) == ("MB", "MEM1")
    assert (coverage.group_number, coverage.relationship) == ("G7", "self")
    assert coverage.subscriber is None


def test_another_subscriber_comes_with_name_birth_date_and_sex() -> None:
    in1 = "IN1|1||BLUE1|Blue||||||||||||Storyfield^Bo|SPO|19500101" + "|" * 25 + "M"
    in1 = in1.replace("||||||||||||Storyfield", "|" * 12 + "Storyfield")
    update = understood(adt("A04", PID, in1)).update
    assert update is not None
    assert update.coverages is not None
    (coverage,) = update.coverages
    assert coverage.relationship == "spouse"
    assert coverage.subscriber is not None
    assert coverage.subscriber.name == Name(family="Storyfield", given="Bo")
    assert coverage.subscriber.birth_date == date(1950, 1, 1)


def test_coverages_stand_in_the_order_they_pay() -> None:
    second = "IN1|1||SECOND" + "|" * 19 + "2"
    first = "IN1|2||FIRST" + "|" * 19 + "1"
    update = understood(adt("A04", PID, second, first)).update
    assert update is not None
    assert [(one.rank, one.payer_id) for one in update.coverages or ()] == [
        (1, "FIRST"),
        (2, "SECOND"),
    ]


def test_a_message_without_insurance_does_not_speak_of_it() -> None:
    update = understood(adt()).update
    assert update is not None
    assert update.coverages is None


def test_a_subscriber_with_another_name_and_no_relationship_is_told() -> None:
    reading = understood(adt("A04", PID, "IN1|1||BLUE1|" + "|" * 12 + "Other^Bo"))
    assert "hl7.subscriber-relationship" in rules(reading)


# -- diagnoses and procedures -----------------------------------------------------------------


def test_diagnoses_have_role_rank_and_present_on_admission() -> None:
    lines = (
        "DG1|1||I50.23^^I10|||F|||||||||1" + "|" * 11 + "Y",
        "DG1|2||N18.31^^I10|||F|||||||||2" + "|" * 11 + "N",
        "DG1|3||R06.02^^I10|||A",
    )
    update = understood(dft(*lines)).update
    assert update is not None
    assert [(one.code, one.role, one.rank, one.poa) for one in update.diagnoses or ()] == [
        ("I5023", DiagnosisRole.PRINCIPAL, 1, Poa.YES),
        ("N1831", DiagnosisRole.SECONDARY, 2, Poa.NO),
        ("R0602", DiagnosisRole.ADMITTING, 0, None),
    ]
    assert [one.where for one in update.diagnoses or ()] == ["DG1[1]", "DG1[2]", "DG1[3]"]


def test_a_working_diagnosis_is_never_final() -> None:
    reading = understood(adt("A04", PID, "DG1|1||R07.9^^I10|||W"))
    assert reading.update is not None
    assert [one.role for one in reading.update.diagnoses or ()] == [DiagnosisRole.REASON_FOR_VISIT]
    assert "hl7.working-diagnosis" in rules(reading)


def test_a_diagnosis_without_a_type_is_final_only_where_it_is_billed() -> None:
    line = "DG1|1||R07.9^^I10"
    on_arrival, charged = understood(adt("A04", PID, line)).update, understood(dft(line)).update
    assert on_arrival is not None
    assert charged is not None
    assert [one.role for one in on_arrival.diagnoses or ()] == [DiagnosisRole.REASON_FOR_VISIT]
    assert [one.role for one in charged.diagnoses or ()] == [DiagnosisRole.PRINCIPAL]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("I50.23^^I10", ("I5023", CodeSystem.ICD10CM)),
        ("u07.1^^ICD-10-CM", ("U071", CodeSystem.ICD10CM)),
        ("428.0^^I9C", ("4280", CodeSystem.ICD9CM)),
        ("E11.A", ("E11A", CodeSystem.ICD10CM)),
        ("626.2", None),
        ("422504002^Stroke^SCT", None),
    ],
)
def test_a_diagnosis_is_icd_or_left_out(
    field: str, expected: tuple[str, CodeSystem] | None
) -> None:
    reading = understood(dft(f"DG1|1||{field}|||F"))
    assert reading.update is not None
    found = [(one.code, one.system) for one in reading.update.diagnoses or ()]
    assert found == ([expected] if expected else [])
    assert ("hl7.diagnosis-code" in rules(reading)) is (expected is None)


def test_ranks_without_a_first_make_nothing_principal() -> None:
    lines = ("DG1|1||I10^^I10|||F|||||||||2", "DG1|2||E11.9^^I10|||F|||||||||3")
    update = understood(dft(*lines)).update
    assert update is not None
    assert {one.role for one in update.diagnoses or ()} == {DiagnosisRole.SECONDARY}


def test_two_first_diagnoses_are_told_and_the_first_is_taken() -> None:
    lines = ("DG1|1||I10^^I10|||F|||||||||1", "DG1|2||E11.9^^I10|||F|||||||||1")
    reading = understood(dft(*lines))
    assert reading.update is not None
    assert [one.role for one in reading.update.diagnoses or ()] == [
        DiagnosisRole.PRINCIPAL,
        DiagnosisRole.SECONDARY,
    ]
    assert "hl7.principal-diagnosis" in rules(reading)


def test_a_procedure_has_code_date_and_surgeon_who_operates() -> None:
    pr1 = "PR1|1||0QS604Z^^I10P||20260505||||||1234567893^Storyhill^Max"
    update = understood(adt("A08", PID, PV1_IN, pr1)).update
    assert update is not None
    (procedure,) = update.procedures or ()
    assert (procedure.code, procedure.system) == ("0QS604Z", CodeSystem.ICD10PCS)
    assert procedure.on == date(2026, 5, 5)
    assert update.encounter is not None
    assert update.encounter.operating == procedure.practitioner is not None


def test_a_procedure_that_repeats_a_charge_only_names_the_surgeon() -> None:
    pr1 = "PR1|1||80053^^C4||20260505||||||1234567893^Storyhill^Max"
    update = understood(dft(ft1(1, "C1"), pr1)).update
    assert update is not None
    assert update.procedures is None
    assert update.encounter is not None
    assert update.encounter.operating is not None


def test_an_accident_has_date_kind_and_state() -> None:
    update = understood(adt("A04", PID, "ACC|20260503|AA||OH")).update
    assert update is not None
    assert update.encounter is not None
    assert update.encounter.accident == Accident(on=date(2026, 5, 3), kind="AA", state="OH")


# -- events -----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["ADT^A28", "ADT^A31", "ADT^A40", "SIU^S12", "VXU^V04", "ACK"])
def test_an_event_without_a_chart_is_understood_and_says_so(event: str) -> None:
    reading = understood(hl7(event, PID))
    assert reading.update is None
    assert rules(reading)[-1] == "hl7.event-not-filed"


def test_the_trigger_event_decides_and_not_the_structure() -> None:
    assert understood(hl7("ADT^A08^ADT_A01", PID)).event == "ADT^A08"
    assert understood(hl7("ADT", "EVN|A03", PID)).event == "ADT^A03"


def test_a_cancelled_admission_cancels_and_a_cancelled_discharge_clears() -> None:
    cancelled, cleared = understood(adt("A11")).update, understood(adt("A13")).update
    assert cancelled is not None
    assert cancelled.cancels_encounter
    assert cleared is not None
    assert cleared.cancels_discharge
    assert cleared.encounter is not None
    assert cleared.encounter.discharged_at is None
    assert cleared.encounter.discharge_status == ""


def test_a_request_to_delete_is_told_and_not_done() -> None:
    assert "hl7.delete-request" in rules(understood(adt("A08", PID, 'PV1|1|I|""')))


def test_a_message_without_a_type_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableMessageError) as caught:
        understood(hl7("", PID))
    assert caught.value.where == "segment 1 (MSH), field 9, line 1"


def test_the_processing_id_is_kept_and_its_absence_told() -> None:
    assert understood(adt(processing="T")).processing_id == "T"
    reading = understood(adt(processing=""))
    assert reading.processing_id == "P"
    assert "hl7.no-processing-id" in rules(reading)
