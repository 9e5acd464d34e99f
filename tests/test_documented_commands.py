"""Every `baliza ...` line in a block of code of README.md and docs/ runs, page by page, as a reader would type it.

A page is a scenario: its lines run in order, in a folder of its own with a file that holds a week of a small PNCP,
beside a simulator of it. A page that needs more says so in PREPARED; what cannot run stands in
NOT_RUN with the reason. Blocks of Python run too. What stands in a line of text must at least exist.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from baliza.cli.app import made
from baliza.simulator.old_layout import pages_of, write_second
from baliza.simulator.server import Simulator
from baliza.simulator.world import world

APP = made()

ROOT = Path(__file__).parents[1]
WRITTEN = ROOT / "docs" / "dictionary"  # by `baliza docs`, which is tested by itself
PAGES = [
    ROOT / "README.md",
    *(one for one in sorted((ROOT / "docs").rglob("*.md")) if WRITTEN not in one.parents),
]

NOT_RUN = {
    "baliza mcp": "serves until its client hangs up; tests/publish/mcp talk to it",
    "baliza simulate": "serves until Ctrl-C; tests/simulator talk to it",
}
"""Beginnings of lines that cannot end by themselves, each with what tests it instead."""

PROVEN_OR_NOT = {0, 3}
ENDS = {"baliza diff": {0, 4}}
"""How a command may end, where that is not "done" or "done, and some days are not proven"."""

ORGAO = "00394460000141"
"""The órgão that the documents ask for: here an invented one goes by its number."""

BUILT = ("mart_spending", "mart_suppliers", "mart_procurement")
"""In the file that every page finds; the other marts take as long again as all pages together."""

FIRST, LAST = "2025-06-01", "2025-06-07"
"""The days of which the simulated PNCP holds anything."""


def _copies(*names: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for name in names:
            shutil.copy(folder / "data" / "baliza.duckdb", folder / name)

    return prepare


def _question(folder: Path) -> None:
    (folder / "question.sql").write_text("SELECT count(*) FROM mart.spending")


def _old_layout(folder: Path) -> None:
    days = {"dataInicial": FIRST.replace("-", ""), "dataFinal": LAST.replace("-", "")}
    asked_at = datetime.fromisoformat(LAST) + timedelta(days=30)
    pages = pages_of("contratos_publicacao", week()["contratos"], days, at=asked_at, size=50)
    write_second(folder / "old.duckdb", pages)


PREPARED: dict[str, Callable[[Path], None]] = {
    "docs/benchmarks.md": _copies("big.duckdb"),
    "docs/build.md": _copies("before.duckdb", "after.duckdb"),
    "docs/migrate.md": _old_layout,
    "docs/parity.md": _copies("real.duckdb", "year.duckdb"),
    "docs/reading.md": _question,
}
"""What a page takes for granted in the folder it runs in, beyond data/baliza.duckdb."""

_FENCE = re.compile(r"^( *)(```+|~~~+) *(\w*)[^\n]*\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^|\n\n)((?: {4}.*\n?|\n(?= {4}))+)")
_COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:\S*/)?baliza (?P<rest>[a-z-].*)")
_CRON = re.compile(r"(?:[\d*/,-]+ ){4}[\d*/,-]+ +")
_SPAN = re.compile(r"(?<!`)`((?:\S*/)?baliza [a-z][^`]*)`(?!`)")


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language and content of each block of code; an indented one has none."""
    yield from ((found[3], found[4]) for found in _FENCE.finditer(text))
    yield from (("", found[1]) for found in _INDENTED.finditer(_FENCE.sub("", text)))


def commands(text: str) -> Iterator[str]:
    """The lines of blocks that begin with `baliza`: after a prompt, a time of cron, another command."""
    for language, content in blocks(text):
        if language in {"json", "toml", "yaml", "python", "sql"}:
            continue
        for line in re.sub(r"\\\n\s*", "", content).splitlines():
            for part in line.strip().removeprefix("$ ").split(" && "):
                if found := _COMMAND.fullmatch(_CRON.sub("", part)):
                    yield f"baliza {found['rest']}"


@cache
def week() -> dict[str, Any]:
    """A week of a small PNCP, where the busiest órgão has the number that the documents name."""
    records = world(seed=5, since=date.fromisoformat(FIRST), until=date.fromisoformat(LAST), per_day=20)
    buyers = Counter(row["orgaoEntidade"]["cnpj"] for row in records["contratos"])
    return json.loads(json.dumps(records).replace(buyers.most_common(1)[0][0], ORGAO))


@pytest.fixture(scope="module")
def pncp() -> Iterator[Simulator]:
    """It, served."""
    with Simulator(week()) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def folder(pncp: Simulator, built_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With data/baliza.duckdb, in which that week has landed and BUILT is built, and the sample."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data").mkdir()
    shutil.copy(built_sample, folder / "data" / "sample.duckdb")
    database = ["--database", str(folder / "data" / "baliza.duckdb")]
    environment = {"BALIZA_PNCP_URL": pncp.url, "BALIZA_MAX_RPS": "0"}
    week = ["--since", FIRST, "--until", LAST]
    for line in (
        ["harvest", "--endpoint", "contratos", *week],
        ["harvest", "--endpoint", "contratacoes_publicacao", "--modalidade", "6", "--modalidade", "8", *week],
        ["build", "--no-fetch", *(word for mart in BUILT for word in ("--target", mart))],
    ):
        result = CliRunner().invoke(APP, [*line, *database], env=environment)
        assert result.exit_code in PROVEN_OR_NOT, result.output
    return folder


def run(line: str, folder: Path) -> Result:
    """Run a line in a folder, as a shell would."""
    asked = iter(shlex.split(line.replace("/data/", f"{folder}/data/"), comments=True)[1:])
    words, given = [], None
    for word in asked:
        if word == "|":
            break
        if word == "<":
            given = Path(next(asked)).read_text()
        elif re.fullmatch(r"2?>>?", word):
            next(asked)
        else:
            words.append(word)
    if words[0] == "harvest":
        words.append("--yes")  # a reader is there to be asked, and answers
    return CliRunner().invoke(APP, words, input=given)


@pytest.mark.slow
def test_every_line_of_every_page_runs(
    folder: Path, pncp: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """One test, for the file takes longer to make than most pages to run; a line runs where it stands first."""
    environment = {"BALIZA_PNCP_URL": pncp.url, "BALIZA_MAX_RPS": "0", "COLUMNS": "120"}
    for name, value in (environment | {"HOME": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    # Completion is installed for the shell that is told, in that home; what started the tests may be none.
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    ran = set()
    for page in PAGES:
        name = str(page.relative_to(ROOT))
        here = tmp_path / name
        with subtests.test(page=name):
            shutil.copytree(folder, here)
            monkeypatch.chdir(here)
            PREPARED.get(name, lambda _folder: None)(here)
            text = page.read_text(encoding="utf-8")
            for line in commands(text):
                if line in ran or line.startswith(tuple(NOT_RUN)):
                    continue
                ran.add(line)
                result = run(line.replace("http://127.0.0.1:8800", pncp.url), here)
                allowed = next(
                    (ends for start, ends in ENDS.items() if line.startswith(start)), PROVEN_OR_NOT
                )
                assert result.exit_code in allowed, f"{line}\n{result.output}\n{result.exception!r}"
            namespace: dict[str, Any] = {}
            for language, content in blocks(text):
                if language == "python":
                    exec(content, namespace)
    assert len(ran) > 50


def test_the_two_readmes_show_the_same_commands() -> None:
    english, portuguese = (
        list(commands((ROOT / name).read_text(encoding="utf-8"))) for name in ("README.md", "README.pt-BR.md")
    )

    assert english == portuguese
    assert len(english) > 5


def test_nothing_is_excused_that_no_page_shows() -> None:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    shown = [line for text in texts for line in (*commands(text), *_SPAN.findall(text))]

    assert [one for one in NOT_RUN if not any(line.startswith(one) for line in shown)] == []
    assert [one for one in PREPARED if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_sentences_exist(page: Path) -> None:
    for span in _SPAN.findall(page.read_text(encoding="utf-8")):
        words = shlex.split(span)[1:]
        command: Any = get_command(APP)
        while hasattr(command, "commands") and words and not words[0].startswith("-"):
            assert words[0] in command.commands, span
            command = command.commands[words.pop(0)]
        known = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        named = {word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)}
        any_column = command.context_settings.get("ignore_unknown_options", False)
        assert any_column or named <= known | {"--help", "-h"}, span


@pytest.mark.parametrize(
    "text, expected",
    [
        ("\n    baliza gaps\n", ["baliza gaps"]),
        ("```bash\n.venv/bin/pip install . && .venv/bin/baliza targets\n```\n", ["baliza targets"]),
        ("```\n$ baliza diff a b\nmart.x: 3 rows\n```\n", ["baliza diff a b"]),
        ("\n    15 5 * * *  baliza sync\n", ["baliza sync"]),
        ("\n    BALIZA_MAX_RPS=0 baliza build \\\n      --full\n", ["baliza build --full"]),
        ("baliza is no command here\n\n```json\nbaliza targets\n```\n", []),
        ("1. a list:\n\n    ```\n    baliza gaps\n    ```\n", ["baliza gaps"]),
    ],
    ids=["indented", "after others", "prompt", "cron", "continued", "text and json", "within a list"],
)
def test_lines_are_found(text: str, expected: list[str]) -> None:
    assert list(commands(text)) == expected
