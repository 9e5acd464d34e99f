from datetime import date, datetime, timedelta

import duckdb
import pytest

from baliza.build import gaps
from baliza.build.period import Period
from baliza.build.scope import endpoints
from baliza.pncp.job import Server
from baliza.pncp.progress import Silent
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator
from baliza.warehouse import ledger
from baliza.warehouse.connection import connect
from baliza.warehouse.ledger import Cell

NOW = datetime(2025, 4, 1)  # noqa: DTZ001  the file keeps UTC without saying so


@pytest.fixture
def know(database):
    def knowing(*cells):
        con = connect(database, write=True)
        ledger.record(con, cells, NOW)
        con.close()

    return knowing


def cell(number, status, **facts):
    return Cell(facts.pop("endpoint", "contratos"), date(2025, 3, number), status, **facts)


def test_days_open_for_the_same_reason_are_one_gap(database, know):
    know(
        cell(3, "failed", reason="504"),
        cell(4, "failed", reason="504"),
        cell(5, "complete", expected=4, landed=4),
        cell(6, "failed", reason="504"),
        cell(7, "short", expected=9, landed=7, reason="2 never came"),
        cell(8, "short", expected=5, landed=1, reason="2 never came"),
        cell(9, "pending"),
        cell(10, "empty"),
    )
    found = gaps.find(database, [], None).gaps
    assert [
        (gap.since.day, gap.until.day, gap.days, gap.status, gap.missing, gap.reason) for gap in found
    ] == [
        (3, 4, 2, "failed", None, "504"),
        (6, 6, 1, "failed", None, "504"),
        (7, 8, 2, "short", 6, "2 never came"),
        (9, 9, 1, "pending", None, None),
    ]


def test_modalidades_and_slices_are_apart_and_the_whole_country_closes_its_slices(database, know):
    purchases = {"endpoint": "contratacoes_publicacao"}
    know(
        cell(3, "failed", modalidade=6, **purchases),
        cell(3, "failed", modalidade=8, **purchases),
        cell(4, "failed", modalidade=6, slice="uf=SP", **purchases),
        cell(5, "failed", modalidade=6, slice="uf=SP", **purchases),
        cell(5, "complete", modalidade=6, expected=1, landed=1, **purchases),
    )
    found = gaps.find(database, [], None).gaps
    assert [(gap.modalidade, gap.slice, gap.since.day, gap.until.day) for gap in found] == [
        (6, "", 3, 3),
        (8, "", 3, 3),
        (6, "uf=SP", 4, 4),
    ]


def test_endpoints_and_period_narrow_what_is_told(database, know):
    know(cell(3, "failed"), cell(4, "failed", endpoint="atas_atualizacao"), cell(9, "failed"))
    assert len(gaps.find(database, [], None).gaps) == 3
    assert len(gaps.find(database, endpoints(["contratos"]), None).gaps) == 2
    assert len(gaps.find(database, [], Period(date(2025, 3, 1), date(2025, 3, 4))).gaps) == 2


def test_a_snapshot_of_a_past_day_is_no_gap(database, know):
    know(cell(3, "failed", endpoint="contratacoes_proposta"))
    report = gaps.find(database, [], None)
    assert (report.gaps, report.exit_code) == ([], 0)


def test_filling_asks_for_exactly_what_is_open(small_world, gather, database, read, monkeypatch):
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 2)
    with Simulator(small_world, Faults(dead_days=frozenset({"20250306", "20250307"}))) as broken:
        gather(broken.url, "contratacoes_publicacao", modalidades=(8, 13))
    assert gaps.find(database, [], None).exit_code == 3
    with Simulator(small_world) as healthy:
        report = gaps.fill(database, Server(healthy.url, max_rps=0), [], None, Silent())
        days = {query["dataInicial"] for _, query, _ in healthy.requests}
    assert (report.gaps, report.exit_code) == ([], 0)
    assert days == {"20250306", "20250307"}
    assert read("SELECT DISTINCT status FROM meta.coverage WHERE status NOT IN ('complete', 'empty')") == []


def test_open_details_are_filled_too(small_world, gather, database, read):
    with Simulator(small_world) as simulator:
        names = ("contratacoes_publicacao", "itens", "resultados")
        gather(simulator.url, *names, since=date(2025, 3, 10), until=date(2025, 3, 10))
        with duckdb.connect(str(database)) as con:
            con.execute(
                "UPDATE meta.coverage SET status = 'failed' WHERE endpoint IN ('itens', 'resultados')"
            )
        before = len(simulator.requests)
        report = gaps.fill(database, Server(simulator.url, max_rps=0), [], None, Silent())
        asked = len(simulator.requests) - before
    assert report.exit_code == 0
    ((items, results),) = read(
        "SELECT count(*) FILTER (endpoint = 'itens'), count(*) FILTER (endpoint = 'resultados') FROM meta.coverage"
    )
    assert asked >= items + results > 0


def test_single_failed_days_in_a_ledger_of_300_000_cells(database):
    with duckdb.connect(str(database)) as con:
        con.execute(
            """
            INSERT INTO meta.coverage
            SELECT 'contratacoes_publicacao', modalidade, '', DATE '1980-01-01' + CAST(n AS INTEGER),
                   CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'complete' END, 5, 5, 0, 1, 1, 0, NULL, now()
            FROM range(1, 20) AS m(modalidade), range(15790) AS d(n)
            """
        )
    found = gaps.find(database, [], None).gaps
    assert len(found) == 19 * 16
    assert found[0].until - found[0].since == timedelta(0)
