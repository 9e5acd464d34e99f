from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build import catalog, collect, scope
from baliza.build.collect import HarvestReport, HarvestRequest
from baliza.build.driver import building
from baliza.build.how import How
from baliza.build.journal import Built
from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.pncp.job import Server
from baliza.pncp.progress import Silent
from baliza.simulator.world import world
from baliza.warehouse.connection import connect

SINCE, UNTIL = date(2025, 3, 3), date(2025, 3, 14)


@pytest.fixture(scope="session")
def small_world() -> dict[str, Any]:
    """Twelve days of everything."""
    return world(seed=11, since=SINCE, until=UNTIL, per_day=8)


@pytest.fixture
def database(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def read(database: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    def reading(query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(database), read_only=True) as con:
            return con.execute(query).fetchall()

    return reading


@pytest.fixture
def gather(database: Path) -> Callable[..., HarvestReport]:
    """Harvest endpoints of the small world's days from a server, without a limit of rate."""

    def gathering(
        url: str, *names: str, since: date = SINCE, until: date = UNTIL, confirm: bool = True, **narrowed: Any
    ) -> HarvestReport:
        request = HarvestRequest(
            database=database,
            source="pncp",
            server=Server(url, max_rps=0),
            endpoints=tuple(scope.endpoints(names)),
            scope=Scope(Period(since, until), **narrowed),
        )
        return collect.collect(request, Silent(), lambda _estimate: confirm)

    return gathering


@pytest.fixture(scope="session")
def records_file(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], File]:
    """A file of its own for each call, with no record."""

    def making() -> File:
        path = tmp_path_factory.mktemp("records") / "test.duckdb"
        return File(Path(shutil.copy(prepared, path)))

    return making


BEGAN = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so
STAGES = ("stage_contratos",)
MARTS = tuple(name for name, node in catalog.tables().items() if node.contract.by_group)


@dataclass(frozen=True)
class Record:
    """One version of a contract.

    Attributes:
        key: its number.
        value: in reais; None where it has none.
        day: of its last update, counted from the beginning; None where it was never updated.
        orgao: who contracts: 0 to 9.
        month: of publication, counted from the beginning; None where it is not said.
        supplier, purchase: by number; None where there is none.
        empenho: whether it is one.
        name: which of the names of everybody and everything it uses; None where it uses none.
    """

    key: int
    value: int | None = 100
    day: int | None = 0
    orgao: int = 0
    month: int | None = 0
    supplier: int | None = None
    purchase: int | None = None
    empenho: bool = False
    name: int | None = 0


class File:
    """A database with versions of contracts; it stays open.

    Args:
        path: of a file that is laid out.
    """

    record = Record

    def __init__(self, path: Path) -> None:
        self.path = path
        self.built: dict[str, Built] = {}
        self.con = connect(path, write=True)

    def land(self, *records: Record) -> None:
        """One landing of these versions, in order."""
        ((landing,),) = self.query("SELECT coalesce(max(landing_id), 0) + 1 FROM meta.landings")
        for place, record in enumerate(records):
            self.con.execute(_INSERT, _row(record) | {"landing": landing, "place": place})
        self.con.execute(
            """INSERT INTO meta.landings BY NAME SELECT $id AS landing_id, 'contratos' AS table_name,
            'contratos' AS endpoint, '' AS slice, $began::DATE AS since, $began::DATE AS until, $n AS received,
            $n AS stored, 0 AS repeats, 0 AS quarantined, $began AS landed_at""",
            {"id": landing, "n": len(records), "began": BEGAN},
        )

    def build(
        self, targets: Sequence[str] = MARTS, *, full: bool = False, dry: bool = False, **params: int
    ) -> dict[str, tuple[str, str]]:
        """What was decided of each table, and why."""
        how = How(force=catalog.tables() if full else (), full=full, dry=dry)
        driver, materializer = building(self.con.cursor(), self.path, params=params, how=how)
        driver.execute(list(targets))
        self.built = {built.name: built for built in materializer.built}
        return {built.name: (built.decision, built.reason) for built in materializer.built}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.con.execute(sql).fetchall()

    def rows(self, names: Iterable[str] = (*STAGES, *MARTS)) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of these tables, in an order of their own."""
        return {name: self.query(f"FROM {catalog.tables()[name].location} ORDER BY ALL") for name in names}

    def from_nothing(self, targets: Sequence[str] = MARTS, **params: int) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of these tables, and of stage, as a whole build makes them in a copy of the file."""
        self.con.execute("CHECKPOINT")
        copy = File(Path(shutil.copy(self.path, self.path.with_suffix(".copy"))))
        try:
            copy.build(targets, full=True, **params)
            return copy.rows(dict.fromkeys((*STAGES, *targets)))
        finally:
            copy.con.close()


def _row(record: Record) -> dict[str, Any]:
    """What PNCP would say of it."""
    named = None if record.name is None else f"named {record.name}"
    cnpj = f"{record.orgao}0394460005887"
    return {
        "key": f"{cnpj[1:]}0-2-{record.key:06d}/2025",
        "purchase": record.purchase if record.purchase is None else f"purchase {record.purchase}",
        "tipo": {"id": 7 if record.empenho else 1, "nome": None},
        "categoria": {"id": 90 + record.orgao % 2, "nome": named},
        "orgao": {
            "cnpj": cnpj,
            "razaoSocial": named,
            "poderId": "E",
            "esferaId": "M" if record.name else "E",
        },
        "unidade": {
            "codigoUnidade": None if record.orgao == 1 else "1",
            "nomeUnidade": named,
            "codigoIbge": f"350000{record.orgao % 2}",
            "municipioNome": named,
            "ufSigla": "SP",
            "ufNome": None,
        },
        "supplier": record.supplier if record.supplier is None else f"0039446000588{record.supplier}",
        "supplier_name": named,
        "tipo_pessoa": "PJ" if record.name != 1 else "PF",
        "value": record.value,
        "published": record.month if record.month is None else BEGAN.replace(month=record.month + 1, day=9),
        "updated": record.day if record.day is None else BEGAN.replace(day=record.day + 10),
        "now": BEGAN,
    }


_INSERT = """
INSERT INTO raw.contratos BY NAME SELECT
    $key AS "numeroControlePNCP", $purchase AS "numeroControlePncpCompra", $tipo AS "tipoContrato",
    $categoria AS "categoriaProcesso", $orgao AS "orgaoEntidade", $unidade AS "unidadeOrgao",
    $supplier AS "niFornecedor", $supplier_name AS "nomeRazaoSocialFornecedor", $tipo_pessoa AS "tipoPessoa",
    $value AS "valorGlobal", $published AS "dataPublicacaoPncp", $updated AS "dataAtualizacaoGlobal",
    $landing * 1000000 + $place AS observation_id, $now AS observed_at, 'contratos' AS source_endpoint,
    $landing AS request_id, uuid() AS content_hash
"""
