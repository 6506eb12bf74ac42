"""A second opinion on the MS-DRG by the package drgpy (Apache-2.0), written independently.

It loads about 100 MB and 0.3 s a version, so it is opened only when a second opinion is switched
on. It knows neither age nor an unknown sex; where it has no answer, `group` says so by raising,
and no answer is not an agreement.
"""

from __future__ import annotations

from datetime import date
from importlib.metadata import version
from threading import Lock
from typing import Any

from services.codesets.inpatient import DEAD, OK, UNGROUPABLE, EngineError, Grouping, Stay

PACKAGE = "drgpy"
NO_DRG = "000"
END = date(2026, 9, 30)  # of the last version that the package ships
VERSIONS = (
    (date(2018, 10, 1), "v36"),
    (date(2019, 10, 1), "v37"),
    (date(2020, 10, 1), "v38"),
    (date(2021, 10, 1), "v39"),
    (date(2022, 10, 1), "v40"),
    (date(2023, 10, 1), "v41"),
    (date(2024, 4, 1), "v41.1"),
    (date(2024, 10, 1), "v42"),
    (date(2025, 4, 1), "v42.1"),
    (date(2025, 10, 1), "v43"),
    (date(2026, 4, 1), "v43.1"),
)


class DrgpyEngine:
    """`Grouper` over the package drgpy."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engines: dict[str, Any] = {}

    def edition(self, on: date) -> str | None:
        """For example "drgpy 0.2.1 v43.1"."""
        name = _version_on(on)
        return f"{PACKAGE} {version(PACKAGE)} {name}" if name else None

    def group(self, stay: Stay) -> Grouping:
        """The MS-DRG of the second engine; it gives no description and no MDC."""
        name = _version_on(stay.discharged)
        if name is None:
            raise EngineError("no version of the second grouper covers the discharge date")
        if stay.sex not in ("M", "F"):
            raise EngineError("the second grouper cannot group without the patient's sex")
        diagnoses = (stay.principal, *stay.secondary)
        with self._lock:  # its lookups write to its tables
            drg = self._engine(name).get_drg(
                [diagnosis.code for diagnosis in diagnoses],
                list(stay.procedures),
                gender=stay.sex,
                is_alive=stay.discharge_status != DEAD,
                poa={diagnosis.code: diagnosis.poa for diagnosis in diagnoses},
                discharge_status=f"{stay.discharge_status:02d}",
            )
        grouped = drg != NO_DRG
        return Grouping(
            drg=drg if grouped else UNGROUPABLE,
            description="",
            mdc="",
            outcome=OK if grouped else "NO_DRG",
            engine=f"{PACKAGE} {version(PACKAGE)} {name}",
        )

    def close(self) -> None:
        """Let the tables go."""
        with self._lock:
            self._engines.clear()

    def _engine(self, name: str) -> Any:
        if name not in self._engines:
            from drgpy.msdrg import DRGEngine  # noqa: PLC0415 - 100 MB: only when asked

            self._engines[name] = DRGEngine(name)
        return self._engines[name]


def _version_on(on: date) -> str | None:
    if on > END:
        return None
    return next((name for first, name in reversed(VERSIONS) if first <= on), None)
