"""The tools through the SDK's own client: what each answers, and what goes with every answer."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pytest
from mcp import Client, StdioServerParameters

from baliza.publish.mcp.sandbox import Sandbox
from baliza.publish.mcp.server import make
from baliza.warehouse import snapshots


def ask(sandbox: Sandbox, tool: str, **arguments: Any) -> dict[str, Any]:
    """The answer of a tool."""

    async def asking() -> dict[str, Any]:
        async with Client(make(sandbox)) as client:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            return result.structured_content or {}

    return anyio.run(asking)


def refused(sandbox: Sandbox, tool: str, **arguments: Any) -> str:
    """What is said instead of an answer."""

    async def asking() -> str:
        async with Client(make(sandbox)) as client:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            return result.content[0].text

    return anyio.run(asking)


@pytest.fixture(scope="module")
def buyer(sample: Path) -> str:
    """The órgão of most contracts."""
    with duckdb.connect(sample, read_only=True) as con:
        return con.execute(
            "SELECT cnpj_orgao FROM stage.contratos GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchall()[0][0]


def test_every_answer_carries_sql_snapshot_counts_and_coverage(sandbox: Sandbox, sample: Path) -> None:
    told = ask(
        sandbox, "query", sql="SELECT mes FROM mart.spending", since="2025-02-01", until="2025-02-28", limit=3
    )

    assert told["warning"].startswith("SYNTHETIC")
    assert Path(told["snapshot"]["file"]).parent == snapshots.folder(sample)
    assert told["snapshot"]["run"] == 2
    (result,) = told["results"]
    assert (result["sql"], result["row_count"], result["truncated"]) == (
        "SELECT mes FROM mart.spending",
        3,
        True,
    )
    assert told["coverage"]["complete"] is True
    assert told["coverage"]["endpoints"] == [
        {
            "endpoint": "contratos",
            "since": "2025-02-01",
            "until": "2025-02-28",
            "complete": True,
            "cells": {"complete": 28},
            "missing_records": 0,
        }
    ]
    assert any("not money paid" in note for note in told["notes"])


def test_a_hole_is_told_also_where_only_the_query_names_it(sandbox: Sandbox) -> None:
    told = ask(sandbox, "query", sql="SELECT * FROM mart.spending WHERE mes = DATE '2025-08-01'")

    assert told["results"][0]["rows"] == []
    assert told["coverage"]["complete"] is False
    assert told["coverage"]["endpoints"][0]["cells"]["not_asked"] > 0
    assert "NOT COMPLETE" in told["coverage"]["statement"]


def test_what_was_never_fetched_is_no_fact(sandbox: Sandbox) -> None:
    told = ask(sandbox, "coverage", endpoint="atas_atualizacao")

    assert told["coverage"]["complete"] is False
    assert "was never asked of PNCP" in told["coverage"]["statement"]


def test_short_days_are_counted_with_their_records(sample: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample, tmp_path / "short.duckdb"))
    with duckdb.connect(path) as con:
        con.execute(
            "UPDATE meta.coverage SET status = 'short', expected = landed + 7 WHERE endpoint = 'contratos' AND day = '2025-02-03'"
        )
    with Sandbox(path) as sandbox:
        told = ask(
            sandbox,
            "query",
            sql="SELECT 1 AS one FROM mart.spending LIMIT 1",
            since="2025-02-01",
            until="2025-02-28",
        )

    assert told["coverage"]["complete"] is False
    assert told["coverage"]["endpoints"][0]["missing_records"] == 7
    assert told["coverage"]["open_days"][0]["missing"] == 7


def test_spending_by_month_is_that_of_the_mart(sandbox: Sandbox, sample: Path, buyer: str) -> None:
    told = ask(sandbox, "spending_by_month", cnpj_orgao=buyer, since="2025-01-15", until="2025-03-02")
    with duckdb.connect(sample, read_only=True) as con:
        expected = con.execute(
            "SELECT CAST(mes AS VARCHAR), CAST(sum(valor_contratos) AS VARCHAR) FROM mart.spending "
            "WHERE cnpj_orgao = ? AND mes <= '2025-03-01' GROUP BY mes ORDER BY mes", [buyer]
        ).fetchall()  # fmt: skip
    (result,) = told["results"]
    names = [column["name"] for column in result["columns"]]

    assert [(row[0], row[names.index("valor_contratos")]) for row in result["rows"]] == expected
    assert told["coverage"]["scope"] == {"cnpj_orgao": buyer}
    assert [told["coverage"]["endpoints"][0][end] for end in ("since", "until")] == [
        "2025-01-01",
        "2025-03-31",
    ]


def test_a_supplier_by_its_root_with_buyers_and_contracts(sandbox: Sandbox, sample: Path) -> None:
    with duckdb.connect(sample, read_only=True) as con:
        root, value = con.execute(
            "SELECT cnpj_raiz, sum(valor_contratos) FROM mart.suppliers WHERE cnpj_raiz IS NOT NULL "
            "GROUP BY 1 HAVING sum(quantidade_contratos) > 1 ORDER BY 2 DESC LIMIT 1"
        ).fetchall()[0]
    by_year, buyers, contracts = ask(sandbox, "supplier_history", cnpj=root)["results"]

    assert by_year["row_count"] >= 1
    assert sum(float(row[3]) for row in buyers["rows"]) == pytest.approx(float(value))
    assert all(row[-1].startswith("https://pncp.gov.br/app/contratos/") for row in contracts["rows"])


def test_flags_come_with_evidence_and_how_far_they_reach(sandbox: Sandbox, sample: Path) -> None:
    with duckdb.connect(sample, read_only=True) as con:
        cnpj, flags = con.execute(
            "SELECT cnpj_orgao, count(*) FROM mart.red_flags GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
        ).fetchall()[0]
    told = ask(sandbox, "red_flags", cnpj_orgao=cnpj, limit=1000)
    counts, cases, reach = told["results"]
    evidence = [column["name"] for column in cases["columns"]].index("evidencias")

    assert sum(row[2] for row in counts["rows"]) == cases["row_count"] == flags
    assert all(row[evidence] for row in cases["rows"])
    assert reach["row_count"] > 0
    assert any("not proof" in note for note in told["notes"])


def test_concentration_and_names(sandbox: Sandbox, buyer: str) -> None:
    (shares,) = ask(sandbox, "concentration", cnpj_orgao=buyer, year=2025)["results"]
    orgaos, _, _ = ask(sandbox, "find_names", words="prefeitura")["results"]

    assert shares["row_count"] > 0
    assert shares["columns"][0]["name"] == "ano"
    assert all("prefeitura" in row[1].lower() for row in orgaos["rows"])


def test_a_number_is_explained_by_its_records(sandbox: Sandbox, buyer: str) -> None:
    told = ask(sandbox, "explain_number", table="mart_spending", key={"cnpj_orgao": buyer, "mes": "2025-02"})

    assert told["records"][0]["table"] == "stage.contratos"
    # A contract of an empenho may be of another month.
    assert set(told["check"]["differing"]) <= {"valor_empenhos_sem_contrato"}
    assert told["coverage"][0]["complete"] is True


def test_the_dictionary_has_meanings_units_and_traps(sandbox: Sandbox) -> None:
    told = ask(sandbox, "describe_table", table="mart.spending")
    value = next(column for column in told["columns"] if column["name"] == "valor_contratos")

    assert (told["in_this_file"], value["unit"]) == (True, "BRL")
    assert "not money paid" in told["traps"]
    assert {one["table"]: one["in_this_file"] for one in ask(sandbox, "list_tables")["tables"]}[
        "mart.open_tenders"
    ] is False


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("open_tenders", {"uf": "SC"}, "baliza build --target mart_open_tenders"),
        ("query", {"sql": "DROP TABLE x"}, "It is no SELECT but DROP"),
        ("query", {"sql": "SELECT 1", "since": "2025-02-01", "until": "2025-01-01"}, "The first is after the last"),
        ("spending_by_month", {}, "It is not said whose"),
        ("spending_by_month", {"uf": "Santa Catarina"}, "A UF is one of AC, AL"),
        ("spending_by_month", {"uf": "XX"}, "That is no UF."),
        ("red_flags", {"cnpj_orgao": "33546447000110", "flag": "no_bids"}, "A flag is one of no_discount, "),
        ("spending_by_month", {"codigo_ibge": "42"}, "seven digits"),
        ("supplier_history", {"cnpj": "123.456.789-09"}, "personal data"),
        ("red_flags", {"cnpj_orgao": "00394460000140"}, "check digits"),
        ("describe_table", {"table": "raw.contratos"}, "stage.contratos"),
        ("describe_table", {"table": "mart.spendin"}, "mart_spending"),
        ("explain_number", {"table": "mart_spending", "key": {"cor": "azul"}}, "no such column"),
        ("query", {"sql": "SELECT 1", "since": "yesterday"}, "date"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_told_with_what_to_do(
    sandbox: Sandbox, tool: str, arguments: dict[str, Any], told: str
) -> None:
    assert told in refused(sandbox, tool, **arguments)


def test_a_text_from_outside_stays_a_text(sandbox: Sandbox) -> None:
    told = ask(sandbox, "find_names", words="x') OR 1=1 -- '; DROP")

    assert [result["rows"] for result in told["results"]] == [[], [], []]


def test_what_is_published_while_it_runs_is_asked_next(sample: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(sample, tmp_path / "now.duckdb"))
    with Sandbox(path) as sandbox:
        from_the_file = sandbox.run("SELECT count(*) FROM mart.spending").rows
        _publish(path, run=1)
        from_the_first = sandbox.published()
        same = sandbox.run("SELECT count(*) FROM mart.spending").rows
        with duckdb.connect(path) as con:  # nobody holds the file itself any more
            con.execute("DELETE FROM mart.spending")
        unpublished = sandbox.run("SELECT count(*) FROM mart.spending").rows
        _publish(path, run=2)
        from_the_second = sandbox.run("SELECT count(*) FROM mart.spending").rows

    assert from_the_file == same == unpublished > [[0]]
    assert from_the_first.path.name.endswith("-run-1.duckdb")
    assert from_the_second == [[0]]


def _publish(path: Path, *, run: int) -> None:
    snapshot = snapshots.named(path, run).path
    snapshot.parent.mkdir(exist_ok=True)
    shutil.copy(path, snapshot)


def test_a_huge_text_is_cut_and_said_so(sandbox: Sandbox) -> None:
    result = sandbox.run("SELECT repeat('x', 1000000), [1, 2]")

    assert result.cells_cut == 1
    assert result.rows[0][0].endswith("… (1000000)")


def test_too_many_bytes_are_cut_and_said_so(sandbox: Sandbox) -> None:
    result = sandbox.run("SELECT repeat('x', 3000) FROM range(1000)", rows=1000)

    assert result.truncated_by == "size"
    assert 10 < len(result.rows) < 100


def test_over_standard_input_and_output(sample: Path) -> None:
    """As a client starts it: `baliza mcp --database PATH`."""

    async def asking() -> None:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "baliza", "mcp", "--database", str(sample)]
        )
        async with Client(server) as client:
            assert "lower bounds" in (client.instructions or "")
            tools = (await client.list_tools()).tools
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            hostile = await client.call_tool("query", {"sql": "SELECT * FROM read_text('/etc/passwd')"})
            honest = await client.call_tool("query", {"sql": "SELECT count(*) FROM mart.spending"})
            mistaken = await client.call_tool("query", {"sql": "SELECT 1", "limit": 5000})
            dictionary = await client.read_resource("baliza://dictionary")
            one = await client.read_resource("baliza://dictionary/mart.spending")
            coverage = await client.read_resource("baliza://coverage")
        assert hostile.is_error
        assert "root:" not in str(hostile.content)
        assert (honest.structured_content or {})["results"][0]["rows"][0][0] > 0
        assert json.loads(honest.content[0].text) == honest.structured_content
        assert "\n" not in honest.content[0].text, "an indent is a token to a model"
        assert "errors.pydantic.dev" not in str(mistaken.content)
        assert "less than or equal to 1000" in str(mistaken.content)
        assert len(json.loads(dictionary.contents[0].text)["tables"]) > 20
        assert len(dictionary.contents[0].text) < 60_000, "a model reads it whole"
        assert json.loads(one.contents[0].text)["table"] == "mart.spending"
        assert "statement" in json.loads(coverage.contents[0].text)["coverage"]

    anyio.run(asking)
