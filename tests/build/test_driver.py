"""The driver that notebooks open."""

from __future__ import annotations

import subprocess
import sys

import hamilton.driver
import ibis
import pytest

import baliza
from baliza.build import catalog
from baliza.errors import DatabaseMissingError, EditedError


def test_driver_is_hamiltons_and_gives_ibis_tables(built_sample):
    with baliza.driver(built_sample) as dr:
        table = dr.execute(["mart_spending"])["mart_spending"]

        assert isinstance(dr, hamilton.driver.Driver)
        assert isinstance(table, ibis.Table)
        assert table.quantidade_contratos.sum().execute() > 1000


def test_read_only_driver_changes_nothing(built_sample):
    before = built_sample.read_bytes()
    with baliza.driver(str(built_sample)) as dr:
        dr.execute(["mart_spending", "stage_contratos", "raw_contratos"])

    assert built_sample.read_bytes() == before


def test_writing_driver_builds_with_parameters(built_sample, tmp_path):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(built_sample.read_bytes())
    with baliza.driver(copy, write=True, params={"suspect_value": 1}) as dr:
        spending = dr.execute(["mart_spending"])["mart_spending"]

        assert spending.quantidade_contratos.sum().execute() < 100


def test_a_writing_driver_that_cannot_be_made_lets_go_of_the_file(built_sample, tmp_path, monkeypatch):
    copy = tmp_path / "copy.duckdb"
    copy.write_bytes(built_sample.read_bytes())

    def edited():
        raise EditedError("The code was to be read.", "It was edited.", "Start again.")

    monkeypatch.setattr(catalog, "modules", edited)
    with pytest.raises(EditedError) as kept:  # as a notebook keeps it, with all that its frames hold
        baliza.driver(copy, write=True)

    read = "import duckdb, sys; print(duckdb.connect(sys.argv[1]).sql('FROM meta.runs').fetchall()[-1][-1])"
    ran = subprocess.run([sys.executable, "-c", read, copy], capture_output=True, text=True, check=True)
    assert (ran.stdout.strip(), kept.value.exit_code) == ("1", 1)


def test_pictures_need_no_dot_and_colour_the_layers(built_sample, tmp_path):
    with baliza.driver(built_sample) as dr:
        picture = dr.display_upstream_of("mart_spending")
        dr.display_all_functions(output_file_path=tmp_path / "all.png")
        downstream = dr.display_downstream_of("raw_contratos")

    assert picture._repr_svg_().lstrip().startswith("<?xml")
    assert "mart_spending" in downstream.source
    assert "#cdebc9" in picture.source
    assert "10000000000" not in picture.source
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")


def test_picture_is_the_same_for_the_same_graph(built_sample):
    with baliza.driver(built_sample) as one, baliza.driver(built_sample) as two:
        assert one.display_upstream_of("mart_spending") == two.display_upstream_of("mart_spending")


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(DatabaseMissingError, match="baliza build"):
        baliza.driver(tmp_path / "none.duckdb")
