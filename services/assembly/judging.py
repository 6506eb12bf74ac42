"""The last two questions before a claim: does its guide allow it, and was it billed before?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.assembly.failures import AlreadyBilled, GuideViolation
from services.chart.rows import ClaimRow
from services.edi import claims
from services.edi.claim import Claim
from services.edi.guide_words import GuideError

GuideCheck = Callable[[bytes], Sequence[GuideError]]
MOST_NAMED = 5


def check_guide(claim: Claim, guide_check: GuideCheck, at: datetime) -> None:
    """Check the claim as a file of its own; control numbers stand in for the real ones.

    Raises:
        GuideViolation: the guide does not allow it; segments and elements are named.
    """
    content = claims.write([claim], interchange_control="1", group_control="1", at=at)
    errors = guide_check(content)
    if not errors:
        return
    named = errors[:MOST_NAMED]
    more = f" And {len(errors) - MOST_NAMED} more." if len(errors) > MOST_NAMED else ""
    raise GuideViolation(
        f"The {claim.transaction} breaks its guide: {' '.join(one.words for one in named)}{more}",
        where=", ".join(f"segment {one.number} {one.element or one.segment}" for one in named),
    )


def sequence_after(earlier: Sequence[ClaimRow]) -> int:
    """The number of the next claim of a billing event: one more than its rejected claims.

    Raises:
        AlreadyBilled: one of them was not rejected (design promise 3).
    """
    standing = [row for row in earlier if row.state != "rejected"]
    if standing:
        words = f"A claim for this billing event exists and is {standing[0].state}."
        raise AlreadyBilled(words, where=f"claim {standing[0].claim_id}")
    return len(earlier) + 1
