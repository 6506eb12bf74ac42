"""The professional claim: ASC X12N 005010X222A1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.edi.claim import Claim, ServiceLine
from services.edi.claim_loops import drug, file_of, line_dates, provider, references
from services.edi.writer import segment

VERSION = "005010X222A1"


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
    """Loops 2300 to 2420 of one claim."""
    found = [_clm(claim)]
    if claim.onset:
        found.append(segment("DTP", "431", "D8", claim.onset))
    if claim.accident:
        found.append(segment("DTP", "439", "D8", claim.accident.on))
    found.extend(references(claim))
    codes = [one.code for one in claim.diagnoses]
    found.append(segment("HI", ("ABK", codes[0]), *(("ABF", code) for code in codes[1:])))
    if claim.referring:
        found.extend(provider("DN", claim.referring))
    if claim.rendering:
        found.extend(provider("82", claim.rendering, "PE"))
    for number, line in enumerate(claim.lines, start=1):
        found.extend(_line(number, line))
    return found


def _clm(claim: Claim) -> str:
    causes: tuple[str, ...] = ()
    if claim.accident:
        causes = (claim.accident.kind, "", "", claim.accident.state)
    return segment(
        "CLM",
        claim.control_number,
        claim.total,
        "",
        "",
        (claim.setting, "B", claim.frequency),
        "Y" if claim.signature_on_file else "N",
        claim.assignment,
        claim.benefits_assigned,
        claim.release,
        "",
        causes,
    )


def _line(number: int, line: ServiceLine) -> list[str]:
    """Loop 2400 of one service line."""
    found = [
        segment("LX", number),
        segment(
            "SV1",
            ("HC", line.procedure, *line.modifiers),
            line.charge,
            "UN",
            line.units,
            line.place_of_service,
            "",
            line.pointers,
        ),
        *line_dates(line),
        segment("REF", "6R", line.control_number),
        *drug(line),
    ]
    if line.rendering:
        found.extend(provider("82", line.rendering, "PE"))
    return found
