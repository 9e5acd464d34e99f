"""The checks that the old project made of its models, on its output and on baliza's tables.

They are those of its published schema files (unique, not_null, relationships, ranges), for the columns that
its models have. Where PNCP publishes what cannot be, the old project let the check fail; baliza keeps the
value and marks the row in a verdict: it is asked for rows that break the check without a mark.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

OURS = "source"
"""Where baliza's tables are found: the file attached under this name."""


@dataclass(frozen=True)
class Check:
    """A check, and what breaks it.

    Attributes:
        model: of the old project.
        rule: what was checked of it.
        failing: rows of the model as it was that break it.
        rows: of the model.
        table: of baliza, for the same thing.
        ours_failing: rows of that table that break it.
        ours_rows: of that table.
    """

    model: str
    rule: str
    failing: int
    rows: int
    table: str
    ours_failing: int
    ours_rows: int


@dataclass(frozen=True)
class _Rule:
    """How many rows break it: an aggregate over each side's table."""

    model: str
    rule: str
    old: str
    table: str
    ours: str


def _repeated(*columns: str) -> str:
    return f"count(*) - count(DISTINCT ({', '.join(columns)}))"


def _where(condition: str) -> str:
    return f"count(*) FILTER ({condition})"


def _without(key: str, table: str, column: str | None = None) -> str:
    known = f"SELECT {column or key} FROM {table}"  # noqa: S608 - our own text
    return _where(f"{key} IS NOT NULL AND {key} NOT IN ({known})")


def _keys(model: str, key: str, table: str, *ours: str) -> list[_Rule]:
    """A key is there and is one row's."""
    missing = " OR ".join(f"{column} IS NULL" for column in ours)
    return [
        _Rule(model, f"unique: {key}", _repeated(key), table, _repeated(*ours)),
        _Rule(model, f"not_null: {key}", _where(f"{key} IS NULL"), table, _where(missing)),
    ]


def _dimensions_of(model: str, table: str) -> list[_Rule]:
    """A fact's órgão and unit are among the dimensions."""
    unit = "CASE WHEN codigo_unidade IS NOT NULL THEN (cnpj_orgao, codigo_unidade) END"
    return [
        _orgao_of(model, table),
        _Rule(
            model, "relationships: unit_key", _without("unit_key", "was.dim_unidades_orgao"),
            table, _without(unit, f"{OURS}.stage.unidades", "(cnpj_orgao, codigo_unidade)"),
        ),
    ]  # fmt: skip


def _orgao_of(model: str, table: str) -> _Rule:
    return _Rule(
        model, "relationships: org_key", _without("org_key", "was.dim_organizacoes"),
        table, _without("cnpj_orgao", f"{OURS}.stage.orgaos"),
    )  # fmt: skip


def _not_null(model: str, column: str, table: str, ours: str) -> _Rule:
    return _Rule(model, f"not_null: {column}", _where(f"{column} IS NULL"), table, _where(f"{ours} IS NULL"))


_RULES = [
    *_keys("dim_organizacoes", "org_key", "stage.orgaos", "cnpj_orgao"),
    *_keys("dim_organizacoes", "cnpj", "stage.orgaos", "cnpj_orgao"),
    *_keys("dim_unidades_orgao", "unit_key", "stage.unidades", "cnpj_orgao", "codigo_unidade"),
    *_keys("fact_contratos", "contract_key", "stage.contratos", "numero_controle_pncp"),
    *_keys("fact_contratos", "numero_controle_pncp", "stage.contratos", "numero_controle_pncp"),
    _not_null("fact_contratos", "org_key", "stage.contratos", "cnpj_orgao"),
    _not_null("fact_contratos", "unit_key", "stage.contratos", "codigo_unidade"),
    *_dimensions_of("fact_contratos", "stage.contratos"),
    _not_null("fact_contratos", "valor_inicial", "stage.contratos", "valor_inicial"),
    _Rule(
        "fact_contratos", "valor_inicial from 0 to 1,000,000,000",
        _where("valor_inicial NOT BETWEEN 0 AND 1000000000"),
        "stage.contratos",
        _where("valor_inicial NOT BETWEEN 0 AND 1000000000 AND verdict = 'ok'"),
    ),
    _not_null("fact_contratos", "data_atualizacao", "stage.contratos", "data_atualizacao"),
    _not_null("fact_contratos", "ni_fornecedor", "stage.contratos", "ni_fornecedor"),
    _not_null("fact_contratos", "nome_razao_social_fornecedor", "stage.contratos", "nome_fornecedor"),
    _not_null("fact_contratos", "data_assinatura", "stage.contratos", "data_assinatura"),
    _Rule(
        "fact_contratos", "data_assinatura from 2000 to today",
        _where("data_assinatura NOT BETWEEN DATE '2000-01-01' AND current_date"),
        "stage.contratos",
        _where("data_assinatura NOT BETWEEN DATE '2000-01-01' AND current_date AND date_verdict = 'ok'"),
    ),
    _Rule(
        "fact_contratos", "data_vigencia_fim from data_vigencia_inicio on",
        _where("data_vigencia_fim < data_vigencia_inicio"),
        "stage.contratos",
        _where("data_vigencia_fim < data_vigencia_inicio AND date_verdict = 'ok'"),
    ),
    *_keys("fact_contratacoes", "procurement_key", "stage.contratacoes", "numero_controle_pncp"),
    *_keys("fact_contratacoes", "numero_controle_pncp", "stage.contratacoes", "numero_controle_pncp"),
    *_dimensions_of("fact_contratacoes", "stage.contratacoes"),
    _not_null("fact_contratacoes", "ano_compra", "stage.contratacoes", "ano_compra"),
    _not_null("fact_contratacoes", "modalidade_id", "stage.contratacoes", "modalidade_id"),
    _not_null("mart_procurement_analytics", "org_key", "mart.procurement", "cnpj_orgao"),
    _orgao_of("mart_procurement_analytics", "mart.procurement"),
    _Rule(
        "mart_procurement_analytics", "total_contracts: not null, from 0 on",
        _where("total_contracts IS NULL OR total_contracts < 0"),
        "mart.procurement", _where("quantidade_contratos IS NULL OR quantidade_contratos < 0"),
    ),
    _Rule(
        "mart_procurement_analytics", "total_contract_value: not null, from 0 on",
        _where("total_contract_value IS NULL OR total_contract_value < 0"),
        "mart.procurement", _where("valor_contratos IS NULL OR valor_contratos < 0"),
    ),
    _not_null("mart_compras_beneficios", "org_key", "mart.sme_benefits", "cnpj_orgao"),
    _orgao_of("mart_compras_beneficios", "mart.sme_benefits"),
]  # fmt: skip


def checks(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Every check of the old project, on both sides.

    Args:
        con: a file of `baliza.build.parity.scratch.build_old`.
    """
    return [
        Check(
            one.model,
            one.rule,
            *_counted(con, f"was.{one.model}", one.old),
            one.table,
            *_counted(con, f"{OURS}.{one.table}", one.ours),
        )
        for one in _RULES
    ]


def _counted(con: duckdb.DuckDBPyConnection, table: str, failing: str) -> tuple[int, int]:
    return con.execute(f"SELECT {failing}, count(*) FROM {table}").fetchall()[0]  # noqa: S608 - our own text
