"""Building a claim from a coded chart; refusing with every missing element named.

Nothing is guessed: what the chart, the payer's and the facility's profile do not say is a gap, and
a claim with a gap is not built (design promise 8). Rules are those of the TR3 guides 005010X222A1
and X223A2 that the guide check cannot see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.assembly import diagnoses, lines
from services.assembly.failures import TransactionNotTaken, UnknownFacility, UnknownPayer
from services.assembly.gaps import Gaps
from services.assembly.people import insured, provider
from services.assembly.profiles import Facility, PayerProfile
from services.assembly.stays import stay_of
from services.chart.model import Accident, Chart, Coverage, EncounterClass, Practitioner
from services.edi.claim import Claim, ClaimAccident, Payer, TransactionKind

ACCIDENTS = ("AA", "EM", "OA")
ACCIDENT_PAYERS = ("WC", "AM")  # workers' compensation and automobile medical


@dataclass(frozen=True, slots=True)
class _Case:
    """One chart on its way to a claim."""

    chart: Chart
    facility: Facility
    control_number: str
    now: date
    gaps: Gaps


def transaction_of(chart: Chart) -> TransactionKind:
    """837P for clinic visits, 837I for everything that the facility bills.

    Raises:
        IncompleteClaim: the class of the encounter is not known.
    """
    kind = chart.encounter.encounter_class
    if kind is None:
        gaps = Gaps()
        gaps.add("encounter.encounter_class", "the class of the encounter is missing")
        gaps.refuse()
    return "837P" if kind is EncounterClass.CLINIC else "837I"


def billing_event(chart: Chart) -> str:
    """What may be billed once: facility, account and transaction.

    Raises:
        IncompleteClaim: the class of the encounter is not known.
    """
    return f"{chart.facility}|{chart.account}|{transaction_of(chart)}"


def build(
    chart: Chart,
    *,
    payers: Mapping[str, PayerProfile],
    facilities: Mapping[str, Facility],
    control_number: str,
    now: date,
) -> Claim:
    """The claim of a coded chart to its primary payer.

    Shape: `control_number` becomes CLM01, at most twenty characters, unique for ever; `now` is
    today. The same arguments give the same claim.

    Raises:
        IncompleteClaim: something is missing; all of it is named, with the field of the chart.
        UnknownPayer, TransactionNotTaken, UnknownFacility: a profile is missing or does not fit.
        UnsupportedCodeSet, TooManyDiagnoses, TooManyLines: cannot be billed this way.
    """
    transaction = transaction_of(chart)
    facility = _facility(chart, facilities, transaction)
    diagnoses.check_code_set(chart, _last_day(chart))
    gaps = Gaps()
    case = _Case(chart, facility, control_number, now, gaps)
    gaps.unless(chart.coding, "coding", "the chart is not coded")
    gaps.unless(not chart.cancelled, "cancelled", "the encounter was cancelled")
    gaps.unless(chart.charges, "charges", "there are no charges")
    parts = _professional(case) if transaction == "837P" else _institutional(case)
    parts |= _parties(case, payers, transaction)
    total = sum((line.charge for line in parts["lines"]), Decimal(0))
    gaps.unless(total > 0 or not chart.charges, "charges", "the charges add up to nothing")
    gaps.refuse()
    return Claim(
        transaction=transaction,
        control_number=control_number,
        total=total,
        submitter=facility.submitter,
        billing=facility.billing,
        medical_record=chart.patient.mrn,
        prior_authorization=chart.encounter.prior_authorization,
        **parts,
    )


def _facility(
    chart: Chart, facilities: Mapping[str, Facility], transaction: TransactionKind
) -> Facility:
    facility = facilities.get(chart.facility)
    if facility is None:
        raise UnknownFacility("The chart's facility has no profile.", where="facility")
    kind = chart.encounter.encounter_class
    if transaction == "837I" and kind not in facility.type_of_bill:
        raise UnknownFacility(
            f"The facility's profile has no type of bill for {kind} encounters.",
            where="encounter.encounter_class",
        )
    return facility


def _last_day(chart: Chart) -> date | None:
    """The day that decides on the code set: discharge, else the last service, else admission."""
    encounter = chart.encounter
    if encounter.discharged_at:
        return encounter.discharged_at.date()
    days = [charge.until or charge.on for charge in chart.charges]
    known = [day for day in days if day]
    if known:
        return max(known)
    return encounter.admitted_at.date() if encounter.admitted_at else None


def _parties(
    case: _Case, payers: Mapping[str, PayerProfile], transaction: TransactionKind
) -> dict[str, Any]:
    """Payer, subscriber, patient and accident."""
    chart, gaps = case.chart, case.gaps
    ranked = sorted(enumerate(chart.coverages), key=lambda one: one[1].rank)
    if not ranked:
        gaps.add("coverages", "there is no coverage")
        gaps.refuse()
    position, coverage = ranked[0]
    path = f"coverages[{position}]"
    profile = _payer(coverage, payers, transaction, path)
    subscriber, dependent = insured(chart, coverage, path, gaps)
    filing_code = profile.filing_code(transaction)
    return {
        "payer": Payer(payer_id=profile.payer_id, name=profile.name, filing_code=filing_code),
        "subscriber": subscriber,
        "dependent": dependent,
        "accident": _accident(chart.encounter.accident, filing_code, gaps),
    }


def _payer(
    coverage: Coverage,
    payers: Mapping[str, PayerProfile],
    transaction: TransactionKind,
    path: str,
) -> PayerProfile:
    profile = payers.get(coverage.payer_id)
    if profile is None:
        raise UnknownPayer("The primary coverage's payer has no profile.", where=f"{path}.payer_id")
    if transaction not in profile.transactions:
        words = f"Payer {profile.payer_id} does not take the {transaction}."
        raise TransactionNotTaken(words, where=f"{path}.payer_id")
    return profile


def _accident(accident: Accident | None, filing_code: str, gaps: Gaps) -> ClaimAccident | None:
    """An accident has a cause and a date; an automobile accident a state."""
    path = "encounter.accident"
    if accident is None:
        wanted = filing_code in ACCIDENT_PAYERS
        gaps.unless(not wanted, path, "this payer needs to know of the accident")
        return None
    gaps.unless(accident.kind in ACCIDENTS, f"{path}.kind", "the cause is not AA, EM or OA")
    gaps.unless(accident.on, f"{path}.on", "the accident has no date")
    placed = accident.kind != "AA" or accident.state
    gaps.unless(placed, f"{path}.state", "the automobile accident has no state")
    if accident.on is None:
        return None
    state = accident.state if accident.kind == "AA" else ""
    return ClaimAccident(kind=accident.kind, on=accident.on, state=state)


def _professional(case: _Case) -> dict[str, Any]:
    """The parts that an 837P has."""
    chart, gaps, encounter = case.chart, case.gaps, case.chart.encounter
    setting = encounter.place_of_service or case.facility.place_of_service
    gaps.unless(setting, "encounter.place_of_service", "the place of service is missing")
    path, who = _rendering(chart)
    gaps.unless(who, path, "the rendering practitioner is missing")
    rendering = provider(who, path, "the rendering practitioner", gaps)
    found = diagnoses.professional(chart, gaps)
    codes = [one.code for one in found]
    return {
        "setting": setting,
        "diagnoses": found,
        "rendering": rendering,
        "referring": provider(
            encounter.referring, "encounter.referring", "the referring practitioner", gaps
        ),
        "lines": lines.professional(
            chart, codes, setting, rendering, case.control_number, case.now, gaps
        ),
    }


def _rendering(chart: Chart) -> tuple[str, Practitioner | None]:
    """Who treated: the encounter's practitioner, else its attending, else that of a charge."""
    encounter = chart.encounter
    found = [
        ("encounter.rendering", encounter.rendering),
        ("encounter.attending", encounter.attending),
    ]
    found += [(f"charges[{n}].rendering", one.rendering) for n, one in enumerate(chart.charges)]
    return next(((path, who) for path, who in found if who), found[0])


def _institutional(case: _Case) -> dict[str, Any]:
    """The parts that an 837I has."""
    chart, gaps, encounter = case.chart, case.gaps, case.chart.encounter
    kind = encounter.encounter_class
    inpatient = kind is EncounterClass.INPATIENT
    stay = stay_of(chart, case.now, gaps, inpatient=inpatient)
    first = encounter.admitted_at.date() if encounter.admitted_at else None
    last = encounter.discharged_at.date() if encounter.discharged_at else None
    done = diagnoses.procedures(chart, first, last, gaps) if inpatient else ()
    attending, operating = encounter.attending, encounter.operating
    gaps.unless(attending, "encounter.attending", "the attending practitioner is missing")
    surgeon = operating or not done
    gaps.unless(surgeon, "encounter.operating", "the operating practitioner is missing")
    referring = "the referring practitioner"
    return {
        "setting": case.facility.type_of_bill[kind] if kind else "",
        "diagnoses": diagnoses.institutional(chart, gaps, inpatient=inpatient),
        "procedures": done,
        "stay": stay,
        "attending": provider(attending, "encounter.attending", "the attending practitioner", gaps),
        "operating": provider(operating, "encounter.operating", "the operating practitioner", gaps),
        "referring": provider(encounter.referring, "encounter.referring", referring, gaps),
        "lines": lines.institutional(
            chart, case.control_number, case.now, gaps, inpatient=inpatient
        ),
    }
