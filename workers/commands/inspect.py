"""`chartline inspect`: what a file is, what is in it and what is wrong with it. Stores nothing."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Exit
from workers.commands.files import Given, given
from workers.commands.output import PLAIN, Output

if TYPE_CHECKING:
    from services.intake.inspection import Inspected, Inspection
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
        found = understand(one, phi=phi)
        shapes.append(_shape(one, found, phi=phi))
        _print(one, found, out, phi=phi)
    ok = all(shape["ok"] for shape in shapes)
    out.shape({"ok": ok, "files": shapes})
    return Exit.OK if ok else Exit.FAILED


def understand(one: Given, *, phi: bool = False) -> Understood:
    """Everything about one file; never raises, for any bytes whatsoever."""
    from workers.commands.understood import Understood  # noqa: PLC0415 - see the package

    if one.trouble:
        found = Understood("unreadable")
        found.wrong("", f"{one.trouble}.", "file.unreadable")
        return found
    try:
        return _understand(one.content, phi=phi)
    except Exception as error:  # noqa: BLE001 - a bug is a finding, too, and no traceback
        from workers.runtime import translated  # noqa: PLC0415

        failure = translated(error)
        found = Understood("unknown")
        found.wrong(failure.where, failure.sentence, type(failure).code, failure.suggested_fix)
        return found


def _understand(content: bytes, *, phi: bool) -> Understood:
    from services.edi.reader import transaction_kind  # noqa: PLC0415 - see the package
    from services.intake.detection import FormatKind  # noqa: PLC0415
    from services.intake.inspection import inspect as inspect_  # noqa: PLC0415
    from workers.commands import x12  # noqa: PLC0415

    inspection = inspect_(content, phi=phi)
    if inspection.format.kind is FormatKind.X12 or transaction_kind(content):
        return x12.understand(content)
    return _of_intake(inspection)


def _of_intake(inspection: Inspection) -> Understood:
    """A file of messages that intake reads, or the reason why it does not."""
    from workers.commands.understood import Understood  # noqa: PLC0415 - see the package

    found = Understood(inspection.format.name)
    for number, one in enumerate(inspection.readings, 1):
        _add(found, one, f"message {number}: " if len(inspection.readings) > 1 else "")
    refusal = inspection.refusal
    if refusal is not None:
        found.wrong(refusal.where, refusal.sentence, type(refusal).code, refusal.suggested_fix)
    return found


def _add(found: Understood, one: Inspected, prefix: str) -> None:
    from services.chart.model import Status  # noqa: PLC0415 - see the package
    from workers.commands.understood import Found  # noqa: PLC0415

    found.say(f"{prefix}event", f"{one.event or '-'} from {one.sender or '-'}")
    for label, value in one.understood:
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
    found.patient += [(f"{prefix}{label}", value) for label, value in one.patient]


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
