"""`chartline fsck`: the proof that the promises hold over the whole store."""

from __future__ import annotations

from dataclasses import asdict

from workers.commands.ending import Exit
from workers.commands.output import PLAIN, Output
from workers.commands.session import open_session


def fsck(*, out: Output = PLAIN) -> int:
    """Prove that nothing is lost, nothing is in two places and nothing is billed twice.

    Best run when the line is quiet: a chart that moves while it is looked at may be named.
    Example: `chartline fsck --json | jq .faults`

    Exit code: 0 clean, 1 with every fault named, 4 when the store does not answer.

    JSON: `{clean, charts, messages, claims, journal_entries, faults: [{promise, subject, what}]}`.
    """
    from services.adapters.store.fsck import fsck as check  # noqa: PLC0415 - see the package

    with open_session() as session:
        verdict = check(session.store)
    faults = [asdict(fault) for fault in verdict.faults]
    out.shape(
        {
            "clean": verdict.clean,
            "charts": verdict.charts,
            "messages": verdict.raws,
            "claims": verdict.claims,
            "journal_entries": verdict.journal_entries,
            "faults": faults,
        }
    )
    out.line(
        f"{'Clean' if verdict.clean else f'{len(faults)} faults'}: {verdict.charts} charts, "
        f"{verdict.raws} messages, {verdict.claims} claims, "
        f"{verdict.journal_entries} journal entries."
    )
    out.table(
        ("promise", "subject", "what"),
        [(fault["promise"], fault["subject"], fault["what"]) for fault in faults],
    )
    return Exit.OK if verdict.clean else Exit.FAILED
