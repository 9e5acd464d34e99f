"""`baliza explain`: what it prints, for people and as JSON."""

import json
import shutil

import duckdb
import pytest


@pytest.fixture
def sample(tmp_path, built_sample):
    return str(shutil.copy(built_sample, tmp_path / "sample.duckdb"))


@pytest.fixture
def key(sample):
    """The órgão and month of a row with contracts."""
    with duckdb.connect(sample, read_only=True) as con:
        cnpj, month = con.execute(
            "SELECT cnpj_orgao, mes FROM mart.spending GROUP BY ALL "
            "HAVING sum(quantidade_contratos) > 2 ORDER BY ALL LIMIT 1"
        ).fetchall()[0]
    return ("--cnpj", cnpj, "--mes", f"{month:%Y-%m}")


def test_records_links_coverage_and_the_way_are_shown(baliza, sample, key):
    result = baliza("explain", "mart_spending", *key, "--database", sample)
    told = " ".join(result.stdout.split())

    assert result.exit_code == 0
    assert "SYNTHETIC DATA" in told
    assert "https://pncp.gov.br/app/contratos/" in told
    assert "bucket contract:" in told
    assert "every column comes out the same" in told
    assert ": complete" in told
    assert "mart_spending dataflows/mart/spending.py:" in told
    assert "run 1 (build, baliza" in told


def test_as_json_with_every_record_and_decimals_as_text(baliza, sample, key):
    told = json.loads(baliza("explain", "mart.spending", *key, "--database", sample, "--json").stdout)

    assert (told["command"], told["table"], told["synthetic"]) == ("explain", "mart.spending", True)
    assert told["row_count"] == len(told["rows"])
    (records,) = told["records"]
    assert records["table"] == "stage.contratos"
    assert records["record_count"] == len(records["records"]) > 2
    assert all(isinstance(group["sums"]["valor_global"], str) for group in records["groups"])
    assert told["check"]["differing"] == {}
    assert told["evidence"] is None
    assert [one["complete"] for one in told["coverage"]] == [True]
    assert [step["table"] for step in told["way"]] == ["raw.contratos", "stage.contratos", "mart.spending"]


def test_no_more_than_asked_for_is_shown_and_the_rest_counted(baliza, sample):
    result = baliza("explain", "mart_spending", "--key", "uf_sigla=SP", "--limit", "2", "--database", sample)

    assert result.exit_code == 0
    assert result.stdout.count("https://pncp.gov.br/") == 2
    assert "more: --limit shows more" in result.stdout


def test_any_column_is_an_option_and_a_year_is_its_months(baliza, sample):
    asked = ("explain", "mart.spending", "--uf", "sp", "--ano", "2025", "--json", "--limit", "3")
    told = json.loads(baliza(*asked, "--database", sample).stdout)

    assert told["key"] == {"uf_sigla": "SP", "mes": "2025"}
    assert {row["uf_sigla"] for row in told["rows"]} == {"SP"}
    assert told["rows_left_out"] == told["row_count"] - 3 > 0
    (records,) = told["records"]
    assert records["records_left_out"] == records["record_count"] - 3 > 0


def test_cpfs_are_masked(baliza, sample, key):
    with duckdb.connect(sample) as con:
        con.execute("UPDATE stage.contratos SET ni_fornecedor = '12345678909'")
    shown = baliza("explain", "mart_spending", *key, "--database", sample).stdout
    as_json = baliza("explain", "mart_spending", *key, "--database", sample, "--json").stdout

    for told in (shown, as_json):
        assert "***.456.789-**" in told
        assert "12345678909" not in told


def test_what_is_missing_is_told(baliza, sample, key):
    with duckdb.connect(sample) as con:
        con.execute(
            "UPDATE meta.coverage SET status = 'short', expected = landed + 312 WHERE day = ?",
            [key[3] + "-05"],
        )
    told = " ".join(baliza("explain", "mart_spending", *key, "--database", sample).stdout.split())

    assert "NOT complete: 312 records known to be missing" in told
    assert "1 short" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("mart_spending",), "Nothing says which of them"),
        (("mart_spending", "--key", "cnpj_orgao"), "A key is written name=value"),
        (("mart_spending", "--hoje", "2025"), "It has no such column"),
        (("mart_spending", "--cnpj", "123"), "A CNPJ has fourteen characters"),
        (("stage_contratos", "--key", "uf_sigla=SP"), "These can be explained"),
        (("mart_nothing", "--ano", "2025"), "There is no such table"),
        (("mart_spending", "--mes", "1999-01"), "No row has mes = 1999-01-01"),
    ],
)
def test_what_was_typed_wrong_is_answered_in_three_lines(baliza, sample, arguments, told):
    result = baliza("explain", *arguments, "--database", sample)

    assert result.exit_code == 2
    assert told in result.stderr


def test_no_file(baliza):
    assert baliza("explain", "mart_spending", "--mes", "2025-03").exit_code == 1
