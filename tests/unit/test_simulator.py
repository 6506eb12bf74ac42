from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from decimal import Decimal
from pathlib import Path

import pytest

from services.adapters.clearinghouse.scenarios import Answer, Scenario
from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.edi import ack_999, ack_ta1, remit_835, status_277ca
from services.edi.status_277ca import Verdict
from services.submission.failures import ClearinghouseSilent
from tests.fakes.claim_files import AClaim, a_file
from tests.fakes.clock import FakeClock


def a_payer(folder: Path, **changes: object) -> SimulatedClearinghouse:
    clock = FakeClock()
    return SimulatedClearinghouse(folder / "payer.sqlite", clock=clock, **changes)  # type: ignore[arg-type]


def answers(payer: SimulatedClearinghouse, ending: str) -> list[bytes]:
    return [file.content for file in payer.collect() if file.name.endswith(ending)]


def statuses(payer: SimulatedClearinghouse) -> dict[str, Verdict]:
    return {
        claim.control_number: claim.verdict
        for content in answers(payer, ".277")
        for ack in status_277ca.read(content)
        for claim in ack.claims
    }


def test_a_plain_claim_is_accepted_with_a_number_of_the_payer_and_paid(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1")))

    (ack,) = status_277ca.read(answers(payer, ".277")[0])
    (remittance,) = remit_835.read(answers(payer, ".835")[0])

    assert ack.claims[0].verdict is Verdict.ACCEPTED
    assert ack.claims[0].payer_control_number
    (paid,) = remittance.claims
    assert (paid.control_number, paid.status) == ("C1", "1")
    assert paid.paid > 0
    assert paid.payer_control_number == ack.claims[0].payer_control_number


def test_an_unknown_member_is_rejected_and_never_adjudicated(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1", member="W1R7")))

    assert statuses(payer) == {"C1": Verdict.REJECTED}
    assert answers(payer, ".835") == []


def test_a_silent_claim_has_neither_status_nor_payment(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1", member="W1NA"), AClaim("C2")))

    assert statuses(payer) == {"C2": Verdict.ACCEPTED}
    (remittance,) = remit_835.read(answers(payer, ".835")[0])
    assert [claim.control_number for claim in remittance.claims] == ["C2"]


def test_a_denied_claim_is_accepted_first_and_denied_in_the_835(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1", member="W1D1")))

    assert statuses(payer) == {"C1": Verdict.ACCEPTED}
    (claim,) = remit_835.read(answers(payer, ".835")[0])[0].claims
    assert (claim.status, claim.paid) == ("4", Decimal(0))
    assert [one.reason for one in claim.adjustments] == ["197"]


def test_a_misread_charge_is_lower_than_the_claims(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    sent = AClaim("C1", member="W1U1")
    payer.send("a", a_file(sent))

    (claim,) = remit_835.read(answers(payer, ".835")[0])[0].claims

    assert claim.charged < sent.total


def test_a_refused_set_is_refused_in_the_999_with_its_segment(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), AClaim("C2", member="W1N8")))

    (ack,) = ack_999.read(answers(payer, ".999")[0])

    assert not ack.accepts("0001")
    assert "NM1 (segment 26" in ack.words("0001")
    assert answers(payer, ".277") == answers(payer, ".835") == []


def test_each_payer_and_provider_gets_an_835_of_its_own(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), AClaim("C2", npi="1234567893"), AClaim("C3", payer="P2")))

    remittances = [remit_835.read(content)[0] for content in answers(payer, ".835")]

    assert sorted(len(one.claims) for one in remittances) == [1, 1, 1]
    assert len({one.check_number for one in remittances}) == 3


def test_an_interchange_with_a_wrong_trailer_is_refused_by_the_ta1_alone(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file().replace(b"IEA*1*", b"IEA*2*"))

    (file,) = payer.collect()

    (ta1,) = ack_ta1.read(file.content)
    assert (ta1.accepted, ta1.note) == (False, "022")
    assert payer.originals() == {}


def test_the_same_interchange_number_in_another_file_is_a_duplicate(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), control=5))
    payer.send("b", a_file(AClaim("C2"), control=5))

    ta1s = [ack_ta1.read(content)[0] for content in answers(payer, ".ta1")]

    assert [one.note for one in ta1s] == ["000", "025"]
    assert len(payer.originals()) == 1


def test_a_line_that_asks_for_no_ta1_gets_none_when_told_so(tmp_path: Path) -> None:
    payer = a_payer(tmp_path, always_ta1=False)
    payer.send("a", a_file())

    assert answers(payer, ".ta1") == []


def test_a_table_of_ones_own_decides_what_happens(tmp_path: Path) -> None:
    grumpy = Scenario("all", "3", Answer.REJECTED, ("A8", "187", ""))
    payer = a_payer(tmp_path, scenarios=(grumpy,))
    payer.send("a", a_file(AClaim("C1", member="W3"), AClaim("C2", member="W4R7")))

    assert statuses(payer) == {"C1": Verdict.REJECTED, "C2": Verdict.ACCEPTED}


def test_a_test_interchange_is_answered_as_a_test(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(usage="T"))

    assert all(b"*T*:~" in file.content for file in payer.collect())


# -- counting ----------------------------------------------------------------------------------


def test_each_event_is_counted_once_however_often_its_file_is_sent(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    for _ in range(3):
        payer.send("a", a_file(AClaim("C1"), AClaim("C2", member="OTHER")))

    assert list(payer.originals().values()) == [1, 1]
    assert payer.double_billed() == []


def test_a_second_original_under_another_number_is_found(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), control=1))
    payer.send("b", a_file(AClaim("C2"), control=2))

    (double,) = payer.double_billed()

    assert double.control_numbers == ("C1", "C2")


def test_the_same_claim_in_two_files_is_billed_twice(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), control=1))
    payer.send("b", a_file(AClaim("C1"), control=2))

    assert len(payer.double_billed()) == 1


def test_a_replacement_is_no_second_original(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1"), control=1))
    payer.send("b", a_file(AClaim("C2", frequency="7"), control=2))

    assert payer.double_billed() == []


def test_a_rejected_claim_may_come_again_as_an_original(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1", member="W1R7"), control=1))
    payer.send("b", a_file(AClaim("C2", member="W1N8"), control=2))

    assert payer.originals() == {}


def test_an_event_is_a_digest_without_the_members_number(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    payer.send("a", a_file(AClaim("C1", member="CANARY77")))

    assert "CANARY77" not in repr(payer.originals())


# -- the file ----------------------------------------------------------------------------------


def test_what_was_received_survives_the_process(tmp_path: Path) -> None:
    first = a_payer(tmp_path)
    first.send("a", a_file())
    waiting = [file.name for file in first.collect()]
    first.close()

    again = a_payer(tmp_path)

    assert [file.name for file in again.collect()] == waiting
    again.send("a", a_file())
    assert list(again.originals().values()) == [1]


def test_mailboxes_in_one_file_do_not_see_each_others_answers(tmp_path: Path) -> None:
    here = a_payer(tmp_path, mailbox="here")
    there = a_payer(tmp_path, mailbox="there")
    here.send("a", a_file())

    assert there.collect() == []
    there.confirm([file.name for file in here.collect()])
    assert here.collect()


def _send_forever(path: Path, first: int, step: int) -> None:
    payer = SimulatedClearinghouse(path)
    for number in range(first, 10_000, step):
        claim = AClaim(f"C{number}", member=f"M{number}")
        payer.send(f"file-{number}", a_file(claim, control=number))


def test_a_killed_process_leaves_whole_files_only_and_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "payer.sqlite"
    context = multiprocessing.get_context("spawn")
    senders = [context.Process(target=_send_forever, args=(path, n, 2)) for n in (1, 2)]
    for sender in senders:
        sender.start()
    payer = SimulatedClearinghouse(path)
    until = time.monotonic() + 30
    while len(payer.originals()) < 40 and time.monotonic() < until:
        time.sleep(0.02)
    for sender in senders:
        assert sender.pid is not None
        os.kill(sender.pid, signal.SIGKILL)
        sender.join()

    received = payer.originals()

    assert len(received) >= 40
    assert set(received.values()) == {1}
    with sqlite3.connect(path) as raw:
        (files,) = raw.execute("SELECT count(*) FROM files").fetchone()
        (acks,) = raw.execute("SELECT count(*) FROM answers WHERE name LIKE '%.277'").fetchone()
    raw.close()
    assert files == acks == len(received)
    payer.send("file-of-the-survivor", a_file(AClaim("LAST"), control=999_999))
    payer.close()


def test_a_file_that_cannot_be_had_is_no_answer(tmp_path: Path) -> None:
    payer = a_payer(tmp_path)
    with sqlite3.connect(tmp_path / "payer.sqlite") as raw:
        raw.execute("DROP TABLE files")
    raw.close()

    with pytest.raises(ClearinghouseSilent):
        payer.send("a", a_file())

    payer.close()
