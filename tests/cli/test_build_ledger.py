"""`baliza build` of tables that the ledger, or the snapshot of the day, says everything of."""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build.period import today
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator
from baliza.simulator.world import world

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_coverage_of_no_file_makes_none(baliza, tmp_path):
    result = baliza("build", "-t", "mart_coverage", "--database", "new.duckdb")
    assert result.exit_code == 1
    assert "There is no such file" in result.stderr
    assert not (tmp_path / "new.duckdb").exists()


@pytest.fixture
def empty(tmp_path: Path, prepared: Path) -> Path:
    return Path(shutil.copy(prepared, tmp_path / "empty.duckdb"))


def test_coverage_of_a_file_that_holds_nothing_says_how_to_begin(baliza, empty):
    result = baliza("build", "-t", "mart_coverage", "--database", str(empty))
    assert result.exit_code == 1
    assert "holds no data" in result.stderr
    assert f"Fetch some first: baliza build --database {empty}" in result.stderr


def test_details_that_no_build_fetches_say_how_to_begin(baliza, empty):
    result = baliza("build", "-t", "stage_itens", "--database", str(empty))
    assert result.exit_code == 1
    assert "baliza harvest --endpoint itens" in result.stderr


def test_coverage_is_built_of_what_the_file_holds_and_asks_nothing(baliza, pncp, records, built):
    result = baliza("build", "-t", "mart_coverage", *PERIOD, "--pncp-url", pncp.url, "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert pncp.requests == []
    # Nothing was asked for, so there is no period to be complete.
    assert (told["period"], told["slices"], told["coverage"]["cells"]) == (None, [], {})
    assert read(
        built,
        "SELECT endpoint, celulas, registros_baixados, dias_provados, dias_nao_pedidos FROM mart.coverage",
    ) == [("contratos", 3, len(records), 3, 28)]


def test_coverage_tells_of_failures_too(baliza, records, tmp_path, monkeypatch):
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 2)
    with Simulator({"contratos": records}, Faults(dead_days=frozenset({"20250303"}))) as broken:
        lost = baliza("build", *PERIOD[:2], "--until", "2025-03-03", "--pncp-url", broken.url)
    assert lost.exit_code == 1, "nothing ever answered"
    result = baliza("build", "-t", "mart_coverage", "--no-fetch")
    assert result.exit_code == 0
    found = read(
        tmp_path / "data/baliza.duckdb", "SELECT celulas, celulas_completas, dias_provados FROM mart.coverage"
    )
    assert found == [(1, 0, 0)]


@pytest.fixture(scope="module")
def notices() -> list[dict[str, Any]]:
    """Purchases of a simulated week, all of whose proposals are still received next week."""
    day = today()
    made = world(seed=3, since=day - timedelta(days=7), until=day - timedelta(days=1), per_day=8)
    closing = datetime.combine(day + timedelta(days=7), time(9)).isoformat()
    open_ones = [
        one | {"dataEncerramentoProposta": closing, "situacaoCompraId": 1}
        for one in made["contratacoes_publicacao"]
        if one["dataEncerramentoProposta"]
    ]
    assert len(open_ones) > 20
    return open_ones


def test_open_tenders_fetch_the_snapshot_of_today(baliza, notices, tmp_path):
    with Simulator({"contratacoes_proposta": notices}) as server:
        result = baliza("build", "-t", "mart_open_tenders", "--pncp-url", server.url, "--json")
        assert {path for path, _query, _status in server.requests} == {
            "/api/consulta/v1/contratacoes/proposta"
        }

    built = json.loads(result.stdout)
    assert result.exit_code == 0
    # It speaks of the snapshot, and of no week.
    assert built["period"] == {"since": f"{today()}", "until": f"{today()}"}
    assert built["coverage"]["complete"] is True
    assert built["coverage"]["landed"] == len(notices)
    database = tmp_path / "data/baliza.duckdb"
    assert read(
        database, "SELECT DISTINCT data_referencia, dia_retrato, dias_desde_retrato FROM mart.open_tenders"
    ) == [(today(), today(), 0)]
    found = read(database, "SELECT numero_controle_pncp FROM mart.open_tenders ORDER BY ALL")
    assert [key for (key,) in found] == sorted(one["numeroControlePNCP"] for one in notices)


def test_a_snapshot_that_is_not_proven_leaves_its_purchases_out_with_a_number(baliza, notices, tmp_path):
    only = ("build", "-t", "mart_open_tenders", "--modalidade", "8")
    database = tmp_path / "data/baliza.duckdb"
    with Simulator({"contratacoes_proposta": notices}) as server:
        baliza(*only, "--pncp-url", server.url)
        with duckdb.connect(str(database)) as con:
            con.execute("UPDATE meta.coverage SET status = 'short'")
        shown = baliza("build", "-t", "mart_open_tenders", "--no-fetch")
    direct = sum(one["modalidadeId"] == 8 for one in notices)
    assert "Coverage" not in shown.stdout, "no day was asked about"
    assert read(database, "SELECT count(*) FROM mart.open_tenders") == [(0,)]
    assert read(
        database,
        "SELECT expected, found FROM meta.reconciliations WHERE table_name = 'mart_open_tenders' "
        "AND measure = 'unproven'",
    ) == [(direct, direct)]
    again = baliza(*only, "--pncp-url", "http://127.0.0.1:1")
    assert again.exit_code == 3
    assert "NOT complete" in again.stdout


def test_the_sample_was_open_on_its_last_day(baliza, tmp_path):
    result = baliza("build", "-t", "mart_open_tenders", "--source", "sample")
    assert result.exit_code == 0
    assert "Coverage 2025-06-30 – 2025-06-30: complete, 34 of 34 records." in result.stdout
    database = tmp_path / "data/sample.duckdb"
    assert read(
        database, "SELECT data_referencia, dia_retrato, count(*) FROM mart.open_tenders GROUP BY ALL"
    ) == [(date(2025, 6, 30), date(2025, 6, 30), 34)]
