from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.failures import Rejected
from services.edi import ack_999, ack_ta1, remit_835, status_277ca
from services.edi.status_277ca import Verdict
from services.edi.writer import Transaction, interchange, segment
from tests.fakes.claim_files import AT, AClaim, a_file
from tests.fakes.clearinghouse import FakeClearinghouse

EMPTY = [""] * 5
READERS = (ack_ta1, ack_999, status_277ca, remit_835)


def wrapped(*transactions: Transaction, outside: tuple[str, ...] = ()) -> bytes:
    return interchange(
        transactions,
        sender_id="PAYER",
        receiver_id="LINE01",
        functional_id="FA",
        version="005010X231A1",
        interchange_control="7",
        group_control="7",
        at=AT,
        outside=outside,
    )


def a_999(*segments: tuple[object, ...]) -> bytes:
    answer = Transaction("999", "005010X231A1")
    for one in segments:
        answer.add(*one)  # type: ignore[arg-type]
    return wrapped(answer)


def a_277(*segments: tuple[object, ...], source: str = "AY") -> bytes:
    answer = Transaction("277", "005010X214")
    answer.add("BHT", "0085", "08", "1", AT.date(), "0930", "TH")
    answer.add("HL", 1, "", "20", "1")
    answer.add("NM1", source, "2", "SOMEBODY", "", "", "", "", "46", "X")
    for one in segments:
        answer.add(*one)  # type: ignore[arg-type]
    return wrapped(answer)


def one_claim(category: str, *more: tuple[object, ...], source: str = "AY") -> bytes:
    return a_277(
        ("HL", 4, 3, "PT"),
        ("TRN", "2", "CN1"),
        ("STC", (category, "20"), AT.date(), "WQ", 125),
        *more,
        source=source,
    )


# -- TA1 -------------------------------------------------------------------------------------


def test_a_ta1_accepts_with_a_and_e_and_refuses_with_r() -> None:
    lines = tuple(segment("TA1", "000000042", "260302", "0930", code, "000") for code in "AER")

    found = ack_ta1.read(wrapped(outside=lines))

    assert [one.interchange_control for one in found] == ["000000042"] * 3
    assert [one.accepted for one in found] == [True, True, False]


def test_note_025_says_that_the_control_number_was_used_before() -> None:
    line = segment("TA1", "42", "260302", "0930", "R", "025")

    (found,) = ack_ta1.read(wrapped(outside=(line,)))

    assert found.words == "the control number was used before"
    assert found.interchange_control == "000000042"


def test_a_ta1_without_a_verdict_is_refused_with_its_place() -> None:
    line = segment("TA1", "42", "260302", "0930", "Q", "000")

    with pytest.raises(Rejected) as refused:
        ack_ta1.read(wrapped(outside=(line,)))

    assert refused.value.where == "segment 2, TA104"


def test_a_file_without_ta1_has_none() -> None:
    assert ack_ta1.read(a_file()) == ()


# -- 999 -------------------------------------------------------------------------------------


def test_a_999_that_accepts_accepts_its_set() -> None:
    content = a_999(
        ("AK1", "HC", 12, "005010X222A1"),
        ("AK2", "837", "0001"),
        ("IK5", "A"),
        ("AK9", "A", 1, 1, 1),
    )

    (found,) = ack_999.read(content)

    assert found.group_control == "12"
    assert found.accepts("0001")


def test_accepted_with_errors_is_accepted() -> None:
    content = a_999(("AK1", "HC", 12), ("AK2", "837", "0001"), ("IK5", "E"), ("AK9", "E", 1, 1, 1))

    assert ack_999.read(content)[0].accepts("0001")


def test_a_rejected_set_says_segment_position_and_element_in_words() -> None:
    content = a_999(
        ("AK1", "HC", 12),
        ("AK2", "837", "0001"),
        ("IK3", "NM1", 31, "2010", "8"),
        ("IK4", ("9",), 67, "5", "A VALUE ABOUT A PATIENT"),
        ("IK5", "R", "5"),
        ("AK9", "R", 1, 1, 0),
    )

    (found,) = ack_999.read(content)

    assert not found.accepts("0001")
    assert found.words("0001") == "NM1 (segment 31, loop 2010): element 9 is too long"
    assert "PATIENT" not in repr(found)


def test_a_partial_999_accepts_one_set_and_rejects_the_other() -> None:
    content = a_999(
        ("AK1", "HC", 12),
        ("AK2", "837", "0001"),
        ("IK5", "A"),
        ("AK2", "837", "0002"),
        ("IK5", "R", "5"),
        ("AK9", "P", 2, 2, 1),
    )

    (found,) = ack_999.read(content)

    assert found.accepts("0001")
    assert not found.accepts("0002")


def test_a_rejected_group_rejects_its_sets_whatever_ik5_says() -> None:
    content = a_999(
        ("AK1", "HC", 12), ("AK2", "837", "0001"), ("IK5", "A"), ("AK9", "R", 1, 1, 0, "4")
    )

    (found,) = ack_999.read(content)

    assert not found.accepts("0001")
    assert found.words("0001") == "reason 4"


def test_a_set_that_a_partial_999_does_not_name_is_not_accepted() -> None:
    content = a_999(("AK1", "HC", 12), ("AK9", "P", 1, 1, 0))

    assert not ack_999.read(content)[0].accepts("0001")


@pytest.mark.parametrize(
    "segments",
    [
        (("AK9", "A", 1, 1, 1),),
        (("AK1", "HC", 12),),
        (("AK1", "HC", 12), ("AK9", "Y", 1, 1, 1)),
    ],
)
def test_a_999_without_group_or_verdict_is_refused(segments: tuple[tuple[object, ...]]) -> None:
    with pytest.raises(Rejected) as refused:
        ack_999.read(a_999(*segments))

    assert refused.value.where.startswith("segment ")


# -- 277CA -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "verdict"),
    [
        ("A0", Verdict.FORWARDED),
        ("A1", Verdict.RECEIVED),
        ("A2", Verdict.ACCEPTED),
        ("A3", Verdict.REJECTED),  # returned as unprocessable: some call it accepted, it is not
        ("A4", Verdict.REJECTED),
        ("A5", Verdict.FORWARDED),
        ("A6", Verdict.REJECTED),
        ("A7", Verdict.REJECTED),
        ("A8", Verdict.REJECTED),
        ("F2", Verdict.UNKNOWN),
    ],
)
def test_each_category_has_its_verdict(category: str, verdict: Verdict) -> None:
    (ack,) = status_277ca.read(one_claim(category))

    assert ack.claims[0].verdict is verdict


def test_our_control_number_and_the_payers_are_read() -> None:
    (ack,) = status_277ca.read(one_claim("A2", ("REF", "1K", "PAYER99")))

    (claim,) = ack.claims
    assert (claim.control_number, claim.payer_control_number) == ("CN1", "PAYER99")


def test_all_three_composites_of_a_status_are_read_and_any_rejection_rejects() -> None:
    content = a_277(
        ("HL", 4, 3, "PT"),
        ("TRN", "2", "CN1"),
        ("STC", ("A2", "20"), AT.date(), "U", 125, *EMPTY, ("A7", "562", "85"), ("A8", "187")),
    )

    (ack,) = status_277ca.read(content)

    assert [code.category for code in ack.claims[0].codes] == ["A2", "A7", "A8"]
    assert ack.claims[0].verdict is Verdict.REJECTED
    assert "A7 rejected because something is not valid, status 562" in ack.claims[0].words


def test_several_claims_keep_their_own_status_and_number() -> None:
    content = one_claim(
        "A2",
        ("REF", "1K", "P1"),
        ("HL", 5, 3, "PT"),
        ("TRN", "2", "CN2"),
        ("STC", ("A7", "164", "IL"), AT.date(), "U", 90),
    )

    (ack,) = status_277ca.read(content)

    told = [(one.control_number, one.payer_control_number, one.verdict) for one in ack.claims]
    assert told == [("CN1", "P1", Verdict.ACCEPTED), ("CN2", "", Verdict.REJECTED)]


def test_a_status_of_a_line_is_no_status_of_the_claim() -> None:
    content = one_claim("A2", ("SVC", ("HC", "99213"), 125), ("STC", ("A7", "454"), AT.date(), "U"))

    (ack,) = status_277ca.read(content)

    assert ack.claims[0].verdict is Verdict.ACCEPTED
    assert [code.status for code in ack.claims[0].line_codes] == ["454"]


def test_levels_above_the_claim_keep_their_trace() -> None:
    content = a_277(
        ("HL", 2, 1, "21", "0"),
        ("TRN", "2", "000000012"),
        ("STC", ("A3", "24", "41"), AT.date(), "U", 125),
    )

    (ack,) = status_277ca.read(content)

    (level,) = ack.levels
    assert (level.level, level.trace, level.verdict) == ("receiver", "000000012", Verdict.REJECTED)


def test_who_answers_is_told() -> None:
    (ack,) = status_277ca.read(one_claim("A1", source="PR"))

    assert ack.source == "PR"


# -- anything at all ---------------------------------------------------------------------------


def _answers() -> list[bytes]:
    payer = FakeClearinghouse()
    payer.send("a", a_file(AClaim("C1"), AClaim("C2", member="XR7"), AClaim("C3", member="XD1")))
    payer.send("b", a_file(AClaim("C4", member="XN8"), control=2))
    return [file.content for file in payer.collect()]


ANSWERS = _answers()


def refusal(reader: ModuleType, content: bytes) -> Rejected | None:
    """The refusal of the content, if it is refused; anything else that is raised fails the test."""
    try:
        reader.read(content)
    except Rejected as failure:
        return failure
    return None


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400))
def test_bytes_of_any_kind_are_read_or_rejected(reader: ModuleType, content: bytes) -> None:
    failure = refusal(reader, content)

    assert failure is None or failure.sentence


@pytest.mark.parametrize("reader", READERS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_answers_are_read_or_rejected_with_a_place(
    reader: ModuleType, data: st.DataObject
) -> None:
    whole = bytearray(data.draw(st.sampled_from(ANSWERS)))
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.sampled_from(b"*~:\n0A9-.\xff^"))
    content = bytes(whole[: data.draw(st.integers(0, len(whole)))])

    failure = refusal(reader, content)

    assert failure is None or failure.where.startswith("segment")


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=400) | st.sampled_from(ANSWERS).map(lambda one: one[:-70]))
def test_the_second_opinion_never_raises(content: bytes) -> None:
    assert isinstance(remit_835.second_opinion(content), tuple)
