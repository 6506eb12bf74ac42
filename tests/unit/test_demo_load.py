"""The load generator: distinct charts, the same ones for the same seed, in the promised mix."""

from __future__ import annotations

import time
from collections import Counter
from itertools import islice

from workers.demo.load import LoadedChart, charts, loaded
from workers.demo.outgoing import HL7
from workers.demo.scenarios import SCENARIOS
from workers.demo.wrong import FAULTS


def control_ids(chart: LoadedChart) -> list[bytes]:
    return [one.content.split(b"|", 10)[9] for one in chart.messages if one.content_type == HL7]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert list(charts(40, 7, faults=0.3)) == list(charts(40, 7, faults=0.3))
    assert list(charts(40, 7)) != list(charts(40, 8))


def test_accounts_and_control_ids_are_distinct_over_charts_and_seeds() -> None:
    made = [*loaded(300, 1), *loaded(300, 2)]
    assert len({one.account for one in made}) == 600
    ids = [mark for one in made for mark in control_ids(one)]
    assert ids
    assert len(set(ids)) == len(ids)


def test_no_token_of_a_template_is_left_and_every_message_names_its_own_account() -> None:
    for chart in loaded(400, 3, faults=0.3):
        for one in chart.messages:
            assert chart.account.encode() in one.content
            assert b"V2698765" not in one.content
            assert b"M108765" not in one.content


def test_no_two_charts_have_a_message_in_common() -> None:
    sent = [one.content for chart in charts(500, 4) for one in chart]
    assert len(set(sent)) == len(sent)


def test_two_in_five_charts_come_as_hl7() -> None:
    kinds = Counter(chart[0].content_type == HL7 for chart in charts(2000, 5))
    assert 0.36 < kinds[True] / 2000 < 0.44


def test_without_faults_every_chart_is_to_be_paid() -> None:
    assert {one.expect.outcome for one in loaded(500, 6)} == {"paid"}


def test_the_fraction_of_faults_is_kept_and_every_kind_with_an_account_comes() -> None:
    made = list(loaded(4000, 6, faults=0.25))
    expected = {(one.expect.outcome, one.expect.code) for one in made}
    known = {(one.expect.outcome, one.expect.code) for one in FAULTS}
    assert expected == known - {("dead-letter", "intake.unreadable-hl7")}
    unpaid = sum(one.expect.outcome != "paid" for one in made)
    assert 0.15 < unpaid / 4000 < 0.27


def test_without_a_count_it_does_not_end() -> None:
    assert len(list(islice(charts(None, 1), 1500))) == 1500


def test_a_chart_of_the_load_is_never_one_of_the_demo() -> None:
    assert {one.account for one in loaded(200, 1)}.isdisjoint(one.account for one in SCENARIOS)


def test_making_a_chart_takes_less_than_a_tenth_of_a_millisecond() -> None:
    list(charts(20, 9))
    begun = time.process_time()
    for _ in charts(3000, 9):
        pass
    assert (time.process_time() - begun) / 3000 < 0.0002, "twice the promise, for a busy machine"
