"""ICD-10-CM, April 2026: the vectors of the field's rules R-ICD-01 to 07 on the tabular itself."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codesets.tabular import Why
from tests.unit.codesets_fixture import the_tabular

# Two codes, and after the @ the nodes that may be named as the source of the note.
MUST_FLAG = """
E11.9+O24.419@E11 E11.65+R73.9@R73|E11 E10.65+R73.9@R73|E10 R73.03+E11.9@R730 I10+O13.9@I10
I10+O10.019@I10 I10+I27.0@I10-I1A N39.0+N30.00@N390 J45.909+R06.2@J45|R062 F32.9+F33.9@F32
F10.20+F10.10@F101|F102 R56.9+G40.909@R56|G40 E87.1+E22.2@E871 G81.91+I69.351@G81
A41.9+R78.81@A41 J96.01+J80@J96 Z51.11+Z08@Z51|Z08 F17.210+Z87.891@F17|Z87891
F17.210+Z72.0@F17|Z720 N20.0+N13.2@N20 J44.9+J42@J42 Z00.00+Z02.1@Z00
S52.501A+S58.011A@S52 M80.08XA+M84.48XA@M80|M844
"""
MUST_NOT_FLAG = """
I50.9+I11.0 R05.9+J18.9 R50.9+J18.9 R07.9+I21.4 E86.0+E87.1 D64.9+D63.1 N18.6+Z99.2 Z79.4+Z79.84
L89.153+E11.621 J44.9+J43.9 J45.909+J44.9 N17.9+N18.9 I21.4+I25.2 O80+O82 O80+O70.0
"""
BILLABLE = """
U07.1 U09.9 K35.209 E11.A C7A.00 Z3A.20 M1A.00X0 O9A.111 C4A.0 I1A.0 S52.501A W19.XXXA B88.01
QA0.0101 T36.0X1A
"""


def bare(code: str) -> str:
    return code.replace(".", "")


@pytest.mark.parametrize("vector", MUST_FLAG.split())
def test_excludes1_flags_the_pair_at_the_node_that_has_the_note(vector: str) -> None:
    pair, _, nodes = vector.partition("@")
    codes = [bare(code) for code in pair.split("+")]
    for listed in (codes, codes[::-1]):
        (found,) = the_tabular().excludes1(listed)
        assert (found.first, found.second) == (0, 1)
        assert found.node in nodes.split("|")


@pytest.mark.parametrize("vector", MUST_NOT_FLAG.split())
def test_excludes1_leaves_the_pair_alone(vector: str) -> None:
    codes = [bare(code) for code in vector.split("+")]
    assert the_tabular().excludes1(codes) == ()
    assert the_tabular().excludes1(codes[::-1]) == ()


def test_excludes1_never_sets_a_code_against_itself() -> None:
    tabular = the_tabular()
    assert [code for code in sorted(tabular.leaves) if tabular.excludes1([code, code])] == []


def test_excludes1_finds_every_pair_of_a_longer_list_once() -> None:
    found = the_tabular().excludes1(["I10", "E119", "O24419", "R739", "O139"])
    assert sorted((one.first, one.second) for one in found) == [(0, 4), (1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize("code", BILLABLE.split())
def test_these_are_billable(code: str) -> None:
    assert the_tabular().explain(bare(code)) is None
    assert the_tabular().is_billable(bare(code))


@pytest.mark.parametrize(
    ("code", "choices"),
    [
        ("E11.6", "E11610"),
        ("I50.2", "I5020 I5021 I5022 I5023"),
        ("E78.0", "E7800"),
        ("S52.50", "S52501 S52502 S52509"),
        ("K35.2", "K35200"),
        ("K35.20", "K35200 K35201 K35209"),
        ("B88.0", "B8801 B8809"),
        ("E11", "E110 E112"),
    ],
)
def test_a_header_is_not_billable_and_names_what_is(code: str, choices: str) -> None:
    found = the_tabular().explain(bare(code))
    assert found is not None
    assert found.why is Why.HEADER
    assert set(choices.split()) <= set(found.choices)


@pytest.mark.parametrize(
    ("code", "why", "choices"),
    [
        ("W19", Why.SEVENTH_MISSING, ("W19XXXA", "W19XXXD", "W19XXXS")),
        ("W19.A", Why.SEVENTH_WRONG, ("W19XXXA",)),
        ("W19.XXXB", Why.SEVENTH_WRONG, ("W19XXXA", "W19XXXD", "W19XXXS")),
        ("T36.0X1", Why.SEVENTH_MISSING, ("T360X1A", "T360X1D", "T360X1S")),
        ("S06.1X7D", Why.SEVENTH_WRONG, ("S061X7A",)),
        ("S06.1X8S", Why.SEVENTH_WRONG, ("S061X8A",)),
        ("M1A.00X", Why.SEVENTH_MISSING, ("M1A00X0", "M1A00X1")),
        ("M80.08X", Why.SEVENTH_MISSING, tuple(f"M8008X{char}" for char in "ADGKPS")),
        ("S52.501", Why.SEVENTH_MISSING, tuple(f"S52501{char}" for char in "ABCDEFGHJKMNPQRS")),
    ],
)
def test_the_seventh_character_is_asked_for_where_it_is_defined(
    code: str, why: Why, choices: tuple[str, ...]
) -> None:
    found = the_tabular().explain(bare(code))
    assert found is not None
    assert (found.why, found.choices) == (why, choices)


@pytest.mark.parametrize(
    ("code", "choices"), [("Z99.999", ()), ("I10.A", ("I10",)), ("C00-C96", ()), ("1", ())]
)
def test_what_is_no_code_is_unknown(code: str, choices: tuple[str, ...]) -> None:
    found = the_tabular().explain(bare(code))
    assert found is not None
    assert (found.why, found.choices) == (Why.UNKNOWN, choices)


def test_no_range_of_the_tabular_is_taken_for_a_code() -> None:
    tabular = the_tabular()
    known = tabular.leaves | tabular.headers
    assert {code for code in known if not code.isalnum() or len(code) not in range(3, 8)} == set()


def test_there_are_as_many_billable_codes_as_the_release_has() -> None:
    by_length = [0] * 8
    for code in the_tabular().leaves:
        by_length[len(code)] += 1
    assert len(the_tabular().leaves) == 74_719
    assert by_length[3:] == [214, 5_398, 7_143, 10_479, 51_485]


def test_the_billable_codes_are_those_of_the_package_s_own_reader() -> None:
    script = (
        "import simple_icd_10_cm as cm\n"
        "print(*(c for c in cm.get_all_codes(False) if cm.is_leaf(c) and len(c) > 2\n"
        "        and '-' not in c and not cm.is_chapter(c)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == the_tabular().leaves


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("E11.65", "Type 2 diabetes mellitus with hyperglycemia"),
        ("W19.XXXA", "Unspecified fall, initial encounter"),
        (
            "S52.501A",
            (
                "Unspecified fracture of the lower end of right radius, "
                "initial encounter for closed fracture"
            ),
        ),
        ("E11", "Type 2 diabetes mellitus"),
        ("Z99.999", ""),
    ],
)
def test_a_code_has_its_official_title(code: str, title: str) -> None:
    assert the_tabular().title(bare(code)) == title


@given(st.text(max_size=9) | st.from_regex(r"[A-Z][0-9A][0-9A-Z]{0,6}", fullmatch=True))
def test_any_text_can_be_asked_about(text: str) -> None:
    tabular = the_tabular()
    found = tabular.explain(text)
    assert (found is None) == tabular.is_billable(text)
    assert all(
        choice in tabular.leaves or choice in tabular.headers
        for choice in (found.choices if found is not None else ())
    )
    tabular.excludes1([text, "E119"])
    tabular.title(text)
