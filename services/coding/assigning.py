"""Assigning codes: the chart's own codes, accepted with their evidence, or the reason why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.chart.model import (
    AssignedCode,
    Chart,
    CodeSystem,
    Coding,
    DiagnosisRole,
    Finding,
    Poa,
)
from services.codesets.library import CodeSets
from services.coding.case import Case, Listed, open_case
from services.coding.drg import as_drg, group
from services.coding.failures import GRAVITY, CodingFailure
from services.coding.rules import Judged, judge
from services.coding.words import bare, both

MOST_SENTENCES = 6
ACCEPTED_BY = "R-ICD-02"
ACCEPTED_BY_EDITOR = "R-MCE-INVALID-CODE"
ACCEPTED_BY_PERSON = "override:R-ICD-EDITION"


@dataclass(frozen=True, slots=True)
class Coded:
    """Every code is accepted."""

    coding: Coding


@dataclass(frozen=True, slots=True)
class NeedsQuery:
    """Only the provider can say: the indexes of the diagnoses in question, and why.

    `description` is the official title of the first of them, for the question's words.
    """

    diagnoses: tuple[int, ...]
    reason: str
    description: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NeedsCoder:
    """A coder must look: the failure to stop with, and everything that was found."""

    failure: CodingFailure
    findings: tuple[Finding, ...]


Outcome = Coded | NeedsQuery | NeedsCoder


def assign(chart: Chart, codesets: CodeSets) -> Outcome:
    """Accept the codes that came with the chart, or say who must look and why.

    The same chart and the same tables give the same answer, byte for byte. A coder comes before a
    query, for the question depends on the codes.
    """
    case = open_case(chart, codesets)
    judged = judge(case)
    grouping = None
    if not _stops(judged):
        grouping, rules = group(case)
        judged += judge(case, rules)
    findings = tuple(one.finding for one in judged)
    if stops := _stops(judged):
        return NeedsCoder(_failure(case, stops), findings)
    if asking := [one for one in judged if one.asks is not None]:
        return _query(case, asking, findings)
    drg = as_drg(grouping) if grouping is not None else None
    return Coded(Coding(codes=tuple(_codes(case)), drg=drg, findings=findings))


def _stops(judged: Sequence[Judged]) -> list[Judged]:
    stops = [one for one in judged if one.stops_as is not None]
    return sorted(stops, key=lambda one: _gravity(one.stops_as))


def _gravity(failure: type[CodingFailure] | None) -> int:
    return GRAVITY.index(failure) if failure is not None else len(GRAVITY)


def _failure(case: Case, stops: Sequence[Judged]) -> CodingFailure:
    """The most severe one, with the sentences of all."""
    worst = stops[0]
    sentences = list(dict.fromkeys(one.finding.message for one in stops))
    more = len(sentences) - MOST_SENTENCES
    if more > 0:
        sentences[MOST_SENTENCES:] = [f"And {more} more."]
    failure = worst.stops_as or CodingFailure
    where = _where(case, worst.finding.target)
    return failure(" ".join(sentences), where=where, fix=_fix(stops))


def _where(case: Case, target: str) -> str:
    """The path that `dlq resume --set` takes, and in brackets which message said it where."""
    sources = {one.target: one.diagnosis.where for one in case.listed}
    sources |= {f"procedures[{n}]": one.where for n, one in enumerate(case.chart.procedures)}
    sources |= {f"charges[{n}]": one.where for n, one in enumerate(case.chart.charges)}
    path = target.partition(".")[0]
    source = sources.get(path, "")
    return f"{target} ({source})" if source and source != path else target


def _fix(stops: Sequence[Judged]) -> str:
    """What mends the worst; and by which names a person may let it all stand, if that may be."""
    fix = stops[0].finding.fix
    if not all(one.finding.overridable for one in stops):
        return fix
    rules = sorted({one.finding.rule_id for one in stops})
    return f"{fix} To let it stand with a reason: override {both(rules)}."


def _query(case: Case, asking: Sequence[Judged], findings: tuple[Finding, ...]) -> NeedsQuery:
    diagnoses = tuple(one.asks for one in asking if one.asks is not None)
    code = case.listed[diagnoses[0]].code
    return NeedsQuery(
        diagnoses=diagnoses,
        reason=" ".join(one.finding.message for one in asking),
        description=case.tabular.title(code) if case.tabular is not None else "",
        findings=findings,
    )


def _codes(case: Case) -> Iterator[AssignedCode]:
    """The diagnoses of the claim first, then admitting and reason for visit, then procedures."""
    for rank, one in enumerate(case.claimed, start=1):
        role = DiagnosisRole.PRINCIPAL if rank == 1 else DiagnosisRole.SECONDARY
        yield _diagnosis(case, one, role, rank)
    ranks = dict.fromkeys((DiagnosisRole.ADMITTING, DiagnosisRole.REASON_FOR_VISIT), 0)
    for one in case.listed:
        if one.diagnosis.role in ranks:
            ranks[one.diagnosis.role] += 1
            yield _diagnosis(case, one, one.diagnosis.role, ranks[one.diagnosis.role])
    if case.inpatient:
        yield from _procedures(case)


def _diagnosis(case: Case, one: Listed, role: DiagnosisRole, rank: int) -> AssignedCode:
    return AssignedCode(
        code=one.code,
        system=one.diagnosis.system,
        role=role,
        rank=rank,
        poa=_poa(case, one) if one.on_claim else None,
        on=case.on,
        evidence=one.where,
        rule_id=ACCEPTED_BY if case.tabular is not None else ACCEPTED_BY_PERSON,
        edition=case.tabular.edition.name if case.tabular is not None else "none",
    )


def _poa(case: Case, one: Listed) -> Poa | None:
    if not case.inpatient:
        return None
    return Poa.EXEMPT if one.exempt else one.diagnosis.poa


def _procedures(case: Case) -> Iterator[AssignedCode]:
    pcs = [
        (index, procedure)
        for index, procedure in enumerate(case.chart.procedures)
        if procedure.system is CodeSystem.ICD10PCS
    ]
    for rank, (index, procedure) in enumerate(pcs, start=1):
        yield AssignedCode(
            code=bare(procedure.code),
            system=CodeSystem.ICD10PCS,
            rank=rank,
            on=procedure.on or case.on,
            evidence=procedure.where or f"procedures[{index}]",
            rule_id=ACCEPTED_BY_EDITOR,
            edition=case.codesets.editor.name,
        )
