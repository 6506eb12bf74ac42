"""The rules on charts: which code stops with which reason, and what the sentence says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.chart.model import (
    Chart,
    CodeSystem,
    Coverage,
    DiagnosisRole,
    Encounter,
    EncounterClass,
    Patient,
    Poa,
    Procedure,
    Severity,
    Status,
)
from services.coding.rules import RULES
from tests.unit.coding_charts import (
    DISCHARGED,
    a_charge,
    a_stay_of,
    a_visit,
    an_override,
    coded,
    dx,
    stopped,
)

LATE = datetime(2026, 10, 1, tzinfo=UTC)


def clinic(at: datetime) -> Encounter:
    return Encounter(encounter_class=EncounterClass.CLINIC, admitted_at=at)


@pytest.mark.parametrize(
    ("chart", "code", "words"),
    [
        (a_visit(diagnoses=()), "coding.no-codes", "no diagnosis code"),
        (
            a_visit("K35.20"),
            "coding.not-billable",
            "K35.20 is not billable on 2026-05-02: choose K35.200, K35.201 or K35.209.",
        ),
        (a_visit("E116"), "coding.not-billable", "choose one of 12 codes from E11.610 to E11.69."),
        (a_visit("Z99999"), "coding.unknown-code", "Z99.999 is not an ICD-10-CM code"),
        (a_visit("I10A"), "coding.unknown-code", "I10.A is not an ICD-10-CM code"),
        (
            a_visit("S52501"),
            "coding.seventh-character",
            (
                "S52.501 needs a 7th character on 2026-05-02: "
                "choose one of 16 codes from S52.501A to S52.501S."
            ),
        ),
        (
            a_visit("S0990XA", "W19A"),
            "coding.seventh-character",
            "W19.A has no valid 7th character on 2026-05-02: choose W19.XXXA.",
        ),
        (a_visit("I10", "E119", "I10"), "coding.duplicate-code", "I10 is listed twice."),
        (
            a_visit("E119", "O24419"),
            "coding.excludes1",
            "E11.9 and O24.419 exclude each other (Excludes1 at E11).",
        ),
        (a_visit("W19XXXA", "S0990XA"), "coding.first-listed", "W19.XXXA is an external cause"),
        (a_visit("O80", "Z370", "O82"), "coding.needs-review", "O80 may not stand beside O82"),
        (a_visit("O80"), "coding.needs-review", "O80 needs Z37.0"),
        (
            a_visit("4280", diagnoses=dx("4280", system=CodeSystem.ICD9CM)),
            "coding.wrong-system",
            "coded in ICD-9-CM, not in ICD-10-CM",
        ),
        (a_visit(encounter=clinic(LATE), charges=()), "coding.no-edition", "covers 2026-10-01."),
        (
            a_visit(charges=(a_charge(), a_charge(on=date(2026, 3, 31)))),
            "coding.no-edition",
            "covers 2026-03-31",
        ),
        (
            a_visit(charges=(a_charge(), a_charge(on=date(2026, 10, 2)))),
            "coding.no-edition",
            "covers 2026-10-02 together with the other dates.",
        ),
        (
            a_visit(encounter=Encounter(encounter_class=EncounterClass.CLINIC), charges=()),
            "coding.no-edition",
            "no date",
        ),
        (
            a_visit(diagnoses=dx("I10", "E119", role=DiagnosisRole.SECONDARY, rank=0)),
            "coding.no-principal",
            "No diagnosis is marked as principal",
        ),
        (
            a_visit(diagnoses=dx("I10", "E119", role=DiagnosisRole.PRINCIPAL)),
            "coding.no-principal",
            "2 diagnoses are marked as first-listed",
        ),
        (a_visit(charges=(a_charge("9921"),)), "coding.unknown-code", "The code at charges[0]"),
        (a_visit(charges=(a_charge(modifiers=("2",)),)), "coding.modifier", "two letters"),
        (a_visit(charges=(a_charge(modifiers=("25", "25")),)), "coding.modifier", "twice"),
        (
            a_visit(charges=(a_charge(modifiers=("25", "59", "LT", "76", "77")),)),
            "coding.modifier",
            "has 5 modifiers",
        ),
    ],
)
def test_a_chart_that_a_coder_must_see_says_why(chart: Chart, code: str, words: str) -> None:
    failure = stopped(chart).failure
    assert failure.code == code
    assert words in failure.sentence


@pytest.mark.parametrize(
    ("chart", "code", "words"),
    [
        (a_stay_of("W19XXXA"), "coding.mce-edit", "W19.XXXA is an external cause"),
        (a_stay_of("F0280"), "coding.mce-edit", "F02.80 is a manifestation"),
        (a_stay_of("Z23"), "coding.mce-edit", "Z23 is not acceptable as principal"),
        (a_stay_of("I5020", procedures=("ZZZZZZZ",)), "coding.mce-edit", "ZZZZZZZ is not valid"),
        (a_stay_of("I5020", "Z3800"), "coding.mce-edit", "Z38.00 is in conflict with the patient"),
        (a_stay_of("E119"), "coding.needs-review", "MCE edit QUESTIONABLE_ADMISSION"),
        (a_stay_of("I5020", procedures=("0SRC0JI",)), "coding.unknown-code", "ICD-10-PCS code"),
        (
            a_stay_of(diagnoses=dx("I5020", "N179")),
            "coding.poa-missing",
            "I50.20 has no POA indicator and is not known to be exempt. N17.9 has",
        ),
        (
            a_stay_of(patient=Patient(mrn="M2")),
            "coding.ungroupable",
            "Without the date of birth and the sex the stay can be neither edited nor grouped.",
        ),
        (a_stay_of("I502"), "coding.not-billable", "I50.2 is not billable"),
    ],
)
def test_an_inpatient_chart_is_edited(chart: Chart, code: str, words: str) -> None:
    failure = stopped(chart).failure
    assert failure.code == code
    assert words in failure.sentence


def test_the_editor_does_not_repeat_what_the_tabular_list_says() -> None:
    outcome = stopped(a_stay_of("I502"))
    assert [one.rule_id for one in outcome.findings] == ["R-ICD-02"]


def test_an_unspecified_side_is_a_warning() -> None:
    (finding,) = coded(a_stay_of("I5020", "S52509A")).coding.findings
    assert (finding.rule_id, finding.severity) == ("R-MCE-UNSPECIFIED", Severity.WARNING)
    assert finding.target == "diagnoses[1]"


@pytest.mark.parametrize(
    ("plan", "code"), [("MA", "coding.needs-review"), ("MB", "coding.needs-review"), ("CI", "")]
)
def test_a_coverage_edit_stops_only_where_medicare_pays(plan: str, code: str) -> None:
    chart = a_stay_of("I5020", procedures=("02YA0Z0",), coverages=(Coverage(plan_type=plan),))
    if code:
        assert stopped(chart).failure.code == code
    else:
        (finding,) = coded(chart).coding.findings
        assert finding.severity is Severity.INFO
        assert finding.target == "procedures[0]"


def test_the_most_severe_reason_leads_and_the_others_follow() -> None:
    failure = stopped(a_visit("E119", "O24419", "K3520", "Z99999")).failure
    assert failure.code == "coding.unknown-code"
    assert [word in failure.sentence for word in ("Z99.999", "K35.20 ", "E11.9 and")] == [True] * 3
    assert failure.sentence.index("Z99.999") < failure.sentence.index("K35.20 ")
    assert failure.where == "diagnoses[3] (DG1[4])"


def test_a_coder_reads_the_path_to_set_and_where_a_line_came_from() -> None:
    line = a_charge(modifiers=("2",), where="FT1[1]")
    assert stopped(a_visit(charges=(line,))).failure.where == "charges[0].modifiers (FT1[1])"
    unsaid = a_visit(diagnoses=dx("K3520", where=""))
    assert stopped(unsaid).failure.where == "diagnoses[0]"


def test_the_fix_names_the_rules_that_may_be_overridden_when_that_would_help() -> None:
    fix = stopped(a_visit("E119", "O24419")).failure.suggested_fix
    assert fix == (
        "Remove E11.9 or O24.419, or override when they are unrelated. "
        "To let it stand with a reason: override R-ICD-07."
    )
    assert "override" not in stopped(a_visit("K3520", "E119", "O24419")).failure.suggested_fix


def test_a_long_list_of_reasons_is_cut() -> None:
    codes = [f"Z99{number:03d}" for number in range(300, 310)]
    failure = stopped(a_visit(*codes)).failure
    assert failure.sentence.endswith("And 4 more.")


def test_what_is_no_code_is_never_repeated() -> None:
    outcome = stopped(
        a_stay_of(
            "DOE,JANE",
            "JANEDOE99",
            procedures=("JANE DOE",),
            charges=(a_charge("JANE"), a_charge(modifiers=("JANE",))),
        )
    )
    assert "JANE" not in outcome.failure.sentence + outcome.failure.suggested_fix
    assert not any("JANE" in one.model_dump_json() for one in outcome.findings)


@pytest.mark.parametrize(
    ("chart", "rule_id"),
    [
        (a_visit("E119", "O24419"), "R-ICD-07"),
        (a_visit("O80", "Z370", "O82"), "R-ICD-10"),
        (a_visit(encounter=clinic(LATE), charges=()), "R-ICD-EDITION"),
        (a_stay_of("E119"), "R-MCE-QUESTIONABLE-ADMISSION"),
        (a_stay_of("I5020", "Z3800"), "R-MCE-AGE-CONFLICT"),
    ],
)
def test_a_person_may_override_what_needs_judgement(chart: Chart, rule_id: str) -> None:
    stopped(chart)
    outcome = coded(chart.model_copy(update={"overrides": (an_override(rule_id),)}))
    bypassed = [one for one in outcome.coding.findings if one.status is Status.BYPASSED]
    assert {one.rule_id for one in bypassed} == {rule_id}


@pytest.mark.parametrize(
    ("chart", "rule_id"),
    [
        (a_visit("K3520"), "R-ICD-02"),
        (a_visit("W19"), "R-ICD-03"),
        (a_visit("I10", "I10"), "R-ICD-06"),
        (a_stay_of("F0280"), "R-MCE-MANIFESTATION-AS-PDX"),
        (a_stay_of(diagnoses=dx("I5020")), "R-POA-01"),
    ],
)
def test_nobody_may_override_format_and_law(chart: Chart, rule_id: str) -> None:
    stopped(chart.model_copy(update={"overrides": (an_override(rule_id),)}))


def test_a_code_accepted_without_an_edition_says_so() -> None:
    chart = a_visit(encounter=clinic(LATE), charges=(), overrides=(an_override("R-ICD-EDITION"),))
    first = coded(chart).coding.codes[0]
    assert (first.rule_id, first.edition) == ("override:R-ICD-EDITION", "none")


def test_without_an_edition_the_editor_s_list_still_refuses_a_code() -> None:
    chart = a_visit(
        "E116", encounter=clinic(LATE), charges=(), overrides=(an_override("R-ICD-EDITION"),)
    )
    assert stopped(chart).failure.code == "coding.unknown-code"


def test_an_inpatient_of_icd_9_days_never_passes() -> None:
    old = datetime(2014, 5, 2, tzinfo=UTC)
    chart = a_stay_of(
        diagnoses=dx("4280", system=CodeSystem.ICD9CM),
        encounter=Encounter(
            encounter_class=EncounterClass.INPATIENT, discharged_at=old, discharge_status="01"
        ),
    )
    assert stopped(chart).failure.code == "coding.no-edition"
    overridden = chart.model_copy(update={"overrides": (an_override("R-ICD-EDITION"),)})
    assert stopped(overridden).failure.code == "coding.no-edition"


def test_charge_codes_are_said_to_be_unchecked() -> None:
    (finding,) = coded(a_visit()).coding.findings
    assert (finding.rule_id, finding.status) == ("R-CPT-02", Status.NO_DATA)
    assert finding.severity is Severity.INFO


def test_good_modifiers_say_nothing() -> None:
    chart = a_visit(charges=(a_charge(modifiers=("25", "RT")), a_charge(code="J1885")))
    assert [one.rule_id for one in coded(chart).coding.findings] == ["R-CPT-02"]


def test_procedure_codes_of_inpatients_are_left_out_elsewhere() -> None:
    chart = a_visit(procedures=(Procedure(code="0SRC0J9"),))
    coding = coded(chart).coding
    assert "R-PCS-02" in {one.rule_id for one in coding.findings}
    assert {one.system for one in coding.codes} == {CodeSystem.ICD10CM}


def test_admitting_and_reason_for_visit_may_repeat_a_code() -> None:
    admitting = dx("I5020", role=DiagnosisRole.ADMITTING)
    chart = a_stay_of()
    coding = coded(chart.model_copy(update={"diagnoses": chart.diagnoses + admitting})).coding
    assert [one.role for one in coding.codes if one.code == "I5020"] == [
        DiagnosisRole.PRINCIPAL,
        DiagnosisRole.ADMITTING,
    ]


def test_every_rule_has_an_id_of_its_own_a_title_and_a_source() -> None:
    assert len({rule.rule_id for rule in RULES}) == len(RULES)
    assert all(rule.title and rule.source for rule in RULES)


@pytest.mark.parametrize("poa", [Poa.YES, Poa.NO, Poa.UNDETERMINED])
def test_a_hospital_acquired_condition_counts_only_when_present_on_admission(poa: Poa) -> None:
    ulcer = dx("I5020", poa=Poa.YES) + dx("L89153", poa=poa, role=DiagnosisRole.SECONDARY)
    drg = coded(a_stay_of(diagnoses=ulcer)).coding.drg
    assert drg is not None
    assert drg.code == ("293" if poa is Poa.NO else "291")


def test_the_date_that_counts_for_an_inpatient_is_the_discharge() -> None:
    codes = coded(a_stay_of()).coding.codes
    assert {code.on for code in codes} == {DISCHARGED.date()}
