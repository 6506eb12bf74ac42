"""`chartline codesets` from the outside: load, list, show, diff, exit codes and shapes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.unit.codesets_load_files import a_workbook, an_order
from workers.console import main

YEAR = an_order(("E11", 0, "Diabetes"), ("E1122", 1, "With CKD"), ("I10", 1, "Hypertension"))
UPDATE = an_order(("E11", 0, "Diabetes"), ("E1122", 1, "With kidney disease"), ("U071", 1, "New"))
SPAN = ("--effective", "2019-10-01", "--end", "2020-09-30")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def shape(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Desk:
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Ran:
        self.capsys.readouterr()
        code = main(["codesets", *words])
        captured = self.capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def file(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path / "var"))
    return Desk(tmp_path, capsys)


def loaded(desk: Desk) -> None:
    year, update = desk.file("year.txt", YEAR), desk.file("update.txt", UPDATE)
    assert desk.run("load", "icd10cm-order", year, *SPAN, "--name", "FY2020").code == 0
    days = ("--effective", "2020-04-01", "--end", "2020-09-30")
    assert desk.run("load", "icd10cm-order", update, *days, "--name", "April 2020").code == 0


def test_a_release_is_loaded_once_and_listed(desk: Desk) -> None:
    file = desk.file("year.txt", YEAR)
    first = desk.run("load", "icd10cm-order", file, *SPAN, "--json")
    assert first.code == 0
    assert first.err == "year.txt: 3 rows\n"
    edition = first.shape["edition"]
    assert first.shape == {"changed": True, "replaced": False, "remarks": [], "edition": edition}
    assert (edition["system"], edition["name"]) == ("ICD-10-CM", "ICD-10-CM 2019-10-01")
    assert (edition["rows"], edition["source"]) == (3, "year.txt")
    again = desk.run("load", "icd10cm-order", file, *SPAN, "--json")
    assert (again.code, again.shape["changed"]) == (0, False)
    assert again.shape["edition"] == edition
    words = desk.run("load", "icd10cm-order", file, *SPAN).out
    assert words.startswith("ICD-10-CM 2019-10-01 was there already: 3 rows")
    shape = desk.run("list", "--date", "2026-05-04", "--json").shape
    assert edition in shape["editions"]
    assert {one["name"] for one in shape["editions"] if one["rows"] is None} >= {
        "ICD-10-CM April 2026"
    }


def test_the_list_warns_of_what_has_ended_and_of_damage(desk: Desk) -> None:
    fine = desk.run("list", "--date", "2026-05-04")
    assert fine.code == 0
    pos = desk.file("pos.xlsx", a_workbook([["Code", "Name"], [11, "Office"]]))
    assert desk.run("load", "pos", pos, *SPAN).code == 0
    ended = desk.run("list", "--date", "2026-05-04", "--json")
    assert ended.code == 3
    assert ended.shape["stale"] == [
        {
            "system": "Place of service",
            "edition": "Place of service 2019-10-01",
            "ended": "2020-09-30",
        }
    ]
    words = desk.run("list", "--date", "2026-05-04").out
    assert "Place of service: no edition for 2026-05-04" in words
    (path,) = desk.folder.glob("var/codesets/*/*.edition")
    path.write_bytes(b"rubbish")
    damaged = desk.run("list", "--date", "2026-05-04")
    assert damaged.code == 3
    assert "is damaged: load it again with --replace" in damaged.out


def test_a_code_is_shown_as_it_was_on_the_day(desk: Desk) -> None:
    loaded(desk)
    before = desk.run("show", "E11.22", "--date", "2020-03-31", "--json").shape
    after = desk.run("show", "e1122", "--date", "2020-04-01", "--json").shape
    assert [(one["edition"], one["row"]["title"]) for one in before["found"]] == [
        ("FY2020", "With CKD")
    ]
    assert [(one["edition"], one["row"]["title"]) for one in after["found"]] == [
        ("April 2020", "With kidney disease")
    ]
    assert "With kidney disease" in desk.run("show", "E1122", "--date", "2020-04-01").out
    gone = desk.run("show", "I10", "--date", "2020-04-01", "--json")
    assert (gone.code, gone.shape["error"]["code"]) == (5, "codesets.no-such-code")


def test_a_day_without_an_edition_is_said_and_is_not_a_no(desk: Desk) -> None:
    loaded(desk)
    ran = desk.run("show", "E1122", "--date", "2031-01-01", "--json")
    assert (ran.code, ran.shape["error"]["code"]) == (5, "codesets.no-edition")
    assert "No edition for that day: ICD-10-CM." in ran.shape["error"]["sentence"]


def test_what_the_packages_hold_is_shown_too(desk: Desk) -> None:
    ran = desk.run("show", "E11.22", "--date", "2026-05-04", "--json")
    (found,) = ran.shape["found"]
    assert (found["system"], found["edition"]) == ("ICD-10-CM", "ICD-10-CM April 2026")
    assert found["row"]["title"] == "Type 2 diabetes mellitus with diabetic chronic kidney disease"
    loaded(desk)
    assert desk.run("show", "E11.22", "--date", "2026-05-04", "--json").shape["no_data"] == []


def test_pairs_and_fee_schedule_rows_are_shown_by_their_code(desk: Desk) -> None:
    pairs = desk.file("pairs.txt", "11055\t11720\t\t20150101\t*\t1\n")
    fees = desk.file("fees.csv", "71046,26,X,A,,0.18,1,,1,,0.02,1,1,1,XXX,0,0,0,0,3,0,0,0\n")
    days = ("--effective", "2026-04-01", "--end", "2026-06-30", "--licence", "ours")
    assert desk.run("load", "ncci-practitioner", pairs, *days).code == 0
    assert desk.run("load", "mpfs", fees, *days).code == 0
    pair = desk.run("show", "11055/11720", "--date", "2026-05-04", "--json").shape["found"]
    assert [one["row"]["modifier_indicator"] for one in pair] == ["1"]
    fee = desk.run("show", "71046", "--date", "2026-05-04", "--system", "MPFS", "--json").shape
    assert [(one["row"]["modifier"], one["row"]["work_rvu"]) for one in fee["found"]] == [
        ("26", "0.18")
    ]


def test_two_editions_are_compared(desk: Desk) -> None:
    loaded(desk)
    ran = desk.run("diff", "ICD-10-CM", "FY2020", "April 2020", "--json")
    assert ran.code == 0
    assert ran.shape == {
        "system": "ICD-10-CM",
        "from": "FY2020",
        "to": "April 2020",
        "counts": {"added": 1, "ended": 1, "changed": 1},
        "added": ["U071"],
        "ended": ["I10"],
        "changed": [{"code": "E1122", "columns": ["title", "short"]}],
    }
    words = desk.run("diff", "ICD-10-CM", "FY2020", "April 2020").out
    assert words == "added: 1\n  U071\nended: 1\n  I10\nchanged: 1\n  E1122: title, short\n"
    assert desk.run("diff", "ICD-10-CM", "FY2020", "FY2031").code == 5


def test_a_long_difference_is_cut_for_people(desk: Desk) -> None:
    loaded(desk)
    many = an_order(*((f"A{number:02d}", 1, "x") for number in range(60)))
    file = desk.file("many.txt", many)
    assert desk.run("load", "icd10cm-order", file, *SPAN, "--name", "Many").code == 0
    words = desk.run("diff", "ICD-10-CM", "FY2020", "Many").out
    assert "added: 60\n" in words
    assert "  and 20 more; --json has all of them\n" in words


def test_a_malformed_file_is_refused_with_line_and_column(desk: Desk) -> None:
    file = desk.file("year.txt", YEAR + "\r\n00004 SECRET  1\r\n")
    ran = desk.run("load", "icd10cm-order", file, *SPAN)
    assert ran.code == 6
    assert "(year.txt line 4, column 78)" in ran.err
    assert "SECRET" not in ran.err
    assert not (desk.folder / "var").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("load", "nothing", "FILE", *SPAN), 6),
        (("load", "cpt", "FILE", *SPAN), 6),
        (("load", "pos", "missing.csv", *SPAN), 1),
        (("load", "pos", *SPAN), 2),
        (("load", "pos", "FILE", "--effective", "May 4", "--end", "2020-09-30"), 2),
        (("load", "pos", "FILE", "--effective", "2021-05-04", "--end", "2020-09-30"), 2),
        (("show", "I10", "--date", "soon"), 2),
    ],
)
def test_every_end_has_its_exit_code(desk: Desk, words: tuple[str, ...], code: int) -> None:
    file = desk.file("pos.csv", "Code,Name\n11,Office\n")
    assert desk.run(*(file if word == "FILE" else word for word in words)).code == code


def test_a_name_is_taken_over_only_when_asked(desk: Desk) -> None:
    loaded(desk)
    file = desk.file("other.txt", UPDATE)
    taken = desk.run("load", "icd10cm-order", file, *SPAN, "--name", "FY2020", "--json")
    assert (taken.code, taken.shape["error"]["code"]) == (6, "codesets.edition-differs")
    done = desk.run("load", "icd10cm-order", file, *SPAN, "--name", "FY2020", "--replace", "--json")
    assert (done.code, done.shape["replaced"]) == (0, True)


def test_a_folder_that_cannot_be_written_to_stops_the_load(desk: Desk) -> None:
    (desk.folder / "var").write_text("a file stands in the way")
    file = desk.file("pos.csv", "Code,Name\n11,Office\n")
    ran = desk.run("load", "pos", file, *SPAN)
    assert ran.code == 4
    assert "cannot be written" in ran.err
