"""Corners of the edits: days without a table, engines without an answer, retired edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.codesets.edit_tables import NO_TABLES, EditTables, MpfsIndicator, Table
from services.codesets.inpatient import CodeEdit, EngineError, Stay
from services.codesets.library import CodeSets
from services.coding import edits_order, rules_modifiers
from services.coding.case import open_case
from services.coding.edits import ClaimEdits
from services.coding.rules import judge
from tests.unit.codesets_fixture import the_codesets
from tests.unit.coding_charts import a_charge, a_visit
from tests.unit.edit_requests import OLD, dx, edition, fired, line, stay, tables, visit

NOT_HELD = "2027-01-04"


def with_fees() -> EditTables:
    shared: dict[str, Any] = {
        "modifier": "",
        "status": "A",
        "pctc": "0",
        "global_days": "010",
        "multiple": "2",
        "assistant": "0",
        "co_surgeon": "0",
        "team": "0",
        "work_rvu": None,
        "effective": OLD,
    }
    rows = [MpfsIndicator("27447", bilateral="1", **shared)]
    rows.append(MpfsIndicator("11055", bilateral="0", **shared))
    return replace(tables(), mpfs=(Table(edition("MPFS"), rows),))


@pytest.mark.parametrize(("code", "flagged"), [("11055", True), ("27447", False), ("1", False)])
def test_modifier_50_needs_the_bilateral_indicator(code: str, *, flagged: bool) -> None:
    edits = ClaimEdits(the_codesets(), with_fees())
    request = visit(lines=[line(code, "50"), line("36415")])
    assert ("R-MOD-50" in fired(request, edits)) is flagged


def test_every_table_is_among_the_editions_and_knows_its_size() -> None:
    loaded = with_fees()
    assert {one.system for one in loaded.editions} == {
        "NCCI outpatient",
        "MUE outpatient",
        "Add-on codes",
        "MPFS",
        "OPPS Addendum B",
        "CPT",
    }
    assert len(loaded.mpfs[0]) == 2
    assert NO_TABLES.editions == ()


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-IOCE-03", visit("N40.1", sex="F", date="2024-09-30")),
        ("R-IOCE-LINES", visit(lines=[line("71045", "59")] * 451)),
        ("R-ICD-10-OUTCOME", visit("O82", age=28)),
        ("R-ICD-10-OUTCOME", stay("O34.211", px=["4A023N7", "10D00Z1"], sex="F", age=28)),
        ("R-ICD-13-SEVENTH", visit("S01.01XS", "L90.5", "W19.XXXA")),
    ],
)
def test_the_rule_speaks(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_)


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-ICD-15", visit("E66.01", "Z68.41", age=None)),
        ("R-ICD-13-SEVENTH", visit("S01.01XS", "W19.XXXS")),
        ("R-ICD-10-OUTCOME", stay("O80", "Z37.0", px=["10E0XZZ"], sex="F", age=28)),
        ("R-ICD-10-OUTCOME", stay("O80", px=["4A023N7", "10E0XZZ"], sex="F", age=28)),
        ("R-VAC-05", visit("Z23", lines=[line("90471"), line("90686")], payer=None)),
    ],
)
def test_the_rule_has_nothing_to_say(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id not in fired(request_)


def test_without_a_tabular_list_the_edition_is_missing_and_nothing_else_is_made_up() -> None:
    request = visit("S42.211A", "S42.214A", date=NOT_HELD, lines=[line("23600", "RT")])
    assert "R-ICD-EDITION" in fired(request, status="no_data")
    assert not fired(request) & {"R-ICD-04", "R-ICD-05", "R-ICD-05-SIDE", "R-ICD-07"}


class Silent:
    """An editor without an answer."""

    name = "silent"

    def covers(self, on: date) -> bool:
        return True

    def edits(self, stay: Stay) -> tuple[CodeEdit, ...]:
        raise EngineError("no answer")

    def knows(self, code: str, on: date) -> bool:
        raise EngineError("no answer")

    def close(self) -> None:
        return None


def test_an_editor_without_an_answer_stops_nothing_else() -> None:
    edits = ClaimEdits(CodeSets((), Silent(), the_codesets().grouper))
    assert "R-ICD-08-FIRST" not in fired(visit("F02.80"), edits)
    assert "R-ICD-EDITION" in fired(visit("F02.80"), edits, "no_data")
    assert "R-MCE-ANSWER" in fired(stay("I50.20"), edits, "no_data")


def test_a_great_many_kinds_of_lists_are_not_all_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edits_order, "MOST_KNOWN", 0)
    edits = ClaimEdits(the_codesets())
    assert "R-ICD-07" in fired(visit(dx=dx("E10.9", "E11.9")), edits)


def test_lines_without_a_code_are_no_repeats() -> None:
    room = a_charge(code="", revenue_code="0120")
    case = open_case(a_visit(charges=(room, room)), the_codesets())
    assert judge(case, rules_modifiers.RULES) == ()
