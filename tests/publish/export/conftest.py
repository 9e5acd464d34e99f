"""A small table of every kind of column, with hostile texts, and the means to export it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.publish.export.table import Choice, Covered, Table
from baliza.publish.export.writing import write
from dataflows.contract import (
    Contract,
    amount,
    count,
    day,
    flag,
    groups,
    identifier,
    integer,
    json,
    moment,
    quantity,
    text,
    texts,
)


class MartThings(Contract):
    """Coisas, uma por linha."""

    grain = "one row per thing"
    key = ("numero",)

    numero = text("Número da coisa.", nullable=False)
    uf_sigla = text("UF.", isin=("AC", "SC"))
    ano = integer("Ano.")
    nome_fornecedor = text("Nome; pode conter CPF.")
    valor = amount("Valor.")
    percentual = quantity("Parte.", unit="%")
    quantidade = count("Quantas.", unit="coisas")
    dia = day("Dia.")
    publicado_em = moment("Momento.")
    receita = flag("Se é receita.")
    marca = identifier("Marca.")
    resto = json("O resto.")
    nomes = texts("Nomes.")
    fontes = groups("Fontes.", {"codigo": integer("Código."), "nome": text("Nome.")})
    link_pncp = text("Página.")


DDL = """
    CREATE SCHEMA mart;
    CREATE TABLE mart.things (
        numero VARCHAR, uf_sigla VARCHAR, ano INTEGER, nome_fornecedor VARCHAR, valor DECIMAL(24, 4),
        percentual DECIMAL(24, 4), quantidade BIGINT, dia DATE, publicado_em TIMESTAMP, receita BOOLEAN, marca UUID,
        resto JSON, nomes VARCHAR[], fontes STRUCT(codigo INTEGER, nome VARCHAR)[], link_pncp VARCHAR
    );
"""

COVERED = Covered(
    endpoint="contratos",
    slice="",
    slices=1,
    since=date(2025, 1, 1),
    until=date(2025, 6, 30),
    cells={"complete": 180, "short": 1},
    expected=10,
    landed=9,
)

THINGS = Table(
    name="mart_things",
    contract=MartThings,
    built_at=datetime(2025, 7, 1, 12),  # noqa: DTZ001 - the file's times have no zone
    coverage=[COVERED],
    proven_at=datetime(2025, 7, 1, 11),  # noqa: DTZ001
)


@pytest.fixture
def things() -> duckdb.DuckDBPyConnection:
    """The table, empty."""
    con = duckdb.connect()
    con.execute(DDL)
    return con


@pytest.fixture
def fill(things: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """Adds rows, given as dicts; absent is null, the number counts up."""

    def add(*rows: dict[str, Any]) -> None:
        for position, row in enumerate(rows):
            told = {"numero": f"{position:03}", "quantidade": 0, **row}
            names = ", ".join(told)
            marks = ", ".join("?" * len(told))
            things.execute(f"INSERT INTO mart.things ({names}) VALUES ({marks})", list(told.values()))

    return add


@pytest.fixture
def exported(things: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., Path]:
    """Exports the table; gives the folder."""

    def export(
        format_: str, *, condition: str = "", force: bool = False, source: str = "pncp", **choice: Any
    ) -> Path:
        output = tmp_path / "out"
        chosen = Choice(format=format_, version="1.2.3", source=source, **choice)
        table = replace(THINGS, condition=condition)
        write(things, [table], chosen, output, force=force, told=lambda *_: None)
        return output

    return export
