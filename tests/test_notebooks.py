"""Every notebook runs from top to bottom, in a folder beside `data/`, as Jupyter runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(notebook: Path, built_sample: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(built_sample, tmp_path / "data" / "sample.duckdb")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    copy = shutil.copy(notebook, folder)

    executed = NotebookClient(
        nbformat.read(copy, as_version=4), timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()

    outputs = [output for cell in executed.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("MUNICIPIO" in str(output) for output in outputs), "the tables show órgãos"
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs), "the graph is drawn"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_committed_without_outputs(notebook: Path) -> None:
    cells = nbformat.read(notebook, as_version=4).cells

    assert [cell.outputs for cell in cells if cell.cell_type == "code" and cell.outputs] == []
