"""The diagnoses and procedures of a claim, from the codes that coding accepted."""

from __future__ import annotations

from datetime import date

from services.assembly.failures import TooManyDiagnoses, UnsupportedCodeSet
from services.assembly.gaps import Gaps
from services.chart.model import AssignedCode, Chart, CodeSystem, DiagnosisRole
from services.edi.claim import ClaimDiagnosis, ClaimProcedure, DiagnosisUse

ICD10_FROM = date(2015, 10, 1)  # 45 CFR 162.1002(c): by date of service or discharge
MOST_PROFESSIONAL = 12  # 837P HI
MOST_INSTITUTIONAL = 25  # 837I: one principal, 24 others
MOST_REASONS = 3
MOST_CAUSES = 12
EXTERNAL_CAUSES = "VWXY"  # ICD-10-CM chapter 20
_PATH = "coding.codes"


def check_code_set(chart: Chart, last_day: date | None) -> None:
    """Raises: UnsupportedCodeSet."""
    if last_day is not None and last_day < ICD10_FROM:
        raise UnsupportedCodeSet(
            "The encounter ended before 2015-10-01 and needs ICD-9.", where="encounter"
        )
    if any(code.system is CodeSystem.ICD9CM for code in _codes(chart)):
        raise UnsupportedCodeSet("The chart is coded in ICD-9.", where=_PATH)


def professional(chart: Chart, gaps: Gaps) -> tuple[ClaimDiagnosis, ...]:
    """First-listed, then the others, by rank.

    Raises:
        TooManyDiagnoses: more than twelve.
    """
    found = [_principal(chart, gaps), *_with_role(chart, DiagnosisRole.SECONDARY)]
    if len(found) > MOST_PROFESSIONAL:
        raise TooManyDiagnoses(f"The 837P has room for 12 of {len(found)} diagnoses.", where=_PATH)
    uses = [DiagnosisUse.PRINCIPAL] + [DiagnosisUse.OTHER] * (len(found) - 1)
    return tuple(
        ClaimDiagnosis(code=one.code if one else "", use=use)
        for one, use in zip(found, uses, strict=True)
    )


def institutional(chart: Chart, gaps: Gaps, *, inpatient: bool) -> tuple[ClaimDiagnosis, ...]:
    """All diagnoses with their uses; present-on-admission only on inpatient claims.

    Raises:
        TooManyDiagnoses: more than 25, more than 12 external causes, more than 3 reasons.
    """
    principal = _principal(chart, gaps)
    secondary = _with_role(chart, DiagnosisRole.SECONDARY)
    causes = [one for one in secondary if one.code[:1] in EXTERNAL_CAUSES]
    others = [one for one in secondary if one.code[:1] not in EXTERNAL_CAUSES]
    for count, most, what in (
        (len(others) + 1, MOST_INSTITUTIONAL, "diagnoses"),
        (len(causes), MOST_CAUSES, "external causes"),
    ):
        if count > most:
            raise TooManyDiagnoses(f"The 837I has room for {most} of {count} {what}.", where=_PATH)
    found = [] if principal is None else [_said(principal, DiagnosisUse.PRINCIPAL, inpatient)]
    found += _arrival(chart, gaps, inpatient=inpatient)
    found += [_said(one, DiagnosisUse.EXTERNAL_CAUSE, inpatient) for one in causes]
    found += [_said(one, DiagnosisUse.OTHER, inpatient) for one in others]
    if inpatient:
        reported = [one for one in (principal, *secondary) if one is not None]
        for one in reported:
            gaps.unless(
                one.poa is not None,
                _path(chart, one, "poa"),
                f"present-on-admission is not said for {one.code}",
            )
    return tuple(found)


def procedures(
    chart: Chart, first: date | None, last: date | None, gaps: Gaps
) -> tuple[ClaimProcedure, ...]:
    """The ICD-10-PCS codes by rank, each on a day of the stay or the three days before it."""
    found = sorted(
        (one for one in _codes(chart) if one.system is CodeSystem.ICD10PCS),
        key=lambda one: one.rank,
    )
    done = []
    for one in found:
        path = _path(chart, one, "on")
        if one.on is None:
            gaps.add(path, f"procedure {one.code} has no date")
            continue
        late = last is not None and one.on > last
        early = first is not None and (first - one.on).days > 3  # noqa: PLR2004 - payment window
        gaps.unless(not (late or early), path, f"procedure {one.code} lies outside the stay")
        done.append(ClaimProcedure(code=one.code, on=one.on))
    return tuple(done)


def _arrival(chart: Chart, gaps: Gaps, *, inpatient: bool) -> list[ClaimDiagnosis]:
    """Why the patient came: the admitting diagnosis, or the reasons for an outpatient visit."""
    if inpatient:
        admitting = _with_role(chart, DiagnosisRole.ADMITTING)[:1]
        gaps.unless(admitting, "diagnoses", "the admitting diagnosis is missing")
        return [ClaimDiagnosis(code=one.code, use=DiagnosisUse.ADMITTING) for one in admitting]
    reasons = _with_role(chart, DiagnosisRole.REASON_FOR_VISIT)
    if len(reasons) > MOST_REASONS:
        words = f"The 837I has room for 3 of {len(reasons)} reasons for the visit."
        raise TooManyDiagnoses(words, where=_PATH)
    return [ClaimDiagnosis(code=one.code, use=DiagnosisUse.REASON_FOR_VISIT) for one in reasons]


def _path(chart: Chart, code: AssignedCode, field: str) -> str:
    """The field as `dlq resume --set` names it: where the chart has the code, counted from 0."""
    found: list[tuple[str, bool]]
    if code.role is None:
        name = "procedures"
        found = [(one.code, one.on == code.on) for one in chart.procedures]
    else:
        name = "diagnoses"
        found = [(one.code, one.role is code.role) for one in chart.diagnoses]
    same = [(not exact, at) for at, (text, exact) in enumerate(found) if _bare(text) == code.code]
    return f"{name}[{min(same)[1]}].{field}" if same else name


def _bare(code: str) -> str:
    return code.strip().upper().replace(".", "")


def _codes(chart: Chart) -> tuple[AssignedCode, ...]:
    return chart.coding.codes if chart.coding else ()


def _with_role(chart: Chart, role: DiagnosisRole) -> list[AssignedCode]:
    return sorted((one for one in _codes(chart) if one.role is role), key=lambda one: one.rank)


def _principal(chart: Chart, gaps: Gaps) -> AssignedCode | None:
    found = _with_role(chart, DiagnosisRole.PRINCIPAL)
    gaps.unless(len(found) == 1, "diagnoses", f"{len(found)} principal diagnoses instead of one")
    return found[0] if found else None


def _said(one: AssignedCode, use: DiagnosisUse, inpatient: bool) -> ClaimDiagnosis:  # noqa: FBT001
    poa = one.poa.value if inpatient and one.poa is not None else ""
    return ClaimDiagnosis(code=one.code, use=use, poa=poa)
