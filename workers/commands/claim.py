"""`chartline claim`: claims as they were sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output
from workers.commands.session import acting, open_session

if TYPE_CHECKING:
    from services.adapters.store.work import UnitOfWork
    from services.chart.rows import SubmissionRow


def file(
    key: Annotated[str, Parameter(name="ID", help="The id of a claim, or of a file of claims.")],
    /,
    *,
    folder: Annotated[
        str, Parameter(name="--out", help="The folder to write it to; else this one.")
    ] = ".",
    by: Annotated[str, Parameter(help="Who looks; else the account.")] = "",
    out: Output = PLAIN,
) -> int:
    """Write the 837 file that a claim went in, byte for byte as it was sent, and say where it is.

    The file holds patient data: only its owner may read it, and it is recorded in the journal as
    a view of every chart in it. Example: `chartline claim file cl_1jd0k3m9x00a7q2v5w8zrt --out .`

    Exit code: 0 written, 1 it cannot be written there, 5 not found, 6 not sent yet.

    JSON: `{submission_id, file, bytes, claims}`; `file` is the path.
    """
    with open_session() as session:
        row = session.carry_out(acting(by), lambda work: _seen(work, key))
    path = Path(folder) / row.file_name
    _write(path, row.content)
    out.shape(
        {
            "submission_id": row.submission_id,
            "file": str(path),
            "bytes": len(row.content),
            "claims": row.claims,
        }
    )
    out.line(str(path))
    return Exit.OK


def _seen(work: UnitOfWork, key: str) -> SubmissionRow:
    """The file, with the view in the journals of the file and of its charts.

    Raises:
        Ended: there is none, or it was not sent yet.
    """
    from services.chart.rows import ClaimRow, SubmissionRow  # noqa: PLC0415 - see the package

    claims = work.find(ClaimRow, claim_id=key)
    submission_id = claims[0].submission_id if claims else key
    found = work.find(SubmissionRow, submission_id=submission_id) if submission_id else []
    if not claims and not found:
        raise Ended(Exit.NOT_FOUND, "There is no claim and no file of claims with this id.")
    if not found or not found[0].sent_ms:
        raise Ended(
            Exit.REFUSED,
            "The claim is not sent yet, so there is no file.",
            code="claim.not-sent",
            fix="`chartline chart trace ID` says where it is.",
        )
    charts = {one.chart_id for one in work.find(ClaimRow, submission_id=submission_id)}
    work.note(submission_id, "file.viewed", "claim file")
    for chart_id in sorted(charts):
        work.note(chart_id, "chart.viewed", "claim file", file=submission_id)
    return found[0]


def _write(path: Path, content: bytes) -> None:
    """Raises: Ended."""
    from services.adapters import private  # noqa: PLC0415 - see the package

    try:
        private.write(path, content)
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise Ended(Exit.FAILED, f"The file cannot be written: {words}.") from None
