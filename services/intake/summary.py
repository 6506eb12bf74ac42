"""What was understood of a message, for people: labels and values without patient data."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import ChartUpdate, Encounter, Reading

Line = tuple[str, str]


def summary_of(reading: Reading) -> tuple[Line, ...]:
    """Counts and codes of what the message speaks of, in the order a chart is read."""
    update = reading.update
    if update is None:
        return (("chart", "says nothing about a chart that is filed"),)
    return tuple(_lines(update))


def patient_of(reading: Reading) -> tuple[Line, ...]:
    """The same for what is patient data: only for those who asked for it."""
    update = reading.update
    if update is None:
        return ()
    lines = [("account", f"{update.facility} {update.account}".strip())]
    patient = update.patient
    if patient is not None:
        name = f"{patient.name.family}, {patient.name.given}" if patient.name else "-"
        born = patient.birth_date.isoformat() if patient.birth_date else "-"
        lines += [("patient", name), ("born", born), ("record number", patient.mrn or "-")]
    return tuple(lines)


def _lines(update: ChartUpdate) -> Iterator[Line]:
    yield "account", "given" if update.account else "not given"
    if update.cancels_encounter:
        yield "cancels", "the encounter"
    if update.cancels_discharge:
        yield "cancels", "the discharge"
    if update.encounter is not None:
        yield from _encounter(update.encounter)
    for label, found in (
        ("coverages", update.coverages),
        ("diagnoses", update.diagnoses),
        ("procedures", update.procedures),
    ):
        if found is not None:
            yield label, str(len(found))
    if update.diagnoses:
        yield "diagnosis codes", " ".join(one.code for one in update.diagnoses)
    if update.charges:
        total = sum(charge.amount for charge in update.charges)
        yield "charges", f"{len(update.charges)}, {total} USD"
    if update.credits:
        yield "credits", str(len(update.credits))
    if update.documents:
        kinds = (f"{one.head.kind} ({one.head.status})" for one in update.documents)
        yield "documents", ", ".join(kinds)


def _encounter(encounter: Encounter) -> Iterator[Line]:
    yield "class", str(encounter.encounter_class or "not given")
    if encounter.discharged_at is not None:
        yield "discharge", encounter.discharge_status or "given, without a status"
