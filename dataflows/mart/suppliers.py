"""Suppliers: who sold how much, to how many, and how much of it to one."""

from __future__ import annotations

from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import MONEY, QUANTITY, Contract, amount, count, day, integer, quantity, text, total
from dataflows.expressions import Flag, Row
from dataflows.mart import buckets, proven_days
from dataflows.mart.names import with_newest_names
from dataflows.mart.sums import share, sum_where
from dataflows.mart.years import days_of_year, publication_days, year
from dataflows.stage.contratos import StageContratos
from dataflows.stage.tax_numbers import cnpj_root

KEY = ("ni_fornecedor", "ano")


class MartSuppliers(Contract):
    """Valor contratado (não pago) de cada fornecedor por ano de publicação, e os seus compradores."""

    grain = "one row per fornecedor (ni_fornecedor) and year of publication"
    key = KEY

    ni_fornecedor = text(
        "CNPJ, CPF ou identificação estrangeira, como no PNCP: cada filial é uma linha. Pode ser CPF, que é "
        "dado pessoal. Nulo na linha que reúne os registros sem fornecedor.",
        source="stage.contratos",
    )
    ano = integer("Ano de publicação no PNCP.", source="data_publicacao_pncp")

    nome_fornecedor = text(
        "Nome ou razão social, o mais recente visto; pode conter CPF.", source="stage.contratos"
    )
    tipo_pessoa_id = text("Código do tipo de pessoa, o mais recente visto.", source="stage.contratos")
    tipo_pessoa_nome = text("Rótulo oficial do tipo de pessoa.", source="tipo_pessoa_id")
    codigo_pais_fornecedor = text(
        "País, ISO 3166 alfa-3, o mais recente visto; falta em um terço dos contratos, também de "
        "estrangeiros.",
        source="stage.contratos",
    )
    cnpj_raiz = text(
        "Raiz do CNPJ (oito primeiros caracteres): a empresa com todas as filiais; nula se não é pessoa "
        "jurídica com CNPJ.",
        source="ni_fornecedor, tipo_pessoa_id",
    )

    quantidade_contratos = buckets.QUANTIDADE_CONTRATOS
    quantidade_empenhos = buckets.QUANTIDADE_EMPENHOS
    quantidade_suspeitos = buckets.QUANTIDADE_SUSPEITOS
    quantidade_receitas = buckets.QUANTIDADE_RECEITAS
    quantidade_sem_valor = count(
        "Contratos e empenhos com valor nulo ou zero, que costuma ser valor desconhecido.",
        unit="registros",
        source="valor_global",
    )
    quantidade_orgaos = count(
        "Órgãos distintos dos contratos e empenhos; não se soma entre linhas.",
        unit="órgãos",
        source="cnpj_orgao",
    )
    quantidade_municipios = count(
        "Municípios distintos das unidades compradoras, nos contratos e empenhos; não se soma entre linhas.",
        unit="municípios",
        source="codigo_ibge",
    )
    quantidade_ufs = count(
        "UFs distintas das unidades compradoras, nos contratos e empenhos; não se soma entre linhas. A UF do "
        "fornecedor não está nos contratos do PNCP.",
        unit="UFs",
        source="uf_sigla",
    )

    valor_contratos = buckets.VALOR_CONTRATOS
    valor_empenhos = buckets.VALOR_EMPENHOS
    valor_suspeito = buckets.VALOR_SUSPEITO
    valor_receita = buckets.VALOR_RECEITA
    valor_em_revisao = total(
        "Parte de valor_contratos + valor_empenhos cujo valor convém conferir (verdict review).",
        source="valor_global, verdict",
    )
    maior_contrato = amount(
        "Maior valor_global entre os contratos; nulo se não há contrato com valor.",
        source="valor_global, bucket contract",
    )

    cnpj_maior_orgao = text(
        "CNPJ do órgão de maior soma de contratos; entre iguais, o de CNPJ mais alto. Nulo se nenhum "
        "contrato tem valor.",
        source="cnpj_orgao, valor_global, bucket contract",
    )
    nome_maior_orgao = text("Nome desse órgão, o mais recente visto.", source="nome_orgao")
    valor_maior_orgao = amount(
        "Soma de valor_global dos contratos com esse órgão.", source="valor_global, bucket contract"
    )
    percentual_maior_orgao = quantity(
        "Participação desse órgão em valor_contratos; com um só contrato é sempre 100.",
        unit="%",
        source="valor_maior_orgao, valor_contratos",
    )

    primeira_publicacao = day(
        "Dia da primeira publicação de contrato ou empenho no ano.", source="data_publicacao_pncp"
    )
    ultima_publicacao = day(
        "Dia da última publicação de contrato ou empenho no ano.", source="data_publicacao_pncp"
    )
    dias_do_ano = proven_days.DIAS_DO_ANO
    dias_provados_contratos = proven_days.DIAS_PROVADOS_CONTRATOS


PROVEN_DAYS = {"dias_provados_contratos": proven_days.CONTRACTS}


def mart_suppliers(
    stage_contratos: Annotated[ir.Table, StageContratos], meta_coverage: ir.Table
) -> Annotated[ir.Table, MartSuppliers]:
    """Contracted value and buyers of each supplier, by year of publication.

    Grain: one row per fornecedor and year of publication.
    Key: ni_fornecedor, ano (null counts).
    Source: meta_coverage, stage_contratos.
    Notes: what contracts say, not money paid, and not the supplier's turnover: most direct purchases never
    become a contract. Each record falls in exactly one bucket (income, suspect, empenho, contract); órgãos,
    places and days are those of contracts and empenhos, the largest buyer is by contracts alone. Branches of
    a company have rows of their own (cnpj_raiz joins them), and a foreigner as many as there are ways of
    writing the number. Records without supplier share the row of null, which is nobody. Places are the
    buyers': where a supplier is, contracts do not tell. A buyer is the original órgão, also where another was
    sub-rogated. Subcontractors are not counted. Of a year the file may hold a part only:
    `dias_provados_contratos` says how many of its days are proven for the whole country. CPFs are kept as
    PNCP publishes them: what is shown to others masks them. Names are the latest seen in the whole file.
    """
    records = stage_contratos.mutate(
        ano=year(_.data_publicacao_pncp), cnpj_maior_orgao=_.cnpj_orgao, nome_maior_orgao=_.nome_orgao
    )
    suppliers = (
        records.group_by(*KEY, "cnpj_orgao")
        .mutate(valor_do_orgao=sum_where(_.valor_global, _.bucket == "contract"))
        .group_by(KEY)
        .aggregate(**buckets.bucket_counts(), **buckets.bucket_sums(), **_parts(), **_buyers())
        .mutate(percentual_maior_orgao=share(_.valor_maior_orgao, _.valor_contratos).cast(QUANTITY))
    )
    told = proven_days.with_proven_days(suppliers, meta_coverage, PROVEN_DAYS)
    named: Row = with_newest_names(told, records, _NAMED_BY)
    return named.mutate(cnpj_raiz=cnpj_root(named.ni_fornecedor, named.tipo_pessoa_id)).select(
        *MartSuppliers.columns
    )


_NAMED_BY = {
    "nome_fornecedor": ("ni_fornecedor",),
    "tipo_pessoa_id": ("ni_fornecedor",),
    "tipo_pessoa_nome": ("tipo_pessoa_id",),
    "codigo_pais_fornecedor": ("ni_fornecedor",),
    "nome_maior_orgao": ("cnpj_maior_orgao",),
}
"""The codes each name belongs to; a null code has no name."""


def _parts() -> dict[str, Any]:
    expense = _.bucket.isin(("contract", "empenho"))
    return {
        "quantidade_sem_valor": _.count(where=expense & (_.valor_global.coalesce(0) == 0)),
        "quantidade_orgaos": _.cnpj_orgao.nunique(where=expense),
        "quantidade_municipios": _.codigo_ibge.nunique(where=expense),
        "quantidade_ufs": _.uf_sigla.nunique(where=expense),
        "valor_em_revisao": sum_where(_.valor_global, expense & (_.verdict == "review")),
        "maior_contrato": _.valor_global.max(where=_.bucket == "contract"),
        **publication_days(where=expense),
    }


def _buyers() -> dict[str, Any]:
    """The órgão with the largest sum of contracts, of those with any."""
    bought = _.valor_do_orgao > 0
    largest = ibis.struct({"valor": _.valor_do_orgao, "cnpj": _.cnpj_orgao})
    return {
        "cnpj_maior_orgao": _.cnpj_orgao.argmax(largest, where=bought),
        "valor_maior_orgao": _.valor_do_orgao.max(where=bought).cast(MONEY),
    }


@MartSuppliers.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    records = table.quantidade_contratos + table.quantidade_empenhos
    return (
        (table.valor_em_revisao <= table.valor_contratos + table.valor_empenhos)
        & (table.maior_contrato.coalesce(0) <= table.valor_maior_orgao.coalesce(0))
        & (table.valor_maior_orgao.coalesce(0) <= table.valor_contratos)
        & (table.quantidade_sem_valor <= records)
        & (table.quantidade_orgaos <= records)
        & (table.quantidade_municipios <= records)
        & (table.quantidade_ufs <= records)
    )


@MartSuppliers.rule("there is a largest buyer, with a share of it, where contracts have a value")
def _largest_of_some(table: Row) -> Flag:
    some, share_ = table.valor_contratos > 0, table.percentual_maior_orgao
    return (
        (table.cnpj_maior_orgao.notnull() == some)
        & (table.valor_maior_orgao.notnull() == some)
        & ((share_ > 0) & (share_ <= 100)).coalesce(~some)  # noqa: PLR2004
    )


@MartSuppliers.rule("the first day is not after the last, and both are of the year")
def _days_in_order(table: Row) -> Flag:
    return days_of_year(table)


@MartSuppliers.rule("no more days are proven than the year has")
def _proven_days(table: Row) -> Flag:
    return proven_days.proven_within_the_year(table, *PROVEN_DAYS)


@MartSuppliers.gate("four sums and four counts are those of stage.contratos")
def _buckets_add_up(mart_suppliers: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    return buckets.buckets_add_up(mart_suppliers, stage_contratos)
