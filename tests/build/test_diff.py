"""Two files compared: tables, columns, rows by key, money by órgão."""

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from baliza.build.diff.comparison import DIFFERENT, compare
from baliza.build.diff.rows import ChangedRow, Value
from baliza.errors import DatabaseLockedError, DatabaseMissingError, NotADatabaseError, UnknownTargetError
from baliza.settings import Resources

SUPPLIERS = """
    CREATE TABLE mart.suppliers (ni_fornecedor VARCHAR, ano INTEGER, nome_fornecedor VARCHAR,
                                 valor_contratos DECIMAL(38, 4));
    INSERT INTO mart.suppliers VALUES ('11', 2024, 'A', 10), ('11', 2025, 'A', 20), (NULL, 2025, NULL, 5);
"""
PROCUREMENT = """
    CREATE TABLE mart.procurement (cnpj_orgao VARCHAR, ano INTEGER, nome_orgao VARCHAR,
                                   valor_estimado DECIMAL(38, 4));
    INSERT INTO mart.procurement VALUES
        ('01', 2024, 'Um', 100), ('01', 2025, 'Um', 1), ('02', 2025, 'Dois', 7), ('03', 2025, 'Três', NULL);
"""


@pytest.fixture
def files(tmp_path, prepared):
    """Two files laid out alike, with what each SQL adds."""

    def made(before, after):
        paths = []
        for name, sql in (("before", before), ("after", after)):
            path = Path(shutil.copy(prepared, tmp_path / f"{name}'s file.duckdb"))
            with duckdb.connect(str(path)) as con:
                con.execute(sql)
            paths.append(path)
        return paths

    return made


def compared(paths, *tables, shown=5):
    before, after = paths
    return compare(
        (str(before), before), (str(after), after), tables=tables, shown=shown, resources=Resources()
    )


def only_table(paths, *tables, shown=5):
    (found,) = compared(paths, *tables, shown=shown).tables
    return found


def test_two_files_alike_do_not_differ(files):
    found = compared(files(SUPPLIERS, SUPPLIERS))

    assert [one.is_same for one in found.tables] == [True]
    assert found.exit_code == 0


def test_a_file_does_not_differ_from_itself(files):
    path, _other = files(SUPPLIERS, "")

    assert compared((path, path)).exit_code == 0


def test_tables_that_only_one_file_has(files):
    found = compared(files(SUPPLIERS, PROCUREMENT))

    assert [(one.pair.location, one.counts, one.is_same) for one in found.tables] == [
        ("mart.procurement", (None, 4), False),
        ("mart.suppliers", (3, None), False),
    ]
    assert found.exit_code == DIFFERENT


def test_columns_added_dropped_and_of_another_type(files):
    change = SUPPLIERS + (
        "ALTER TABLE mart.suppliers DROP nome_fornecedor; ALTER TABLE mart.suppliers ADD COLUMN uf VARCHAR; "
        "ALTER TABLE mart.suppliers ALTER valor_contratos TYPE DECIMAL(24, 4);"
    )
    found = only_table(files(SUPPLIERS, change))

    assert found.pair.dropped == {"nome_fornecedor": "VARCHAR"}
    assert found.pair.added == {"uf": "VARCHAR"}
    assert found.pair.retyped == {"valor_contratos": ("DECIMAL(38,4)", "DECIMAL(24,4)")}
    assert not found.is_same
    assert found.rows.are_same, "the same amounts, in another type"


def test_a_value_of_a_column_of_another_type_is_told_as_text(files):
    change = SUPPLIERS + (
        "UPDATE mart.suppliers SET valor_contratos = 6 WHERE ni_fornecedor IS NULL; "
        "ALTER TABLE mart.suppliers ALTER valor_contratos TYPE DECIMAL(24, 4);"
    )
    found = only_table(files(SUPPLIERS, change))

    assert [one.values for one in found.rows.changed_sample] == [
        [Value("valor_contratos", "5.0000", "6.0000")]
    ]


def test_rows_removed_added_and_changed_by_key(files):
    change = SUPPLIERS + (
        "DELETE FROM mart.suppliers WHERE ano = 2024; INSERT INTO mart.suppliers VALUES ('11', NULL, 'A', 1); "
        "UPDATE mart.suppliers SET nome_fornecedor = 'B' WHERE ni_fornecedor = '11' AND ano = 2025;"
    )
    rows = only_table(files(SUPPLIERS, change)).rows

    assert (rows.before, rows.after, rows.removed, rows.added, rows.changed) == (3, 3, 1, 1, 1)
    assert rows.removed_sample == [{"ni_fornecedor": "11", "ano": 2024}]
    assert rows.added_sample == [{"ni_fornecedor": "11", "ano": None}]
    assert rows.changed_by_column == {"nome_fornecedor": 1}
    assert rows.changed_sample == [
        ChangedRow({"ni_fornecedor": "11", "ano": 2025}, [Value("nome_fornecedor", "A", "B")])
    ]


def test_a_null_in_a_key_is_a_value_like_any_other(files):
    change = SUPPLIERS + "UPDATE mart.suppliers SET valor_contratos = NULL WHERE ni_fornecedor IS NULL;"
    rows = only_table(files(SUPPLIERS, change)).rows

    assert (rows.removed, rows.added, rows.changed) == (0, 0, 1)
    assert rows.changed_sample[0].values == [Value("valor_contratos", Decimal(5), None)]


def test_samples_are_bounded_and_counts_are_not(files):
    change = SUPPLIERS + "UPDATE mart.suppliers SET nome_fornecedor = 'Z';"
    rows = only_table(files(SUPPLIERS, change), shown=1).rows

    assert (rows.changed, len(rows.changed_sample)) == (3, 1)


def test_a_key_that_stands_for_several_rows_is_no_key(files):
    twice = SUPPLIERS + "INSERT INTO mart.suppliers VALUES ('11', 2024, 'A', 10), ('11', 2024, 'C', 10);"
    rows = only_table(files(SUPPLIERS, twice)).rows

    assert rows.key == ()
    assert (rows.removed, rows.added, rows.changed) == (0, 2, 0)
    assert sorted(row["nome_fornecedor"] for row in rows.added_sample) == ["A", "C"]


def test_a_key_that_a_file_lacks_is_no_key(files):
    change = (
        SUPPLIERS
        + "ALTER TABLE mart.suppliers DROP ano; DELETE FROM mart.suppliers WHERE ni_fornecedor IS NULL;"
    )
    rows = only_table(files(SUPPLIERS, change)).rows

    assert rows.key == ()
    assert (rows.removed, rows.added) == (1, 0)
    assert rows.removed_sample == [{"ni_fornecedor": None, "nome_fornecedor": None, "valor_contratos": 5}]


def test_a_table_this_baliza_does_not_know_is_compared_whole(files):
    rows = only_table(
        files("CREATE TABLE mart.own AS SELECT 1 AS a", "CREATE TABLE mart.own AS SELECT 2 AS a")
    ).rows

    assert (rows.key, rows.removed_sample, rows.added_sample) == ((), [{"a": 1}], [{"a": 2}])


def test_money_by_orgao_the_largest_difference_first(files):
    change = PROCUREMENT + (
        "UPDATE mart.procurement SET valor_estimado = 150 WHERE cnpj_orgao = '01' AND ano = 2024; "
        "UPDATE mart.procurement SET valor_estimado = 2 WHERE cnpj_orgao = '03'; "
        "DELETE FROM mart.procurement WHERE cnpj_orgao = '02';"
    )
    (money,) = only_table(files(PROCUREMENT, change), shown=2).money

    assert (money.column, money.before, money.after, money.difference) == ("valor_estimado", 108, 153, 45)
    assert money.orgaos == 3
    assert [(one.cnpj, one.name, one.before, one.after, one.difference) for one in money.largest] == [
        ("01", "Um", 101, 151, 50),
        ("02", "Dois", 7, None, -7),
    ]


def test_a_table_without_orgao_tells_no_money(files):
    change = SUPPLIERS + "UPDATE mart.suppliers SET valor_contratos = 0;"

    assert only_table(files(SUPPLIERS, change)).money == []


@pytest.mark.parametrize("named", ["mart_suppliers", "mart.suppliers", "mart.s*"])
def test_only_the_tables_that_are_named(files, named):
    both = SUPPLIERS + PROCUREMENT

    assert only_table(files(both, both), named).pair.location == "mart.suppliers"


def test_raw_tables_are_compared_where_they_are_named(files):
    assert only_table(files("", ""), "raw.contratos").is_same


def test_a_table_that_neither_file_has(files):
    with pytest.raises(UnknownTargetError, match=r"mart\.suppliers"):
        compared(files(SUPPLIERS, SUPPLIERS), "mart_supliers")


def test_a_file_that_is_not_there(files):
    path, _other = files("", "")
    with pytest.raises(DatabaseMissingError, match="nowhere"):
        compared((path, Path("nowhere.duckdb")))


def test_a_file_of_something_else(files, tmp_path):
    path, _other = files("", "")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as con:
        con.execute("CREATE TABLE a (b INTEGER)")
    with pytest.raises(NotADatabaseError, match="something else"):
        compared((path, other))


def test_a_file_that_another_process_writes(files):
    path, other = files("", "")
    holds = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(other)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline()
        with pytest.raises(DatabaseLockedError, match=rf"PID {holder.pid}\b"):
            compared((path, other))
        holder.stdin.close()


def test_nothing_is_left_behind(files, tmp_path):
    paths = files(SUPPLIERS, PROCUREMENT)
    compared(paths)

    assert sorted(tmp_path.iterdir()) == sorted(paths)
