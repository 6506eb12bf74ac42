"""Every billable code as principal diagnosis: how often each edit fires (3.1, 3.2)."""

from __future__ import annotations

from collections import Counter
from datetime import date

from services.codesets.engine_msdrg import MsdrgEngine
from services.codesets.inpatient import Stay, StayDiagnosis
from tests.unit.codesets_fixture import the_tabular

OCTOBER = date(2025, 10, 15)


def test_the_tabular_list_is_whole() -> None:
    leaves = the_tabular().leaves
    lengths = Counter(len(code) for code in leaves)
    assert len(leaves) == 74_719
    assert (lengths[4], lengths[5], lengths[6]) == (5_398, 7_143, 10_479)


def test_the_editor_s_lists_are_whole() -> None:
    engine = MsdrgEngine()
    fired = Counter(
        name
        for code in the_tabular().leaves
        for name in engine._edit_names(Stay(OCTOBER, 65, "M", 1, StayDiagnosis(code)))
    )
    engine.close()
    assert fired["E_CODE_AS_PDX"] == 7_461
    assert fired["UNSPECIFIED"] == 3_465
    assert fired["MANIFESTATION_AS_PDX"] == 422
    assert fired["QUESTIONABLE_ADMISSION"] == 30
    assert fired["WRONG_PROCEDURE_PERFORMED"] == 3
    assert fired["REQUIRES_SDX"] == 1
    assert 2_650 <= fired["UNACCEPTABLE_PDX"] <= 2_660  # a few differ by the day
