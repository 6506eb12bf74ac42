"""The vectors of the field's rules 3.1: what must be flagged, and what must not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.edit_requests import findings, fired, line, stay, visit

MUST_EXCLUDE = """E11.9+O24.419 E11.65+R73.9 E10.65+R73.9 R73.03+E11.9 I10+O13.9
I10+O10.019
I10+I27.0 N39.0+N30.00 J45.909+R06.2 F32.9+F33.9 F10.20+F10.10 R56.9+G40.909 E87.1+E22.2
G81.91+I69.351
A41.9+R78.81 J96.01+J80 Z51.11+Z08 F17.210+Z87.891 F17.210+Z72.0 N20.0+N13.2 J44.9+J42
Z00.00+Z02.1 S52.501A+S58.011A M80.08XA+M84.48XA E10.9+E11.9"""
MAY_STAND = """I50.9+I11.0 R05.9+J18.9 R50.9+J18.9 R07.9+I21.4 E86.0+E87.1 D64.9+D63.1 N18.6+Z99.2
Z79.4+Z79.84 L89.153+E11.621 J44.9+J43.9 J45.909+J44.9 N17.9+N18.9 I21.4+I25.2"""


@pytest.mark.parametrize("pair", MUST_EXCLUDE.split())
@pytest.mark.parametrize("dots", [True, False])
def test_two_codes_that_exclude_each_other_are_flagged_either_way_round(
    pair: str, *, dots: bool
) -> None:
    codes = (pair if dots else pair.replace(".", "")).split("+")
    assert "R-ICD-07" in fired(visit(*codes))
    assert "R-ICD-07" in fired(visit(*reversed(codes)))


@pytest.mark.parametrize("pair", MAY_STAND.split())
def test_two_codes_that_may_stand_together_are_not_flagged(pair: str) -> None:
    codes = pair.split("+")
    assert "R-ICD-07" not in fired(visit(*codes)) | fired(visit(*reversed(codes)))


@pytest.mark.parametrize(
    "code", ["E11.6", "I50.2", "E78.0", "S52.50", "K35.2", "K35.20", "B88.0", "E116", "k35.20"]
)
def test_what_is_not_billable_is_flagged(code: str) -> None:
    assert fired(visit(code)) & {"R-ICD-02", "R-ICD-03"}


@pytest.mark.parametrize(
    "code", ["U07.1", "u071", "K35.209", "E11.A", "C7A.00", "Z3A.20", "M1A.00X0", "U09.9", "B88.01"]
)
def test_a_billable_code_of_any_shape_passes(code: str) -> None:
    assert not fired(visit(code)) & {"R-ICD-01", "R-ICD-02", "R-ICD-03"}


@pytest.mark.parametrize("code", ["W19.XXXA", "W19XXXA", "S52.501A", "S06.9X0A", "M80.08XK"])
def test_a_seventh_character_with_or_without_placeholder_is_no_bad_format(code: str) -> None:
    assert not fired(visit("S01.01XA", code)) & {"R-ICD-01", "R-ICD-02", "R-ICD-03"}


@pytest.mark.parametrize("code", ["W19.A", "W19XXA", "S52.501Z", "S06.9X7D", "T36.0X1B", "M80.08X"])
def test_a_wrong_seventh_character_is_flagged(code: str) -> None:
    assert fired(visit("S01.01XA", code)) & {"R-ICD-02", "R-ICD-03"}


FLAGGED: list[tuple[str, dict[str, Any]]] = [
    ("R-ICD-01", visit("1234567")),
    ("R-ICD-04", visit("S42.211A", "S42.214A")),
    ("R-ICD-05", visit("S52.502A", lines=[line("25605", "RT")])),
    ("R-ICD-05", visit("S52.501A", lines=[line("25605", "LT")])),
    ("R-ICD-05-SIDE", visit("S52.509A", lines=[line("25605", "RT")])),
    ("R-ICD-06", visit("I10", "I10")),
    ("R-ICD-08", visit("D63.1", "N18.4")),
    ("R-ICD-08", visit("I50.9", "I11.0")),
    ("R-ICD-08", visit("I10", "R65.20", "A41.9")),
    ("R-ICD-08", visit("J12.82", "U07.1")),
    ("R-ICD-08", visit("Z3A.20", "O09.512")),
    ("R-ICD-08", visit("R07.9", "D63.0")),
    ("R-ICD-08", visit("R29.705", "I63.9")),
    ("R-ICD-08", visit("Y90.6", "F10.129")),
    ("R-ICD-08-FIRST", visit("F02.80", "G30.9")),
    ("R-ICD-08-FIRST", visit("H42", "E08.39")),
    ("R-ICD-09", visit("I11.0")),
    ("R-ICD-09", visit("I12.9")),
    ("R-ICD-09", visit("I12.0", "N18.4")),
    ("R-ICD-09", visit("I13.0", "I50.9")),
    ("R-ICD-09", visit("E11.22")),
    ("R-ICD-09", visit("E11.621")),
    ("R-ICD-09", visit("A41.9", "R65.20")),
    ("R-ICD-09", visit("N18.6")),
    ("R-ICD-09", visit("N39.0")),
    ("R-ICD-09", visit("T21.22XA")),
    ("R-ICD-09", visit("N40.1")),
    ("R-ICD-10", visit("O80")),
    ("R-ICD-10", visit("O80", "Z37.0", "O82", age=28)),
    ("R-ICD-10", visit("O80", "Z37.0", "O70.0", age=28)),
    ("R-ICD-10-OUTCOME", stay("O82", px=["10D00Z1"], sex="F", age=28)),
    ("R-ICD-10-WEEKS", visit("Z00.00", "Z3A.20")),
    ("R-ICD-10-MIXED", visit("O09.512", "Z38.00", age=28)),
    ("R-ICD-10-MIXED", visit("O09.512", age=70)),
    ("R-ICD-10-BIRTH", visit("Z38.00", "Z38.01", age=0)),
    ("R-ICD-10-BIRTH", visit("Z38.00", age=3)),
    ("R-ICD-10-NEWBORN", visit("P22.0", age=30)),
    ("R-ICD-11", visit("J18.9", "R05.9")),
    ("R-ICD-11", visit("J18.9", "R50.9")),
    ("R-ICD-11", visit("I21.4", "R07.9")),
    ("R-ICD-11", visit("K35.80", "R10.31")),
    ("R-ICD-13", visit("W19.XXXA", "S01.01XA")),
    ("R-ICD-13-ALONE", visit("W19.XXXA")),
    ("R-ICD-13-ONCE", visit("S01.01XA", "W19.XXXA", "Y92.009", "Y92.010")),
    ("R-ICD-13-ONCE", visit("S01.01XD", "W19.XXXD", "Y92.009")),
    ("R-ICD-13-ACTIVITY", visit("T40.2X1A", "Y93.01")),
    ("R-ICD-13-ORDER", visit("S01.01XA", "Y92.009", "W19.XXXA")),
    ("R-ICD-13-ORDER", visit("S01.01XA", "Y93.01", "Y92.009")),
    ("R-ICD-13-ORDER", visit("S01.01XA", "V00.01XA", "Y04.0XXA")),
    ("R-ICD-13-SEVENTH", visit("S01.01XA", "W19.XXXD")),
    ("R-ICD-13-MISSING", visit("S01.01XA")),
    ("R-ICD-14", visit("S01.01XS")),
    ("R-ICD-14", visit("S01.01XS", "L90.5")),
    ("R-ICD-15", visit("I10", "Z68.41")),
    ("R-ICD-15", visit("E66.9", "Z68.41", age=12)),
    ("R-ICD-15", visit("E66.9", "Z68.54", age=40)),
    ("R-ICD-15", visit("R63.6", "Z68.51", age=1)),
    ("R-ICD-15-ALONE", visit("Z68.41")),
    ("R-ICD-15-COMA", visit("S06.9X0A", "R40.2111", "R40.2221")),
    ("R-ICD-15-COMA", visit("S06.9X0A", "R40.2111", "R40.2221", "R40.2311", "R40.2431")),
    ("R-ICD-16", visit("I10", "I50.9")),
    ("R-ICD-16", visit("I10", "N18.30")),
    ("R-ICD-16", visit("I10", "I50.9", "N18.4")),
    ("R-ICD-16", visit("I11.0", "I50.9", "N18.4")),
    ("R-ICD-16", visit("I12.9", "N18.4", "I50.9")),
    ("R-ICD-17", visit("R65.20", "A41.9")),
    ("R-ICD-17", visit("R65.21", "A41.9")),
    ("R-ICD-18", visit("E11.9", "E11.22", "N18.4")),
]
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("R-ICD-04", visit("S42.211A", "S42.292A")),
    ("R-ICD-05", visit("S52.501A", lines=[line("25605", "RT")])),
    ("R-ICD-05", visit("S52.501A", "S52.502A", lines=[line("25605", "RT")])),
    ("R-ICD-05", visit("I10", lines=[line("25605", "RT")])),
    ("R-ICD-05-SIDE", visit("S52.509A", lines=[line("25605")])),
    ("R-ICD-08", visit("N18.4", "D63.1")),
    ("R-ICD-08", visit("I11.0", "I50.9")),
    ("R-ICD-08", visit("I50.9")),
    ("R-ICD-08", visit("A41.9", "R65.20", "N17.9")),
    ("R-ICD-08", visit("U07.1", "J12.82")),
    ("R-ICD-08", visit("O09.512", "Z3A.20")),
    ("R-ICD-08-FIRST", visit("G30.9", "F02.80")),
    ("R-ICD-09", visit("I11.0", "I50.9")),
    ("R-ICD-09", visit("I12.0", "N18.6", "Z99.2")),
    ("R-ICD-09", visit("E10.22", "N18.4")),
    ("R-ICD-09", visit("A41.9", "R65.20", "N17.9")),
    ("R-ICD-10", visit("O80", "Z37.0", age=28)),
    ("R-ICD-10-OUTCOME", visit("O80", "Z37.0", age=28)),
    ("R-ICD-10-BIRTH", visit("Z38.00", age=0)),
    ("R-ICD-10-NEWBORN", visit("P22.0", age=0)),
    ("R-ICD-11", visit("R05.9")),
    ("R-ICD-11", visit("J18.9", "R10.31")),
    ("R-ICD-13", visit("S01.01XA", "W19.XXXA")),
    ("R-ICD-13-ONCE", visit("S01.01XA", "W19.XXXA", "Y92.009", "Y93.01", "Y99.8")),
    ("R-ICD-13-ORDER", visit("S01.01XA", "W19.XXXA", "Y92.009", "Y93.01", "Y99.8")),
    ("R-ICD-13-ORDER", visit("S01.01XA", "Y04.0XXA", "V00.01XA")),
    ("R-ICD-13-SEVENTH", visit("S01.01XD", "W19.XXXD")),
    ("R-ICD-13-MISSING", visit("S01.01XD")),
    ("R-ICD-14", visit("L90.5", "S01.01XS")),
    ("R-ICD-15", visit("E66.01", "Z68.41")),
    ("R-ICD-15", visit("E66.9", "Z68.54", age=12)),
    ("R-ICD-15-COMA", visit("S06.9X0A", "R40.2111", "R40.2221", "R40.2311")),
    ("R-ICD-16", visit("I11.0", "I50.9")),
    ("R-ICD-16", visit("I13.0", "I50.9", "N18.4")),
    ("R-ICD-16", visit("I10", "N17.9")),
    ("R-ICD-17", visit("A41.9", "R65.20", "N17.9")),
    ("R-ICD-18", visit("E11.22", "N18.4", "Z79.4", "Z79.84")),
]


@pytest.mark.parametrize(("rule_id", "request_"), FLAGGED)
def test_the_rule_speaks(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_)


@pytest.mark.parametrize(("rule_id", "request_"), SILENT)
def test_the_rule_has_nothing_to_say(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id not in fired(request_)


def test_a_warning_never_has_the_severity_of_an_error() -> None:
    (finding,) = [one for one in findings(visit("J18.9", "R05.9")) if one["rule_id"] == "R-ICD-11"]
    assert finding["severity"] == "warning"
    assert finding["target"] == "dx[1]"
    assert finding["overridable"]
    assert finding["message"] == "R05.9 is a symptom that J18.9 explains."


def test_excludes1_yields_to_an_override_and_says_so() -> None:
    request = visit("E10.9", "E11.9", overrides=["R-ICD-07"])
    assert "R-ICD-07" in fired(request, status="bypassed")
    assert "R-ICD-07" not in fired(request)


def test_format_does_not_yield() -> None:
    assert "R-ICD-02" in fired(visit("K35.20", overrides=["R-ICD-02"]))
