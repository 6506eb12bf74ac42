"""Whatever bytes come in, reading them gives readings or a refusal in plain words, never a crash.

The bytes are our own messages, cut off, flipped, in the wrong encoding, with other line ends, with
fields and JSON values of any kind. Nothing of a message's values may be in what is said about it.
"""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.chart.failures import Rejected
from services.chart.model import Reading
from services.intake.detection import detect
from services.intake.identity import content_hash
from services.intake.inspection import inspect
from services.intake.merging import merge
from services.intake.reading import read
from tests.unit.intake_messages import (
    IN1,
    PID,
    PV1_IN,
    adt,
    bundle,
    charge_item,
    condition,
    dft,
    document_reference,
    encounter,
    ft1,
    hl7,
    mdm,
    native,
    patient,
)

HL7 = {
    "adt": adt("A03", PID, PV1_IN, IN1, "DG1|1||I10^^I10|||F", "ACC|20260503|AA||OH"),
    "dft": dft(ft1(1, "C1", f26="25", f29="12345-678-90", f43="5^ml"), PV1_IN, IN1),
    "mdm": mdm("Lungs clear.\\.br\\Heart \\T\\ pulse regular."),
    "oru": hl7("ORU^R01", PID, "OBR|1||F1|77^Film", "OBX|1|NM|1^Na||140|mmol|1-2|H|||F"),
    "batch": b"BHS|^~\\&|A|B\r" + adt(control="A") + adt("A03", control="B") + b"BTS|2\r",
}
DOCUMENTS = {
    "fhir": bundle(
        patient(address=[{"city": "Springton", "line": ["1 Invented Way"]}]),
        encounter(diagnosis=[{"condition": {"reference": "Condition/c1"}, "rank": 1}]),
        condition(),
        charge_item(),
        document_reference(),
        {"resourceType": "Coverage", "beneficiary": {"reference": "Patient/p"}, "payor": [{}]},
        {
            "resourceType": "Claim",
            "status": "active",
            "insurance": [{"sequence": 1, "coverage": {"display": "X"}}],
            "diagnosis": [{"sequence": 1, "onAdmission": {"coding": [{"code": "Y"}]}}],
            "item": [{"sequence": 1, "net": {"value": 1}, "diagnosisSequence": [1]}],
        },
    ),
    "json": native(
        chart__encounter={"admitted_at": "2026-05-04T14:05:00"},
        chart__diagnoses=[{"code": "I10"}],
        chart__charges=[{"charge_id": "C1", "amount": "96.00"}],
    ),
}
MESSAGES = HL7 | DOCUMENTS
CANARIES = ("Storyfield", "M100", "19510314", "1951-03-14", "Invented Way")
PLACE = re.compile(r"(segment \d+ \([A-Z0-9]{3}\)(, field \d+)?, )?line \d+(, (field|column) \d+)?")


def checked(refusal: Rejected) -> Rejected:
    """A refusal that a person can act on."""
    assert refusal.code.startswith("intake.")
    assert refusal.sentence
    assert refusal.suggested_fix
    return refusal


def answer(content: bytes) -> tuple[Reading, ...] | Rejected:
    """What intake makes of the bytes; anything but readings or a refusal is a failed test."""
    content_hash(content, detect(content))
    try:
        readings = read(content)
    except Rejected as refused:
        return checked(refused)
    for reading in readings:
        if reading.update is not None:
            merged = merge(None, reading.update, chart_id="c", raw_id="r")
            assert merged.chart.model_dump_json()
    return readings


def assert_silent(content: bytes) -> None:
    """Neither findings nor refusals say anything that is patient data."""
    found = inspect(content)
    findings = [one for reading in found.readings for one in reading.findings]
    said = "".join(f"{one.target}{one.message}{one.fix}" for one in findings)
    if found.refusal is not None:
        said += found.refusal.sentence + found.refusal.where
    assert not [canary for canary in CANARIES if canary in said]


@settings(deadline=None)
@given(st.binary(max_size=300))
@example(b"ISA")  # ends where the separator should stand
def test_any_bytes_are_answered(content: bytes) -> None:
    answer(content)
    inspect(content)


STARTS = (
    *(b"MSH|^~\\&|", b"\x0bMSH|^~\\&|A|B|||1||ADT^A01|1|P|2.3\r", b"FHS|", b"BHS|^~\\&"),
    *(b"ISA*", b'{"resourceType": "Bundle", ', b'{"schema": "chartline.chart/1", '),
    *(b"<ClinicalDocument", b"%PDF-", b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe"),
)


@settings(deadline=None)
@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_after_a_known_beginning_are_answered(start: bytes, rest: bytes) -> None:
    answer(start + rest)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_truncation_is_answered_without_patient_data(name: str) -> None:
    content = MESSAGES[name]
    for end in range(len(content)):
        answer(content[:end])
    for end in range(0, len(content), 7):
        assert_silent(content[:end])


@settings(deadline=None)
@given(
    st.sampled_from(sorted(MESSAGES)),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 7)), min_size=1, max_size=12),
)
def test_flipped_bits_are_answered_without_a_crash(name: str, flips: list[tuple[int, int]]) -> None:
    content = bytearray(MESSAGES[name])
    for place, bit in flips:
        content[place % len(content)] ^= 1 << bit
    answer(bytes(content))
    inspect(bytes(content))


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize(
    "codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "cp1252", "latin-1", "utf-7"]
)
def test_every_encoding_is_answered(name: str, codec: str) -> None:
    text = MESSAGES[name].decode().replace("Ada", "Zoë")
    found = answer(text.encode(codec))
    if codec.startswith("utf-16"):
        assert isinstance(found, Rejected)
        assert "UTF-16" in found.sentence


@pytest.mark.parametrize("name", HL7)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r", b"\n\r", b"\x0b", b" "])
def test_every_line_end_is_answered_and_the_usual_ones_mean_the_same(name: str, end: bytes) -> None:
    found, usual = answer(HL7[name].replace(b"\r", end)), answer(HL7[name])
    if end in {b"\n", b"\r\n", b"\r\r"}:
        assert isinstance(found, tuple)
        assert isinstance(usual, tuple)
        assert [one.update for one in found] == [one.update for one in usual]


VALUES = (
    *("", '""', "^^^^", "~~~", "&&&", "~^&~", "\\", "\\X\\", "\\XFF\\", "\\Xzz\\", "2026"),
    *("-1", "0", "1e9", "NaN", "²", "9" * 40, "é", "\t", "\x1c", "\x0b", "A" * 3000),
    *("20261399", "20260504+9999"),
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(HL7)), st.data())
def test_fields_of_any_content_are_answered(name: str, data: st.DataObject) -> None:
    segments = [line.split("|") for line in HL7[name].decode().split("\r")]
    for _ in range(data.draw(st.integers(1, 4))):
        segment = segments[data.draw(st.integers(0, len(segments) - 1))]
        segment[data.draw(st.integers(0, len(segment) - 1))] = data.draw(st.sampled_from(VALUES))
    found = answer("\r".join("|".join(segment) for segment in segments).encode())
    if isinstance(found, Rejected) and found.code == "intake.unreadable-hl7":
        assert PLACE.fullmatch(found.where) or found.where == "the whole message"


ODD: tuple[Any, ...] = (
    *({"coding": "x"}, {"coding": [1, {"code": 5}]}, {"value": 1e300}, {"reference": "#x"}),
    *([[]], {"reference": "Encounter/e"}, 10**30, "2026-02-30", "2026-01-01T99:99", -1),
    {"code": []},
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.sampled_from(ODD) | st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON document."""
    found = [path] if path else []
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, inner in pairs:
        found += places(inner, (*path, key))
    return found


PARSED = {name: json.loads(content) for name, content in DOCUMENTS.items()}
PLACES = {name: places(parsed) for name, parsed in PARSED.items()}


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(PARSED)), st.data())
def test_json_of_any_shape_is_answered(name: str, data: st.DataObject) -> None:
    changed = copy.deepcopy(PARSED[name])
    path = data.draw(st.sampled_from(PLACES[name]))
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    if data.draw(st.booleans()):
        inner[path[-1]] = data.draw(ANYTHING)
    else:
        del inner[path[-1]]
    found = answer(json.dumps(changed).encode())
    if isinstance(found, Rejected) and found.code != "intake.unsupported-format":
        assert found.where


def test_a_deep_nesting_and_a_huge_number_are_refused() -> None:
    assert isinstance(answer(b'{"resourceType": ' + b"[" * 100_000), Rejected)
    assert isinstance(
        answer(b'{"schema": "chartline.chart/1", "x": ' + b"9" * 10_000 + b"}"), Rejected
    )
