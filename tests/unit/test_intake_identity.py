"""What a resend repeats."""

from __future__ import annotations

import pytest

from services.intake.detection import detect
from services.intake.failures import NoAccount, NoControlId, UnsupportedFormat
from services.intake.identity import content_hash, identity, identity_of_all
from services.intake.inspection import inspect
from services.intake.reading import read
from tests.unit.intake_messages import (
    PID,
    adt,
    bundle,
    condition,
    dft,
    encounter,
    ft1,
    hl7,
    mdm,
    native,
    patient,
)


def digest(content: bytes) -> str:
    return content_hash(content, detect(content))


def test_identity_is_sender_control_id_and_event() -> None:
    (admitted,), (discharged,) = read(adt("A01")), read(adt("A03"))
    assert identity(admitted) == "EPICISH|GEN|MSG1|ADT^A01"
    assert identity(admitted) != identity(discharged)


def test_what_came_in_one_go_has_one_identity() -> None:
    both = read(adt("A01", control="X") + adt("A08", control="Y"))
    assert identity_of_all(both) == "EPICISH|GEN|X|ADT^A01+1"


def test_a_resend_with_a_new_time_of_sending_is_the_same_content() -> None:
    first = hl7("ADT^A01", "EVN|A01|20260504", PID, at="20260504141000")
    again = hl7("ADT^A01", "EVN|A01|20260504", PID, at="20260504151000")
    assert digest(first) == digest(again)
    assert digest(first) == digest(b"\x0b" + again + b"\x1c\r")
    assert digest(first) == digest(again.replace(b"\r", b"\r\n"))
    assert digest(first) == digest(again.rstrip(b"\r"))


def test_other_content_has_another_hash() -> None:
    assert digest(adt("A01")) != digest(adt("A08"))
    assert digest(adt()) != digest(adt(control="X"))
    assert digest(native()) != digest(native(message_id="N2"))
    assert digest(native()) == digest(native() + b"\n")


def test_a_message_without_a_control_id_is_refused() -> None:
    with pytest.raises(NoControlId) as caught:
        read(adt(control=""))
    assert caught.value.where == "MSH-10"
    with pytest.raises(NoControlId):
        read(native(message_id=""))


def test_a_message_without_an_account_or_a_facility_is_refused() -> None:
    with pytest.raises(NoAccount) as caught:
        read(hl7("ADT^A01", "PID|1||M1"))
    assert caught.value.where == "PID-18, PV1-19"
    with pytest.raises(NoAccount) as caught:
        read(native(chart__facility=""))
    assert "facility" in caught.value.sentence


def test_nothing_is_insisted_on_where_nothing_is_filed() -> None:
    assert read(hl7("ADT^A28", "PID|1||M1"))[0].update is None
    assert read(adt("A01", "PID|1||M1", processing="T", control=""))[0].processing_id == "T"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<ClinicalDocument>", "C-CDA"),
        (b"%PDF-1.4", "PDF"),
        (b"hello", "neither"),
        (b"ISA*1*2*3*4*5*6*7*8*9*0*1*2*3*4*5*:~ST*837*1~", "X12 837"),
    ],
)
def test_what_intake_does_not_file_is_refused_in_plain_words(content: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        read(content)
    assert words in caught.value.sentence


# -- inspection -------------------------------------------------------------------------------


def test_inspection_says_what_was_understood_without_patient_data() -> None:
    found = inspect(dft(ft1(1, "C1"), "DG1|1||I50.23^^I10|||F", at="20260508080000"))
    (one,) = found.readings
    assert one.event == "DFT^P03"
    assert dict(one.understood) == {
        "account": "given",
        "diagnoses": "1",
        "diagnosis codes": "I5023",
        "charges": "1, 96.00 USD",
    }
    assert "Storyfield" not in repr(found)
    assert "M100" not in repr(found)


def test_inspection_shows_the_patient_to_who_asks() -> None:
    (one,) = inspect(adt(), phi=True).readings
    assert ("patient", "Storyfield, Ada") in one.patient
    assert ("born", "1951-03-14") in one.patient
    assert ("account", "GEN A100") in one.patient


def test_inspection_tells_visits_documents_credits_and_cancels() -> None:
    def understood(content: bytes) -> dict[str, str]:
        return dict(inspect(content).readings[0].understood)

    assert understood(adt("A03"))["discharge"] == "01"
    assert understood(adt("A03"))["class"] == "inpatient"
    assert understood(mdm())["documents"] == "history-and-physical (signed)"
    assert understood(dft(ft1(1, "C1", f6="CR")))["credits"] == "1"
    assert understood(adt("A11"))["cancels"] == "the encounter"
    assert understood(adt("A13"))["cancels"] == "the discharge"
    assert "chart" in understood(hl7("ADT^A28", PID))
    (nobody,) = inspect(native(chart__patient=None), phi=True).readings
    assert nobody.patient == (("account", "GEN A100"),)
    assert inspect(hl7("ADT^A28", PID), phi=True).readings[0].patient == ()


def test_inspection_holds_the_refusal_and_what_was_understood_before_it() -> None:
    unfit = inspect(hl7("ADT^A01", "PID|1||M1"))
    assert isinstance(unfit.refusal, NoAccount)
    assert len(unfit.readings) == 1
    unread = inspect(b"hello")
    assert isinstance(unread.refusal, UnsupportedFormat)
    assert unread.readings == ()


def test_inspection_names_the_envelope_of_x12_only() -> None:
    found = inspect(b"ISA*1*2*3*4*5*6*7*8*9*0*1*2*3*4*5*:~ST*835*1~")
    assert found.format.name == "x12-835"
    assert found.refusal is None


def test_inspection_of_fhir_adds_what_the_specification_says() -> None:
    found = inspect(bundle(patient(gender="SMITH"), encounter(), condition()))
    rules = {finding.rule_id for finding in found.readings[0].findings}
    assert "fhir.specification" in rules
    assert "SMITH" not in repr(found)
