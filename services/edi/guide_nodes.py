"""Quick acceptance of a segment by its node of a guide map.

pyx12 decides whether a segment is right. Asking it costs tens of microseconds an element, so an
`Acceptor` is built once from each node and says yes to what pyx12 provably accepts; whatever it
does not accept goes to pyx12, which finds and names the errors. It never says no by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from pyx12.syntax import is_syntax_valid

from services.edi.writer import COMPONENT

Accept = Callable[[str], bool]

# The extended set of pyx12's own check for 005010, without the blank and the delimiters.
_LETTERS = r"A-Za-z0-9!\"&'()+,\-./;?=%@\[\]_{}\\|<>#$"
_WHOLE = re.compile(r"-?[0-9]+")
_REAL = re.compile(r"-?[0-9]*(?:\.[0-9]+)?")
_TYPED = ("RD8", "D8", "D6", "DT", "TM")
_DATE_LENGTH = 8
_EARLIEST = 1800  # pyx12 takes no date before


def _nothing(_: str) -> bool:
    return False


def is_day(text: str) -> bool:
    """CCYYMMDD of a day that exists."""
    if len(text) != _DATE_LENGTH or not (text.isascii() and text.isdigit()):
        return False
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).year >= _EARLIEST
    except ValueError:
        return False


def _is_range(text: str) -> bool:
    start, _, end = text.partition("-")
    return is_day(start) and is_day(end)


def _is_time(text: str) -> bool:
    if len(text) != 4 or not (text.isascii() and text.isdigit()):  # noqa: PLR2004 - HHMM
        return False
    return text[:2] <= "23" and text[2:] <= "59"


def _is_moment(text: str) -> bool:
    return is_day(text[:_DATE_LENGTH]) and (len(text) == _DATE_LENGTH or _is_time(text[8:]))


_BY_FORMAT: dict[str, Accept] = {
    "D8": is_day,
    "RD8": _is_range,
    "TM": _is_time,
    "DT": _is_moment,
}


@lru_cache(maxsize=512)
def _of_type(data_type: str, low: int, high: int) -> Accept:
    """What a data element of this type and length surely is."""
    if data_type in {"AN", "ID"}:
        shape = re.compile(rf"(?=.{{{low},{high}}}\Z)[{_LETTERS} ]*[{_LETTERS}]")
        return lambda text: shape.fullmatch(text) is not None
    if data_type == "R" or data_type[:1] == "N":
        digits = _REAL if data_type == "R" else _WHOLE

        def measured(text: str) -> bool:
            if digits.fullmatch(text) is None:
                return False
            return low <= len(text.replace("-", "").replace(".", "")) <= high

        return measured
    moment = {"DT": _is_moment, "TM": _is_time}.get(data_type, _nothing)
    return lambda text: low <= len(text) <= high and moment(text)


def _element(node: Any) -> Accept:
    """The acceptor of a simple element, or of a component, when it is not empty."""
    if node.usage == "N":
        return _nothing
    typed = _of_type(node.data_type or "", node.min_len, node.max_len)
    if node.rec is not None:
        search = node.rec.search
        plain = typed
        typed = lambda text: plain(text) and search(text) is not None  # noqa: E731
    codes = frozenset(code for code in node.valid_codes if code and typed(code))
    if node.external_codes is not None:
        known, external = node.root.ext_codes.isValid, node.external_codes
        return lambda text: text in codes or (known(external, text) and typed(text))
    return codes.__contains__ if node.valid_codes else typed


def _with_format(accept: Accept, formats: Iterable[str | None]) -> Accept:
    """The acceptor of a date or time whose format another element names."""
    checks = tuple(_BY_FORMAT[name] for name in formats if name in _BY_FORMAT)
    return lambda text: accept(text) and any(check(text) for check in checks)


def _composite(node: Any) -> Accept:
    """The acceptor of a composite that is not empty."""
    if node.usage == "N":
        return _nothing
    children = [(_element(child), _may_be_empty(child)) for child in node.children]
    least = max((at for at, (_, empty) in enumerate(children, start=1) if not empty), default=0)

    def accept(text: str) -> bool:
        parts = text.split(COMPONENT)
        if not least <= len(parts) <= len(children) or not any(parts):
            return False
        return all(
            check(part) if part else empty
            for part, (check, empty) in zip(parts, children, strict=False)
        )

    return accept


def _may_be_empty(node: Any) -> bool:
    return bool(node.is_valid_errors(None)[0])


class Acceptor:
    """Says yes to segments with ":" between components that pyx12 accepts at one node."""

    def __init__(self, node: Any) -> None:
        self._is_date = node.id == "DTP"
        self._syntax = node.syntax
        self._checks: list[tuple[Accept, bool]] = []
        formats: list[str | None] = []
        for child in node.children:
            if child.is_composite():
                check = _composite(child)
            else:
                check = _element(child)
                if child.data_ele == "1250":
                    formats.extend(child.valid_codes)
                elif child.data_ele == "1251" and formats and not self._is_date:
                    check = _with_format(check, formats)
            self._checks.append((check, _may_be_empty(child)))
        self._least = max(
            (at for at, (_, empty) in enumerate(self._checks, start=1) if not empty), default=0
        )

    def accepts(self, texts: list[str], segment: Any) -> bool:
        """Whether the elements, given as raw texts, are surely right."""
        if not self._least <= len(texts) <= len(self._checks):
            return False
        for text, (check, empty) in zip(texts, self._checks, strict=False):
            if not (check(text) if text else empty):
                return False
        if self._is_date and len(texts) > 2 and texts[1] in _TYPED:  # noqa: PLR2004 - DTP03
            form = _BY_FORMAT.get(texts[1], _nothing)
            if not form(texts[2]):
                return False
        return all(self._agrees(rule, texts, segment) for rule in self._syntax)

    def _agrees(self, rule: list[Any], texts: list[str], segment: Any) -> bool:
        """Whether a relation between elements holds; without them only R can fail."""
        if rule[0] != "R" and not any(
            texts[position - 1] for position in rule[1:] if position <= len(texts)
        ):
            return True
        return bool(is_syntax_valid(segment, rule)[0])
