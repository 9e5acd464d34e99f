"""`baliza query`: how answers are written."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import shutil
import subprocess
import sys

import pytest

from baliza.warehouse import snapshots

VALUES = """
    SELECT 12345678901234567890.12::DECIMAL(38,2) AS amount, DATE '2025-01-02' AS day,
           TIMESTAMP '2025-01-02 03:04:05' AS moment, NULL AS nothing, '' AS blank, true AS yes,
           'SILVA 12345678901' AS name, [1, 2] AS list, {'cpf': '987.654.321-00'} AS object,
           E'a\\nb,"c"' AS text, 9007199254740993 AS big, 'NaN'::DOUBLE AS nan
"""


@pytest.fixture
def sample(tmp_path, built_sample):
    path = tmp_path / built_sample.name
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    return str(shutil.copy(built_sample, path))


@pytest.fixture
def ask(baliza, sample):
    return lambda *arguments: baliza("query", *arguments, "--database", sample)


def test_a_table_says_null_aligns_numbers_and_names_its_state(ask):
    result = ask("SELECT range AS n, 'x' AS name, NULL AS nothing FROM range(9, 12)")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        " n  name  nothing", "--  ----  -------", " 9  x     NULL", "10  x     NULL", "11  x     NULL",
    ]  # fmt: skip
    assert result.stderr.startswith("As published after run 1, 2")


def test_csv_is_exact_and_masks_people(ask):
    text = ask(VALUES, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))

    assert row["amount"] == "12345678901234567890.12"
    assert (row["day"], row["moment"]) == ("2025-01-02", "2025-01-02 03:04:05")
    assert row["name"] == "SILVA ***.456.789-**"
    assert json.loads(row["object"]) == {"cpf": "***.654.321-**"}
    assert row["text"] == 'a\nb,"c"'
    assert ',,"",true,' in text  # null is nothing, no text is ""


def test_json_has_an_object_for_each_row_decimals_as_text(ask):
    (row,) = json.loads(ask(VALUES, "--format", "json").stdout)

    assert row["amount"] == "12345678901234567890.12"
    assert (row["moment"], row["nothing"], row["yes"]) == ("2025-01-02T03:04:05", None, True)
    assert (row["big"], row["nan"]) == (9007199254740993, "nan")
    assert row["list"] == [1, 2]
    assert row["object"] == {"cpf": "***.654.321-**"}


def test_people_are_shown_when_asked_for(ask):
    assert "SILVA 12345678901" in ask(VALUES, "--format", "csv", "--with-personal-data").stdout


def test_of_one_name_twice_json_has_both(ask):
    assert json.loads(ask("SELECT 1 AS a, 2 AS a, 3 AS a_1", "-f", "json").stdout) == [
        {"a": 1, "a_1": 2, "a_1_1": 3}
    ]


def test_no_rows_are_an_answer(ask):
    sql = "SELECT 1 AS a WHERE false"

    assert ask(sql).stdout == "a\n-\n"
    assert ask(sql, "-f", "csv").stdout == "a\n"
    assert json.loads(ask(sql, "-f", "json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "rows", "is_told"),
    [((), 40, True), (("--limit", "3"), 3, True), (("--limit", "50"), 50, False), (("-f", "csv"), 50, False),
     (("-f", "csv", "--limit", "49"), 49, True)],
)  # fmt: skip
def test_rows_that_are_left_out_are_told(ask, arguments, rows, is_told):
    result = ask("SELECT 'row' AS a FROM range(50)", *arguments)

    assert result.stdout.count("row") == rows
    assert (f"The first {rows} rows; there are more" in result.stderr) == is_told


def test_the_question_may_come_from_standard_input(sample):
    result = subprocess.run(
        [sys.executable, "-m", "baliza", "query", "-", "--database", sample], input="SELECT 42 AS a\n;",
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert result.stdout == " a\n--\n42\n"


def test_a_reader_that_leaves_early_hears_nothing_of_it(sample):
    command = (
        f"{sys.executable} -m baliza query -f csv 'SELECT range FROM range(3_000_000)' -d {sample} | head -2"
    )
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)

    assert result.stdout == "range\n0\n"
    assert "Error" not in result.stderr
    assert "rror:" not in result.stderr


def test_on_a_terminal_too_narrow_for_it_a_row_is_written_downwards(sample):
    master, terminal = pty.openpty()
    os.set_blocking(master, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "baliza", "query", "FROM stage.contratos LIMIT 1", "--database", sample],
        stdout=terminal, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    shown = b""
    while b"orgao" not in shown:
        shown += os.read(master, 65536)
    process.terminate()
    process.wait()
    os.close(terminal)
    os.close(master)

    assert shown.startswith(b"-[ 1 ]-\r\nnumero_controle_pncp ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("SELECT 1", "--format", "xml"), "There are three formats"),
        (("FROM mart_spending",), "Did you mean mart.spending"),
        (("SELECT 1", "--limit", "0"), "--limit"),
    ],
)
def test_what_cannot_be_followed_is_told_and_ends_with_2(ask, arguments, told):
    result = ask(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""
