"""The history of a record: what changed, from what to what, and what to do about a key that is not there."""

import json
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from baliza.build.changes import Change, find
from baliza.errors import DatabaseMissingError, UnknownRecordError, UnknownTargetError

KEY = "00394460000141-2-000012/2025"


@pytest.fixture
def database(tmp_path, prepared):
    return Path(shutil.copy(prepared, tmp_path / "test.duckdb"))


@pytest.fixture
def observe(database):
    """Puts versions of records into a raw table, each one day and one observation after the other."""
    observed = 0

    def put(table, *versions, endpoint="contratos"):
        nonlocal observed
        with duckdb.connect(str(database)) as con:
            for version in versions:
                observed += 1
                row = {
                    **version,
                    "observation_id": observed,
                    "observed_at": f"2025-03-{observed:02} 12:00:00",
                    "source_endpoint": endpoint,
                }
                if "unknown_fields" in row:
                    row["unknown_fields"] = json.dumps(row["unknown_fields"])
                names = ", ".join(f'"{name}"' for name in row)
                con.execute(
                    f'INSERT INTO raw."{table}" ({names}) VALUES ({", ".join("?" * len(row))})',
                    list(row.values()),
                )

    return put


def changes_of(database, key=KEY):
    (history,) = find(database, key)
    return [version.changes for version in history.versions]


def test_versions_come_in_order_of_observation_with_their_endpoint_and_version(database, observe):
    observe("contratos", {"numeroControlePNCP": KEY, "dataAtualizacaoGlobal": "2025-02-28 08:00:00"})
    observe(
        "contratos",
        {"numeroControlePNCP": KEY, "dataAtualizacaoGlobal": "2025-03-01 09:00:00"},
        endpoint="contratos_atualizacao",
    )
    (history,) = find(database, KEY)

    assert (history.table, history.key, history.vanished) == ("raw.contratos", KEY, None)
    assert [(one.endpoint, one.observed_at.day, one.version_field) for one in history.versions] == [
        ("contratos", 1, "dataAtualizacaoGlobal"),
        ("contratos_atualizacao", 2, "dataAtualizacaoGlobal"),
    ]
    assert history.versions[0].version == datetime.fromisoformat("2025-02-28T08:00:00")
    assert history.versions[0].changes == []
    assert [change.field for change in history.versions[1].changes] == ["dataAtualizacaoGlobal"]


CHANGES = {
    "amount": ({"valorGlobal": "0.1"}, {"valorGlobal": "0.3"}, "valorGlobal", Decimal("0.1"), Decimal("0.3")),
    "appears": ({}, {"objetoContrato": "x"}, "objetoContrato", None, "x"),
    "disappears": ({"objetoContrato": "x"}, {}, "objetoContrato", "x", None),
    "inside an object": (
        {"tipoContrato": {"id": 1, "nome": "Contrato"}},
        {"tipoContrato": {"id": 7, "nome": "Contrato"}},
        "tipoContrato.id",
        1,
        7,
    ),
    "an object of nothing": (
        {},
        {"tipoContrato": {"id": None, "nome": None}},
        "tipoContrato",
        None,
        {"id": None, "nome": None},
    ),
    "unknown": (
        {"unknown_fields": {"novo": 1}},
        {"unknown_fields": {"novo": 1.5}},
        "novo",
        1,
        Decimal("1.5"),
    ),
    "unknown inside an object": (
        {"tipoContrato": {"id": 1, "nome": "Contrato"}, "unknown_fields": {"tipoContrato": {"novo": "a"}}},
        {"tipoContrato": {"id": 1, "nome": "Contrato"}, "unknown_fields": {"tipoContrato": {"novo": "b"}}},
        "tipoContrato.novo",
        "a",
        "b",
    ),
    "unknown list": (
        {"unknown_fields": {"lista": [{"a": 1}]}},
        {"unknown_fields": {"lista": [{"a": 1}, {"a": 2}]}},
        "lista.1.a",
        None,
        2,
    ),
    "unknown that changes its kind": (
        {"unknown_fields": {"novo": {"a": 1}}},
        {"unknown_fields": {"novo": "a"}},
        "novo",
        {"a": 1},
        "a",
    ),
}


@pytest.mark.parametrize("case", CHANGES.values(), ids=CHANGES.keys())
def test_a_change(database, observe, case):
    before, after, field, was, is_ = case
    observe("contratos", {"numeroControlePNCP": KEY, **before}, {"numeroControlePNCP": KEY, **after})

    assert changes_of(database) == [[], [Change(field, was, is_)]]


def test_elements_of_a_list_are_named_by_index(database, observe):
    one, other = ({"codigo": code, "nome": "n", "descricao": "d", "dataInclusao": None} for code in (1, 2))
    observe(
        "contratacoes",
        {"numeroControlePNCP": KEY, "fontesOrcamentarias": []},
        {"numeroControlePNCP": KEY, "fontesOrcamentarias": [one]},
        {"numeroControlePNCP": KEY, "fontesOrcamentarias": [other]},
        {"numeroControlePNCP": KEY, "fontesOrcamentarias": None},
    )

    first, added, replaced, gone = changes_of(database)
    assert first == []
    assert [change.field for change in added] == [
        f"fontesOrcamentarias.0.{name}" for name in ("codigo", "nome", "descricao")
    ]
    assert replaced == [Change("fontesOrcamentarias.0.codigo", 1, 2)]
    assert Change("fontesOrcamentarias.0.codigo", 2, None) in gone


def test_a_composite_key_is_joined_with_slashes(database, observe):
    observe(
        "itens", *({"parent_key": KEY, "numeroItem": 3, "descricao": text} for text in "ab"), endpoint="itens"
    )

    (history,) = find(database, f" {KEY}/3 ")
    assert history.versions[1].changes == [Change("descricao", "a", "b")]
    assert history.versions[0].version_field == "dataAtualizacao"


def test_every_table_that_holds_the_key_or_the_one_named(database, observe):
    observe("contratacoes", {"numeroControlePNCP": KEY})
    observe("compras", {"numeroControlePNCP": KEY})

    assert [history.table for history in find(database, KEY)] == ["raw.compras", "raw.contratacoes"]
    for name in ("compras", "raw.compras", "raw_compras"):
        assert [history.table for history in find(database, KEY, name)] == ["raw.compras"]


def test_a_record_that_vanished_says_until_when_it_was_seen(database, observe):
    observe("contratos", {"numeroControlePNCP": KEY})
    with duckdb.connect(str(database)) as con:
        con.execute(
            "INSERT INTO meta.vanished VALUES ('contratos', ?, 'contratos', '2025-03-05', '2025-03-09')",
            [KEY],
        )
    (history,) = find(database, KEY)

    assert (history.vanished.seen_until, history.vanished.noticed_at) == (
        datetime.fromisoformat("2025-03-05"),
        datetime.fromisoformat("2025-03-09"),
    )


def test_an_unknown_key_names_the_nearest_of_the_same_orgao(database, observe):
    observe("contratos", {"numeroControlePNCP": KEY}, {"numeroControlePNCP": "00394460000142-2-000013/2025"})

    with pytest.raises(UnknownRecordError, match=f"Did you mean {KEY}, ") as unknown:
        find(database, "00394460000141-2-000013/2025")
    assert unknown.value.exit_code == 2


def test_an_unknown_key_without_neighbours_says_where_to_look(database):
    with pytest.raises(UnknownRecordError, match="baliza status"):
        find(database, "nonsense")


def test_a_key_that_is_only_in_quarantine_says_why(database):
    with duckdb.connect(str(database)) as con:
        con.execute(
            """
            INSERT INTO meta.quarantine (quarantine_id, table_name, key, reason, raw_text, endpoint, slice, since,
                                         until, page, request_id, quarantined_at)
            VALUES (1, 'contratos', ?, '30 February', '{}', 'contratos', '', '2025-03-03', '2025-03-03', 1, 1,
                    '2025-03-04')
            """,
            [KEY],
        )
    with pytest.raises(UnknownRecordError, match="30 February"):
        find(database, KEY)


def test_an_unknown_table(database):
    with pytest.raises(UnknownTargetError, match="raw_contratos"):
        find(database, KEY, "contrato")


def test_no_file(tmp_path):
    with pytest.raises(DatabaseMissingError):
        find(tmp_path / "none.duckdb", KEY)
