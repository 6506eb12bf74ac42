"""How well notes are coded: `python -m tests.bench.accuracy [FOLDER]`.

Our own notes (`tests/golden/notes/coded.txt`), the odd ones to work with and the even ones to
report. FOLDER may hold a corpus in the shape of CodiEsp: `*D.tsv` (note, code) beside
`text_files_en`; there each mention counts, negated or not, and nothing is combined or dropped.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.coding.notes.leaves import find_leaf
from services.coding.notes.text import read_sentences
from tests.bench.table import machine, show
from tests.unit.notes_reader import codes_of, the_reader

NOTES = Path(__file__).parents[1] / "golden" / "notes" / "coded.txt"
CATEGORY = 3
KB = 1_024
ROUNDS = 10


@dataclass(frozen=True)
class Coded:
    """A note with the codes it has, and those that it must not have; without dots."""

    number: int
    setting: str
    section: str
    codes: frozenset[str]
    never: frozenset[str]
    text: str


@dataclass
class Score:
    """Codes that are right, found and wanted, over many notes."""

    right: int = 0
    found: int = 0
    wanted: int = 0

    def count(self, found: set[str], wanted: Iterable[str]) -> None:
        gold = set(wanted)
        self.right += len(found & gold)
        self.found += len(found)
        self.wanted += len(gold)

    @property
    def precision(self) -> float:
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.wanted, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.found + self.wanted, 1)

    def row(self, name: str, notes: int) -> tuple[object, ...]:
        figures = (self.precision, self.recall, self.f1)
        return (name, notes, *(f"{figure:.3f}" for figure in figures))


def own_notes() -> Iterator[Coded]:
    """The notes of this project."""
    for block in NOTES.read_text(encoding="utf-8").split("\n== ")[1:]:
        head, _, text = block.partition("\n")
        first, section, codes, never = (part.strip() for part in head.split("|"))
        number, setting = first.split()
        yield Coded(int(number), setting, section, bare(codes), bare(never), text)


def bare(codes: str) -> frozenset[str]:
    return frozenset(codes.replace(".", "").split())


def scored(notes: Iterable[Coded]) -> tuple[Score, int, int]:
    """The score, how many codes came that must not, and how many notes there were."""
    score, forbidden, count = Score(), 0, 0
    for note in notes:
        found = set(codes_of(note.text, note.setting))
        score.count(found, note.codes)
        forbidden += len(found & note.never)
        count += 1
    return score, forbidden, count


def wrong(notes: Iterable[Coded]) -> Iterator[str]:
    """What is missing and what is too much, note by note."""
    for note in notes:
        found = set(codes_of(note.text, note.setting))
        if found != note.codes:
            missing, more = sorted(note.codes - found), sorted(found - note.codes)
            yield f"{note.number:02d}: missing {missing}, too much {more}"


def mentioned(text: str) -> set[str]:
    """Every code that the text mentions, as an exhaustive corpus wants it."""
    reader, found = the_reader(), set()
    for sentence in read_sentences(text):
        for mention in reader.matcher.mentions(sentence):
            words = {sentence.words[index].text for index in mention.words}
            leaf = find_leaf(reader.tabular, mention.code, words, "A")
            found.add(leaf.code if leaf else mention.code)
    return found


def corpus(folder: Path) -> list[tuple[object, ...]]:
    """Exact and three-character figures over a corpus."""
    gold: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*D.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            note, code = line.split("\t")[:2]
            gold.setdefault(note, set()).add(code.upper().replace(".", ""))
    exact, category = Score(), Score()
    for note, codes in sorted(gold.items()):
        text = (folder / "text_files_en" / f"{note}.txt").read_text(encoding="utf-8")
        found = mentioned(text)
        exact.count(found, codes)
        category.count({one[:CATEGORY] for one in found}, {one[:CATEGORY] for one in codes})
    return [exact.row("exact", len(gold)), category.row("3 characters", len(gold))]


def speed() -> list[tuple[object, ...]]:
    """Milliseconds of CPU for 5 KB, on text that is dense with diagnoses."""
    apart = [note.text for note in own_notes()]
    rows: list[tuple[object, ...]] = []
    for name, texts in (("60 short notes", apart), ("the same as one note", ["\n".join(apart)])):
        size = sum(len(text.encode()) for text in texts) / KB
        began = time.process_time()
        for text in texts * ROUNDS:
            codes_of(text)
        each = (time.process_time() - began) / ROUNDS / size * 5
        rows.append((name, f"{size:.1f} KB", f"{1_000 * each:.1f}", f"{1 / each:.0f}"))
    return rows


def main(folders: list[str]) -> None:
    """Print the tables."""
    notes = list(own_notes())
    print(machine())
    rows, forbidden = [], []
    for name, rest in (("to work with", 1), ("to report", 0)):
        half = [note for note in notes if note.number % 2 == rest]
        score, count, number = scored(half)
        rows.append(score.row(name, number))
        forbidden.append((name, count))
    show("Own notes, exact codes", ("half", "notes", "precision", "recall", "micro-F1"), rows)
    show("From negated, family or uncertain text", ("half", "codes"), [*forbidden])
    show("Speed", ("text", "size", "ms for 5 KB", "5 KB a second"), speed())
    for line in wrong(note for note in notes if note.number % 2):
        print(f"  {line}")
    for folder in folders:
        headings = ("codes", "notes", "precision", "recall", "micro-F1")
        show(f"{Path(folder).name}, nothing learned", headings, corpus(Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
