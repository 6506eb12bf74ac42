"""The most specific leaf that the words support, and none that says more than they do.

Below a header the child is taken whose additional words all stand near the mention; otherwise the
child that says "unspecified"; otherwise none, and a person must choose (ICD-10-CM guidelines I.B.2
and I.B.18). 7th characters follow the encounter: A for active treatment, D for healing, S for a
sequela (I.C.19.a); a fracture not called open is closed (I.C.19.c).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from services.codesets.tabular import Tabular, Why
from services.coding.notes.terms import VAGUE, content

SIDES = frozenset({"right", "left", "bilateral"})
OTHER = re.compile(r"^other\b|\bother specified\b|elsewhere")
AFTER_UNSPECIFIED = re.compile(r"unspecified ([a-z]+(?: [a-z]+)?)(?=,|$| of\b)")
DEFAULTS = re.compile(
    r"\bunspecified\b|\bwithout complications?\b|\bnot specified\b|\bno\b|without"
)
MEANS = {
    "leg": ("lower", "limb", "extremity"),
    "arm": ("upper", "limb", "extremity"),
    "extremity": ("limb",),
    "limb": ("extremity",),
    "calf": ("lower", "limb", "leg"),
    "foot": ("limb",),
    "hypoxia": ("hypoxia",),
}
STEPS = 5


@dataclass(frozen=True, slots=True)
class Leaf:
    """A billable code, and how many levels were filled by "unspecified"."""

    code: str
    defaulted: int


def find_leaf(tabular: Tabular, code: str, near: Collection[str], seventh: str) -> Leaf | None:
    """The leaf for a named code; `near` are the normal words around the mention.

    `seventh` is A, D or S. None when the words do not decide between the codes below.
    """
    words = set(near)
    for word in near:
        words.update(MEANS.get(word, ()))
    if tabular.is_billable(code):
        return Leaf(_sided(tabular, code, words), 0)
    return _descend(tabular, code, words, seventh)


def _descend(tabular: Tabular, code: str, words: set[str], seventh: str) -> Leaf | None:
    defaulted = 0
    for _ in range(STEPS):
        if tabular.is_billable(code):
            return Leaf(code, defaulted)
        why = tabular.explain(code)
        if why is not None and why.why is Why.SEVENTH_MISSING:
            chosen = _seventh(tabular, code, words, seventh)
            return Leaf(chosen, defaulted) if chosen else None
        step = _child(tabular, code, words)
        if step is None:
            return None
        code, was_default = step
        defaulted += was_default
    return None


def _child(tabular: Tabular, code: str, words: set[str]) -> tuple[str, bool] | None:
    """The child to go down to, and whether it is the unspecified one."""
    children = [(one, tabular.title(one).lower()) for one in tabular.children(code)]
    known = set(_words_of(tabular.title(code)))
    assumed = {w for _, title in children for w in _assumed(title)}
    best: list[tuple[int, str, bool]] = []
    for child, title in children:
        if OTHER.search(title):
            continue
        extra = set(_words_of(title)) - known - assumed
        default = bool(DEFAULTS.search(title))
        if default and not extra & SIDES:
            extra = {word for word in extra if word in words}
        if extra <= words:
            best.append((len(extra), child, default))
    if not best:
        return None
    most = max(number for number, _, _ in best)
    top = [(child, default) for number, child, default in best if number == most]
    if len(top) > 1:
        top = [one for one in top if one[1]] or top
    return (top[0][0], top[0][1] and most == 0) if len(top) == 1 else _plainest(top)


def _plainest(top: list[tuple[str, bool]]) -> tuple[str, bool] | None:
    """Of several unspecified children the one numbered 9 or 0, by the list's convention."""
    for ending in "90":
        for child, default in top:
            if default and child.endswith(ending):
                return child, True
    return None


def _sided(tabular: Tabular, code: str, words: set[str]) -> str:
    """The sibling with the side that the words name, when the code leaves the side open."""
    title = tabular.title(code).lower()
    sides = words & SIDES
    if len(sides) != 1 or "unspecified" not in title:
        return code
    side = next(iter(sides))
    mine = set(_words_of(title)) - set(_assumed(title))
    for sibling in tabular.children(code[:-1]):
        other = tabular.title(sibling).lower()
        theirs = set(_words_of(other))
        if side in theirs and mine <= theirs and not OTHER.search(other):
            new = theirs - mine - {side} - set(_assumed(title))
            if not new and tabular.is_billable(sibling):
                return sibling
    return code


def _seventh(tabular: Tabular, code: str, words: set[str], wanted: str) -> str:
    """The child with the 7th character that the encounter asks for; empty when there is none."""
    children = {child[-1]: child for child in tabular.children(code)}
    fracture = "B" in children
    if fracture and wanted == "A" and "open" in words:
        wanted = "B"
    elif wanted == "D" and "G" in children:
        healing = (("nonunion", "K"), ("malunion", "P"), ("delayed", "G"))
        wanted = next((char for word, char in healing if word in words), "D")
    for char in (wanted, "A", "0"):
        if char in children:
            return children[char]
    return ""


@lru_cache(maxsize=20_000)
def _words_of(title: str) -> tuple[str, ...]:
    return content(VAGUE.sub("", title.lower()))


@lru_cache(maxsize=20_000)
def _assumed(title: str) -> tuple[str, ...]:
    """The words of which the unspecified code says that they are not known ("... ear")."""
    return tuple(w for found in AFTER_UNSPECIFIED.findall(title.lower()) for w in content(found))
