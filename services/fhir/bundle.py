"""A FHIR R4 bundle: its resources by type, and references between them resolved.

A plain walk over the JSON; nothing is validated that nobody reads. A bundle of another FHIR
version is refused with the path that shows it, where that can be told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from services.fhir.json import Resource, obj, objects, text

NEW_LINE = b"\n"
BUNDLE_TYPES = frozenset(
    {"collection", "transaction", "message", "batch", "document", "searchset", "history"}
)


class UnreadableBundleError(ValueError):
    """The bytes are no R4 bundle. `sentence` and `where` (a path) hold no value from it."""

    def __init__(self, sentence: str, *, where: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.where = where


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One resource of the bundle and its place in it."""

    index: int
    resource: Resource

    @property
    def path(self) -> str:
        """The place, for evidence: "Condition entry[12]"."""
        kind = text(self.resource.get("resourceType"))
        return f"{kind} entry[{self.index}]" if self.index >= 0 else f"contained {kind}"


@dataclass(slots=True)
class Bundle:
    """The entries by type, and where a reference leads."""

    head: Resource
    by_type: dict[str, list[Entry]] = field(default_factory=dict)
    by_reference: dict[str, Entry] = field(default_factory=dict)

    def all(self, kind: str) -> list[Entry]:
        """Every resource of a type, in order."""
        return self.by_type.get(kind, [])

    def resolve(self, reference: Any, owner: Resource | None = None) -> Entry | None:
        """The entry that a Reference leads to; None when it leads out of the bundle."""
        target = text(obj(reference).get("reference"))
        if not target:
            return None
        if target.startswith("#") and owner is not None:
            for one in objects(owner.get("contained")):
                if one.get("id") == target[1:]:
                    return Entry(-1, one)
            return None
        target = target.split("/_history/", 1)[0]
        found = self.by_reference.get(target)
        if found is None and target.count("/") > 1:
            found = self.by_reference.get("/".join(target.rsplit("/", 2)[1:]))
        return found


def parse(content: bytes) -> Bundle:
    """The bundle in the bytes.

    Raises:
        UnreadableBundleError: not JSON, no bundle, or a bundle of another FHIR version.
    """
    nul = content.find(b"\\u0000")
    if nul >= 0:
        where = f"line {content.count(NEW_LINE, 0, nul) + 1}"
        raise UnreadableBundleError(
            "The JSON holds a NUL character (\\u0000) in a text.", where=where
        )
    try:
        head = orjson.loads(content.strip().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableBundleError("The bundle is not valid JSON in UTF-8.", where=where) from None
    head = obj(head)
    if head.get("resourceType") != "Bundle":
        raise UnreadableBundleError(
            "The resource is not a Bundle; send it in a bundle with its Patient and Encounter.",
            where="resourceType",
        )
    if text(head.get("type")) not in BUNDLE_TYPES:
        raise UnreadableBundleError(
            "The bundle's type is none that carries charts (collection, transaction, message, "
            "batch, document).",
            where="type",
        )
    bundle = Bundle(head)
    for index, entry in enumerate(objects(head.get("entry"))):
        _add(bundle, index, entry)
    return bundle


def _add(bundle: Bundle, index: int, entry: Resource) -> None:
    resource = obj(entry.get("resource"))
    kind = text(resource.get("resourceType"))
    if not kind:
        return
    for sign in SIGNS.get(kind, ()):
        if sign.holds(resource.get(sign.element)):
            raise UnreadableBundleError(
                f"The bundle is FHIR {sign.version}; send it as R4 (4.0.1).",
                where=f"entry[{index}].resource.{sign.element}",
            )
    found = Entry(index, resource)
    bundle.by_type.setdefault(kind, []).append(found)
    resource_id, url = text(resource.get("id")), text(entry.get("fullUrl"))
    if resource_id:
        bundle.by_reference.setdefault(f"{kind}/{resource_id}", found)
    if url:
        bundle.by_reference.setdefault(url, found)


# -- other versions of FHIR -------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_there(value: Any) -> bool:
    return value is not None


@dataclass(frozen=True, slots=True)
class Sign:
    """An element whose presence or shape shows another version of FHIR than R4."""

    element: str
    holds: Callable[[Any], bool]
    version: str


SIGNS: dict[str, tuple[Sign, ...]] = {
    "Encounter": (
        Sign("class", _is_text, "DSTU2"),  # a Coding since STU3
        Sign("class", _is_list, "R5"),
        Sign("actualPeriod", _is_there, "R5"),
        Sign("admission", _is_there, "R5"),
    ),
    "Condition": (
        Sign("clinicalStatus", _is_text, "STU3 or DSTU2"),  # a CodeableConcept since R4
        Sign("verificationStatus", _is_text, "STU3 or DSTU2"),
        Sign("context", _is_there, "STU3"),  # encounter since R4
    ),
    "Procedure": (
        Sign("context", _is_there, "STU3"),
        Sign("occurrenceDateTime", _is_there, "R5"),  # performedDateTime in R4
        Sign("occurrencePeriod", _is_there, "R5"),
    ),
    "DocumentReference": (
        Sign("indexed", _is_there, "STU3 or DSTU2"),  # date since R4
        Sign("context", _is_list, "R5"),
    ),
    "Coverage": (
        Sign("grouping", _is_there, "STU3"),
        Sign("insurer", _is_there, "R5"),
        Sign("kind", _is_there, "R5"),
    ),
    "ChargeItem": (
        Sign("totalPriceComponent", _is_there, "R5"),
        Sign("unitPriceComponent", _is_there, "R5"),
    ),
    "Claim": (Sign("organization", _is_there, "STU3 or DSTU2"),),
}
