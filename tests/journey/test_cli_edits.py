"""`chartline edits` as a process: a list of codes in, findings out, nothing stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
VISIT: dict[str, Any] = {
    "setting": "outpatient",
    "payer": "medicare",
    "date": "2026-05-02",
    "age": 70,
    "sex": "F",
    "dx": [{"code": "Z23"}, {"code": "E10.9"}, {"code": "E119"}],
    "lines": [{"code": "90471", "units": 1}, {"code": "90662", "date": "2026-05-02"}],
}


def edits(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return chartline(folder, "edits", *words, given=given)


def chartline(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    ours = {"CHARTLINE_DATA_DIR": str(folder / "var")}
    return subprocess.run(
        [sys.executable, "-m", "workers.console", *words],
        cwd=ROOT,
        env={**os.environ, **ours},  # noqa: TID251 - a child process needs the whole of it
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_a_file_and_standard_input_have_the_same_answer(tmp_path: Path) -> None:
    (tmp_path / "visit.json").write_text(json.dumps(VISIT), encoding="utf-8")
    from_file = edits(tmp_path, str(tmp_path / "visit.json"))
    from_stdin = edits(tmp_path, "-", "--json", given=json.dumps(VISIT).encode())
    assert from_file.returncode == 0, from_file.stderr
    assert from_file.stdout == from_stdin.stdout
    answer = json.loads(from_file.stdout)
    assert list(answer) == ["findings", "drg", "apc", "hcc"]
    failed = {one["rule_id"]: one for one in answer["findings"] if one["status"] == "fail"}
    assert failed["R-ICD-07"]["target"] == "dx[2]"
    assert failed["R-VAC-05"]["fix"] == "Use G0008."
    assert set(failed["R-ICD-07"]) == {
        "rule_id",
        "status",
        "severity",
        "target",
        "message",
        "fix",
        "edition",
        "overridable",
    }


def test_a_stay_groups(tmp_path: Path) -> None:
    stay = {
        "setting": "inpatient",
        "date": "2026-05-02",
        "age": 65,
        "sex": "M",
        "discharge_status": "01",
        "dx": [{"code": "M17.11", "poa": "Y"}],
        "px": ["0SRC0J9"],
    }
    answer = json.loads(edits(tmp_path, "-", given=json.dumps(stay).encode()).stdout)
    assert answer["drg"]["code"] == "470"


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (b'{"setting": "outpatient", "dx": [{"cod": "I10"}]}', 6, "$.dx[0].cod "),
        (b'{"setting": ', 6, "line 1"),
        (b"\xff\xfe", 6, "JSON"),
        (b"", 5, "empty"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    given: bytes, code: int, words: str, tmp_path: Path
) -> None:
    done = edits(tmp_path, "-", given=given)
    assert done.returncode == code
    assert words in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert edits(tmp_path, str(tmp_path / "none.json")).returncode == 5


def test_a_table_that_was_loaded_is_asked_for_its_days(tmp_path: Path) -> None:
    (tmp_path / "pairs.txt").write_text("11055\t11720\t\t20150101\t*\t1\n", encoding="utf-8")
    days = (
        "--effective",
        "2026-04-01",
        "--end",
        "2026-06-30",
        "--name",
        "NCCI 2026 Q2",
        "--licence",
        "ours",
    )
    loaded = chartline(
        tmp_path, "codesets", "load", "ncci-outpatient", str(tmp_path / "pairs.txt"), *days
    )
    assert loaded.returncode == 0, loaded.stderr
    asked = VISIT | {"dx": ["L84"], "lines": [{"code": "11055"}, {"code": "11720"}]}
    answer = json.loads(edits(tmp_path, "-", given=json.dumps(asked).encode()).stdout)
    found = {one["rule_id"]: one for one in answer["findings"]}
    assert found["R-NCCI-02"]["status"] == "fail"
    assert found["R-NCCI-02"]["target"] == "lines[1].code"
    assert found["R-NCCI-02"]["edition"] == "NCCI 2026 Q2"
    assert found["R-MUE-0"]["status"] == "no_data"
    later = asked | {"date": "2026-07-01"}
    answer = json.loads(edits(tmp_path, "-", given=json.dumps(later).encode()).stdout)
    statuses = {one["rule_id"]: one["status"] for one in answer["findings"]}
    assert "R-NCCI-02" not in statuses
    assert statuses["R-NCCI-00"] == "no_data"
