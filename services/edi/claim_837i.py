"""The institutional claim: ASC X12N 005010X223A2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.edi.claim import (
    Claim,
    ClaimDiagnosis,
    ClaimProcedure,
    DiagnosisUse,
    ServiceLine,
    Stay,
)
from services.edi.claim_loops import drug, file_of, line_dates, provider, references
from services.edi.writer import segment

VERSION = "005010X223A2"
CODES_IN_SEGMENT = 12
# NUBC occurrence codes for the three causes that X12 CLM11 knows on professional claims.
OCCURRENCE = {"AA": "01", "EM": "04", "OA": "05"}


def write(
    claims: Sequence[Claim],
    *,
    interchange_control: str,
    group_control: str,
    at: datetime,
    usage: str = "P",
) -> bytes:
    """One file with these claims, which are of one submitter to one payer.

    Shape: control numbers are digits from durable counters; `at` is the time of the file.

    Raises:
        ValueError: there is no claim, or the claims are not of one payer and one submitter.
    """
    return file_of(
        claims,
        VERSION,
        claim_segments,
        interchange_control=interchange_control,
        group_control=group_control,
        at=at,
        usage=usage,
    )


def claim_segments(claim: Claim) -> list[str]:
    """Loops 2300 to 2410 of one claim.

    Raises:
        ValueError: the claim has no institutional part.
    """
    stay = claim.stay
    if stay is None:
        raise ValueError("an institutional claim needs its stay")
    found = [
        segment(
            "CLM",
            claim.control_number,
            claim.total,
            "",
            "",
            (claim.setting, "A", claim.frequency),
            "",
            claim.assignment,
            claim.benefits_assigned,
            claim.release,
        ),
        *_dates(stay),
        segment("CL1", stay.admission_type, stay.admission_source, stay.discharge_status),
        *references(claim),
        *_accident_state(claim),
        *_codes(claim, stay),
        *_people(claim),
    ]
    for number, line in enumerate(claim.lines, start=1):
        found.extend(_line(number, line))
    return found


def _dates(stay: Stay) -> Iterator[str]:
    if stay.discharged_at:
        yield segment("DTP", "096", "TM", f"{stay.discharged_at:%H%M}")
    period = f"{stay.statement_from:%Y%m%d}-{stay.statement_to:%Y%m%d}"
    yield segment("DTP", "434", "RD8", period)
    if stay.admitted_at:
        yield segment("DTP", "435", "DT", stay.admitted_at)


def _accident_state(claim: Claim) -> Iterator[str]:
    if claim.accident and claim.accident.state:
        yield segment("REF", "LU", claim.accident.state)


def _codes(claim: Claim, stay: Stay) -> Iterator[str]:
    """The HI segments, in the order of the guide."""
    yield _diagnoses("ABK", claim.diagnosed(DiagnosisUse.PRINCIPAL))
    if admitting := claim.diagnosed(DiagnosisUse.ADMITTING):
        yield _diagnoses("ABJ", admitting)
    if reasons := claim.diagnosed(DiagnosisUse.REASON_FOR_VISIT):
        yield _diagnoses("APR", reasons)
    if causes := claim.diagnosed(DiagnosisUse.EXTERNAL_CAUSE):
        yield _diagnoses("ABN", causes)
    if stay.drg:
        yield segment("HI", ("DR", stay.drg))
    others = claim.diagnosed(DiagnosisUse.OTHER)
    for start in range(0, len(others), CODES_IN_SEGMENT):
        yield _diagnoses("ABF", others[start : start + CODES_IN_SEGMENT])
    if claim.procedures:
        yield _procedures("BBR", claim.procedures[:1])
    for start in range(1, len(claim.procedures), CODES_IN_SEGMENT):
        yield _procedures("BBQ", claim.procedures[start : start + CODES_IN_SEGMENT])
    if claim.accident:
        yield segment("HI", ("BH", OCCURRENCE[claim.accident.kind], "D8", claim.accident.on))


def _procedures(qualifier: str, procedures: Sequence[ClaimProcedure]) -> str:
    return segment("HI", *((qualifier, one.code, "D8", one.on) for one in procedures))


def _diagnoses(qualifier: str, diagnoses: Sequence[ClaimDiagnosis]) -> str:
    gap = ("",) * 6
    return segment("HI", *((qualifier, one.code, *gap, one.poa) for one in diagnoses))


def _people(claim: Claim) -> Iterator[str]:
    if claim.attending:
        yield from provider("71", claim.attending, "AT")
    if claim.operating:
        yield from provider("72", claim.operating)
    if claim.rendering:
        yield from provider("82", claim.rendering)
    if claim.referring:
        yield from provider("DN", claim.referring)


def _line(number: int, line: ServiceLine) -> list[str]:
    """Loop 2400 of one revenue line."""
    coded = ("HC", line.procedure, *line.modifiers) if line.procedure else ()
    return [
        segment("LX", number),
        segment("SV2", line.revenue_code, coded, line.charge, "UN", line.units),
        *line_dates(line),
        segment("REF", "6R", line.control_number),
        *drug(line),
    ]
