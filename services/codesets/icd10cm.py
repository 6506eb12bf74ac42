"""ICD-10-CM: which editions this installation has, and how to open one.

The data come from the installed package simple-icd-10-cm, which ships the official files of one
release. The package itself is never imported: importing it takes seconds and 190 MB. Its files
are compiled once (`tabular_cache`) and read from there.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from services.chart.model import CodeSystem
from services.codesets.edition import Edition
from services.codesets.tabular import Tabular
from services.codesets.tabular_cache import Stale, held, read_cache, write_cache

PACKAGE = "simple-icd-10-cm"
FOLDER = "simple_icd_10_cm"
XML = "icd10c-tabular-April-1-2026.xml"
CODE_LIST = "code-list-April-2026.txt"

APRIL_2026 = Edition(
    system=CodeSystem.ICD10CM,
    name="ICD-10-CM April 2026",
    effective=date(2026, 4, 1),
    end=date(2026, 9, 30),
    source=f"CDC/NCHS tabular list of April 1, 2026, through {PACKAGE}",
    licence="public domain (NCHS/CMS); the package is MIT",
)


def open_april_2026(cache_folder: Path) -> Tabular:
    """The edition of April 2026; compiled into the folder if it is not there yet.

    A folder that cannot be written to only costs the compilation at every start.

    Raises:
        LookupError: the installed package does not hold the release of April 2026.
    """
    key = f"{APRIL_2026.name}; {PACKAGE} {version(PACKAGE)}"
    path = cache_folder / "icd10cm-2026-04.tables"
    with suppress(Stale):
        return read_cache(path, key, APRIL_2026)
    from services.codesets.tabular_xml import read_tabular  # noqa: PLC0415 - lxml: only to compile

    data = data_folder()
    tables = read_tabular(data / XML, data / CODE_LIST)
    with suppress(OSError, Stale):
        write_cache(path, key, tables)
        return read_cache(path, key, APRIL_2026)
    return held(APRIL_2026, tables)


def data_folder(package: str = FOLDER) -> Path:
    """Where the package keeps the release's files; it is found without being imported.

    Raises:
        LookupError: the package is not installed, or holds another release.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"{package} is not installed")
    data = Path(spec.submodule_search_locations[0]) / "data"
    if not (data / XML).is_file() or not (data / CODE_LIST).is_file():
        raise LookupError(f"{package} does not hold {APRIL_2026.name}")
    return data
