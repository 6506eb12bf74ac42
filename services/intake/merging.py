"""Merging what a message says into the chart.

Who wins:

- **Fields** of patient and encounter, and coverages. A field that a message does not speak of
  stays. Registration (ADT, BAR, FHIR, chartline.chart) is the authority: once it has spoken, other
  messages only fill what is empty. Among equals the later event wins; an earlier one that comes
  late only fills what is empty.
- **Diagnoses** are a whole list in each of two groups, provisional (admitting, reason for visit)
  and final (principal, secondary); a message replaces only the groups it speaks of, so that
  admitting diagnoses never take finals away. **Procedures** are one whole list. The list of the
  latest event stands. A diagnosis that a charge names (FT1-19) and no final states is added.
- **Charges** by charge id, the latest event of each standing; a credit removes its charge.
- **Documents** by document id; other text or status makes the next version; what another document
  replaces is cancelled. An earlier version that comes late never takes a signature back.
- **A cancel** (A11) stands until a later event opens the encounter again; **a cancelled discharge**
  (A13) clears the discharge, and nothing earlier brings it back.

An event whose time is not known counts as the latest. `where` of diagnoses, procedures and charges
becomes the raw message and the place in it: the evidence, and how their time is known. The same
update a second time changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from services.chart.model import Chart, ChartUpdate, DocumentText, Encounter, Patient, Source
from services.intake.charting import merged_charges, merged_diagnoses, merged_procedures
from services.intake.documents import merged_documents
from services.intake.failures import PatientConflict
from services.intake.timeline import Timeline, event_of

M = TypeVar("M", bound=BaseModel)

_NO_DISCHARGE = {"discharged_at": None, "discharge_status": ""}
_EMPTY: tuple[Any, ...] = (None, "", ())


class MergeKind(StrEnum):
    """What a merge did."""

    OPENED = "opened"  # the first message of a chart
    CHANGED = "changed"
    CANCELLED = "cancelled"  # the encounter is now cancelled
    UNCHANGED = "unchanged"  # but for the sources


@dataclass(frozen=True, slots=True)
class Merged:
    """The chart after the merge, the document versions to keep, and what happened.

    `unmatched_credits` are ids of charges that the update takes back and the chart does not have.
    """

    chart: Chart
    documents: tuple[DocumentText, ...]
    changed: bool
    kind: MergeKind
    unmatched_credits: tuple[str, ...] = ()


def merge(
    chart: Chart | None,
    update: ChartUpdate,
    *,
    chart_id: str,
    raw_id: str,
    texts: dict[str, str] | None = None,
) -> Merged:
    """The chart with the update in it.

    `raw_id` names the message as a source; `texts` are the current texts of the chart's documents
    by document id (a document without one counts as having no text).

    Raises:
        PatientConflict: the update names another medical record number than the chart has.
    """
    before = chart or _blank(chart_id, update)
    source = Source(raw_id=raw_id, event=event_of(update), event_at=update.event_at)
    known = source in before.sources
    line = Timeline(before.sources if known else (*before.sources, source))
    charges, unmatched = merged_charges(before.charges, update, raw_id, line)
    encounter = _encounter(before.encounter, update, line)
    documents, texts_to_keep = merged_documents(before.documents, update, texts or {}, line)
    after = before.model_copy(
        update={
            "patient": _patient(before.patient, update, line),
            "encounter": encounter,
            "coverages": _coverages(before, update, line),
            "documents": documents,
            "diagnoses": merged_diagnoses(
                before.diagnoses, update, raw_id, line, charges, encounter.encounter_class
            ),
            "procedures": merged_procedures(before.procedures, update, raw_id, line),
            "charges": charges,
            "sources": line.sources,
            "cancelled": line.is_cancelled(),
        }
    )
    kind = _kind(chart, before, after)
    return Merged(after, texts_to_keep, kind is not MergeKind.UNCHANGED, kind, unmatched)


def _blank(chart_id: str, update: ChartUpdate) -> Chart:
    return Chart(
        chart_id=chart_id,
        facility=update.facility,
        account=update.account,
        patient=Patient(mrn=""),
    )


def _kind(chart: Chart | None, before: Chart, after: Chart) -> MergeKind:
    if after.cancelled and not before.cancelled:
        return MergeKind.CANCELLED
    if chart is None:
        return MergeKind.OPENED
    return MergeKind.UNCHANGED if _say_the_same(before, after) else MergeKind.CHANGED


_CONTENT = ("patient", "encounter", "coverages", "documents", "cancelled")
_WITH_EVIDENCE = ("diagnoses", "procedures", "charges")
_NOWHERE = {"where": ""}


def _say_the_same(before: Chart, after: Chart) -> bool:
    """Whether nothing differs but evidence: the sources, and where codes and charges stand."""
    return all(getattr(before, one) == getattr(after, one) for one in _CONTENT) and all(
        _equal_but_for_evidence(getattr(before, one), getattr(after, one)) for one in _WITH_EVIDENCE
    )


def _equal_but_for_evidence(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    if before is after:
        return True
    return len(before) == len(after) and all(
        old == new or old.model_copy(update=_NOWHERE) == new.model_copy(update=_NOWHERE)
        for old, new in zip(before, after, strict=True)
    )


def _patient(before: Patient, update: ChartUpdate, line: Timeline) -> Patient:
    said = update.patient
    if said is None:
        return before
    if before.mrn and said.mrn and before.mrn != said.mrn:
        raise PatientConflict(
            "The message names another medical record number than the chart of its account.",
            where="PID-3" if "^" in update.event else "patient.mrn",
        )
    return _joined(before, said, overwrite=line.leads(update))


def _encounter(before: Encounter, update: ChartUpdate, line: Timeline) -> Encounter:
    said = update.encounter
    if update.cancels_discharge and line.clears_discharge(update):
        before = before.model_copy(update=_NO_DISCHARGE)
    if said is None:
        return before
    if line.discharge_was_cancelled_after(update):
        said = said.model_copy(update=_NO_DISCHARGE)
    return _joined(before, said, overwrite=line.leads(update))


def _joined(before: M, said: M, *, overwrite: bool) -> M:
    """The fields of both: where both speak, `said` if it may overwrite."""
    changes = {}
    for name in type(before).model_fields:
        new, old = getattr(said, name), getattr(before, name)
        if new not in _EMPTY and new != old and (overwrite or old in _EMPTY):
            changes[name] = new
    return before.model_copy(update=changes) if changes else before


def _coverages(before: Chart, update: ChartUpdate, line: Timeline) -> tuple[Any, ...]:
    said = update.coverages
    if said is None or (before.coverages and not line.leads(update)):
        return before.coverages
    return said
