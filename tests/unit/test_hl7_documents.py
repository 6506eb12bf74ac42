"""Documents in MDM and results in ORU: kind, status, text and what replaces what."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from services.chart.model import DocumentKind, DocumentStatus, DocumentText, Reading
from services.hl7.message import UnreadableMessageError
from services.hl7.reader import read_message
from services.hl7.transmission import parse
from tests.unit.intake_messages import PID, hl7, mdm


def understood(content: bytes) -> Reading:
    (message,) = parse(content).messages
    return read_message(message)


def documents_of(content: bytes) -> tuple[DocumentText, ...]:
    update = understood(content).update
    assert update is not None
    return update.documents


def document_of(content: bytes) -> DocumentText:
    (document,) = documents_of(content)
    return document


def rules(content: bytes) -> list[str]:
    return [finding.rule_id for finding in understood(content).findings]


def test_a_document_has_id_kind_status_author_time_and_text() -> None:
    found = document_of(mdm("Lungs clear.\nHeart regular."))
    assert found.text == "Lungs clear.\nHeart regular."
    assert (found.head.document_id, found.head.kind) == ("D1", DocumentKind.HISTORY_AND_PHYSICAL)
    assert found.head.status is DocumentStatus.SIGNED
    assert found.head.at == datetime(2026, 5, 5, 12, tzinfo=UTC)
    assert found.head.author is not None
    assert found.head.author.npi == "1234567893"


@pytest.mark.parametrize(
    ("completion", "status"),
    [
        ("AU", DocumentStatus.SIGNED),
        ("LA", DocumentStatus.SIGNED),
        ("DO", DocumentStatus.UNSIGNED),
        ("PA", DocumentStatus.UNSIGNED),
        ("DI", DocumentStatus.PRELIMINARY),
        ("IP", DocumentStatus.PRELIMINARY),
        ("IN", DocumentStatus.PRELIMINARY),
        ("", DocumentStatus.UNSIGNED),
    ],
)
def test_the_completion_status_says_whether_it_is_signed(
    completion: str, status: DocumentStatus
) -> None:
    content = mdm(status=completion)
    assert document_of(content).head.status is status
    assert ("hl7.document-status" in rules(content)) is (completion == "")


def test_a_cancel_notice_cancels() -> None:
    assert document_of(mdm("", event="T11")).head.status is DocumentStatus.CANCELLED


def test_an_unknown_type_is_another_document_and_told() -> None:
    content = mdm(kind="ZZZ")
    assert document_of(content).head.kind is DocumentKind.OTHER
    assert "hl7.document-type" in rules(content)


def test_a_notice_without_content_has_no_text() -> None:
    assert document_of(mdm("", event="T03")).text == ""


def test_only_a_replacement_replaces() -> None:
    assert document_of(mdm(event="T10", document_id="D2", parent="D1")).head.replaces == "D1"
    assert document_of(mdm(event="T06", document_id="D2", parent="D1")).head.replaces == ""


def test_an_addendum_with_its_parents_id_is_a_document_of_its_own() -> None:
    found = document_of(mdm("Add.", event="T06", document_id="D1", control="M9"))
    assert found.head.document_id == "D1 addendum M9"


def test_a_document_without_an_id_takes_that_of_its_message_and_is_told() -> None:
    content = mdm(document_id="", control="M9")
    assert document_of(content).head.document_id == "message M9"
    assert "hl7.no-document-id" in rules(content)


def test_a_document_message_without_its_head_is_refused() -> None:
    with pytest.raises(UnreadableMessageError):
        understood(hl7("MDM^T02", PID))


def test_text_in_base64_is_read_with_blanks_in_it() -> None:
    data = base64.b64encode(b"Lungs clear.").decode()
    line = f"OBX|1|ED|||^TEXT^plain^Base64^{data[:4]} {data[4:]}||||||F"
    content = hl7("MDM^T02", PID, "TXA|1|HP", line)
    assert document_of(content).text == "Lungs clear."


@pytest.mark.parametrize(
    "data", ["^application^pdf^Base64^JVBERi0=", "^TEXT^plain^Base64^!!!", "^TEXT^plain^Base64^A"]
)
def test_an_attachment_that_is_no_text_is_told_and_left(data: str) -> None:
    content = hl7("MDM^T02", PID, "TXA|1|HP", f"OBX|1|ED|||{data}||||||F")
    assert document_of(content).text == ""
    assert "hl7.attachment" in rules(content)


def test_repetitions_of_text_are_lines() -> None:
    content = hl7("MDM^T02", PID, "TXA|1|HP", "OBX|1|TX|||a~b\\T\\c^d")
    assert document_of(content).text == "a\nb&c^d"


# -- results ----------------------------------------------------------------------------------


def oru(*lines: str) -> bytes:
    return hl7("ORU^R01", PID, *lines)


def test_each_order_is_one_result() -> None:
    first, second = documents_of(
        oru(
            "OBR|1||F1|24331-1^Lipids",
            "OBX|1|NM|1^Cholesterol||230|mg/dL|<200|H|||F",
            "NTE|1||Fasting.",
            "OBR|2|P2||77^Chest film",
            "OBX|1|TX|||No infiltrate.||||||P",
        )
    )
    assert (first.head.document_id, first.head.title) == ("F1", "Lipids")
    assert first.head.kind is DocumentKind.RESULT
    assert first.text == "Cholesterol: 230 mg/dL (<200) H\nFasting."
    assert first.head.status is DocumentStatus.SIGNED
    assert second.head.document_id == "P2"
    assert second.head.status is DocumentStatus.PRELIMINARY


@pytest.mark.parametrize(
    ("marks", "order", "status"),
    [
        ("F F", "", DocumentStatus.SIGNED),
        ("F C", "", DocumentStatus.SIGNED),
        ("F P", "", DocumentStatus.PRELIMINARY),
        ("X", "", DocumentStatus.CANCELLED),
        ("F W", "", DocumentStatus.SIGNED),
        ("", "F", DocumentStatus.SIGNED),
        ("", "P", DocumentStatus.PRELIMINARY),
        ("", "", DocumentStatus.UNSIGNED),
    ],
)
def test_a_result_is_signed_when_all_of_it_is_final(
    marks: str, order: str, status: DocumentStatus
) -> None:
    lines = [f"OBX|1|TX|||Text||||||{mark}" for mark in marks.split()]
    obr = "OBR|1||F1|77^Film" + "|" * 21 + order
    (found,) = documents_of(oru(obr, *lines))
    assert found.head.status is status


def test_coded_and_structured_values_are_read_as_text() -> None:
    (found,) = documents_of(
        oru(
            "OBR|1||F1", "OBX|1|CE|1^Growth||A^E. coli", "OBX|2|SN|2^Titre||^1^:^80", "OBX|3|NM|3^X"
        )
    )
    assert found.text == "Growth: E. coli\nTitre: 1:80"
