"""What differs between two states of the dataflow's code."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dataflows
from baliza.build import code
from baliza.errors import EditedError


def test_the_same_code_has_the_same_fingerprint():
    assert code._read_digest() == code.digest()
    code.refuse_edited()


@pytest.mark.parametrize("library", ["holidays", "ibis-framework", "sqlglot"])
def test_another_version_of_a_library_that_decides_the_sql_is_other_code(monkeypatch, library):
    known = code.version
    monkeypatch.setattr(code, "version", lambda name: "0" if name == library else known(name))
    with pytest.raises(EditedError):
        code.refuse_edited()


BESIDE = {
    "checks.py", "code.py", "discovery.py", "engine.py", "facts.py", "landed.py", "outline.py",
    "raw_table.py", "raw_tables.py",
}  # fmt: skip


def test_files_beside_the_dataflow_are_where_they_are_looked_for():
    assert {path.name for path in code._BESIDE if path.is_file()} == BESIDE


@pytest.mark.parametrize("edited", ["dataflow", *sorted(BESIDE)])
def test_another_byte_is_other_code(monkeypatch, tmp_path, edited):
    if edited != "dataflow":
        other = tmp_path / edited
        other.write_text("# other code")
        beside = tuple(other if path.name == edited else path for path in code._BESIDE)
        monkeypatch.setattr(code, "_BESIDE", beside)
    else:
        root = Path(shutil.copytree(Path(dataflows.__file__).parent, tmp_path / "dataflows"))
        with (root / "domains" / "poder.csv").open("a") as file:
            file.write("Z,Outro,true\n")
        monkeypatch.setattr(code, "_ROOT", root)
    with pytest.raises(EditedError):
        code.refuse_edited()


@pytest.fixture
def unread(monkeypatch, tmp_path):
    """A process that has imported none of the dataflow, and a folder for what is kept."""
    monkeypatch.setattr(code, "_WAS_IMPORTED", False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def files(folder):
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_what_comes_of_code_is_kept(unread):
    assert code.kept("some.txt", lambda: "first") == "first"
    assert code.kept("some.txt", lambda: "second") == "first"
    assert files(unread) == ["some.txt"]


def test_what_comes_of_code_that_was_edited_meanwhile_is_not_kept(unread, monkeypatch):
    def read():
        monkeypatch.setattr(code, "_read_digest", lambda: "other code")
        return "what came of it"

    with pytest.raises(EditedError, match="edited since this process began"):
        code.kept("some.txt", read)
    assert not files(unread)


def test_what_comes_of_code_that_was_imported_before_is_not_kept(unread, monkeypatch):
    code.kept("some.txt", lambda: "of the files")
    monkeypatch.setattr(code, "_WAS_IMPORTED", True)
    assert code.kept("some.txt", lambda: "of this process") == "of this process"
    assert code.kept("other.txt", lambda: "of this process") == "of this process"
    assert files(unread) == ["some.txt"]


@pytest.mark.parametrize(
    ("first", "was_imported"),
    [("dataflows.mart.spending", "True"), ("baliza.build.catalog", "False"), ("baliza", "False")],
)
def test_code_that_was_imported_first_is_known_to_be(first, was_imported):
    script = f"import {first}; from baliza.build import code; print(code._WAS_IMPORTED)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == was_imported


@pytest.mark.usefixtures("unread")
def test_code_that_is_known_is_not_read_again(monkeypatch):
    found = code.definitions.__wrapped__()
    monkeypatch.setattr(code, "definitions_in", lambda _module, _text: pytest.fail("it was read again"))
    assert code.definitions.__wrapped__() == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1", "x = 2", id="a constant"),
        pytest.param("def f():\n    return 1", "def f():\n    return 2", id="a function"),
        pytest.param("class A:\n    b = 1", "class A:\n    b = 2", id="a class"),
        pytest.param("x: int = 1", "x: int = 2", id="an annotated constant"),
    ],
)
def test_an_edit_is_seen(before, after):
    assert _fingerprints(before) != _fingerprints(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1", "# why\nx = 1  # because", id="a comment"),
        pytest.param("def f():\n    return 1", 'def f():\n    """One."""\n\n    return 1', id="a docstring"),
        pytest.param("class A:\n    b = 1", 'class A:\n    """A."""\n    b = 1', id="a class's docstring"),
        pytest.param("x = 1", "import os\nx = 1", id="an import"),
    ],
)
def test_what_changes_no_table_is_not_seen(before, after):
    assert _fingerprints(before) == _fingerprints(after)


def test_only_what_a_module_uses_is_named():
    before = code.definitions() | {
        "stage.verdicts.value_verdict": "other",
        "stage.atas.atas_dates": "other",
        "mart.spending.gone": "other",
    }
    assert code.changed(before, "mart.spending") == ["mart.spending.gone", "stage.verdicts.value_verdict"]
    assert code.changed(code.definitions(), "mart.spending") == []


def _fingerprints(text: str) -> dict[str, str]:
    return code.definitions_in("m", text)
