"""`chartline inspect`: what a file is, what is in it and what is wrong with it. Stores nothing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Exit
from workers.commands.files import Given, given
from workers.commands.output import PLAIN, Output

if TYPE_CHECKING:
    from services.chart.model import Reading
    from workers.commands.understood import Understood


def inspect(
    *files: Annotated[
        str, Parameter(help="Files, folders, or - for standard input.", allow_leading_hyphen=True)
    ],
    phi: Annotated[bool, Parameter(help="Show patient data too.")] = False,
    out: Output = PLAIN,
) -> int:
    """Say what each file is, what was understood and every finding; store nothing.

    The format is detected from the content: HL7 v2, FHIR R4, Chartline's JSON, X12 (837 with
    guide check, 835 with balance, 999, 277CA, TA1 and others). Example:
    `chartline inspect claims.837`

    Exit code: 0 nothing is wrong, 1 something is wrong with a file or it cannot be read.

    JSON: `{ok, files: [{file, bytes, sha256, format, ok, summary: [{label, value}], findings:
    [{severity, where, message, code, fix}], phi}]}`; severity is critical, error, warning or info;
    `phi` is there with --phi only, as `[{label, value}]`.
    """
    shapes = []
    for one in given(files):
        found = understand(one)
        shapes.append(_shape(one, found, phi=phi))
        _print(one, found, out, phi=phi)
    ok = all(shape["ok"] for shape in shapes)
    out.shape({"ok": ok, "files": shapes})
    return Exit.OK if ok else Exit.FAILED


def understand(one: Given) -> Understood:
    """Everything about one file; never raises, for any bytes whatsoever."""
    from workers.commands.understood import Understood  # noqa: PLC0415 - see the package

    if one.trouble:
        found = Understood("unreadable")
        found.wrong("", f"{one.trouble}.", "file.unreadable")
        return found
    try:
        return _understand(one.content)
    except Exception as error:  # noqa: BLE001 - a bug is a finding, too, and no traceback
        from workers.runtime import translated  # noqa: PLC0415

        failure = translated(error)
        found = Understood("unknown")
        found.wrong(failure.where, failure.sentence, type(failure).code, failure.suggested_fix)
        return found


def _understand(content: bytes) -> Understood:
    from services.edi.reader import transaction_kind  # noqa: PLC0415 - see the package
    from services.intake.detection import FormatKind, detect  # noqa: PLC0415
    from workers.commands import x12  # noqa: PLC0415

    detected = detect(content)
    if detected.kind is FormatKind.X12 or transaction_kind(content):
        return x12.understand(content)
    return _message(content)


def _message(content: bytes) -> Understood:
    """A message that intake reads, or the reason why it does not."""
    from services.chart.failures import Failure  # noqa: PLC0415 - see the package
    from services.intake import reading  # noqa: PLC0415
    from services.intake.detection import detect  # noqa: PLC0415
    from workers.commands.understood import Understood  # noqa: PLC0415

    detected = detect(content)
    found = Understood(detected.name)
    try:
        readings = reading.understand(content, detected)
        for number, one in enumerate(readings, 1):
            _add(found, one, f"message {number}: " if len(readings) > 1 else "")
        reading.read(content)
    except Failure as failure:
        found.wrong(failure.where, failure.sentence, type(failure).code, failure.suggested_fix)
    return found


def _add(found: Understood, one: Reading, prefix: str) -> None:
    from services.chart.model import Status  # noqa: PLC0415 - see the package
    from workers.commands.understood import Found  # noqa: PLC0415

    found.say(f"{prefix}event", one.event or "-")
    for label, value in one.summary:
        found.say(f"{prefix}{label}", value)
    if one.processing_id != "P":
        words = "The sender marks it as not production; it is never billed."
        found.findings.append(Found("warning", prefix.rstrip(": "), words, "intake.test-message"))
    for finding in one.findings:
        if finding.status in {Status.FAIL, Status.NO_DATA}:
            where = f"{prefix}{finding.target}"
            found.findings.append(
                Found(finding.severity, where, finding.message, finding.rule_id, finding.fix)
            )
    if one.update is not None:
        _add_patient(found, one, prefix)


def _add_patient(found: Understood, one: Reading, prefix: str) -> None:
    update = one.update
    assert update is not None  # noqa: S101 - the caller has looked
    found.patient.append((f"{prefix}account", f"{update.facility} {update.account}"))
    patient = update.patient
    if patient is not None:
        name = f"{patient.name.family}, {patient.name.given}" if patient.name else "-"
        born = patient.birth_date.isoformat() if patient.birth_date else "-"
        found.patient.append((f"{prefix}patient", f"{name}, born {born}, MRN {patient.mrn}"))


def _shape(one: Given, found: Understood, *, phi: bool) -> dict[str, Any]:
    return {
        "file": one.name,
        "bytes": len(one.content),
        "sha256": hashlib.sha256(one.content).hexdigest(),
        **found.shape(phi=phi),
    }


def _print(one: Given, found: Understood, out: Output, *, phi: bool) -> None:
    out.line(f"{one.name}: {found.format}, {'nothing is wrong' if found.ok else 'wrong'}")
    for label, value in [*found.summary, *(found.patient if phi else ())]:
        out.line(f"  {label}: {value}")
    for finding in found.findings:
        where = f" {finding.where}:" if finding.where else ""
        code = f" [{finding.code}]" if finding.code else ""
        out.line(f"  {finding.severity}:{where} {finding.message}{code}")
        if finding.fix:
            out.line(f"    {finding.fix}")
