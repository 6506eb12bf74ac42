"""The case: a chart as the rules look at it, with its tables and its dates already found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from services.chart.model import (
    Chart,
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    EncounterClass,
)
from services.codesets.inpatient import CodeEdit, EngineError, Stay, StayDiagnosis
from services.codesets.library import CodeSets
from services.codesets.tabular import Tabular, Unbillable
from services.coding.words import ICD10CM, ICD10PCS, bare, dotted

ON_CLAIM = frozenset({DiagnosisRole.PRINCIPAL, DiagnosisRole.SECONDARY})
STATUS_LENGTH = 2  # NUBC patient status
LAST = 1_000_000  # the rank of a diagnosis that the sender gave none


@dataclass(frozen=True, slots=True)
class Listed:
    """One diagnosis of the chart.

    `code` is bare; `formed`: it looks like an ICD-10-CM code; `unbillable`: why it is not one on
    the date; `exempt`: whether it carries no POA indicator (None: not known, or not asked).
    """

    index: int
    code: str
    diagnosis: Diagnosis
    formed: bool
    unbillable: Unbillable | None
    exempt: bool | None

    @property
    def target(self) -> str:
        """Its path in the chart."""
        return f"diagnoses[{self.index}]"

    @property
    def where(self) -> str:
        """Where it came from."""
        return self.diagnosis.where or self.target

    @property
    def shown(self) -> str:
        """The code as people write it, or where it stands when it is no code."""
        return dotted(self.code) if self.formed else f"The code at {self.target}"

    @property
    def on_claim(self) -> bool:
        """Whether it is a principal or secondary diagnosis."""
        return self.diagnosis.role in ON_CLAIM


@dataclass(frozen=True, slots=True)
class Case:
    """A chart and what is needed to judge it.

    `dates` are all days of service that count, `on` the first of them; `tabular` is the edition of
    `on`. `principals` are the candidates for first-listed. `stay` is None for outpatients, and
    when `lacking` names what the editor and the grouper need and the chart does not say. `edits`
    is None when the editor was not asked or gave no answer.
    """

    chart: Chart
    codesets: CodeSets
    inpatient: bool
    dates: tuple[date, ...]
    tabular: Tabular | None
    listed: tuple[Listed, ...]
    principals: tuple[Listed, ...]
    lacking: tuple[str, ...]
    stay: Stay | None
    edits: tuple[CodeEdit, ...] | None

    @property
    def on(self) -> date | None:
        """The day that codes are looked up for."""
        return self.dates[0] if self.dates else None

    @property
    def principal(self) -> Listed | None:
        """The one first-listed diagnosis, if there is exactly one."""
        return self.principals[0] if len(self.principals) == 1 else None

    @property
    def claimed(self) -> tuple[Listed, ...]:
        """The diagnoses that go on the claim, first-listed first, then in the sender's order."""
        first = self.principal
        others = [one for one in self.listed if one.on_claim and one is not first]
        others.sort(key=lambda one: (one.diagnosis.rank or LAST, one.index))
        return (*((first,) if first else ()), *others)


def open_case(chart: Chart, codesets: CodeSets) -> Case:
    """Find the dates, the edition, the first-listed diagnosis and the stay of a chart."""
    inpatient = chart.encounter.encounter_class is EncounterClass.INPATIENT
    dates = tuple(_dates(chart, inpatient=inpatient))
    tabular = codesets.tabular_on(dates[0]) if dates else None
    listed = tuple(_listed(chart, codesets, tabular, dates[0] if inpatient and dates else None))
    principals = _principals(listed)
    lacking = tuple(_lacking(chart)) if inpatient else ()
    case = Case(chart, codesets, inpatient, dates, tabular, listed, principals, lacking, None, None)
    stay = _stay(case) if inpatient else None
    return replace(case, stay=stay, edits=_edits(codesets, stay)) if stay else case


def _dates(chart: Chart, *, inpatient: bool) -> Iterator[date]:
    """Inpatient: the discharge. Others: the days of the lines, else the day of the encounter."""
    encounter = chart.encounter
    if inpatient:
        if encounter.discharged_at is not None:
            yield encounter.discharged_at.date()
        return
    lines = sorted({charge.on for charge in chart.charges if charge.on is not None})
    if lines:
        yield from lines
    elif encounter.admitted_at is not None:
        yield encounter.admitted_at.date()
    elif encounter.discharged_at is not None:
        yield encounter.discharged_at.date()


def _listed(
    chart: Chart, codesets: CodeSets, tabular: Tabular | None, discharged: date | None
) -> Iterator[Listed]:
    for index, diagnosis in enumerate(chart.diagnoses):
        code = bare(diagnosis.code)
        icd10 = diagnosis.system is CodeSystem.ICD10CM
        formed = icd10 and ICD10CM.fullmatch(code) is not None
        unbillable = tabular.explain(code) if formed and tabular is not None else None
        exempt = codesets.is_poa_exempt(code, discharged) if formed and discharged else None
        yield Listed(index, code, diagnosis, formed, unbillable, exempt)


def _principals(listed: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """Those marked principal; when none is, the secondary ones that the sender ranked first."""
    marked = tuple(one for one in listed if one.diagnosis.role is DiagnosisRole.PRINCIPAL)
    return marked or tuple(one for one in listed if one.on_claim and one.diagnosis.rank == 1)


def _lacking(chart: Chart) -> Iterator[str]:
    """What the editor and the grouper need of an inpatient and the chart does not say."""
    if chart.patient.birth_date is None:
        yield "the date of birth"
    if not chart.patient.sex:
        yield "the sex"
    status = chart.encounter.discharge_status
    if not (status.isdecimal() and len(status) <= STATUS_LENGTH):
        yield "the discharge status"
    if chart.encounter.discharged_at is None:
        yield "the discharge date"


def _stay(case: Case) -> Stay | None:
    """The stay as the editor and the grouper see it: only well-formed codes, POA Y, N, U or W."""
    chart, encounter, first = case.chart, case.chart.encounter, case.principal
    born, discharged = chart.patient.birth_date, encounter.discharged_at
    if first is None or not first.formed or case.lacking or born is None or discharged is None:
        return None
    admitted = encounter.admitted_at or discharged
    admitting = [one for one in case.listed if one.diagnosis.role is DiagnosisRole.ADMITTING]
    return Stay(
        discharged=discharged.date(),
        age=_years(born, admitted.date()),
        sex=chart.patient.sex,
        discharge_status=int(encounter.discharge_status),
        principal=_of_stay(first),
        secondary=tuple(_of_stay(one) for one in case.claimed[1:] if one.formed),
        admitting=next((one.code for one in admitting if one.formed), ""),
        procedures=tuple(
            code
            for procedure in chart.procedures
            if procedure.system is CodeSystem.ICD10PCS
            and ICD10PCS.fullmatch(code := bare(procedure.code))
        ),
    )


def _of_stay(one: Listed) -> StayDiagnosis:
    poa = one.diagnosis.poa
    return StayDiagnosis(one.code, "" if one.exempt or poa is None else poa.value)


def _years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _edits(codesets: CodeSets, stay: Stay) -> tuple[CodeEdit, ...] | None:
    if not codesets.editor.covers(stay.discharged):
        return None
    try:
        return codesets.editor.edits(stay)
    except EngineError:
        return None
