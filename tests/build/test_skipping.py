"""What makes a table stale and what does not: each text edited for real, in a copy of the dataflow."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import dataflows

BUILD = """
import json, sys
from pathlib import Path
from baliza.build.driver import building
from baliza.warehouse.connection import connect
driver, materializer = building(connect(Path(sys.argv[1]), write=True), Path(sys.argv[1]), params={})
driver.execute(sys.argv[2:])
print(json.dumps({built.name: [built.decision, built.reason] for built in materializer.built}))
"""
TARGETS = ["mart_spending", "mart_publication"]
PARENT = "parent: stage_contratos"


@pytest.fixture(scope="module")
def built(records_file, tmp_path_factory):
    """A file with one contract, its tables built by a copy of the dataflow."""
    file = records_file()
    file.land(file.record(1))
    file.con.close()
    folder = tmp_path_factory.mktemp("built")
    shutil.copy(file.path, folder / "test.duckdb")
    source = Path(dataflows.__file__).parent
    shutil.copytree(source, folder / "dataflows", ignore=shutil.ignore_patterns("__pycache__"))
    _build(folder)
    return folder


def _build(folder):
    command = [sys.executable, "-c", BUILD, str(folder / "test.duckdb"), *TARGETS]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: tuple(told) for name, told in json.loads(done.stdout).items()}


@pytest.mark.parametrize(
    ("edited", "old", "new", "expected"),
    [
        pytest.param("stage/texts.py", "def clean(", "# A comment.\ndef clean(", {}, id="a comment"),
        pytest.param(
            "mart/sums.py",
            "where=condition).coalesce(0)",
            "where=condition).coalesce(0).coalesce(0)",
            {"mart_spending": "code: mart.sums.sum_where"},
            id="a helper function",
        ),
        pytest.param(
            "mart/spending.py",
            "table.quantidade_fornecedores <= records",
            "table.quantidade_fornecedores <= records + 0",
            {"mart_spending": "code: mart.spending._parts_within_whole"},
            id="a contract",
        ),
        pytest.param(
            "domains/esfera.csv",
            "E,Estadual",
            "E,Do estado",
            {"stage_contratos": "codes: domain_esfera", "mart_spending": PARENT, "mart_publication": PARENT},
            id="the label of an official code",
        ),
        pytest.param(
            "law/publication_periods.csv",
            "licitacao,20",
            "licitacao,21",
            {"mart_publication": "law: law_publication_periods"},
            id="a period of the law",
        ),
    ],
)
def test_an_edit_makes_stale_what_it_changes_and_nothing_else(built, tmp_path, edited, old, new, expected):
    folder = Path(shutil.copytree(built, tmp_path / "edited"))
    text = (folder / "dataflows" / edited).read_text(encoding="utf-8")
    assert old in text
    (folder / "dataflows" / edited).write_text(text.replace(old, new), encoding="utf-8")
    found = _build(folder)
    assert {name: reason for name, (decision, reason) in found.items() if decision != "skipped"} == expected
