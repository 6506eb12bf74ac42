"""277CA: what clearinghouse or payer says about each claim (005010X214).

Levels: HL*..*20 who answers, 21 who sent, 19 billing provider, PT patient. Each may have a status
(STC) with up to three composites. TRN02 at the patient level is our claim's control number
(CLM01); REF*1K is the number the payer gave the claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.edi.failures import UnreadableX12
from services.edi.reader import Segment, TransactionSet, read_all

_REJECTING = frozenset({"A3", "A4", "A6", "A7", "A8"})
_STC_COMPOSITES = (1, 10, 11)
_LEVELS = {"20": "source", "21": "receiver", "19": "provider", "PT": "claim", "22": "claim"}
_CATEGORY_WORDS = {
    "A0": "forwarded to the payer",
    "A1": "received",
    "A2": "accepted for adjudication",
    "A3": "returned as unprocessable",
    "A4": "not found",
    "A5": "split into several claims",
    "A6": "rejected because something is missing",
    "A7": "rejected because something is not valid",
    "A8": "rejected because fields contradict each other",
}
_STATUS_WORDS = {
    "19": "entity acknowledges receipt",
    "20": "accepted for processing",
    "21": "missing or invalid information",
    "24": "entity is not approved as an electronic submitter",
    "26": "entity was not found",
    "33": "the subscriber and the subscriber's number do not belong together",
    "88": "entity was not eligible on the dates of service",
    "109": "entity was not eligible",
    "116": "the claim was sent to the wrong payer",
    "125": "the entity's name",
    "126": "the entity's address",
    "128": "the entity's tax number",
    "132": "the entity's Medicaid provider number",
    "145": "the entity's specialty",
    "153": "the entity's number",
    "158": "the entity's date of birth",
    "164": "the entity's member or contract number",
    "187": "the dates of service",
    "228": "the type of bill",
    "249": "the place of service",
    "254": "the principal diagnosis",
    "255": "a diagnosis code",
    "286": "the payment information of another payer",
    "454": "a procedure code",
    "455": "a revenue code",
    "478": "the charges do not add up",
    "481": "the claim or its submission format",
    "488": "a diagnosis code pointer",
    "507": "a HCPCS code",
    "535": "the claim frequency code",
    "562": "the entity's NPI",
    "746": "a duplicate of a claim that was sent before",
}


class Verdict(StrEnum):
    """What a status means for the claim."""

    FORWARDED = "forwarded"  # A0, A5: nothing decided
    RECEIVED = "received"  # A1
    ACCEPTED = "accepted"  # A2
    REJECTED = "rejected"  # A3, A4, A6, A7, A8
    UNKNOWN = "unknown"  # none of the A categories


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One composite: category, status code and whom it is about (entity code)."""

    category: str
    status: str
    entity: str = ""

    @property
    def words(self) -> str:
        """Category and status in our words, codes first."""
        category = _CATEGORY_WORDS.get(self.category, "category not known")
        what = _STATUS_WORDS.get(self.status, "see the list of claim status codes")
        about = f" (entity {self.entity})" if self.entity else ""
        return f"{self.category} {category}, status {self.status}: {what}{about}"


@dataclass(frozen=True, slots=True)
class LevelStatus:
    """The statuses of one level above the claim."""

    level: str  # source, receiver, provider
    trace: str  # TRN02: at the receiver level the BHT03 of the file that is answered
    codes: tuple[StatusCode, ...]

    @property
    def verdict(self) -> Verdict:
        """What the level's statuses mean together."""
        return _verdict(self.codes)


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """What is said about one claim."""

    control_number: str  # TRN02
    payer_control_number: str = ""  # REF*1K
    codes: tuple[StatusCode, ...] = ()
    line_codes: tuple[StatusCode, ...] = ()
    number: int = 0  # of its TRN in the file

    @property
    def verdict(self) -> Verdict:
        """The claim's verdict; lines count only when the claim itself has no status."""
        return _verdict(self.codes or self.line_codes)

    @property
    def words(self) -> str:
        """Every status of the claim, then of its lines."""
        return "; ".join(dict.fromkeys(code.words for code in self.codes + self.line_codes))


@dataclass(frozen=True, slots=True)
class Ack277:
    """One 277CA."""

    source: str  # PR: the payer itself answers; AY: a clearinghouse; "" when not said
    levels: tuple[LevelStatus, ...] = ()
    claims: tuple[ClaimStatus, ...] = ()


@dataclass(slots=True)
class _Reading:
    """Where the reader stands."""

    level: str = ""
    trace: str = ""
    source: str = ""
    levels: list[LevelStatus] = field(default_factory=list)
    claims: list[ClaimStatus] = field(default_factory=list)
    in_line: bool = False


def _verdict(codes: tuple[StatusCode, ...]) -> Verdict:
    categories = {code.category for code in codes}
    if categories & _REJECTING:
        return Verdict.REJECTED
    if "A2" in categories:
        return Verdict.ACCEPTED
    if "A1" in categories:
        return Verdict.RECEIVED
    return Verdict.FORWARDED if categories & {"A0", "A5"} else Verdict.UNKNOWN


def read(content: bytes) -> tuple[Ack277, ...]:
    """Every 277 of the content, in order; none when it has none.

    A 277 that answers a 276 (X212) has the same shape and is read as well; its categories are
    none of the A ones, so its verdicts are `UNKNOWN`.

    Raises:
        UnreadableX12: the content is no interchange, or a status has no category.
    """
    return tuple(
        _ack(transaction)
        for interchange in read_all(content)
        for transaction in interchange.transactions
        if transaction.kind == "277"
    )


def _ack(transaction: TransactionSet) -> Ack277:
    reading = _Reading()
    for segment in transaction.segments:
        _take(reading, segment)
    return Ack277(reading.source, tuple(reading.levels), tuple(reading.claims))


def _take(reading: _Reading, segment: Segment) -> None:
    match segment.id:
        case "HL":
            reading.level = _LEVELS.get(segment[3].strip(), "claim")
            reading.trace, reading.in_line = "", False
        case "NM1" if reading.level == "source" and not reading.source:
            reading.source = segment[1].strip()
        case "TRN":
            reading.trace, reading.in_line = segment[2].strip(), False
            if reading.level == "claim":
                reading.claims.append(ClaimStatus(reading.trace, number=segment.number))
        case "SVC":
            reading.in_line = True
        case "STC":
            _status(reading, segment)
        case "REF" if segment[1].strip() == "1K" and not reading.in_line:
            _last(reading, payer_control_number=segment[2].strip())
        case _:
            pass


def _status(reading: _Reading, stc: Segment) -> None:
    codes = tuple(_codes(stc))
    if not codes:
        raise UnreadableX12("STC01 has no category.", where=f"segment {stc.number}, STC01")
    if reading.level != "claim":
        reading.levels.append(LevelStatus(reading.level or "source", reading.trace, codes))
    elif reading.claims and reading.in_line:
        _last(reading, line_codes=reading.claims[-1].line_codes + codes)
    elif reading.claims and reading.trace:
        _last(reading, codes=reading.claims[-1].codes + codes)


def _last(reading: _Reading, **changes: object) -> None:
    if reading.claims and reading.level == "claim" and reading.trace:
        reading.claims[-1] = replace(reading.claims[-1], **changes)  # type: ignore[arg-type]


def _codes(stc: Segment) -> Iterator[StatusCode]:
    for position in _STC_COMPOSITES:
        category = stc.part(position, 1).strip().upper()[:2]
        if category:
            yield StatusCode(
                category, stc.part(position, 2).strip()[:4], stc.part(position, 3).strip()[:3]
            )
