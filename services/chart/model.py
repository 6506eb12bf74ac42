"""The chart: one encounter of one patient, as every stage sees it.

Everything is frozen. A stage makes a new chart with `chart.model_copy(update={...})` and saves it.
Shapes used throughout: codes are kept without dots and in upper case; money is `Decimal` in US
dollars; instants are timezone-aware; dates are what the sender wrote, to the precision it wrote.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: never changed in place, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EncounterClass(StrEnum):
    """The class of an encounter (HL7 table 0004, FHIR v3-ActCode), reduced to what billing asks."""

    INPATIENT = "inpatient"
    EMERGENCY = "emergency"
    SURGERY = "surgery"  # outpatient surgery, billed by the facility
    OUTPATIENT = "outpatient"  # hospital outpatient department, billed by the facility
    CLINIC = "clinic"  # office or clinic visit, billed by the practitioner


class CodeSystem(StrEnum):
    """Code systems by the name that people use."""

    ICD10CM = "ICD-10-CM"
    ICD9CM = "ICD-9-CM"
    ICD10PCS = "ICD-10-PCS"
    CPT = "CPT"
    HCPCS = "HCPCS"


class Poa(StrEnum):
    """Present on admission (UB-04 field locator 67). Exempt is the empty string in 5010."""

    YES = "Y"
    NO = "N"
    UNKNOWN = "U"  # documentation insufficient: ask the provider
    UNDETERMINED = "W"  # the provider cannot clinically determine
    EXEMPT = ""


class DocumentKind(StrEnum):
    """What a document is, as far as completeness asks."""

    HISTORY_AND_PHYSICAL = "history-and-physical"
    DISCHARGE_SUMMARY = "discharge-summary"
    OPERATIVE_NOTE = "operative-note"
    ANESTHESIA_RECORD = "anesthesia-record"
    EMERGENCY_NOTE = "emergency-note"
    CLINIC_NOTE = "clinic-note"
    PROGRESS_NOTE = "progress-note"
    CONSULTATION = "consultation"
    RESULT = "result"
    IMMUNIZATION_RECORD = "immunization-record"
    OTHER = "other"


class DocumentStatus(StrEnum):
    """How final a document is (HL7 TXA-17, OBX-11, FHIR docStatus)."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    PRELIMINARY = "preliminary"
    CANCELLED = "cancelled"


class DiagnosisRole(StrEnum):
    """The role of a diagnosis on the chart."""

    PRINCIPAL = "principal"  # first-listed on outpatient charts
    SECONDARY = "secondary"
    ADMITTING = "admitting"
    REASON_FOR_VISIT = "reason-for-visit"


class Name(Frozen):
    """A person's name."""

    family: str
    given: str = ""
    middle: str = ""
    suffix: str = ""


class Address(Frozen):
    """A postal address. `state` is the two-letter code; `zip` is 5 or 9 digits, no hyphen."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""


class Practitioner(Frozen):
    """A practitioner. `npi` is empty when the sender gave only a local id."""

    npi: str = ""
    local_id: str = ""
    name: Name | None = None
    taxonomy: str = ""


class Patient(Frozen):
    """The patient. `birth_date` is None when it was not sent or is not a whole date."""

    mrn: str
    name: Name | None = None
    birth_date: date | None = None
    sex: str = ""  # M, F or U (unknown); empty when not sent
    address: Address | None = None
    phone: str = ""


class Coverage(Frozen):
    """One insurance of the patient, in the order it pays (1 = primary)."""

    rank: int = 1
    payer_id: str = ""
    payer_name: str = ""
    plan_type: str = ""  # X12 SBR09: MB, MA, MC, CI, BL, WC, ...
    member_id: str = ""
    group_number: str = ""
    relationship: str = "self"  # self, spouse, child, other
    subscriber: Patient | None = None  # None when the patient is the subscriber


class Document(Frozen):
    """A clinical document's head. Its text is a row of its own (`DocumentRow`)."""

    document_id: str  # the sender's unique id (TXA-12, FHIR id); stable over versions
    kind: DocumentKind
    status: DocumentStatus
    title: str = ""
    author: Practitioner | None = None
    at: datetime | None = None
    version: int = 1
    replaces: str = ""


class Diagnosis(Frozen):
    """A diagnosis code as the sender gave it."""

    code: str
    system: CodeSystem = CodeSystem.ICD10CM
    role: DiagnosisRole = DiagnosisRole.SECONDARY
    rank: int = 0  # the sender's order, 1-based; 0 when it gave none
    poa: Poa | None = None  # None: not said
    where: str = ""  # the evidence: message and position, e.g. "DG1[2]"


class Procedure(Frozen):
    """A procedure code of the facility (ICD-10-PCS on inpatient charts)."""

    code: str
    system: CodeSystem = CodeSystem.ICD10PCS
    on: date | None = None
    practitioner: Practitioner | None = None
    where: str = ""


class Charge(Frozen):
    """One charge line. `amount` is the total of the line, not the price of one unit."""

    charge_id: str  # the sender's id of the charge; a credit names the same id
    code: str = ""  # CPT or HCPCS; may be empty on a room-and-board line
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""  # four digits; empty on professional lines
    units: Decimal = Decimal(1)
    amount: Decimal
    on: date | None = None
    until: date | None = None
    rendering: Practitioner | None = None
    diagnosis_codes: tuple[str, ...] = ()  # the sender's links; empty: all of the chart
    ndc: str = ""
    ndc_quantity: Decimal | None = None
    ndc_unit: str = ""
    place_of_service: str = ""
    where: str = ""


class Accident(Frozen):
    """What an injury was caused by (X12 CLM11)."""

    on: date | None = None
    kind: str = ""  # AA auto, EM employment, OA other
    state: str = ""


class Encounter(Frozen):
    """The encounter's own facts."""

    encounter_class: EncounterClass | None = None
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    discharge_status: str = ""  # NUBC patient status, two digits: 01 home, 20 expired, ...
    admission_type: str = ""  # NUBC: 1 emergency, 2 urgent, 3 elective, 4 newborn, 5 trauma, 9
    admission_source: str = ""  # NUBC point of origin
    place_of_service: str = ""  # CMS two-digit
    service: str = ""
    attending: Practitioner | None = None
    operating: Practitioner | None = None
    rendering: Practitioner | None = None
    referring: Practitioner | None = None
    prior_authorization: str = ""
    accident: Accident | None = None
    birth_weight_g: int | None = None


class Source(Frozen):
    """One message that the chart was made from, in the order applied."""

    raw_id: str
    event: str
    event_at: datetime | None = None


class Override(Frozen):
    """A person's decision that a finding does not stop this chart."""

    rule_id: str
    reason: str
    by: str
    at: datetime


class AssignedCode(Frozen):
    """A code that coding accepted, with its evidence (promise 7)."""

    code: str
    system: CodeSystem
    role: DiagnosisRole | None = None  # None for procedures
    rank: int
    poa: Poa | None = None
    on: date | None = None
    evidence: str  # message and position it came from
    rule_id: str  # the rule or the person that accepted it
    edition: str  # the code-set edition it was looked up in


class Drg(Frozen):
    """An MS-DRG and what made it."""

    code: str  # three digits
    description: str
    mdc: str = ""
    grouper: str  # name and version of the grouper, e.g. "msdrg 1.2.0 v43.1"


class Status(StrEnum):
    """Whether a rule held. `no_data` is never a pass (promise 4)."""

    FAIL = "fail"
    PASS = "pass"
    BYPASSED = "bypassed"
    NO_DATA = "no_data"


class Severity(StrEnum):
    """Errors stop the stage; a warning may be overridden with a reason."""

    ERROR = "error"
    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Finding(Frozen):
    """What one rule says about one chart (`target` is a path such as `diagnoses[2]`)."""

    rule_id: str
    status: Status
    severity: Severity
    target: str
    message: str
    fix: str = ""
    edition: str = ""
    overridable: bool = False


class Coding(Frozen):
    """The result of the coding stage."""

    codes: tuple[AssignedCode, ...]
    drg: Drg | None = None
    findings: tuple[Finding, ...] = ()


class Chart(Frozen):
    """One encounter of one patient at one facility."""

    chart_id: str
    facility: str  # who assigned the account number
    account: str  # the encounter's account or visit number, unique within the facility
    patient: Patient
    encounter: Encounter = Encounter()
    coverages: tuple[Coverage, ...] = ()
    documents: tuple[Document, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    charges: tuple[Charge, ...] = ()
    sources: tuple[Source, ...] = ()
    overrides: tuple[Override, ...] = ()
    coding: Coding | None = None
    cancelled: bool = False
    changed_after_claim: bool = False


class DocumentText(Frozen):
    """A document as a reader found it: its head and its text."""

    head: Document
    text: str


class ChartUpdate(Frozen):
    """What one message says about one chart. None means: the message does not speak of it.

    `documents`, `charges` and `credits` are additions (matched by id); every other tuple is the
    whole list as the sender now sees it.
    """

    facility: str
    account: str
    event: str  # ADT^A01, DFT^P03, FHIR.Bundle, chartline.chart
    event_at: datetime | None = None
    patient: Patient | None = None
    encounter: Encounter | None = None
    coverages: tuple[Coverage, ...] | None = None
    diagnoses: tuple[Diagnosis, ...] | None = None
    procedures: tuple[Procedure, ...] | None = None
    documents: tuple[DocumentText, ...] = ()
    charges: tuple[Charge, ...] = ()
    credits: tuple[str, ...] = ()  # charge_ids taken back
    cancels_encounter: bool = False
    cancels_discharge: bool = False


class Reading(Frozen):
    """What a reader understood of one message, and what it has to say about it.

    `update` is None when the message is well formed but says nothing about a chart (an ADT^A28,
    a query). Findings never stop intake; what makes a message unreadable is raised instead.
    """

    format: str  # hl7v2, fhir-r4, chartline-json, x12-837P, ...
    sender: str  # sending application and facility, or the feed's name
    control_id: str
    event: str
    processing_id: str = "P"  # P production; T and D are never billed
    update: ChartUpdate | None = None
    findings: tuple[Finding, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()  # what was understood, without PHI: label, value
