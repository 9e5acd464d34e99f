"""An export is whole or not there, and replaces nothing it was not told to."""

import hashlib
import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from baliza.errors import ExportError, OutputExistsError
from baliza.publish.export import parquet_file, writing
from baliza.publish.export.folder import leftovers

REPOSITORY = Path(__file__).parents[3]


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_package_names_each_file_with_its_size_and_hash(fill, exported):
    fill({})
    output = exported("csv")
    (resource,) = json.loads((output / "datapackage.json").read_text())["resources"]
    written = (output / "mart.things.csv").read_bytes()

    assert names(output) == ["datapackage.json", "mart.things.csv"]
    assert resource["path"] == "mart.things.csv"
    assert resource["bytes"] == len(written)
    assert resource["hash"] == "sha256:" + hashlib.sha256(written).hexdigest()


def test_nothing_is_replaced_unless_told(fill, exported):
    fill({})
    output = exported("csv")
    before = (output / "mart.things.csv").read_bytes()
    fill({"numero": "x"})

    with pytest.raises(OutputExistsError, match=r"It already holds datapackage\.json"):
        exported("parquet")
    assert names(output) == ["datapackage.json", "mart.things.csv"]
    assert (output / "mart.things.csv").read_bytes() == before


def test_a_file_of_someone_else_is_not_replaced_either(fill, exported, tmp_path):
    fill({})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mart.things.csv").write_text("mine")

    with pytest.raises(OutputExistsError, match=r"It already holds mart\.things\.csv"):
        exported("csv")
    assert names(tmp_path / "out") == ["mart.things.csv"]
    assert (tmp_path / "out" / "mart.things.csv").read_text() == "mine"


def test_force_replaces_the_whole_export_and_nothing_else(monkeypatch, fill, exported, tmp_path):
    monkeypatch.setattr(parquet_file, "LARGE", 1)
    fill({"ano": 2024})
    output = exported("parquet")
    (output / "notes.txt").write_text("mine")

    exported("csv", force=True)

    assert names(output) == ["datapackage.json", "mart.things.csv", "notes.txt"]
    assert not (output / "mart.things").exists()


@pytest.mark.parametrize("path", ["../victim", "/tmp/victim", "a/../../victim", 5, None, ["../victim"]])
def test_a_package_that_names_files_elsewhere_deletes_none(fill, exported, tmp_path, path):
    fill({})
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path = str(victim) if path == "/tmp/victim" else path
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "datapackage.json").write_text(json.dumps({"resources": [{"path": path}]}))

    exported("csv", force=True)

    assert victim.read_text() == "mine"


def test_a_package_that_is_none_can_be_replaced(fill, exported, tmp_path):
    fill({})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "datapackage.json").write_text("not JSON")

    assert names(exported("csv", force=True)) == ["datapackage.json", "mart.things.csv"]


def test_the_output_is_no_file(fill, exported, tmp_path):
    (tmp_path / "out").write_text("mine")

    with pytest.raises(OutputExistsError, match="That is a file"):
        exported("csv", force=True)


def test_an_export_that_fails_leaves_nothing(monkeypatch, fill, exported, tmp_path):
    def fails(*_):
        raise OSError(28, "No space left on device")

    fill({})
    monkeypatch.setattr(writing, "_in_format", fails)

    with pytest.raises(ExportError, match="No space left"):
        exported("csv")
    assert names(tmp_path / "out") == []


def test_a_killed_export_leaves_nothing_that_looks_whole(tmp_path):
    """Killed while the second table is written: the first is not there either."""
    output = tmp_path / "out"
    program = f"""
        import pathlib, time
        import duckdb
        from baliza.publish.export import writing
        from baliza.publish.export.table import Choice
        from tests.publish.export.conftest import DDL, THINGS

        con = duckdb.connect()
        con.execute(DDL)
        whole = writing._in_format

        def slow(*told):
            written = whole(*told)
            pathlib.Path({str(tmp_path / "written")!r}).touch()
            time.sleep(600)
            return written

        writing._in_format = slow
        choice = Choice(format="csv", version="1", source="pncp")
        writing.write(con, [THINGS], choice, pathlib.Path({str(output)!r}), force=False, told=print)
    """
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], cwd=REPOSITORY)
    try:
        while not (tmp_path / "written").exists():
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert [path.name for path in output.iterdir() if not path.name.startswith(".")] == []
    assert len(leftovers(output)) == 1
