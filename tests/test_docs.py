"""What the documents show is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from baliza.build import catalog
from baliza.build.params import with_params
from baliza.build.scope import endpoints
from baliza.cli.app import made
from baliza.kinds import KINDS
from baliza.migration.old_file import GENERATIONS
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.publish.docs import documents
from baliza.publish.export.cells import MOST_CHARACTERS, MOST_LINKS
from baliza.publish.export.parquet_file import ROW_GROUP
from baliza.publish.export.workbook import MOST_ROWS
from baliza.settings import DEFAULT_MAX_IN_FLIGHT, DEFAULT_MAX_RPS, option, resolve, variable

APP = made()

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
READMES = ("README.md", "README.pt-BR.md")
MARTS = [name for name, node in catalog.tables().items() if node.layer == "mart"]


def test_the_written_documents_are_of_the_present_code() -> None:
    assert documents.check(ROOT / "docs")


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_addresses_in_the_repository_lead_to_files(page: Path) -> None:
    named = re.findall(r"github\.com/franklinbaldo/baliza/(?:blob|tree)/main/([^)\s#]+)", page.read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_site_reads_nothing_of_other_hosts() -> None:
    settings = (ROOT / "mkdocs.yml").read_text()

    assert "font: false" in settings
    assert "polyfills: [javascripts/iframe-worker.js]" in settings
    assert "repo_url" not in settings, "the theme would ask GitHub for stars"


def test_readme_states_the_defaults_of_the_settings() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())

    assert f"`BALIZA_MAX_RPS` (default {DEFAULT_MAX_RPS:g};" in readme
    assert f"`BALIZA_MAX_IN_FLIGHT` (default {DEFAULT_MAX_IN_FLIGHT})" in readme


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_is_documented_with_its_variable_and_option(name: str) -> None:
    documented = (ROOT / "docs" / "settings.md").read_text()
    options = {one for parameter in get_command(APP).commands["build"].params for one in parameter.opts}

    assert f"`{variable(name)}`" in documented
    assert (f"`{option(name)}`" in documented) == (option(name) in options)


@pytest.mark.parametrize("command", ["show", "doctor"])
def test_every_own_option_of_a_command_is_on_the_page_of_the_command_line(command: str) -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    shared = {
        "--database",
        "--env",
        "--debug",
        "--memory-limit",
        "--threads",
        "--temp-directory",
        "--pncp-url",
    }
    own = {one for parameter in get_command(APP).commands[command].params for one in parameter.opts}

    assert {one for one in own if one.startswith("--")} - shared <= set(re.findall(r"--[a-z-]+", page))


@pytest.mark.parametrize("command", ["export", "panel"])
def test_every_option_of_a_command_is_documented_and_exists(command: str) -> None:
    page = (ROOT / "docs" / f"{command}.md").read_text()
    own = {one for parameter in get_command(APP).commands[command].params for one in parameter.opts}
    shared = {"--database", "--env", "--debug"}
    named = set(re.findall(r"`(--[a-z-]+)`", page)) | {
        one
        for line in page.splitlines()
        if f"baliza {command}" in line
        for one in re.findall(r"--[a-z-]+", line)
    }

    assert {one for one in own if one.startswith("--")} - shared <= named
    # Columns of tables are options of the export too; these are named as examples.
    assert named - own <= {"--target", "--uf", "--ano", "--mes", "--cnpj"}


def test_every_option_and_command_of_migrate_is_documented_and_exists() -> None:
    page = (ROOT / "docs" / "migrate.md").read_text()
    own = {one for parameter in get_command(APP).commands["migrate"].params for one in parameter.opts}
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
