"""What a file holds, added up."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from baliza.build import inventory
from baliza.build.inventory import CoverageState, SetAside


@pytest.fixture
def database(tmp_path, prepared):
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


def execute(database, *statements):
    with duckdb.connect(str(database)) as con:
        for statement in statements:
            con.execute(statement)


def test_a_new_file_holds_nothing(database):
    taken = inventory.take(database)

    assert {table.rows for table in taken.tables} == {0, None}
    assert (taken.coverage, taken.unknown_fields, taken.missing_codes, taken.vanished) == ([], [], [], [])
    assert taken.age_hours is None


def test_modalidades_are_one_line_and_details_of_all_parents_another(database):
    cell = "INSERT INTO meta.coverage VALUES ('{}', {}, '{}', '2025-03-0{}', '{}', 10, 9, 0, 1, 1, 0, NULL, now())"
    execute(
        database,
        cell.format("contratacoes_publicacao", 6, "", 3, "complete"),
        cell.format("contratacoes_publicacao", 8, "", 3, "short"),
        cell.format("contratacoes_publicacao", 8, "cnpj=1", 4, "complete"),
        cell.format("itens", 0, "a-1-000001/2025", 3, "complete"),
        cell.format("itens", 0, "b-1-000001/2025", 5, "complete"),
    )
    first, third, fifth = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)

    assert inventory.take(database).coverage == [
        CoverageState("contratacoes_publicacao", "", first, first, {"complete": 1, "short": 1}, 20, 18, 1, 2),
        CoverageState("contratacoes_publicacao", "cnpj=1", third, third, {"complete": 1}, 10, 9, 1, 1),
        CoverageState("itens", None, first, fifth, {"complete": 2}, 20, 18, 2, 0),
    ]


def test_records_set_aside_are_counted_by_table_with_the_newest(database):
    gone = "INSERT INTO meta.vanished VALUES ('contratos', '{}', 'contratos', '2025-03-01', '2025-03-0{}')"
    execute(
        database,
        gone.format("a", 3),
        gone.format("b", 2),
        """
        INSERT INTO meta.quarantine (quarantine_id, table_name, reason, raw_text, endpoint, slice, since, until,
                                     page, request_id, quarantined_at)
        VALUES (1, 'itens', 'no key', '{}', 'itens', '', '2025-03-03', '2025-03-03', 1, 1, now())
        """,
    )
    taken = inventory.take(database)

    assert taken.vanished == [SetAside("raw.contratos", 2, "a")]
    assert taken.in_quarantine == [SetAside("raw.itens", 1, None)]
    assert taken.quarantined == 1


def test_a_file_of_an_older_baliza_without_some_tables_can_be_read(database):
    execute(
        database,
        "DROP TABLE raw.itens",
        "DROP TABLE meta.vanished",
        'ALTER TABLE raw.contratacoes DROP COLUMN "orgaoEntidade"',
    )
    taken = inventory.take(database)

    assert {table.location: table.rows for table in taken.tables}["raw.itens"] is None
    assert taken.vanished == []


def test_as_json_has_only_types_of_json(database):
    import json

    execute(
        database,
        """INSERT INTO raw.contratos (observation_id, unknown_fields, tipoPessoa) VALUES (1, '{"n":1}', 'XX')""",
    )
    told = json.loads(json.dumps(inventory.take(database).as_json()))

    assert told["unknown_fields"] == [
        {"table": "raw.contratos", "field": "n", "records": 1, "contract_line": 'n = integer("...")'}
    ]
    assert told["missing_codes"] == [
        {
            "table": "raw.contratos",
            "column": "tipoPessoa",
            "domain": "tipo_pessoa",
            "code": "XX",
            "label": None,
            "records": 1,
        }
    ]
