"""The vectors of the field's rules 3.5 and 3.6: pairs, units, add-ons, modifiers, vaccines."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.edit_requests import dx, findings, fired, line, loaded_edits, visit


def lines(*asked: dict[str, Any], **differs: Any) -> dict[str, Any]:
    return visit(lines=list(asked), **differs)


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-NCCI-02", lines(line("11055"), line("11720"))),
        ("R-NCCI-02", lines(line("11720"), line("11055"))),
        ("R-NCCI-02", lines(line("11055", "59"), line("11720"))),
        ("R-NCCI-02", lines(line("17000"), line("11102"))),
        ("R-NCCI-01", lines(line("69210"), line("69209", "59"))),
        ("R-NCCI-02", lines(line("45385"), line("45380"), date="2026-04-30")),
        ("R-MUE-1", lines(line("88350", units=5))),
        ("R-MUE-1", lines(line("82374", units=3))),
        ("R-MUE-2", lines(line("G0422", units=4), line("G0422", "76", units=3))),
        ("R-MUE-3", lines(line("Q9980", units=51))),
        ("R-MUE-3", lines(line("84165"), line("84165", "91"))),
        ("R-AOC-01", lines(line("99292"))),
        ("R-AOC-01", lines(line("22614"), line("99291"))),
        ("R-AOC-01", lines(line("99292"), line("99291", date="2026-05-01"))),
        ("R-AOC-01", lines(line("69990"))),
        ("R-CPT-02", lines(line("99999"))),
        ("R-IOCE-18", lines(line("33510"))),
        ("R-IOCE-21", lines(line("99213"), line("11055"))),
    ],
)
def test_the_tables_speak(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_, loaded_edits())


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-NCCI-02", lines(line("11055"), line("11720", "59"))),
        ("R-NCCI-02", lines(line("11055"), line("11720", "XS"))),
        ("R-NCCI-02", lines(line("11055"), line("11720", "T5"))),
        ("R-NCCI-02", lines(line("11055"), line("11720", date="2026-05-01"))),
        ("R-NCCI-02", lines(line("45385"), line("45380"))),
        ("R-NCCI-02", lines(line("97140"), line("97530"))),
        ("R-NCCI-01", lines(line("11055"), line("11720"))),
        ("R-MUE-1", lines(line("88350", units=4), line("88350", "76", units=4))),
        ("R-MUE-2", lines(line("G0422", units=6))),
        ("R-MUE-2", lines(line("G0422", units=6), line("G0422", units=6, date="2026-05-01"))),
        ("R-MUE-3", lines(line("Q9980", units=50))),
        ("R-AOC-01", lines(line("99292"), line("99291"))),
        ("R-AOC-01", lines(line("22614"), line("22610"))),
        ("R-CPT-02", lines(line("99213"))),
        ("R-IOCE-21", lines(line("99213", "25"), line("11055"))),
    ],
)
def test_the_tables_have_nothing_to_say(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id not in fired(request_, loaded_edits())


def test_a_pair_with_the_modifier_is_shown_as_bypassed() -> None:
    request = lines(line("11055"), line("11720", "59"))
    assert "R-NCCI-02" in fired(request, loaded_edits(), "bypassed")


def test_the_pair_is_said_at_the_second_column_with_the_edition_of_its_table() -> None:
    request = lines(line("11720"), line("11055"))
    found = [one for one in findings(request, loaded_edits()) if one["rule_id"] == "R-NCCI-02"]
    assert [one["target"] for one in found] == ["lines[0].code"]
    assert found[0]["edition"] == "NCCI outpatient of our own, 2026 Q2"
    assert found[0]["message"] == "11720 is bundled into 11055 on one day."


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-NCCI-00", lines(line("11055"), line("11720"), setting="clinic")),
        ("R-NCCI-00", lines(line("11055"), line("11720"), date="2026-07-01")),
        ("R-MUE-0", lines(line("88350", units=99), setting="clinic")),
        ("R-MUE-0", lines(line("99213"))),
        ("R-AOC-01", lines(line("99292"), date="2026-07-01")),
        ("R-CPT-02", lines(line("99999"), date="2026-07-01")),
        ("R-MOD-50", lines(line("27447", "50"))),
    ],
)
def test_a_missing_table_is_no_data_and_never_a_pass(
    rule_id: str, request_: dict[str, Any]
) -> None:
    answer = loaded_edits().answer(request_, passes=True)
    found = {one["status"] for one in answer["findings"] if one["rule_id"] == rule_id}
    assert found == {"no_data"}


@pytest.mark.parametrize("mai", ["1", "2"])
def test_only_the_clinical_limit_yields(mai: str) -> None:
    code = {"1": "88350", "2": "G0422"}[mai]
    request = lines(line(code, units=7), overrides=[f"R-MUE-{mai}"])
    assert f"R-MUE-{mai}" in fired(request, loaded_edits())
    clinical = lines(line("Q9980", units=51), overrides=["R-MUE-3"])
    assert "R-MUE-3" in fired(clinical, loaded_edits(), "bypassed")


FLAGGED: list[tuple[str, dict[str, Any]]] = [
    ("R-CPT-01", lines(line("9921"))),
    ("R-MOD-01", lines(line("99213", "25", "57", "24", "76", "77"))),
    ("R-MOD-01", lines(line("99213", "25", "25"))),
    ("R-MOD-02", lines(line("71045", "26", "TC"))),
    ("R-MOD-02", lines(line("27447", "54", "55"))),
    ("R-MOD-02", lines(line("11720", "59", "XS"))),
    ("R-MOD-02", lines(line("27447", "50", "RT"))),
    ("R-MOD-02", lines(line("80053", "GA", "GZ"))),
    ("R-MOD-02", lines(line("80053", "GY", "GZ"))),
    ("R-MOD-03", lines(line("11055", "25"))),
    ("R-MOD-03", lines(line("11055", "57"))),
    ("R-MOD-03", lines(line("99213", "59"))),
    ("R-MOD-04", lines(line("71045"), line("71045"))),
    ("R-MOD-04", lines(line("71045", "76"))),
    ("R-MOD-04", lines(line("71045"), line("71045", "91"))),
    ("R-EM-01", lines(line("99213", units=9))),
    ("R-UNITS-01", lines(line("71045", units=0))),
    ("R-UNITS-01", lines(line("71045", units=-1))),
    ("R-IOCE-17", lines(line("27447", "50", units=2))),
    ("R-TOT-01", lines(line("71045", units=2, charge=100), total=200)),
    ("R-VAC-01", lines(line("90471"), line("90686"))),
    ("R-VAC-01", visit("Z23")),
    ("R-VAC-01", lines(line("90471"), line("90686"), dx=dx("Z23", "Z00.129"), age=5)),
    ("R-VAC-02", lines(line("90471"), dx=dx("Z23"))),
    ("R-VAC-02", lines(line("90686"), dx=dx("Z23"))),
    ("R-VAC-02", lines(line("90471"), line("90686"), line("90715"), dx=dx("Z23"))),
    ("R-VAC-03", lines(line("90472"), line("90686"), dx=dx("Z23"))),
    ("R-VAC-03", lines(line("90461"), line("90707"), dx=dx("Z23"), age=5)),
    ("R-VAC-03", lines(line("90474"), line("90680"), dx=dx("Z23"), age=1)),
    ("R-VAC-03", lines(line("90471", units=2), line("90686", units=2), dx=dx("Z23"))),
    ("R-VAC-04", lines(line("90460"), line("90686"), dx=dx("Z23"), age=40)),
    (
        "R-VAC-04",
        lines(line("90460"), line("90461", units=3), line("90707"), dx=dx("Z23"), age=5),
    ),
    ("R-VAC-05", lines(line("90471"), line("90662"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("90471"), line("90732"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("90471"), line("90746"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("90471"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("G0008"), line("90686"), dx=dx("Z23"))),
    ("R-VAC-06", lines(line("96372"), line("90686"), dx=dx("Z23"))),
    ("R-MOD-25", lines(line("99213"), line("90471"), line("90686"), dx=dx("Z23"))),
]
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("R-MOD-02", lines(line("71045", "26"))),
    ("R-MOD-02", lines(line("27447", "RT", "59"))),
    ("R-MOD-02", lines(line("80053", "GX", "GY"))),
    ("R-MOD-03", lines(line("99213", "25"))),
    ("R-MOD-03", lines(line("99223", "57"))),
    ("R-MOD-03", lines(line("11720", "59"))),
    ("R-MOD-04", lines(line("71045"), line("71045", "76"))),
    ("R-MOD-04", lines(line("80053"), line("80053", "91"))),
    ("R-MOD-04", lines(line("11730", "TA"), line("11730", "T5"))),
    ("R-MOD-04", lines(line("71045"), line("71045", date="2026-05-01"))),
    ("R-EM-01", lines(line("99213"))),
    ("R-EM-01", lines(line("97110", units=4))),
    ("R-IOCE-17", lines(line("27447", "50"))),
    ("R-TOT-01", lines(line("71045", units=2, charge=100), total=100)),
    ("R-TOT-01", lines(line("71045", charge="33.35"), line("80053", charge=66.65), total=100)),
    ("R-VAC-01", lines(line("90471"), line("90686"), dx=dx("Z23"))),
    ("R-VAC-01", lines(line("90471"), line("90686"), dx=dx("Z00.129", "Z23"), age=5)),
    ("R-VAC-02", lines(line("90471"), line("90686"), dx=dx("Z23"))),
    (
        "R-VAC-03",
        lines(
            line("90471"),
            line("90472", units=2),
            line("90686"),
            line("90715"),
            line("90750"),
            dx=dx("Z23"),
        ),
    ),
    ("R-VAC-03", lines(line("90473"), line("90472"), line("90660"), line("90715"), dx=dx("Z23"))),
    (
        "R-VAC-04",
        lines(line("90460"), line("90461", units=2), line("90707"), dx=dx("Z23"), age=5),
    ),
    ("R-VAC-05", lines(line("G0008"), line("90662"), dx=dx("Z23"), payer="medicare")),
    (
        "R-VAC-05",
        lines(
            line("G0008"),
            line("G0009"),
            line("90662"),
            line("90677"),
            dx=dx("Z23"),
            payer="medicare",
        ),
    ),
    ("R-VAC-02", lines(line("G0008"), line("90662"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("90471"), line("90715"), dx=dx("Z23"), payer="medicare")),
    ("R-VAC-05", lines(line("90471"), line("90662"), dx=dx("Z23"))),
    ("R-VAC-06", lines(line("96372"), line("J1885"))),
    ("R-MOD-25", lines(line("99213", "25"), line("90471"), line("90686"), dx=dx("Z23"))),
]


@pytest.mark.parametrize(("rule_id", "request_"), FLAGGED)
def test_the_rule_speaks(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_)


@pytest.mark.parametrize(("rule_id", "request_"), SILENT)
def test_the_rule_has_nothing_to_say(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id not in fired(request_)


def test_medicare_is_told_which_code_to_use() -> None:
    request = lines(line("90471"), line("90662"), dx=dx("Z23"), payer="medicare")
    (found,) = [one for one in findings(request) if one["rule_id"] == "R-VAC-05"]
    assert (found["severity"], found["fix"]) == ("error", "Use G0008.")


def test_a_charge_that_is_not_said_cannot_be_added_up() -> None:
    assert "R-TOT-01" in fired(lines(line("71045"), total=100), status="no_data")
