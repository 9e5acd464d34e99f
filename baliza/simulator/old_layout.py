"""Files of the layout baliza had before, made of pages: for tests, benchmarks and comparisons.

Each function writes one generation into a file, beside what it holds already. A page is what was asked and
what came. Rows that the old program took apart are written by `old_rows`.
"""

from __future__ import annotations

import hashlib
import json
import uuid
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

_REQUEST = """
    id UUID, extracted_at TIMESTAMP, endpoint_url VARCHAR, endpoint_name VARCHAR, request_parameters JSON,
    response_code INTEGER, {content} response_headers JSON, data_date DATE, run_id VARCHAR,
    total_records INTEGER, total_pages INTEGER, current_page INTEGER, page_size INTEGER
"""
_COLUMNS = {
    "psa.pncp_raw_responses": _REQUEST.format(content="response_content TEXT,"),
    "psa.pncp_requests": _REQUEST.format(content="") + ", content_id UUID",
    "psa.pncp_content": """
        id UUID, response_content TEXT, content_sha256 VARCHAR, content_size_bytes INTEGER,
        first_seen_at TIMESTAMP, last_seen_at TIMESTAMP, reference_count INTEGER
    """,
    "psa.raw_pncp_requests": _REQUEST.format(content="")
    + """,
        month VARCHAR, parse_status VARCHAR, parse_error_message TEXT, records_parsed INTEGER,
        parsed_at TIMESTAMP
    """,
    "raw.api_requests": """
        request_id UUID, ingestion_date DATE, endpoint VARCHAR, http_status INTEGER, etag VARCHAR,
        payload_sha256 VARCHAR, payload_size INTEGER, collected_at TIMESTAMP
    """,
    "raw.hot_payloads": "payload_sha256 VARCHAR, payload_compressed BLOB, first_seen_at TIMESTAMP",
}
"""The columns of each table."""

_BASE = "https://pncp.gov.br/api/consulta"
_PATHS = {
    "contratos_publicacao": "/v1/contratos",
    "contratos_atualizacao": "/v1/contratos/atualizacao",
    "contratacoes_publicacao": "/v1/contratacoes/publicacao",
    "contratacoes_atualizacao": "/v1/contratacoes/atualizacao",
    "contratacoes_proposta": "/v1/contratacoes/proposta",
    "atas_periodo": "/v1/atas",
    "atas_atualizacao": "/v1/atas/atualizacao",
    "pca_atualizacao": "/v1/pca/atualizacao",
    "instrumentoscobranca_inclusao": "/v1/instrumentoscobranca/inclusao",
}
_NAMESPACE = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True)
class OldPage:
    """What was asked of PNCP, and what came.

    Attributes:
        endpoint: under its old name.
        parameters: of the query, such as dataInicial, dataFinal, pagina, tamanhoPagina.
        body: None where nothing was kept.
        at: when, UTC.
        name: what the file calls the endpoint, where that is wrong.
        headers: of the answer.
    """

    endpoint: str
    parameters: Mapping[str, Any]
    body: bytes | None
    at: datetime
    status: int = 200
    run: str = "run-1"
    name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def numbers(self) -> tuple[int | None, int | None, int | None, int | None]:
        """Records, pages, page and size, as the old program read them."""
        try:
            told = json.loads(self.body or b"{}")
        except ValueError:
            told = {}
        told = told if isinstance(told, dict) else {}
        size = self.parameters.get("tamanhoPagina")
        page = self.parameters.get("pagina", told.get("numeroPagina"))
        return told.get("totalRegistros"), told.get("totalPaginas"), page, size

    def request(self, number: int) -> list[Any]:
        """The columns that every table of requests has, the body left out."""
        since = str(self.parameters.get("dataInicial", self.parameters.get("dataInicio", "")))
        day = f"{since[:4]}-{since[4:6]}-{since[6:8]}" if since else None
        return [
            _uuid(f"request {self.endpoint} {dict(self.parameters)} {self.at} {number}"),
            self.at, _BASE + _PATHS[self.endpoint], self.name or self.endpoint, json.dumps(self.parameters),
            self.status, json.dumps(self.headers), day, self.run, *self.numbers(),
        ]  # fmt: skip


def pages_of(
    endpoint: str,
    records: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    at: datetime,
    size: int,
    total: int | None = None,
    run: str = "run-1",
) -> list[OldPage]:
    """The pages of a listing, one a second.

    Args:
        endpoint: under its old name.
        records: all that the listing holds.
        parameters: of the query, without those of paging.
        at: when the first page came.
        size: of a page.
        total: what PNCP said, if not how many records there are.
        run: of the old program.
    """
    count = max(1, -(-len(records) // size))
    pages = []
    for number in range(1, count + 1):
        some = records[(number - 1) * size : number * size]
        told = len(records) if total is None else total
        body = {
            "data": some, "totalRegistros": told, "totalPaginas": -(-told // size), "numeroPagina": number,
            "paginasRestantes": max(0, -(-told // size) - number), "empty": not some,
        }  # fmt: skip
        asked = {**parameters, "pagina": number, "tamanhoPagina": size}
        text = json.dumps(body, ensure_ascii=False).encode()
        pages.append(OldPage(endpoint, asked, text, at + timedelta(seconds=number - 1), run=run))
    return pages


def write_first(path: Path, pages: Iterable[OldPage]) -> None:
    """The first generation: psa.pncp_raw_responses, each body with its request."""
    with laid_out(path, "psa.pncp_raw_responses") as con:
        for number, page in enumerate(pages):
            request = page.request(number)
            insert(con, "psa.pncp_raw_responses", [*request[:6], _text(page.body), *request[6:]])


def write_second(path: Path, pages: Iterable[OldPage]) -> None:
    """The second: psa.pncp_requests, and each body once in psa.pncp_content."""
    with laid_out(path, "psa.pncp_requests", "psa.pncp_content") as con:
        known: set[str] = set()
        for number, page in enumerate(pages):
            content = None
            if page.body is not None:
                digest = hashlib.sha256(page.body).hexdigest()
                content = _uuid(digest)
                if content not in known:
                    row = [content, _text(page.body), digest, len(page.body), page.at, page.at, 1]
                    insert(con, "psa.pncp_content", row)
                    known.add(content)
            insert(con, "psa.pncp_requests", [*page.request(number), content])


def write_parsed_requests(path: Path, pages: Iterable[OldPage]) -> None:
    """The second, later: psa.raw_pncp_requests, whose bodies were parsed (see `old_rows`) and dropped."""
    with laid_out(path, "psa.raw_pncp_requests") as con:
        for number, page in enumerate(pages):
            request = page.request(number)
            month = str(request[7])[:7] if request[7] else None
            parsed = len(json.loads(page.body or b"{}").get("data", []))
            insert(con, "psa.raw_pncp_requests", [*request, month, "success", None, parsed, page.at])


def write_third(path: Path, pages: Iterable[OldPage]) -> None:
    """The third: raw.api_requests, which say no window, and raw.hot_payloads, compressed."""
    with laid_out(path, "raw.api_requests", "raw.hot_payloads") as con:
        known: set[str] = set()
        for number, page in enumerate(pages):
            body = page.body or b""
            digest = hashlib.sha256(body).hexdigest()
            if digest not in known and page.body is not None:
                insert(con, "raw.hot_payloads", [digest, zlib.compress(body), page.at])
                known.add(digest)
            insert(
                con,
                "raw.api_requests",
                [
                    page.request(number)[0], page.at.date(), page.name or page.endpoint, page.status, None,
                    digest, len(body), page.at,
                ],
            )  # fmt: skip


@contextmanager
def laid_out(path: Path, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The file, open to be written in one transaction, with these tables of the layout."""
    with duckdb.connect(path) as con:
        for schema in sorted({table.partition(".")[0] for table in tables} or {"psa"}):
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for table in tables:
            con.execute(f"CREATE TABLE IF NOT EXISTS {table} ({_COLUMNS[table]})")
        con.execute("BEGIN")
        yield con
        con.execute("COMMIT")


def insert(con: duckdb.DuckDBPyConnection, table: str, row: Sequence[Any]) -> None:
    """Insert a row."""
    con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", list(row))  # noqa: S608


def _text(body: bytes | None) -> str | None:
    return None if body is None else body.decode("utf-8", errors="replace")


def _uuid(text: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, text))
