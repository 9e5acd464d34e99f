"""Bulk contracts: what a harvest would have left, at any size, and one more day of it."""

from __future__ import annotations

import hashlib
from datetime import date

import duckdb
import pytest

from baliza import __version__, driver
from baliza.build.raw_tables import raw_table, raw_tables
from baliza.simulator import bulk
from baliza.warehouse import diary, ledger, schema
from baliza.warehouse.connection import connect

CONTRACTS = 3_000
SINCE, UNTIL = date(2024, 11, 1), date(2025, 2, 28)


def _made(path, seed=1):
    con = connect(path, write=True)
    schema.prepare(con, path, version=__version__, raw_tables=raw_tables())
    bulk.fill(
        con, raw_table("contratos"), contracts=CONTRACTS, seed=seed, since=SINCE, until=UNTIL, countries=1
    )
    return con


def _rows(con):
    rows = con.execute(
        "SELECT content_hash, observation_id, observed_at, source_endpoint FROM raw.contratos ORDER BY 2"
    ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("bulk") / "bulk.duckdb"
    _made(made).close()
    return made


@pytest.fixture(scope="module")
def con(path):
    with duckdb.connect(path, read_only=True) as opened:
        yield opened


def _one(con, sql):
    return con.execute(sql).fetchone()


def test_there_are_as_many_contracts_as_asked_for_and_a_later_version_of_one_in_twenty(con):
    rows, keys = _one(con, 'SELECT count(*), count(DISTINCT "numeroControlePNCP") FROM raw.contratos')
    assert keys == CONTRACTS
    assert 0.03 < (rows - keys) / rows < 0.07


def test_observations_are_numbered_once_and_every_request_of_theirs_is_evidence(con):
    assert _one(con, "SELECT count(*) - count(DISTINCT observation_id) FROM raw.contratos") == (0,)
    unknown = "SELECT count(*) FROM raw.contratos ANTI JOIN meta.requests USING (request_id)"
    assert _one(con, unknown) == (0,)


def test_the_ledger_says_of_each_day_what_the_file_holds_of_it(con):
    coverage = ledger.known_coverage(con, "contratos")
    assert coverage.is_complete
    assert coverage.landed == CONTRACTS
    differing = """
        SELECT count(*) FROM (
            SELECT CAST("dataPublicacaoPncp" AS DATE) AS day, count(DISTINCT "numeroControlePNCP") AS held
            FROM raw.contratos GROUP BY ALL
        ) FULL JOIN (SELECT * FROM meta.coverage WHERE endpoint = 'contratos' AND landed > 0) USING (day)
        WHERE held IS DISTINCT FROM expected
    """
    assert _one(con, differing) == (0,)


def test_the_diary_of_landings_reconciles(con):
    assert all(told == found for _, told, found in diary.reconcile(con, "contratos"))


def test_texts_suppliers_and_buyers_vary(con):
    texts, suppliers, buyers, months = _one(
        con,
        """SELECT count(DISTINCT "objetoContrato"), count(DISTINCT "niFornecedor"),
                  count(DISTINCT "orgaoEntidade".cnpj), count(DISTINCT month("dataPublicacaoPncp"))
           FROM raw.contratos""",
    )
    assert texts > CONTRACTS * 0.8
    assert suppliers > CONTRACTS * 0.25
    assert buyers > 100
    assert months == 4


def test_most_empenhos_are_of_a_contract_of_the_same_purchase_and_supplier(con):
    empenhos, linked = _one(
        con,
        """
        WITH raw AS (SELECT *, "tipoContrato".id = 7 AS empenho FROM raw.contratos WHERE source_endpoint = 'contratos'),
             deals AS (SELECT DISTINCT "numeroControlePncpCompra", "niFornecedor" FROM raw WHERE NOT empenho)
        SELECT count(*), count(deals."niFornecedor") FROM (FROM raw WHERE empenho)
        LEFT JOIN deals USING ("numeroControlePncpCompra", "niFornecedor")
        """,
    )
    assert 0.35 < empenhos / CONTRACTS < 0.45
    assert 0.5 < linked / empenhos < 0.95


def test_the_same_seed_makes_the_same_rows_and_another_one_others(con, tmp_path):
    with _made(tmp_path / "again.duckdb") as again, _made(tmp_path / "other.duckdb", seed=2) as other:
        assert _rows(again) == _rows(con)
        assert _rows(other) != _rows(con)


def test_baliza_builds_from_it_and_every_gate_passes(path, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(path.read_bytes())
    with driver(copy, write=True) as building:
        building.execute(["mart_spending"])
        stage, buckets = building.backend.con.execute(
            "SELECT count(*), count(DISTINCT bucket) FROM stage.contratos"
        ).fetchone()
    assert (stage, buckets) == (CONTRACTS, 4)


def test_one_more_day_brings_new_contracts_and_changes_earlier_ones(path, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(path.read_bytes())
    with connect(copy, write=True) as con:
        before = _one(con, "SELECT count(*) FROM raw.contratos")[0]
        assert bulk.add_day(con, raw_table("contratos"), records=500, seed=1, countries=1) == date(2025, 3, 1)
        assert _one(con, "SELECT count(*) FROM raw.contratos")[0] == before + 500
        assert _one(con, 'SELECT count(DISTINCT "numeroControlePNCP") FROM raw.contratos') == (
            CONTRACTS + 400,
        )
        overtaken = """
            SELECT count(*) FROM raw.contratos AS old JOIN raw.contratos AS new USING ("numeroControlePNCP")
            WHERE old.source_endpoint = 'contratos' AND new."dataAtualizacaoGlobal" >= '2025-03-01'
              AND new."dataAtualizacaoGlobal" > old."dataAtualizacaoGlobal"
        """
        assert _one(con, overtaken)[0] >= 95
        assert all(told == found for _, told, found in diary.reconcile(con, "contratos"))
