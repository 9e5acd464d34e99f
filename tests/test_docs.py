"""What the documents show is what the code does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from typer.main import get_command

from baliza.build import catalog
from baliza.build.params import with_params
from baliza.build.scope import endpoints
from baliza.cli.app import app
from baliza.kinds import KINDS
from baliza.migration.old_file import GENERATIONS
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.publish.export.cells import MOST_CHARACTERS, MOST_LINKS
from baliza.publish.export.parquet_file import ROW_GROUP
from baliza.publish.export.workbook import MOST_ROWS
from baliza.settings import DEFAULT_MAX_IN_FLIGHT, DEFAULT_MAX_RPS, option, resolve, variable

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.pt-BR.md")
MARTS = [name for name, node in catalog.tables().items() if node.layer == "mart"]


@pytest.mark.parametrize("mart", MARTS)
def test_the_committed_picture_is_of_the_present_graph(mart: str) -> None:
    empty_driver = runpy.run_path(str(ROOT / "docs" / "dag.py"))["empty_driver"]

    with empty_driver() as driver:
        fingerprint = driver.display_upstream_of(mart).fingerprint

    committed = (ROOT / "docs" / "dag" / f"{mart}.svg").read_text()
    assert f"<!-- graph {fingerprint} -->" in committed, "stale: run python docs/dag.py"


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_has_its_row_and_its_paragraph(mart: str) -> None:
    page = (ROOT / "docs" / "marts.md").read_text()
    location = catalog.tables()[mart].location

    assert f"\n| `{location}` |" in page
    assert f"\n**`{location}`** " in page


def test_the_endpoints_that_dataflows_tell_people_to_harvest_exist() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "dataflows").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"harvest --endpoint (\w+)", text)}

    assert named
    assert all(endpoints([name]) for name in named)


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
def test_every_endpoint_is_documented_with_its_path_and_table(endpoint: Endpoint) -> None:
    rows = [
        line.split("|") for line in (ROOT / "docs" / "harvest.md").read_text().splitlines() if "|" in line
    ]
    (row,) = [row for row in rows if f"`{endpoint.id}`" in row[1]]

    documented = re.search("`(?:[.]{3})?(.*)`", row[2])
    assert documented is not None
    assert endpoint.path.endswith(documented[1])
    assert row[3].strip() == f"`raw.{endpoint.table}`"


@pytest.mark.parametrize("readme", READMES)
def test_readme_opens_with_one_bash_block_of_two_lines(readme: str) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / readme).read_text(), flags=re.DOTALL)

    assert len(blocks) == 1
    first, second = blocks[0].splitlines()
    assert first.endswith("baliza build --target mart_spending --source sample")
    assert second.endswith("/pytest")


@pytest.mark.parametrize("readme", READMES)
def test_readme_links_to_files_that_exist(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / readme).read_text())

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_readme_states_the_defaults_of_the_settings() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())

    assert f"`BALIZA_MAX_RPS` (default {DEFAULT_MAX_RPS:g};" in readme
    assert f"`BALIZA_MAX_IN_FLIGHT` (default {DEFAULT_MAX_IN_FLIGHT})" in readme


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_is_documented_with_its_variable_and_option(name: str) -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    options = {one for parameter in get_command(app).commands["build"].params for one in parameter.opts}

    assert f"`{variable(name)}`" in documented
    assert (f"`{option(name)}`" in documented) == (option(name) in options)


def test_every_option_and_command_of_export_is_documented_and_exists() -> None:
    page = (ROOT / "docs" / "export.md").read_text()
    own = {one for parameter in get_command(app).commands["export"].params for one in parameter.opts}
    shared = {"--database", "--env", "--debug"}
    named = set(re.findall(r"`(--[a-z-]+)`", page)) | {
        one for line in page.splitlines() if "baliza export" in line for one in re.findall(r"--[a-z-]+", line)
    }

    assert {one for one in own if one.startswith("--")} - shared <= named
    assert named - own <= {"--target"}


def test_every_option_and_command_of_migrate_is_documented_and_exists() -> None:
    page = (ROOT / "docs" / "migrate.md").read_text()
    own = {one for parameter in get_command(app).commands["migrate"].params for one in parameter.opts}
    lines = [line for line in page.splitlines() if "baliza migrate" in line]
    typed = {one for line in lines for one in re.findall(r"--[a-z-]+", line)}

    assert {"--drop-psa", "--dry-run", "--force", "--database"} <= own
    assert typed <= own
    assert {"--drop-psa", "--dry-run", "--force"} <= set(re.findall(r"--[a-z-]+", page))
    assert all(
        table in page for tables in GENERATIONS.values() for table in (tables[0], tables[-1].split(".")[1])
    )


@pytest.mark.parametrize("limit", [MOST_ROWS + 1, MOST_LINKS, MOST_CHARACTERS, ROW_GROUP])
def test_the_documented_limits_of_exports_are_those_of_the_code(limit: int) -> None:
    assert f"{limit:,}" in (ROOT / "docs" / "export.md").read_text()


def test_the_documented_configuration_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "settings.md").read_text(), flags=re.DOTALL)
    (tmp_path / "baliza.toml").write_text(text)

    settings = with_params(
        resolve({"BALIZA_CONFIG": str(tmp_path / "baliza.toml"), "BALIZA_ENV": "tests"}), []
    )

    assert settings.max_rps.origin == "env"
    assert settings.params["review_growth"].origin == "env"
