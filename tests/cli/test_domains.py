"""`baliza domains check` and `update`: what they print, how they end."""

import json
import shutil

import pytest

from baliza.build import domain_tables
from baliza.simulator.domains import domains as served
from baliza.simulator.server import Simulator
from dataflows import code_tables


@pytest.fixture
def tables():
    """What the simulator shows, and every code and label it leaves out."""
    tables = served()
    for name in ("amparo_legal", "porte_empresa"):
        codes = domain_tables.read(domain_tables.INSTALLED, name)
        tables[code_tables.API_PATHS[name].removeprefix("/v1/")] = [
            {"id": int(code), "nome": one.label, "statusAtivo": one.active} for code, one in codes.items()
        ]
    return tables


@pytest.fixture
def pncp(tables):
    with Simulator({"domains": tables}) as simulator:
        yield simulator


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(domain_tables.INSTALLED, tmp_path / "domains")


def test_check_exits_0_when_all_is_equal(baliza, pncp):
    result = baliza("domains", "check", "--pncp-url", pncp.url)

    assert result.exit_code == 0
    assert "modalidade: equal, 19 codes" in result.stdout
    assert "SYNTHETIC" in result.stdout
    assert "natureza_juridica" in result.stdout.partition("Not checkable")[2]


def test_check_exits_3_and_lists_what_differs(baliza, pncp, tables):
    tables["modalidades"][0]["nome"] = "Leilão [novo]"
    del tables["modalidades"][1]
    result = baliza("domains", "check", "--pncp-url", pncp.url)
    told = " ".join(result.stdout.split())

    assert result.exit_code == 3
    assert "modalidade: 2 differences" in told
    assert "1 other label Leilão - Eletrônico Leilão [novo]" in told
    assert "2 gone Diálogo Competitivo –" in told
    assert "baliza domains update" in told


def test_check_exits_1_and_names_the_tables_not_answered(baliza, pncp, tables):
    tables["modalidades"].clear()
    tables["modos-disputas"].pop()
    result = baliza("domains", "check", "--pncp-url", pncp.url, "--json")
    told = json.loads(result.stdout)
    verdicts = {table["table"]: table["verdict"] for table in told["tables"]}

    assert result.exit_code == told["exit_code"] == 1
    assert (verdicts["modalidade"], verdicts["modo_disputa"]) == ("unanswered", "different")
    assert verdicts["poder"] == "not_checkable"


def test_update_writes_the_files_and_says_which(baliza, pncp, tables, folder):
    tables["modalidades"].append({"id": 99, "nome": "Nova", "statusAtivo": True})
    first = baliza("domains", "update", "--pncp-url", pncp.url, "--folder", str(folder), "--json")
    second = baliza("domains", "update", "--pncp-url", pncp.url, "--folder", str(folder))

    told = json.loads(first.stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert told["written"] == [str(folder / "modalidade.csv")]
    (changed,) = [table for table in told["tables"] if table["differences"]]
    assert changed["differences"] == [
        {"kind": "new", "code": "99", "here": None, "at_pncp": {"label": "Nova", "active": True}}
    ]
    assert (folder / "modalidade.csv").read_text(encoding="utf-8").endswith("99,Nova,true\n")
    assert "Nothing was written." in second.stdout


def test_update_says_that_tables_are_rebuilt(baliza, pncp, tables, folder):
    tables["modalidades"].pop()
    result = baliza("domains", "update", "--pncp-url", pncp.url, "--folder", str(folder))

    assert "rebuilt by the next baliza build" in result.stdout


def test_update_from_a_simulator_needs_a_folder(baliza, pncp):
    result = baliza("domains", "update", "--pncp-url", pncp.url)

    assert result.exit_code == 2
    assert "never take invented codes" in result.stderr
