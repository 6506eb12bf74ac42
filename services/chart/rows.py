"""The rows of the store: one frozen class a table. The class is the schema's single source.

Times are UTC milliseconds since 1970 (`*_ms`). Ids are text. A JSON column is text here. The first
field is the primary key. `services/adapters/store/tables.py` builds the tables from these classes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawRow:
    """One outside message as it came, byte for byte."""

    raw_id: str
    feed: str  # which door and sender let it in
    identity: str  # sender, control id and event: what a resend repeats; "" until read
    content_hash: str  # SHA-256 of what identifies the content (without the time of sending)
    content_type: str  # as declared, or "" to be detected
    received_ms: int
    state: str  # stored, filed, duplicate, set-aside, stopped
    chart_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One chart: its place, its version, its journal head and its body."""

    chart_id: str
    facility: str
    account: str
    encounter_class: str
    payer_id: str
    place: str  # services.chart.places.Place
    place_id: str  # the row that holds the chart: message, timer, query or dead letter
    stage: str  # the stage it is at
    outcome: str  # services.chart.places.Outcome, "" while it is under way
    version: int  # compare and swap
    journal_seq: int
    journal_head: str  # hash of the last journal entry
    created_ms: int
    updated_ms: int
    body: str  # services.chart.model.Chart as JSON


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A fact that is due for a stage. Deleting the row is the seen-mark."""

    message_id: str
    subject: str
    stage: str
    kind: str
    body: str  # the fact as JSON
    due_ms: int  # not before; while a worker or the broker holds it: when the lease ends
    sends: int  # how often it was handed to a worker
    attempts: int  # how often a stage failed on it
    errors: str  # JSON list of {at_ms, kind, code, sentence}
    caused_by: str
    trace: str
    said_ms: int


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A fact that becomes due later. Days, not seconds."""

    timer_id: str
    subject: str
    key: str  # unique: one timer of a kind for a subject
    kind: str
    body: str
    due_ms: int
    why: str  # for people
    set_ms: int


@dataclass(frozen=True, slots=True)
class DeadLetterRow:
    """A chart or an outside message that stopped and needs a person."""

    dead_letter_id: str
    subject: str  # chart id, raw id or submission id
    stage: str
    code: str
    sentence: str
    fix: str
    location: str  # segment, field and line, or a path in the chart
    owner: str
    state: str  # open, resumed, discarded, superseded
    kind: str  # the fact to say again on resume
    body: str
    attempts: str  # JSON list of {at_ms, kind, code, sentence}
    returns: int  # how often this subject came back
    first_ms: int
    last_ms: int
    closed_ms: int
    closed_by: str
    closed_why: str


@dataclass(frozen=True, slots=True)
class QueryRow:
    """A question to the provider."""

    query_id: str
    chart_id: str
    template: str
    state: str  # open, answered, expired, withdrawn
    recipient: str  # the practitioner's NPI or local id
    question: str  # JSON: services.query.model.Question
    answer: str  # JSON: services.query.model.Answer, "" until answered
    raised_ms: int
    reminded: int
    expires_ms: int
    closed_ms: int


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim that was built. Unique by billing event and sequence: nothing is billed twice."""

    claim_id: str
    chart_id: str
    billing_event: str  # facility, account and transaction: what may be billed once
    sequence: int  # 1, then one more after each rejection
    control_number: str  # CLM01, unique for ever
    transaction: str  # 837P or 837I
    frequency: str  # CLM05-3
    payer_id: str
    total_cents: int
    state: str  # queued, sent, accepted, rejected, paid, denied
    submission_id: str
    payer_control_number: str
    paid_cents: int
    patient_cents: int
    created_ms: int
    updated_ms: int
    body: str  # services.assembly.claim.Claim as JSON


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One file of claims, fixed before it is sent; its name makes a second upload harmless."""

    submission_id: str
    payer_id: str
    transaction: str
    file_name: str
    interchange_control: str  # ISA13, nine digits
    group_control: str  # GS06
    claims: int
    state: str  # built, sent, acknowledged, rejected
    built_ms: int
    sent_ms: int
    content: bytes


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One claim payment (CLP) of one 835, posted once."""

    payment_id: str  # raw id and position of the CLP: unique
    claim_id: str
    raw_id: str
    status: str  # CLP02
    charged_cents: int
    paid_cents: int
    patient_cents: int
    adjustments: str  # JSON list of [group, reason, cents]
    check_number: str
    posted_ms: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """The text of one version of a document."""

    document_row_id: str  # chart id, document id and version
    chart_id: str
    document_id: str
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One thing that happened, who did it, when and why. Append-only, chained by hash."""

    journal_id: str  # subject and sequence
    subject: str
    seq: int
    at_ms: int
    who: str
    what: str
    why: str
    detail: str  # JSON; ids and codes, no patient data
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A durable number series."""

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class CircuitRow:
    """Whether an outside service is taken to be up."""

    name: str
    failures: int
    open_until_ms: int  # 0: closed
    since_ms: int


Row = (
    RawRow
    | ChartRow
    | MessageRow
    | TimerRow
    | DeadLetterRow
    | QueryRow
    | ClaimRow
    | SubmissionRow
    | PaymentRow
    | DocumentRow
    | JournalRow
    | CounterRow
    | CircuitRow
)
ROWS: tuple[type[Row], ...] = (
    RawRow,
    ChartRow,
    MessageRow,
    TimerRow,
    DeadLetterRow,
    QueryRow,
    ClaimRow,
    SubmissionRow,
    PaymentRow,
    DocumentRow,
    JournalRow,
    CounterRow,
    CircuitRow,
)
