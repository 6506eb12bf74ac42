"""Whatever claim can be built is a file that its guide allows and that reads back as written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import (
    Accident,
    Address,
    Chart,
    DiagnosisRole,
    EncounterClass,
    Name,
    Poa,
    Practitioner,
)
from services.edi import claims, guide
from services.edi.claim import Claim
from services.edi.claim_837i import claim_segments as institutional
from services.edi.claim_837p import claim_segments as professional
from services.edi.reader import read
from services.edi.writer import COMPONENT, ELEMENT, fold
from tests.unit.assembly_charts import (
    ADMITTED,
    DAY,
    SURGEON,
    a_charge,
    a_code,
    a_coded_chart,
    a_coverage,
    a_patient,
    a_procedure,
    build_it,
)
from tests.unit.edi_claims import AT

WORDS = st.text(min_size=2, max_size=20).filter(lambda text: 2 <= len(fold(text)) <= 20)
NAMES = st.builds(
    Name,
    family=WORDS,
    given=WORDS,
    middle=st.sampled_from(["", "Q", "Ä"]),
    suffix=st.sampled_from(["", "JR"]),
)
ADDRESSES = st.builds(
    Address,
    line1=WORDS,
    line2=st.sampled_from(["", "APT 5"]),
    city=WORDS,
    state=st.sampled_from(["IL", "WI", "NY"]),
    zip=st.sampled_from(["62701", "627010001"]),
    country=st.sampled_from(["", "US", "USA"]),
)
DOCTORS = st.builds(
    Practitioner,
    npi=st.sampled_from(["1234567893", "1679523708"]),
    name=NAMES,
    taxonomy=st.sampled_from(["", "207Q00000X"]),
)
DAYS = st.integers(0, 3).map(lambda days: DAY + timedelta(days=days))
MONEY = st.decimals("0.01", "99999.99", places=2)
CHARGE_FACTS = st.fixed_dictionaries(
    {
        "code": st.sampled_from(["99213", "J1100", "36415"]),
        "revenue_code": st.sampled_from(["0300", "0450", "0636"]),
        "amount": MONEY,
        "units": st.decimals("0.5", "999", places=1),
        "on": DAYS,
        "modifiers": st.lists(st.sampled_from(["25", "59", "LT", "RT"]), max_size=4).map(tuple),
        "diagnosis_codes": st.lists(st.sampled_from(["I5023", "N1831"]), max_size=2).map(tuple),
        "rendering": st.none() | DOCTORS,
    },
    optional={
        "until": st.just(DAY + timedelta(days=4)),
        "place_of_service": st.sampled_from(["11", "22"]),
    },
)
DRUGS = st.sampled_from(
    [{}, {"ndc": "12345678901", "ndc_quantity": Decimal("2.5"), "ndc_unit": "ML"}]
)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Charts that can be billed."""
    kind = draw(st.sampled_from(list(EncounterClass)))
    facts = draw(st.lists(CHARGE_FACTS, min_size=1, max_size=6))
    charges = tuple(a_charge(n, **one, **draw(DRUGS)) for n, one in enumerate(facts))
    others = draw(st.integers(0, 11))
    codes = [a_code("I5023", DiagnosisRole.PRINCIPAL), a_code("N1831")]
    poas = st.sampled_from([Poa.YES, Poa.NO, Poa.UNDETERMINED, Poa.EXEMPT])
    codes += [a_code(f"Z{800 + n}", poa=draw(poas), rank=n + 2) for n in range(others - 1)]
    encounter: dict[str, Any] = {
        "referring": draw(st.none() | DOCTORS),
        "prior_authorization": draw(st.sampled_from(["", "PA1"])),
    }
    if draw(st.booleans()):
        kinds = st.sampled_from(["AA", "EM", "OA"])
        encounter["accident"] = Accident(kind=draw(kinds), on=draw(DAYS), state="IL")
    if kind is EncounterClass.INPATIENT:
        codes.append(a_code("R0602", DiagnosisRole.ADMITTING))
        codes += [a_procedure(f"0QS{n:02d}4Z", rank=n) for n in range(draw(st.integers(0, 14)))]
        encounter["operating"] = SURGEON
        encounter["discharged_at"] = ADMITTED + timedelta(hours=draw(st.integers(1, 90)))
    if kind is EncounterClass.EMERGENCY:
        codes += [a_code("W1830XA"), a_code("R079", DiagnosisRole.REASON_FOR_VISIT)]
    return a_coded_chart(
        kind,
        codes=tuple(codes),
        charges=charges,
        encounter=encounter,
        patient=a_patient(
            name=draw(NAMES), address=draw(ADDRESSES), sex=draw(st.sampled_from("MFU"))
        ),
        coverages=(draw(coverages()),),
    )


@st.composite
def coverages(draw: st.DrawFn) -> Any:
    """The coverage of the patient, or of somebody else for the patient."""
    relationship = draw(st.sampled_from(["self", "spouse", "child", "other"]))
    subscriber = a_patient(name=draw(NAMES)) if relationship != "self" else None
    return a_coverage(
        relationship=relationship,
        subscriber=subscriber,
        payer_id=draw(st.sampled_from(["BLUE1", "MCARE1", "MCAID1", "UNITED1"])),
        group_number=draw(st.sampled_from(["", "G1"])),
    )


def as_text(claim: Claim) -> bytes:
    return claims.write([claim], interchange_control="1", group_control="1", at=AT)


@given(charts())
@settings(deadline=None)
def test_whatever_is_built_passes_its_guide_and_adds_up(chart: Chart) -> None:
    claim = build_it(chart)
    content = as_text(claim)
    assert guide.check(content) == ()
    (clm,) = [one for one in read(content).transactions[0].segments if one.id == "CLM"]
    assert Decimal(clm[2]) == sum(charge.amount for charge in chart.charges)


@given(charts())
@settings(deadline=None)
def test_what_is_written_is_read_back_as_it_was_written(chart: Chart) -> None:
    claim = build_it(chart)
    found = read(as_text(claim))
    assert not found.problems
    segments = found.transactions[0].segments
    start = next(one.number for one in segments if one.id == "CLM") - segments[0].number
    written = professional(claim) if claim.transaction == "837P" else institutional(claim)
    again = [ELEMENT.join((one.id, *one.elements)) for one in segments[start:-1]]
    assert again == written
    assert found.delimiters.component == COMPONENT


@given(charts())
@settings(deadline=None)
def test_a_claim_survives_the_store(chart: Chart) -> None:
    claim = build_it(chart)
    assert Claim.model_validate_json(claim.model_dump_json()) == claim


@given(charts())
@settings(deadline=None)
def test_the_day_of_building_changes_no_claim(chart: Chart) -> None:
    assert build_it(chart, now=date(2026, 6, 1)) == build_it(chart)
