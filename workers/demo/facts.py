"""The facts of one synthetic chart, written once; the three writers turn them into messages.

A `Case` is one line of a table that a person can read; `facts_of` makes the full facts from it.

Small notations of a case:
    dx       "I50.23/Y N18.31/Y Z79.4/1 A:R06.02 R:R07.9": code, present on admission after the
             slash (1: exempt), A: the admitting diagnosis, R: the patient's reason for the visit
    px       "0QS604Z@1": an ICD-10-PCS code, done on day 1 after the admission
    charges  "0300 80053-59 1 96.00 >1,2": revenue code, CPT or HCPCS with modifiers, units, amount
             of the line in dollars, and the diagnoses it is for; "-" stands for none
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from services.chart.model import (
    Accident,
    Charge,
    ChartUpdate,
    CodeSystem,
    Coverage,
    Diagnosis,
    DiagnosisRole,
    Document,
    DocumentKind,
    DocumentStatus,
    DocumentText,
    Encounter,
    EncounterClass,
    Patient,
    Poa,
    Procedure,
)
from workers.demo.notes import body_of, documents_of
from workers.demo.people import coverage, patient, practitioners

EASTERN_SUMMER = timezone(timedelta(hours=-4))

INPATIENT = EncounterClass.INPATIENT
EMERGENCY = EncounterClass.EMERGENCY
SURGERY = EncounterClass.SURGERY
OUTPATIENT = EncounterClass.OUTPATIENT
CLINIC = EncounterClass.CLINIC

STARTS = {INPATIENT: (14, 5), EMERGENCY: (18, 20), SURGERY: (7, 0)}  # else 9:30
LASTS = {EMERGENCY: 4, SURGERY: 6}  # hours; else 1
ADMISSION = {EMERGENCY: "1 1", SURGERY: "3 1", OUTPATIENT: "3 1", CLINIC: "3 1"}
SERVICES = {INPATIENT: "MED", EMERGENCY: "EMR", SURGERY: "SUR", OUTPATIENT: "LAB", CLINIC: "FAM"}


@dataclass(frozen=True, slots=True)
class Case:
    """One synthetic chart as a line of a table."""

    name: str
    kind: EncounterClass
    payer: str
    who: str  # "F 1951-03-14"
    on: str  # "2026-05-04", inpatient "2026-05-04 +3" days
    by: str  # the practitioner responsible, by what they do
    dx: str
    charges: str
    text: str  # what the main document says, in our own words
    px: str = ""
    operating: str = ""
    admission: str = "1 1"  # inpatient: type and point of origin
    status: str = "01"
    service: str = ""
    relationship: str = "self"
    accident: Accident | None = None
    documents: tuple[DocumentKind, ...] = ()  # else what the class asks for
    facility: str = "MERCY"
    via: str = "hl7"


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """What a sender knows about one encounter; the same in every format."""

    facility: str
    account: str
    patient: Patient
    encounter: Encounter
    coverages: tuple[Coverage, ...]
    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[Procedure, ...]
    documents: tuple[DocumentText, ...]
    charges: tuple[Charge, ...]

    @property
    def begins(self) -> datetime:
        """When the encounter begins; every chart of ours has it."""
        at = self.encounter.admitted_at
        if at is None:
            raise ValueError("a synthetic chart has a beginning")
        return at

    @property
    def ends(self) -> datetime:
        """When the encounter ends, or when it began while it has not ended."""
        return self.encounter.discharged_at or self.begins

    @property
    def procedures_said(self) -> tuple[Procedure, ...]:
        """The procedures as HL7 and FHIR senders say them.

        After outpatient surgery they say the first charge's code once more, with its surgeon.
        """
        surgeon, first = self.encounter.operating, self.charges[0]
        if self.procedures or surgeon is None:
            return self.procedures
        again = Procedure(code=first.code, system=CodeSystem.CPT, on=first.on, practitioner=surgeon)
        return (again,)

    def update(self, event: str, event_at: datetime | None = None) -> ChartUpdate:
        """The facts as the one update that intake should understand."""
        return ChartUpdate(
            facility=self.facility,
            account=self.account,
            event=event,
            event_at=event_at,
            patient=self.patient,
            encounter=self.encounter,
            coverages=self.coverages,
            diagnoses=self.diagnoses,
            procedures=self.procedures,
            documents=self.documents,
            charges=self.charges,
        )


def account_of(number: int) -> str:
    """The account number of the synthetic chart with this number."""
    return f"V26{number:07d}"


def facts_of(case: Case, number: int) -> ChartFacts:
    """The full facts of a case; `number` makes person, account and member id distinct."""
    sex, _, born = case.who.partition(" ")
    account = account_of(number)
    begins = _begins(case)
    encounter = _encounter(case, begins)
    someone = patient(number, sex, date.fromisoformat(born), f"M{1000000 + number}")
    return ChartFacts(
        facility=case.facility,
        account=account,
        patient=someone,
        encounter=encounter,
        coverages=(_coverage(case, number, someone),),
        diagnoses=_diagnoses(case.dx),
        procedures=tuple(_procedures(case, begins)),
        documents=tuple(_documents(case, account, begins, encounter.discharged_at or begins)),
        charges=tuple(_charges(case, account, begins)),
    )


def _begins(case: Case) -> datetime:
    hour, minute = STARTS.get(case.kind, (9, 30))
    day = datetime.fromisoformat(case.on.partition(" +")[0])
    return day.replace(hour=hour, minute=minute, tzinfo=EASTERN_SUMMER)


def _encounter(case: Case, begins: datetime) -> Encounter:
    days = case.on.partition(" +")[2]
    lasts = timedelta(hours=LASTS.get(case.kind, 1))
    ends = begins + (timedelta(days=int(days), hours=-3) if days else lasts)
    facility = case.kind is not CLINIC
    kind, source = ADMISSION.get(case.kind, case.admission).split()
    who = practitioners()
    return Encounter(
        encounter_class=case.kind,
        admitted_at=begins,
        discharged_at=ends,
        discharge_status=case.status if facility else "",
        admission_type=kind if facility else "",
        admission_source=source if facility else "",
        service=case.service or SERVICES[case.kind],
        attending=who[case.by],
        operating=who[case.operating] if case.operating else None,
        accident=case.accident,
    )


def _coverage(case: Case, number: int, someone: Patient) -> Coverage:
    own = coverage(case.payer, number, inpatient=case.kind is INPATIENT)
    if case.relationship == "self":
        return own
    parent = patient(number + 7, "F", date(1990, 2, 11), "")
    subscriber = parent.model_copy(update={"address": someone.address, "phone": ""})
    return own.model_copy(update={"relationship": case.relationship, "subscriber": subscriber})


_ROLES = {"A": DiagnosisRole.ADMITTING, "R": DiagnosisRole.REASON_FOR_VISIT}
_POA = {"": None, "1": Poa.EXEMPT, "Y": Poa.YES, "N": Poa.NO, "U": Poa.UNKNOWN}


def _diagnoses(table: str) -> tuple[Diagnosis, ...]:
    found: list[Diagnosis] = []
    rank = 0
    for word in table.split():
        mark, _, rest = word.rpartition(":")
        code, _, poa = rest.partition("/")
        own = DiagnosisRole.SECONDARY if rank else DiagnosisRole.PRINCIPAL
        rank += not mark
        found.append(
            Diagnosis(
                code=code.replace(".", ""),
                role=_ROLES.get(mark, own),
                rank=0 if mark else rank,
                poa=_POA[poa],
            )
        )
    return tuple(found)


def _procedures(case: Case, begins: datetime) -> Iterator[Procedure]:
    for word in case.px.split():
        code, _, day = word.partition("@")
        yield Procedure(
            code=code,
            on=begins.date() + timedelta(days=int(day or 0)),
            practitioner=practitioners()[case.operating] if case.operating else None,
        )


def _documents(
    case: Case, account: str, begins: datetime, ends: datetime
) -> Iterator[DocumentText]:
    kinds = case.documents or documents_of(case.kind, operated=bool(case.operating))
    for position, kind in enumerate(kinds, start=1):
        author = practitioners()[_AUTHORS.get(kind) or case.by]
        if kind is DocumentKind.OPERATIVE_NOTE:
            author = practitioners()[case.operating]
        written = begins + timedelta(minutes=20 * position)
        yield DocumentText(
            head=Document(
                document_id=f"{account}-D{position}",
                kind=kind,
                status=DocumentStatus.SIGNED,
                title=kind.value.replace("-", " ").capitalize(),
                author=author,
                at=ends if kind is DocumentKind.DISCHARGE_SUMMARY else written,
            ),
            text=body_of(kind, case.text),
        )


_AUTHORS = {DocumentKind.ANESTHESIA_RECORD: "anesthesia"}


def _charges(case: Case, account: str, begins: datetime) -> Iterator[Charge]:
    codes = [one.code for one in _diagnoses(case.dx) if one.rank]
    professional = case.kind is CLINIC
    for position, line in enumerate(case.charges.split(";"), start=1):
        revenue, code, units, amount, *links = line.split()
        code, *modifiers = code.split("-") if code != "-" else ("",)
        pointers = links[0].removeprefix(">").split(",") if links else ()
        yield Charge(
            charge_id=f"{account}-C{position}",
            code=code,
            modifiers=tuple(modifiers),
            revenue_code=revenue.removeprefix("-"),
            units=Decimal(units),
            amount=Decimal(amount),
            on=begins.date(),
            rendering=practitioners()[case.by] if professional else None,
            diagnosis_codes=tuple(codes[int(pointer) - 1] for pointer in pointers),
        )
