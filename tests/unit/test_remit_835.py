from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.clearinghouse.adjudication import adjudicate
from services.adapters.clearinghouse.scenarios import DEMO_SCENARIOS, PAID, Scenario
from services.adapters.clearinghouse.sent import sets_of
from services.chart.failures import Rejected
from services.edi import guide, remit_835
from services.edi.reader import read as read_x12
from services.edi.writer import Transaction, interchange
from services.remittance.balance import balance
from tests.fakes.claim_files import AT, AClaim, a_file
from tests.fakes.clearinghouse import FakeClearinghouse


def an_835(*segments: tuple[object, ...], paid: object = 80) -> bytes:
    answer = Transaction("835")
    answer.add("BPR", "I", paid, "C", "CHK", *[""] * 11, date(2026, 3, 9))  # type: ignore[arg-type]
    answer.add("TRN", "1", "CHECK77", "1123456789")
    answer.add("N1", "PR", "SOME PAYER")
    answer.add("N1", "PE", "LINE", "XX", "1679523708")
    answer.add("LX", 1)
    for one in segments:
        answer.add(*one)  # type: ignore[arg-type]
    return interchange(
        [answer],
        sender_id="PAYER",
        receiver_id="LINE01",
        functional_id="HP",
        version="005010X221A1",
        interchange_control="3",
        group_control="3",
        at=AT,
    )


CLP = ("CLP", "CN1", "1", 125, 80, 20, "12", "ICN9")
CAS = ("CAS", "CO", "45", 25)
SHARE = ("CAS", "PR", "2", 20)


def test_a_remittance_is_read_with_its_claim_and_adjustments() -> None:
    (found,) = remit_835.read(an_835(CLP, CAS, SHARE, ("MOA", "", "", "MA02")))

    assert (found.check_number, found.paid_total) == ("CHECK77", Decimal(80))
    assert (found.payer, found.payee_npi) == ("SOME PAYER", "1679523708")
    assert found.paid_on == date(2026, 3, 9)
    (claim,) = found.claims
    assert (claim.control_number, claim.status) == ("CN1", "1")
    assert (claim.charged, claim.paid, claim.patient) == (Decimal(125), Decimal(80), Decimal(20))
    assert claim.payer_control_number == "ICN9"
    told = [(one.group, one.reason, one.amount) for one in claim.adjustments]
    assert told == [("CO", "45", Decimal(25)), ("PR", "2", Decimal(20))]
    assert claim.remarks == ("MA02",)


def test_one_cas_may_hold_several_reasons() -> None:
    (found,) = remit_835.read(an_835(CLP, ("CAS", "CO", "45", 25, "", "97", 20)))

    assert [one.reason for one in found.claims[0].adjustments] == ["45", "97"]


def test_a_service_has_its_own_adjustments_remarks_and_control_number() -> None:
    content = an_835(
        CLP,
        ("SVC", ("HC", "99213"), 125, 80),
        CAS,
        SHARE,
        ("REF", "6R", "L1"),
        ("LQ", "HE", "N130"),
    )

    (service,) = remit_835.read(content)[0].claims[0].services

    assert (service.code, service.line_control, service.remarks) == ("99213", "L1", ("N130",))
    assert len(service.adjustments) == 2


def test_a_debit_is_negative() -> None:
    answer = an_835(CLP, CAS, SHARE).replace(b"*80*C*CHK", b"*80*D*CHK")

    assert remit_835.read(answer)[0].paid_total == -80


@pytest.mark.parametrize("text", ["12O", "1e5", "NaN", "1,000", "٣"])
def test_what_is_no_amount_is_refused_with_its_place(text: str) -> None:
    content = an_835(CLP, CAS, SHARE).replace(b"CLP*CN1*1*125*", f"CLP*CN1*1*{text}*".encode())

    with pytest.raises(Rejected) as refused:
        remit_835.read(content)

    assert refused.value.where == "segment 9, CLP03"


def test_two_remittances_in_one_file_are_two() -> None:
    one = an_835(CLP, CAS, SHARE)

    assert len(remit_835.read(one + one)) == 2


def test_the_second_opinion_names_rule_and_place_but_no_value() -> None:
    content = an_835(("CLP", "CN1", "1", 126, 80, 20, "12", "ICN9"), CAS, SHARE)

    opinions = remit_835.second_opinion(content)

    assert any(one.level == 3 for one in opinions)
    assert "CN1" not in repr(opinions)


# -- balance ----------------------------------------------------------------------------------


def test_a_remittance_that_adds_up_has_no_imbalance() -> None:
    (found,) = remit_835.read(an_835(CLP, ("SVC", ("HC", "99213"), 125, 80), CAS, SHARE))

    assert balance(found) == ()


def test_a_line_that_does_not_add_up_is_named() -> None:
    content = an_835(CLP, ("SVC", ("HC", "99213"), 125, 81), CAS, SHARE)

    levels = [wrong.level for wrong in balance(remit_835.read(content)[0])]

    assert levels == ["line"]


def test_a_claim_that_does_not_add_up_is_named_with_both_sums() -> None:
    (wrong,) = balance(remit_835.read(an_835(CLP, CAS))[0])

    assert (wrong.level, wrong.stated, wrong.summed) == ("claim", Decimal(125), Decimal(105))
    assert wrong.words == "claim at segment 9: 125 stated, 105 summed"


def test_claim_and_line_adjustments_count_together() -> None:
    content = an_835(CLP, CAS, ("SVC", ("HC", "99213"), 125, 105), SHARE)

    assert balance(remit_835.read(content)[0]) == ()


def test_a_check_that_is_not_the_sum_of_its_claims_is_named() -> None:
    (wrong,) = balance(remit_835.read(an_835(CLP, CAS, SHARE, paid=81))[0])

    assert wrong.level == "check"


def test_a_provider_adjustment_lowers_the_check() -> None:
    plb = ("PLB", "1679523708", "20261231", ("WO", "OLD1"), 30, ("L6", ""), -5)

    (found,) = remit_835.read(an_835(CLP, CAS, SHARE, plb, paid=55))

    assert [one.reason for one in found.provider_adjustments] == ["WO", "L6"]
    assert balance(found) == ()


def test_a_check_below_zero_does_not_balance() -> None:
    plb = ("PLB", "1679523708", "20261231", ("WO", "OLD1"), 90)

    (found,) = remit_835.read(an_835(CLP, CAS, SHARE, plb, paid=-10))

    assert [wrong.level for wrong in balance(found)] == ["check"]


def test_a_reversal_and_its_correction_balance() -> None:
    content = an_835(
        ("CLP", "CN1", "22", -125, -80, "", "12", "ICN9"),
        ("CAS", "CO", "45", -45),
        ("CLP", "CN1", "1", 125, 100, "", "12", "ICN9"),
        ("CAS", "CO", "45", 25),
        paid=20,
    )

    assert balance(remit_835.read(content)[0]) == ()


# -- what the simulator writes ------------------------------------------------------------------

AMOUNTS = st.integers(0, 10_000_000).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
SUFFIXES = st.sampled_from(["", *(one.member_suffix for one in DEMO_SCENARIOS)])
CLAIMS = st.builds(
    AClaim,
    control_number=st.text("ABCDEFGHJK0123456789", min_size=1, max_size=20),
    member=SUFFIXES.map(lambda suffix: "W1002" + suffix),
    lines=st.lists(
        st.tuples(st.sampled_from(["99213", "90662"]), AMOUNTS), min_size=1, max_size=6
    ).map(tuple),
    facility=st.sampled_from(["11", "13", "22"]),
    payer=st.sampled_from(["60054", "BLUE1"]),
)


@settings(max_examples=60, deadline=None)
@given(claims=st.lists(CLAIMS, min_size=1, max_size=6), institutional=st.booleans())
def test_every_remittance_of_the_simulator_balances(
    claims: list[AClaim],
    institutional: bool,  # noqa: FBT001 - hypothesis hands it in
) -> None:
    payer = FakeClearinghouse(
        scenarios=[one for one in DEMO_SCENARIOS if one.member_suffix != "N8"]
    )
    payer.send("a", a_file(*claims, institutional=institutional))

    for file in payer.collect():
        for remittance in remit_835.read(file.content):
            assert balance(remittance) == ()
            assert not [one for one in remit_835.second_opinion(file.content) if one.level == 3]


@settings(max_examples=60, deadline=None)
@given(
    claim=CLAIMS, allowed=st.integers(0, 100), patient=st.integers(0, 100), wrong=st.integers(0, 99)
)
def test_adjudication_adds_up_to_the_cent(
    claim: AClaim, allowed: int, patient: int, wrong: int
) -> None:
    (sent,) = sets_of(read_x12(a_file(claim)))[0].claims
    scenario = Scenario(
        "any", allowed_percent=allowed, patient_percent=patient, misread_percent=wrong
    )

    decided = adjudicate(sent, scenario, "S1")

    told = decided.adjustments + tuple(one for line in decided.lines for one in line.adjustments)
    assert decided.charged == decided.paid + sum(amount for _, _, amount in told)
    assert decided.patient == sum(amount for group, _, amount in told if group == "PR")
    assert all(
        line.charged == line.paid + sum(a for *_, a in line.adjustments) for line in decided.lines
    )


def test_the_same_claim_is_always_paid_the_same_way() -> None:
    (sent,) = sets_of(read_x12(a_file()))[0].claims

    assert adjudicate(sent, PAID, "S1") == adjudicate(sent, PAID, "S1")


def test_the_835_of_the_simulator_passes_the_guide() -> None:
    payer = FakeClearinghouse()
    payer.send("a", a_file(AClaim("C1"), AClaim("C2", member="XD1"), AClaim("C3", member="XU1")))

    (content,) = [file.content for file in payer.collect() if file.name.endswith(".835")]

    assert guide.check(content) == ()
    assert remit_835.second_opinion(content) == ()
