"""Odd but possible values in HL7 v2: what is taken, what is left out and told."""

from __future__ import annotations

import pytest

from services.chart.model import Accident, CodeSystem, Poa, Reading
from services.hl7.reader import read_message
from services.hl7.text import decode
from services.hl7.times import Precision, instant, precision, zone_of
from services.hl7.transmission import parse
from tests.unit.intake_messages import PID, PV1_IN, adt, dft, hl7, mdm


def understood(content: bytes) -> Reading:
    (message,) = parse(content).messages
    return read_message(message)


def rules(reading: Reading) -> list[str]:
    return [finding.rule_id for finding in reading.findings]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("99213^^C4", ("99213", CodeSystem.CPT)),
        ("J1100^^C4", ("J1100", CodeSystem.HCPCS)),
        ("99213", ("99213", CodeSystem.CPT)),
        ("J1100", ("J1100", CodeSystem.HCPCS)),
        ("0QS604Z", ("0QS604Z", CodeSystem.ICD10PCS)),
        ("whatever", None),
        ("", None),
        ("80146002^Appendectomy^SCT", None),
        ("I10^^I10", None),
    ],
)
def test_a_procedure_is_known_by_its_system_or_its_form_or_left_out(
    field: str, expected: tuple[str, CodeSystem] | None
) -> None:
    reading = understood(adt("A08", PID, f"PR1|1||{field}"))
    assert reading.update is not None
    found = [(one.code, one.system) for one in reading.update.procedures or ()]
    assert found == ([expected] if expected else [])
    assert ("hl7.procedure-code" in rules(reading)) is (expected is None)


def test_the_surgeon_is_the_first_that_a_procedure_names() -> None:
    lines = ("PR1|1||99213", "PR1|2||99214||||||||1234567893^Storyhill^Max")
    update = understood(adt("A08", PID, *lines)).update
    assert update is not None
    assert update.encounter is not None
    assert update.encounter.operating is not None


def test_an_indicator_that_is_none_is_told() -> None:
    reading = understood(dft("DG1|1||I10^^I10|||F" + "|" * 20 + "Q"))
    assert reading.update is not None
    assert [one.poa for one in reading.update.diagnoses or ()] == [None]
    assert "hl7.poa-indicator" in rules(reading)
    exempt = understood(dft("DG1|1||I10^^I10|||F" + "|" * 20 + "E")).update
    assert exempt is not None
    assert [one.poa for one in exempt.diagnoses or ()] == [Poa.EXEMPT]


@pytest.mark.parametrize(
    ("address", "expected", "told"),
    [
        ("1 W^^X^oh^45501-1234", ("OH", "455011234"), ""),
        ("1 W^^X^Ohio^45501", ("", "45501"), "told"),
        ("1 W^^X^OH^K1A 0B1", ("OH", ""), "told"),
        ("1 W^^X^ON^K1A 0B1^CA", ("ON", "K1A 0B1"), ""),
        ("1 W^^X^OH^45501^^BA~2 W^^Y^OH^45502", ("OH", "45502"), ""),
    ],
)
def test_an_address_has_the_form_of_a_claim_or_is_told(
    address: str,
    expected: tuple[str, str],
    told: str,
) -> None:
    reading = understood(adt("A08", f"PID|1||M1||A^B||||||{address}|||||||A100"))
    assert reading.update is not None
    assert reading.update.patient is not None
    found = reading.update.patient.address
    assert found is not None
    assert (found.state, found.zip) == expected
    assert bool({"hl7.not-a-state", "hl7.not-a-zip"} & set(rules(reading))) is bool(told)


def test_a_bad_address_alone_is_no_address() -> None:
    update = understood(adt("A08", "PID|1||M1||A^B||||||1 W^^X^OH^45501^^BA")).update
    assert update is not None
    assert update.patient is not None
    assert update.patient.address is None


@pytest.mark.parametrize("field", ["~", "^^^", "&"])
def test_a_practitioner_of_separators_is_nobody(field: str) -> None:
    update = understood(adt("A08", PID, f"PV1|1|I|||||{field}")).update
    assert update is not None
    assert update.encounter is not None
    assert update.encounter.attending is None


def test_a_sex_that_hl7_does_not_have_is_told() -> None:
    assert "hl7.unknown-sex-code" in rules(understood(adt("A08", "PID|1||M1|||||X")))


def test_a_missing_record_number_and_a_missing_patient_are_told() -> None:
    assert "hl7.no-record-number" in rules(understood(adt("A08", "PID|1||||A^B")))
    assert "hl7.no-patient" in rules(understood(adt("A08", PV1_IN)))


@pytest.mark.parametrize(
    ("line", "accident"),
    [
        ("ACC|20260503||||Y", Accident(kind="EM")),
        ("ACC|20260503|SKI", Accident()),
    ],
)
def test_an_accident_at_work_is_known_by_its_flag_and_an_unknown_one_is_told(
    line: str, accident: Accident
) -> None:
    reading = understood(adt("A08", PID, line))
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.accident is not None
    assert reading.update.encounter.accident.kind == accident.kind
    assert ("hl7.accident-code" in rules(reading)) is (accident.kind == "")
    assert understood(adt("A08", PID, "ACC|||X")).update.encounter is None  # type: ignore[union-attr]


def test_a_missing_subcomponent_and_a_skip_are_empty() -> None:
    message = parse(hl7("ADT^A01", "PID|1||M1&A")).messages[0]
    assert message.first("PID").get(3, 1, 3) == ""
    assert message.first("PID").where() == "segment 2 (PID), line 2"
    assert message.first("ZZZ").where(1) == "the whole message"
    note = parse(hl7("ADT^A01", "NTE|1||a\\.sk3\\b\\.in5\\c")).messages[0]
    assert note.first("NTE").text(3) == "a   bc"


def test_plain_text_may_be_encapsulated_as_it_is() -> None:
    content = hl7("MDM^T02", PID, "TXA|1|HP", "OBX|1|ED|||^TEXT^plain^A^Lungs clear.||||||F")
    update = understood(content).update
    assert update is not None
    assert update.documents[0].text == "Lungs clear."


def test_bytes_outside_the_declared_set_are_read_as_utf_8_when_they_are_it() -> None:
    text = hl7("ADT^A01", "PID|1||M1||Łódź", charset="BIG-5").decode()
    found = decode(text.encode())
    assert "Łódź" in found.text
    assert "read as UTF-8" in found.doubt


def test_bytes_of_no_set_are_read_all_the_same() -> None:
    found = decode(b"MSH|^~\\&|\x81\x8d")
    assert found.doubt
    assert len(found.text) == len(b"MSH|^~\\&|\x81\x8d")


def test_times_are_read_to_the_precision_they_have() -> None:
    assert precision("2026") is Precision.PART
    assert precision("20260504") is Precision.DAY
    assert precision("2026050410") is Precision.TIME
    assert precision("yesterday") is Precision.NONE
    assert instant("20260504251000") is None
    assert instant("20260504+9999") is None
    assert zone_of("20260504+9999") == zone_of("")


def test_a_document_author_may_stand_in_the_second_place() -> None:
    content = mdm().replace(b"|||||1234567893^Storyhill^Max|||", b"||||||||")
    update = understood(content).update
    assert update is not None
    assert update.documents[0].head.author is None
