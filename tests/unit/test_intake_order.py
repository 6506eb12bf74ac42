"""The order and the repetition of messages do not matter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import (
    Address,
    ChartUpdate,
    Coverage,
    DiagnosisRole,
    DocumentStatus,
    Encounter,
    EncounterClass,
    Name,
    Procedure,
)
from services.intake.reading import read
from tests.unit.intake_messages import IN1, PID, PV1_CLINIC, PV1_IN, adt, dft, ft1, hl7, mdm
from tests.unit.intake_story import Story, charge, codes, document, final, patient, says

TIMES = st.one_of(st.none(), st.integers(-3, 3))
CODES = st.lists(st.sampled_from(("I10", "E119", "R05")), unique=True, max_size=3)
EVENTS = (
    *("ADT^A01", "ADT^A03", "ADT^A08", "ADT^A11", "ADT^A13", "DFT^P03"),
    *("MDM^T02", "MDM^T10", "ORU^R01", "FHIR.Bundle", "chartline.chart"),
)
WORDS = st.sampled_from(("", "x", "y"))


@st.composite
def updates(draw: st.DrawFn) -> ChartUpdate:
    event = draw(st.sampled_from(EVENTS))
    roles = st.sampled_from(tuple(DiagnosisRole))
    statuses = st.sampled_from(tuple(DocumentStatus))
    ids = st.sampled_from(("1", "2"))
    return says(
        event,
        draw(TIMES),
        patient=draw(st.none() | st.builds(patient, phone=WORDS, sex=WORDS)),
        encounter=draw(
            st.none()
            | st.builds(
                Encounter,
                service=WORDS,
                discharge_status=WORDS,
                encounter_class=st.none() | st.sampled_from(tuple(EncounterClass)),
            )
        ),
        coverages=draw(st.none() | st.tuples(st.builds(Coverage, payer_id=WORDS)) | st.just(())),
        diagnoses=draw(st.none() | st.builds(lambda c, r: final(*c, role=r), CODES, roles)),
        procedures=draw(st.none() | st.just(()) | st.just((Procedure(code="0QS604Z"),))),
        documents=tuple(
            draw(
                st.lists(
                    st.builds(document, WORDS, statuses, document_id=ids, replaces=WORDS | ids),
                    max_size=2,
                )
            )
        ),
        charges=tuple(
            draw(st.lists(st.builds(charge, ids, diagnosis_codes=CODES.map(tuple)), max_size=2))
        ),
        credits=tuple(draw(st.lists(ids, unique=True, max_size=1))),
        cancels_encounter=event == "ADT^A11",
        cancels_discharge=event == "ADT^A13",
    )


@settings(deadline=None)
@given(st.lists(updates(), min_size=1, max_size=6))
def test_the_same_update_a_second_time_changes_nothing(given_updates: list[ChartUpdate]) -> None:
    story = Story(*given_updates)
    before = story.now
    merged = story.hear(given_updates[-1], raw_id=f"r_{len(given_updates)}")
    assert not merged.changed
    assert merged.documents == ()
    assert merged.chart == before


def independent() -> list[ChartUpdate]:
    contents = (
        adt("A01", PID, PV1_IN.split("|01|")[0], IN1, "DG1|1||R06.02^^I10|||A"),
        adt("A08", PID, "PV1|1|I||1||||||MED", IN1, at="20260504160000-0400", control="MSG2"),
        adt("A03", PID, PV1_IN, at="20260507110600-0400", control="MSG3"),
        mdm("Seen.", document_id="D1"),
        mdm("Gone home.", kind="DS", document_id="D2", written="20260507110000-0400"),
        hl7("ORU^R01", PID, "OBR|1||F1|77^Film", "OBX|1|TX|||Clear.||||||F", control="O1"),
        dft(ft1(1, "C1", f19="I50.23^^I10"), "DG1|1||I50.23^^I10|||F|||||||||1", IN1),
        dft(ft1(1, "C2", f19="E11.9^^I10"), at="20260509080000-0400", control="DFT2"),
    )
    found = [reading.update for content in contents for reading in read(content)]
    return [update for update in found if update is not None]


INDEPENDENT = independent()


@settings(deadline=None)
@given(st.permutations(range(len(INDEPENDENT))))
def test_the_order_of_independent_messages_does_not_matter(order: list[int]) -> None:
    straight, shuffled = Story(), Story()
    for number, update in enumerate(INDEPENDENT):
        straight.hear(update, raw_id=f"r_{number}")
    for number in order:
        shuffled.hear(INDEPENDENT[number], raw_id=f"r_{number}")
    assert shuffled.now.model_copy(update={"sources": ()}) == straight.now.model_copy(
        update={"sources": ()}
    )
    assert shuffled.texts == straight.texts


def test_three_messages_of_a_clinic_visit_make_one_whole_chart() -> None:
    story = Story()
    for content in (
        adt("A04", PID, PV1_CLINIC, IN1),
        mdm("Seen.", kind="CL"),
        dft(ft1(1, "C1"), "DG1|1||I10^^I10|||F|||||||||1"),
    ):
        (reading,) = read(content)
        assert reading.update is not None
        story.hear(reading.update)
    chart = story.now
    assert chart.patient.name == Name(family="Storyfield", given="Ada", middle="B")
    assert isinstance(chart.patient.address, Address)
    assert chart.encounter.encounter_class is EncounterClass.CLINIC
    assert [one.member_id for one in chart.coverages] == ["MEM1"]
    assert codes(chart) == [("I10", DiagnosisRole.PRINCIPAL)]
    assert len(chart.documents) == len(chart.charges) == 1
    assert [source.event for source in chart.sources] == ["ADT^A04", "MDM^T02", "DFT^P03"]
