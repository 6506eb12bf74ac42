"""Plain lists, CPT, POA-exempt codes and MS-DRG Table 5."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.codesets.shelf import Shelf
from services.codesets.shelf_failures import MalformedFile
from tests.unit.codesets_load_files import a_load, a_workbook, rows_of

ON = date(2026, 5, 4)
CPT = "Code\tEffective\tEnd\tLicensed\tDescriptor\n99213\t1/1/2013\t\tYES\tZDESCRIPTOR\n"
CPT += "99201\t1/1/2013\t12/31/2020\tYES\tZDESCRIPTOR\n"
TABLE_5 = (
    "TABLE 5\n\nMS-DRG\tPost\tSpecial\tMDC\tTYPE\tTitle\tBefore cap\tWeight\tGMLOS\tAMLOS\n"
    "001\tNo\tNo\tPRE\tSURG\tHEART TRANSPLANT WITH MCC\t28.1\t27.9\t30.1\t38.5\n"
    "291\tYes\tNo\t05\tMED\tHEART FAILURE WITH MCC\t1.27\t1.2683\t3.8\t4.9\n"
)
WITHOUT_CAP = "1\tNo\tYes\tPRE\tSURG\tHEART TRANSPLANT\t28.1\t30.1\t38.5\n"


def test_cpt_keeps_codes_and_days_and_says_that_it_left_out_the_rest(tmp_path: Path) -> None:
    done = a_load(tmp_path, "cpt", CPT)
    assert [(row.code, row.end, row.title) for row in rows_of(done, tmp_path)] == [
        ("99201", date(2020, 12, 31), ""),
        ("99213", None, ""),
    ]
    assert done.remarks == ("file1.txt: 1 further columns (descriptors) were left out.",)
    assert b"ZDESCRIPTOR" not in done.loaded.path.read_bytes()
    assert a_load(tmp_path, "cpt", CPT.replace("\tDescriptor", ""), name="b").remarks == ()


@pytest.mark.parametrize(
    ("row", "column"),
    [("99213\t2013-01-01\t\tno\tx", 4), ("9921\t2013-01-01\t\ty\tx", 1), ("99213\t\t\ty\tx", 2)],
)
def test_a_cpt_row_says_that_it_is_licensed(tmp_path: Path, row: str, column: int) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "cpt", f"{CPT}{row}\n")
    assert refused.value.where.endswith(f"line 4, column {column}")


def test_zeros_that_a_sheet_took_away_come_back(tmp_path: Path) -> None:
    sheet = a_workbook([["Code", "Title"], [250, "Pharmacy"], ["0450", "Emergency room"]])
    assert [row.code for row in rows_of(a_load(tmp_path, "revenue", sheet), tmp_path)] == [
        "0250",
        "0450",
    ]
    sheet = a_workbook([["POS", "Name"], [2.0, "Telehealth"]])
    assert [row.code for row in rows_of(a_load(tmp_path, "pos", sheet), tmp_path)] == ["02"]


def test_reason_codes_stop_on_their_last_day(tmp_path: Path) -> None:
    text = (
        "Code,Description,Start,Stop\n45,Charge exceeds,1/1/1995,\nA1,Denied,1/1/1995,2020-01-01\n"
    )
    a_load(tmp_path, "carc", text)
    a_load(tmp_path, "rarc", "Code,Description\nN130,Consult the benefit\nM1,X-ray\n")
    a_load(tmp_path, "modifiers", "Modifier,Title\n25,Significant\nXE,Separate\n")
    shelf = Shelf(tmp_path)
    assert shelf.code("CARC", "45", ON) is not None
    assert shelf.code("CARC", "A1", ON) is None
    assert shelf.code("RARC", "N130", ON) is not None
    assert shelf.modifier("25", ON) is not None
    assert shelf.modifier("26", ON) is None


def test_the_poa_exempt_list_answers_by_date(tmp_path: Path) -> None:
    a_load(
        tmp_path,
        "poa-exempt",
        "FY2026\nOrder\tCode\tDescription\n1\tB90.0\tSequelae\n2\tI25.2\tx\n",
    )
    shelf = Shelf(tmp_path)
    assert shelf.is_poa_exempt("B900", ON) is True
    assert shelf.is_poa_exempt("I10", ON) is False
    assert shelf.is_poa_exempt("B900", date(2027, 1, 1)) is None
    with pytest.raises(MalformedFile):
        a_load(tmp_path, "poa-exempt", "Order\tCode\tDescription\n1\t90.0\tx\n", name="b")


def test_table_5_gives_weights_stays_and_transfer_flags(tmp_path: Path) -> None:
    a_load(tmp_path, "ms-drg", TABLE_5)
    drg = Shelf(tmp_path).drg("291", ON)
    assert drg is not None
    assert (drg.weight, drg.geometric_stay, drg.arithmetic_stay) == (
        Decimal("1.2683"),
        Decimal("3.8"),
        Decimal("4.9"),
    )
    assert (drg.post_acute, drg.special_pay, drg.mdc, drg.kind) == (True, False, "05", "MED")
    assert Shelf(tmp_path).drg("292", ON) is None


def test_table_5_before_the_cap_has_one_weight(tmp_path: Path) -> None:
    (drg,) = rows_of(a_load(tmp_path, "ms-drg", WITHOUT_CAP), tmp_path)
    assert (drg.code, drg.weight, drg.special_pay) == ("001", Decimal("28.1"), True)
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "ms-drg", WITHOUT_CAP.replace("Yes", "Y"), name="b")
    assert refused.value.where == "file1.txt line 1, column 3"
