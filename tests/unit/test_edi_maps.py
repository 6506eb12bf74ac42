"""Our guide maps are pyx12's, but for the corrections that their README names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pyx12.map_if
import pyx12.map_index
import pyx12.params

from services.edi.guide import MAPS

CLAIMS_P, CLAIMS_I = "837.5010.X222.A1.xml", "837Q3.I.5010.X223.A1.xml"
REMITTANCE, STATUS = "835.5010.X221.A1.xml", "277.5010.X214.xml"
DME = frozenset({"AB", "AD", "AF", "AG", "NS"})
PROFESSIONAL = frozenset({"005010X222", "005010X222A2"})
INSTITUTIONAL = frozenset({"005010X223", "005010X223A3"})
CORRECTED: dict[str, set[tuple[str, str, Any]]] = {
    CLAIMS_P: {("GS08", "codes", PROFESSIONAL), ("PWK02", "codes", DME)},
    CLAIMS_I: {("GS08", "codes", INSTITUTIONAL), ("ST03", "codes", INSTITUTIONAL)},
    REMITTANCE: {
        ("GS08", "codes", frozenset({"005010X221"})),
        ("ST03", "codes", frozenset({"005010X221"})),
        ("FOOTER", "repeat", ("1", ">1")),
    },
    STATUS: {
        ("2000C", "usage", ("R", "S")),
        ("2200C", "usage", ("R", "S")),
        ("2000D", "usage", ("R", "S")),
        ("STC", "usage", ("R", "S")),
        ("HL04", "codes", frozenset({"0"})),
    },
    "999.5010.xml": set(),
    "999.5010X231.A1.xml": set(),
    "x12.control.00501.xml": {
        ("GS08", "codes", PROFESSIONAL | INSTITUTIONAL | {"005010X221"}),
    },
}
FIELDS: tuple[str, ...] = (
    "id",
    "name",
    "usage",
    "pos",
    "repeat",
    "max_use",
    "seq",
    "data_ele",
    "refdes",
)
FIELDS += ("external_codes", "res", "syntax", "type", "end_tag", "path")


def nodes(node: Any) -> Iterator[Any]:
    yield node
    inner = node.children or []
    if not inner and hasattr(node, "pos_map"):
        inner = [one for at in sorted(node.pos_map) for one in node.pos_map[at]]
    for one in inner:
        yield from nodes(one)


@pytest.mark.parametrize("name", sorted(CORRECTED))
def test_a_map_differs_from_its_original_only_in_what_the_readme_names(name: str) -> None:
    parameters = pyx12.params.ParamsBase()
    ours = list(nodes(pyx12.map_if.load_map_file(name, parameters, str(MAPS))))
    theirs = list(nodes(pyx12.map_if.load_map_file(name, parameters)))
    assert len(ours) == len(theirs) > 30
    found: set[tuple[str, str, Any]] = set()
    for mine, original in zip(ours, theirs, strict=True):
        for field in FIELDS:
            values = getattr(original, field, None), getattr(mine, field, None)
            if values[0] != values[1]:
                found.add((mine.id, field, values))
        codes = set(getattr(mine, "valid_codes", ()))
        original_codes = set(getattr(original, "valid_codes", ()))
        assert original_codes <= codes
        if codes != original_codes:
            found.add((mine.id, "codes", frozenset(codes - original_codes)))
    assert found == CORRECTED[name]


@pytest.mark.parametrize("name", sorted(CORRECTED))
def test_the_elements_of_a_segment_are_numbered_without_gaps(name: str) -> None:
    root = pyx12.map_if.load_map_file(name, pyx12.params.ParamsBase(), str(MAPS))
    for node in nodes(root):
        if node.children:
            assert [one.seq for one in node.children] == list(range(1, len(node.children) + 1))


@pytest.mark.parametrize("name", ["codes.xml", "dataele.xml"])
def test_the_code_sets_and_the_data_elements_are_pyx12s(name: str) -> None:
    ours = pyx12.map_if.load_map_file(CLAIMS_P, pyx12.params.ParamsBase(), str(MAPS))
    theirs = pyx12.map_if.load_map_file(CLAIMS_P, pyx12.params.ParamsBase())
    if name == "codes.xml":
        assert ours.ext_codes.codes == theirs.ext_codes.codes
    else:
        assert ours.data_elements.dataele == theirs.data_elements.dataele


def test_every_map_of_the_index_is_there_and_every_map_there_is_in_the_index() -> None:
    listed = {row["map_file"] for row in pyx12.map_index.map_index(str(MAPS)).maps}
    there = {path.name for path in MAPS.glob("*.xml")}
    assert listed == there - {"maps.xml", "codes.xml", "dataele.xml"}
    assert listed == set(CORRECTED)


def test_every_map_keeps_the_notice_and_the_licence_stands_beside_them() -> None:
    licence = (MAPS / "LICENSE-pyx12.txt").read_text("utf-8")
    assert "Redistribution and use in source and binary forms" in licence
    for path in MAPS.glob("*.xml"):
        assert "John Holland" in path.read_text("utf-8")[:500]


def test_the_maps_stay_small() -> None:
    assert sum(path.stat().st_size for path in Path(MAPS).iterdir()) < 1_300_000
