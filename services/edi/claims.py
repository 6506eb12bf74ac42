"""Claims to files: the one place that knows which transaction has which writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.edi import claim_837i, claim_837p
from services.edi.claim import Claim


def write(
    claims: Sequence[Claim],
    *,
    interchange_control: str,
    group_control: str,
    at: datetime,
    usage: str = "P",
) -> bytes:
    """One file with these claims: one interchange, one group, one transaction set.

    Shape: the claims are of one transaction, of one submitter to one payer; control numbers are
    digits from durable counters. The same arguments give the same bytes.

    Raises:
        ValueError: there is no claim, or the claims do not belong into one file.
    """
    if len({claim.transaction for claim in claims}) != 1:
        raise ValueError("a file holds claims of one transaction")
    write_file = claim_837p.write if claims[0].transaction == "837P" else claim_837i.write
    return write_file(
        claims,
        interchange_control=interchange_control,
        group_control=group_control,
        at=at,
        usage=usage,
    )
