"""Reading the document matrix from its YAML text, with errors that name the line and the path."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import ValidationError

from services.completeness.matrix import DocumentMatrix, MatrixText, matrix_of


class MatrixError(ValueError):
    """The text is not a document matrix; the message names every line and path at fault."""


def load(text: str) -> DocumentMatrix:
    """The matrix in a YAML text.

    Raises:
        MatrixError: not YAML, an unknown or missing key, a value that does not fit, an id used
            twice, a condition that does not exist, a class of encounters without any document.
    """
    try:
        tree, found = _parsed(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise MatrixError(f"line {line}: {problem}") from None
    try:
        return matrix_of(MatrixText.model_validate(found))
    except ValidationError as error:
        faults = [
            f"line {_line(tree, fault['loc'])}: {_path(fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise MatrixError("; ".join(faults)) from None


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree, which knows its lines, and the values; with the C parser where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        tree: yaml.Node | None = loader.get_single_node()
        return tree, None if tree is None else loader.construct_document(tree)
    finally:
        loader.dispose()


def _path(loc: tuple[int | str, ...]) -> str:
    """A path as people write it: `rules[3].any_of[0]`."""
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return words.removeprefix(".") or "the whole file"


def _line(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int:
    """The line of the deepest node on the path that the text has."""
    for part in loc:
        children = _children(node)
        if part not in children:
            break
        node = children[part]
    return node.start_mark.line + 1 if node is not None else 1


def _children(node: yaml.Node | None) -> dict[int | str, yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return {key.value: value for key, value in node.value}
    return dict(enumerate(node.value)) if isinstance(node, yaml.SequenceNode) else {}
