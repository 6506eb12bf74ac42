"""Claims as X12: golden files, and what the segments say."""

from __future__ import annotations

import pytest

from services.edi import claim_837i, claims, guide
from services.edi.reader import Segment, read
from tests.unit.edi_claims import (
    AT,
    a_claim,
    a_dependent,
    a_file,
    a_line,
    an_inpatient_claim,
)
from tests.unit.golden_claims import FILES, GOLDEN, clinic_visit, stay_with_surgery


def segments(content: bytes, *starts: str) -> list[Segment]:
    return [
        one
        for one in read(content).transactions[0].segments
        if f"{one.id}*{one[1]}".startswith(starts)
    ]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_golden_claim_is_written_byte_for_byte(name: str) -> None:
    assert a_file(*FILES[name]) == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_golden_file_passes_its_guide(name: str) -> None:
    assert guide.check((GOLDEN / name).read_bytes()) == ()


def test_levels_are_numbered_over_the_whole_batch_and_point_to_their_parents() -> None:
    child = a_claim(**a_dependent())
    levels = segments(a_file(a_claim(), child, a_claim()), "HL")
    assert [(one[1], one[2], one[3], one[4]) for one in levels] == [
        ("1", "", "20", "1"),
        ("2", "1", "22", "0"),
        ("3", "1", "22", "1"),
        ("4", "3", "23", "0"),
        ("5", "1", "22", "0"),
    ]


def test_claims_of_two_billing_providers_stand_under_two_levels() -> None:
    other = a_claim().billing.model_copy(update={"npi": "2990000202"})
    content = a_file(a_claim(), a_claim(billing=other))
    levels = segments(content, "HL")
    assert [(one[2], one[3]) for one in levels] == [
        ("", "20"),
        ("1", "22"),
        ("", "20"),
        ("3", "22"),
    ]
    assert guide.check(content) == ()


def test_the_patient_who_is_the_subscriber_says_so_and_a_dependent_has_a_level() -> None:
    (itself,) = segments(a_file(a_claim()), "SBR")
    assert (itself[1], itself[2], itself[3], itself[9]) == ("P", "18", "G77", "BL")
    content = a_file(a_claim(**a_dependent()))
    (other,) = segments(content, "SBR")
    assert other[2] == ""
    assert [one[1] for one in segments(content, "PAT", "NM1*QC")] == ["19", "QC"]


def test_a_professional_line_says_what_was_done_when_and_why() -> None:
    content = a_file(clinic_visit())
    first, second, third = segments(content, "SV1")
    assert first.parts(1) == ("HC", "99213", "25")
    assert (first[2], first[3], first[4], first.parts(7)) == ("125.5", "UN", "1", ("1", "2"))
    assert third[5] == "22"
    dates = [(one[2], one[3]) for one in segments(content, "DTP*472")]
    assert dates == [("D8", "20260504"), ("RD8", "20260504-20260505"), ("D8", "20260504")]
    (lin,) = segments(content, "LIN")
    assert (lin[2], lin[3]) == ("N4", "00000012345")
    assert second[5] == ""


def test_a_stay_says_its_codes_in_the_guides_order() -> None:
    content = a_file(stay_with_surgery())
    named = [one.part(1, 1) for one in segments(content, "HI")]
    assert named == ["ABK", "ABJ", "ABN", "DR", "ABF", "ABF", "BBR", "BBQ", "BH"]
    principal = segments(content, "HI*ABK")[0]
    assert (principal.part(1, 2), principal.part(1, 9)) == ("S72001A", "Y")
    exempt = segments(content, "HI*ABN")[0]
    assert exempt.parts(2) == ("ABN", "Y92009")
    assert [len(one.elements) for one in segments(content, "HI*ABF")] == [12, 2]
    dates = {one[1]: (one[2], one[3]) for one in segments(content, "DTP")}
    assert dates == {
        "096": ("TM", "1130"),
        "434": ("RD8", "20260504-20260507"),
        "435": ("DT", "202605040415"),
    }


def test_the_same_claim_gives_the_same_bytes() -> None:
    assert a_file(clinic_visit(), control="7") == a_file(clinic_visit(), control="7")


def test_a_name_that_holds_delimiters_breaks_nothing() -> None:
    claim = a_claim()
    name = claim.subscriber.name.model_copy(update={"family": "O*CANARY~ST*837:^"})
    odd = a_file(
        claim.model_copy(update={"subscriber": claim.subscriber.model_copy(update={"name": name})})
    )
    assert guide.check(odd) == ()
    assert segments(odd, "NM1*IL")[0][3] == "O CANARY ST 837"


def test_a_foreign_address_names_its_country() -> None:
    claim = a_claim()
    address = claim.subscriber.address
    assert address is not None
    abroad = address.model_copy(update={"state": "", "zip": "1010", "country": "AT"})
    subscriber = claim.subscriber.model_copy(update={"address": abroad})
    content = a_file(claim.model_copy(update={"subscriber": subscriber}))
    assert segments(content, "N4")[1].elements == ("SPRINGFIELD", "", "1010", "AT")


def test_practitioners_are_said_only_where_there_are_any() -> None:
    for claim in (a_claim(rendering=None), an_inpatient_claim(attending=None)):
        content = a_file(claim)
        assert segments(content, "NM1*82", "NM1*71") == []
        assert guide.check(content) == ()


def test_files_of_mixed_claims_are_a_bug() -> None:
    other = a_claim().payer.model_copy(update={"payer_id": "UNITED1"})
    for mixed in ((), (a_claim(), an_inpatient_claim())):
        with pytest.raises(ValueError, match="one transaction"):
            claims.write(mixed, interchange_control="1", group_control="1", at=AT)
    with pytest.raises(ValueError, match="one submitter"):
        a_file(a_claim(), a_claim(payer=other))


def test_an_institutional_claim_without_its_stay_is_a_bug() -> None:
    with pytest.raises(ValueError, match="stay"):
        claim_837i.claim_segments(a_claim(lines=(a_line(),)))


def test_test_files_say_that_they_are_tests() -> None:
    content = claims.write(
        [a_claim()], interchange_control="1", group_control="1", at=AT, usage="T"
    )
    assert read(content).usage == "T"
