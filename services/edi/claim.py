"""The claim: what one 837P or 837I says, before it is X12.

A claim is complete by construction: assembly makes it or refuses. Codes are without dots; money is
`Decimal` in US dollars; `control_number` is CLM01 and comes back in every answer of the payer.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from services.chart.model import Address, Frozen, Name

TransactionKind = Literal["837P", "837I"]


class Submitter(Frozen):
    """Who sends the file (loop 1000A). `phone` is ten digits."""

    submitter_id: str
    name: str
    contact: str
    phone: str


class Payer(Frozen):
    """Who receives the file and pays (loops 1000B and 2010BB)."""

    payer_id: str
    name: str
    filing_code: str  # SBR09: MB, MA, MC, CI, BL, WC, ...


class BillingProvider(Frozen):
    """Who bills (loop 2010AA). The ZIP code has nine digits, the tax number nine."""

    name: str
    npi: str
    tax_id: str
    taxonomy: str
    address: Address


class Provider(Frozen):
    """A person who treated or referred. `taxonomy` may be empty."""

    name: Name
    npi: str
    taxonomy: str = ""


class Person(Frozen):
    """A patient or a subscriber. What is None or empty is not said."""

    name: Name
    address: Address | None = None
    birth_date: date | None = None
    sex: str = ""


class Subscriber(Person):
    """Whose insurance it is (loop 2000B)."""

    member_id: str
    group_number: str = ""


class Dependent(Person):
    """The patient, when somebody else is the subscriber (loop 2000C). PAT01: 01, 19 or G8."""

    relationship: str


class DiagnosisUse(StrEnum):
    """What a diagnosis stands for on the claim."""

    PRINCIPAL = "principal"
    OTHER = "other"
    ADMITTING = "admitting"
    REASON_FOR_VISIT = "reason-for-visit"
    EXTERNAL_CAUSE = "external-cause"


class ClaimDiagnosis(Frozen):
    """One ICD-10-CM code. `poa` is Y, N, U, W, or empty: exempt or not asked for."""

    code: str
    use: DiagnosisUse
    poa: str = ""


class ClaimProcedure(Frozen):
    """One ICD-10-PCS code and its day."""

    code: str
    on: date


class ClaimAccident(Frozen):
    """What the treatment is for: AA auto (with the state), EM employment, OA other."""

    kind: str
    on: date
    state: str = ""


class Drug(Frozen):
    """A drug of a line (loop 2410): eleven-digit NDC, quantity and F2, GR, ME, ML or UN."""

    ndc: str
    quantity: Decimal
    unit: str


class ServiceLine(Frozen):
    """One service line. `pointers` count the claim's diagnoses from 1 (837P only)."""

    control_number: str  # REF 6R
    charge: Decimal
    units: Decimal
    procedure: str = ""  # CPT or HCPCS
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""  # 837I
    on: date | None = None
    until: date | None = None
    place_of_service: str = ""  # where it differs from the claim's
    pointers: tuple[int, ...] = ()
    drug: Drug | None = None
    rendering: Provider | None = None  # where it differs from the claim's


class Stay(Frozen):
    """The institutional part of a claim."""

    statement_from: date
    statement_to: date
    admitted_at: datetime | None = None  # inpatient: DTP 435
    discharged_at: datetime | None = None  # inpatient: DTP 096
    admission_type: str = ""
    admission_source: str = ""
    discharge_status: str
    drg: str = ""


class Claim(Frozen):
    """One claim of one patient to one payer.

    Shape: `setting` is the place of service (837P) or the first two digits of the type of bill
    (837I); `diagnoses` stand in the order of the claim, principal or first-listed first; `stay` is
    None on an 837P. `total` is the sum of the lines.
    """

    transaction: TransactionKind
    control_number: str
    total: Decimal
    setting: str
    frequency: str = "1"
    original_reference: str = ""  # REF F8, with frequency 7 and 8
    signature_on_file: bool = True  # CLM06
    assignment: str = "A"  # CLM07
    benefits_assigned: str = "Y"  # CLM08
    release: str = "Y"  # CLM09
    submitter: Submitter
    payer: Payer
    billing: BillingProvider
    subscriber: Subscriber
    dependent: Dependent | None = None  # None: the patient is the subscriber
    medical_record: str = ""  # REF EA
    prior_authorization: str = ""  # REF G1
    onset: date | None = None  # DTP 431, 837P
    accident: ClaimAccident | None = None
    diagnoses: tuple[ClaimDiagnosis, ...]
    procedures: tuple[ClaimProcedure, ...] = ()
    stay: Stay | None = None
    rendering: Provider | None = None
    referring: Provider | None = None
    attending: Provider | None = None
    operating: Provider | None = None
    lines: tuple[ServiceLine, ...]

    def diagnosed(self, use: DiagnosisUse) -> tuple[ClaimDiagnosis, ...]:
        """The diagnoses of one use, in order."""
        return tuple(one for one in self.diagnoses if one.use is use)
