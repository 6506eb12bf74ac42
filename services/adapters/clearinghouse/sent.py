"""A file of claims as a payer's door sees it: envelope, transaction sets, claims.

Reads any 837P or 837I, not only ours. Amounts are cents. What is missing is empty, so that the
simulator can decide what to answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.edi.reader import Interchange, Segment, TransactionSet

_AMOUNT = re.compile(r"(\d{1,12})(?:\.(\d{1,2})0*)?")
_BEFORE_CLAIM = frozenset({"85", "IL", "PR", "QC"})


@dataclass(frozen=True, slots=True)
class Person:
    """A name as NM1 gives it."""

    family: str = ""
    given: str = ""
    number: str = ""  # NM109


@dataclass(frozen=True, slots=True)
class SentLine:
    """One service line."""

    code: str  # SV101-2 or SV202-2; "" on a revenue line without a procedure
    modifiers: tuple[str, ...]
    revenue_code: str
    cents: int
    units: str
    on: str  # CCYYMMDD
    control: str  # REF*6R


@dataclass(frozen=True, slots=True)
class SentClaim:
    """One claim with what stands above it."""

    control_number: str
    cents: int
    facility: str  # CLM05-1
    frequency: str  # CLM05-3
    institutional: bool
    provider: Person  # billing provider; number is the NPI
    subscriber: Person  # number is the member id
    patient: Person
    payer: Person  # number is the payer id
    filing: str  # SBR09
    begins: str  # CCYYMMDD
    ends: str
    position: int  # of CLM, counted from its ST
    subscriber_position: int
    lines: tuple[SentLine, ...]

    @property
    def event(self) -> tuple[str, ...]:
        """What a payer takes for one and the same bill, whatever number the claim carries."""
        return (
            self.provider.number,
            self.subscriber.number,
            self.begins,
            self.ends,
            ("I" if self.institutional else "P") + self.facility,
            str(self.cents),
        )


@dataclass(frozen=True, slots=True)
class SentSet:
    """One transaction set."""

    kind: str
    control: str
    implementation: str
    reference: str  # BHT03
    submitter: Person
    claims: tuple[SentClaim, ...]


@dataclass(slots=True)
class _Open:
    """The claim that is being read."""

    clm: Segment
    position: int
    dates: list[str] = field(default_factory=list)
    period: tuple[str, str] = ("", "")
    lines: list[list[str]] = field(default_factory=list)
    services: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class _Above:
    """What stands above the next claim."""

    names: dict[str, Person] = field(default_factory=dict)
    filing: str = ""
    subscriber_position: int = 0


def sets_of(interchange: Interchange) -> tuple[SentSet, ...]:
    """The transaction sets of the interchange, in order."""
    return tuple(_set(one) for one in interchange.transactions)


def cents(text: str) -> int:
    """An amount in cents; 0 when it is none."""
    hit = _AMOUNT.fullmatch(text)
    if hit is None:
        return 0
    return int(hit[1]) * 100 + int((hit[2] or "0").ljust(2, "0"))


def _person(nm1: Segment) -> Person:
    return Person(nm1[3], nm1[4], nm1[9])


def _set(transaction: TransactionSet) -> SentSet:
    segments = transaction.segments
    bht = next((one for one in segments[:4] if one.id == "BHT"), None)
    sender = next((one for one in segments[:8] if one.id == "NM1" and one[1] == "41"), None)
    return SentSet(
        transaction.kind,
        transaction.control,
        transaction.implementation,
        bht[3] if bht else "",
        _person(sender) if sender else Person(),
        tuple(_claims(segments, institutional="X223" in transaction.implementation)),
    )


def _claims(segments: Iterable[Segment], *, institutional: bool) -> list[SentClaim]:
    found: list[SentClaim] = []
    above = _Above()
    claim: _Open | None = None
    for position, segment in enumerate(segments, start=1):
        if segment.id in {"CLM", "HL", "SE"} and claim is not None:
            found.append(_done(claim, above, institutional=institutional))
            claim = None
        if segment.id == "CLM":
            claim = _Open(segment, position)
        elif claim is None:
            _above(above, segment, position)
        else:
            _inside(claim, segment)
    return found


def _above(above: _Above, segment: Segment, position: int) -> None:
    """HL, SBR and the names that hold for every claim below."""
    match segment.id:
        case "HL":
            for entity in {"20": ("85", "IL", "PR", "QC"), "22": ("IL", "PR", "QC")}.get(
                segment[3], ("QC",)
            ):
                above.names.pop(entity, None)
        case "SBR":
            above.filing = segment[9]
        case "NM1" if segment[1] in _BEFORE_CLAIM:
            above.names[segment[1]] = _person(segment)
            if segment[1] == "IL":
                above.subscriber_position = position
        case _:
            pass


def _inside(claim: _Open, segment: Segment) -> None:
    """Dates and lines of a claim."""
    match segment.id:
        case "SV1" | "SV2":
            claim.services.append(segment)
            claim.lines.append(["", ""])
        case "DTP" if segment[1] == "434":
            begins, _, ends = segment[3].partition("-")
            claim.period = (begins, ends or begins)
        case "DTP" if segment[1] == "472":
            begins, _, ends = segment[3].partition("-")
            claim.dates += [begins, ends or begins]
            if claim.lines:
                claim.lines[-1][0] = begins
        case "REF" if segment[1] == "6R" and claim.lines:
            claim.lines[-1][1] = segment[2]
        case _:
            pass


def _done(claim: _Open, above: _Above, *, institutional: bool) -> SentClaim:
    clm, names = claim.clm, above.names
    subscriber = names.get("IL", Person())
    days = [day for day in claim.dates if day]
    begins, ends = claim.period
    return SentClaim(
        control_number=clm[1],
        cents=cents(clm[2]),
        facility=clm.part(5, 1),
        frequency=clm.part(5, 3),
        institutional=institutional,
        provider=names.get("85", Person()),
        subscriber=subscriber,
        patient=names.get("QC", subscriber),
        payer=names.get("PR", Person()),
        filing=above.filing,
        begins=begins or min(days, default=""),
        ends=ends or max(days, default=""),
        position=claim.position,
        subscriber_position=above.subscriber_position,
        lines=tuple(map(_line, claim.services, claim.lines)),
    )


def _line(service: Segment, told: list[str]) -> SentLine:
    at = 2 if service.id == "SV2" else 1
    procedure = service.parts(at)
    return SentLine(
        code=procedure[1] if len(procedure) > 1 else "",
        modifiers=tuple(part for part in procedure[2:6] if part),
        revenue_code=service[1] if at == 2 else "",  # noqa: PLR2004 - SV2 begins with it
        cents=cents(service[at + 1]),
        units=service[at + 3],
        on=told[0],
        control=told[1],
    )
