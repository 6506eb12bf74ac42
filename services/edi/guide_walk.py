"""Walking a guide map, with pyx12's own walker, at a fraction of its cost.

A `GuideMap` is one loaded map, made ready once and shared by all checks: its nodes are never
changed afterwards. `Segment`, `Counter` and `Walker` stand in for pyx12's classes of that purpose
and answer the same; only ours are used here, so other users of pyx12 see no difference.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import pyx12.map_if
import pyx12.map_walker
import pyx12.params
import pyx12.path
import pyx12.segment

from services.edi.guide_nodes import Acceptor


@lru_cache(maxsize=4096)
def _place(reference: str) -> tuple[int | None, int | None]:
    """Element and component of a reference such as "HL01" or "05-1", counted from 0."""
    path = pyx12.path.X12Path(reference)
    element = None if path.ele_idx is None else path.ele_idx - 1
    return element, None if path.subele_idx is None else path.subele_idx - 1


class Segment(pyx12.segment.Segment):  # type: ignore[misc] # pyx12 has no types to rely on
    """pyx12's segment, which takes its elements apart only when pyx12 asks for them."""

    def __init__(self, text: str, terminator: str, element: str, component: str) -> None:
        """Shape: `text` without its terminator."""
        self.seg_term = self.seg_term_orig = terminator
        self.ele_term = self.ele_term_orig = element
        self.subele_term = self.subele_term_orig = component
        self.repetition_term = "^"
        self.seg_id, *self.texts = text.split(element)
        self._separator = element if self.seg_id == "ISA" else component
        self._elements: list[Any] | None = None

    @property
    def elements(self) -> list[Any]:
        """The elements as pyx12's composites."""
        if self._elements is None:
            make = pyx12.segment.Composite
            self._elements = [make(text, self._separator) for text in self.texts]
        return self._elements

    def __len__(self) -> int:
        return len(self.texts)

    def is_empty(self) -> bool:
        """Whether there is nothing but separators."""
        return not any(text.strip(self._separator) for text in self.texts)

    def _parse_refdes(self, ref_des: str) -> tuple[int | None, int | None]:
        return _place(ref_des)

    def get_value(self, ref_des: str) -> str | None:
        """The text of an element or a component; None when it is absent."""
        element, component = _place(ref_des)
        if element is not None and element < len(self.texts):
            text = self.texts[element]
            if self._separator not in text:
                return text if not component else None
        value: str | None = super().get_value(ref_des)
        return value


class Counter:
    """How often each loop and segment was seen, by the path of its node."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def reset_to_node(self, path: str) -> None:
        """Forget what is below the path."""
        below = path + "/"
        for key in [key for key in self._counts if key.startswith(below)]:
            del self._counts[key]

    def increment(self, path: str) -> None:
        """One more."""
        self._counts[path] = self._counts.get(path, 0) + 1

    def get_count(self, path: str) -> int:
        """How often."""
        return self._counts.get(path, 0)


class GuideMap:
    """One guide map, loaded once. `root` is pyx12's node of the whole."""

    def __init__(self, file_name: str, folder: str) -> None:
        parameters = pyx12.params.ParamsBase()
        self.root = pyx12.map_if.load_map_file(file_name, parameters, folder)
        self.is_claim = self.root.id == "837"
        self._acceptors: dict[int, Acceptor] = {}
        self._candidates: dict[tuple[int, int, str], tuple[Any, ...]] = {}
        self._ids = {node.id for node in self._prepared(self.root)}

    def node(self, path: str) -> Any:
        """The node at a path such as "/ISA_LOOP/GS_LOOP/GS"."""
        return self.root.getnodebypath(path)

    def acceptor(self, node: Any) -> Acceptor:
        """The quick acceptance of a segment's node."""
        found = self._acceptors.get(id(node))
        if found is None:
            found = self._acceptors[id(node)] = Acceptor(node)
        return found

    def candidates(self, node: Any, position: int, segment_id: str) -> tuple[Any, ...]:
        """The children of a loop, from a position on, that this segment can say anything about.

        Left out are those whose walk can have no effect: other segments and loops that begin with
        other segments, as long as nothing in them is required.
        """
        key = (id(node), position, segment_id if segment_id in self._ids else "")
        found = self._candidates.get(key)
        if found is None:
            children = (
                child for at in sorted(node.pos_map) if at >= position for child in node.pos_map[at]
            )
            found = tuple(child for child in children if _concerns(child, key[2]))
            self._candidates[key] = found
        return found

    def _prepared(self, node: Any) -> Iterator[Any]:
        """Make the nodes' paths and keys ready; gives every segment's node."""
        node._x12path = node.get_path()  # noqa: SLF001 - pyx12 caches a path object there
        if node.is_segment():
            _make_ready(node)
            yield node
            return
        for position in sorted(node.pos_map):
            for child in node.pos_map[position]:
                yield from self._prepared(child)


def _make_ready(node: Any) -> None:
    """Resolve once what pyx12 looks up at every use of a segment's node.

    Elements are numbered without gaps in every map we keep (by test).
    """
    key = node._resolve_unique_key_field(node.id, with_qual=False)  # noqa: SLF001
    node.get_child_node_by_idx = dict(enumerate(node.children)).get
    wanted = node.id
    if key is None:
        node.is_match = lambda segment: segment.seg_id == wanted
        return
    child, element, component = key
    reference = f"{element:02d}-{component}" if component else f"{element:02d}"
    codes = child._valid_codes_set  # noqa: SLF001
    node.is_match = lambda segment: (
        segment.seg_id == wanted and segment.get_value(reference) in codes
    )


def _concerns(child: Any, segment_id: str) -> bool:
    if child.is_segment():
        return bool(child.id == segment_id or child.usage == "R")
    first = child.get_first_node()
    if first is not None and first.is_segment():
        return bool(first.id == segment_id or child.usage == "R")
    return any(_concerns(inner, segment_id) for inner in child.childIterator() if inner.is_loop())


class Walker(pyx12.map_walker.walk_tree):  # type: ignore[misc] # as above
    """pyx12's walker over one map at a time, looking only at nodes that matter."""

    def __init__(self, guide: GuideMap) -> None:
        super().__init__()
        self.counter = Counter()
        self.guide = guide

    def _scan_loop_at_position(
        self, node: Any, node_pos: int, seg_data: Segment, orig_node: Any, *rest: Any
    ) -> tuple[Any, list[Any], list[Any]] | None:
        *counts, popped = rest
        for child in self.guide.candidates(node, node_pos, seg_data.seg_id):
            if child.is_segment():
                found = self._try_match_segment_child(
                    node, child, seg_data, orig_node, *counts, popped
                )
            else:
                found = self._try_match_loop_child(child, seg_data, *counts, popped)
            if found is not None:
                matched: tuple[Any, list[Any], list[Any]] = found
                return matched
        return None
