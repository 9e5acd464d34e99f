"""`baliza quarantine` and `baliza replay`, as a user meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

DATABASE = Path("data/baliza.duckdb")
CPF = "12345678909"


@pytest.fixture(scope="module")
def bad(records) -> list[dict[str, Any]]:
    """Two records that cannot be typed."""
    return [
        {**records[0], "dataAssinatura": "2025-02-30", "nomeRazaoSocialFornecedor": f"MARIA [bold] {CPF}"},
        {**records[1], "valorGlobal": "a combinar"},
    ]


@pytest.fixture(scope="module")
def built_with_bad(built_once, records, bad) -> tuple[Path, str]:
    return built_once([*bad, *records[2:]])


@pytest.fixture
def with_bad(built_with_bad, bad, tmp_path) -> list[dict[str, Any]]:
    """The two records that could not be typed; a file was built from those days."""
    folder, _ = built_with_bad
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return bad


def rows(statement: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(DATABASE) as con:
        return con.execute(statement).fetchall()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_list_says_what_and_why(baliza, with_bad):
    shown = baliza("quarantine", "list")
    listed = json.loads(baliza("quarantine", "list", "--json").stdout)["records"]

    assert shown.exit_code == 0
    assert "2025-02-30" in shown.stdout
    assert "2 records" in flat(shown.stdout)
    assert {record["key"] for record in listed} == {record["numeroControlePNCP"] for record in with_bad}
    assert all(record["table"] == "raw.contratos" and record["request_id"] for record in listed)
    assert [record["id"] for record in listed] == sorted((record["id"] for record in listed), reverse=True)


def test_the_list_of_one_table(baliza, with_bad):
    assert (
        len(json.loads(baliza("quarantine", "list", "--table", "raw.contratos", "--json").stdout)["records"])
        == 2
    )
    assert baliza("quarantine", "list", "--table", "itens").stdout == "Nothing is in quarantine.\n"
    assert baliza("quarantine", "list", "--table", "contrato").exit_code == 2


def quarantine_id(key: str) -> str:
    ((number,),) = rows(f"SELECT quarantine_id FROM meta.quarantine WHERE key = '{key}'")
    return str(number)


def test_one_is_shown_whole_with_its_request(baliza, built_with_bad, with_bad):
    _, address = built_with_bad
    number = quarantine_id(with_bad[0]["numeroControlePNCP"])
    shown = baliza("quarantine", "show", number)
    told = json.loads(baliza("quarantine", "show", number, "--json", "--with-personal-data").stdout)

    assert shown.exit_code == 0
    assert "date field value out of range" in shown.stdout
    assert f"{address}/api/consulta/v1/contratos?" in shown.stdout
    assert json.loads(told["raw_text"]) == with_bad[0]
    assert (told["endpoint"], told["modalidade"], told["slice"], told["page"]) == ("contratos", 0, "", 1)


def test_personal_data_is_hidden_unless_asked_for(baliza, with_bad):
    number = quarantine_id(with_bad[0]["numeroControlePNCP"])
    for how in ((), ("--json",)):
        hidden = baliza("quarantine", "show", number, *how).stdout
        shown = baliza("quarantine", "show", number, "--with-personal-data", *how).stdout
        assert CPF not in hidden
        assert "MARIA [bold] ***.456.789-**" in hidden
        assert f"MARIA [bold] {CPF}" in shown


def test_a_number_that_is_none(baliza, with_bad):
    result = baliza("quarantine", "show", "99")

    assert result.exit_code == 2
    assert "99" in result.stderr
    assert "baliza quarantine list" in result.stderr


@pytest.mark.parametrize("command", [("quarantine", "list"), ("quarantine", "show", "1"), ("replay",)])
def test_without_a_file(baliza, command):
    result = baliza(*command)

    assert result.exit_code == 1
    assert "There is no such file" in result.stderr
    assert not DATABASE.exists()


@pytest.mark.parametrize(
    "command", [("quarantine",), ("quarantine", "list"), ("quarantine", "show"), ("replay",)]
)
def test_help(baliza, command):
    result = baliza(*command, "--help")

    assert result.exit_code == 0
    assert "Usage: " in result.stdout


def test_a_replay_that_mends_nothing_says_so(baliza, with_bad):
    result = baliza("replay")

    assert result.exit_code == 3
    assert "2 records tried: 0 landed, 0 were there already, 2 still refused" in flat(result.stdout)
    assert "2025-02-30" in result.stdout


def test_after_a_fix_the_records_land_and_tables_are_built_anew(baliza, with_bad, records):
    with duckdb.connect(DATABASE) as con:
        con.execute("UPDATE meta.quarantine SET raw_text = replace(raw_text, '2025-02-30', '2025-02-28')")
        con.execute("UPDATE meta.quarantine SET raw_text = replace(raw_text, '\"a combinar\"', '12.5')")
    result = baliza("replay", "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (told["tried"], told["landed"], told["refused"]) == (2, 2, 0)
    assert rows("SELECT sum(quarantined) FROM meta.coverage") == [(0,)]
    baliza("build", "--no-fetch")
    assert rows("SELECT count(*) FROM stage.contratos") == [(len(records),)]
    assert baliza("replay").stdout == "Nothing is in quarantine.\n"
