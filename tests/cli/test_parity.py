"""`baliza parity`: what it prints, and the code it ends with."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from baliza.build.dbt.models import COMPARED
from baliza.build.diff.comparison import TableDiff
from baliza.build.diff.rows import Rows
from baliza.build.diff.tables import Pair
from baliza.build.parity import comparison
from baliza.build.parity.comparison import Parity, TableParity
from baliza.build.parity.faults import Fault

COLUMNS = {"cnpj_orgao": "VARCHAR", "valor": "DECIMAL(38,4)"}


@pytest.fixture
def found():
    """Of a file without records."""
    tables = [
        TableParity(
            model,
            TableDiff(
                Pair(model.table, COLUMNS, COLUMNS, None), (0, 0), Rows(("cnpj_orgao",), 0, 0, 0, 0, 0)
            ),
        )
        for model in COMPARED
    ]
    return Parity(Path("data/baliza.duckdb"), None, "pncp", tables, [], [])


@pytest.fixture
def answering(monkeypatch):
    """`baliza parity` finds this."""

    def answer(result):
        monkeypatch.setattr(comparison, "parity", lambda *_args, **_options: result)

    return answer


@pytest.fixture
def differing(found):
    """One row of spending is not in baliza's table."""
    spending = next(one for one in found.tables if one.model.table == "mart.spending")
    rows = replace(spending.diff.rows, before=1, removed=1, removed_sample=[{"cnpj_orgao": "00394460000141"}])
    changed = TableParity(spending.model, replace(spending.diff, counts=(1, 0), rows=rows))
    fault = Fault("initial_value", "contratos", 2, 3, Decimal("1000.50"), Decimal(5000))
    tables = [changed if one is spending else one for one in found.tables]
    return replace(found, tables=tables, faults=[fault])


def test_no_cell_differs(baliza, answering, found):
    answering(found)
    result = baliza("parity")

    assert result.exit_code == 0
    assert "0 of 0 cells differ." in result.stdout
    assert "mart_procurement_analytics" in result.stdout


def test_what_differs_ends_with_4(baliza, answering, differing):
    answering(differing)
    result = baliza("parity")

    assert result.exit_code == 4
    assert "A: what the old project should have meant; B: baliza" in result.stdout
    assert "only in A: 1" in result.stdout
    assert "00394460000141" in result.stdout
    assert "2 of 2 cells differ." in result.stdout
    assert "R$ 1,000.50" in result.stdout


def test_as_json(baliza, answering, differing):
    answering(differing)
    result = baliza("parity", "--json")
    told = json.loads(result.stdout)

    assert (told["command"], told["same"], told["exit_code"], result.exit_code) == ("parity", False, 4, 4)
    tables = {one["table"]: one for one in told["tables"]}
    assert tables["stage.orgaos"]["old"] == "dim_organizacoes"
    assert tables["stage.orgaos"]["difference"] is None
    assert tables["mart.spending"]["differing_cells"] == 2
    assert tables["mart.spending"]["difference"]["rows"]["removed"] == 1
    assert told["faults"] == [
        {
            "fault": "initial_value",
            "records": "contratos",
            "touched": 2,
            "total": 3,
            "amount": "1000.50",
            "total_amount": "5000",
        }
    ]


def test_a_file_that_is_not_there_is_told(baliza):
    result = baliza("parity", "--database", "nowhere.duckdb")

    assert result.exit_code == 1
    assert "There is no such file." in result.stderr
