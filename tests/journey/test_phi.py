"""No patient data leaves the places that are made for it (design promise 5).

Charts full of canaries go through the whole line, the broken ones too; then every row ever
written, every log line, every message to the broker and every command's output is searched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, QueryRow, RawRow
from tests.journey.canaries import (
    FAMILY,
    KEYS,
    PATIENT_DATA,
    WORDS,
    Watching,
    canaries_in,
    columns,
    spilled,
    with_canaries,
)
from tests.journey.whole_line import DAY_MS, MINUTE_MS, WholeLine
from workers.boot import reporter
from workers.broker import hand_over
from workers.console import main
from workers.demo.facts import facts_of
from workers.demo.outgoing import OutgoingMessage
from workers.demo.scenarios import WRITERS
from workers.demo.wrong import FAULTS, GOOD
from workers.outbox import Outbox

FORMATS = list(WRITERS)
GOOD_ONES = (
    "clinic-diabetes-check",
    "vaccine-well-child",  # the subscriber is a parent
    "ed-wrist-fracture",
    "surgery-gallbladder",
    "outpatient-lipid-panel",
    "inpatient-hip-fracture",
)
HL7_ONLY = frozenset({"message-cut-off", "message-id-used-twice", "encounter-cancelled"})
JSON_ONLY = frozenset({"message-for-testing"})


def every_kind_of_chart(via: str) -> Iterator[tuple[str, list[OutgoingMessage]]]:
    """Reason code ("" for none) and messages of good and broken charts, all with canaries."""
    for number, name in enumerate(GOOD_ONES, start=1):
        yield "", WRITERS[via](with_canaries(facts_of(GOOD[name], number), number))
    for number, fault in enumerate(FAULTS, start=101):
        name = fault.case.name
        only = "hl7" if name in HL7_ONLY else "json" if name in JSON_ONLY else via
        facts = fault.change(with_canaries(facts_of(fault.case, number), number))
        code = fault.expect.code or fault.expect.message_code
        if only == via:
            yield code, list(fault.send(facts, WRITERS[via](facts)))


class RecordingBroker:
    """Keeps the bytes that RabbitMQ would be given."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def enqueue(self, message: Any) -> Any:
        self.bodies.append(message.encode())
        return message


def take_in(line: WholeLine, via: str) -> tuple[set[str], RecordingBroker]:
    """Every kind of chart, through the door and past a broker; the codes to expect."""
    codes = set()
    for code, messages in every_kind_of_chart(via):
        line.send(messages)
        codes.add(code)
    broker = RecordingBroker()
    outbox = Outbox(
        store=line.store,
        broker=broker,  # type: ignore[arg-type]
        clock=line.clock,
        report=reporter(),
        lease_ms=MINUTE_MS,
        batch_size=500,
        ahead=100,
        gather_ms=0,
        idle_wait_ms=1,
    )
    assert outbox.turn()
    line.store.forget_leases(line.clock.now_ms())
    line.go(10 * MINUTE_MS)
    return codes - {""}, broker


@pytest.mark.parametrize("via", FORMATS)
def test_no_canary_leaves_the_places_made_for_it(watching: Watching, via: str) -> None:
    line = watching.line
    expected, broker = take_in(line, via)
    assert expected <= {row.code for row in line.rows(DeadLetterRow)}
    line.go(6 * DAY_MS)  # what waits, or was asked, becomes a dead letter as well
    letters = {row.code for row in line.rows(DeadLetterRow)}
    assert letters >= {"query.no-answer", "submission.no-acknowledgement"}
    assert letters >= {f"completeness.missing-{what}" for what in ("document", "coverage")}
    assert line.rows(ChartRow, outcome="paid")

    assert spilled(watching.store.written) == set()
    assert watching.logged.count("message.ended") > 50
    assert canaries_in(watching.logged) == []
    assert broker.bodies
    assert canaries_in(b" ".join(broker.bodies).decode()) == []


def test_the_canaries_are_in_the_places_made_for_them(watching: Watching) -> None:
    """Otherwise the other tests could not fail."""
    take_in(watching.line, "hl7")
    found: dict[tuple[str, str], set[str]] = {}
    for name, text in columns(watching.store.written):
        found.setdefault(name, set()).update(canaries_in(text))
    written = set(WORDS) - {"1962-11-28", "11/28/1962"}
    assert found["RawRow", "content"] >= written
    assert found["ChartRow", "body"] >= written - {"19621128", "Zqnote", "6144449377"}
    assert found["DocumentRow", "text"] == {"Zqnote"}
    assert found["SubmissionRow", "content"] >= {FAMILY, "ZQMEMBER", "19621128"}
    for name in PATIENT_DATA - {("QueryRow", "question"), ("QueryRow", "answer")}:
        assert found[name], name
    for name in KEYS:
        assert found[name] == {"ZQACCOUNT"}, name


def test_every_fact_goes_to_the_broker_as_an_id(watching: Watching) -> None:
    watching.line.runtime.ahead = frozenset()  # as with one worker a stage: hop by hop
    take_in(watching.line, "json")
    rows = [row for row in watching.store.written if isinstance(row, MessageRow)]
    assert len({row.kind for row in rows}) > 8
    for row in rows:
        body = hand_over(row.stage, [row.message_id]).encode().decode()
        assert canaries_in(body) == []
        assert row.subject not in body, "not even what the fact is about"


# -- commands ---------------------------------------------------------------------------------


@dataclass
class Terminal:
    """The commands in this process, and everything that they printed."""

    capsys: pytest.CaptureFixture[str]
    codes: list[int] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def run(self, *words: str) -> str:
        self.capsys.readouterr()
        self.codes.append(main(words))
        caught = self.capsys.readouterr()
        self.printed.append(caught.out + caught.err)
        return self.printed[-1]

    def both(self, *words: str) -> None:
        """As text and as JSON."""
        self.run(*words)
        self.run(*words, "--json")


@pytest.fixture
def terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sqlite_url: str,
    tmp_path: Path,
) -> Terminal:
    monkeypatch.setenv("CHARTLINE_STORE_URL", sqlite_url)
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path))
    return Terminal(capsys)


@pytest.mark.parametrize("via", FORMATS)
def test_no_command_prints_a_canary_unless_it_is_asked_to(
    watching: Watching, terminal: Terminal, via: str, tmp_path: Path
) -> None:
    line = watching.line
    take_in(watching.line, via)
    for number, (_, messages) in enumerate(every_kind_of_chart(via)):
        for n, message in enumerate(messages):
            (tmp_path / f"{number:03d}-{n}.msg").write_bytes(message.content)
    for words in (["status"], ["doctor"], ["fsck"], ["dlq", "list"], ["query", "list"]):
        terminal.both(*words)
    for by in ("reason", "stage", "owner"):
        terminal.both("dlq", "list", "--group-by", by)
    for letter in line.rows(DeadLetterRow):
        terminal.run("dlq", "show", letter.dead_letter_id, "--attempts")
    for chart in line.rows(ChartRow):
        terminal.run("chart", "trace", chart.chart_id)
    for raw in line.rows(RawRow)[::10]:
        terminal.both("chart", "trace", raw.raw_id)
    terminal.both("inspect", str(tmp_path))
    terminal.both("submit", *map(str, sorted(tmp_path.glob("001-*.msg"))))
    assert canaries_in("\n".join(terminal.printed)) == []
    assert set(terminal.codes) <= {0, 1, 3}

    chart_id = line.rows(ChartRow, outcome="paid")[0].chart_id
    shown = terminal.run("chart", "trace", chart_id, "--phi", "--by", "auditor")
    assert {FAMILY, "ZQMRNUMBER", "ZQACCOUNT"} <= set(canaries_in(shown)), "and then it does"
    assert "chart.viewed" in terminal.run("chart", "trace", chart_id)


def test_a_correction_that_is_refused_does_not_repeat_its_value(
    watching: Watching, terminal: Terminal
) -> None:
    take_in(watching.line, "json")
    stopped = watching.line.rows(DeadLetterRow, code="coding.mce-edit")[0].dead_letter_id
    for path, value in (
        ("patient.birth_date", "1962-11-28 Zqgiven"),
        ("patient.birth_date", "1962-11-99"),
        ("patient.sex", "Zqfamily"),
        ("patient.name.family", "Zqfamily"),
        ("Zqfamily", "Zqgiven"),
        ("coverages[0].member_id", "ZQMEMBER !"),
        ("coverages[7].member_id", "ZQMEMBER1"),
        ("diagnoses[0].code", "Zqfamily"),
        ("encounter.encounter_class", "Zqfamily"),
        ("patient.address.zip", "60999x"),
    ):
        for kind in ((), ("--json",)):
            terminal.run(
                "dlq", "resume", stopped, "--reason", "r", "--set", f"{path}={value}", *kind
            )
    assert set(terminal.codes) == {6}
    assert canaries_in("\n".join(terminal.printed)) == []

    for value in ("patient.address.city=Zqtown", "coverages[0].member_id=ZQMEMBER8801"):
        done = terminal.run("dlq", "resume", stopped, "--reason", "r", "--set", value)
        assert canaries_in(done) == []
    chart_id = watching.line.one(DeadLetterRow, dead_letter_id=stopped).subject
    assert canaries_in(terminal.run("chart", "trace", chart_id)) == []


def test_a_question_and_its_answer_show_no_canary(watching: Watching, terminal: Terminal) -> None:
    take_in(watching.line, "hl7")
    query = watching.line.one(QueryRow)
    answer = ("query", "answer", query.query_id, "--by", "1234567893")
    terminal.run(*answer, "--option", "Zqfamily")
    terminal.run(*answer, "--option", "other")
    terminal.run(*answer, "--option", "other", "--text", "Zqnote: ask Zqfamily")
    terminal.run("query", "list", "--state", "answered", "--json")
    terminal.run("chart", "trace", query.chart_id, "--json")
    assert terminal.codes == [6, 6, 0, 0, 0]
    assert canaries_in("\n".join(terminal.printed)) == []
    assert spilled(watching.line.rows(QueryRow) + watching.line.rows(DeadLetterRow)) == set()
