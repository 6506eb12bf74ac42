"""The intake stage on the real runtime: raw bytes in, charts, duplicates and dead letters out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from messages.envelope import Fact
from messages.intake import ChartReceived, MessageStored
from messages.path import Stage
from services.adapters.store.work import UnitOfWork
from services.chart.model import Chart, DocumentStatus
from services.chart.places import Place
from services.chart.ports import Changes
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    DocumentRow,
    JournalRow,
    MessageRow,
    RawRow,
)
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from tests.unit.intake_messages import (
    PID,
    adt,
    bundle,
    dft,
    encounter,
    ft1,
    hl7,
    mdm,
    native,
    patient,
)
from workers import intake
from workers.door import Delivery, accept
from workers.runtime import Runtime

INTAKE = [Stage.INTAKE.value]


class Hospital:
    """Sends bytes through the door and runs intake on them; the other stages stand still."""

    def __init__(self) -> None:
        self.store = MemoryBackend()
        self.clock = FakeClock()
        self.ids = CountingIds()
        self.runtime = Runtime(
            self.store,
            self.clock,
            self.ids,
            {Stage.INTAKE: intake.step},
            line=None,
            random=Random(1),
            report=lambda *_, **__: None,
        )

    def send(self, content: bytes) -> RawRow:
        (receipt,) = accept(self.store, self.clock, self.ids, [Delivery(content)])
        self.run()
        return self.raw(receipt.raw_id)

    def run(self) -> None:
        now = self.clock.now_ms()
        while leased := self.store.lease(INTAKE, now, now + 60_000, 10):
            self.runtime.run(leased)

    def say_again(self, fact: Fact) -> None:
        """A person resumes what stopped."""
        work = UnitOfWork(self.store, self.clock, self.ids)
        work.begin(None, "person:x")
        work.say(fact)
        work.keep()
        work.commit()
        self.run()

    def raw(self, raw_id: str) -> RawRow:
        (row,) = self.store.select(RawRow, {"raw_id": raw_id})
        return row

    @property
    def row(self) -> ChartRow:
        (row,) = self.store.select(ChartRow, {})
        return row

    @property
    def chart(self) -> Chart:
        return Chart.model_validate_json(self.row.body)

    @property
    def due(self) -> list[str]:
        return [row.kind for row in self.store.select(MessageRow, {})]

    def notes(self, subject: str) -> list[str]:
        return [row.what for row in self.store.select(JournalRow, {"subject": subject})]

    def letter(self, raw: RawRow) -> DeadLetterRow:
        (letter,) = self.store.select(DeadLetterRow, {"subject": raw.raw_id})
        return letter

    def claim(self, state: str) -> None:
        """The chart has a claim in this state."""
        values: dict[str, Any] = dict.fromkeys(ClaimRow.__dataclass_fields__, "")
        numbers = ("sequence", "total_cents", "paid_cents", "patient_cents", "created_ms")
        values |= dict.fromkeys((*numbers, "updated_ms"), 1)
        claim = ClaimRow(
            **values | {"claim_id": state, "chart_id": self.row.chart_id, "state": state}
        )
        claim = replace(claim, billing_event=state, control_number=state)
        self.store.apply(Changes(inserts=[claim]))


@pytest.fixture
def hospital() -> Hospital:
    return Hospital()


def test_the_first_message_opens_a_chart_and_sends_it_on(hospital: Hospital) -> None:
    raw = hospital.send(adt())
    assert (raw.state, raw.chart_id) == ("filed", hospital.row.chart_id)
    assert raw.identity == "EPICISH|GEN|MSG1|ADT^A01"
    assert hospital.due == ["ChartReceived"]
    assert hospital.chart.account == "A100"
    assert hospital.chart.sources[0].raw_id == raw.raw_id


def test_later_messages_change_the_same_chart(hospital: Hospital) -> None:
    hospital.send(adt())
    hospital.send(mdm("Stable."))
    hospital.send(dft(ft1(1, "C1")))
    assert hospital.due == ["ChartChanged"]
    assert len(hospital.chart.documents) == len(hospital.chart.charges) == 1
    (text,) = hospital.store.select(DocumentRow, {})
    assert text.text == "Stable."


def test_a_signature_notice_makes_the_next_version_with_the_same_text(hospital: Hospital) -> None:
    hospital.send(mdm("Stable.", status="DO"))
    hospital.send(mdm("", event="T03", control="M2", at="20260506090000-0400"))
    (head,) = hospital.chart.documents
    assert (head.version, head.status) == (2, DocumentStatus.SIGNED)
    texts = hospital.store.select(DocumentRow, {}, order_by="version")
    assert [(row.version, row.text) for row in texts] == [(1, "Stable."), (2, "Stable.")]


def test_a_resend_is_a_duplicate_and_nothing_more(hospital: Hospital) -> None:
    first = hospital.send(adt(at="20260504141000-0400"))
    before = hospital.row
    again = hospital.send(adt(at="20260504141000-0400").replace(b"\r", b"\r\n"))
    assert (again.state, again.chart_id) == ("duplicate", first.chart_id)
    assert hospital.row == before
    assert "message.duplicate" in hospital.notes(again.raw_id)


def test_the_same_control_id_with_other_content_is_a_conflict(hospital: Hospital) -> None:
    hospital.send(adt("A08"))
    other = hospital.send(adt("A08", PID))
    letter = hospital.letter(other)
    assert (letter.code, letter.owner, letter.location) == (
        "intake.control-id-conflict",
        "ops",
        "MSH-10",
    )
    assert hospital.raw(other.raw_id).content == adt("A08", PID)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "intake.unsupported-format"),
        (b"MSH|^~\\&|A|B\rgarbage", "intake.unreadable-hl7"),
        (b'{"resourceType": "Patient"}', "intake.unreadable-fhir"),
        (b'{"schema": "chartline.chart/1"}', "intake.unreadable-json"),
        (adt(control=""), "intake.no-control-id"),
        (hl7("ADT^A01", "PID|1||M1"), "intake.no-account"),
        (adt(processing="T"), "intake.test-message"),
        (native(processing_id="D"), "intake.test-message"),
        (dft(ft1(1, "C9", f6="CR")), "intake.credit-without-charge"),
    ],
)
def test_what_cannot_be_filed_is_a_dead_letter_with_its_bytes(
    hospital: Hospital, content: bytes, code: str
) -> None:
    raw = hospital.send(content)
    letter = hospital.letter(raw)
    assert (letter.code, letter.stage) == (code, "intake")
    assert letter.sentence
    assert letter.fix
    assert hospital.raw(raw.raw_id).content == content
    assert not hospital.store.select(ChartRow, {})


def test_another_patients_message_is_not_filed_on_the_chart(hospital: Hospital) -> None:
    hospital.send(adt())
    raw = hospital.send(adt("A08", PID.replace("M100", "M200"), control="X"))
    assert hospital.letter(raw).code == "intake.patient-conflict"
    assert hospital.chart.patient.mrn == "M100"


def test_a_message_about_no_chart_is_set_aside(hospital: Hospital) -> None:
    raw = hospital.send(hl7("ADT^A28", PID))
    assert (raw.state, raw.chart_id) == ("set-aside", "")
    assert hospital.notes(raw.raw_id) == ["message.says-nothing"]
    assert not hospital.due


def test_a_message_that_says_nothing_new_is_only_noted(hospital: Hospital) -> None:
    hospital.send(adt("A01"))
    hospital.send(adt("A08", control="MSG2", at="20260504150000-0400"))
    assert hospital.due == ["ChartReceived"]
    assert "chart.unchanged" in hospital.notes(hospital.row.chart_id)
    assert [source.event for source in hospital.chart.sources] == ["ADT^A01", "ADT^A08"]


@pytest.mark.parametrize("state", ["queued", "sent", "accepted", "paid", "denied"])
def test_a_change_after_a_live_claim_does_not_start_the_line_again(
    hospital: Hospital, state: str
) -> None:
    hospital.send(adt())
    hospital.claim(state)
    before = hospital.due
    hospital.send(dft(ft1(1, "C1")))
    assert hospital.due == before
    assert hospital.chart.changed_after_claim
    assert hospital.chart.charges
    assert "chart.changed-after-claim" in hospital.notes(hospital.row.chart_id)


def test_a_change_after_a_rejected_claim_goes_on(hospital: Hospital) -> None:
    hospital.send(adt())
    hospital.claim("rejected")
    hospital.send(dft(ft1(1, "C1")))
    assert hospital.due == ["ChartChanged"]


def test_a_cancel_finishes_the_chart_and_a_later_admission_opens_it(hospital: Hospital) -> None:
    hospital.send(adt())
    hospital.send(adt("A11", control="X", at="20260504150000-0400"))
    assert (hospital.row.place, hospital.row.outcome) == (Place.FINISHED, "cancelled")
    assert hospital.due == []
    hospital.send(dft(ft1(1, "C1"), control="Y"))
    assert hospital.row.place == Place.FINISHED
    assert "chart.changed-while-cancelled" in hospital.notes(hospital.row.chart_id)
    hospital.send(adt("A01", control="Z", at="20260504160000-0400"))
    assert hospital.row.place == Place.DUE


def test_a_cancel_of_a_chart_with_a_live_claim_waits_for_a_person(hospital: Hospital) -> None:
    hospital.send(adt())
    hospital.claim("sent")
    hospital.send(adt("A11", control="X", at="20260504150000-0400"))
    assert hospital.row.place == Place.DUE
    assert hospital.chart.cancelled
    assert hospital.chart.changed_after_claim


def test_a_cancel_that_overtakes_its_admission_still_cancels(hospital: Hospital) -> None:
    hospital.send(adt("A11", control="X", at="20260504150000-0400"))
    assert (hospital.row.place, hospital.row.outcome) == (Place.FINISHED, "cancelled")
    hospital.send(adt("A01"))
    assert (hospital.row.place, hospital.due) == (Place.FINISHED, [])


def test_a_credit_is_filed_on_resume_once_its_charge_has_come(hospital: Hospital) -> None:
    credit = hospital.send(dft(ft1(1, "C1", f6="CR"), control="X", at="20260509080000-0400"))
    hospital.send(dft(ft1(1, "C1"), ft1(2, "C2")))
    letter = hospital.letter(credit)
    hospital.say_again(Fact.registry[letter.kind].model_validate_json(letter.body))
    assert [one.charge_id for one in hospital.chart.charges] == ["C2"]


def test_filing_the_same_raw_message_again_changes_nothing(hospital: Hospital) -> None:
    raw = hospital.send(adt())
    before = hospital.chart
    hospital.say_again(MessageStored(raw_id=raw.raw_id))
    assert hospital.chart == before
    assert hospital.raw(raw.raw_id).state == "filed"
    assert hospital.due == ["ChartReceived"]


def test_a_batch_is_filed_whole_or_not_at_all(hospital: Hospital) -> None:
    both = adt(control="A") + dft(ft1(1, "C1"), control="B")
    raw = hospital.send(both)
    assert raw.identity.endswith("|A|ADT^A01+1")
    assert [one.raw_id for one in hospital.chart.sources] == [raw.raw_id, f"{raw.raw_id}#2"]
    assert hospital.due == ["ChartChanged"]
    broken = hospital.send(adt(control="C") + adt(control=""))
    assert hospital.letter(broken).code == "intake.no-control-id"
    assert len(hospital.chart.sources) == 2


def test_a_bundle_of_several_encounters_opens_several_charts(hospital: Hospital) -> None:
    second = encounter(id="f", identifier=[{"value": "A200"}])
    hospital.send(bundle(patient(), encounter(), second))
    charts = hospital.store.select(ChartRow, {}, order_by="account")
    assert [row.account for row in charts] == ["A100", "A200"]
    assert hospital.due == ["ChartReceived", "ChartReceived"]


ISA = "ISA*00*{s:10}*00*{s:10}*ZZ*A{s:14}*ZZ*B{s:14}*260504*0800*^*00501*000000001*0*P*:~".format(
    s=" "
)


@pytest.mark.parametrize(
    ("body", "kind", "stage"),
    [
        ("TA1*000000001*260504*0800*A*000~", "AckReceived", "submission"),
        ("GS*FA*A*B*1*1*1*X*005010X231A1~ST*999*1~", "AckReceived", "submission"),
        ("GS*HN*A*B*1*1*1*X*005010X214~ST*277*1~", "AckReceived", "submission"),
        ("GS*HP*A*B*1*1*1*X*005010X221A1~ST*835*1~", "RemittanceReceived", "remittance"),
    ],
)
def test_answers_of_payers_go_to_their_own_stage(
    hospital: Hospital, body: str, kind: str, stage: str
) -> None:
    raw = hospital.send(f"{ISA}{body}".encode())
    (message,) = hospital.store.select(MessageRow, {})
    assert (message.kind, message.stage) == (kind, stage)
    assert json.loads(message.body) == {"raw_id": raw.raw_id}
    assert raw.state == "filed"


def test_a_claim_does_not_come_in_this_way(hospital: Hospital) -> None:
    raw = hospital.send(f"{ISA}GS*HC*A*B*1*1*1*X*005010X222A1~ST*837*1~".encode())
    assert hospital.letter(raw).code == "intake.unsupported-format"


def test_no_patient_data_is_in_the_journal_or_a_dead_letter(hospital: Hospital) -> None:
    hospital.send(adt())
    hospital.send(adt("A08", PID.replace("M100", "M200"), control="X"))
    hospital.send(adt("A08", PID.replace("19510314", "1951"), control="MSG1"))
    said = str(hospital.store.select(JournalRow, {})) + str(
        [replace(row, body="") for row in hospital.store.select(DeadLetterRow, {})]
    )
    for canary in ("Storyfield", "M100", "M200", "19510314", "1 Invented Way", "5550101"):
        assert canary not in said


def test_intake_takes_stored_messages_only(hospital: Hospital) -> None:
    work = UnitOfWork(hospital.store, hospital.clock, hospital.ids)
    steps: Iterator[Fact] = intake.step(ChartReceived(chart_id="c"), work, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        next(steps)
