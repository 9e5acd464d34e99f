"""What each tool is asked, and what it answers. Arguments are as models write them: dates, codes, words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from baliza.build import catalog
from baliza.build.explaining import explain
from baliza.build.scope import endpoints
from baliza.errors import UnknownTargetError, UsageError
from baliza.pncp.endpoints import ENDPOINTS
from baliza.publish import coverage as covering
from baliza.publish import explanation
from baliza.publish.coverage import Asked
from baliza.publish.mcp import answers, questions, resources
from baliza.publish.mcp.answers import Part
from baliza.publish.mcp.limits import MOST_ROWS
from baliza.publish.mcp.questions import Question
from baliza.publish.mcp.sandbox import Sandbox
from baliza.publish.mcp.scope import known_flag, scope, supplier

Since = Annotated[date | None, Field(description="First day of publication asked about, YYYY-MM-DD.")]
Until = Annotated[date | None, Field(description="Last day of publication asked about, included.")]
Orgao = Annotated[str | None, Field(description="CNPJ of the órgão; find_names finds it.")]
Municipio = Annotated[str | None, Field(description="IBGE code of the município, seven digits.")]
Uf = Annotated[str | None, Field(description="State, two letters, such as SC.")]
Year = Annotated[int | None, Field(description="Year of publication.", ge=2021, le=2100)]
Most = Annotated[int, Field(description="Rows told at most.", ge=1, le=1000)]
Words = Annotated[str, Field(description="Words, without accents or with; all of them must be there.")]


class Tools:
    """The tools over one file."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def list_tables(self) -> dict[str, Any]:
        """The tables that can be asked, and whether the file has each."""
        return {
            **answers.heading(self._sandbox.published()),
            "tables": resources.tables(self._sandbox.tables()),
        }

    def describe_table(
        self, table: Annotated[str, Field(description="Such as mart.spending.")]
    ) -> dict[str, Any]:
        """The contract of one table."""
        return {
            **answers.heading(self._sandbox.published()),
            **resources.table(table, self._sandbox.tables()),
        }

    def query(
        self,
        sql: Annotated[str, Field(description="One SELECT, in DuckDB's SQL, over stage and mart.")],
        since: Since = None,
        until: Until = None,
        cnpj_orgao: Orgao = None,
        codigo_ibge: Municipio = None,
        uf: Uf = None,
        limit: Most = 100,
    ) -> dict[str, Any]:
        """A query of one's own; the other arguments say which coverage is told, and filter nothing."""
        asked = Asked(since, until, scope(cnpj_orgao=cnpj_orgao, codigo_ibge=codigo_ibge, uf=uf))
        return answers.answer(
            self._sandbox.published(), [Part("query", self._sandbox.run(sql, rows=limit))], asked
        )

    def find_names(self, words: Words, limit: Most = 20) -> dict[str, Any]:
        """Órgãos, municípios and suppliers by name."""
        return self._answered(questions.names(words, limit), Asked())

    def spending_by_month(
        self,
        cnpj_orgao: Orgao = None,
        codigo_ibge: Municipio = None,
        uf: Uf = None,
        since: Since = None,
        until: Until = None,
    ) -> dict[str, Any]:
        """Contracted value of an órgão, a município or a UF, month by month."""
        whom = scope(cnpj_orgao=cnpj_orgao, codigo_ibge=codigo_ibge, uf=uf)
        if not whom:
            raise UsageError(
                "The spending by month was asked for.",
                "It is not said whose.",
                "Give cnpj_orgao, codigo_ibge or uf; find_names finds them.",
            )
        # Whole months are told, so the coverage is that of whole months.
        asked = Asked(since and since.replace(day=1), until and _end_of_month(until), whom)
        return self._answered(questions.spending_by_month(whom, asked.since, asked.until), asked)

    def supplier_history(
        self,
        cnpj: Annotated[str, Field(description="CNPJ, or its root of eight characters for all branches.")],
        limit: Most = 20,
    ) -> dict[str, Any]:
        """What a supplier was contracted for: by year, by buyer, and its largest contracts."""
        return self._answered(questions.supplier_history(supplier(cnpj), limit), Asked())

    def open_tenders(
        self,
        uf: Uf = None,
        codigo_ibge: Municipio = None,
        words: Words | None = None,
        limit: Most = 30,
    ) -> dict[str, Any]:
        """What can still be bid for, by the newest complete snapshot of PNCP's open proposals."""
        whom = scope(codigo_ibge=codigo_ibge, uf=uf)
        return self._answered(questions.open_tenders(whom, words, limit), Asked(scope=whom))

    def red_flags(
        self,
        cnpj_orgao: Annotated[str, Field(description="CNPJ of the órgão; find_names finds it.")],
        year: Year = None,
        flag: Annotated[str | None, Field(description="One flag, such as short_proposal_period.")] = None,
        limit: Most = 30,
    ) -> dict[str, Any]:
        """What of an órgão deserves a look, with its evidence, and how far each flag reaches."""
        whom = scope(cnpj_orgao=cnpj_orgao)
        code = known_flag(flag) if flag else None
        return self._answered(questions.red_flags(whom, year, code, limit), _of_year(year, whom))

    def concentration(
        self,
        cnpj_orgao: Annotated[str, Field(description="CNPJ of the órgão; find_names finds it.")],
        year: Year = None,
    ) -> dict[str, Any]:
        """How few suppliers hold what an órgão contracts."""
        whom = scope(cnpj_orgao=cnpj_orgao)
        return self._answered(questions.concentration(whom["cnpj_orgao"], year), _of_year(year, whom))

    def coverage(
        self,
        since: Since = None,
        until: Until = None,
        endpoint: Annotated[str | None, Field(description="Such as contratos; all without.")] = None,
        cnpj_orgao: Orgao = None,
        codigo_ibge: Municipio = None,
        uf: Uf = None,
    ) -> dict[str, Any]:
        """What of a period is proven, short, failed, pending or was never asked of PNCP."""
        published = self._sandbox.published()
        asked = Asked(since, until, scope(cnpj_orgao=cnpj_orgao, codigo_ibge=codigo_ibge, uf=uf))
        chosen = (
            endpoints([endpoint]) if endpoint else [one for one in ENDPOINTS.values() if one.is_built_from]
        )
        return {
            **answers.heading(published),
            "coverage": covering.of_endpoints(published.path, chosen, asked),
        }

    def explain_number(
        self,
        table: Annotated[str, Field(description="The mart, such as mart.spending.")],
        key: Annotated[dict[str, str], Field(description='Columns and values, such as {"mes": "2025-06"}.')],
        limit: Most = 20,
    ) -> dict[str, Any]:
        """The records behind rows of a mart, each with its page in PNCP."""
        published = self._sandbox.published()
        found = explain(published.path, table, list(key.items()), limit=limit)
        told = explanation.as_json(found)
        return {
            **answers.heading(published),
            "notes": answers.notes([found.node.location]),
            **{name: told[name] for name in ("table", "key", "row_count", "rows", "records", "check")},
            **{name: told[name] for name in ("evidence", "coverage", "way")},
            "shown_at_most": limit,
        }

    def _answered(self, asked: Sequence[Question], about: Asked) -> dict[str, Any]:
        published, built = self._sandbox.published(), self._sandbox.tables()
        parts = [Part(one.title, self._run(one, built)) for one in asked]
        return answers.answer(published, parts, about)

    def _run(self, one: Question, built: Sequence[str]) -> Any:
        missing = [name for name in resources.names() if name in one.sql and name not in built]
        if missing:
            node = catalog.find(missing[0])
            raise UnknownTargetError(
                "The question needs {table}.",
                "It was never built in {database}.",
                "Build it: baliza build --target {target} --database {database}",
                table=node.location,
                target=node.name,
                database=self._sandbox.database,
            )
        return self._sandbox.run(one.sql, rows=MOST_ROWS)


def _of_year(year: int | None, whom: dict[str, str]) -> Asked:
    return Asked(scope=whom) if year is None else Asked(date(year, 1, 1), date(year, 12, 31), whom)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
