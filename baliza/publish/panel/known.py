"""What is known of the file that a panel is made of: its source, its days, its tables, its holes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from baliza import __version__
from baliza.publish.export.stamp import SOURCES
from baliza.publish.panel import calendar
from baliza.publish.panel.calendar import PROVEN, Calendar
from baliza.warehouse import schema
from baliza.warehouse.snapshots import Snapshot

USED = (
    "mart.spending",
    "mart.supply",
    "mart.suppliers",
    "mart.concentration",
    "mart.publication",
    "mart.red_flags",
    "mart.flag_computability",
    "mart.open_tenders",
)
"""The tables that pages are made of."""


@dataclass(frozen=True)
class Known:
    """What pages say of the file, beside its numbers.

    Attributes:
        present: tables of USED that the file holds.
        missing: the others.
        built_at: UTC, of the newest table in use.
        snapshot: that is read; None where it is the file itself.
        set_aside: records in quarantine, and records that PNCP no longer shows.
    """

    database: Path
    source: str | None
    version: str
    synthetic: bool
    calendar: Calendar
    present: frozenset[str]
    missing: list[str]
    built_at: datetime | None
    snapshot: Snapshot | None
    set_aside: tuple[int, int]

    @property
    def told_source(self) -> str:
        """Where the data come from."""
        return SOURCES.get(self.source or "", "Fonte desconhecida")

    @property
    def told_built(self) -> str:
        """When the tables were made."""
        return _moment(self.built_at)

    @property
    def told_published(self) -> str:
        """When the state that is shown was published."""
        return (
            _moment(self.snapshot.published_at) if self.snapshot else "não publicado: lido do próprio arquivo"
        )

    @property
    def told_period(self) -> str:
        """The days that were asked of PNCP."""
        contracts = self.calendar.contracts
        if contracts is None:
            return "nenhum dia"
        return f"{contracts.since:%d/%m/%Y} a {contracts.until:%d/%m/%Y}"

    @property
    def unknown(self) -> list[str]:
        """What nobody should take from these pages."""
        quarantined, vanished = self.set_aside
        apart = {
            f"{quarantined} registros que não puderam ser lidos: estão em quarentena.": quarantined,
            f"{vanished} registros que o PNCP deixou de mostrar.": vanished,
        }
        return [
            "O que se pagou: contratos dizem o valor contratado, não o gasto.",
            "Compras sem contrato publicado: a maior parte das dispensas nunca vira contrato no PNCP.",
            "Empenhos, receitas e valores suspeitos: estão à parte, e não se somam ao valor contratado.",
            "Acréscimos que o PNCP guarda como termos: não entram no valor do contrato.",
            "Quantos concorreram, e por quanto: o PNCP só publica quem venceu.",
            "Onde fica o fornecedor: os contratos dizem só o lugar do comprador.",
            f"O que se publicou fora do período ({self.told_period}) ou em dias não provados.",
            *(told for told, records in apart.items() if records),
        ]

    def months(self) -> dict[str, list[int]]:
        """Of each month of contracts of the whole country: days proven, days asked about; none of a slice."""
        contracts = self.calendar.contracts
        if contracts is None or contracts.slice:
            return {}
        found: dict[str, list[int]] = {}
        for day, letter in contracts.by_day():
            month = found.setdefault(f"{day:%Y-%m}", [0, 0])
            month[0] += letter in PROVEN
            month[1] += 1
        return found


def read(con: duckdb.DuckDBPyConnection, database: Path, snapshot: Snapshot | None) -> Known:
    """What is known of a file."""
    query = (
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE database_name = current_database()"
    )
    tables = {location for (location,) in con.execute(query).fetchall()}
    present = frozenset(USED) & tables
    built: Any = con.execute(
        "SELECT max(built_at) FROM meta.tables WHERE list_contains($names::VARCHAR[], name)",
        {"names": [one.replace(".", "_", 1) for one in present]},
    ).fetchone()
    return Known(
        database=database,
        source=schema.read_fact(con, "source"),
        version=__version__,
        synthetic=schema.is_synthetic(con),
        calendar=calendar.read(con),
        present=present,
        missing=[one for one in USED if one not in present],
        built_at=built[0],
        snapshot=snapshot,
        set_aside=(_rows(con, tables, "meta.quarantine"), _rows(con, tables, "meta.vanished")),
    )


def command(table: str) -> str:
    """What makes a table; where the file is, nobody who reads the pages need know."""
    return f"baliza build --no-fetch --target {table.replace('.', '_', 1)}"


def _rows(con: duckdb.DuckDBPyConnection, tables: set[str], table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone() if table in tables else None
    return row[0] if row else 0


def _moment(moment: datetime | None) -> str:
    return f"{moment:%d/%m/%Y %H:%M} UTC" if moment else "desconhecido"
