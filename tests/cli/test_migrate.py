import json
from pathlib import Path

import pytest

from baliza.simulator.old_layout import OldPage, write_second
from tests.cli.conftest import Baliza
from tests.migration.conftest import ASKED, march

CPF = "11144477735"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """March, proven; and a page of April that is an error, with a person in what it says."""
    path = tmp_path / "old.duckdb"
    april = {"dataInicial": "20250401", "dataFinal": "20250430"}
    error = OldPage("contratos_publicacao", april, f"<html>CPF {CPF}</html>".encode(), ASKED, 500)
    write_second(path, [*march(), error])
    return path


def test_the_account_is_told(baliza: Baliza, old: Path):
    result = baliza("migrate", str(old), "--database", "new.duckdb")

    assert result.exit_code == 3
    assert "Old layout, 2: psa.pncp_requests (4), psa.pncp_content (4)" in result.stdout
    assert "4 answers: pages 3, errors 1" in result.stdout
    assert [line.split() for line in result.stdout.splitlines() if line.startswith("raw.")] == [
        ["raw.contratos", "5", "5", "0", "0", "0"]
    ]
    assert "The account balances" in result.stdout
    assert "Not complete: 30 days are open, 31 are proven." in result.stdout
    assert "baliza gaps --fill --database new.duckdb" in result.stdout
    assert CPF not in result.stdout


def test_it_is_told_to_machines_too(baliza: Baliza, old: Path):
    result = baliza("migrate", str(old), "--database", "new.duckdb", "--drop-psa", "--json")

    found = json.loads(result.stdout)
    assert (result.exit_code, found["exit_code"], found["balanced"]) == (3, 3, True)
    assert found["generations"] == {"2": {"psa.pncp_requests": 4, "psa.pncp_content": 4}}
    assert found["bodies"]["records"] == 3
    assert found["bodies"]["error status"] == 1
    assert found["tables"] == [
        {
            "table": "raw.contratos", "received": 5, "stored": 5, "repeats": 0, "covered": 0, "quarantined": 0,
            "balanced": True, "reasons": [],
        }
    ]  # fmt: skip
    assert found["coverage"]["cells"] == {"complete": 5, "empty": 26, "failed": 30}
    assert found["dropped"]["tables"] == ["psa.pncp_content", "psa.pncp_requests"]
    assert Path(found["dropped"]["backup"]).stat().st_size == found["dropped"]["before"]
    assert CPF not in result.stdout


def test_what_comes_in_can_be_built_and_asked(baliza: Baliza, old: Path):
    baliza("migrate", str(old), "--database", "new.duckdb")

    built = baliza("build", "--no-fetch", "--target", "mart_spending", "--database", "new.duckdb")
    asked = baliza(
        "query",
        "--format",
        "csv",
        "SELECT sum(valor_contratos) AS v FROM mart.spending",
        "--database",
        "new.duckdb",
    )

    assert built.exit_code == 3
    assert asked.stdout.split() == ["v", "502.5000"]


def test_a_dry_run_only_looks(baliza: Baliza, old: Path):
    told = baliza("migrate", str(old), "--database", "new.duckdb", "--dry-run")
    found = json.loads(baliza("migrate", str(old), "--dry-run", "--json").stdout)

    assert told.exit_code == 0
    assert "Nothing was written." in told.stdout
    assert not Path("new.duckdb").exists()
    assert found["requests"] == {"contratos": 4}
    assert found["windows"] == {"contratos": 2}


def test_a_refusal_to_drop_says_why(baliza: Baliza, old: Path):
    import duckdb

    with duckdb.connect(old) as con:
        con.execute("CREATE TABLE psa.notes (text VARCHAR)")

    result = baliza("migrate", str(old), "--database", "new.duckdb", "--drop-psa")

    assert result.exit_code == 1
    assert "The old schema was not dropped. It would be given up:" in result.stdout
    assert "1 tables that are not of the old layout: psa.notes" in result.stdout


def test_one_file_for_both_is_a_misuse(baliza: Baliza, old: Path):
    result = baliza("migrate", str(old), "--database", str(old))

    assert result.exit_code == 2
    assert "They are one file." in result.stderr
