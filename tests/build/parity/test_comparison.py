"""baliza's tables beside the same questions in SQL written by hand, of one small world."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from baliza.build.parity.comparison import Parity, compare_tables, parity
from baliza.build.parity.scratch import build_old, build_ours
from baliza.settings import Resources


def _of_parents(by_parent):
    return [{"parent_key": parent} | record for parent, records in by_parent.items() for record in records]


@pytest.fixture(scope="module")
def world_file(raw_file, small_world):
    """Every feed that the old project knew; some purchases again, later, under another name and estimate."""
    listed = small_world["contratacoes_publicacao"]
    again = [
        record
        | {
            "dataAtualizacaoGlobal": "2025-03-20T10:00:00",
            "valorTotalEstimado": 999999.99,
            "orgaoEntidade": record["orgaoEntidade"] | {"razaoSocial": "  NOME&amp;NOVO "},
        }
        for record in listed[:5]
    ]
    return raw_file(
        contratos=small_world["contratos"],
        contratacoes=[*listed, *again],
        compras=small_world["compra"],
        atas=small_world["atas_atualizacao"],
        termos=_of_parents(small_world["termos"]),
        itens=_of_parents(small_world["itens"]),
        resultados=_of_parents(small_world["resultados"]),
    )


@pytest.fixture(scope="module")
def built(world_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    ours, old = folder / "ours.duckdb", folder / "old.duckdb"
    source = build_ours(world_file, ours, Resources(), lambda _name: None)
    build_old(ours, old, source, Resources(), lambda _name: None).close()
    return old, ours


@pytest.fixture(scope="module")
def same(built):
    return _compared(*built)


def _compared(old, ours):
    return {one.model.table: one for one in compare_tables(old, ours, shown=3, resources=Resources())}


def test_no_cell_differs(same, small_world):
    purchases = {record["numeroControlePNCP"] for record in small_world["contratacoes_publicacao"]}

    assert {name: one.differing_cells for name, one in same.items()} == dict.fromkeys(same, 0)
    assert all(one.is_same for one in same.values())
    assert all(one.rows > 20 for one in same.values())
    assert same["stage.contratacoes"].cells == len(purchases) * 63


def test_only_what_is_proven_has_no_old_question(same):
    not_compared = {name for one in same.values() for name in one.not_compared}

    assert not_compared == {"dias_do_ano", "dias_provados_compras", "dias_provados_contratos"}


@pytest.mark.parametrize(
    ("change", "table", "cells"),
    [
        pytest.param(
            "UPDATE mart.procurement SET valor_estimado = valor_estimado + 0.0001 WHERE rowid = 0",
            "mart.procurement",
            1,
            id="a hundredth of a cent",
        ),
        pytest.param("DELETE FROM stage.orgaos WHERE rowid = 0", "stage.orgaos", 8, id="a row that is gone"),
        pytest.param(
            "UPDATE mart.contratacoes_analytics SET modalidade_nome = 'Seleção' WHERE rowid = 0",
            "mart.contratacoes_analytics",
            14,
            id="a label, where no key tells the row",
        ),
        pytest.param(
            "ALTER TABLE stage.unidades DROP COLUMN visto_em", "stage.unidades", 0, id="a column that is gone"
        ),
    ],
)
def test_what_differs_is_counted(built, tmp_path, change, table, cells):
    old, ours = built
    changed = shutil.copy(ours, tmp_path / "ours.duckdb")
    with duckdb.connect(changed) as con:
        con.execute(change)

    found = _compared(old, tmp_path / "ours.duckdb")

    assert [name for name, one in found.items() if not one.is_same] == [table]
    assert found[table].differing_cells == cells
    assert Parity(old, None, "simulator", list(found.values()), [], []).exit_code == 4


def test_a_file_without_records_agrees_and_is_left_as_it_was(raw_file):
    path = raw_file()
    before = path.read_bytes()

    found = parity(path, shown=3, resources=Resources())

    assert found.exit_code == 0
    assert [one.rows for one in found.tables] == [0] * len(found.tables)
    assert [(one.touched, one.total) for one in found.faults if one.total] == []
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".baliza-*"))
