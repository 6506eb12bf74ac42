"""Reading the query templates from their YAML text, with errors that name the line and the path."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml
from pydantic import Field, ValidationError

from services.chart.model import Frozen
from services.query.failures import NonCompliantQuery
from services.query.model import Template

Templates = dict[str, Template]


class TemplateError(ValueError):
    """The text is not a list of query templates; the message names every line and path."""


class _File(Frozen):
    """The shape of the YAML file. The templates are read one by one, to name the one at fault."""

    edition: str = Field(min_length=1)
    templates: tuple[Any, ...] = Field(min_length=1)


def load(text: str) -> Templates:
    """The templates in a YAML text, by id.

    Raises:
        TemplateError: not YAML, an unknown or missing key, a value that does not fit.
        NonCompliantQuery: the fixed words of a template break a rule; lists every fault.
    """
    try:
        tree, found = _parsed(text)
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or str(error)
        raise TemplateError(f"line {line}: {problem}") from None
    file: _File = _read(_File, found, tree, ())
    templates: Templates = {}
    for position, entry in enumerate(file.templates):
        at = ("templates", position)
        template: Template = _read(Template, entry, tree, at)
        if template.id in templates:
            raise TemplateError(f"line {_line(tree, at)}: {_path(at)}: the same id twice")
        templates[template.id] = template
    return templates


@cache
def packaged() -> Templates:
    """The templates that Chartline comes with (`config/query_templates.yaml`), read once."""
    return load(resources.files("config").joinpath("query_templates.yaml").read_text("utf-8"))


def _read(shape: Any, found: Any, tree: yaml.Node | None, at: tuple[int | str, ...]) -> Any:
    try:
        return shape.model_validate(found)
    except NonCompliantQuery as error:
        where = f"line {_line(tree, at)}: {_path(at)}"
        raise NonCompliantQuery(error.faults, where=where) from None
    except ValidationError as error:
        faults = [
            f"line {_line(tree, (*at, *fault['loc']))}: "
            f"{_path((*at, *fault['loc']))}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise TemplateError("; ".join(faults)) from None


def _parsed(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree, which knows its lines, and the values; with the C parser where there is one."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        tree: yaml.Node | None = loader.get_single_node()
        return tree, None if tree is None else loader.construct_document(tree)
    finally:
        loader.dispose()


def _path(loc: tuple[int | str, ...]) -> str:
    """A path as people write it: `templates[0].options[2].id`."""
    joined = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return joined.removeprefix(".") or "the whole file"


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
