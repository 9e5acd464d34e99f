"""Supply: how much each órgão contracted of each supplier."""

from __future__ import annotations

from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, amount, count, day, integer, text, total
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart import buckets, proven_days
from dataflows.mart.names import with_newest_names
from dataflows.mart.sums import sum_where
from dataflows.mart.years import days_of_every_year, publication_days, year
from dataflows.stage.contratos import StageContratos
from dataflows.stage.tax_numbers import cnpj_root

KEY = ("cnpj_orgao", "ni_fornecedor", "categoria_processo_id", "ano")


class MartSupply(Contract):
    """Valor contratado (não pago) por órgão, fornecedor, categoria e ano de publicação."""

    grain = "one row per órgão, fornecedor, categoria and year of publication, where there are contracts"
    key = KEY

    cnpj_orgao = text("CNPJ do órgão contratante.", source="stage.contratos", nullable=False)
    ni_fornecedor = text(
        "CNPJ, CPF ou identificação estrangeira, como no PNCP: cada filial é uma linha. Pode ser CPF, que é "
        "dado pessoal. Nulo na linha que reúne os contratos sem fornecedor.",
        source="stage.contratos",
    )
    categoria_processo_id = integer("Código da categoria do processo.", source="stage.contratos")
    ano = integer("Ano de publicação no PNCP.", source="data_publicacao_pncp")

    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratos")
    nome_fornecedor = text(
        "Nome ou razão social, o mais recente visto; pode conter CPF.", source="stage.contratos"
    )
    tipo_pessoa_id = text("Código do tipo de pessoa, o mais recente visto.", source="stage.contratos")
    cnpj_raiz = text(
        "Raiz do CNPJ (oito primeiros caracteres): a empresa com todas as filiais; nula se não é pessoa "
        "jurídica com CNPJ.",
        source="ni_fornecedor, tipo_pessoa_id",
    )
    categoria_processo_nome = text("Rótulo da categoria.", source="stage.contratos")

    quantidade_contratos = buckets.QUANTIDADE_CONTRATOS
    quantidade_sem_valor = count(
        "Contratos com valor nulo ou zero, que costuma ser valor desconhecido.",
        unit="registros",
        source="valor_global",
    )
    valor_contratos = buckets.VALOR_CONTRATOS
    valor_em_revisao = total(
        "Parte de valor_contratos cujo valor convém conferir (verdict review).",
        source="valor_global, verdict",
    )

    maior_contrato = amount(
        "Maior valor_global entre os contratos; nulo se não há contrato com valor.",
        source="valor_global, bucket contract",
    )
    numero_controle_maior_contrato = text(
        "Número de controle do contrato de maior valor; entre iguais, o de número mais alto. Nulo se não há "
        "contrato com valor.",
        source="numero_controle_pncp, valor_global",
    )
    link_pncp = text("Página do contrato de maior valor no portal do PNCP.", source="link_pncp, valor_global")

    primeira_publicacao = day(
        "Dia da primeira publicação de contrato no ano, neste arquivo.", source="data_publicacao_pncp"
    )
    ultima_publicacao = day(
        "Dia da última publicação de contrato no ano, neste arquivo.", source="data_publicacao_pncp"
    )
    dias_do_ano = proven_days.DIAS_DO_ANO
    dias_provados_contratos = proven_days.DIAS_PROVADOS_CONTRATOS


PROVEN_DAYS = {"dias_provados_contratos": proven_days.CONTRACTS}


def mart_supply(
    stage_contratos: Annotated[ir.Table, StageContratos], meta_coverage: ir.Table
) -> Annotated[ir.Table, MartSupply]:
    """Contracted value of each órgão with each supplier, by categoria and year of publication.

    Grain: one row per órgão, fornecedor, categoria and year of publication that has contracts.
    Key: cnpj_orgao, ni_fornecedor, categoria_processo_id, ano (null counts).
    Source: meta_coverage, stage_contratos.
    Notes: of bucket contract only: no empenhos, income or suspects; values under review are in, and their
    part is told. Contracted value, not money paid, and only what was published as contracts: most direct
    purchases never are. Branches of a company have rows of their own (cnpj_raiz joins them). Contracts
    without supplier share the row of null, which is nobody. The largest contract is evidence, not the whole:
    `quantidade_contratos` says how many there are. Counts for the original órgão, also where another was
    sub-rogated. Of a year the file may hold a part only: `dias_provados_contratos` says how many of its days
    are proven for the country or that órgão. Names are the latest seen in the whole file.
    """
    records = stage_contratos.mutate(ano=year(_.data_publicacao_pncp))
    pairs = (
        records.filter(_.bucket == "contract")
        .group_by(*KEY)
        .aggregate(**_sums(), **_largest(), **publication_days())
        .mutate(numero_controle_maior_contrato=_.largest.numero, link_pncp=_.largest.link)
    )
    told = proven_days.with_proven_days(pairs, meta_coverage, PROVEN_DAYS)
    named: Row = with_newest_names(told, records, _NAMED_BY)
    return named.mutate(cnpj_raiz=cnpj_root(named.ni_fornecedor, named.tipo_pessoa_id)).select(
        *MartSupply.columns
    )


_NAMED_BY = {
    "nome_orgao": ("cnpj_orgao",),
    "nome_fornecedor": ("ni_fornecedor",),
    "tipo_pessoa_id": ("ni_fornecedor",),
    "categoria_processo_nome": ("categoria_processo_id",),
}
"""The codes each name belongs to; a null code has no name."""


def _sums() -> dict[str, Any]:
    return {
        "quantidade_contratos": _.count(),
        "quantidade_sem_valor": _.count(where=_.valor_global.coalesce(0) == 0),
        "valor_contratos": sum_where(_.valor_global, ibis.literal(value=True)),
        "valor_em_revisao": sum_where(_.valor_global, _.verdict == "review"),
    }


def _largest() -> dict[str, Any]:
    """The contract with the largest value, as the evidence at hand."""
    valued = _.valor_global.notnull()
    largest = ibis.struct({"valor": _.valor_global, "numero": _.numero_controle_pncp})
    # Of one record: the largest of each column would pass over a null, and take another's.
    told: Expression = ibis.struct({"numero": _.numero_controle_pncp, "link": _.link_pncp})
    return {"maior_contrato": _.valor_global.max(), "largest": told.argmax(largest, where=valued)}


@MartSupply.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    return (
        (table.valor_em_revisao <= table.valor_contratos)
        & (table.maior_contrato.coalesce(0) <= table.valor_contratos)
        & (table.quantidade_sem_valor <= table.quantidade_contratos)
    )


@MartSupply.rule("the largest contract has a value and a number, or neither")
def _largest_with_its_number(table: Row) -> Flag:
    return table.maior_contrato.notnull() == table.numero_controle_maior_contrato.notnull()


@MartSupply.rule("first and last day are of the year, and in order")
def _days_in_order(table: Row) -> Flag:
    return days_of_every_year(table)


@MartSupply.rule("no more days are proven than the year has")
def _proven_days(table: Row) -> Flag:
    return proven_days.proven_within_the_year(table, *PROVEN_DAYS)


@MartSupply.gate("its count and its sum are those of the contracts in stage.contratos")
def _bucket_adds_up(mart_supply: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    return buckets.bucket_adds_up(mart_supply, stage_contratos, "contract")
