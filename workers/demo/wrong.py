"""The synthetic charts with something wrong: each is a good chart with one difference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from services.chart.model import DocumentKind
from workers.demo import clinic, hospital, inpatient
from workers.demo import differences as made
from workers.demo.expectation import CANCELLED, PAID, QUERY, Expectation, refused, stopped, waits
from workers.demo.facts import Case

_TABLES = (
    *(clinic.VISITS, clinic.VACCINES, clinic.INJURIES),
    *(hospital.EMERGENCIES, hospital.SURGERIES, hospital.DEPARTMENTS),
    inpatient.STAYS,
)
GOOD: dict[str, Case] = {case.name: case for table in _TABLES for case in table}


@dataclass(frozen=True, slots=True)
class Fault:
    """A chart with one difference: in the table's line, in the facts, or in the sending."""

    case: Case
    description: str
    expect: Expectation
    change: made.Change = made.as_it_is
    send: made.Sending = made.as_written


def _case(name: str, like: str, **changes: Any) -> Case:
    return replace(GOOD[like], name=name, **changes)


CODING = (
    Fault(
        _case("wrong-header-code", "inpatient-appendicitis", dx="K35.20/Y A:R10.31", via="hl7"),
        "K35.20 is only a heading; the codes below it say whether there was an abscess.",
        stopped("coding.not-billable"),
    ),
    Fault(
        _case("wrong-seventh-character", "ed-ankle-sprain", dx="S93.401 R:M25.571", via="fhir"),
        "S93.401 lacks the character that says which visit this is.",
        stopped("coding.seventh-character"),
    ),
    Fault(
        _case("wrong-excluded-pair", "clinic-asthma-review", dx="J45.909 R06.2"),
        "Wheezing may not stand beside asthma, of which it is a part.",
        stopped("coding.excludes1"),
    ),
    Fault(
        _case("wrong-external-cause-first", "ed-wrist-fracture", dx="W19.XXXA S52.531A R:M25.531"),
        "What happened stands before what was hurt.",
        stopped("coding.first-listed"),
    ),
    Fault(
        _case("wrong-principal-history", "inpatient-copd", dx="Z87.891/1 J44.1/Y", via="json"),
        "A history of smoking is no reason for a stay.",
        stopped("coding.mce-edit"),
    ),
    Fault(
        _case("wrong-date-without-edition", "clinic-thyroid", on="2026-10-12", via="json"),
        "No code edition is loaded for the date of service.",
        stopped("coding.no-edition"),
    ),
    Fault(
        _case(
            "wrong-present-on-admission-unknown",
            "inpatient-pneumonia",
            dx="J18.9/Y J96.01/U I10/Y Z87.891/1 A:R06.02",
            via="hl7",
        ),
        "The notes do not say whether the respiratory failure was there on arrival.",
        QUERY,
    ),
)

COMPLETENESS = (
    Fault(
        _case("waits-for-signature", "surgery-knee-arthroscopy"),
        "The operative note is not signed.",
        waits("completeness", "operative note"),
        change=made.unsigned(DocumentKind.OPERATIVE_NOTE),
    ),
    Fault(
        _case("waits-for-discharge-summary", "inpatient-knee-replacement"),
        "There is no discharge summary.",
        waits("completeness", "discharge summary"),
        change=made.without(DocumentKind.DISCHARGE_SUMMARY),
    ),
    Fault(
        _case("late-discharge-summary", "inpatient-leg-cellulitis"),
        "The discharge summary comes last; the chart wakes by itself.",
        PAID,
        send=made.summary_last,
    ),
    Fault(
        _case("waits-for-coverage", "clinic-low-back-pain"),
        "Nobody is known to pay.",
        waits("completeness", "coverage"),
        change=made.uncovered,
    ),
    Fault(
        _case("waits-for-zip", "clinic-new-patient-reflux"),
        "The patient's address has no ZIP code.",
        waits("completeness", "address"),
        change=made.without_zip,
    ),
    Fault(
        _case("waits-for-discharge", "inpatient-heart-failure"),
        "The patient is still in the house; charges come in day by day.",
        waits("completeness", "discharge"),
        change=made.in_house,
    ),
)

BILLING = (
    Fault(
        _case("wrong-attending-without-npi", "surgery-carpal-tunnel", via="json"),
        "The attending practitioner has only a number of the house.",
        stopped("assembly.incomplete-claim"),
        change=made.attending_without_npi,
    ),
    Fault(
        _case("wrong-unknown-payer", "clinic-depression-follow-up", via="fhir"),
        "No profile says how to bill this payer.",
        stopped("assembly.unknown-payer"),
        change=made.unknown_payer,
    ),
    Fault(
        _case("payer-rejects-member", "clinic-asthma-review"),
        "The payer does not know the member: rejected before adjudication.",
        stopped("submission.rejected-277ca"),
        change=made.member("R7"),
    ),
    Fault(
        _case("payer-denies-authorization", "ed-chest-pain"),
        "The payer adjudicates and pays nothing.",
        stopped("remittance.denied"),
        change=made.member("D1"),
    ),
    Fault(
        _case("payer-denies-necessity", "outpatient-spine-imaging"),
        "The payer holds the picture to be unnecessary.",
        stopped("remittance.denied"),
        change=made.member("D5"),
    ),
    Fault(
        _case("payer-says-nothing", "vaccine-flu-commercial"),
        "No acknowledgement comes; nothing is sent a second time.",
        waits("submission", "acknowledg"),
        change=made.member("NA"),
    ),
)

INTAKE = (
    Fault(
        _case("message-cut-off", "clinic-diabetes-check"),
        "The line broke: only the beginning of a message arrived.",
        refused("intake.unreadable-hl7"),
        send=made.truncated,
    ),
    Fault(
        _case("message-for-testing", "surgery-groin-hernia"),
        "The sender marks the message as a test.",
        refused("intake.test-message"),
        send=made.as_a_test,
    ),
    Fault(
        _case("message-id-used-twice", "clinic-knee-injection"),
        "A second message has the control id of the first and other content.",
        replace(PAID, message_code="intake.control-id-conflict"),
        send=made.conflict,
    ),
    Fault(
        _case("message-resent", "ed-migraine"),
        "Every message comes twice; nothing happens twice.",
        PAID,
        send=made.twice,
    ),
    Fault(
        _case("encounter-cancelled", "clinic-annual-wellness"),
        "Registration takes the encounter back.",
        CANCELLED,
        send=made.cancelled,
    ),
)

FAULTS = (*CODING, *COMPLETENESS, *BILLING, *INTAKE)
