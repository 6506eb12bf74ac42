"""ICD: order files, CMS32, indexes and the tabular list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.codesets.shelf import Shelf
from services.codesets.shelf_failures import EditionDamaged, MalformedFile
from services.codesets.shelf_tabular import shelved_tabulars
from tests.unit.codesets_load_files import a_load, an_order, everything_in, rows_of

CM = an_order(
    ("E11", 0, "Type 2 diabetes mellitus"),
    ("E112", 0, "Type 2 diabetes mellitus with kidney complications"),
    ("E1122", 1, "Type 2 diabetes mellitus with diabetic chronic kidney disease"),
    ("QA00101", 1, "A code whose second sign is a letter"),
)
CM_ONLY_E = CM.rpartition("\r\n")[0]
TABULAR = """<?xml version="1.0"?>
<ICD10CM.tabular><chapter><name>4</name><desc>Endocrine</desc>
<section id="E08-E13"><desc>Diabetes</desc>
<diag><name>E11</name><desc>Type 2 diabetes mellitus</desc>
<excludes1><note>with diabetic CKD (E11.22)</note><note>type 1 diabetes (E10.-)</note></excludes1>
<diag><name>E11.2</name><desc>With kidney complications</desc>
<diag><name>E11.22</name><desc>With diabetic chronic kidney disease</desc></diag></diag></diag>
</section></chapter></ICD10CM.tabular>"""
INDEX = """<ICD10CM.index><version>2026</version><letter><title>A</title>
<mainTerm><title>Abscess<nemod>(connective tissue)</nemod> NEC</title><code>L02.91</code>
<term level="1"><title>lung</title><code>J85.2</code>
<term level="2"><title>amebic</title><code>A06.5</code><manif>J17</manif></term></term>
<term level="1"><title>wall</title><see>Abscess, trunk</see><seeAlso>Cellulitis</seeAlso></term>
</mainTerm></letter></ICD10CM.index>"""
DRUGS = """<ICD10CM.index><indexHeading><head col="2">Accidental</head>
<head col="6">Adverse effect</head></indexHeading><letter><title>A</title>
<mainTerm><title>Aspirin</title><cell col="2">T39.011</cell><cell col="6">--</cell></mainTerm>
</letter></ICD10CM.index>"""


def test_an_order_file_gives_codes_and_headers(tmp_path: Path) -> None:
    rows = rows_of(a_load(tmp_path, "icd10cm-order", CM), tmp_path)
    assert [(row.code, row.kind) for row in rows] == [
        ("E11", "header"),
        ("E112", "header"),
        ("E1122", ""),
        ("QA00101", ""),
    ]
    assert rows[2].title == "Type 2 diabetes mellitus with diabetic chronic kidney disease"
    assert rows[2].short == rows[2].title[:60].strip()
    assert rows[2].effective == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("x0001 E1122   1 Short", "column 1"),
        ("00001 E11.22  1 " + "Short".ljust(60) + " Long", "column 7"),
        ("00001 E1122   2 " + "Short".ljust(60) + " Long", "column 15"),
        ("00001 E1122   1 Short", "column 78"),
        ("00001", "column 15"),
    ],
)
def test_an_order_line_out_of_the_layout_is_refused(tmp_path: Path, line: str, where: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "icd10cm-order", f"{CM}\r\n{line}\r\n")
    assert refused.value.where == f"file1.txt line 5, {where}"


def test_a_pcs_code_has_seven_characters_and_no_o_or_i(tmp_path: Path) -> None:
    order = an_order(("0SR", 0, "Lower joints, replacement"), ("0SRC0J9", 1, "Right knee"))
    done = a_load(tmp_path, "icd10pcs-order", order)
    assert [row.kind for row in rows_of(done, tmp_path)] == ["header", ""]
    for wrong in ("0SRC0J", "OSRC0J9"):
        with pytest.raises(MalformedFile):
            a_load(tmp_path, "icd10pcs-order", an_order((wrong, 1, "x")), name=wrong)


def test_icd9_comes_as_two_texts_or_as_one_table(tmp_path: Path) -> None:
    long, short = "0010  Cholera due to vibrio\nV3000 Newborn\n", "0010  Cholera\nV3000 NB\n"
    texts = rows_of(a_load(tmp_path, "icd9cm-dx", long, short, name="a"), tmp_path)
    table = "Diagnosis code\tLong description\tShort description\n"
    table += "0010\tCholera due to vibrio\tCholera\nV3000\tNewborn\tNB\n"
    assert rows_of(a_load(tmp_path, "icd9cm-dx", table, name="b"), tmp_path) == texts
    assert [(row.code, row.title, row.short) for row in texts] == [
        ("0010", "Cholera due to vibrio", "Cholera"),
        ("V3000", "Newborn", "NB"),
    ]


def test_icd9_procedures_are_a_set_of_their_own(tmp_path: Path) -> None:
    a_load(tmp_path, "icd9cm-px", "3722 Left heart cardiac catheterization\n")
    shelf = Shelf(tmp_path)
    assert shelf.row("ICD-9-CM", "3722", date(2026, 1, 1)) is None
    found = shelf.code("ICD-9-CM procedures", "3722", date(2026, 1, 1))
    assert found is not None


@pytest.mark.parametrize("text", ["4280x Failure\n", "0010\n", "0010 A\n0010 B\n0010 C\n", ""])
def test_icd9_that_is_not_in_the_layout_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MalformedFile):
        a_load(tmp_path, "icd9cm-dx", text)


def test_an_index_gives_every_term_with_the_terms_above(tmp_path: Path) -> None:
    rows = rows_of(a_load(tmp_path, "icd10cm-index", INDEX), tmp_path)
    by_term = {row.term: row for row in rows}
    assert sorted(by_term) == [
        "Abscess NEC",
        "Abscess NEC, lung",
        "Abscess NEC, lung, amebic",
        "Abscess NEC, wall",
    ]
    assert by_term["Abscess NEC"].nonessential == "(connective tissue)"
    amebic, wall = by_term["Abscess NEC, lung, amebic"], by_term["Abscess NEC, wall"]
    assert (amebic.code, amebic.manifestation) == ("A065", "J17")
    assert (wall.see, wall.see_also, wall.code) == ("Abscess, trunk", "Cellulitis", "")


def test_the_columns_of_a_drug_table_have_their_headings(tmp_path: Path) -> None:
    said: list[int] = []
    done = a_load(tmp_path, "icd10cm-drug", DRUGS, progress=lambda _, count: said.append(count))
    (row,) = rows_of(done, tmp_path)
    assert row.cells == {"Accidental": "T39011", "Adverse effect": "--"}
    assert said == [1]


def test_a_long_index_and_both_texts_of_icd9_tell_their_progress(tmp_path: Path) -> None:
    said: list[int] = []
    start, _, end = DRUGS.partition("<mainTerm>")
    terms = "".join(f"<mainTerm><title>Drug {number}</title></mainTerm>" for number in range(1_001))
    a_load(
        tmp_path,
        "icd10cm-drug",
        f"{start}{terms}<mainTerm>{end}",
        progress=lambda _, count: said.append(count),
    )
    a_load(tmp_path, "icd9cm-dx", "0010 A\n", "0010 B\n", progress=lambda _, n: said.append(n))
    assert said == [1_000, 1_002, 1, 1]


@pytest.mark.parametrize(
    ("xml", "where"),
    [
        (INDEX.replace("</term></term>", "</term>"), "line 6, column"),
        ("<ICD10CM.index></ICD10CM.index>", "line 1"),
        (INDEX.replace("<title>amebic</title>", ""), "line 4, column 1"),
        ("no XML", "line 1, column 1"),
    ],
)
def test_a_damaged_index_is_refused_with_its_place(tmp_path: Path, xml: str, where: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "icd10cm-index", xml)
    assert where in refused.value.where
    assert everything_in(tmp_path) == {}


def test_a_tabular_list_opens_with_its_notes(tmp_path: Path) -> None:
    a_load(tmp_path, "icd10cm-tabular", TABULAR, CM_ONLY_E, name="April")
    (shelved,) = shelved_tabulars(Shelf(tmp_path))
    assert (shelved.edition.system, shelved.edition.name) == ("ICD-10-CM", "April")
    tabular = shelved.open()
    assert tabular.is_billable("E1122")
    assert tabular.title("E112") == "With kidney complications"
    assert tabular.excludes["E11"].hold("E1122")


def test_the_newest_tabular_list_comes_first_and_a_replaced_one_leaves_nothing(
    tmp_path: Path,
) -> None:
    a_load(tmp_path, "icd10cm-tabular", TABULAR, CM_ONLY_E, name="Old", end="2026-03-31")
    a_load(tmp_path, "icd10cm-tabular", TABULAR, CM_ONLY_E, name="New", effective="2026-04-01")
    other = TABULAR.replace("With kidney", "With renal")
    a_load(
        tmp_path,
        "icd10cm-tabular",
        other,
        CM_ONLY_E,
        name="New",
        effective="2026-04-01",
        replacing=True,
    )
    new, old = shelved_tabulars(Shelf(tmp_path))
    assert (new.edition.name, old.edition.name) == ("New", "Old")
    assert new.open().title("E112") == "With renal complications"
    assert old.open().title("E112") == "With kidney complications"
    assert len(everything_in(tmp_path)) == 4


@pytest.mark.parametrize(
    "files",
    [
        (TABULAR,),
        (CM_ONLY_E, TABULAR),
        (TABULAR, CM),  # QA0 is not in the XML
        (TABULAR.replace("</section>", ""), CM_ONLY_E),
    ],
)
def test_a_tabular_list_needs_the_order_file_of_its_release(
    tmp_path: Path, files: tuple[str, ...]
) -> None:
    with pytest.raises(MalformedFile):
        a_load(tmp_path, "icd10cm-tabular", *files)
    assert everything_in(tmp_path) == {}


def test_a_compiled_tabular_list_that_is_gone_is_damage(tmp_path: Path) -> None:
    a_load(tmp_path, "icd10cm-tabular", TABULAR, CM_ONLY_E)
    (tables,) = tmp_path.rglob("*.tables")
    tables.unlink()
    (shelved,) = shelved_tabulars(Shelf(tmp_path))
    with pytest.raises(EditionDamaged):
        shelved.open()
