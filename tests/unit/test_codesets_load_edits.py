"""NCCI, MUE, add-on codes, fee schedule and Addendum B: the rows that the edits ask for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.codesets.edit_tables import AddOn, MpfsIndicator, Mue, NcciPair, OppsRow, Setting
from services.codesets.shelf import Shelf
from services.codesets.shelf_failures import MalformedFile
from services.codesets.shelf_tables import edit_tables
from tests.unit.codesets_load_files import a_load, a_workbook, rows_of

ON = date(2026, 5, 4)
PAIRS = """CPT codes are copyright of their owner.\t\t\t\t\t\t
Column1/Column2 Edits\t\t\t\t\t\t
Column 1\tColumn 2\t*=in existence\tEffective Date\tDeletion Date *=no data\tModifier\tRationale
11055\t11720\t \t20150101\t*\t1\tStandards
17000\t11102\t*\t19960101\t20260331\t0\tStandards
17000\t11102\t \t20260401\t*\t1\tStandards
"""
PAIR_ROWS: list[list[str | float | None]] = [
    ["Column 1", "Column 2", "*", "Effective", "Deletion", "Modifier", "Rationale"],
    ["11055", "11720", None, 20150101, "*", 1, "Standards"],
    [17000, "11102", "*", 19960101, 20260331, 0, "Standards"],
    [17000, "11102", None, 46113, "*", "1", "Standards"],
]
UNITS = """"HCPCS/CPT Code","MUE Values","MUE Adjudication Indicator","MUE Rationale"
88350,4,1 Line Edit,Clinical
G0422,6,2 Date of Service Edit: Policy,Policy
Q9980,50,3 Date of Service Edit: Clinical,Clinical
"""
ADD_ONS = "Add-on\tPrimary\tType\tEffective\tDeletion\tInstruction\n"
ADD_ONS += "11101\t11100\t1\t2013091\t2018365\t\n11103\t11102\t1\t2019001\t\t\n"
ADD_ONS += "99292\t99291\t3\t2013091\t\tThe contractor may allow others\n22522\t\t2\t2013091\t\t\n"
ADD_ONS += "33530\tCCCCC\t2\t2013091\t\t\n"
FEES = (
    "2026 fee schedule,,\nHCPCS,MOD,DESCRIPTION,CODE\n"
    "71046,,X,A,,0.18,1,,1,,0.02,1,1,1,XXX,0,0,0,0,3,0,0,0,,33,09\n"
    "71046,26,X,A,,0.18,1,,1,,0.02,1,1,1,XXX,0,0,0,0,3,0,0,0,,33,09\n"
    "11103,,X,A,,NA,1,,1,,0.02,1,1,0,ZZZ,0,0,0,0,0,1,0,0,,33,09\n"
)
OPPS = """Addendum B\t\t\t\t\t\t
\t\t\t\t\t\t
HCPCS Code\tShort Descriptor\tSI\tAPC\tRelative Weight\tPayment Rate\tCopayment
71046\tx\tS\t5521\t0.9921\t$89.12\t
G0463\tx\tJ2\t\t1.4\t"$1,126.00"\t
99999\tx\tE1\t\t\t\t
"""


@pytest.mark.parametrize(
    "content", [PAIRS, a_workbook(PAIR_ROWS), PAIRS.replace("\t", ",")], ids=["txt", "xlsx", "csv"]
)
def test_pairs_come_out_of_every_file_form(tmp_path: Path, content: str | bytes) -> None:
    practitioner, on = Setting.PRACTITIONER, date.fromisoformat
    assert rows_of(a_load(tmp_path, "ncci-practitioner", content), tmp_path) == [
        NcciPair("11055", "11720", on("2015-01-01"), None, "1", practitioner),
        NcciPair("17000", "11102", on("1996-01-01"), on("2026-03-31"), "0", practitioner),
        NcciPair("17000", "11102", on("2026-04-01"), None, "1", practitioner),
    ]


def test_the_edits_find_a_pair_by_its_day_and_setting(tmp_path: Path) -> None:
    a_load(tmp_path, "ncci-practitioner", PAIRS)
    tables = edit_tables(Shelf(tmp_path))
    assert tables.ncci_on(Setting.OUTPATIENT, ON) is None
    assert tables.ncci_on(Setting.PRACTITIONER, date(2027, 1, 1)) is None
    table = tables.ncci_on(Setting.PRACTITIONER, ON)
    assert table is not None
    assert len(table) == 3
    now, before = (table.on(("17000", "11102"), day) for day in (ON, date(2026, 3, 31)))
    assert now is not None
    assert before is not None
    assert (now.modifier_indicator, before.modifier_indicator) == ("1", "0")
    assert table.all_on(("17000", "11102"), ON) == (now,)
    assert table.on(("11102", "17000"), ON) is None


def test_unit_limits_have_value_and_adjudication(tmp_path: Path) -> None:
    rows = rows_of(a_load(tmp_path, "mue-outpatient", UNITS), tmp_path)
    first = date(2026, 1, 1)
    assert rows == [
        Mue("88350", 4, 1, Setting.OUTPATIENT, first),
        Mue("G0422", 6, 2, Setting.OUTPATIENT, first),
        Mue("Q9980", 50, 3, Setting.OUTPATIENT, first),
    ]
    table = edit_tables(Shelf(tmp_path)).mue_on(Setting.OUTPATIENT, ON)
    assert table is not None
    assert table.on("G0422", ON) == rows[1]


def test_add_ons_have_their_primaries_and_julian_days(tmp_path: Path) -> None:
    a_load(tmp_path, "add-ons", ADD_ONS)
    table = edit_tables(Shelf(tmp_path)).add_ons_on(ON)
    assert table is not None
    assert table.on("11101", ON) is None
    assert table.on("11101", date(2018, 12, 31)) == AddOn(
        "11101", "11100", 1, date(2013, 4, 1), date(2018, 12, 31)
    )
    assert [(row.primary, row.edit_type) for row in table.all_on("99292", ON)] == [("99291", 3)]
    assert [(row.primary, row.edit_type) for row in table.all_on("33530", ON)] == [("", 2)]


def test_the_fee_schedule_has_a_row_for_each_modifier(tmp_path: Path) -> None:
    a_load(tmp_path, "mpfs", FEES)
    table = edit_tables(Shelf(tmp_path)).mpfs_on(ON)
    assert table is not None
    assert table.on(("71046", "26"), ON) == MpfsIndicator(
        code="71046",
        modifier="26",
        status="A",
        pctc="1",
        global_days="XXX",
        multiple="0",
        bilateral="3",
        assistant="0",
        co_surgeon="0",
        team="0",
        work_rvu=Decimal("0.18"),
        effective=date(2026, 1, 1),
    )
    add_on = table.on(("11103", ""), ON)
    assert add_on is not None
    assert (add_on.global_days, add_on.assistant, add_on.work_rvu) == ("ZZZ", "1", None)


def test_addendum_b_has_status_apc_and_money(tmp_path: Path) -> None:
    a_load(tmp_path, "opps", OPPS)
    table = edit_tables(Shelf(tmp_path)).opps_on(ON)
    assert table is not None
    first = date(2026, 1, 1)
    assert table.on("71046", ON) == OppsRow(
        "71046", "S", "5521", Decimal("0.9921"), Decimal("89.12"), first
    )
    assert table.on("G0463", ON) == OppsRow(
        "G0463", "J2", "", Decimal("1.4"), Decimal("1126.00"), first
    )
    assert table.on("99999", ON) == OppsRow("99999", "E1", "", None, None, first)


def test_procedures_are_known_only_where_cpt_and_hcpcs_are_both_loaded(tmp_path: Path) -> None:
    cpt = "Code,Effective,End,Licence\n99213,2013-01-01,,Y\n99201,2013-01-01,2020-12-31,Y\n"
    a_load(tmp_path, "cpt", cpt)
    assert edit_tables(Shelf(tmp_path)).procedures_on(ON) is None
    hcpcs = "HCPC,LONG DESCRIPTION\nRT,Right side\nJ0129,Injection\n"
    a_load(tmp_path, "hcpcs", hcpcs, effective="2026-04-01", end="2026-06-30")
    a_load(tmp_path, "hcpcs", hcpcs, effective="2027-04-01", end="2027-06-30")
    tables = edit_tables(Shelf(tmp_path))
    assert tables.procedures_on(date(2026, 3, 31)) is None
    table = tables.procedures_on(ON)
    assert table is not None
    found = {code: table.on(code, ON) for code in ("99213", "99201", "J0129", "RT", "J9999")}
    assert {code for code, row in found.items() if row} == {"99213", "J0129"}
    assert len(table) == 4
    assert len(tables.procedures) == 1


def test_the_edition_that_began_last_is_asked(tmp_path: Path) -> None:
    a_load(tmp_path, "mue-practitioner", UNITS, name="First quarter")
    corrected = UNITS.replace("88350,4", "88350,2")
    a_load(tmp_path, "mue-practitioner", corrected, name="Second", effective="2026-04-01")
    tables = edit_tables(Shelf(tmp_path))
    for day, value in ((date(2026, 3, 31), 4), (ON, 2)):
        table = tables.mue_on(Setting.PRACTITIONER, day)
        assert table is not None
        row = table.on("88350", day)
        assert row is not None
        assert row.value == value
    assert [one.name for one in tables.editions] == ["Second", "First quarter"]


@pytest.mark.parametrize(
    ("layout", "content", "where"),
    [
        ("ncci-practitioner", PAIRS + "1105\t11720\t\t20150101\t*\t1\n", "line 7, column 1"),
        ("ncci-practitioner", PAIRS + "11055\t11720\t\t20151301\t*\t1\n", "line 7, column 4"),
        ("ncci-practitioner", PAIRS + "11055\t11720\t\t\t*\t1\n", "line 7, column 4"),
        ("ncci-practitioner", PAIRS + "11055\t11720\t\t20150101\t*\t2\n", "line 7, column 6"),
        ("ncci-practitioner", PAIRS + "11055\t11720\t\t20150101\n", "line 7, column 5"),
        ("ncci-practitioner", "1105\t11720\t\t20150101\t*\t1\tx\n" + PAIRS, "line 1, column 1"),
        ("ncci-practitioner", "nothing\there\n", "line 1, column 1"),
        ("mue-practitioner", UNITS + "88350,four,1 Line,x\n", "line 5, column 2"),
        ("mue-practitioner", UNITS + "88350,4,4 Line,x\n", "line 5, column 3"),
        ("add-ons", ADD_ONS + "11101\t\t1\t2013091\t\t\n", "line 7, column 2"),
        ("add-ons", ADD_ONS + "11101\t11100\t4\t2013091\t\t\n", "line 7, column 3"),
        ("add-ons", ADD_ONS + "11101\t11100\t1\t2013400\t\t\n", "line 7, column 4"),
        ("mpfs", FEES + "71046,,X,A,,0.1.8" + ",1" * 17, "line 6, column 6"),
        ("mpfs", FEES + "71046,,X,A,,0.18", "line 6, column 7"),
        ("mpfs", FEES + "71046,,X,AA,,0.18" + ",1" * 17, "line 6, column 4"),
        ("opps", OPPS + "71046\tx\tS\tAPC\t\t\t\n", "line 7, column 4"),
        ("opps", OPPS + "71046\tx\t\t5521\t\t\t\n", "line 7, column 3"),
        ("opps", OPPS + "71046\tx\tS\t5521\tNaN\t\t\n", "line 7, column 5"),
    ],
)
def test_a_row_out_of_the_layout_is_refused_with_its_place(
    tmp_path: Path, layout: str, content: str, where: str
) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, layout, content)
    assert refused.value.where == f"file1.txt {where}"


def test_no_descriptor_of_a_licensed_table_is_kept(tmp_path: Path) -> None:
    for layout, content in (("mpfs", FEES), ("opps", OPPS), ("ncci-outpatient", PAIRS)):
        done = a_load(
            tmp_path, layout, content.replace("\tx\t", "\tZDESC\t").replace(",X,", ",ZDESC,")
        )
        assert b"ZDESC" not in done.loaded.path.read_bytes()
