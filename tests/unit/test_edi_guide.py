"""The guide check: it finds what is wrong, agrees with pyx12, and quotes nobody's data."""

from __future__ import annotations

import io
import logging
import random
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import pyx12.map_if
import pyx12.params
from hypothesis import given
from hypothesis import strategies as st
from pyx12.x12n_document import x12n_document

from services.edi import guide
from services.edi.guide import MAPS, GuideError, check
from services.edi.guide_nodes import is_day
from tests.unit.edi_claims import a_claim, a_dependent, a_file, an_inpatient_claim, recounted
from tests.unit.golden_claims import FILES, GOLDEN

P, I = a_file(a_claim()), a_file(an_inpatient_claim())  # noqa: E741 - as people call them
Mutation = tuple[bytes, bytes, bytes, str, str]

MUTATIONS: list[Mutation] = [
    (P, b"CLM*000000017*125.5*", b"CLM*000000017**", "CLM02", "element.1"),
    (P, b"*11:B:1*", b"*11:A:1*", "CLM05-02", "element.7"),
    (P, b"*11:B:1*", b"*77:B:1*", "CLM05-01", "element.7"),
    (P, b"*11:B:1*", b"*11:B:1:9:9:9:9*", "CLM05", "element.3"),
    (P, b"DTP*472*D8*20260504", b"DTP*472*D8*20260532", "DTP03", "element.8"),
    (P, b"DTP*472*D8*20260504", b"DTP*472*RD8*20260504", "DTP03", "element.8"),
    (P, b"N4*SPRINGFIELD*IL*62701~", b"N4*SPRINGFIELD*XX*62701~", "N402", "element.7"),
    (P, b"DMG*D8*19610203*F", b"DMG*D8*19610203*FEMALE", "DMG03", "element.5"),
    (P, b"DMG*D8*19610203*F", b"DMG*D8*19610203*F*1*2", "DMG04", "element.10"),
    (P, b"REF*EI*070000011~\n", b"", "", "segment.3"),
    (P, b"BHT*0019*00*", b"BHT*0019*99*", "BHT02", "element.7"),
    (P, b"HI*ABK:E119*ABF:I10", b"HI*ABK:E119*ABK:I10", "HI02-01", "element.7"),
    (P, b"LX*1~", b"LX*2~", "LX01", "seg.LX"),
    (P, b"HL*2*1*22*0~", b"HL*3*1*22*0~", "HL01", "seg.HL1"),
    (P, b"HL*2*1*22*0~", b"HL*2*7*22*0~", "HL02", "seg.HL2"),
    (P, b"GE*1*41~", b"GE*2*41~", "GE01", "gs.5"),
    (P, b"GE*1*41~", b"GE*1*42~", "GE02", "gs.4"),
    (P, b"IEA*1*000000041", b"IEA*1*000000042", "IEA02", "isa.001"),
    (P, b"IEA*1*", b"IEA*2*", "IEA01", "isa.021"),
    (P, b"IEA*1*000000041~\n", b"", "", "isa.023"),
    (P, b"SE*", b"SE*1", "SE01", "st.4"),
    (P, b"*0001~\nGE", b"*0002~\nGE", "SE02", "st.3"),
    (P, b"REF*EA*M1~", b"REF*EA*M1~\nZZZ*1~", "", "segment.1"),
    (P, b"REF*EA*M1~", b"REF*EA*M1*~", "", "seg.SEG1"),
    (P, b"REF*EA*M1~", b" REF*EA*M1~", "", "seg.1"),
    (P, b"REF*EA*M1~", b"~REF*EA*M1~", "", "seg.8"),
    (P, b"REF*EA*M1~", b"REF*EA*M1~\nREF*EA*M2~", "", "segment.5"),
    (P, b"CLM*000000017*125.5*", b"CLM*000000017*12,5*", "CLM02", "element.6"),
    (I, b"*11:A:1**A*Y*Y", b"*11:A:1*Y*A*Y*Y", "CLM06", "element.10"),
    (I, b"DTP*434*RD8*20260504-20260507~\n", b"", "", "segment.3"),
    (I, b"DTP*434*RD8*20260504-20260507", b"DTP*434*D8*20260504", "DTP02", "element.7"),
    (I, b"DTP*096*TM*1130", b"DTP*096*TM*2530", "DTP03", "element.9"),
    (I, b"ABF:N1831:::::::Y", b"ABF:N1831:::::::1", "HI01-09", "element.7"),
    (I, b"*627010001~", b"*62701~", "N403", "element.7"),
    (I, b"CL1*1*1*01~\n", b"", "", "segment.3"),
]


def found(content: bytes) -> set[tuple[str, str]]:
    return {(one.element, one.code) for one in check(content)}


def test_the_files_that_the_mutations_start_from_are_fine() -> None:
    assert check(P) == check(I) == ()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: str(one[3:]))
def test_a_mutation_is_found_at_its_element(mutation: Mutation) -> None:
    content, old, new, element, code = mutation
    assert content.count(old) >= 1
    mutated = content.replace(old, new, 1)
    if not code.startswith(("st.", "isa.")):
        mutated = recounted(mutated)
    assert (element, code) in found(mutated)


def test_an_error_says_which_segment_and_quotes_no_value() -> None:
    long = "CANARYFAMILY" * 8
    (error,) = check(P.replace(b"CANARYFAMILY", long.encode()))
    number = 1 + P[: P.index(b"NM1*IL")].count(b"~\n")
    assert error == GuideError(
        number, "NM1", "NM103", "element.5", "Subscriber Last Name (NM103) is too long."
    )


def test_a_segment_that_is_not_expected_is_named_by_its_qualifier_only() -> None:
    mutated = recounted(P.replace(b"REF*EA*M1~", b"REF*CANARY SECRET*M1~\nREF*QQ*M1~"))
    words = [one.words for one in check(mutated)]
    assert words == ["REF is not expected here.", "REF*QQ is not expected here."]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MSH|^~\\&|",
        b"ISA*00",
        P.replace(b"*00501*", b"*00401*"),
        P.replace(b"*ZZ*CHARTLINE      ", b"*ZZ*CHARTLINE"),
        P.replace(b"X222A1*", b"X999*").replace(b"X005010X222A1", b"X").replace(b"X222A1~", b"X9~"),
        P[:400],
        P.replace(b"GS*", b"G*"),
        P.replace(b"IEA*1*000000041~", b"IEA*1*000000041~\nIEA*1*000000041~"),
        P + b"TRAILING",
        "ISA".encode("utf-16"),
    ],
)
def test_what_pyx12_raises_on_is_an_error_like_any_other(content: bytes) -> None:
    assert check(content)


def test_an_unknown_guide_ends_the_check_there() -> None:
    (error,) = check(P.replace(b"*X*005010X222A1", b"*X*005010X999"))
    assert (error.segment, error.element, error.code) == ("GS", "GS08", "gs.guide")


@pytest.mark.parametrize("version", [b"005010X222", b"005010X222A1", b"005010X222A2"])
def test_every_version_of_the_professional_guide_is_taken(version: bytes) -> None:
    assert check(P.replace(b"005010X222A1", version)) == ()


@pytest.mark.parametrize("version", [b"005010X223", b"005010X223A2", b"005010X223A3"])
def test_every_version_of_the_institutional_guide_is_taken(version: bytes) -> None:
    assert check(I.replace(b"005010X223A2", version)) == ()


@pytest.mark.parametrize("form", [b"AB", b"AD", b"AF", b"AG", b"NS", b"BM"])
def test_a_certificate_of_medical_necessity_may_be_attached(form: bytes) -> None:
    attached = b"PWK*CT*" + (b"BM***AC*A1" if form == b"BM" else form) + b"~\nDTP*472"
    assert check(recounted(P.replace(b"DTP*472", attached))) == ()


def test_other_separators_change_no_verdict() -> None:
    other = bytes.maketrans(b":", b">")
    assert check(P.translate(other)) == ()
    wrong = P.replace(b"*11:B:1*", b"*11:A:1*")
    assert found(wrong.translate(other)) == found(wrong)


def test_two_groups_of_two_guides_in_one_file_are_both_checked() -> None:
    rows = P.split(b"~\n")
    second = I.replace(b"*41*X*", b"*42*X*").replace(b"GE*1*41", b"GE*1*42").split(b"~\n")[1:-2]
    both = b"~\n".join([*rows[:-2], *second, b"IEA*2*000000041", b""])
    assert check(both) == ()
    assert found(both.replace(b":A:1", b":B:1")) == {("CLM05-02", "element.7")}


def test_maps_can_be_loaded_before_the_first_file() -> None:
    guide.warm("837P", "837I")
    assert check(P) == ()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("20240229", True), ("20230229", False), ("17991231", False), ("2024022", False)],
)
def test_days_are_days_that_exist(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_day(text) is is_one


@cache
def _kept_map(name: str, folder: str) -> Any:
    return _LOAD(name, pyx12.params.params(), folder)


_LOAD = pyx12.map_if.load_map_file
_WORDS = ["", "X", "0", "A:B:C", "Ä", " x", "x ", "HC:1:2:3:4:5:6:7:8:9", "-5", "20260101"]
_WORDS += ["20261301", "20260101-20260102", "1" * 99, "D8", "RD8", "TM", "DT", "2400", "1.5", "Y"]


@pytest.fixture
def pyx12_says(monkeypatch: pytest.MonkeyPatch) -> Any:
    """pyx12's own driver on our maps, which it would otherwise parse anew for every file."""
    monkeypatch.setattr(pyx12.map_if, "load_map_file", lambda name, _, path: _kept_map(name, path))
    monkeypatch.setattr(logging.getLogger("pyx12"), "disabled", True)

    def verdict(content: bytes) -> bool:
        text = io.StringIO(content.decode("latin-1"))
        try:
            told = x12n_document(pyx12.params.params(), text, None, None, map_path=str(MAPS))
        except (IndexError, ValueError, AssertionError):
            return False
        return bool(told)

    return verdict


def _mutated(content: bytes, chance: random.Random) -> bytes:
    """One change after the ST, whose errors pyx12's own driver loses."""
    rows = content.decode().split("~\n")
    at, other = chance.randrange(3, len(rows) - 1), chance.randrange(3, len(rows) - 1)
    elements = rows[at].split("*")
    match chance.randrange(6):
        case 0:
            del rows[at]
        case 1:
            rows.insert(other, rows[at])
        case 2:
            rows[at], rows[other] = rows[other], rows[at]
        case 3:
            elements.append(chance.choice(_WORDS[1:]))
            rows[at] = "*".join(elements)
        case _:
            elements[chance.randrange(len(elements))] = chance.choice(_WORDS)
            rows[at] = "*".join(elements)
    return "~\n".join(rows).encode("latin-1")


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_verdict_is_pyx12s_own_on_mutated_files(name: str, pyx12_says: Any) -> None:
    chance = random.Random(name)
    content = (GOLDEN / name).read_bytes()
    assert pyx12_says(content)
    verdicts = []
    for _ in range(60):
        mutated = recounted(_mutated(content, chance))
        verdicts.append(pyx12_says(mutated))
        assert (not check(mutated)) == verdicts[-1]
    assert {True, False} == set(verdicts)


@given(st.integers(0, 2**32))
def test_damaged_files_never_raise(seed: int) -> None:
    chance = random.Random(seed)
    damaged = bytearray(a_file(a_claim(**a_dependent())))
    for _ in range(chance.randrange(1, 12)):
        damaged[chance.randrange(len(damaged))] = chance.choice(b"~*:\n\rA0 \xff")
    check(bytes(damaged))


def test_numbers_are_judged_by_their_digits() -> None:
    line = a_claim().lines[0]
    much = a_file(a_claim(lines=(line.model_copy(update={"units": Decimal(123456789012345)}),)))
    assert check(much) == ()
