"""Wiring: the one place where a port meets its adapter, and a rule file becomes rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from messages.stage import Stage

if TYPE_CHECKING:
    from config.settings import Settings
    from services.assembly.profiles import Facility, PayerProfile
    from services.chart.ports import Clearinghouse, Store
    from services.codesets.library import CodeSets
    from services.completeness.matrix import DocumentMatrix
    from services.edi.guide import GuideError

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Line:
    """What the stages work with: rules, code sets, profiles, and the ports to the outside."""

    settings: Settings
    payers: Mapping[str, PayerProfile]
    facilities: Mapping[str, Facility]
    matrix: DocumentMatrix
    codesets: CodeSets
    clearinghouses: Mapping[str, Clearinghouse]  # by mailbox
    guide_check: Callable[[bytes], Sequence[GuideError]]

    def with_clearinghouses(self, clearinghouses: Mapping[str, Clearinghouse]) -> Line:
        """The same line with other mailboxes."""
        return replace(self, clearinghouses=clearinghouses)

    def close(self) -> None:
        """Let go of engines and connections."""
        self.codesets.close()


def open_store(settings: Settings) -> Store:
    """The store that the settings name. SQLite is migrated here; a server by `db migrate`.

    Raises:
        Outage: the store cannot be reached.
        ValueError: the address is of no store that Chartline knows.
    """
    url = settings.store
    if url.startswith("sqlite:///"):
        from services.adapters.store.migrate import upgrade  # noqa: PLC0415 - opened on demand
        from services.adapters.store.sqlite import SqliteBackend  # noqa: PLC0415

        upgrade(url)
        return SqliteBackend(Path(url.removeprefix("sqlite:///")))
    if url.startswith(("postgresql://", "postgres://")):
        from services.adapters.store.postgres import PostgresBackend  # noqa: PLC0415

        return PostgresBackend(url, pool_size=settings.store_pool_size)
    raise ValueError("CHARTLINE_STORE_URL must begin with sqlite:/// or postgresql://")


def build_line(settings: Settings, stages: Collection[str] = tuple(Stage)) -> Line:
    """The line for these stages. Code sets and guides open when first asked, or by `warm`."""
    line = Line(
        settings=settings,
        payers=load_payers(settings),
        facilities=load_facilities(settings),
        matrix=load_matrix(settings),
        codesets=load_codesets(settings),
        clearinghouses=_clearinghouses(settings, stages),
        guide_check=_guide_check(settings),
    )
    if Stage.CODING in stages:
        line.codesets.warm()
    return line


def load_codesets(settings: Settings) -> CodeSets:
    """The code sets by date: loaded editions first, then what the packages ship.

    A running process has the editions that were there when it started.
    """
    from services.codesets.library import open_codesets  # noqa: PLC0415 - costs start-up time
    from services.codesets.shelf import Shelf  # noqa: PLC0415
    from services.codesets.shelf_tabular import shelved_tabulars  # noqa: PLC0415

    folder = settings.data_dir / "codesets"
    shelf = Shelf(folder)
    return open_codesets(
        folder,
        shelved=shelved_tabulars(shelf),
        listed_poa_exempt=shelf.is_poa_exempt,
        second_opinion=settings.second_grouper,
    )


def load_payers(settings: Settings) -> Mapping[str, PayerProfile]:
    """Payer profiles by payer id."""
    from services.assembly.profiles import load_payers as load  # noqa: PLC0415

    return load(_text(settings.payers_file, "payers.yaml"))


def load_facilities(settings: Settings) -> Mapping[str, Facility]:
    """Facilities by the id that charts use."""
    from services.assembly.profiles import load_facilities as load  # noqa: PLC0415

    return load(_text(settings.facilities_file, "facilities.yaml"))


def load_matrix(settings: Settings) -> DocumentMatrix:
    """The document matrix."""
    from services.completeness.loading import load  # noqa: PLC0415

    return load(_text(settings.documents_file, "documents.yaml"))


def _text(chosen: Path | None, packaged: str) -> str:
    return (chosen or HERE / packaged).read_text(encoding="utf-8")


def _clearinghouses(settings: Settings, stages: Collection[str]) -> Mapping[str, Clearinghouse]:
    if stages and Stage.SUBMISSION not in stages:
        return {}
    from services.adapters.clearinghouse.simulator import SimulatedClearinghouse  # noqa: PLC0415
    from services.adapters.resilience import ResilientClearinghouse  # noqa: PLC0415

    simulator = SimulatedClearinghouse(
        settings.data_dir / "clearinghouse.sqlite",
        payment_delay_ms=settings.simulator_payment_delay_ms,
    )
    return {"simulator": ResilientClearinghouse(simulator)}


def _guide_check(settings: Settings) -> Callable[[bytes], Sequence[GuideError]]:
    if not settings.guide_check:
        return lambda _content: ()
    from services.edi.guide import check  # noqa: PLC0415 - the maps are large

    return check
