"""`baliza show`: which rows, which columns, and what is told beside them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from baliza.warehouse import snapshots


@pytest.fixture(scope="module")
def sample(tmp_path_factory, built_sample):
    path = tmp_path_factory.mktemp("show") / "sample.duckdb"
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return str(shutil.copy(built_sample, path))


@pytest.fixture(scope="module")
def ask_sql(sample):
    def ask(sql):
        with duckdb.connect(sample, read_only=True) as con:
            return con.execute(sql).fetchall()

    return ask


@pytest.fixture
def show(baliza, sample):
    return lambda *arguments: baliza("show", *arguments, "--database", sample)


def _rows(result):
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_in_a_pipe_it_is_plain_whole_and_says_units(show, ask_sql):
    result = show(
        "mart_spending", "--uf", "SC", "--limit", "3", "--columns", "nome_orgao,mes,valor_contratos"
    )
    heading, rule, *rows = result.stdout.splitlines()

    assert heading.split() == ["nome_orgao", "mes", "valor_contratos", "(R$)"]
    assert set(rule) == {"─", " "}
    assert len(rows) == 3
    assert "\033" not in result.stdout + result.stderr
    assert "…" not in result.stdout
    assert len({len(row) for row in rows}) == 1, "amounts are aligned to the right"
    (count,) = ask_sql("SELECT count(*) FROM mart.spending WHERE uf_sigla = 'SC'")[0]
    assert f"mart.spending, uf_sigla = SC: {count} rows" in result.stderr
    assert f"The first 3 rows of {count}" in result.stderr
    assert "SYNTHETIC DATA" in result.stderr
    assert "contratos 2025-01-01 – 2025-06-30: complete" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "condition"),
    [
        (("--uf", "sc"), "uf_sigla = 'SC'"),
        (("--uf-sigla=SC",), "uf_sigla = 'SC'"),
        (("--uf", "SC", "--uf", "PR"), "uf_sigla IN ('SC', 'PR')"),
        (("--mes", "2025-03"), "mes = DATE '2025-03-01'"),
        (("--ano", "2025", "--uf", "PR"), "year(mes) = 2025 AND uf_sigla = 'PR'"),
        (("--categoria-processo-id", "null"), "categoria_processo_id IS NULL"),
        (("--uf", "SC", "--where", "valor_contratos > 1e5 OR false"), "uf_sigla = 'SC' AND valor_contratos > 1e5"),
    ],
)  # fmt: skip
def test_any_column_is_an_option(show, ask_sql, arguments, condition):
    found = _rows(show("mart_spending", *arguments, "--format", "csv"))

    wanted = ask_sql(
        f"SELECT count(*), coalesce(sum(valor_contratos), 0) FROM mart.spending WHERE {condition}"
    )
    assert [(len(found), sum((Decimal(row["valor_contratos"]) for row in found), Decimal(0)))] == wanted


def test_a_month_of_moments_is_all_of_it(show, ask_sql):
    found = _rows(show("stage_contratos", "--data-publicacao-pncp", "2025-06", "-f", "csv"))

    assert [(len(found),)] == ask_sql(
        "SELECT count(*) FROM stage.contratos WHERE strftime(data_publicacao_pncp, '%Y-%m') = '2025-06'"
    )


def test_order_is_asked_for_and_otherwise_by_key(show, ask_sql):
    largest = _rows(show("mart_spending", "--order-by", "-valor_contratos,mes", "-n", "5", "-f", "csv"))
    by_key = _rows(show("mart.spending", "-n", "5", "-f", "csv"))

    sql = "SELECT cnpj_orgao FROM mart.spending ORDER BY {} LIMIT 5"
    assert [(row["cnpj_orgao"],) for row in largest] == ask_sql(
        sql.format("valor_contratos DESC, mes, cnpj_orgao")
    )
    assert [(row["cnpj_orgao"],) for row in by_key] == ask_sql(
        sql.format("cnpj_orgao, codigo_unidade, uf_sigla")
    )


def test_json_has_the_columns_in_their_order(show):
    (row,) = json.loads(show("mart_spending", "-c", "mes,uf_sigla", "-n", "1", "-f", "json").stdout)

    assert [*row] == ["mes", "uf_sigla"]


def test_people_are_masked_unless_asked_for(show, ask_sql):
    (cpf,) = ask_sql("SELECT ni_fornecedor FROM stage.contratos WHERE length(ni_fornecedor) = 11 LIMIT 1")[0]
    asked = ("stage_contratos", "--ni-fornecedor", cpf, "-c", "ni_fornecedor", "-n", "1")

    masked = show(*asked)
    assert cpf not in masked.stdout + masked.stderr
    assert f"***.{cpf[3:6]}" in masked.stdout
    assert cpf in show(*asked, "--with-personal-data").stdout


def test_days_that_were_never_asked_for_are_told(show):
    told = show("mart_spending", "--ano", "2024").stderr

    assert "No row has mes = 2024" in told
    assert "never asked of PNCP" in told or "never asked for" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mart_spending", "--ufs", "SC"), "Did you mean uf"),
        (("mart_spending", "--formt", "csv"), "Did you mean --format"),
        (("mart_spending", "--uf"), "followed by a value"),
        (("mart_spending", "-x", "SC"), "followed by a value"),
        (("mart_spending", "mart_suppliers"), "These were named: mart_spending, mart_suppliers"),
        (("mart_spendin",), "Did you mean mart_spending"),
        (("mart_spending", "--mes", "junho"), "That is no value of the column"),
        (("mart_spending", "--cnpj", "123"), "A CNPJ has fourteen characters"),
        (("mart_spending", "--columns", "nome"), "Did you mean"),
        (("mart_spending", "--order-by", "-valor"), "Did you mean"),
        (("mart_spending", "--where", "valor_contratos > 'x'"), "does not fit its columns"),
        (("mart_spending", "--where", "1 = 1; DROP TABLE x"), "Write one condition"),
        (("mart_spending", "--format", "xml"), "There are three formats"),
    ],
)
def test_what_was_typed_wrong_is_answered(show, arguments, told):
    result = show(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_a_table_that_was_never_built_names_its_build(show):
    result = show("mart_suppliers")

    assert result.exit_code == 1
    assert "baliza build --target mart_suppliers" in result.stderr


def test_the_unpublished_state_is_read_when_asked_for(baliza, tmp_path, sample):
    path = tmp_path / "file.duckdb"
    shutil.copytree(snapshots.folder(Path(sample)), snapshots.folder(path))
    shutil.copy(sample, path)
    with duckdb.connect(str(path)) as con:
        con.execute("DELETE FROM mart.spending WHERE uf_sigla <> 'SC'")

    published = baliza("show", "mart_spending", "--uf", "PR", "--database", str(path))
    unpublished = baliza("show", "mart_spending", "--uf", "PR", "--unpublished", "--database", str(path))
    asked = baliza("query", "--unpublished", "SELECT DISTINCT uf_sigla FROM mart.spending", "-d", str(path))

    assert "uf_sigla = PR: 0 rows" not in published.stderr
    assert "uf_sigla = PR: 0 rows" in unpublished.stderr
    assert "As the file is, published or not" in unpublished.stderr
    assert asked.stdout.split()[-1] == "SC"


@pytest.mark.parametrize("width", [60, 80, 200])
def test_on_a_terminal_no_line_is_wider_than_it(sample, width):
    text = _on_a_terminal(["show", "mart_spending", "--uf", "SC", "-n", "4", "--database", sample], width)
    lines = text.splitlines()

    assert max(map(len, lines)) <= width
    assert any("nome_orgao" in line for line in lines)
    assert any("R$" in line for line in lines)


def _on_a_terminal(arguments, width):
    """What the command writes to standard output, a terminal of that width; without colours."""
    master, terminal = pty.openpty()
    os.set_blocking(master, True)
    code = "import os, sys; from baliza.cli.app import main; sys.argv[0] = 'baliza'; main()"
    environment = {**os.environ, "COLUMNS": str(width), "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=terminal, stderr=subprocess.DEVNULL, env=environment,
    ) as process:  # fmt: skip
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(master, 65536):
                shown += chunk
        except OSError:  # the other end is closed
            pass
        assert process.wait() == 0
    os.close(master)
    assert b"\033" not in shown
    return shown.decode().replace("\r\n", "\n")
