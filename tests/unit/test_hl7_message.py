"""The HL7 v2 parser: separators, escapes, line ends, character sets, framing, batches."""

from __future__ import annotations

import pytest

from services.hl7.message import Message, UnreadableMessageError
from services.hl7.transmission import parse
from tests.unit.intake_messages import PID, adt, hl7


def one(content: bytes) -> Message:
    (message,) = parse(content).messages
    return message


def refused(content: bytes) -> UnreadableMessageError:
    with pytest.raises(UnreadableMessageError) as caught:
        parse(content)
    return caught.value


def test_what_is_absent_is_an_empty_text_and_never_an_exception() -> None:
    message = one(hl7("ADT^A01", "PID|1||M1"))
    assert message.first("PID").get(3) == "M1"
    assert message.first("PID").get(3, 9, 9) == ""
    assert message.first("PID").get(99) == ""
    assert message.first("PV1").get(19, 4) == ""
    assert message.first("PV1").composites(7) == []
    assert not message.first("PV1")
    assert message.all("IN1") == []


def test_the_header_counts_its_separators_as_fields() -> None:
    header = one(hl7("ADT^A01", control="C7")).header
    assert (header.get(9, 1), header.get(9, 2), header.get(10)) == ("ADT", "A01", "C7")
    assert header.field(2) == "^~\\&"


def test_other_separators_are_taken_from_the_header() -> None:
    message = one(b"MSH#*+\\:#APP#FAC####1##ADT*A01#C1#P#2.3\rPID#1##M1*A:B+M2*C")
    numbers = [found.get(1) for found in message.first("PID").composites(3)]
    assert numbers == ["M1", "M2"]
    assert message.first("PID").get(3, 2, 2) == "B"


def test_separators_that_are_not_declared_take_their_usual_characters() -> None:
    message = one(b"MSH|^|APP|FAC|||1||ADT^A01|C1|P|2.2\rPID|1||A~B&C")
    assert [found.get(1) for found in message.first("PID").composites(3)] == ["A", "B"]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("a\\F\\b", "a|b"),
        ("a\\S\\b\\R\\c\\T\\d", "a^b~c&d"),
        ("C:\\E\\temp", "C:\\temp"),
        ("one\\.br\\two", "one\ntwo"),
        ("one\\.sp2\\two", "one\n\ntwo"),
        ("\\H\\loud\\N\\", "loud"),
        ("\\X41\\\\X42\\", "AB"),
        ("\\XC3A9\\", "é"),
        ("\\XE9\\", "é"),
        ("\\X0D0A\\x", "\nx"),
        ("no \\such\\ thing", "no \\such\\ thing"),
        ("a lone \\ stays", "a lone \\ stays"),
        ("\\XZZ\\", "\\XZZ\\"),
    ],
)
def test_escapes_mean_what_the_standard_says_and_others_stay(sent: str, meant: str) -> None:
    message = one(hl7("ADT^A01", f"NTE|1||{sent}|end"))
    assert message.first("NTE").text(3) == meant


def test_a_null_reads_as_nothing_said() -> None:
    pid = one(hl7("ADT^A01", 'PID|1||""^^^GEN')).first("PID")
    assert pid.get(3) == ""
    assert pid.get(3, 4) == "GEN"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\n"])
def test_files_with_any_line_end_are_the_same_message(end: str) -> None:
    message = one(hl7("ADT^A01", PID, "PV1|1|I", end=end))
    assert [segment.name for segment in message.segments] == ["MSH", "PID", "PV1"]


def test_a_line_feed_inside_a_field_is_text_when_segments_end_with_cr() -> None:
    message = one(hl7("MDM^T02", "OBX|1|TX|||first\nOBX|second||||||F", PID))
    assert message.first("OBX").text(5) == "first\nOBX"
    assert len(message.all("OBX")) == 1


def test_base64_broken_over_lines_stays_one_value() -> None:
    message = one(hl7("MDM^T02", "OBX|1|ED|||^^TX^Base64^QUJD", "REVG", "R0g=||||||F", PID))
    assert "".join(message.first("OBX").get(5, 5).split()) == "QUJDREVGR0g="
    assert message.first("PID").get(3) == "M100"


def test_a_line_that_is_no_segment_is_refused_with_its_line() -> None:
    error = refused(hl7("ADT^A01", PID, "some stray text"))
    assert error.where == "line 3"
    assert "stray" not in error.sentence


def test_places_are_named_by_segment_field_and_line() -> None:
    pid = one(b"\r\r" + hl7("ADT^A01", "EVN|A01", PID)).first("PID")
    assert pid.where(7) == "segment 3 (PID), field 7, line 5"


@pytest.mark.parametrize(
    "before", [b"", b"\xef\xbb\xbf", b"\x0b", b"\r\n\x0b", b"\x0b\xef\xbb\xbf"]
)
def test_byte_order_mark_and_framing_fall_away(before: bytes) -> None:
    assert one(before + adt() + b"\x1c\r").header.get(10) == "MSG1"


def test_two_frames_in_one_file_are_two_messages() -> None:
    content = b"\x0b" + adt(control="A") + b"\x1c\r\x0b" + adt(control="B") + b"\x1c\r"
    assert [message.header.get(10) for message in parse(content).messages] == ["A", "B"]


def test_messages_one_after_another_are_told_apart() -> None:
    content = adt(control="A").rstrip(b"\r") + b"\n\n" + adt(control="B")
    assert [message.header.get(10) for message in parse(content).messages] == ["A", "B"]


@pytest.mark.parametrize(
    ("charset", "codec", "doubtful"),
    [
        ("", "utf-8", "no"),
        ("UNICODE UTF-8", "utf-8", "no"),
        ("UNICODE", "utf-8", "no"),
        ("ASCII", "utf-8", "no"),
        ("8859/1", "latin-1", "no"),
        ("8859/1", "utf-8", "yes"),
        ("", "cp1252", "yes"),
        ("UNICODE UTF-8", "cp1252", "yes"),
        ("NOBODY KNOWS", "utf-8", "yes"),
    ],
)
def test_the_character_set_is_tried_in_order_and_a_doubt_is_told(
    charset: str, codec: str, doubtful: str
) -> None:
    text = hl7("ADT^A01", "PID|1||M1||Señora^Zoë", charset=charset).decode()
    sent = parse(text.encode(codec))
    assert bool(sent.doubts) is (doubtful == "yes")
    if not (charset == "8859/1" and codec == "utf-8"):
        assert sent.messages[0].first("PID").get(5) == "Señora"


def test_a_nul_byte_is_refused_with_its_line() -> None:
    assert refused(hl7("ADT^A01", "PID|1||M\x001")).where == "line 2"


@pytest.mark.parametrize("content", [b"MSH|", b"MSH||", b"MSH|abc|x\rPID|1", b"MSH|  |x"])
def test_a_header_without_separators_is_refused(content: bytes) -> None:
    assert "MSH-2" in refused(content).sentence


def test_text_before_the_header_is_refused() -> None:
    assert refused(b"hello\r" + adt()).where == "line 1"


# -- batches ----------------------------------------------------------------------------------


def batch(count: str, *messages: bytes, files: str = "1") -> bytes:
    trailers = f"BTS|{count}\rFTS|{files}\r".encode()
    return b"FHS|^~\\&|A|B\rBHS|^~\\&|A|B\r" + b"".join(messages) + trailers


def test_a_batch_is_split_into_its_messages() -> None:
    sent = parse(batch("2", adt(control="A"), adt(control="B")))
    assert sent.is_batch
    assert not sent.doubts
    assert [message.header.get(10) for message in sent.messages] == ["A", "B"]


def test_a_batch_that_lost_a_message_is_refused() -> None:
    error = refused(batch("3", adt(control="A"), adt(control="B")))
    assert "trailer does not count" in error.sentence


def test_a_file_that_lost_a_batch_is_refused() -> None:
    assert "file trailer" in refused(batch("1", adt(), files="2")).sentence


def test_a_batch_whose_end_is_missing_is_refused() -> None:
    assert "(BTS)" in refused(b"BHS|^~\\&|A|B\r" + adt()).sentence


def test_a_batch_trailer_without_a_count_and_a_file_without_trailer_are_taken() -> None:
    sent = parse(b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + adt() + b"BTS\r")
    assert len(sent.messages) == 1
    assert sent.doubts == ("The file header (FHS) has no trailer (FTS).",)
