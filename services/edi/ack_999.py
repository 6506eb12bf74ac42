"""999: what the other side says about the syntax of one functional group (005010X231A1).

Verdicts stand at two levels: IK5 for one transaction set, AK9 for the group. Some senders accept
every set and reject the group as a whole, so both are read. IK404 repeats the bad value, which may
be about a patient: it is never kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from services.edi.failures import UnreadableX12
from services.edi.reader import Segment, TransactionSet, read_all

_ACCEPTING = frozenset("AE")
_VERDICTS = frozenset("AEMPRWX")
_SEGMENT_WORDS = {
    "1": "is not a segment of this transaction",
    "2": "was not expected here",
    "3": "is missing",
    "4": "repeats its loop too often",
    "5": "repeats too often",
    "6": "is not defined for this transaction",
    "7": "stands in the wrong order",
    "8": "has an element that is wrong",
    "I4": "is not used in this guide",
    "I6": "is missing although the situation asks for it",
    "I7": "has fewer loops than the guide asks for",
    "I8": "occurs less often than the guide asks for",
    "I9": "is not allowed in this situation",
}
_ELEMENT_WORDS = {
    "1": "is missing",
    "2": "is missing although another element asks for it",
    "3": "is one too many",
    "4": "is too short",
    "5": "is too long",
    "6": "has a character that is not allowed",
    "7": "has a code that is not in the list",
    "8": "is not a date",
    "9": "is not a time",
    "10": "may not stand beside another element",
    "12": "repeats too often",
    "13": "has too many components",
    "I6": "has a code that this guide does not use",
    "I9": "is missing although the situation asks for it",
    "I10": "is not used in this guide",
    "I11": "repeats less often than the guide asks for",
    "I12": "does not have the form that the guide asks for",
    "I13": "is not allowed in this situation",
}


@dataclass(frozen=True, slots=True)
class ElementError:
    """IK4: one element that is wrong, e.g. position "9" or "5-2" (component 2 of element 5)."""

    position: str
    code: str

    @property
    def words(self) -> str:
        """What is wrong, without the value."""
        return f"element {self.position} {_ELEMENT_WORDS.get(self.code, f'has error {self.code}')}"


@dataclass(frozen=True, slots=True)
class SegmentError:
    """IK3: one segment that is wrong, and where it stands."""

    segment: str
    position: int  # counted from the ST of the set that is answered; 0 when not said
    loop: str
    code: str
    elements: tuple[ElementError, ...] = ()

    @property
    def words(self) -> str:
        """The error as a piece of a sentence."""
        at = f"segment {self.position}" if self.position else "position not said"
        place = f"{self.segment} ({at}{f', loop {self.loop}' if self.loop else ''})"
        what = _SEGMENT_WORDS.get(self.code, f"has error {self.code}")
        if not self.elements:
            return f"{place} {what}"
        return f"{place}: {'; '.join(one.words for one in self.elements)}"


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """AK2 to IK5: one transaction set of the group that is answered."""

    kind: str  # AK201: 837
    control: str  # AK202: ST02
    code: str = ""  # IK501: A, E, R, M, W, X; "" when the sender left IK5 out
    reasons: tuple[str, ...] = ()  # IK502 and following
    errors: tuple[SegmentError, ...] = ()


@dataclass(frozen=True, slots=True)
class Ack999:
    """The answer to one functional group."""

    functional_id: str  # AK101: HC
    group_control: str  # AK102: GS06, without leading zeros
    version: str  # AK103
    code: str  # AK901: A, E, P or R; "" when the sender left AK9 out
    reasons: tuple[str, ...]  # AK905 and following
    sets: tuple[SetAnswer, ...]

    def accepts(self, control: str) -> bool:
        """Whether the set with this ST02 went on to be processed.

        A rejected group rejects all of its sets whatever IK5 says; a set that is not named has
        the verdict of the group.
        """
        if self.code and self.code not in _ACCEPTING and self.code != "P":
            return False
        answer = next((one for one in self.sets if _same(one.control, control)), None)
        if answer is None or not answer.code:
            return self.code in _ACCEPTING
        return answer.code in _ACCEPTING

    def words(self, control: str) -> str:
        """Why the set is rejected, for people; no value of the file is repeated."""
        answer = next((one for one in self.sets if _same(one.control, control)), None)
        if answer and answer.errors:
            return "; ".join(error.words for error in answer.errors[:5])
        reasons = (answer.reasons if answer else ()) + self.reasons
        return f"reason {', '.join(reasons)}" if reasons else "no reason was given"


def _same(one: str, other: str) -> bool:
    return one == other or (one.lstrip("0") == other.lstrip("0") and one.strip("0") != "")


def read(content: bytes) -> tuple[Ack999, ...]:
    """Every 999 of the content, in order; none when it has none.

    Raises:
        UnreadableX12: the content is no interchange, or a 999 does not say which group it answers
            or what the verdict is.
    """
    return tuple(
        _ack(transaction)
        for interchange in read_all(content)
        for transaction in interchange.transactions
        if transaction.kind == "999"
    )


def _ack(transaction: TransactionSet) -> Ack999:
    first = transaction.segments[0]
    head = next((one for one in transaction.segments if one.id == "AK1"), None)
    if head is None or not head[2]:
        number = (head or first).number
        raise UnreadableX12(
            "The 999 does not say which group it answers.", where=f"segment {number}, AK102"
        )
    tail = next((one for one in transaction.segments if one.id == "AK9"), None)
    code, reasons = _verdict(tail, 5)
    sets = tuple(_sets(transaction.segments))
    if not code and not any(one.code for one in sets):
        raise UnreadableX12("The 999 has no verdict.", where=f"segment {first.number}, AK901")
    return Ack999(head[1], head[2].lstrip("0") or "0", head[3], code, reasons, sets)


def _verdict(segment: Segment | None, first_reason: int) -> tuple[str, tuple[str, ...]]:
    """The code in element 1 and the reasons from an element on. Raises: UnreadableX12."""
    if segment is None:
        return "", ()
    code = segment[1].strip().upper()
    if code not in _VERDICTS:
        raise UnreadableX12(
            f"{segment.id}01 is not a verdict.", where=f"segment {segment.number}, {segment.id}01"
        )
    return code, tuple(text[:3] for text in segment.elements[first_reason - 1 :] if text)


def _sets(segments: Iterable[Segment]) -> Iterator[SetAnswer]:
    """One answer for each AK2."""
    answer: SetAnswer | None = None
    errors: list[SegmentError] = []
    for segment in segments:
        match segment.id:
            case "AK2":
                if answer is not None:
                    yield replace(answer, errors=tuple(errors))
                answer, errors = SetAnswer(segment[1], segment[2]), []
            case "IK3":
                errors.append(_segment_error(segment))
            case "IK4" if errors:
                errors[-1] = _with_element(errors[-1], segment)
            case "IK5" if answer is not None:
                code, reasons = _verdict(segment, 2)
                answer = replace(answer, code=code, reasons=reasons)
            case _:
                pass
    if answer is not None:
        yield replace(answer, errors=tuple(errors))


def _segment_error(ik3: Segment) -> SegmentError:
    position = int(ik3[2]) if ik3[2].isascii() and ik3[2].isdigit() and len(ik3[2]) < 10 else 0  # noqa: PLR2004 - IK302 is N0 1/10
    return SegmentError(_name(ik3[1]), position, _name(ik3[3]), ik3[4].strip())


def _name(text: str) -> str:
    """A segment or loop name as it stands; anything longer is no name and might be a value."""
    return text.strip() if len(text.strip()) <= 6 else "?"  # noqa: PLR2004 - IK303 is AN 1/4 (6 with LS)


def _with_element(error: SegmentError, ik4: Segment) -> SegmentError:
    position = "-".join(part for part in ik4.parts(1)[:2] if part.isdigit()) or "?"
    return replace(error, elements=(*error.elements, ElementError(position, ik4[3].strip()[:3])))
