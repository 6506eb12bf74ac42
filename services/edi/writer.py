"""The X12 writer: values in, segments, transactions and interchanges out.

The delimiters are constants, and the ISA declares exactly those that the body uses. Every text is
brought into the X12 extended character set without the delimiters, so no value can end a segment.
Each segment stands on a line of its own, which X12 readers accept and people can read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

ELEMENT = "*"
COMPONENT = ":"
REPETITION = "^"
TERMINATOR = "~"
LINE_END = "\n"

Simple = str | int | Decimal | date | datetime | None
Value = Simple | tuple[Simple, ...]

_KEPT = r"A-Za-z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$"
_CLEAN = re.compile(f"[{_KEPT}]+(?: [{_KEPT}]+)*")
_FOREIGN = re.compile(f"[^{_KEPT} ]")
_SPELLED = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l"}
    | {"Đ": "D", "đ": "d", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d", "\u0131": "i"}
    | dict.fromkeys("\u2018\u2019\u02bc", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-")
    | dict.fromkeys("*:~^", " ")
)


def fold(text: str) -> str:
    """The text in the X12 extended set, without delimiters; runs of white space become one blank.

    Accents are dropped from their letters, a delimiter becomes a blank, and what has no
    counterpart goes away: the result may be empty although the text was not.
    """
    if (text.isascii() and text.isalnum()) or _CLEAN.fullmatch(text):
        return text
    spelled = unicodedata.normalize("NFKD", text.translate(_SPELLED)).translate(_SPELLED)
    return " ".join(_FOREIGN.sub("", " ".join(spelled.split())).split())


def number(value: Decimal) -> str:
    """A decimal as X12 type R: no exponent, no trailing zeros, no plus, never "-0"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def text_of(value: Simple) -> str:
    """One simple value as X12 text: dates CCYYMMDD, instants CCYYMMDDHHMM, None empty."""
    if isinstance(value, str):
        return fold(value)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return f"{value:%Y%m%d%H%M}"
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return str(value)


def _joined(texts: list[str], separator: str) -> str:
    while texts and not texts[-1]:
        texts.pop()
    return separator.join(texts)


def segment(identifier: str, *elements: Value) -> str:
    """One segment without its terminator, e.g. `segment("SV1", ("HC", "99213"), Decimal("80"))`.

    A tuple is a composite. Trailing empty elements and components are left out.
    """
    texts = [identifier]
    for element in elements:
        if isinstance(element, tuple):
            texts.append(_joined([text_of(part) for part in element], COMPONENT))
        else:
            texts.append(text_of(element))
    return _joined(texts, ELEMENT)


class Transaction:
    """One transaction set: what is added, between ST and the SE that counts it.

    Shape: `kind` is ST01 ("837"), `control` ST02 (four to nine characters, unique in its group),
    `implementation` ST03 ("005010X222A1"; empty for transactions that have no ST03, as the 835).
    """

    def __init__(self, kind: str, implementation: str = "", control: str = "0001") -> None:
        self.control = control
        self._segments = [segment("ST", kind, control, implementation)]

    def add(self, identifier: str, *elements: Value) -> None:
        """Add one segment."""
        self._segments.append(segment(identifier, *elements))

    def extend(self, segments: Iterable[str]) -> None:
        """Add segments that were made by `segment`."""
        self._segments.extend(segments)

    @property
    def segments(self) -> tuple[str, ...]:
        """All segments, from ST to SE. SE01 counts both."""
        count = len(self._segments) + 1
        return (*self._segments, segment("SE", count, self.control))


def interchange(
    transactions: Sequence[Transaction],
    *,
    sender_id: str,
    receiver_id: str,
    functional_id: str,
    version: str,
    interchange_control: str,
    group_control: str,
    at: datetime,
    usage: str = "P",
    sender_qualifier: str = "ZZ",
    receiver_qualifier: str = "ZZ",
    outside: Sequence[str] = (),
) -> bytes:
    """One interchange with one functional group of these transactions, as ASCII bytes.

    Shape: `functional_id` is GS01 ("HC" claims, "FA" 999, "HN" 277CA, "HP" 835), `version` GS08;
    control numbers are digits and come from the caller's durable counters; `usage` is P or T.
    `outside` are segments between ISA and the group (TA1). Without transactions there is no group.

    Raises:
        ValueError: an id or a control number does not fit into its field.
    """
    control = _control(interchange_control, "interchange")
    ends = (sender_qualifier, sender_id, receiver_qualifier, receiver_id)
    lines = [
        _isa(ends, control, at, usage),
        *outside,
    ]
    if transactions:
        group = str(int(_control(group_control, "group")))
        day, hour = f"{at:%Y%m%d}", f"{at:%H%M}"
        head = (functional_id, sender_id.strip(), receiver_id.strip(), day, hour, group)
        lines.append(segment("GS", *head, "X", version))
        for transaction in transactions:
            lines.extend(transaction.segments)
        lines.append(segment("GE", len(transactions), group))
    lines.append(segment("IEA", 1 if transactions else 0, control))
    end = TERMINATOR + LINE_END
    return (end.join(lines) + end).encode("ascii")


def _control(number_text: str, what: str) -> str:
    """Nine digits. Raises: ValueError."""
    if not (number_text.isascii() and number_text.isdigit()) or len(number_text) > 9:  # noqa: PLR2004 - ISA13 is N0 9/9
        raise ValueError(f"the {what} control number must be one to nine digits")
    return number_text.zfill(9)


def _isa(ends: tuple[str, str, str, str], control: str, at: datetime, usage: str) -> str:
    """The ISA, whose sixteen elements have fixed widths (X12.5)."""
    elements = (
        ("00", 2),
        ("", 10),
        ("00", 2),
        ("", 10),
        *zip(ends, (2, 15, 2, 15), strict=True),
        (f"{at:%y%m%d}", 6),
        (f"{at:%H%M}", 4),
        (REPETITION, 1),
        ("00501", 5),
        (control, 9),
        ("0", 1),
        (usage, 1),
        (COMPONENT, 1),
    )
    texts = ["ISA"]
    for position, (text, width) in enumerate(elements, start=1):
        if len(text) > width or not text.isascii():
            raise ValueError(f"ISA{position:02d} takes {width} ASCII characters")
        texts.append(text.ljust(width))
    return ELEMENT.join(texts)
