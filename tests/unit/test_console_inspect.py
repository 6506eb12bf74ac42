"""`chartline inspect` and `chartline submit`: any bytes go in, none comes out as a traceback."""

from __future__ import annotations

import io
import random
import sys
from pathlib import Path

import pytest

from config.settings import Settings
from services.chart.rows import MessageRow, RawRow
from tests.unit.console_world import RAW_TEXT, World
from workers.commands import inspect as inspecting
from workers.commands.submit import _is_dead_letter, _quiet

GOLDEN = Path(__file__).parents[1] / "golden"
HL7 = (
    b"MSH|^~\\&|APP|MERCY|||20260504080000||ADT^A04^ADT_A01|MSG1|P|2.5.1\r"
    b"PID|1||MRNQ7F9^^^MERCY^MR||CANARYNAME^ZELDA||19610203|F|||1 CANARY STREET||||||||ACCTQ7F9\r"
    b"PV1|1|O|CLINIC||||1234567893^CANARYDOCTOR^ADA||||||||||||ACCTQ7F9\r"
)
CANARIES = ("CANARY", "ZELDA", "Q7F9", "19610203")


@pytest.fixture
def world(
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setenv("CHARTLINE_STORE_URL", sqlite_url)
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path))
    return World(sqlite_url, capsys)


def a_file(folder: Path, content: bytes, name: str = "one.bin") -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


def x12(*segments: str) -> bytes:
    isa = (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CHARTLINE      "
        "*260504*1200*^*00501*000000001*0*P*:~"
    )
    return (isa + "".join(f"{segment}~" for segment in segments)).encode()


def an_835(paid: str, charged: str = "100") -> bytes:
    return x12(
        "GS*HP*PAYER*CHARTLINE*20260504*1200*1*X*005010X221A1",
        "ST*835*0001",
        f"BPR*I*{paid}*C*CHK************20260504",
        "TRN*1*12345*1999999999",
        "N1*PR*PAYER ONE",
        "LX*1",
        f"CLP*ACCTQ7F9*1*{charged}*{paid}*0*12*ICN1",
        "CAS*CO*45*20",
        "NM1*QC*1*CANARY*ZELDA",
        "SE*9*0001",
        "GE*1*1",
        "IEA*1*000000001",
    )


# -- inspect ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["837p", "837i"])
def test_a_claim_file_that_the_guide_allows_has_nothing_wrong(world: World, kind: str) -> None:
    for path in GOLDEN.glob(f"{kind}-*.x12"):
        ran = world.run("inspect", str(path), "--json")
        one = ran.json["files"][0]
        assert (ran.code, one["ok"], one["format"].lower()) == (0, True, f"x12-{kind}")
        assert {"label": "guide check", "value": "passed"} in one["summary"]


def test_a_claim_file_that_lacks_a_segment_is_named_by_segment(
    world: World, tmp_path: Path
) -> None:
    text = next(iter(sorted(GOLDEN.glob("837p-clinic*.x12")))).read_bytes()
    broken = b"~".join(s for s in text.split(b"~") if not s.strip().startswith(b"PER"))
    ran = world.run("inspect", a_file(tmp_path, broken), "--json")
    assert ran.code == 1
    found = ran.json["files"][0]["findings"]
    assert any("PER" in one["message"] and one["code"].startswith("guide.") for one in found)


def test_a_remittance_that_balances_is_fine_and_one_that_does_not_is_wrong(
    world: World, tmp_path: Path
) -> None:
    assert world.run("inspect", a_file(tmp_path, an_835("80"))).code == 0
    ran = world.run("inspect", a_file(tmp_path, an_835("80", charged="101")))
    assert ran.code == 1
    assert "claim at segment 8: 101 stated, 100 summed" in ran.out


def test_an_acknowledgement_says_what_was_rejected_and_why(world: World, tmp_path: Path) -> None:
    ack = x12(
        "GS*FA*PAYER*CHARTLINE*20260504*1200*1*X*005010X231A1",
        "ST*999*0001*005010X231A1",
        "AK1*HC*7*005010X222A2",
        "AK2*837*0001*005010X222A2",
        "IK3*NM1*8*2010AA*8",
        "IK4*9*67*1",
        "IK5*R*5",
        "AK9*R*1*1*0",
        "SE*8*0001",
        "GE*1*1",
        "IEA*1*000000001",
    )
    ran = world.run("inspect", a_file(tmp_path, ack))
    assert ran.code == 0, "nothing is wrong with the answer itself"
    assert "set 0001: rejected: NM1 (segment 8, loop 2010AA): element 9 is missing" in ran.out


def test_a_claim_status_says_each_verdict_without_the_claims_number(
    world: World, tmp_path: Path
) -> None:
    status = x12(
        "GS*HN*PAYER*CHARTLINE*20260504*1200*1*X*005010X214",
        "ST*277*0001*005010X214",
        "BHT*0085*08*1*20260504*1200*TH",
        "HL*1**20*1",
        "NM1*PR*2*PAYER ONE*****PI*P1",
        "HL*2*1*PT",
        "NM1*QC*1*CANARY*ZELDA",
        "TRN*2*ACCTQ7F9",
        "STC*A7:562:85*20260504*U*100",
        "SE*9*0001",
        "GE*1*1",
        "IEA*1*000000001",
    )
    ran = world.run("inspect", a_file(tmp_path, status))
    assert ran.code == 0
    assert "rejected: A7 rejected because something is not valid" in ran.out
    assert "Q7F9" not in ran.out
    assert "ACCTQ7F9" in world.run("inspect", a_file(tmp_path, status), "--phi").out


def test_an_answer_to_an_envelope_is_read(world: World, tmp_path: Path) -> None:
    answer = x12("TA1*000000007*260504*1200*R*025", "IEA*0*000000001")
    ran = world.run("inspect", a_file(tmp_path, answer))
    assert "interchange 000000007: rejected: the control number was used before" in ran.out


def test_an_answer_that_cannot_be_read_names_segment_and_element(
    world: World, tmp_path: Path
) -> None:
    ran = world.run("inspect", a_file(tmp_path, an_835("eighty")))
    assert ran.code == 1
    assert "segment 4, BPR02: BPR02 is not an amount." in ran.out


def test_other_transactions_are_counted(world: World, tmp_path: Path) -> None:
    asked = x12(
        "GS*HS*A*B*20260504*1200*1*X*005010X279A1",
        "ST*270*0001*005010X279A1",
        "SE*2*0001",
        "GE*1*1",
        "IEA*1*000000001",
    )
    assert "transactions: 270 x 1" in world.run("inspect", a_file(tmp_path, asked)).out


def test_an_hl7_message_is_understood_without_its_patient(world: World, tmp_path: Path) -> None:
    path = a_file(tmp_path, HL7)
    ran = world.run("inspect", path)
    assert ran.code == 0
    assert "hl7v2" in ran.out
    assert "ADT^A04" in ran.out
    for canary in CANARIES:
        assert canary not in ran.out + ran.err
    shown = world.run("inspect", path, "--phi")
    assert "record number: MRNQ7F9" in shown.out


def test_a_test_message_is_a_warning_and_nothing_wrong(world: World, tmp_path: Path) -> None:
    ran = world.run("inspect", a_file(tmp_path, HL7.replace(b"|P|2.5.1", b"|T|2.5.1")), "--json")
    one = ran.json["files"][0]
    assert (ran.code, one["ok"]) == (0, True)
    found = [(finding["severity"], finding["code"]) for finding in one["findings"]]
    assert ("warning", "intake.test-message") in found


def test_a_bug_in_a_reader_is_a_finding_and_none_of_its_words_is_shown(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_content: bytes, *, phi: bool) -> None:
        raise KeyError("CANARYNAME")

    monkeypatch.setattr(inspecting, "_understand", fails)
    ran = world.run("inspect", a_file(tmp_path, HL7))
    assert ran.code == 1
    assert "line.unexpected-error" in ran.out
    assert "CANARYNAME" not in ran.out + ran.err


def test_inspecting_stores_nothing(world: World, tmp_path: Path) -> None:
    world.run("inspect", a_file(tmp_path, HL7))
    assert world.store.select(RawRow, {}) == []


def test_a_folder_is_its_files_and_a_missing_file_is_a_finding(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    (folder / ".hidden").mkdir(parents=True)
    a_file(folder, an_835("80"), "b.835")
    a_file(folder, an_835("80"), "a.835")
    a_file(folder / ".hidden", b"x", "c.835")
    ran = world.run("inspect", str(folder), str(tmp_path / "none.hl7"), "--json")
    assert ran.code == 1
    names = [Path(one["file"]).name for one in ran.json["files"]]
    assert names == ["a.835", "b.835", "none.hl7"]
    assert ran.json["files"][2]["findings"][0]["message"] == "No such file or directory."
    assert world.run("inspect").code == 2


SEEDS = [HL7, an_835("80"), b'{"schema": "chartline.chart/1", "account": "1"}', b"%PDF-1.7", b""]


@pytest.mark.parametrize("seed", range(40))
def test_no_bytes_whatsoever_end_in_a_traceback_or_show_a_patient(
    world: World, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    content = bytearray(dice.choice(SEEDS) or dice.randbytes(300))
    for _ in range(dice.randrange(1, 6)):
        match dice.randrange(4):
            case 0:
                del content[dice.randrange(len(content) + 1) :]
            case 1 if content:
                content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
            case 2:
                content[:0] = dice.choice([b"\xef\xbb\xbf", b"\x00", b"\r\n", b"\xff\xfe"])
            case _:
                content += dice.choice([b"\r\r", b"~~", b"\x0b\x1c", b"ISA*", b"MSH|"])
    ran = world.run("inspect", a_file(tmp_path, bytes(content)), "--json")
    assert ran.code in {0, 1}
    assert "Traceback" not in ran.out + ran.err
    codes = {one["code"] for one in ran.json["files"][0]["findings"]}
    assert "line.unexpected-error" not in codes
    for canary in CANARIES:
        assert canary not in ran.out


# -- submit ----------------------------------------------------------------------------------


def test_a_receipt_means_that_the_bytes_are_stored(world: World, tmp_path: Path) -> None:
    ran = world.run("submit", a_file(tmp_path, HL7), "--feed", "lab", "--json")
    assert ran.code == 0
    receipt = ran.json["receipts"][0]
    raw = world.store.select(RawRow, {"raw_id": receipt["raw_id"]})[0]
    assert (raw.content, raw.feed, raw.content_hash) == (HL7, "lab", receipt["sha256"])
    due = world.store.select(MessageRow, {"subject": receipt["raw_id"]})
    assert [message.stage for message in due] == ["intake"]


def test_without_a_line_it_says_who_will_take_them(world: World, tmp_path: Path) -> None:
    assert "`chartline up` will take them" in world.run("submit", a_file(tmp_path, HL7)).out


def test_what_cannot_be_read_fails_and_the_rest_is_stored(world: World, tmp_path: Path) -> None:
    names = (a_file(tmp_path, b"", "empty"), str(tmp_path / "none"), a_file(tmp_path, HL7))
    ran = world.run("submit", *names, "--json")
    assert ran.code == 1
    assert len(ran.json["receipts"]) == 1
    assert [Path(one["file"]).name for one in ran.json["failed"]] == ["empty", "none"]
    assert world.run("submit").code == 2


def test_an_option_that_does_not_exist_is_no_file(world: World, tmp_path: Path) -> None:
    assert world.run("submit", a_file(tmp_path, HL7), "--jsn").code == 2
    assert world.run("inspect", "--jsn").code == 2
    assert world.store.select(RawRow, {}) == []


def test_standard_input_is_a_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RAW_TEXT.encode())))
    ran = world.run("submit", "-", "--json")
    assert ran.json["receipts"][0]["bytes"] == len(RAW_TEXT)


def test_a_store_that_is_down_takes_nothing_and_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", f"sqlite:///{tmp_path}")
    ran = world.run("submit", a_file(tmp_path, HL7))
    assert ran.code == 4
    assert "stored r_" not in ran.out
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("state", "place", "stopped"),
    [
        ("filed", "waiting", False),
        ("filed", "finished", False),
        ("duplicate", "dead-letter", False),
        ("set-aside", "", False),
        ("filed", "dead-letter", True),
        ("stopped", "", True),
    ],
)
def test_what_became_a_dead_letter_did_not_go_well(
    state: str, place: str, *, stopped: bool
) -> None:
    """A duplicate changed nothing, whatever became of the first."""
    assert _is_dead_letter({"state": state, "place": place}) is stopped


@pytest.mark.parametrize(
    ("chosen", "level"), [("INFO", "WARNING"), ("debug", "WARNING"), ("ERROR", "ERROR")]
)
def test_a_line_that_runs_for_one_command_logs_warnings_at_least(chosen: str, level: str) -> None:
    assert _quiet(Settings(log_level=chosen)).log_level == level
