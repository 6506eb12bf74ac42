"""The edits of the Medicare Code Editor on inpatient charts, one rule an edit.

Which edit stops a chart is a table. The editor was written for Medicare; its edits on the codes
themselves hold for every payer, its coverage edits only where Medicare pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from services.chart.model import CodeSystem, Severity, Status
from services.coding.case import Case
from services.coding.failures import (
    CodingFailure,
    MceEdit,
    NeedsReview,
    NoEdition,
    Ungroupable,
    UnknownCode,
)
from services.coding.rule import Rule, Said
from services.coding.words import ICD10PCS, bare, both, dotted

SOURCE = "Medicare Code Editor (CMS), by discharge date"
MEDICARE = frozenset({"MA", "MB"})  # X12 SBR09


@dataclass(frozen=True, slots=True)
class Edit:
    """What follows from one edit of the editor.

    `stops_as` None: it is worth knowing only. `words`: what is wrong with the codes it names.
    """

    name: str
    words: str
    stops_as: type[CodingFailure] | None
    overridable: bool = False
    medicare_only: bool = False


EDITS = (
    Edit("INVALID_CODE", "not valid on the discharge date", MceEdit),
    Edit("INVALID_ADMIT_DX", "not valid as the admitting diagnosis", MceEdit),
    Edit("INVALID_AGE", "refused: the age is not between 0 and 124 years", MceEdit),
    Edit("INVALID_SEX", "refused: the sex is not valid", MceEdit),
    Edit("INVALID_DISCHARGE_STATUS", "refused: the discharge status is not valid", MceEdit),
    Edit("INVALID_POA", "refused: a POA indicator is not valid", MceEdit),
    Edit("E_CODE_AS_PDX", "an external cause and may not be principal", MceEdit),
    Edit("MANIFESTATION_AS_PDX", "a manifestation and may not be principal", MceEdit),
    Edit("UNACCEPTABLE_PDX", "not acceptable as principal diagnosis", MceEdit),
    Edit("NONSPECIFIC_PDX", "too unspecific as principal diagnosis", MceEdit, overridable=True),
    Edit("REQUIRES_SDX", "as principal in need of a secondary diagnosis", MceEdit),
    Edit("DUPLICATE_OF_PDX", "the principal diagnosis and listed again as secondary", MceEdit),
    Edit("AGE_CONFLICT", "in conflict with the patient's age", MceEdit, overridable=True),
    Edit("SEX_CONFLICT", "in conflict with the patient's sex", MceEdit, overridable=True),
    Edit("WRONG_PROCEDURE_PERFORMED", "about a wrong procedure", NeedsReview, overridable=True),
    Edit(
        "QUESTIONABLE_ADMISSION",
        "seldom enough for an admission as principal diagnosis",
        NeedsReview,
        overridable=True,
    ),
    Edit(
        "QUESTIONABLE_OBSTETRIC_ADMISSION",
        "questionable: a delivery without an outcome of delivery",
        NeedsReview,
        overridable=True,
    ),
    Edit(
        "INCONSISTENT_WITH_LENGTH_OF_STAY",
        "inconsistent with the length of stay",
        NeedsReview,
        overridable=True,
    ),
    Edit("OPEN_BIOPSY", "an open biopsy", None),
    Edit("BILATERAL", "a bilateral procedure", NeedsReview, overridable=True),
    Edit("NONSPECIFIC_OR", "an unspecific operating room procedure", None),
    Edit("UNSPECIFIED", "unspecified where the side is known to matter", None),
    Edit("MEDICARE_IS_SECONDARY_PAYER", "a sign that another payer is first", None),
    *(
        Edit(name, "limited in Medicare's coverage", NeedsReview, True, True)
        for name in (
            "NON_COVERED",
            "LIMITED_COVERAGE",
            "LIMITED_COVERAGE_ARTIFICIAL_HEART",
            "LIMITED_COVERAGE_COMBINATION_HEART_LUNG",
            "LIMITED_COVERAGE_HEART_IMPLANT",
            "LIMITED_COVERAGE_HEART_TRANSPLANT",
            "LIMITED_COVERAGE_INTESTINE",
            "LIMITED_COVERAGE_KIDNEY",
            "LIMITED_COVERAGE_LIVER",
            "LIMITED_COVERAGE_LUNG_TRANSPLANT",
            "LIMITED_COVERAGE_LVRS",
            "LIMITED_COVERAGE_PANCREAS",
        )
    ),
)
KNOWN = frozenset(edit.name for edit in EDITS)


def stay_is_known(case: Case) -> Iterator[Said]:
    """The editor and the grouper need birth date, sex, discharge status and discharge date."""
    if case.lacking:
        yield Said(
            "encounter",
            f"Without {both(case.lacking)} the stay can be neither edited nor grouped.",
            status=Status.NO_DATA,
            stops_as=Ungroupable,
        )


def was_edited(case: Case) -> Iterator[Said]:
    """No answer from the editor is not a pass."""
    if case.stay is None or case.edits is not None:
        return
    if not case.codesets.editor.covers(case.stay.discharged):
        yield Said(
            "encounter",
            f"No Medicare Code Editor here covers {case.on}.",
            status=Status.NO_DATA,
            stops_as=NoEdition,
        )
    else:
        message = "The Medicare Code Editor gave no answer for this stay."
        yield Said("encounter", message, status=Status.NO_DATA, stops_as=NeedsReview)


def fires_known_edits(case: Case) -> Iterator[Said]:
    """An edit that the table does not know goes to a person."""
    for edit in case.edits or ():
        if edit.name not in KNOWN:
            message = f"The Medicare Code Editor says {edit.name}."
            yield Said("encounter", message, stops_as=NeedsReview)


def does_not_fire(edit: Edit, case: Case) -> Iterator[Said]:
    """The edit does not fire for any code that the tabular list has not refused already."""
    for fired in case.edits or ():
        if fired.name != edit.name:
            continue
        refused = {one.code for one in case.listed if one.unbillable is not None}
        codes = tuple(code for code in fired.codes if code not in refused)
        if codes or not fired.codes:
            counts = not edit.medicare_only or _medicare_pays(case)
            yield Said(
                _target(case, codes),
                _sentence(edit, case, codes),
                stops_as=edit.stops_as if counts else None,
                severity=None if counts else Severity.INFO,
            )


def _sentence(edit: Edit, case: Case, codes: tuple[str, ...]) -> str:
    diagnoses = {one.code for one in case.listed}
    shown = [dotted(code) if code in diagnoses else code for code in codes]
    verb = "are" if len(shown) > 1 else "is"
    return f"{both(shown) or 'The stay'} {verb} {edit.words} (MCE edit {edit.name})."


def _target(case: Case, codes: tuple[str, ...]) -> str:
    for one in case.claimed:
        if one.code in codes:
            return one.target
    for index, procedure in enumerate(case.chart.procedures):
        if bare(procedure.code) in codes:
            return f"procedures[{index}]"
    return "encounter"


def _medicare_pays(case: Case) -> bool:
    return any(coverage.plan_type in MEDICARE for coverage in case.chart.coverages)


def procedures_are_formed(case: Case) -> Iterator[Said]:
    """An ICD-10-PCS code has seven characters, none of them I or O."""
    for index, procedure in enumerate(case.chart.procedures):
        if procedure.system is CodeSystem.ICD10PCS and not ICD10PCS.fullmatch(bare(procedure.code)):
            yield Said(
                f"procedures[{index}]",
                f"The code at procedures[{index}] is not formed like an ICD-10-PCS code.",
                stops_as=UnknownCode,
            )


def procedures_are_inpatient(case: Case) -> Iterator[Said]:
    """ICD-10-PCS is reported for inpatients only; elsewhere such codes are left out."""
    if not case.inpatient and any(
        procedure.system is CodeSystem.ICD10PCS for procedure in case.chart.procedures
    ):
        message = "ICD-10-PCS codes are reported for inpatients only; they are left out."
        yield Said("procedures", message)


def _rule(edit: Edit) -> Rule:
    return Rule(
        f"R-MCE-{edit.name.replace('_', '-')}",
        edit.words,
        SOURCE,
        Severity.ERROR if edit.stops_as else Severity.WARNING,
        partial(does_not_fire, edit),
        overridable=edit.overridable,
    )


ERROR = Severity.ERROR
RULES = (
    Rule("R-STAY-01", "The stay is known", "MS-DRG definitions manual", ERROR, stay_is_known),
    Rule("R-PCS-01", "Format", "ICD-10-PCS", ERROR, procedures_are_formed),
    Rule(
        "R-PCS-02",
        "Inpatients only",
        "45 CFR 162.1002",
        Severity.WARNING,
        procedures_are_inpatient,
    ),
    Rule("R-MCE-ANSWER", "The editor answered", SOURCE, ERROR, was_edited, overridable=True),
    Rule("R-MCE-OTHER", "Other edits", SOURCE, ERROR, fires_known_edits, overridable=True),
    *(_rule(edit) for edit in EDITS),
)
