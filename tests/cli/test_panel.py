"""`baliza panel`: what it prints, and how it ends."""

import json
import shutil
from pathlib import Path

import pytest

from baliza.publish.panel import front
from tests.publish.panel.conftest import fill


@pytest.fixture
def database(prepared, table, tmp_path):
    """A file with two of the marts."""
    path = tmp_path / "some.duckdb"
    shutil.copy(prepared, path)
    fill(path, table, "mart_spending", "mart_publication")
    return path


def test_it_says_what_it_wrote_what_is_missing_and_what_to_open(baliza, database, tmp_path):
    done = baliza("panel", "--database", str(database), "--output", "site")

    assert done.exit_code == 0
    assert "SYNTHETIC DATA" in done.stdout
    assert "2 órgãos, 0 suppliers, 1 municipalities, 0 open tenders" in done.stdout
    assert f"--target mart_supply --database {database}" in done.stdout
    assert "Open site/index.html" in done.stdout
    assert (tmp_path / "site" / "index.html").is_file()


def test_json_names_every_missing_mart_with_its_command(baliza, database):
    told = json.loads(baliza("panel", "--database", str(database), "--output", "site", "--json").stdout)

    assert (told["command"], told["synthetic"], told["exit_code"]) == ("panel", True, 0)
    assert told["counts"] == {"orgaos": 2, "fornecedores": 0, "municipios": 1, "abertas": 0}
    assert [one["table"] for one in told["missing"]][:2] == ["mart.supply", "mart.suppliers"]
    assert told["bytes"] > 100_000


@pytest.mark.parametrize("told", [(), ("--temp-directory", "elsewhere")], ids=["beside the site", "told"])
def test_what_does_not_fit_into_memory_goes_beside_the_site_or_where_it_is_told(
    baliza, database, tmp_path, monkeypatch, told
):
    used = []

    def counts(con):
        used.extend(con.execute("SELECT current_setting('temp_directory')").fetchone())
        return front_counts(con)

    front_counts = front.counts
    monkeypatch.setattr(front, "counts", counts)
    done = baliza("panel", "--database", str(database), "--output", "out/site", *told)
    (folder,) = (Path(one) for one in used)

    assert done.exit_code == 0
    assert folder.is_relative_to("elsewhere" if told else tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["site"]


def test_ctrl_c_leaves_the_panel_before_it_and_says_so(baliza, database, tmp_path, monkeypatch):
    baliza("panel", "--database", str(database), "--output", "site")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")}

    def interrupted(_con):
        raise KeyboardInterrupt

    monkeypatch.setattr(front, "counts", interrupted)
    done = baliza("panel", "--database", str(database), "--output", "site")

    assert done.exit_code == 130
    assert "Interrupted. Nothing was written: what the folder held before is as it was." in done.stderr
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "site").rglob("*")} == before
    assert not list(tmp_path.glob(".baliza-panel-*"))


def test_a_folder_of_something_else_is_refused_before_anything_is_read(baliza, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.txt").write_text("mine")
    done = baliza("panel", "--database", "nowhere.duckdb", "--output", "site")

    assert done.exit_code == 2
    assert "not a panel of baliza" in done.stderr
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["mine.txt"]
