"""What came in one go: a message, several, or a batch (FHS, BHS ... BTS, FTS).

Only CR ends a segment, so line feeds inside OBX-5 are text; a file whose first line ends with LF
is taken as a file with LF or CRLF line ends. A line that starts with no segment name belongs to
the text of the OBX or NTE before it (senders wrap base64) and is refused anywhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.hl7.message import Delimiters, Message, Segment, UnreadableMessageError
from services.hl7.text import decode

_ENVELOPES = frozenset({"FHS", "BHS", "BTS", "FTS"})
_MAY_WRAP = frozenset({"OBX", "NTE"})
_NEXT_MESSAGE = re.compile(r"\n+(?=MSH[^A-Za-z0-9\s])")
_NAME = 3
_NAMES_IN_MSH2 = 4
_RESEND = "Nothing was filed. Ask the sender to send it again, whole; then discard this one."


@dataclass(frozen=True, slots=True)
class Transmission:
    """The messages in order, and doubts about the transmission as a whole."""

    messages: tuple[Message, ...]
    is_batch: bool = False
    doubts: tuple[str, ...] = ()


def parse(content: bytes) -> Transmission:
    """The messages in the bytes.

    Raises:
        UnreadableMessageError: no MSH, unusable delimiters, a line that is no segment, a NUL, or
            a batch whose counts do not agree with what it holds.
    """
    decoded = decode(content)
    doubts = [decoded.doubt] if decoded.doubt else []
    lines = _lines(decoded.text)
    _refuse_nul(decoded.text, lines)
    gathered = _Gathered()
    for number, line in enumerate(lines, 1):
        gathered.take(number, line)
    if not gathered.messages:
        raise UnreadableMessageError(
            "There is no MSH segment, so this is no HL7 message.", where="line 1", fix=_RESEND
        )
    doubts += gathered.doubts()
    messages = tuple(_message(lines_of) for lines_of in gathered.messages)
    return Transmission(messages, gathered.is_batch, tuple(doubts))


def _lines(text: str) -> list[str]:
    carriage, feed = text.find("\r"), text.find("\n")
    if carriage < 0 or 0 <= feed < carriage:
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    lines = [line.lstrip("\n") for line in text.split("\r")]
    if "\nMSH" not in text:
        return lines
    return [part for line in lines for part in _NEXT_MESSAGE.split(line)]


def _refuse_nul(text: str, lines: list[str]) -> None:
    if "\x00" not in text:
        return
    number = next(number for number, line in enumerate(lines, 1) if "\x00" in line)
    raise UnreadableMessageError(
        "The message holds a NUL byte, so it was damaged on the way.",
        where=f"line {number}",
        fix=_RESEND,
    )


class _Gathered:
    """Lines sorted into messages, with the batch envelope checked on the way."""

    def __init__(self) -> None:
        self.messages: list[list[tuple[int, str]]] = []
        self.is_batch = False
        self._batches = 0
        self._open_since: tuple[int, int] | None = None  # line of BHS, messages before it
        self._file_open = False

    def take(self, number: int, line: str) -> None:
        name, mark = line[:_NAME], line[_NAME : _NAME + 1]
        if name == "MSH" and mark and not mark.isalnum() and not mark.isspace():
            self.messages.append([(number, line)])
        elif name in _ENVELOPES and not mark.isalnum():
            self._envelope(name, line, number)
        elif line.strip() == "":
            return
        elif not self.messages:
            raise UnreadableMessageError(
                "Text stands before the first MSH segment.", where=f"line {number}", fix=_RESEND
            )
        else:
            self._segment(number, line)

    def doubts(self) -> list[str]:
        if self._open_since is not None:
            raise UnreadableMessageError(
                "The batch has a header (BHS) and no trailer (BTS): its end is missing.",
                where=f"line {self._open_since[0]}",
                fix=_RESEND,
            )
        return ["The file header (FHS) has no trailer (FTS)."] if self._file_open else []

    def _segment(self, number: int, line: str) -> None:
        message = self.messages[-1]
        separator = message[0][1][_NAME]
        if _is_segment(line, separator):
            message.append((number, line))
            return
        first, text = message[-1]
        if text[:_NAME] not in _MAY_WRAP:
            raise UnreadableMessageError(
                "The line does not begin with a segment name.", where=f"line {number}", fix=_RESEND
            )
        message[-1] = (first, f"{text}\n{line}")

    def _envelope(self, name: str, line: str, number: int) -> None:
        self.is_batch = True
        fields = line.split(line[_NAME]) if len(line) > _NAME else [line]
        count = fields[1].strip() if len(fields) > 1 else ""
        match name:
            case "FHS":
                self._file_open = True
            case "BHS":
                self._open_since = (number, len(self.messages))
            case "BTS":
                before = self._open_since[1] if self._open_since else 0
                _check_count("batch", count, len(self.messages) - before, number)
                self._open_since = None
                self._batches += 1
            case _:
                _check_count("file", count, max(self._batches, 1), number)
                self._file_open = False


def _check_count(what: str, said: str, held: int, line: int) -> None:
    if not (said.isascii() and said.isdigit()) or said.lstrip("0") == (str(held) if held else ""):
        return
    raise UnreadableMessageError(
        f"The {what} trailer does not count what the {what} holds ({held}): "
        "something was lost or added on the way.",
        where=f"line {line}, field 1",
        fix=_RESEND,
    )


def _is_segment(line: str, separator: str) -> bool:
    name = line[:_NAME]
    return (
        line[_NAME : _NAME + 1] in {separator, ""}
        and len(name) == _NAME
        and name.isascii()
        and name.isalnum()
        and name[0].isalpha()
        and name == name.upper()
    )


def _message(lines: list[tuple[int, str]]) -> Message:
    delimiters = _delimiters(*lines[0])
    segments = tuple(
        Segment(raw, delimiters, number, line) for number, (line, raw) in enumerate(lines, 1)
    )
    return Message(segments, delimiters)


def _delimiters(line: int, header: str) -> Delimiters:
    field = header[_NAME]
    characters = header[_NAME + 1 :].split(field, 1)[0]
    if not characters or any(mark.isalnum() or mark.isspace() for mark in characters):
        raise UnreadableMessageError(
            "MSH-2 does not declare the separators (usually ^~\\&).",
            where=f"segment 1 (MSH), field 2, line {line}",
            fix=_RESEND,
        )
    defaults = "^~\\&"
    filled = (characters + defaults[len(characters) :])[:_NAMES_IN_MSH2]
    return Delimiters(field, *filled)
