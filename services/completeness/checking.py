"""Whether a chart has what coding and billing need."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from services.chart.model import Address, Chart, Document, DocumentKind, DocumentStatus, Patient
from services.completeness.conditions import holds
from services.completeness.deficiency import Complete, Deficiency, DeficiencyKind, Deficient
from services.completeness.matrix import Asks, DocumentMatrix, NeededField, Rule


def check(chart: Chart, matrix: DocumentMatrix) -> Complete | Deficient:
    """What the chart lacks by the rules for its encounter class.

    A rule that a person has overridden on this chart is not asked.
    """
    overridden = {override.rule_id for override in chart.overrides}
    required: list[Deficiency] = []
    wanted: list[Deficiency] = []
    for rule in matrix.by_class[chart.encounter.encounter_class]:
        if rule.id in overridden or not _applies(rule, chart, matrix):
            continue
        found = _ask(rule, chart)
        if found is not None:
            (required if rule.required else wanted).append(found)
    return Deficient(tuple(required)) if required else Complete(tuple(wanted))


def _applies(rule: Rule, chart: Chart, matrix: DocumentMatrix) -> bool:
    if rule.when and not holds(matrix.conditions[rule.when], chart):
        return False
    return not (rule.unless and holds(matrix.conditions[rule.unless], chart))


def _ask(rule: Rule, chart: Chart) -> Deficiency | None:
    match rule.asks:
        case Asks.DOCUMENT:
            return _document(rule, chart)
        case Asks.DEMOGRAPHICS:
            return _demographics(rule, chart.patient)
        case Asks.COVERAGE:
            return _coverage(rule, chart)
        case Asks.ENCOUNTER_CLASS:
            return _encounter_class(rule, chart)
        case Asks.ENDED:
            return _ended(rule, chart)
        case Asks.CHARGES:
            return _charges(rule, chart)
        case rest:
            assert_never(rest)


def _document(rule: Rule, chart: Chart) -> Deficiency | None:
    """One of the kinds, signed. What was cancelled or replaced by a later one is not there."""
    counting = [document for document in chart.documents if document.kind in rule.any_of]
    if len(counting) > 1:
        counting = _in_force(counting)
    if any(document.status is DocumentStatus.SIGNED for document in counting):
        return None
    word = _word(rule.any_of[0])
    unsigned = next((one for one in counting if one.status is not DocumentStatus.CANCELLED), None)
    if unsigned is None:
        return Deficiency(
            rule=rule,
            kind=DeficiencyKind.MISSING_DOCUMENT,
            sentence=f"There is no {_word_of_all(rule.any_of)}",
            awaits=f"a signed {word}",
            where="documents",
        )
    word = _word(unsigned.kind)
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.UNSIGNED_DOCUMENT,
        sentence=f"The {word} is not signed",
        awaits=f"the signature of the {word}",
        where=f"documents[{chart.documents.index(unsigned)}].status",
    )


def _in_force(documents: list[Document]) -> list[Document]:
    replaced = {
        document.replaces
        for document in documents
        if document.replaces and document.status is not DocumentStatus.CANCELLED
    }
    return [document for document in documents if document.document_id not in replaced]


def _demographics(rule: Rule, patient: Patient) -> Deficiency | None:
    missing = [name for name in rule.fields if not _PATIENT_HAS[name](patient)]
    if not missing:
        return None
    words = _and([_FIELD_WORDS[name] for name in missing])
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.DEMOGRAPHICS,
        sentence=f"The patient's {words} {'is' if len(missing) == 1 else 'are'} missing",
        awaits=f"the patient's {words}",
        where="patient",
    )


_FIELD_WORDS = {
    NeededField.MRN: "medical record number",
    NeededField.NAME: "name",
    NeededField.BIRTH_DATE: "birth date",
    NeededField.SEX: "sex",
    NeededField.ADDRESS: "address",
    NeededField.PAYER_ID: "payer id",
    NeededField.MEMBER_ID: "member id",
}


def _is_postal(address: Address) -> bool:
    """Street and city; at home also state and ZIP (005010 N3, N4: both situational abroad)."""
    if not (address.line1.strip() and address.city.strip()):
        return False
    at_home = address.country.upper() in {"", "US", "USA"}
    return not at_home or bool(address.state and address.zip)


_PATIENT_HAS: dict[NeededField, Callable[[Patient], bool]] = {
    NeededField.MRN: lambda patient: bool(patient.mrn.strip()),
    NeededField.NAME: lambda patient: (
        patient.name is not None and bool(patient.name.family.strip())
    ),
    NeededField.BIRTH_DATE: lambda patient: patient.birth_date is not None,
    NeededField.SEX: lambda patient: patient.sex in {"M", "F", "U"},
    NeededField.ADDRESS: lambda patient: (
        patient.address is not None and _is_postal(patient.address)
    ),
}


def _coverage(rule: Rule, chart: Chart) -> Deficiency | None:
    """The coverage that pays first; what pays after it does not hold up the first claim."""
    primary = min(chart.coverages, key=lambda coverage: coverage.rank, default=None)
    if primary is None:
        return Deficiency(
            rule=rule,
            kind=DeficiencyKind.COVERAGE,
            sentence="There is no coverage",
            awaits="a coverage",
            where="coverages",
        )
    given = {NeededField.PAYER_ID: primary.payer_id, NeededField.MEMBER_ID: primary.member_id}
    missing = [name for name in rule.fields if not given[name].strip()]
    if not missing:
        return None
    words = _and([_FIELD_WORDS[name] for name in missing])
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.COVERAGE,
        sentence=f"The primary coverage has no {words.replace(' and ', ' and no ')}",
        awaits=f"the {words} of the primary coverage",
        where=f"coverages[{chart.coverages.index(primary)}]",
    )


def _encounter_class(rule: Rule, chart: Chart) -> Deficiency | None:
    if chart.encounter.encounter_class is not None:
        return None
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.ENCOUNTER_CLASS,
        sentence="The class of the encounter is not known",
        awaits="the class of the encounter",
        where="encounter.encounter_class",
    )


def _ended(rule: Rule, chart: Chart) -> Deficiency | None:
    if chart.encounter.discharged_at is not None:
        return None
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.NOT_DISCHARGED,
        sentence="The patient is not discharged",
        awaits="the discharge",
        where="encounter.discharged_at",
    )


def _charges(rule: Rule, chart: Chart) -> Deficiency | None:
    if chart.charges:
        return None
    return Deficiency(
        rule=rule,
        kind=DeficiencyKind.CHARGES,
        sentence="There is no charge",
        awaits="a charge",
        where="charges",
    )


def _word(kind: DocumentKind) -> str:
    return kind.value.replace("-", " ")


def _word_of_all(kinds: tuple[DocumentKind, ...]) -> str:
    return " or ".join(_word(kind) for kind in kinds)


def _and(words: list[str]) -> str:
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last
