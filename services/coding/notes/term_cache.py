"""The compiled terms in a file: made once for an edition and a lexicon, loaded in milliseconds."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.codesets.icd10cm import XML, data_folder
from services.codesets.tabular import Tabular
from services.coding.notes.data import fingerprint
from services.coding.notes.matching import Matcher
from services.coding.notes.terms import Terms, compile_terms

LAYOUT = 2
READABLE = 0o644  # public data: other users of the same folder may read it
NAME = "icd10cm-2026-04.terms"


class Stale(Exception):
    """The file is not there, not whole, or of another edition or lexicon."""


def open_matcher(folder: Path, tabular: Tabular) -> Matcher:
    """The matcher for the edition; compiled into the folder if it is not there yet.

    A folder that cannot be written to only costs the compilation at every start.

    Raises:
        LookupError: the installed package does not hold the edition.
    """
    key = f"{LAYOUT}; {tabular.edition.name}; {fingerprint()}"
    path = folder / NAME
    with suppress(Stale):
        return Matcher(read_terms(path, key))
    terms = compile_terms(data_folder() / XML, _titles(tabular))
    with suppress(OSError):
        write_terms(path, key, terms)
    return Matcher(terms)


def write_terms(path: Path, key: str, terms: Terms) -> None:
    """Write the compiled terms under their final name in one step. Raises: OSError."""
    packed = zlib.compress(json.dumps(_shape(terms), separators=(",", ":")).encode())
    head = json.dumps({"key": key, "sha256": sha256(packed).hexdigest()}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        made = Path(file.name)
        try:
            file.write(head + b"\n" + packed)
            file.close()
            made.chmod(READABLE)
            made.replace(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise


def read_terms(path: Path, key: str) -> Terms:
    """Load compiled terms.

    Raises:
        Stale: there is no whole file of this key at the path.
    """
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            packed = file.read()
        if head["key"] != key or head["sha256"] != sha256(packed).hexdigest():
            raise Stale(f"{path.name} is of another edition or lexicon, or damaged")
        shape = json.loads(zlib.decompress(packed))
    except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
        raise Stale(f"{path.name} cannot be read") from error
    return _terms(shape)


def _shape(terms: Terms) -> dict[str, Any]:
    return {
        "numbers": " ".join(terms.numbers),
        "words": terms.words,
        "codes": " ".join(terms.codes),
        "sources": terms.sources,
    }


def _terms(shape: Mapping[str, Any]) -> Terms:
    return Terms(
        {word: number for number, word in enumerate(shape["numbers"].split(" "))},
        [tuple(words) for words in shape["words"]],
        shape["codes"].split(" "),
        shape["sources"],
    )


def _titles(tabular: Tabular) -> dict[str, str]:
    """The titles that stand in the tabular itself; those of 7th characters are left out."""
    nodes = sorted(tabular.headers | tabular.leaves)
    parents = {node[:-1].rstrip("X") for node in nodes}
    whole = [node for node in nodes if len(node) < 7 or not _is_extended(tabular, node)]  # noqa: PLR2004
    return {node: tabular.title(node) for node in whole if node in parents or tabular.title(node)}


def _is_extended(tabular: Tabular, node: str) -> bool:
    """Whether the last character is a 7th character that some node above defines."""
    above = (node[:length] for length in range(len(node) - 1, 2, -1))
    return any(node[-1] in tabular.sevenths.get(one, ()) for one in above)
