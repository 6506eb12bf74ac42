"""Folding the segments of an interchange into groups and transactions."""

from __future__ import annotations

from services.edi.interchange import Group, Interchange, Problem, Segment, TransactionSet


def interchange_of(segments: list[Segment], problems: list[Problem]) -> Interchange:
    """The interchange that these segments are; the first is its ISA. Adds to the problems."""
    return _Folder(segments, problems).interchange()


class _Folder:
    """Folds a list of segments into groups and transactions, noting problems on the way."""

    def __init__(self, segments: list[Segment], problems: list[Problem]) -> None:
        self._segments = segments
        self._problems = problems
        self._outside: list[Segment] = []
        self._groups: list[Group] = []
        self._gs: Segment | None = None
        self._sets: list[TransactionSet] = []
        self._set: list[Segment] = []
        self._ended = False

    def interchange(self) -> Interchange:
        """Fold all of it."""
        isa = self._segments[0]
        body = self._segments[1:]
        used = body[0].delimiters if body else isa.delimiters
        if used.component != isa.delimiters.component:
            self._say(isa, "ISA16 is not the component separator of the body")
        for segment in body:
            self._take(segment)
        last = self._segments[-1]
        self._end_set(last)
        self._end_group(last)
        if not self._ended:
            self._say(last, "the interchange has no IEA")
        return Interchange(
            isa,
            isa[6].strip(),
            isa[8].strip(),
            isa[13].strip(),
            isa[15].strip(),
            used,
            tuple(self._outside),
            tuple(self._groups),
            tuple(self._problems),
        )

    def _say(self, segment: Segment, words: str) -> None:
        self._problems.append(Problem(segment.number, words))

    def _take(self, segment: Segment) -> None:
        match segment.id:
            case "GS":
                self._end_set(segment)
                self._end_group(segment)
                self._gs = segment
            case "ST":
                self._end_set(segment)
                self._set = [segment]
            case "SE":
                self._close_set(segment)
            case "GE":
                self._close_group(segment)
            case "IEA":
                self._close_interchange(segment)
            case _ if self._set:
                self._set.append(segment)
            case _:
                self._outside.append(segment)
                if segment.id not in {"TA1", "TA3"}:
                    self._say(segment, f"segment {segment.id} stands outside a transaction")

    def _close_set(self, se: Segment) -> None:
        if not self._set:
            self._say(se, "SE without ST")
            return
        self._set.append(se)
        if se[1].lstrip("0") != str(len(self._set)):
            self._say(se, f"SE01 does not say the {len(self._set)} segments there are")
        if se[2] != self._set[0][2]:
            self._say(se, "SE02 differs from ST02")
        self._keep_set()

    def _keep_set(self) -> None:
        st = self._set[0]
        version = self._gs[8] if self._gs else ""
        self._sets.append(TransactionSet(st[1], st[2], st[3] or version, tuple(self._set)))
        self._set = []

    def _end_set(self, at: Segment) -> None:
        if self._set:
            self._say(at, "the transaction has no SE")
            self._keep_set()

    def _close_group(self, ge: Segment) -> None:
        self._end_set(ge)
        if self._gs is None:
            self._say(ge, "GE without GS")
            return
        if ge[1].lstrip("0") != str(len(self._sets) or ""):
            self._say(ge, f"GE01 does not say the {len(self._sets)} transactions there are")
        if ge[2].lstrip("0") != self._gs[6].lstrip("0"):
            self._say(ge, "GE02 differs from GS06")
        self._keep_group()

    def _keep_group(self) -> None:
        gs = self._gs
        sets = tuple(self._sets)
        if gs is None:
            self._groups.append(Group(sets[0].segments[0].number, "", "", "", "", "", sets))
        else:
            named = (gs[1], gs[2].strip(), gs[3].strip(), gs[6], gs[8])
            self._groups.append(Group(gs.number, *named, sets))
        self._gs, self._sets = None, []

    def _end_group(self, at: Segment) -> None:
        if self._gs is None and not self._sets:
            return
        self._say(at, "the transactions stand in no group" if self._gs is None else "no GE")
        self._keep_group()

    def _close_interchange(self, iea: Segment) -> None:
        self._end_set(iea)
        self._end_group(iea)
        self._ended = True
        isa = self._segments[0]
        if iea[1].lstrip("0") != str(len(self._groups) or ""):
            self._say(iea, f"IEA01 does not say the {len(self._groups)} groups there are")
        if iea[2].strip().lstrip("0") != isa[13].strip().lstrip("0"):
            self._say(iea, "IEA02 differs from ISA13")
