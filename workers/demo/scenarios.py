"""The synthetic charts of `make demo`, and what must become of each.

All codes of the good charts are billable on their dates; all patients, practitioners and payers are
invented. A waiting chart names what it waits for. This table is complete and true, by test.

    chart                               via  class      payer   must become
    clinic-diabetes-check               hl7  clinic     MCARE1  paid
    clinic-strep-throat                 fhir clinic     MCAID1  paid
    clinic-asthma-review                json clinic     BLUE1   paid
    clinic-new-patient-reflux           hl7  clinic     UNITED1 paid
    clinic-low-back-pain                fhir clinic     BLUE1   paid
    clinic-depression-follow-up         json clinic     UNITED1 paid
    clinic-annual-wellness              hl7  clinic     MCARE1  paid
    clinic-thyroid                      fhir clinic     UNITED1 paid
    clinic-knee-injection               hl7  clinic     MCARE1  paid
    clinic-prenatal-visit               json clinic     MCAID1  paid
    clinic-actinic-keratosis            hl7  clinic     MCARE1  paid
    vaccine-flu-medicare                hl7  clinic     MCARE1  paid
    vaccine-flu-commercial              fhir clinic     BLUE1   paid
    vaccine-well-child                  json clinic     MCAID1  paid
    vaccine-tetanus                     hl7  clinic     UNITED1 paid
    vaccine-pneumococcal-medicare       fhir clinic     MCARE1  paid
    injury-back-strain-at-work          hl7  clinic     WCOMP1  paid
    injury-eye-at-work                  json clinic     WCOMP1  paid
    injury-neck-after-crash             fhir clinic     BLUE1   paid
    ed-chest-pain                       hl7  emergency  MCARE1  paid
    ed-asthma-child                     fhir emergency  MCAID1  paid
    ed-ankle-sprain                     json emergency  UNITED1 paid
    ed-wrist-fracture                   hl7  emergency  MCARE1  paid
    ed-hand-laceration-at-work          hl7  emergency  WCOMP1  paid
    ed-kidney-stone                     fhir emergency  BLUE1   paid
    ed-ear-infection                    json emergency  MCAID1  paid
    ed-migraine                         hl7  emergency  UNITED1 paid
    ed-bladder-infection                hl7  emergency  MCARE1  paid
    surgery-cataract                    hl7  surgery    MCARE1  paid
    surgery-gallbladder                 fhir surgery    BLUE1   paid
    surgery-groin-hernia                json surgery    UNITED1 paid
    surgery-knee-arthroscopy            hl7  surgery    BLUE1   paid
    surgery-carpal-tunnel               fhir surgery    MCARE1  paid
    surgery-tonsils                     json surgery    MCAID1  paid
    surgery-colonoscopy-polyp           hl7  surgery    UNITED1 paid
    outpatient-lipid-panel              hl7  outpatient BLUE1   paid
    outpatient-spine-imaging            fhir outpatient UNITED1 paid
    outpatient-iron-infusion            json outpatient MCARE1  paid
    inpatient-heart-failure             hl7  inpatient  MCARE1  paid
    inpatient-pneumonia                 fhir inpatient  MCARE1  paid
    inpatient-hip-fracture              hl7  inpatient  MCARE1  paid
    inpatient-knee-replacement          json inpatient  BLUE1   paid
    inpatient-delivery                  hl7  inpatient  MCAID1  paid
    inpatient-newborn                   hl7  inpatient  MCAID1  paid
    inpatient-sepsis                    fhir inpatient  MCARE1  paid
    inpatient-copd                      hl7  inpatient  MCAID1  paid
    inpatient-appendicitis              json inpatient  UNITED1 paid
    inpatient-stroke                    hl7  inpatient  MCARE1  paid
    inpatient-heart-attack-stent        fhir inpatient  BLUE1   paid
    inpatient-leg-cellulitis            hl7  inpatient  UNITED1 paid
    wrong-header-code                   hl7  inpatient  UNITED1 coding.not-billable
    wrong-seventh-character             fhir emergency  UNITED1 coding.seventh-character
    wrong-excluded-pair                 json clinic     BLUE1   coding.excludes1
    wrong-external-cause-first          hl7  emergency  MCARE1  coding.first-listed
    wrong-principal-history             json inpatient  MCAID1  coding.mce-edit
    wrong-date-without-edition          json clinic     UNITED1 coding.no-edition
    wrong-present-on-admission-unknown  hl7  inpatient  MCARE1  query
    waits-for-signature                 hl7  surgery    BLUE1   waiting for operative note
    waits-for-discharge-summary         json inpatient  BLUE1   waiting for discharge summary
    late-discharge-summary              hl7  inpatient  UNITED1 paid
    waits-for-coverage                  fhir clinic     BLUE1   waiting for coverage
    waits-for-zip                       hl7  clinic     UNITED1 waiting for address
    waits-for-discharge                 hl7  inpatient  MCARE1  waiting for discharge
    wrong-attending-without-npi         json surgery    MCARE1  assembly.incomplete-claim
    wrong-unknown-payer                 fhir clinic     UNITED1 assembly.unknown-payer
    payer-rejects-member                json clinic     BLUE1   submission.rejected-277ca
    payer-denies-authorization          hl7  emergency  MCARE1  remittance.denied
    payer-denies-necessity              fhir outpatient UNITED1 remittance.denied
    payer-says-nothing                  fhir clinic     BLUE1   waiting for acknowledg
    message-cut-off                     hl7  clinic     MCARE1  intake.unreadable-hl7
    message-for-testing                 json surgery    UNITED1 intake.test-message
    message-id-used-twice               hl7  clinic     MCARE1  paid, and intake.control-id-conflict
    message-resent                      hl7  emergency  UNITED1 paid
    encounter-cancelled                 hl7  clinic     MCARE1  cancelled
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.demo import differences as made
from workers.demo import fhir_writer, hl7_writer, json_writer
from workers.demo.expectation import PAID, Expectation
from workers.demo.facts import Case, ChartFacts, account_of, facts_of
from workers.demo.outgoing import OutgoingMessage
from workers.demo.wrong import FAULTS, GOOD, Fault

WRITERS = {
    "hl7": hl7_writer.messages_of,
    "fhir": fhir_writer.messages_of,
    "json": json_writer.messages_of,
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One synthetic chart, how it is sent, and where it must end."""

    number: int  # 1-based; makes person, account and control ids distinct
    case: Case
    description: str
    expect: Expectation
    change: made.Change = made.as_it_is
    send: made.Sending = made.as_written

    @property
    def name(self) -> str:
        """The name of the scenario, unique."""
        return self.case.name

    @property
    def facility(self) -> str:
        """The facility whose account number the chart has."""
        return self.case.facility

    @property
    def account(self) -> str:
        """The account number, unique within the facility."""
        return account_of(self.number)

    def facts(self) -> ChartFacts:
        """What the sender knows."""
        return self.change(facts_of(self.case, self.number))

    def messages(self) -> Sequence[OutgoingMessage]:
        """What the sender sends, in its order."""
        facts = self.facts()
        return self.send(facts, WRITERS[self.case.via](facts))


def _good(number: int, case: Case) -> Scenario:
    return Scenario(number, case, case.text.partition(" | ")[2], PAID)


def _faulty(number: int, fault: Fault) -> Scenario:
    return Scenario(number, fault.case, fault.description, fault.expect, fault.change, fault.send)


SCENARIOS: tuple[Scenario, ...] = (
    *(_good(number, case) for number, case in enumerate(GOOD.values(), start=1)),
    *(_faulty(number, fault) for number, fault in enumerate(FAULTS, start=len(GOOD) + 1)),
)
