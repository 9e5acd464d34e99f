"""Quality: what is missing, blank, broken, in doubt or without a label in each column of the stage tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, Made, count, order, text
from dataflows.domains import Domain
from dataflows.expressions import Flag, Row
from dataflows.mart.column_counts import column_counts, with_findings
from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratacoes_proposta import StageContratacoesProposta
from dataflows.stage.contratos import StageContratos
from dataflows.stage.fornecedores import StageFornecedores
from dataflows.stage.itens import StageItens
from dataflows.stage.municipios import StageMunicipios
from dataflows.stage.orgaos import StageOrgaos
from dataflows.stage.relations import StageRelations
from dataflows.stage.resultados import StageResultados
from dataflows.stage.termos import StageTermos
from dataflows.stage.unidades import StageUnidades


class MartQuality(Contract):
    """Qualidade de cada coluna das tabelas do estágio: o que falta, o que destoa, o que não tem rótulo."""

    grain = "one row per stage table and column, and one for the rows of each table"
    key = ("tabela", "coluna")

    tabela = text("Tabela de que a linha fala: stage.contratos.", source="stage", nullable=False)
    coluna = text(
        "Coluna da tabela, ou * para as linhas inteiras.", source="contrato da tabela", nullable=False
    )
    linhas = count("Linhas da tabela.", unit="linhas", source="stage")
    regras = count(
        "Regras do contrato da tabela sobre a coluna; em *, as que olham a linha inteira.",
        unit="regras",
        source="contrato da tabela",
    )
    falhas = count(
        "Quantas vezes uma linha quebra uma dessas regras; só as de severidade warning podem aparecer, pois "
        "uma tabela que quebra as outras não é publicada.",
        unit="falhas",
        source="regras",
    )
    regras_quebradas = text(
        "Quais regras, em inglês como no contrato, e quantas vezes cada uma; nulo se nenhuma.",
        source="regras",
    )
    nulos = order(
        "Linhas em que a coluna é nula: o PNCP não diz, ou o valor não se aplica; nulo em *.",
        unit="linhas",
        ge=0,
        source="stage",
    )
    vazios = order(
        "Linhas em que o texto da coluna é vazio ou só espaços, o que a limpeza deve ter tornado nulo; nulo "
        "em colunas que não são texto.",
        unit="linhas",
        ge=0,
        source="stage",
    )
    em_revisao = order(
        "Linhas em que o veredito da coluna sobre um valor é review (convém conferir); nulo em colunas sem "
        "esse veredito.",
        unit="linhas",
        ge=0,
        source="stage",
    )
    suspeitos = order(
        "Linhas em que o veredito da coluna põe o dado em dúvida: suspect, nos valores; nas datas, qualquer "
        "um que não seja ok; nulo em colunas sem veredito.",
        unit="linhas",
        ge=0,
        source="stage",
    )
    sem_rotulo = order(
        "Linhas em que há código, ou um de uma lista, que a tabela oficial não tem; nulo em colunas sem "
        "códigos de tabela oficial.",
        unit="linhas",
        ge=0,
        source="stage, domains",
    )


CONTRACTS: Mapping[str, type[Contract]] = {
    "stage.atas": StageAtas,
    "stage.contratacoes": StageContratacoes,
    "stage.contratacoes_proposta": StageContratacoesProposta,
    "stage.contratos": StageContratos,
    "stage.fornecedores": StageFornecedores,
    "stage.itens": StageItens,
    "stage.municipios": StageMunicipios,
    "stage.orgaos": StageOrgaos,
    "stage.relations": StageRelations,
    "stage.resultados": StageResultados,
    "stage.termos": StageTermos,
    "stage.unidades": StageUnidades,
}
"""What each table of stage is held against."""


def mart_quality(
    domain_tables: dict[str, Domain],
    stage_atas: Annotated[ir.Table, StageAtas],
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    stage_contratacoes_proposta: Annotated[ir.Table, StageContratacoesProposta],
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_fornecedores: Annotated[ir.Table, StageFornecedores],
    stage_itens: Annotated[ir.Table, StageItens],
    stage_municipios: Annotated[ir.Table, StageMunicipios],
    stage_orgaos: Annotated[ir.Table, StageOrgaos],
    stage_relations: Annotated[ir.Table, StageRelations],
    stage_resultados: Annotated[ir.Table, StageResultados],
    stage_termos: Annotated[ir.Table, StageTermos],
    stage_unidades: Annotated[ir.Table, StageUnidades],
) -> Annotated[ir.Table, MartQuality]:
    """What is missing, blank, broken, in doubt or without a label in each column of every stage table.

    Grain: one row per stage table and column, and one (coluna *) for the rows of each table.
    Key: tabela, coluna.
    Source: stage_atas, stage_contratacoes, stage_contratacoes_proposta, stage_contratos, stage_fornecedores,
    stage_itens, stage_municipios, stage_orgaos, stage_relations, stage_resultados, stage_termos,
    stage_unidades.
    Notes: counts of this file, not of PNCP: they grow with what was fetched. A table without rows has no
    rows here, for there is nothing to judge. A null is no fault by itself: many fields are optional, new, or
    null until something happens. A count that does not apply to a column is null, not zero. Rules of severity
    error are counted too, and are zero in a table that was published, as repeated keys are. In tables of one
    row per órgão, unidade, fornecedor or município what is counted are those, not records. Of a list
    of codes (fontes orçamentárias) a row counts once, however many lack a label. A termo's code is made from
    its label, so it never lacks one: there the nulls say how many labels were unknown.
    """
    made = {
        "stage.atas": stage_atas,
        "stage.contratacoes": stage_contratacoes,
        "stage.contratacoes_proposta": stage_contratacoes_proposta,
        "stage.contratos": stage_contratos,
        "stage.fornecedores": stage_fornecedores,
        "stage.itens": stage_itens,
        "stage.municipios": stage_municipios,
        "stage.orgaos": stage_orgaos,
        "stage.relations": stage_relations,
        "stage.resultados": stage_resultados,
        "stage.termos": stage_termos,
        "stage.unidades": stage_unidades,
    }
    return ibis.union(
        *(column_counts(name, table, CONTRACTS[name], domain_tables) for name, table in made.items())
    )


@MartQuality.behind
def _rows_of_its_table(asked: Sequence[Mapping[str, Any]], made: Made) -> dict[str, ir.Table]:
    """Every row of the table, with what is counted of it."""
    columns: dict[str, list[str]] = {}
    for one in asked:
        columns.setdefault(one["tabela"], []).append(one["coluna"])
    return {
        (node := name.replace(".", "_")): with_findings(
            made(node), CONTRACTS[name], of_table, made("domain_tables")
        )
        for name, of_table in columns.items()
    }


@MartQuality.rule("parts do not exceed the rows, and what is null is nothing else")
def _parts_within_rows(table: Row) -> Flag:
    some = table.linhas - table.nulos.coalesce(0)
    parts = (table.vazios, table.em_revisao.coalesce(0) + table.suspeitos.coalesce(0), table.sem_rotulo)
    within = [part.coalesce(0) <= some for part in parts]
    return within[0] & within[1] & within[2] & (table.falhas <= table.linhas * table.regras)


@MartQuality.rule("broken rules are named")
def _named(table: Row) -> Flag:
    return (table.falhas > 0) == table.regras_quebradas.notnull()


@MartQuality.gate("every column of a table with rows is there, with as many rows as the table has")
def _every_column(
    mart_quality: ir.Table,
    stage_atas: ir.Table,
    stage_contratacoes: ir.Table,
    stage_contratacoes_proposta: ir.Table,
    stage_contratos: ir.Table,
    stage_fornecedores: ir.Table,
    stage_itens: ir.Table,
    stage_municipios: ir.Table,
    stage_orgaos: ir.Table,
    stage_relations: ir.Table,
    stage_resultados: ir.Table,
    stage_termos: ir.Table,
    stage_unidades: ir.Table,
) -> ir.Table:
    tables = {
        "stage.atas": stage_atas,
        "stage.contratacoes": stage_contratacoes,
        "stage.contratacoes_proposta": stage_contratacoes_proposta,
        "stage.contratos": stage_contratos,
        "stage.fornecedores": stage_fornecedores,
        "stage.itens": stage_itens,
        "stage.municipios": stage_municipios,
        "stage.orgaos": stage_orgaos,
        "stage.relations": stage_relations,
        "stage.resultados": stage_resultados,
        "stage.termos": stage_termos,
        "stage.unidades": stage_unidades,
    }
    return ibis.union(*(_measures(mart_quality, name, table) for name, table in tables.items()))


def _measures(mart_quality: ir.Table, location: str, table: ir.Table) -> ir.Table:
    """The rows of a table, where the mart says fewest and most; and how often it says them."""
    own: Row = mart_quality.filter(ibis._.tabela == location)
    found: Row = own.aggregate(
        fewest=own.linhas.min().coalesce(0), most=own.linhas.max().coalesce(0), times=own.count()
    )
    stage: Row = table.aggregate(rows=table.count())
    times = (stage.rows > 0).ifelse(len(table.columns) + 1, 0).cast("int64")
    expected: Row = stage.select(fewest="rows", most="rows", times=times)
    return ibis.union(
        *(
            expected.select(expected=expected[end])
            .cross_join(found.select(found=found[end]))
            .select(measure=ibis.literal(f"{location}: {end}"), expected="expected", found="found")
            for end in ("fewest", "most", "times")
        )
    )
