"""What `--target` means."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from baliza.build import catalog
from baliza.build.selection import select, understand
from baliza.errors import UnknownTargetError

STAGE = [name for name, node in catalog.tables().items() if node.layer == "stage"]
MART = [name for name, node in catalog.tables().items() if node.layer == "mart"]
NOWHERE = Path("none.duckdb")


def chosen(*targets, database=NOWHERE, **params):
    return [node.name for node in select(targets, database, params)]


@pytest.fixture
def built(built_sample, tmp_path):
    """The sample with stage.contratos and mart.spending, to be changed."""
    return Path(shutil.copy(built_sample, tmp_path / "sample.duckdb"))


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        pytest.param(["mart_spending"], ["mart_spending"], id="node"),
        pytest.param(["mart.spending"], ["mart_spending"], id="place"),
        pytest.param([" mart.spending "], ["mart_spending"], id="spaces around"),
        pytest.param(["raw.pca_itens"], ["raw_pca_itens"], id="raw, when named"),
        pytest.param(["+mart_spending"], ["stage_contratos", "mart_spending"], id="what it is made from"),
        pytest.param(["+stage_contratos"], ["stage_contratos"], id="made from raw alone"),
        pytest.param(["stage.*"], STAGE, id="a layer"),
        pytest.param(["mart_*"], MART, id="a layer by node names"),
        pytest.param(["mart.s*g"], ["mart_spending"], id="a pattern in the middle"),
        pytest.param(["mart.sp?nding"], ["mart_spending"], id="one character"),
        pytest.param(
            ["mart_spending", "+mart_spending"], ["mart_spending", "stage_contratos"], id="once, in order"
        ),
        pytest.param([], [], id="nothing"),
    ],
)
def test_names_and_patterns(targets, expected):
    assert chosen(*targets) == expected


def test_descendants_are_all_that_is_made_from_a_table():
    found = chosen("stage_contratos+")
    assert found[0] == "stage_contratos"
    assert {"mart_spending", "mart_suppliers", "mart_quality"} <= set(found)
    assert "stage_contratacoes" not in found
    assert all("stage_contratos" in catalog.ancestors(name) for name in found)


def test_both_signs_take_both_sides_and_no_cousins():
    found = chosen("+stage_fornecedores+")
    assert set(found) == set(chosen("+stage_fornecedores")) | set(chosen("stage_fornecedores+"))
    assert "stage_contratos" in found
    assert "mart_quality" in found
    assert "mart_spending" not in found


def test_signs_go_with_patterns_and_raw_is_no_ancestor_to_build():
    assert set(chosen("+mart.*")) >= {"stage_contratos", *MART}
    assert not [name for name in chosen("+mart.*") if name.startswith("raw_")]
    assert chosen("raw_contratos+")[0] == "raw_contratos"


@pytest.mark.parametrize(
    ("target", "near"),
    [
        pytest.param("mart_spendng", "mart_spending", id="a slip"),
        pytest.param("+mart_spendng", "+mart_spending", id="with its sign"),
        pytest.param("stage.contrato+", "stage_contratos+", id="with the other sign"),
        pytest.param("marts.*", "mart_", id="a pattern that fits nothing"),
        pytest.param("chnaged", "changed", id="a word"),
        pytest.param("failled", "failed", id="another word"),
        pytest.param("MART_SPENDING", "mart_spending", id="in capitals"),
    ],
)
def test_what_is_unknown_names_the_nearest(target, near):
    with pytest.raises(UnknownTargetError, match="Did you mean") as error:
        understand(target)
    assert near in str(error.value)
    assert target in str(error.value)


@pytest.mark.parametrize("target", ["", "+", "++", "zzz", "'; DROP TABLE x", "[", "x\ny", "+++mart_spending"])
def test_nonsense_is_refused(target):
    with pytest.raises(UnknownTargetError):
        understand(target)


def test_the_file_is_not_opened_where_it_need_not_tell(tmp_path):
    not_a_file = tmp_path / "text.duckdb"
    not_a_file.write_text("no database")
    assert chosen("mart_spending", database=not_a_file) == ["mart_spending"]


def test_nothing_changed_selects_nothing(built):
    assert chosen("changed", database=built) == []


def test_changed_are_the_stale_tables_among_those_that_were_built(built):
    assert chosen("changed", database=built, review_value=5) == ["stage_contratos", "mart_spending"]


def test_a_dropped_table_has_changed_and_one_never_built_has_not(built):
    with duckdb.connect(built) as con:
        con.execute("DROP TABLE mart.spending")
    assert chosen("changed", database=built) == ["mart_spending"]
    assert "mart_quality" in chosen("changed+", database=built, review_value=5)


def test_failed_are_those_of_which_the_diary_says_it_last(built):
    with duckdb.connect(built) as con:
        con.execute(
            """
            INSERT INTO meta.run_nodes BY NAME
            SELECT unnest([8, 8, 8, 9, 9]) AS run_id,
                unnest(['stage_atas', 'mart_quality', 'stage_contratos', 'stage_contratos', 'gone']) AS name,
                unnest(['failed', 'failed', 'failed', 'skipped', 'failed']) AS decision,
                '' AS reason, 0 AS rows, 0 AS rejected, 0 AS seconds, '' AS fingerprint
            """
        )
    assert chosen("failed", database=built) == ["stage_atas", "mart_quality"]
    assert "stage_contratos" in chosen("+failed", database=built)


@pytest.mark.parametrize("word", ["changed", "failed"])
def test_of_a_file_that_is_not_there_the_words_select_nothing(word, tmp_path):
    assert chosen(word, database=tmp_path / "none.duckdb") == []
    assert not (tmp_path / "none.duckdb").exists()


def test_an_older_file_without_a_diary_knows_of_no_failure(built):
    with duckdb.connect(built) as con:
        con.execute("DROP TABLE meta.run_nodes")
        con.execute("ALTER TABLE meta.tables DROP COLUMN definition")
    assert chosen("failed", database=built) == []
    assert chosen("changed", database=built) == ["stage_contratos", "mart_spending"]
