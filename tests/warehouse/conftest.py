import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build.raw_tables import raw_table
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.connection import connect
from baliza.warehouse.landing import Landed, Landing, Request, SpooledPage, Window, land
from baliza.warehouse.ledger import Cell
from baliza.warehouse.page import PageReader
from baliza.warehouse.raw_table import RawTable
from baliza.warehouse.vanished import Whole

DAY = date(2025, 3, 10)
NOW = datetime(2025, 4, 1, 12, 0, 0)  # noqa: DTZ001  the file keeps UTC without saying so


@pytest.fixture(scope="session")
def table() -> RawTable:
    return raw_table("contratos")


@pytest.fixture(scope="session")
def reader(table: RawTable) -> PageReader:
    return PageReader(table, day_field="dataPublicacaoPncp")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "test.duckdb"


@pytest.fixture
def con(database: Path, prepared: Path):
    shutil.copy(prepared, database)
    con = connect(database, write=True)
    yield con
    con.close()


@pytest.fixture
def record() -> Callable[..., dict[str, Any]]:
    """A contract with only the fields that matter, and those a test names."""

    def make(key: str = "00000000000191-2-000001/2025", **fields: Any) -> dict[str, Any]:
        return {
            "numeroControlePNCP": key,
            "dataPublicacaoPncp": f"{DAY}T10:00:00",
            "orgaoEntidade": {"cnpj": "00000000000191", "razaoSocial": "Prefeitura"},
            "valorGlobal": 100.5,
            **fields,
        }

    return make


@pytest.fixture
def page() -> Callable[..., bytes]:
    """The body of a page; a record may also be given as JSON text, bytes or str."""

    def render(*records: Any, total: int | None = None) -> bytes:
        texts = [
            one
            if isinstance(one, bytes)
            else one.encode()
            if isinstance(one, str)
            else json.dumps(one).encode()
            for one in records
        ]
        count = len(records) if total is None else total
        return b'{"data":[' + b",".join(texts) + b'],"totalRegistros":%d,"empty":false}' % count

    return render


class Arrivals:
    """Lands pages as a harvest would: each call is one window of one day, each body one request."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        database: Path,
        table: RawTable,
        reader: PageReader,
        endpoint: str = "contratos",
        request_ids: Iterator[int] | None = None,
    ) -> None:
        self.con = con
        self.table = table
        self.endpoint = endpoint
        self.request_ids = request_ids or itertools.count(1)
        self._database = database
        self._reader = reader

    def __call__(self, *bodies: bytes, **how: Any) -> Landed:
        now = how.pop("now", NOW)
        return land(self.con, self._database, self.table, self._reader, self.landing(*bodies, **how), now)

    def landing(
        self,
        *bodies: bytes,
        parent: str | None = None,
        parents: Sequence[str | None] = (),
        whole: Whole | None = None,
    ) -> Landing:
        """What these bodies bring; of one parent, or each of its own."""
        pages, defects, keys, received = [], [], set(), 0
        for number, body in enumerate(bodies, start=1):
            page = self._reader.read(body, parents[number - 1] if parents else parent)
            request = Request(
                request_id=next(self.request_ids),
                endpoint=self.endpoint,
                url=f"http://pncp.test/?pagina={number}",
                requested_at=NOW,
                seconds=0.1,
                status=200,
                size=len(body),
                sha256="0" * 64,
                outcome="records",
            )
            path = self._database.parent / f"{request.request_id:012d}.json"
            path.write_bytes(page.body)
            spooled = SpooledPage(path, request, number, list(page.days), page.received - len(page.defects))
            pages.append(spooled)
            defects += [(spooled, defect) for defect in page.defects]
            keys |= set(page.days) | {defect.key for defect in page.defects if defect.key}
            received += page.received
        quarantined = len({defect.key for _, defect in defects if defect.key})
        cell = Cell(
            self.endpoint,
            DAY,
            "complete",
            parent or "",
            expected=len(keys),
            landed=len(keys),
            quarantined=quarantined,
        )
        requests = [page.request for page in pages]
        window = Window(self.endpoint, parent or "", DAY, DAY)
        return Landing(window, pages, requests, [cell], defects, received, whole)


@pytest.fixture
def arrive(con: duckdb.DuckDBPyConnection, database: Path, table: RawTable, reader: PageReader) -> Arrivals:
    return Arrivals(con, database, table, reader)


@pytest.fixture
def arrivals(con: duckdb.DuckDBPyConnection, database: Path) -> Callable[[str], Arrivals]:
    """What lands answers of an endpoint, by its id; requests are numbered over all of them."""
    request_ids = itertools.count(1)

    def of(endpoint_id: str) -> Arrivals:
        endpoint = ENDPOINTS[endpoint_id]
        table = raw_table(endpoint.table)
        reader = PageReader(table, day_field=endpoint.day, shape=endpoint.shape)
        return Arrivals(con, database, table, reader, endpoint.id, request_ids)

    return of
