"""Present on admission: every inpatient diagnosis that is not exempt says Y, N, U or W."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Poa, Severity, Status
from services.coding.case import Case, Listed
from services.coding.failures import PoaMissing
from services.coding.rule import Rule, Said

SOURCE = "ICD-10-CM guidelines, Appendix I"


def _reported(case: Case) -> Iterator[Listed]:
    """The diagnoses that POA is reported for: all of an inpatient claim."""
    if case.inpatient and case.on is not None:
        yield from (one for one in case.claimed if one.formed)


def is_said(case: Case) -> Iterator[Said]:
    """A diagnosis that is not known to be exempt has an indicator."""
    for one in _reported(case):
        if not one.exempt and not one.diagnosis.poa:
            yield Said(
                one.target,
                f"{one.shown} has no POA indicator and is not known to be exempt.",
                status=Status.FAIL if one.exempt is False else Status.NO_DATA,
                stops_as=PoaMissing,
            )


def is_documented(case: Case) -> Iterator[Said]:
    """U means that the documents do not say: the provider must be asked."""
    for one in _reported(case):
        if not one.exempt and one.diagnosis.poa is Poa.UNKNOWN:
            yield Said(
                one.target,
                f"The documents do not say whether {one.shown} was present on admission.",
                "Ask the provider.",
                asks=one.index,
            )


def is_left_out(case: Case) -> Iterator[Said]:
    """An exempt diagnosis carries no indicator in 5010; what the sender gave is left out."""
    for one in _reported(case):
        if one.exempt and one.diagnosis.poa:
            message = f"{one.shown} is exempt from POA reporting; its indicator is left out."
            yield Said(one.target, message)


RULES = (
    Rule("R-POA-01", "POA is said", SOURCE, Severity.ERROR, is_said),
    Rule("R-POA-02", "POA is documented", SOURCE, Severity.ERROR, is_documented, overridable=True),
    Rule("R-POA-03", "Exempt: no POA", f"{SOURCE}; X12 837I HI-9", Severity.INFO, is_left_out),
)
