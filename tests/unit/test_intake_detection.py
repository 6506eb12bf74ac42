"""What kind of file the bytes are."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from services.intake.detection import FormatKind, detect
from services.intake.failures import UnsupportedFormat
from services.intake.reading import read
from tests.unit.intake_messages import adt, bundle, native, patient

ISA = (
    "ISA*00*          *00*          *ZZ*A              *ZZ*B              "
    "*260504*0800*^*00501*000000001*0*P*:~"
)


def x12(code: str, version: str, functional: str = "HC") -> bytes:
    return f"{ISA}GS*{functional}*A*B*20260504*0800*1*X*{version}~ST*{code}*0001~".encode()


def test_hl7_is_one_message_or_a_batch() -> None:
    assert detect(adt()).kind is FormatKind.HL7V2
    assert detect(b"\x0b" + adt() + b"\x1c\r").kind is FormatKind.HL7V2
    assert detect(b"\xef\xbb\xbf\r\n" + adt()).kind is FormatKind.HL7V2
    assert detect(adt() + adt()).kind is FormatKind.HL7V2_BATCH
    assert detect(b"BHS|^~\\&\r" + adt()).kind is FormatKind.HL7V2_BATCH


def test_json_is_told_apart_by_its_own_words() -> None:
    assert detect(bundle(patient())).kind is FormatKind.FHIR_R4
    assert detect(native()).kind is FormatKind.CHARTLINE_JSON
    assert detect(b'{"a": 1}').kind is FormatKind.UNKNOWN
    assert "list" in detect(b"[1]").why


def test_xml_is_ccda_or_named() -> None:
    ccda = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">'
    assert detect(ccda).kind is FormatKind.CCDA
    assert "FHIR in XML" in detect(b'<Bundle xmlns="http://hl7.org/fhir">').why
    assert "HL7 v2 in XML" in detect(b'<ADT_A01 xmlns="urn:hl7-org:v2xml">').why
    assert "not known" in detect(b"<a/>").why


@pytest.mark.parametrize(
    ("code", "version", "functional", "transaction"),
    [
        ("837", "005010X222A1", "HC", "837P"),
        ("837", "005010X223A3", "HC", "837I"),
        ("837", "005010X224A2", "HC", "837D"),
        ("837", "", "HC", "837"),
        ("277", "005010X214", "HN", "277CA"),
        ("277", "005010X212", "HN", "277"),
        ("835", "005010X221A1", "HP", "835"),
        ("999", "005010X231A1", "FA", "999"),
    ],
)
def test_x12_is_known_by_its_envelope(
    code: str, version: str, functional: str, transaction: str
) -> None:
    found = detect(x12(code, version, functional))
    assert (found.kind, found.transaction) == (FormatKind.X12, transaction)
    assert found.name == f"x12-{transaction}"


@pytest.mark.parametrize("code", ["ZELDA", "83", "8351", "83\u0665", ""])
def test_a_transaction_that_is_not_three_digits_stays_unsaid(code: str) -> None:
    """It may be a name in the wrong place."""
    found = detect(x12(code, "005010X221A1"))
    assert (found.kind, found.transaction, found.name) == (FormatKind.X12, "", "x12")
    with pytest.raises(UnsupportedFormat) as caught:
        read(x12(code, "005010X221A1"))
    assert caught.value.sentence.startswith("The file is X12. Only")


def test_an_interchange_acknowledgement_stands_alone() -> None:
    assert detect(f"{ISA}TA1*000000001*260504*0800*A*000~IEA*0*1~".encode()).transaction == "TA1"


def test_x12_is_read_with_any_terminator_and_without_fixed_widths() -> None:
    isa = b"ISA|00||00||ZZ|A|ZZ|B|260504|0800|^|00501|1|0|P|:\n"
    short = isa + b"GS|HP|A|B|1|1|1|X|005010X221A1\nST|835|1\n"
    assert detect(short).transaction == "835"
    assert detect(x12("835", "005010X221A1").replace(b"~", b"\n")).transaction == "835"
    assert detect(b"ISA*").kind is FormatKind.UNKNOWN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (gzip.compress(adt()), "gzip"),
        (adt().decode().encode("utf-16"), "UTF-16"),
        (adt().decode().encode("utf-16-le"), "UTF-16"),
        (adt().decode().encode("utf-16-be"), "UTF-16"),
        (b"\x07\x07\x00\x01", "binary"),
        (b"\xac\xed\x00\x05t", "Java"),
        (b"{\\rtf1", "RTF"),
        (b"Dear Sirs", "neither HL7 v2"),
    ],
)
def test_what_cannot_be_read_is_named_in_plain_words(content: bytes, words: str) -> None:
    found = detect(content)
    assert found.kind is FormatKind.UNKNOWN
    assert words in found.why


def test_a_zip_is_named() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.hl7", adt())
    assert "zip" in detect(packed.getvalue()).why


def test_the_declared_type_only_helps_to_say_why() -> None:
    assert "text/csv" in detect(b"a,b", "text/csv").why
    assert "Ada" not in detect(b"a,b", "Ada Storyfield").why
    assert detect(adt(), "application/pdf").kind is FormatKind.HL7V2
    assert detect(b"%PDF-1.7").kind is FormatKind.PDF
