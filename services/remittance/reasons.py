"""Common adjustment reasons (CARC) in our own words; other reasons are named by their number."""

from __future__ import annotations

from collections.abc import Iterable

from services.edi.remit_835 import Adjustment

_WORDS = {
    "1": "the deductible",
    "2": "coinsurance",
    "3": "a copay",
    "4": "the modifier does not fit the procedure or is missing",
    "11": "the diagnosis does not fit the procedure",
    "16": "information is missing or wrong",
    "18": "an exact duplicate",
    "22": "another payer may have to pay first",
    "26": "the service was before the coverage began",
    "27": "the service was after the coverage ended",
    "29": "filed too late",
    "31": "the patient is not found as insured",
    "45": "more than the contract allows",
    "50": "not held to be medically necessary",
    "96": "not covered",
    "97": "included in another service",
    "109": "not covered by this payer",
    "119": "the benefit is used up",
    "151": "more services than the documents support",
    "167": "the diagnosis is not covered",
    "197": "the prior authorization is missing",
    "204": "not covered by the patient's plan",
}
_GROUPS = {
    "CO": "contractual",
    "PR": "patient's share",
    "OA": "other",
    "PI": "payer's reduction",
}


def words_of(adjustments: Iterable[Adjustment]) -> str:
    """Each reason once, in the order given: `CO-197 the prior authorization is missing`."""
    told = dict.fromkeys(_one(adjustment) for adjustment in adjustments)
    return "; ".join(told) or "no reason was given"


def _one(adjustment: Adjustment) -> str:
    group, reason = adjustment.group[:2], adjustment.reason[:5]
    words = _WORDS.get(reason, f"{_GROUPS.get(group, 'reason')}, see the list of CARC")
    return f"{group}-{reason} {words}"
