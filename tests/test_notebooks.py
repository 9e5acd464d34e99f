"""Every notebook runs from top to bottom, in a folder beside `data/`, as Jupyter runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LARGEST = 150_000
"""Bytes, with its charts: GitHub shows it at once."""

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::RuntimeWarning", "ignore::ResourceWarning"
)


@pytest.fixture(scope="module")
def more_of_the_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with all that the notebooks ask for."""
    from baliza.build import run
    from baliza.build.source import sample_server
    from baliza.cli.progress import Quiet

    path = tmp_path_factory.mktemp("notebooks") / "sample.duckdb"
    targets = ("mart_spending", "mart_red_flags", "mart_flag_computability", "mart_coverage")
    request = run.BuildRequest(database=path, targets=targets, source="sample", server=sample_server())
    run.build(request, Quiet())
    return path


def _outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [one for cell in notebook.cells if cell.cell_type == "code" for one in cell.outputs]


def _images(notebook: nbformat.NotebookNode) -> list[str]:
    return [kind for one in _outputs(notebook) for kind in one.get("data", {}) if kind.startswith("image/")]


def _run(name: str, sample: Path, tmp_path: Path) -> nbformat.NotebookNode:
    (tmp_path / "data").mkdir()
    shutil.copy(sample, tmp_path / "data" / "sample.duckdb")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    copy = shutil.copy(NOTEBOOKS / f"{name}.ipynb", folder)
    return NotebookClient(
        nbformat.read(copy, as_version=4), timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()


def test_spending_runs(built_sample: Path, tmp_path: Path) -> None:
    executed = _run("spending", built_sample, tmp_path)

    assert any("MUNICIPIO" in str(output) for output in _outputs(executed)), "the tables show órgãos"
    assert "image/svg+xml" in _images(executed), "the graph is drawn"
    assert _images(executed).count("image/png") == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["suppliers", "red_flags", "coverage"])
def test_notebook_runs(name: str, more_of_the_sample: Path, tmp_path: Path) -> None:
    executed = _run(name, more_of_the_sample, tmp_path)

    assert _images(executed).count("image/png") == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kept", "told"),
    [("false", "Nenhum sinal neste arquivo."), ("flag = 'no_estimate'", "Sem valor estimado")],
    ids=["no flag at all", "only one without a limit"],
)
def test_red_flags_run_on_any_file(kept: str, told: str, more_of_the_sample: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(more_of_the_sample, tmp_path / "other.duckdb"))
    with duckdb.connect(str(other)) as con:
        con.execute(f"DELETE FROM mart.red_flags WHERE NOT ({kept})")
    executed = _run("red_flags", other, tmp_path)

    assert "Nenhum caso de just_below_limit" in str(_outputs(executed))
    assert told in str(_outputs(executed))


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook_is_committed_small_with_its_charts_and_opens_the_sample(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")

    assert path.stat().st_size < LARGEST
    assert _images(notebook).count("image/png") == 2
    assert {one.output_type for one in _outputs(notebook)} <= {"display_data", "execute_result", "stream"}
    assert 'ARQUIVO = "../data/sample.duckdb"' in first, "one line to change for a file of one's own"
    assert "sintética" in notebook.cells[0].source
