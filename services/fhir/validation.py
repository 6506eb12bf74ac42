"""FHIR R4 validation with fhirkit, for inspection only: every issue with its path.

fhirkit quotes the wrong value in some of its messages; that is patient data, so only what follows
the value is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import fhirkit

from services.chart.model import Finding, Severity, Status

_PATH = re.compile(r"[A-Za-z0-9_.\[\]:]{1,300}")
_MOST = 100  # more would hide what matters


def validation_findings(content: bytes) -> tuple[Finding, ...]:
    """What is wrong with the bundle by the R4 specification; () for what is no JSON."""
    try:
        issues = fhirkit.validate(content.strip().removeprefix(b"\xef\xbb\xbf"))
    except (fhirkit.ParseError, fhirkit.ValidationError):
        return ()
    return tuple(_findings(issues[:_MOST]))


def _findings(issues: list[fhirkit.Issue]) -> Iterator[Finding]:
    for issue in issues:
        path = issue.path if _PATH.fullmatch(issue.path) else "a path with an unusual name"
        yield Finding(
            rule_id="fhir.specification",
            status=Status.FAIL,
            severity=Severity.WARNING,
            target=path,
            message=f"Not valid R4: {without_values(issue.message)}.",
        )


def without_values(message: str) -> str:
    """The message without the value it quotes."""
    if '"' not in message:
        return message
    said = message.rpartition('"')[2].strip()
    return f"the value {said}".strip()
