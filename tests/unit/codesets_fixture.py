"""The real code sets, opened once a test process; the compiled form is kept between runs."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from services.codesets.inpatient import Stay, StayDiagnosis
from services.codesets.library import CodeSets, open_codesets
from services.codesets.tabular import Tabular

KEPT = Path(__file__).parents[2] / "var" / "test-codesets"
MAY = date(2026, 5, 2)


@cache
def the_codesets() -> CodeSets:
    """The code sets of the installed packages. Two processes may compile them at once."""
    return open_codesets(KEPT)


@cache
def the_tabular() -> Tabular:
    """The tabular list of April 2026."""
    tabular = the_codesets().tabular_on(MAY)
    assert tabular is not None
    return tabular


def a_stay(
    principal: str,
    *secondary: str,
    on: date = MAY,
    age: int = 65,
    sex: str = "M",
    status: int = 1,
    procedures: tuple[str, ...] = (),
    admitting: str = "",
) -> Stay:
    """A stay with a secondary diagnosis written as code or as code/POA."""
    written = [one.partition("/") for one in (principal, *secondary)]
    first, *others = (StayDiagnosis(code.replace(".", ""), poa or "Y") for code, _, poa in written)
    return Stay(on, age, sex, status, first, tuple(others), admitting, procedures)
