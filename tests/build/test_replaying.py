"""A replay of the whole file: every endpoint, one transaction, its exit code, its line in the diary."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build import replaying
from baliza.build.raw_tables import raw_table
from baliza.build.replaying import Replayed, replay
from baliza.errors import DatabaseMissingError, UnknownTargetError
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.connection import connect
from baliza.warehouse.landing import Landing, Request, SpooledPage, Window, land
from baliza.warehouse.ledger import Cell
from baliza.warehouse.page import PageReader

AT = datetime(2025, 4, 1, 12)  # noqa: DTZ001  the file keeps UTC without saying so
DAY = date(2025, 3, 10)
PURCHASE = "00000000000191-1-000001/2025"


class File:
    """A file into which answers land as a harvest lands them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._requests = 0

    def land(self, endpoint_id: str, body: Any, slice_: str = "") -> None:
        endpoint, table = ENDPOINTS[endpoint_id], raw_table(ENDPOINTS[endpoint_id].table)
        reader = PageReader(table, day_field=endpoint.day, shape=endpoint.shape)
        page = reader.read(json.dumps(body).encode(), slice_ or None)
        self._requests += 1
        request = Request(self._requests, endpoint_id, "http://pncp.test/", AT, 0.1, 200, 1, None, "records")
        path = self.path.parent / f"{self._requests:012d}.json"
        path.write_bytes(page.body)
        spooled = SpooledPage(path, request, 1, list(page.days), len(page.records))
        keys = set(page.days) | {defect.key for defect in page.defects if defect.key}
        cell = Cell(
            endpoint_id,
            DAY,
            "complete",
            slice_,
            expected=len(keys),
            landed=len(keys),
            quarantined=len(keys) - len(page.days),
        )
        window = Window(endpoint_id, slice_, DAY, DAY)
        defects = [(spooled, defect) for defect in page.defects]
        landing = Landing(window, [spooled], [request], [cell], defects, page.received)
        con = connect(self.path, write=True)
        try:
            land(con, self.path, table, reader, landing, AT)
        finally:
            con.close()

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.path) as con:
            return con.execute(statement, values).fetchall()

    def mend(self) -> None:
        self.run("UPDATE meta.quarantine SET raw_text = replace(raw_text, '2025-02-30', '2025-02-28')")


@pytest.fixture
def file(tmp_path: Path, prepared: Path) -> File:
    """Bad records of a list, of plans, and of details, each in quarantine."""
    file = File(Path(shutil.copy(prepared, tmp_path / "test.duckdb")))
    contract = {"dataPublicacaoPncp": f"{DAY}T10:00:00", "dataAssinatura": "2025-02-30"}
    file.land("contratos", {"data": [{"numeroControlePNCP": "a", **contract}], "totalRegistros": 1})
    items = [{"numeroItem": 1, "dataInclusao": "2025-02-30T10:00:00"}, {"numeroItem": 2}]
    file.land("itens", items, PURCHASE)
    plan = {
        "idPcaPncp": "p",
        "dataAtualizacaoGlobalPCA": f"{DAY}T10:00:00",
        "itens": [{"numeroItem": 1, "dataDesejada": "2025-02-30"}],
    }
    file.land("pca_atualizacao", {"data": [plan], "totalRegistros": 1})
    assert file.run("SELECT count(*) FROM meta.quarantine") == [(3,)]
    return file


def test_every_endpoint_is_tried(file: File):
    file.mend()
    replayed = replay(file.path)

    assert (replayed.tried, replayed.landed, replayed.identical, replayed.refused) == (3, 3, 0, 0)
    assert replayed.exit_code == 0
    assert file.run("SELECT count(*) FROM meta.quarantine") == [(0,)]
    assert file.run('SELECT parent_key, "numeroItem", request_id FROM raw.itens ORDER BY 2') == [
        (PURCHASE, 1, 2),
        (PURCHASE, 2, 2),
    ]
    assert file.run('SELECT "idPcaPncp", "numeroItem" FROM raw.pca_itens') == [("p", 1)]
    assert file.run("SELECT DISTINCT status, quarantined FROM meta.coverage") == [("complete", 0)]
    assert file.run("SELECT command, exit_code FROM meta.runs") == [("replay", 0)]
    assert list(file.path.parent.glob("test.duckdb.*")) == []


@pytest.mark.parametrize("named", ["itens", "raw.itens", "raw_itens"])
def test_one_table_alone(file: File, named: str):
    file.mend()

    assert replay(file.path, table=named).landed == 1
    assert file.run("SELECT table_name FROM meta.quarantine ORDER BY 1") == [("contratos",), ("pca_itens",)]


def test_what_is_still_refused_is_told_by_reason(file: File):
    replayed = replay(file.path)

    assert (replayed.landed, replayed.refused, replayed.exit_code) == (0, 3, 3)
    assert sum(replayed.reasons.values()) == 3
    assert all("2025-02-30" in reason for reason in replayed.reasons)
    assert file.run("SELECT exit_code FROM meta.runs") == [(3,)]
    told = replayed.as_json()
    assert told["tried"] == told["landed"] + told["identical"] + told["refused"] == 3


def test_nothing_in_quarantine(tmp_path: Path, prepared: Path):
    path = Path(shutil.copy(prepared, tmp_path / "test.duckdb"))
    replayed = replay(path)

    assert (replayed.tried, replayed.exit_code) == (0, 0)


def test_a_failure_changes_nothing(file: File, monkeypatch: pytest.MonkeyPatch):
    file.mend()
    counted = Replayed.add

    def failing(self: Replayed, tried: Any) -> None:
        counted(self, tried)
        if self.tried == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(replaying.Replayed, "add", failing)
    with pytest.raises(KeyboardInterrupt):
        replay(file.path)

    assert file.run("SELECT count(*) FROM meta.quarantine") == [(3,)]
    assert file.run("SELECT count(*) FROM raw.contratos") == [(0,)]
    assert file.run("SELECT count(*) FROM meta.landings") == [(3,)]


def test_an_endpoint_of_a_later_baliza_is_left_alone(file: File):
    file.mend()
    file.run("UPDATE meta.quarantine SET endpoint = 'later' WHERE table_name = 'itens'")
    replayed = replay(file.path)

    assert (replayed.landed, replayed.refused) == (2, 1)


@pytest.mark.parametrize("source", ["sample", "simulator", "pncp"])
def test_a_file_of_any_source_stays_of_it(file: File, source: str):
    file.run("INSERT INTO meta.database VALUES ('source', ?)", source)
    file.mend()

    assert replay(file.path).landed == 3
    assert file.run("SELECT value FROM meta.database WHERE key = 'source'") == [(source,)]


def test_no_file_is_made(tmp_path: Path):
    with pytest.raises(DatabaseMissingError):
        replay(tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_none(file: File):
    with pytest.raises(UnknownTargetError, match="contratos"):
        replay(file.path, table="contrato")
