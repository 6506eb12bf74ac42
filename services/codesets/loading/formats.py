"""Every layout that can be loaded, by the name that `chartline codesets load` takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from services.chart.model import CodeSystem
from services.codesets.edit_tables import AddOn, MpfsIndicator, Mue, NcciPair, OppsRow, Setting
from services.codesets.loading import edits, hcpcs, index, lists, orders, tabular
from services.codesets.loading.reading import Reading
from services.codesets.shelf_failures import UnknownFormat
from services.codesets.shelf_rows import CodeRow, DrgRow, IndexRow
from services.codesets.shelf_systems import (
    ADD_ON,
    CARC,
    MODIFIER,
    MPFS,
    MS_DRG,
    MUE_OUTPATIENT,
    MUE_PRACTITIONER,
    NCCI_OUTPATIENT,
    NCCI_PRACTITIONER,
    OPPS,
    PLACE_OF_SERVICE,
    POA_EXEMPT,
    RARC,
    REVENUE_CODE,
    TABULAR,
)

PUBLIC = "public domain (CMS/NCHS)"


@dataclass(frozen=True, slots=True)
class Format:
    """One layout. `licence` "" : the set is licensed, and whoever loads it says under what."""

    name: str
    system: str
    row_type: type
    read: Callable[[Reading], Iterator[Any]]
    words: str
    licence: str = PUBLIC


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "icd10cm-order",
            CodeSystem.ICD10CM,
            CodeRow,
            orders.read_cm_order,
            "icd10cm_order_*.txt",
        ),
        Format(
            "icd10cm-tabular",
            TABULAR,
            CodeRow,
            tabular.read_codes,
            "icd10cm-tabular-*.xml and icd10cm_order_*.txt",
        ),
        *(
            Format(
                f"icd10cm-{kind}", f"ICD-10-CM {words}", IndexRow, index.read_index, f"{kind} XML"
            )
            for kind, words in (
                ("index", "index"),
                ("eindex", "external cause index"),
                ("neoplasm", "neoplasm table"),
                ("drug", "drug table"),
            )
        ),
        Format(
            "icd10pcs-order",
            CodeSystem.ICD10PCS,
            CodeRow,
            orders.read_pcs_order,
            "icd10pcs_order_*.txt",
        ),
        Format(
            "icd9cm-dx",
            CodeSystem.ICD9CM,
            CodeRow,
            orders.read_icd9_diagnoses,
            "CMS32 diagnoses, long (and short) titles",
        ),
        Format(
            "icd9cm-px",
            "ICD-9-CM procedures",
            CodeRow,
            orders.read_icd9_procedures,
            "CMS32 procedures, long (and short) titles",
        ),
        Format(
            "hcpcs",
            CodeSystem.HCPCS,
            CodeRow,
            hcpcs.read_hcpcs,
            "HCPC*_ANWEB: 320 columns, xlsx or csv",
        ),
        Format(
            "cpt",
            CodeSystem.CPT,
            CodeRow,
            lists.read_cpt,
            "your licensed file: code, effective, end, licence",
            licence="",
        ),
        Format(
            "modifiers",
            MODIFIER,
            CodeRow,
            lists.list_reader("[0-9A-Z]{2}", "a modifier", width=2),
            "your list: code, title, effective, end",
            licence="",
        ),
        Format(
            "ncci-practitioner",
            NCCI_PRACTITIONER,
            NcciPair,
            edits.ncci_reader(Setting.PRACTITIONER),
            "NCCI PTP practitioner, all files of a quarter",
            licence="",
        ),
        Format(
            "ncci-outpatient",
            NCCI_OUTPATIENT,
            NcciPair,
            edits.ncci_reader(Setting.OUTPATIENT),
            "NCCI PTP outpatient hospital, all files of a quarter",
            licence="",
        ),
        Format(
            "mue-practitioner",
            MUE_PRACTITIONER,
            Mue,
            edits.mue_reader(Setting.PRACTITIONER),
            "MUE practitioner services",
            licence="",
        ),
        Format(
            "mue-outpatient",
            MUE_OUTPATIENT,
            Mue,
            edits.mue_reader(Setting.OUTPATIENT),
            "MUE facility outpatient hospital services",
            licence="",
        ),
        Format("add-ons", ADD_ON, AddOn, edits.read_add_ons, "NCCI add-on code edits", licence=""),
        Format("mpfs", MPFS, MpfsIndicator, edits.read_fee_schedule, "PPRRVU*.csv", licence=""),
        Format("opps", OPPS, OppsRow, edits.read_addendum_b, "OPPS Addendum B", licence=""),
        Format("ms-drg", MS_DRG, DrgRow, lists.read_table_5, "IPPS Table 5"),
        Format(
            "poa-exempt",
            POA_EXEMPT,
            CodeRow,
            lists.read_poa_exempt,
            "POA exempt codes: order, code, description",
        ),
        Format(
            "pos",
            PLACE_OF_SERVICE,
            CodeRow,
            lists.list_reader("[0-9]{2}", "a place of service of two digits", width=2),
            "place of service: code, name",
        ),
        Format(
            "revenue",
            REVENUE_CODE,
            CodeRow,
            lists.list_reader("[0-9]{4}", "a revenue code of four digits", width=4),
            "your revenue codes: code, title",
            licence="",
        ),
        Format(
            "carc",
            CARC,
            CodeRow,
            lists.list_reader("[0-9A-Z]{1,3}", "a CARC"),
            "your CARC list: code, description, start, stop",
            licence="",
        ),
        Format(
            "rarc",
            RARC,
            CodeRow,
            lists.list_reader("[A-Z]{1,2}[0-9]{1,3}", "a RARC"),
            "your RARC list: code, description, start, stop",
            licence="",
        ),
    )
}


def format_named(name: str) -> Format:
    """The layout of that name. Raises: UnknownFormat."""
    found = FORMATS.get(name)
    if found is None:
        raise UnknownFormat(f"There is no format {name!r}; there are {', '.join(sorted(FORMATS))}.")
    return found
