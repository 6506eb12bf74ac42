"""The journal: append-only, one hash chain a subject.

Each entry's hash covers the entry and the hash before it, so that a changed, removed or inserted
entry breaks the chain from there on. A chart's row carries the head of its chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import orjson

from services.chart.rows import JournalRow

GENESIS = ""


def entry(
    subject: str,
    seq: int,
    previous_hash: str,
    *,
    at_ms: int,
    who: str,
    what: str,
    why: str,
    detail: dict[str, object],
) -> JournalRow:
    """The next entry of a subject's chain."""
    text = orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode() if detail else "{}"
    return JournalRow(
        journal_id=f"{subject}/{seq:06d}",
        subject=subject,
        seq=seq,
        at_ms=at_ms,
        who=who,
        what=what,
        why=why,
        detail=text,
        previous_hash=previous_hash,
        hash=_hash(subject, seq, previous_hash, at_ms, who, what, why, text),
    )


def _hash(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def broken_at(entries: Iterable[JournalRow]) -> int | None:
    """The sequence number of the first entry that breaks its chain, or None.

    `entries` is the whole chain of one subject in order.
    """
    previous = GENESIS
    for expected, row in enumerate(entries, start=1):
        whole = _hash(
            row.subject, row.seq, previous, row.at_ms, row.who, row.what, row.why, row.detail
        )
        if row.seq != expected or row.previous_hash != previous or row.hash != whole:
            return expected
        previous = row.hash
    return None
