"""`baliza diff`: what it prints, and the code it ends with."""

import json
import shutil

import duckdb
import pytest

from baliza.warehouse import snapshots


@pytest.fixture
def pair(tmp_path, built_sample):
    """The built sample, and a copy in which one row of spending says another amount."""
    paths = [str(shutil.copy(built_sample, tmp_path / f"{name}.duckdb")) for name in "ab"]
    with duckdb.connect(paths[1]) as con:
        con.execute(
            "UPDATE mart.spending SET valor_contratos = valor_contratos + 1000 "
            "WHERE rowid = (SELECT min(rowid) FROM mart.spending)"
        )
    return paths


def test_files_alike_end_with_0(baliza, pair):
    result = baliza("diff", pair[0], pair[0])

    assert result.exit_code == 0
    assert "one and the same file" in result.stdout


def test_files_that_differ_end_with_4_and_say_where(baliza, pair):
    result = baliza("diff", *pair)

    assert result.exit_code == 4
    assert "mart.spending: 2,856 rows in A, 2,856 in B" in result.stdout
    assert "changed: 1 (valor_contratos 1)" in result.stdout
    assert "(+1,000.00); 1 órgãos differ" in result.stdout
    assert "The same in both: stage.contratos" in result.stdout


def test_only_the_table_that_is_named(baliza, pair):
    result = baliza("diff", *pair, "--table", "stage_contratos")

    assert result.exit_code == 0
    assert "Nothing differs in 1 tables." in result.stdout


def test_as_json(baliza, pair):
    result = baliza("diff", *pair, "--json")
    told = json.loads(result.stdout)

    assert (told["same"], told["exit_code"], result.exit_code) == (False, 4, 4)
    spending = next(one for one in told["tables"] if one["table"] == "mart.spending")
    assert spending["rows"]["changed_by_column"] == {"valor_contratos": 1}
    (money,) = spending["money"]
    assert (money["column"], money["difference"], len(money["orgaos"])) == ("valor_contratos", "1000.0000", 1)


def test_cpfs_are_masked(baliza, pair):
    with duckdb.connect(pair[1]) as con:
        con.execute("UPDATE mart.spending SET nome_unidade = 'MARIA 12345678909' WHERE rowid = 0")
    for arguments in ((), ("--json",)):
        result = baliza("diff", *pair, *arguments)

        assert "***.456.789-**" in result.stdout
        assert "12345678909" not in result.stdout


def test_a_file_is_compared_with_the_database_where_no_other_is_named(baliza, pair):
    result = baliza("diff", pair[0], "--database", pair[1])

    assert result.exit_code == 4
    assert f"B: {pair[1]}" in result.stdout.replace("\n", "")


def test_a_file_that_is_not_there_is_told(baliza, pair):
    result = baliza("diff", pair[0], "nowhere.duckdb")

    assert result.exit_code == 1
    assert "no such file" in result.stderr


def test_a_run_is_compared_by_its_published_state(baliza, tmp_path):
    build = ("build", "--source", "sample", "--database", str(tmp_path / "x.duckdb"))
    assert baliza(*build).exit_code == 0
    assert baliza(*build, "--param", "review_value=100000").exit_code == 0
    result = baliza("diff", "1", "2", "--database", str(tmp_path / "x.duckdb"), "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 4
    assert (told["before"]["asked"], told["after"]["asked"]) == ("1", "2")
    assert told["before"]["database"].endswith("-run-1.duckdb")
    (stage, mart) = told["tables"]
    assert set(stage["rows"]["changed_by_column"]) == {"verdict"}
    assert set(mart["rows"]["changed_by_column"]) == {"valor_em_revisao"}


def test_a_run_whose_state_is_not_kept(baliza, pair):
    result = baliza("diff", "7", "--database", pair[0])

    assert result.exit_code == 2
    assert "after run 7" in result.stderr


def test_a_file_that_another_process_writes_is_compared_as_it_was_published(
    baliza, held, tmp_path, built_sample
):
    path = tmp_path / "file.duckdb"
    shutil.copytree(snapshots.folder(built_sample), snapshots.folder(path))
    shutil.copy(built_sample, path)
    other = shutil.copy(built_sample, tmp_path / "other.duckdb")

    with held(path):
        result = baliza("diff", str(other), "--database", str(path))

    assert result.exit_code == 0
    assert "Another process holds" in result.stderr
    assert "Nothing differs" in result.stdout
