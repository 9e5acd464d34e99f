"""The real answers of PNCP, from its own pages to mart.spending, beside the same rules once more in plain Python."""

import json
import statistics
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import baliza
from baliza import __version__
from baliza.build.raw_tables import raw_table, raw_tables
from baliza.pncp.endpoints import ENDPOINTS
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server
from baliza.pncp.progress import Silent
from baliza.pncp.windows import windows
from baliza.simulator.server import Simulator
from baliza.warehouse import schema
from baliza.warehouse.connection import connect
from baliza.warehouse.ledger import WHOLE

KEY = ("cnpj_orgao", "codigo_unidade", "uf_sigla", "codigo_ibge", "mes", "categoria_processo_id")
BUCKETS = {
    "contract": ("quantidade_contratos", "valor_contratos"),
    "empenho": ("quantidade_empenhos", "valor_empenhos"),
    "suspect": ("quantidade_suspeitos", "valor_suspeito"),
    "income": ("quantidade_receitas", "valor_receita"),
}
ZERO = Decimal(0)


# What the mart says.


@pytest.fixture(scope="module")
def database(real_contratos, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("golden") / "real.duckdb"
    con = connect(path, write=True)
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    days = sorted({date.fromisoformat(record["dataPublicacaoPncp"][:10]) for record in real_contratos})
    with Simulator({"contratos": real_contratos}) as simulator:
        contratos = ENDPOINTS["contratos"]
        job = Job(contratos, raw_table(contratos.table), windows(contratos, WHOLE, days))
        harvest(con, path, Server(simulator.url, max_rps=0), [job], Silent())
    con.close()
    with baliza.driver(path, write=True) as driver:
        driver.execute(["mart_spending"])
    return path


@pytest.fixture(scope="module")
def mart(database) -> list[dict[str, Any]]:
    with baliza.driver(database) as driver:
        return driver.execute(["mart_spending"])["mart_spending"].to_pyarrow().to_pylist()


# What plain Python says.


@pytest.fixture(scope="module")
def records(real_pages) -> list[dict[str, Any]]:
    """The latest version of every contrato, numbers kept as text on their way to Decimal."""
    latest: dict[str, dict[str, Any]] = {}
    for record in _read(real_pages):
        held = latest.get(record["numeroControlePNCP"])
        if held is None or (record.get("dataAtualizacaoGlobal") or "") >= (
            held.get("dataAtualizacaoGlobal") or ""
        ):
            latest[record["numeroControlePNCP"]] = record
    return list(latest.values())


def _read(real_pages: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(real_pages.glob("contratos*/*.json")):
        answer = json.loads(file.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
        yield from answer["data"] if isinstance(answer, dict) else answer


def _money(record: dict[str, Any], field: str) -> Decimal | None:
    return None if record.get(field) is None else Decimal(record[field])


def _verdict(record: dict[str, Any]) -> str:
    value, initial = _money(record, "valorGlobal"), _money(record, "valorInicial")
    if value is None:
        return "ok"
    whole, _, decimals = f"{value:f}".partition(".")
    digits = whole + decimals.rstrip("0")
    growth = value / initial if initial is not None and initial > 0 else ZERO
    if value < 0 or value >= 10**10 or growth >= 100 or (len(digits) >= 6 and not digits.strip("9")):
        return "suspect"
    return "review" if value == 0 or value >= 10**9 or growth >= 10 else "ok"


def _bucket(record: dict[str, Any]) -> str:
    if record.get("receita"):
        return "income"
    if _verdict(record) == "suspect":
        return "suspect"
    return "empenho" if (record.get("tipoContrato") or {}).get("id") == "7" else "contract"


def _supply(record: dict[str, Any]) -> tuple[str | None, str | None]:
    return record["numeroControlePncpCompra"], record["niFornecedor"].strip() or None


def _key(record: dict[str, Any]) -> tuple[Any, ...]:
    unidade = record.get("unidadeOrgao") or {}
    year, month, _ = record["dataPublicacaoPncp"][:10].split("-")
    place = ((unidade.get(name) or "").strip() or None for name in ("codigoUnidade", "ufSigla", "codigoIbge"))
    categoria = (record.get("categoriaProcesso") or {}).get("id")
    return (
        record["orgaoEntidade"]["cnpj"],
        *place,
        date(int(year), int(month), 1),
        categoria and int(categoria),
    )


def _sum(records: list[dict[str, Any]]) -> Decimal:
    return sum((_money(record, "valorGlobal") or ZERO for record in records), ZERO)


def _row(records: list[dict[str, Any]], contracted: set[tuple[str | None, str | None]]) -> dict[str, Any]:
    """The numbers of one row of the mart."""
    by_bucket = {bucket: [record for record in records if _bucket(record) == bucket] for bucket in BUCKETS}
    spent = by_bucket["contract"] + by_bucket["empenho"]
    amounts = [
        amount for record in by_bucket["contract"] if (amount := _money(record, "valorGlobal")) is not None
    ]
    other_year = [
        record
        for record in spent
        if record.get("dataAssinatura") and record["dataAssinatura"][:4] != record["dataPublicacaoPncp"][:4]
    ]
    return {
        **{quantity: len(by_bucket[bucket]) for bucket, (quantity, _value) in BUCKETS.items()},
        **{value: _sum(by_bucket[bucket]) for bucket, (_quantity, value) in BUCKETS.items()},
        "quantidade_sem_valor": sum(not _money(record, "valorGlobal") for record in spent),
        "quantidade_fornecedores": len({_supply(record)[1] for record in spent} - {None}),
        "valor_em_revisao": _sum([record for record in spent if _verdict(record) == "review"]),
        "valor_assinado_outro_ano": _sum(other_year),
        "valor_empenhos_sem_contrato": _sum(
            [record for record in by_bucket["empenho"] if _supply(record) not in contracted]
        ),
        "maior_contrato": max(amounts, default=None),
        "mediana_contrato": statistics.median(amounts) if amounts else None,
    }


@pytest.fixture(scope="module")
def expected(records) -> dict[tuple[Any, ...], dict[str, Any]]:
    contracted = {_supply(record) for record in records if _bucket(record) == "contract"}
    rows = defaultdict(list)
    for record in records:
        rows[_key(record)].append(record)
    return {key: _row(group, contracted) for key, group in rows.items()}


# Both.


def test_every_record_is_there(records, mart):
    assert len(records) == sum(row[quantity] for row in mart for quantity, _ in BUCKETS.values()) > 1_000


@pytest.mark.parametrize("bucket", BUCKETS)
def test_count_and_sum_of_a_bucket(records, mart, bucket):
    quantity, value = BUCKETS[bucket]
    found = sum(row[quantity] for row in mart), sum(row[value] for row in mart)
    mine = [record for record in records if _bucket(record) == bucket]
    assert found == (len(mine), _sum(mine))


def test_rows_are_the_same_keys(expected, mart):
    keys = [tuple(row[name] for name in KEY) for row in mart]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(expected)


def test_every_number_of_every_row(expected, mart):
    for row in mart:
        numbers = expected[tuple(row[name] for name in KEY)]
        assert {name: row[name] for name in numbers} == numbers


def test_every_verdict(database, records):
    with baliza.driver(database) as driver:
        stage = driver.execute(["stage_contratos"])["stage_contratos"]
        rows = stage.select("numero_controle_pncp", "verdict", "bucket").to_pyarrow().to_pylist()
    found = {row["numero_controle_pncp"]: (row["verdict"], row["bucket"]) for row in rows}
    assert found == {record["numeroControlePNCP"]: (_verdict(record), _bucket(record)) for record in records}


def test_amounts_are_to_the_last_digit(database, records):
    fields = {
        "valor_inicial": "valorInicial",
        "valor_parcela": "valorParcela",
        "valor_acumulado": "valorAcumulado",
    }
    with baliza.driver(database) as driver:
        stage = driver.execute(["stage_contratos"])["stage_contratos"]
        rows = stage.select("numero_controle_pncp", "valor_global", *fields).to_pyarrow().to_pylist()
    found = {row.pop("numero_controle_pncp"): row for row in rows}
    fields["valor_global"] = "valorGlobal"
    assert found == {
        record["numeroControlePNCP"]: {name: _money(record, field) for name, field in fields.items()}
        for record in records
    }
