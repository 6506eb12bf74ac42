"""What the synthetic documents say, in our own words, and which documents a chart has."""

from __future__ import annotations

from services.chart.model import DocumentKind, EncounterClass

_ADMISSION = (
    DocumentKind.HISTORY_AND_PHYSICAL,
    DocumentKind.PROGRESS_NOTE,
    DocumentKind.DISCHARGE_SUMMARY,
)
_OPERATION = (DocumentKind.OPERATIVE_NOTE, DocumentKind.ANESTHESIA_RECORD)


def documents_of(kind: EncounterClass, *, operated: bool) -> tuple[DocumentKind, ...]:
    """The documents that a complete chart of this class has."""
    match kind:
        case EncounterClass.INPATIENT:
            return _ADMISSION + (_OPERATION if operated else ())
        case EncounterClass.SURGERY:
            return (DocumentKind.HISTORY_AND_PHYSICAL, *_OPERATION)
        case EncounterClass.EMERGENCY:
            return (DocumentKind.EMERGENCY_NOTE,)
        case EncounterClass.OUTPATIENT:
            return (DocumentKind.PROGRESS_NOTE, DocumentKind.RESULT)
        case EncounterClass.CLINIC:
            return (DocumentKind.CLINIC_NOTE,)


_BODIES: dict[DocumentKind, tuple[str, ...]] = {
    DocumentKind.HISTORY_AND_PHYSICAL: (
        "HISTORY AND PHYSICAL",
        "Why the patient came: {story}",
        "Past history, medicines and allergies were gone through with the patient.",
        "Examination: done in full; what matters is named below.",
        "Assessment: {assessment}",
    ),
    DocumentKind.PROGRESS_NOTE: (
        "PROGRESS NOTE",
        "Since yesterday: as expected. {story}",
        "Plan: go on as ordered & look again tomorrow.",
    ),
    DocumentKind.DISCHARGE_SUMMARY: (
        "DISCHARGE SUMMARY",
        "Course: {story}",
        "Final diagnoses: {assessment}",
        "Condition at discharge and follow-up were talked through.",
    ),
    DocumentKind.OPERATIVE_NOTE: (
        "OPERATIVE NOTE",
        "Indication: {story}",
        "Done: {assessment}",
        "Blood loss: small. Counts were right. No complication.",
    ),
    DocumentKind.ANESTHESIA_RECORD: (
        "ANESTHESIA RECORD",
        "Induction and emergence without events. Times and doses as charted.",
    ),
    DocumentKind.EMERGENCY_NOTE: (
        "EMERGENCY DEPARTMENT NOTE",
        "Triage and history: {story}",
        "Decision: {assessment}",
    ),
    DocumentKind.CLINIC_NOTE: (
        "CLINIC NOTE",
        "Today: {story}",
        "Assessment and plan: {assessment}",
    ),
    DocumentKind.IMMUNIZATION_RECORD: (
        "IMMUNIZATION RECORD",
        "Given today, left upper arm: {story}",
        "Lot DEMO-7, expires 2027-06-30. Information sheet handed over.",
    ),
    DocumentKind.RESULT: ("RESULT", "Value 1.0 (reference 0.5 to 1.5) unit^demo|final"),
}


def body_of(kind: DocumentKind, text: str) -> str:
    """The text of a document; `text` is the case's own "story | assessment"."""
    story, _, assessment = text.partition(" | ")
    lines = _BODIES[kind]
    return "\n".join(lines).format(story=story, assessment=assessment or story)
