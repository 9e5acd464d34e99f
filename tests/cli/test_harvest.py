"""`baliza harvest`, `sync` and `gaps`: what they print, and how they end."""

from __future__ import annotations

import json
from datetime import date

import pytest

from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator
from baliza.simulator.world import world

PERIOD = ("--since", "2025-03-10", "--until", "2025-03-10")


@pytest.fixture(scope="session")
def everything():
    """One day of everything."""
    return world(seed=7, since=date(2025, 3, 10), until=date(2025, 3, 10), per_day=30)


@pytest.fixture
def server(everything):
    with Simulator(everything) as simulator:
        yield simulator


def test_a_family_is_harvested_and_called_complete(baliza, server, tmp_path):
    result = baliza("harvest", "--endpoint", "contratos", *PERIOD, "--pncp-url", server.url)
    assert result.exit_code == 0
    assert "SYNTHETIC DATA" in result.stdout
    assert "contratos_atualizacao" in result.stdout
    assert "Complete: " in result.stdout
    assert (tmp_path / "data/baliza.duckdb").exists()


def test_json_says_what_was_asked_and_proven(baliza, server):
    arguments = ("--uf", "sp", "--modalidade", "6", *PERIOD, "--pncp-url", server.url, "--json")
    told = json.loads(baliza("harvest", "-e", "contratacoes_publicacao", *arguments).stdout)
    assert (told["command"], told["endpoints"]) == ("harvest", ["contratacoes_publicacao"])
    assert (told["slices"], told["modalidades"]) == (["uf=SP"], [6])
    assert told["coverage"]["complete"] is True
    assert told["coverage"]["landed"] == told["coverage"]["expected"]
    assert told["exit_code"] == 0


def test_a_dry_run_tells_requests_and_time_and_asks_nothing(baliza, server, tmp_path, monkeypatch):
    monkeypatch.delenv("BALIZA_MAX_RPS")
    arguments = ("-e", "contratos_publicacao", *PERIOD, "--pncp-url", server.url, "--dry-run")
    shown = baliza("harvest", *arguments)
    told = json.loads(baliza("harvest", *arguments, "--json").stdout)
    assert "About 17 requests to PNCP, 42 s at this pace." in shown.stdout
    assert "Nothing was asked of PNCP." in shown.stdout
    assert (told["requests"], told["dry_run"]) == (17, True)
    assert server.requests == []
    assert not (tmp_path / "data/baliza.duckdb").exists()


def test_details_need_a_yes_and_say_how_many(baliza, server):
    baliza("harvest", "-e", "contratacoes_publicacao", *PERIOD, "--modalidade", "8", "--pncp-url", server.url)
    refused = baliza("harvest", "-e", "itens", *PERIOD, "--pncp-url", server.url)
    agreed = baliza("harvest", "-e", "itens", *PERIOD, "--pncp-url", server.url, "--yes", "--json")
    assert refused.exit_code == 2
    assert "requests" in refused.stderr
    assert "--yes" in refused.stderr
    harvested = json.loads(agreed.stdout)["coverage"]
    assert harvested["complete"] is True
    # No feed fills the table, so nothing is fetched: what the file holds is built.
    built = baliza("build", "--target", "stage.itens", "--no-fetch", "--json")
    assert [table["rows"] for table in json.loads(built.stdout)["tables"]] == [harvested["landed"]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(("-e", "contrato"), "Did you mean contratos", id="endpoint nearly right"),
        pytest.param(("-e", "xyz"), "Choose from atas", id="endpoint of another world"),
        pytest.param(("-e", "contratos", "--uf", "SP"), "These can: contratacoes_publicacao", id="no filter"),
        pytest.param(("-e", "contratos", "--modalidade", "6"), "have no modalidade", id="no modalidade"),
        pytest.param(("-e", "contratacoes", "--modalidade", "99"), "19 Pregão – Presencial", id="modalidade"),
        pytest.param(("-e", "contratacoes", "--uf", "XX"), "Choose one of AC, AL", id="state"),
        pytest.param(("-e", "contratacoes", "--municipio", "355030"), "seven digits", id="municipality"),
        pytest.param(("-e", "contratos", "--cnpj", "123"), "fourteen characters", id="cnpj"),
        pytest.param(
            ("-e", "contratacoes", "--uf", "SP", "--cnpj", "00394460000141"), "one way", id="two slices"
        ),
        pytest.param(("-e", "pca_classe"), "Add --classe", id="needed filter"),
        pytest.param(("--since", "2025-02-30"), "not a day", id="no such day"),
        pytest.param(("--since", "2999-01-01"), "last closed day", id="future"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_touched(baliza, tmp_path, arguments, told):
    result = baliza("harvest", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "data").exists()


def test_gaps_shows_what_failed_and_fills_it(baliza, everything, monkeypatch):
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 2)
    with Simulator(everything, Faults(dead_days=frozenset({"20250310"}))) as broken:
        lost = baliza(
            "harvest", "-e", "atas", "-e", "contratos_publicacao", *PERIOD, "--pncp-url", broken.url
        )
        assert lost.exit_code == 1, "nothing ever answered"
    with Simulator(everything) as healthy:
        baliza("harvest", "-e", "atas", *PERIOD, "--pncp-url", healthy.url)
        shown = baliza("gaps")
        listed = json.loads(baliza("gaps", "--json").stdout)
        filled = baliza("gaps", "--fill", "--pncp-url", healthy.url)
        after = baliza("gaps")
    assert shown.exit_code == 3
    assert "baliza gaps --fill" in shown.stdout
    (gap,) = listed["gaps"]
    assert (gap["endpoint"], gap["since"], gap["until"]) == ("contratos", "2025-03-10", "2025-03-10")
    assert gap["status"] in {"failed", "pending"}, "whether its turn had come when the other gave up"
    assert (filled.exit_code, after.exit_code) == (0, 0)
    assert "No gaps" in after.stdout


def test_sync_needs_a_file_and_is_safe_to_repeat(baliza, server):
    missing = baliza("sync", "--pncp-url", server.url)
    baliza("harvest", "-e", "contratos_publicacao", *PERIOD, "--pncp-url", server.url)
    first = json.loads(baliza("sync", "--pncp-url", server.url, "--json").stdout)
    assert missing.exit_code == 1
    assert "There is no such file." in missing.stderr
    assert (first["command"], first["exit_code"]) == ("sync", 0)
    assert sum(one["stored"] for one in first["harvests"]) == 0


def test_the_sample_answers_harvests_too(baliza):
    result = baliza("harvest", "--source", "sample", "-e", "atas", "--json")
    told = json.loads(result.stdout)
    assert (told["source"], told["coverage"]["complete"]) == ("sample", True)
    assert told["coverage"]["landed"] > 500
