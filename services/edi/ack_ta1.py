"""TA1: what the other side says about one interchange envelope.

A TA1 stands outside every group, so one interchange may carry several. `note` is 000 when nothing
was wrong; 025 is an interchange control number that was there before (domain rules 3.9).
"""

from __future__ import annotations

from dataclasses import dataclass

from services.edi.failures import UnreadableX12
from services.edi.reader import read_all

ACCEPTED = "A"
ACCEPTED_WITH_ERRORS = "E"
REJECTED = "R"

_NOTES = {
    "000": "nothing was wrong",
    "001": "the control numbers of the header and the trailer differ",
    "004": "the separator is not allowed",
    "005": "the sender's qualifier is not known",
    "006": "the sender is not known",
    "007": "the receiver's qualifier is not known",
    "008": "the receiver is not known",
    "009": "the receiver is not served here",
    "014": "the date is not valid",
    "015": "the time is not valid",
    "016": "the standards identifier is not valid",
    "017": "the version is not supported",
    "018": "the control number is not valid",
    "019": "the request for an acknowledgement is not valid",
    "020": "the test indicator is not valid",
    "021": "the number of groups is not the number counted",
    "022": "a control structure is wrong",
    "023": "the file ends too early",
    "024": "the content is not valid",
    "025": "the control number was used before",
    "026": "the element separator is not valid",
    "027": "the component separator is not valid",
}


@dataclass(frozen=True, slots=True)
class Ta1:
    """One TA1 segment."""

    interchange_control: str  # TA101, nine digits: the ISA13 it answers
    code: str  # TA104: A, E or R
    note: str  # TA105
    number: int  # of the segment in the file

    @property
    def accepted(self) -> bool:
        """Whether the interchange went on to be read."""
        return self.code in {ACCEPTED, ACCEPTED_WITH_ERRORS}

    @property
    def words(self) -> str:
        """The note in words, without any value of the file."""
        return _NOTES.get(self.note, f"note {self.note}" if self.note else "no reason was given")


def read(content: bytes) -> tuple[Ta1, ...]:
    """Every TA1 of the content, in order; none when it has none.

    Raises:
        UnreadableX12: the content is no interchange, or a TA1 names no control number or verdict.
    """
    return tuple(
        _ta1(segment.number, segment[1], segment[4], segment[5])
        for interchange in read_all(content)
        for segment in interchange.outside
        if segment.id == "TA1"
    )


def _ta1(number: int, control: str, code: str, note: str) -> Ta1:
    control, code = control.strip(), code.strip().upper()
    where = f"segment {number}, TA1"
    if not control:
        raise UnreadableX12("TA101 names no interchange.", where=f"{where}01")
    if code not in {ACCEPTED, ACCEPTED_WITH_ERRORS, REJECTED}:
        raise UnreadableX12("TA104 is neither A, E nor R.", where=f"{where}04")
    return Ta1(control.zfill(9), code, note.strip()[:3], number)
