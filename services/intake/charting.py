"""Merging diagnoses, procedures and charges, whose evidence says when they were stated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeVar

from services.chart.model import (
    Charge,
    ChartUpdate,
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    EncounterClass,
    Procedure,
)
from services.intake.timeline import Timeline

Stated = TypeVar("Stated", Diagnosis, Procedure, Charge)

PROVISIONAL = frozenset({DiagnosisRole.ADMITTING, DiagnosisRole.REASON_FOR_VISIT})
LINK = " diagnosis link"  # how the evidence of a diagnosis that a charge names ends
ICD10_BEGAN = date(2015, 10, 1)  # 45 CFR 162.1002


def merged_charges(
    before: tuple[Charge, ...], update: ChartUpdate, raw_id: str, line: Timeline
) -> tuple[tuple[Charge, ...], tuple[str, ...]]:
    """The charges by date and id, and the ids of credits that take nothing back."""
    if not (update.charges or update.credits):
        return before, ()
    charges = {charge.charge_id: charge for charge in before}
    unmatched = tuple(one for one in update.credits if charges.pop(one, None) is None)
    for charge in _with_evidence(update.charges, raw_id):
        old = charges.get(charge.charge_id)
        if old is None or not line.is_before(update, _raw_id_of(old.where)):
            charges[charge.charge_id] = charge
    return tuple(sorted(charges.values(), key=_by_date_and_id)), unmatched


def merged_procedures(
    before: tuple[Procedure, ...], update: ChartUpdate, raw_id: str, line: Timeline
) -> tuple[Procedure, ...]:
    """The list of the latest event that speaks of procedures."""
    if update.procedures is None:
        return before
    return _latest(before, _with_evidence(update.procedures, raw_id), update, line)


def merged_diagnoses(
    before: tuple[Diagnosis, ...],
    update: ChartUpdate,
    raw_id: str,
    line: Timeline,
    charges: tuple[Charge, ...],
    encounter_class: EncounterClass | None,
) -> tuple[Diagnosis, ...]:
    """Provisional ones, finals, and what only a charge names, in this order."""
    speaks = update.diagnoses is not None or update.charges or update.credits
    if not speaks and not any(one.where.endswith(LINK) for one in before):
        return before
    stated = [one for one in before if not one.where.endswith(LINK)]
    provisional = tuple(one for one in stated if one.role in PROVISIONAL)
    final = tuple(one for one in stated if one.role not in PROVISIONAL)
    if update.diagnoses is not None:
        said = _with_evidence(update.diagnoses, raw_id)
        said_provisional = tuple(one for one in said if one.role in PROVISIONAL)
        said_final = tuple(one for one in said if one.role not in PROVISIONAL)
        if said_provisional or not said:
            provisional = _list_that_stands(provisional, said_provisional, update, line)
        if said_final or not said:
            final = _list_that_stands(final, said_final, update, line)
    return (*provisional, *final, *_linked(final, charges, encounter_class))


def _latest(
    before: tuple[Stated, ...], said: tuple[Stated, ...], update: ChartUpdate, line: Timeline
) -> tuple[Stated, ...]:
    """The list that stands: the update's, unless what is there was stated by a later event."""
    if any(line.is_before(update, _raw_id_of(one.where)) for one in before):
        return before
    return said


def _list_that_stands(
    before: tuple[Diagnosis, ...], said: tuple[Diagnosis, ...], update: ChartUpdate, line: Timeline
) -> tuple[Diagnosis, ...]:
    """The later list; where it says nothing of present on admission, what the other one says."""
    standing = _latest(before, said, update, line)
    other = before if standing is said else said
    poa = {(one.code, one.system): one.poa for one in other if one.poa is not None}
    return tuple(
        one.model_copy(update={"poa": poa[one.code, one.system]})
        if one.poa is None and (one.code, one.system) in poa
        else one
        for one in standing
    )


def _linked(
    finals: tuple[Diagnosis, ...],
    charges: tuple[Charge, ...],
    encounter_class: EncounterClass | None,
) -> Iterable[Diagnosis]:
    """The diagnoses that charges name and no final states.

    On an outpatient chart without finals the first one is first-listed (ICD-10-CM guideline
    IV.A); the principal diagnosis of an inpatient is never taken from a charge.
    """
    known = {one.code for one in finals}
    first_listed = (
        not finals
        and encounter_class is not None
        and encounter_class is not EncounterClass.INPATIENT
    )
    for charge in charges:
        for code in charge.diagnosis_codes:
            if code in known:
                continue
            known.add(code)
            yield Diagnosis(
                code=code,
                system=_system_of(code, charge.on),
                role=DiagnosisRole.PRINCIPAL if first_listed else DiagnosisRole.SECONDARY,
                where=f"{charge.where}{LINK}",
            )
            first_listed = False


def _system_of(code: str, on: date | None) -> CodeSystem:
    if code[:1].isdigit() or (on is not None and on < ICD10_BEGAN):
        return CodeSystem.ICD9CM
    return CodeSystem.ICD10CM


def _with_evidence(said: tuple[Stated, ...], raw_id: str) -> tuple[Stated, ...]:
    return tuple(one.model_copy(update={"where": f"{raw_id} {one.where}"}) for one in said)


def _raw_id_of(where: str) -> str:
    return where.split(" ", 1)[0]


def _by_date_and_id(charge: Charge) -> tuple[date, int, str]:
    return charge.on or date.min, len(charge.charge_id), charge.charge_id
