"""The tolerant reader: it reads what senders do wrong, and says so."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edi.reader import Interchange, UnreadableX12, read, read_all, transaction_kind
from services.edi.writer import segment
from tests.unit.edi_claims import a_claim, a_file, an_inpatient_claim, recounted

FILE = a_file(a_claim())
ISA = FILE[:106]


def words(found: Interchange) -> list[str]:
    return [one.words for one in found.problems]


def test_a_written_file_is_read_without_problems() -> None:
    found = read(FILE)
    assert not found.problems
    assert (found.sender, found.receiver, found.control) == ("CHARTLINE", "BLUE1", "000000041")
    (group,) = found.groups
    assert (group.functional_id, group.control, group.version) == ("HC", "41", "005010X222A1")
    (transaction,) = found.transactions
    assert (transaction.kind, transaction.control) == ("837", "0001")
    assert transaction.implementation == "005010X222A1"
    assert [one.number for one in transaction.segments] == list(
        range(3, 3 + len(transaction.segments))
    )


def test_a_segment_gives_elements_and_components_and_never_fails() -> None:
    (clm,) = [one for one in read(FILE).transactions[0].segments if one.id == "CLM"]
    assert clm[1] == "000000017"
    assert clm[99] == ""
    assert clm.parts(5) == ("11", "B", "1")
    assert (clm.part(5, 2), clm.part(5, 9), clm.part(88, 1)) == ("B", "", "")


def test_repetitions_are_told_apart() -> None:
    content = FILE.replace(b"REF*EA*M1", b"REF*EA*M1^M2")
    (ref,) = [one for one in read(content).transactions[0].segments if one[1] == "EA"]
    assert ref.repeats(2) == ("M1", "M2")
    assert ref.repeats(9) == ()


def test_an_isa16_that_the_body_does_not_use_is_named_and_overruled() -> None:
    content = ISA + FILE[106:].replace(b":", b">")
    found = read(content)
    assert words(found) == ["ISA16 is not the component separator of the body"]
    (clm,) = [one for one in found.transactions[0].segments if one.id == "CLM"]
    assert clm.part(5, 2) == "B"


@pytest.mark.parametrize("end", [b"~", b"~\r\n", b"~\n\n", b"~  \n"])
def test_line_ends_after_the_terminator_do_not_matter(end: bytes) -> None:
    assert read(FILE.replace(b"~\n", end)).transactions == read(FILE).transactions


def test_other_delimiters_are_taken_from_the_isa() -> None:
    table = bytes.maketrans(b"*:~", b"|>'")
    found = read(FILE.translate(table))
    assert not found.problems
    assert found.delimiters.component == ">"


def test_a_newline_may_be_the_terminator() -> None:
    found = read(FILE.replace(b"~\n", b"\n"))
    assert not found.problems
    assert len(found.transactions) == 1


def test_an_isa_of_free_width_is_read() -> None:
    narrow = b"*".join(part.strip() or b" " for part in ISA.split(b"*"))
    found = read(narrow + FILE[106:])
    assert (found.sender, found.control) == ("CHARTLINE", "000000041")


@pytest.mark.parametrize("end", [b"~", b"~\n"])
def test_a_missing_isa16_is_named(end: bytes) -> None:
    content = FILE.replace(b"*:~\n", b"*~\n", 1).replace(b"~\n", end)
    found = read(content)
    assert "ISA16 is missing" in words(found)
    assert len(found.transactions) == 1


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b"SE*", b"SE*9", "SE01 does not say"),
        (b"*0001~\nGE", b"*0002~\nGE", "SE02 differs from ST02"),
        (b"GE*1*41", b"GE*2*41", "GE01 does not say"),
        (b"GE*1*41", b"GE*1*42", "GE02 differs from GS06"),
        (b"IEA*1*", b"IEA*2*", "IEA01 does not say"),
        (b"IEA*1*000000041", b"IEA*1*000000042", "IEA02 differs from ISA13"),
        (b"IEA*1*000000041~\n", b"", "the interchange has no IEA"),
        (b"GE*1*41~\n", b"", "no GE"),
        (b"ST*837*0001*005010X222A1~\n", b"", "SE without ST"),
        (b"GE*1*41~\n", b"GE*1*41~\nGE*1*41~\n", "GE without GS"),
        (b"GE*1*41~\n", b"GE*1*41~\nK3*X~\n", "segment K3 stands outside a transaction"),
    ],
)
def test_what_is_wrong_with_the_envelope_is_named(old: bytes, new: bytes, problem: str) -> None:
    assert old in FILE
    assert any(problem in one for one in words(read(FILE.replace(old, new, 1))))


def test_a_missing_se_ends_the_transaction_at_the_next_one() -> None:
    rows = FILE.split(b"~\n")
    body = [row for row in rows if not row.startswith((b"ISA", b"GS", b"SE", b"GE", b"IEA"))]
    twice = b"~\n".join([*rows[:2], *body[:-1], *body, *rows[-4:-1], b""])
    found = read(twice)
    assert len(found.transactions) == 2
    assert "the transaction has no SE" in words(found)


def test_a_group_that_begins_before_the_last_one_ended_is_its_own() -> None:
    rows = FILE.split(b"~\n")
    group = rows[1:-3]
    found = read(b"~\n".join([rows[0], *group, *group, *rows[-3:]]))
    assert [len(one.transactions) for one in found.groups] == [1, 1]
    assert "no GE" in words(found)


def test_transactions_without_a_group_are_read() -> None:
    found = read(FILE.replace(b"GS*HC", b"GX*HC").replace(b"GE*1*41~\n", b""))
    assert found.groups[0].version == ""
    assert "the transactions stand in no group" in words(found)


def test_a_cut_off_file_keeps_what_came() -> None:
    found = read(FILE[: FILE.index(b"CLM*")])
    assert found.transactions[0].segments[-1].id == "NM1"
    assert {"the transaction has no SE", "no GE", "the interchange has no IEA"} <= set(words(found))


def test_several_interchanges_are_read_one_after_the_other() -> None:
    both = read_all(FILE + a_file(an_inpatient_claim(), control="42"))
    assert [one.control for one in both] == ["000000041", "000000042"]
    assert both[1].isa.number == len(FILE.split(b"~\n"))
    assert words(read(FILE + FILE)) == ["1 more interchanges follow"]


def test_a_broken_second_interchange_does_not_hide_the_first() -> None:
    found = read(FILE + b"ISA*00*")
    assert words(found) == ["what follows is a broken ISA segment"]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\x0b"])
def test_marks_before_the_isa_do_not_matter(mark: bytes) -> None:
    assert read(mark + FILE).transactions == read(FILE).transactions


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "utf-8"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = FILE.decode().replace("CANARYFAMILY", "CANÁRY")
    (nm1,) = [one for one in read(text.encode(encoding)).transactions[0].segments if one[1] == "IL"]
    assert nm1[3] == "CANÁRY"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "segment 1"),
        (b"GS*HC~", "segment 1"),
        (b"\x00\xff\xfe", "segment 1"),
        (b"ISA", "segment 1, ISA"),
        (b"ISAAC NEWTON", "segment 1, ISA"),
        (b"ISA*00*   ", "segment 1, ISA"),
        (ISA[:104], "segment 1, ISA"),
        (ISA[:105] + b"*", "segment 1, ISA16"),
        (ISA[:104] + b":A", "segment 1, ISA16"),
    ],
)
def test_what_is_no_interchange_is_refused_with_its_place(content: bytes, where: str) -> None:
    with pytest.raises(UnreadableX12) as refused:
        read(content)
    assert refused.value.where == where
    assert refused.value.code == "edi.unreadable"
    assert transaction_kind(content) == ""


@pytest.mark.parametrize(
    ("kind", "version", "named"),
    [
        ("837", "005010X222A1", "837P"),
        ("837", "005010X223A3", "837I"),
        ("277", "005010X214", "277CA"),
        ("277", "005010X212", "277"),
        ("999", "005010X231A1", "999"),
        ("835", "005010X221A1", "835"),
        ("270", "005010X279A1", "270"),
    ],
)
def test_the_kind_is_told_by_st_and_version(kind: str, version: str, named: str) -> None:
    for st_03 in (version, ""):
        rows = [
            ISA.decode()[:-1],
            segment("GS", "XX", "A", "B", "20260508", "0630", "1", "X", version),
            segment("ST", kind, "0001", st_03),
        ]
        assert transaction_kind("~".join(rows).encode()) == named


def test_a_ta1_is_a_kind_and_an_empty_interchange_is_none() -> None:
    assert transaction_kind(ISA + b"TA1*000000041*260508*0630*A*000~") == "TA1"
    assert transaction_kind(ISA + b"IEA*0*000000041~") == ""
    assert transaction_kind(ISA + b"GS*HC~ST~") == ""


@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(content: bytes) -> None:
    for some in (content, ISA + content):
        transaction_kind(some)
        with suppress(UnreadableX12):
            assert read_all(some)


@given(st.integers(0, 2**32))
def test_damaged_files_are_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(a_file(an_inpatient_claim()))
    for _ in range(chance.randrange(1, 20)):
        damaged[chance.randrange(len(damaged))] = chance.choice(b"~*:\n\rA0 \xff")
    cut = bytes(damaged[: chance.randrange(1, len(damaged))])
    try:
        found = read(cut)
    except UnreadableX12:
        return
    numbers = [one.number for group in found.transactions for one in group.segments]
    assert numbers == sorted(set(numbers))


def test_recounting_makes_a_mutated_file_whole_again() -> None:
    assert recounted(FILE.replace(b"SE*", b"SE*9")) == FILE
