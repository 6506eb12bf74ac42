"""An edition that was loaded is the one that the line codes with on its dates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from config.settings import Settings
from config.wiring import load_codesets
from tests.unit.codesets_load_files import a_load
from tests.unit.test_codesets_load_icd import CM_ONLY_E, TABULAR

AUTUMN = date(2026, 11, 2)


def test_without_a_loaded_edition_a_later_date_has_none(tmp_path: Path) -> None:
    with load_codesets(Settings(data_dir=tmp_path)) as codesets:
        assert codesets.tabular_on(AUTUMN) is None


def test_a_loaded_tabular_list_covers_its_dates_and_the_shipped_one_the_others(
    tmp_path: Path,
) -> None:
    a_load(
        tmp_path / "codesets",
        "icd10cm-tabular",
        TABULAR,
        CM_ONLY_E,
        name="FY2027",
        effective="2026-10-01",
        end="2027-03-31",
    )
    with load_codesets(Settings(data_dir=tmp_path)) as codesets:
        later = codesets.tabular_on(AUTUMN)
        assert later is not None
        assert later.edition.name == "FY2027"
        assert codesets.editions()[0].name == "FY2027"
        shipped = codesets.tabular_on(date(2026, 5, 4))
        assert shipped is not None
        assert shipped.edition.name != "FY2027"


def test_a_loaded_poa_exempt_list_goes_before_the_shipped_ranges(tmp_path: Path) -> None:
    text = "Order\tCode\tDescription\n1\tI10\tInvented\n"
    a_load(tmp_path / "codesets", "poa-exempt", text)
    with load_codesets(Settings(data_dir=tmp_path)) as codesets:
        assert codesets.is_poa_exempt("I10", date(2026, 5, 4)) is True
        assert codesets.is_poa_exempt("Z370", date(2026, 5, 4)) is False
    with load_codesets(Settings(data_dir=tmp_path / "empty")) as codesets:
        assert codesets.is_poa_exempt("I10", date(2026, 5, 4)) is False
        assert codesets.is_poa_exempt("Z370", date(2026, 5, 4)) is True
