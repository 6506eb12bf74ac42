"""`chartline code`, from a file to JSON: what a coder's program would see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "test-cli-code"
NOTE = """HPI: 71 year old with cough and fever. Mother had breast cancer.

ASSESSMENT
1. Pneumonia
2. HTN, CHF
3. Possible pulmonary embolism
"""


def ran(
    *words: str, note: str = "", seed: str = "0", good: bool = True
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "CHARTLINE_DATA_DIR": str(KEPT)}  # noqa: TID251
    done = subprocess.run(
        [sys.executable, "-m", "workers.console", "code", *words],
        input=note.encode(),
        capture_output=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )
    assert (done.returncode == 0) is good, done.stderr.decode()
    return done


def coded(*words: str, note: str = NOTE, good: bool = True) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(ran(*words, "--json", note=note, good=good).stdout)
    return shape


def test_a_note_becomes_codes_with_evidence_that_stands_in_the_note() -> None:
    shape = coded("-")
    assert [one["code"] for one in shape["codes"]] == ["J18.9", "I11.0", "I50.9"]
    assert [one["role"] for one in shape["codes"]] == ["first-listed", "secondary", "secondary"]
    assert shape["edition"] == "ICD-10-CM April 2026"
    for one in shape["codes"]:
        assert one["system"] == "ICD-10-CM"
        assert one["status"] in {"accepted", "preselected", "suggested"}
        assert 0 < one["confidence"] <= 1
        for span in one["evidence"]:
            assert NOTE[span["start"] : span["end"]] == span["text"]


def test_what_was_left_out_is_said_with_the_rule() -> None:
    rules = {(one["rule_id"], one["target"]) for one in coded("-")["findings"]}
    assert ("guideline.IV.H", "I26.99") in rules
    assert ("guideline.I.B.5", "R05.9") in rules


def test_inpatient_the_uncertain_diagnosis_is_coded_but_not_accepted() -> None:
    shape = coded("-", "--setting", "inpatient")
    (embolism,) = [one for one in shape["codes"] if one["code"] == "I26.99"]
    assert embolism["status"] == "preselected"
    assert embolism["evidence"][0]["against"] == ["uncertain"]
    assert "guideline.II.H" in embolism["rules"]


def test_the_same_note_gives_the_same_bytes_in_every_process() -> None:
    outputs = {ran("-", "--json", note=NOTE, seed=seed).stdout for seed in ("0", "1", "77", "4711")}
    assert len(outputs) == 1


def test_a_folder_of_notes_is_coded_in_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("Gout.")
    (tmp_path / "a.txt").write_text("Asthma.")
    shape = coded("--batch", str(tmp_path), note="")
    assert [Path(one["file"]).name for one in shape["files"]] == ["a.txt", "b.txt"]
    assert [one["codes"][0]["code"] for one in shape["files"]] == ["J45.909", "M10.9"]


def test_a_date_without_an_edition_is_no_data_and_never_a_code() -> None:
    shape = coded("-", "--date", "2031-01-01", good=False)
    assert shape["codes"] == []
    assert [(one["rule_id"], one["status"]) for one in shape["findings"]] == [
        ("codesets.no-edition", "no_data")
    ]


@pytest.mark.parametrize(
    "words",
    [(), ("-", "--batch", "."), ("-", "--setting", "moon"), ("-", "--age", "900")],
    ids=["nothing", "both", "setting", "age"],
)
def test_a_wrong_call_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert ran(*words, note=NOTE, good=False).returncode == 2


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "note.bin"
    path.write_bytes(b"\xff\xfe\x00pneumonia")
    shape = coded(str(path), good=False)
    assert shape["findings"][0]["rule_id"] == "file.unreadable"


def test_the_table_for_people_shows_no_words_of_the_note() -> None:
    printed = ran("-", note="He said xyzzy. HTN.").stdout.decode()
    assert "I10" in printed
    assert "xyzzy" not in printed
    assert "HTN" not in printed
