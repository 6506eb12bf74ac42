"""The loops that 837P and 837I share: submitter, receiver, billing provider, subscriber, patient.

Each function returns segments as text (ASC X12N 005010X222A1 and X223A2, loops 1000A to 2010CA).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby

from services.chart.model import Address, Name
from services.edi.claim import BillingProvider, Claim, Person, Provider, ServiceLine
from services.edi.writer import Transaction, interchange, segment

NO_COUNTRY = ("", "US", "USA")

ClaimSegments = Callable[[Claim], list[str]]


def file_of(
    claims: Sequence[Claim],
    version: str,
    claim_segments: ClaimSegments,
    *,
    interchange_control: str,
    group_control: str,
    at: datetime,
    usage: str,
) -> bytes:
    """One interchange with one transaction that holds all claims, HL numbered from 1.

    Raises:
        ValueError: there is no claim, or the claims are not of one payer and one submitter.
    """
    if len({(claim.payer.payer_id, claim.submitter.submitter_id) for claim in claims}) != 1:
        raise ValueError("a file holds claims of one submitter to one payer")
    first = claims[0]
    transaction = Transaction("837", version)
    clock = f"{at:%H%M}"
    transaction.add("BHT", "0019", "00", interchange_control, at.date(), clock, "CH")
    transaction.extend(_ends(first))
    transaction.extend(_hierarchy(claims, claim_segments))
    return interchange(
        [transaction],
        sender_id=first.submitter.submitter_id,
        receiver_id=first.payer.payer_id,
        functional_id="HC",
        version=version,
        interchange_control=interchange_control,
        group_control=group_control,
        at=at,
        usage=usage,
    )


def person_name(entity: str, name: Name, *identity: str) -> str:
    """NM1 of a person, e.g. `person_name("IL", name, "MI", member_id)`."""
    parts = (name.family, name.given, name.middle, "", name.suffix)
    return segment("NM1", entity, "1", *parts, *identity)


def provider(entity: str, who: Provider, specialty: str = "") -> list[str]:
    """NM1 of a provider, and PRV with the taxonomy where the guide wants a specialty code."""
    found = [person_name(entity, who.name, "XX", who.npi)]
    if specialty and who.taxonomy:
        found.append(segment("PRV", specialty, "PXC", who.taxonomy))
    return found


def drug(line: ServiceLine) -> list[str]:
    """Loop 2410 of a line; nothing when it has no drug."""
    if line.drug is None:
        return []
    counted = segment("CTP", "", "", "", line.drug.quantity, (line.drug.unit,))
    return [segment("LIN", "", "N4", line.drug.ndc), counted]


def line_dates(line: ServiceLine) -> list[str]:
    """DTP 472 of a line: a day, or a range when it goes on."""
    if line.on is None:
        return []
    if line.until is None or line.until == line.on:
        return [segment("DTP", "472", "D8", line.on)]
    return [segment("DTP", "472", "RD8", f"{line.on:%Y%m%d}-{line.until:%Y%m%d}")]


def references(claim: Claim) -> list[str]:
    """The REF segments of a claim."""
    found = (
        ("G1", claim.prior_authorization),
        ("F8", claim.original_reference),
        ("EA", claim.medical_record),
    )
    return [segment("REF", qualifier, text) for qualifier, text in found if text]


def _ends(claim: Claim) -> list[str]:
    """Loops 1000A and 1000B."""
    sender, payer = claim.submitter, claim.payer
    return [
        segment("NM1", "41", "2", sender.name, "", "", "", "", "46", sender.submitter_id),
        segment("PER", "IC", sender.contact, "TE", sender.phone),
        segment("NM1", "40", "2", payer.name, "", "", "", "", "46", payer.payer_id),
    ]


def _hierarchy(claims: Sequence[Claim], claim_segments: ClaimSegments) -> list[str]:
    """Loops 2000A, 2000B and 2000C with their claims; HL01 counts from 1."""
    found: list[str] = []
    level = 0
    for billing, billed in groupby(claims, key=lambda claim: claim.billing):
        level += 1
        parent = level
        found.append(segment("HL", level, "", "20", "1"))
        found.extend(_billing(billing))
        for claim in billed:
            level += 1
            found.append(segment("HL", level, parent, "22", "1" if claim.dependent else "0"))
            found.extend(_subscriber(claim))
            if claim.dependent is not None:
                level += 1
                found.append(segment("HL", level, level - 1, "23", "0"))
                found.append(segment("PAT", claim.dependent.relationship))
                found.append(person_name("QC", claim.dependent.name))
                found.extend(_demographics(claim.dependent))
            found.extend(claim_segments(claim))
    return found


def _billing(billing: BillingProvider) -> list[str]:
    return [
        segment("PRV", "BI", "PXC", billing.taxonomy),
        segment("NM1", "85", "2", billing.name, "", "", "", "", "XX", billing.npi),
        *_address(billing.address),
        segment("REF", "EI", billing.tax_id),
    ]


def _subscriber(claim: Claim) -> list[str]:
    who, payer = claim.subscriber, claim.payer
    itself = "" if claim.dependent else "18"
    filing = ("", "", "", "", "", payer.filing_code)
    return [
        segment("SBR", "P", itself, who.group_number, *filing),
        person_name("IL", who.name, "MI", who.member_id),
        *_demographics(who),
        segment("NM1", "PR", "2", payer.name, "", "", "", "", "PI", payer.payer_id),
    ]


def _demographics(who: Person) -> list[str]:
    found = _address(who.address) if who.address else []
    if who.birth_date:
        found.append(segment("DMG", "D8", who.birth_date, who.sex))
    return found


def _address(address: Address) -> list[str]:
    country = "" if address.country in NO_COUNTRY else address.country
    return [
        segment("N3", address.line1, address.line2),
        segment("N4", address.city, address.state, address.zip, country),
    ]
