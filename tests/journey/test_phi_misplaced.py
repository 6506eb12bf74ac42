"""Patient data where it does not belong: a name in any field, and files with broken bytes.

A sender may put anything anywhere. Whatever it is, it is never repeated in a sentence, a log line
or a message; columns that hold what a sender calls its systems and payers are named in `NAMES`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from services.adapters.store.fsck import fsck
from services.chart.rows import DeadLetterRow, RawRow
from tests.journey.canaries import KEYS, Watching, canaries_in, spilled, with_canaries
from tests.journey.whole_line import HOUR_MS, MINUTE_MS, a_sender
from workers.commands.files import Given
from workers.commands.inspect import understand
from workers.demo.differences import member
from workers.demo.facts import facts_of
from workers.demo.outgoing import OutgoingMessage
from workers.demo.scenarios import WRITERS
from workers.demo.wrong import GOOD

FORMATS = list(WRITERS)
VISIT, SURGERY = "clinic-diabetes-check", "surgery-knee-arthroscopy"
STAY = "inpatient-hip-fracture"
NAMES = KEYS | {("ChartRow", "facility"), ("ChartRow", "payer_id"), ("QueryRow", "recipient")}
BROKEN_OF_EACH = 60
MARK = "ZQUILL"
NUMBERS = frozenset({("PaymentRow", "check_number"), ("PaymentRow", "status")})


def mark(number: int) -> str:
    """A word of a kind that no id can hold: ids have neither I, L, O nor U."""
    return f"{MARK}{number:05d}"


def leaves(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a JSON document has values."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from leaves(value, (*path, name))
    elif isinstance(content, list):
        for position, value in enumerate(content):
            yield from leaves(value, (*path, position))
    else:
        yield path


def with_value(content: bytes, path: tuple[str | int, ...], value: str) -> bytes:
    """The JSON document with another value at the path."""
    whole = at = json.loads(content)
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(whole).encode()


def misplaced_in_json(via: str, name: str) -> Iterator[list[OutgoingMessage]]:
    """One chart for each value of the message, with the mark in its place."""
    (model,) = WRITERS[via](facts_of(GOOD[name], 1))
    for number, path in enumerate(leaves(json.loads(model.content)), start=1):
        (message,) = WRITERS[via](facts_of(GOOD[name], number))
        yield [replace(message, content=with_value(message.content, path, mark(number)))]


def misplaced_in_hl7(name: str) -> Iterator[list[OutgoingMessage]]:
    """One chart for each field of each kind of segment, with the mark in its place."""
    number, seen = 0, set[str]()
    for at, model in enumerate(WRITERS["hl7"](facts_of(GOOD[name], 1))):
        lines = model.content.decode().split("\r")
        kinds = {line[:3]: position for position, line in reversed(list(enumerate(lines)))}
        for kind, position in kinds.items():
            if kind in seen and kind != "MSH":
                continue
            seen.add(kind)
            for field in range(1, lines[position].count("|") + 1):
                number += 1
                messages = WRITERS["hl7"](facts_of(GOOD[name], number))
                messages[at] = _with_field(messages[at], position, field, mark(number))
                yield list(messages)


def _with_field(message: OutgoingMessage, position: int, field: int, value: str) -> OutgoingMessage:
    lines = message.content.decode().split("\r")
    fields = lines[position].split("|")
    fields[field] = value
    lines[position] = "|".join(fields)
    return replace(message, content="\r".join(lines).encode())


def misplaced(via: str, name: str) -> Iterator[list[OutgoingMessage]]:
    return misplaced_in_hl7(name) if via == "hl7" else misplaced_in_json(via, name)


@pytest.mark.parametrize(
    ("via", "name"),
    [("hl7", VISIT), ("hl7", SURGERY), ("fhir", STAY), ("json", VISIT), ("json", STAY)],
)
def test_a_name_in_any_field_is_never_repeated(watching: Watching, via: str, name: str) -> None:
    line = watching.line
    every = list(misplaced(via, name))
    for messages in every:
        line.send(messages)
    line.go(5 * MINUTE_MS)
    assert spilled(watching.store.written, (MARK,), NAMES) == set()
    assert canaries_in(watching.logged, (MARK,)) == []
    codes = {row.code for row in line.rows(DeadLetterRow)}
    assert len(codes) > 5, "many of them are refused"
    assert "line.unexpected-error" not in codes
    assert fsck(line.store).clean


@pytest.mark.parametrize("via", FORMATS)
def test_broken_bytes_become_dead_letters_without_a_canary(watching: Watching, via: str) -> None:
    line = watching.line
    pieces = list(broken(via))
    raw_ids = line.send(pieces)
    line.go(5 * MINUTE_MS)
    states = {raw.state for raw in line.rows(RawRow) if raw.raw_id in raw_ids}
    assert "stopped" in states
    assert "stored" not in states
    assert spilled(watching.store.written) == set()
    assert canaries_in(watching.logged) == []
    assert "line.unexpected-error" not in {row.code for row in line.rows(DeadLetterRow)}
    for piece in pieces:
        seen = understand(Given("file", piece.content)).shape(phi=False)
        assert canaries_in(json.dumps(seen)) == []
    assert fsck(line.store).clean


def broken(via: str) -> Iterator[OutgoingMessage]:
    """Messages full of canaries that were cut off, flipped, doubled, or read as other text."""
    dice = Random(f"broken {via}")
    for number in range(1, BROKEN_OF_EACH + 1):
        messages = WRITERS[via](with_canaries(facts_of(GOOD[STAY], number), number))
        message = dice.choice(list(messages))
        yield replace(message, content=_break(bytearray(message.content), dice), content_type="")


def _break(content: bytearray, dice: Random) -> bytes:
    at = dice.randrange(len(content))
    match dice.randrange(6):
        case 0:
            del content[at:]
        case 1:
            del content[:at]
        case 2:
            content[at] ^= 1 << dice.randrange(8)
        case 3:
            content[at:at] = content[dice.randrange(len(content)) :]
        case 4:
            return content.decode().encode("utf-16")
        case _:
            for _ in range(10):
                content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content)


# -- what payers send -------------------------------------------------------------------------


def test_a_name_in_any_element_of_an_answer_is_never_repeated(watching: Watching) -> None:
    """The one that names the transaction as well: what is left then is no answer."""
    line = watching.line
    for number, suffix in enumerate(("00", "R7", "D1", "N8"), start=1):
        line.send(a_sender(VISIT, number=number, change=member(suffix)).messages())
        line.go(MINUTE_MS)
    answers = line.rows(RawRow, feed="mailbox:simulator")
    kinds = {
        kind
        for kind in (b"TA1*", b"ST*999", b"ST*277", b"ST*835")
        for one in answers
        if kind in one.content
    }
    assert len(kinds) == 4
    watching.store.written.clear()
    changed = [content for one in answers for content in misplaced_in_x12(one.content)]
    assert len(changed) > 300
    line.send([OutgoingMessage(content, "", "payer") for content in changed])
    line.go(HOUR_MS)
    assert spilled(watching.store.written, (MARK,), KEYS | NUMBERS) == set()
    assert canaries_in(watching.logged, (MARK,)) == []
    assert "line.unexpected-error" not in {row.code for row in line.rows(DeadLetterRow)}
    assert fsck(line.store).clean


def misplaced_in_x12(content: bytes) -> Iterator[bytes]:
    """One file for each element, with a mark in its place."""
    segments = content.decode().split("~")
    for position, segment in enumerate(segments):
        name, *elements = segment.strip().split("*")
        for at in range(len(elements)):
            if name != "ISA":
                marked = [*elements[:at], mark(at), *elements[at + 1 :]]
                others = segments[:position], segments[position + 1 :]
                yield "~".join([*others[0], "*".join([name, *marked]), *others[1]]).encode()
