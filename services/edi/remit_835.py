"""835: what a payer paid, claim by claim (005010X221A1).

`read` gives the remittances of a file with every amount as it stands; nothing is corrected.
Whether they balance is another question (`services.remittance.balance`). `second_opinion` asks
oxedi, which knows the guide's structure and sums, and names what it finds without any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import oxedi

from services.edi.failures import UnreadableX12
from services.edi.reader import Segment, TransactionSet, read_all

_AMOUNT = re.compile(r"[+-]?(\d{1,15}(\.\d{0,6})?|\.\d{1,6})")
_CAS_TRIPLES = range(2, 20, 3)
_PLB_PAIRS = range(3, 15, 2)
_REMARKS = {"MOA": range(3, 8), "MIA": (5, 20, 21, 22, 23)}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason why something was not paid: CAS group, CARC and amount."""

    group: str  # CO, PR, OA, PI
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ServicePayment:
    """One SVC."""

    code: str  # SVC01-2
    qualifier: str  # SVC01-1: HC, NU, ...
    charged: Decimal
    paid: Decimal
    line_control: str  # REF*6R
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...]  # LQ*HE
    number: int


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """One CLP: the payer's decision about one claim."""

    control_number: str  # CLP01: our CLM01
    status: str  # CLP02
    charged: Decimal
    paid: Decimal
    patient: Decimal  # CLP05
    payer_control_number: str  # CLP07
    adjustments: tuple[Adjustment, ...]  # of the claim itself
    services: tuple[ServicePayment, ...]
    remarks: tuple[str, ...]  # MIA and MOA
    references: tuple[tuple[str, str], ...]  # REF qualifier and value
    number: int

    @property
    def all_adjustments(self) -> tuple[Adjustment, ...]:
        """The adjustments of the claim and of its services."""
        lines = tuple(one for service in self.services for one in service.adjustments)
        return self.adjustments + lines


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One reason and amount of a PLB. A positive amount lowers the payment."""

    reason: str  # FB, WO, L6, 72, ...
    reference: str
    amount: Decimal
    number: int


@dataclass(frozen=True, slots=True)
class Remittance:
    """One 835: one check or transfer."""

    check_number: str  # TRN02
    paid_total: Decimal  # BPR02; negative when BPR03 is D
    method: str  # BPR04: ACH, CHK, NON, ...
    paid_on: date | None  # BPR16
    payer: str  # N1*PR
    payee_npi: str  # N1*PE when qualified XX
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    number: int  # of its ST


@dataclass(frozen=True, slots=True)
class Opinion:
    """One finding of oxedi: SNIP level, kind of rule, where; never a value."""

    level: int
    kind: str
    where: str


@dataclass(slots=True)
class _Service:
    svc: Segment
    line_control: str = ""
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def done(self) -> ServicePayment:
        return ServicePayment(
            self.svc.part(1, 2),
            self.svc.part(1, 1),
            _amount(self.svc, 2),
            _amount(self.svc, 3),
            self.line_control,
            tuple(self.adjustments),
            tuple(self.remarks),
            self.svc.number,
        )


@dataclass(slots=True)
class _Claim:
    clp: Segment
    adjustments: list[Adjustment] = field(default_factory=list)
    services: list[_Service] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        """A segment that stands between this CLP and the next."""
        service = self.services[-1] if self.services else None
        match segment.id:
            case "SVC":
                self.services.append(_Service(segment))
            case "CAS":
                (service or self).adjustments.extend(_adjustments(segment))
            case "LQ" if service and segment[2]:
                service.remarks.append(segment[2])
            case "MIA" | "MOA":
                self.remarks.extend(segment[at] for at in _REMARKS[segment.id] if segment[at])
            case "REF" if service is None:
                self.references.append((segment[1], segment[2]))
            case "REF" if service and segment[1] == "6R":
                service.line_control = segment[2]
            case _:
                pass

    def done(self) -> ClaimPayment:
        clp = self.clp
        if not clp[1].strip():
            raise UnreadableX12("CLP01 names no claim.", where=f"segment {clp.number}, CLP01")
        return ClaimPayment(
            clp[1].strip(),
            clp[2].strip(),
            _amount(clp, 3),
            _amount(clp, 4),
            _amount(clp, 5),
            clp[7].strip(),
            tuple(self.adjustments),
            tuple(service.done() for service in self.services),
            tuple(self.remarks),
            tuple(self.references),
            clp.number,
        )


def read(content: bytes) -> tuple[Remittance, ...]:
    """Every 835 of the content, in order; none when it has none.

    Raises:
        UnreadableX12: the content is no interchange, an amount is no amount, a claim payment
            names no claim, or a remittance has no BPR.
    """
    return tuple(
        _remittance(transaction)
        for interchange in read_all(content)
        for transaction in interchange.transactions
        if transaction.kind == "835"
    )


def second_opinion(content: bytes) -> tuple[Opinion, ...]:
    """What oxedi finds in the content: structure, elements and sums (SNIP 1 to 3)."""
    try:
        found = oxedi.parse(content).diagnostics
    except oxedi.ParseError:
        return (Opinion(1, "NotReadable", "segment 1"),)
    return tuple(
        Opinion(one.level, one.kind, "the end" if one.segment is None else _where(one))
        for one in found
    )


def _where(found: oxedi.Diagnostic) -> str:
    element = f", element {found.element}" if found.element else ""
    return f"segment {(found.segment or 0) + 1}{element}"


def _remittance(transaction: TransactionSet) -> Remittance:
    first = transaction.segments[0]
    heads: dict[str, Segment] = {}
    claims: list[_Claim] = []
    provider: list[ProviderAdjustment] = []
    for segment in transaction.segments:
        if segment.id == "CLP":
            claims.append(_Claim(segment))
        elif segment.id == "PLB":
            provider.extend(_provider_adjustments(segment))
        elif claims:
            claims[-1].take(segment)
        else:
            heads.setdefault(f"N1{segment[1]}" if segment.id == "N1" else segment.id, segment)
    bpr = heads.get("BPR")
    if bpr is None:
        raise UnreadableX12(
            "The remittance has no BPR segment.", where=f"segment {first.number}, BPR"
        )
    payer, payee, trn = heads.get("N1PR", first), heads.get("N1PE", first), heads.get("TRN", first)
    return Remittance(
        check_number=trn[2].strip() if trn is not first else "",
        paid_total=-_amount(bpr, 2) if bpr[3] == "D" else _amount(bpr, 2),
        method=bpr[4].strip(),
        paid_on=_date(bpr[16]),
        payer=payer[2].strip() if payer is not first else "",
        payee_npi=payee[4].strip() if payee is not first and payee[3] == "XX" else "",
        claims=tuple(claim.done() for claim in claims),
        provider_adjustments=tuple(provider),
        number=first.number,
    )


def _amount(segment: Segment, position: int) -> Decimal:
    """An amount of money; an absent one is zero. Raises: UnreadableX12."""
    text = segment[position].strip()
    if not text:
        return ZERO
    if not (text.isascii() and _AMOUNT.fullmatch(text)):
        name = f"{segment.id}{position:02d}"
        raise UnreadableX12(f"{name} is not an amount.", where=f"segment {segment.number}, {name}")
    return Decimal(text)


def _adjustments(cas: Segment) -> Iterator[Adjustment]:
    """CAS: one group, up to six times reason, amount and quantity."""
    for position in _CAS_TRIPLES:
        reason, amount = cas[position].strip(), _amount(cas, position + 1)
        if reason or amount:
            yield Adjustment(cas[1].strip(), reason, amount)


def _provider_adjustments(plb: Segment) -> Iterator[ProviderAdjustment]:
    """PLB: up to six pairs of reason with reference, and amount."""
    for position in _PLB_PAIRS:
        amount = _amount(plb, position + 1)
        if plb[position] or amount:
            yield ProviderAdjustment(
                plb.part(position, 1), plb.part(position, 2), amount, plb.number
            )


def _date(text: str) -> date | None:
    """A CCYYMMDD date; None when it is absent or no date."""
    text = text.strip()
    if len(text) != 8 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004 - CCYYMMDD
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
