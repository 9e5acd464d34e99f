"""`baliza changes`: what it prints of a record that changed."""

import json
import shutil

import duckdb
import pytest

PERIOD = ("--since", "2025-03-03", "--until", "2025-03-05")


@pytest.fixture
def changed(baliza, pncp, records, built):
    """The key of a contract harvested twice, its value and its supplier changed in between."""
    old = records[0]
    new = {**old, "valorGlobal": 1234567.5, "niFornecedor": "12345678909", "campoNovo": [{"a": 0.1}]}
    pncp.update("contratos", [new, *records[1:]])
    cnpj = old["orgaoEntidade"]["cnpj"]
    with duckdb.connect(built) as con:
        con.execute("DELETE FROM meta.coverage")
    baliza("build", *PERIOD, "--cnpj", cnpj, "--pncp-url", pncp.url)
    return old["numeroControlePNCP"]


def test_changes_are_shown_field_by_field_with_cpfs_masked(baliza, changed):
    result = baliza("changes", changed)
    told = " ".join(result.stdout.split())

    assert result.exit_code == 0
    assert f"raw.contratos {changed}: 2 versions" in told
    assert "contratos: first seen, dataAtualizacaoGlobal 2025-03-" in told
    assert "1,234,567.50" in told
    assert "***.456.789-**" in told
    assert "12345678909" not in told
    assert "campoNovo.0.a" in told


def test_changes_as_json(baliza, changed):
    told = json.loads(baliza("changes", changed, "--table", "contratos", "--json").stdout)

    (record,) = told["records"]
    assert (told["command"], told["key"], record["table"], record["vanished"]) == (
        "changes", changed, "raw.contratos", None,
    )  # fmt: skip
    first, second = record["versions"]
    assert first["changes"] == []
    assert first["version"]["field"] == "dataAtualizacaoGlobal"
    changes = {change["field"]: change["to"] for change in second["changes"]}
    assert changes == {
        "valorGlobal": "1234567.5000",
        "niFornecedor": "***.456.789-**",
        "campoNovo.0.a": "0.1",
    }


def test_an_unknown_key_is_answered_with_one_message(baliza, prepared, tmp_path):
    (tmp_path / "data").mkdir()
    shutil.copy(prepared, tmp_path / "data" / "baliza.duckdb")
    result = baliza("changes", "00000000000000-2-000001/1999")

    assert result.exit_code == 2
    assert "No raw table of" in result.stderr


def test_no_file(baliza):
    assert baliza("changes", "x").exit_code == 1
