"""What one edition changes against another of the same system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from services.codesets.shelf_file import OpenEdition
from services.codesets.shelf_rows import INSIDE


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs. `what` is added, ended or changed; `columns` only for changed."""

    what: str
    key: str
    columns: tuple[str, ...] = ()


def differences(old: OpenEdition[Any], new: OpenEdition[Any]) -> Iterator[Difference]:
    """Every key that differs, in order.

    Ended: it is gone, or it has a last day now and had none. A first or last day that is the
    edition's own is no difference, so that the yearly files compare by what they say of a code.
    """
    before, after = _groups(old), _groups(new)
    left, right = next(before, None), next(after, None)
    while left or right:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None  # noqa: S101 - one of the two is there
            yield Difference("ended", _name(left[0]))
            left = next(before, None)
        elif left is None or right[0] < left[0]:
            yield Difference("added", _name(right[0]))
            right = next(after, None)
        else:
            if left[1] != right[1]:
                yield _changed(_name(left[0]), old, left[1], new, right[1])
            left, right = next(before, None), next(after, None)


def _groups(edition: OpenEdition[Any]) -> Iterator[tuple[bytes, list[bytes]]]:
    for key, same in groupby(edition.lines(), key=lambda pair: pair[0]):
        yield key, [line for _, line in same]


def _changed(
    key: str,
    old: OpenEdition[Any],
    before: list[bytes],
    new: OpenEdition[Any],
    after: list[bytes],
) -> Difference:
    was, now = old.unpack(before[-1]), new.unpack(after[-1])
    texts = before[-1].split(b"\t")[1:], after[-1].split(b"\t")[1:]
    names = [one.name for one in fields(now)]
    columns = [name for name, a, b in zip(names, *texts, strict=True) if a != b]
    if was.end is None and now.end is not None:
        return Difference("ended", key)
    return Difference("changed", key, tuple(columns or ("rows",)))


def _name(key: bytes) -> str:
    return key.decode().replace(INSIDE, " ").strip()
