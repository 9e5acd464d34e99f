"""Concentration: how few suppliers hold what an órgão contracts of one kind in a year."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import MONEY, QUANTITY, Contract, amount, count, day, integer, quantity, text, total
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart import buckets, proven_days
from dataflows.mart.names import with_newest_names
from dataflows.mart.sums import share, sum_counts, sum_where
from dataflows.mart.years import days_of_every_year, publication_days, year
from dataflows.stage.contratos import StageContratos
from dataflows.stage.tax_numbers import cnpj_root

KEY = ("cnpj_orgao", "categoria_processo_id", "ano")


class MartConcentration(Contract):
    """Concentração dos fornecedores nos contratos de um órgão, por categoria e ano."""

    grain = "one row per órgão, categoria and year of publication, where there are contracts"
    key = KEY

    cnpj_orgao = text("CNPJ do órgão contratante.", source="stage.contratos", nullable=False)
    categoria_processo_id = integer("Código da categoria do processo.", source="stage.contratos")
    ano = integer("Ano de publicação no PNCP.", source="data_publicacao_pncp")

    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratos")
    categoria_processo_nome = text("Rótulo da categoria.", source="stage.contratos")

    quantidade_contratos = buckets.QUANTIDADE_CONTRATOS
    quantidade_sem_valor = count(
        "Contratos com valor nulo ou zero, que costuma ser valor desconhecido; fora das participações.",
        unit="registros",
        source="valor_global",
    )
    quantidade_sem_fornecedor = count(
        "Contratos com valor, mas sem identificação do fornecedor; fora das participações.",
        unit="contratos",
        source="ni_fornecedor, valor_global",
    )
    quantidade_considerada = count(
        "Contratos com fornecedor e valor acima de zero, de que se fazem as participações.",
        unit="contratos",
        source="ni_fornecedor, valor_global",
    )
    quantidade_fornecedores = count(
        "Fornecedores distintos dos contratos considerados: a empresa pela raiz do CNPJ, com todas as "
        "filiais; pessoas físicas e estrangeiros pela própria identificação. Não se soma entre linhas.",
        unit="fornecedores",
        source="ni_fornecedor, tipo_pessoa_id",
    )

    valor_contratos = buckets.VALOR_CONTRATOS
    valor_em_revisao = total(
        "Parte de valor_contratos cujo valor convém conferir (verdict review); conta nas participações.",
        source="valor_global, verdict",
    )
    valor_considerado = total(
        "Soma de valor_global dos contratos considerados, de que se fazem as participações.",
        source="valor_global, ni_fornecedor",
    )

    maior_fornecedor = text(
        "Fornecedor de maior soma: raiz do CNPJ da empresa (oito caracteres), ou CPF ou identificação "
        "estrangeira. Entre iguais, o último em ordem alfabética. Nulo se nenhum contrato é considerado.",
        source="ni_fornecedor, tipo_pessoa_id, valor_global",
    )
    nome_maior_fornecedor = text(
        "Nome do maior fornecedor, o mais recente visto em qualquer filial; pode conter CPF.",
        source="nome_fornecedor",
    )
    valor_maior_fornecedor = amount(
        "Soma de valor_global dos contratos considerados do maior fornecedor.", source="valor_global"
    )
    percentual_maior_fornecedor = quantity(
        "Participação do maior fornecedor em valor_considerado; nula se há poucos contratos considerados "
        "(menos de cinco, salvo outra escolha).",
        unit="%",
        source="valor_maior_fornecedor, valor_considerado",
    )
    hhi = quantity(
        "Índice Herfindahl-Hirschman: soma dos quadrados das participações, em %, de todos os fornecedores; "
        "de quase 0 (muitos e pequenos) a 10000 (um só). Nulo se há poucos contratos considerados.",
        unit="pontos",
        source="valor_considerado, ni_fornecedor, tipo_pessoa_id",
    )

    primeira_publicacao = day(
        "Dia da primeira publicação de contrato no ano, neste arquivo, que pode ter só parte do ano (ver "
        "mart.coverage).",
        source="data_publicacao_pncp",
    )
    ultima_publicacao = day(
        "Dia da última publicação de contrato no ano, neste arquivo.", source="data_publicacao_pncp"
    )
    dias_do_ano = proven_days.DIAS_DO_ANO
    dias_provados_contratos = proven_days.DIAS_PROVADOS_CONTRATOS


PROVEN_DAYS = {"dias_provados_contratos": proven_days.CONTRACTS}


def mart_concentration(
    stage_contratos: Annotated[ir.Table, StageContratos],
    meta_coverage: ir.Table,
    least_contracts_for_shares: int,
) -> Annotated[ir.Table, MartConcentration]:
    """Suppliers' shares in the contracts of an órgão, by categoria and year.

    Grain: one row per órgão, categoria and year of publication that has contracts.
    Key: cnpj_orgao, categoria_processo_id, ano (null counts).
    Source: meta_coverage, stage_contratos.
    Notes: of bucket contract only: no empenhos, income or suspects; values under review are in, and their
    part is told. Contracts without value or supplier have no share; they are counted, and where they are many
    the shares say little. With few contracts there is a row, but no share and no HHI: one contract is always
    100 %. A company is its CNPJ root; companies of one owner are as many suppliers. Concentration is no fault
    in itself: a market may have one supplier, and a year one great work. Contracted value, not money paid,
    and only what was published as contracts: most direct purchases never are. Counts for the original órgão,
    also where another was sub-rogated. Of a year the file may hold a part only, and shares of a part are not
    those of the year: `dias_provados_contratos` says how many of its days are proven. Names are the latest
    seen in the whole file.
    """
    records = stage_contratos.mutate(
        ano=year(_.data_publicacao_pncp),
        maior_fornecedor=cnpj_root(_.ni_fornecedor, _.tipo_pessoa_id).coalesce(_.ni_fornecedor),
        nome_maior_fornecedor=_.nome_fornecedor,
    )
    groups = (
        records.filter(_.bucket == "contract")
        .group_by(*KEY, "maior_fornecedor")
        .aggregate(**_of_supplier())
        .group_by(KEY)
        .mutate(participacao=share(_.valor_considerado, _.valor_considerado.sum()))
        .group_by(KEY)
        .aggregate(**_of_group())
        .mutate(**_told_from(least_contracts_for_shares))
    )
    told = proven_days.with_proven_days(groups, meta_coverage, PROVEN_DAYS)
    return with_newest_names(told, records, _NAMED_BY).select(*MartConcentration.columns)


_NAMED_BY = {
    "nome_orgao": ("cnpj_orgao",),
    "categoria_processo_nome": ("categoria_processo_id",),
    "nome_maior_fornecedor": ("maior_fornecedor",),
}
"""The codes each name belongs to; a null code has no name."""


def _of_supplier() -> dict[str, Any]:
    """Of each supplier, and of the contracts that name none."""
    valued = _.valor_global.coalesce(0) > 0
    considered = valued & _.maior_fornecedor.notnull()
    return {
        "quantidade_contratos": _.count(),
        "quantidade_sem_valor": _.count(where=~valued),
        "quantidade_considerada": _.count(where=considered),
        "valor_contratos": sum_where(_.valor_global, ibis.literal(value=True)),
        "valor_em_revisao": sum_where(_.valor_global, _.verdict == "review"),
        "valor_considerado": sum_where(_.valor_global, considered),
        **publication_days(),
    }


def _of_group() -> dict[str, Any]:
    everything = ibis.literal(value=True)
    supplier = _.quantidade_considerada > 0
    largest = ibis.struct({"valor": _.valor_considerado, "fornecedor": _.maior_fornecedor})
    return {
        "quantidade_contratos": sum_counts(_.quantidade_contratos),
        "quantidade_sem_valor": sum_counts(_.quantidade_sem_valor),
        "quantidade_considerada": sum_counts(_.quantidade_considerada),
        "quantidade_fornecedores": _.count(where=supplier),
        "valor_contratos": sum_where(_.valor_contratos, everything),
        "valor_em_revisao": sum_where(_.valor_em_revisao, everything),
        "valor_considerado": sum_where(_.valor_considerado, everything),
        "maior_fornecedor": _.maior_fornecedor.argmax(largest, where=supplier),
        "valor_maior_fornecedor": _.valor_considerado.max(where=supplier).cast(MONEY),
        "percentual_maior_fornecedor": _.participacao.max().cast(QUANTITY),
        "hhi": (_.participacao * _.participacao).sum().cast(QUANTITY),
        "primeira_publicacao": _.primeira_publicacao.min(),
        "ultima_publicacao": _.ultima_publicacao.max(),
    }


def _told_from(least_contracts: int) -> dict[str, Expression]:
    """What is left of the contracts, and the shares only where there are enough of them."""
    enough = _.quantidade_considerada >= least_contracts
    return {
        "quantidade_sem_fornecedor": _.quantidade_contratos
        - _.quantidade_sem_valor
        - _.quantidade_considerada,
        "percentual_maior_fornecedor": ibis.cases((enough, _.percentual_maior_fornecedor)),
        "hhi": ibis.cases((enough, _.hhi)),
    }


@MartConcentration.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    return (
        (table.valor_em_revisao <= table.valor_contratos)
        & (table.valor_considerado <= table.valor_contratos)
        & (table.valor_maior_fornecedor.coalesce(0) <= table.valor_considerado)
        & (table.quantidade_fornecedores <= table.quantidade_considerada)
    )


@MartConcentration.rule("every contract is considered, or without value, or without supplier")
def _each_contract_in_one(table: Row) -> Flag:
    parts = table.quantidade_considerada + table.quantidade_sem_valor + table.quantidade_sem_fornecedor
    return table.quantidade_contratos == parts


@MartConcentration.rule("there is a largest supplier where there is any")
def _largest_of_some(table: Row) -> Flag:
    some = table.quantidade_fornecedores > 0
    return (table.maior_fornecedor.notnull() == some) & (table.valor_maior_fornecedor.notnull() == some)


@MartConcentration.rule("a share is above 0 and at most 100 %, and HHI is in the bounds that the first sets")
def _shares_in_range(table: Row) -> Flag:
    first, hhi = table.percentual_maior_fornecedor, table.hhi
    within = (first > 0) & (first <= 100) & (hhi > 0) & (hhi <= 100 * first + _ROUNDING)  # noqa: PLR2004
    return within & (hhi >= first * first - _ROUNDING)


@MartConcentration.rule("the first day is not after the last, both are of the year, and without it none")
def _days_in_order(table: Row) -> Flag:
    return days_of_every_year(table)


@MartConcentration.rule("no more days are proven than the year has")
def _proven_days(table: Row) -> Flag:
    return proven_days.proven_within_the_year(table, *PROVEN_DAYS)


_ROUNDING = ibis.literal(Decimal("0.01"), type=QUANTITY)
"""What four decimals of a share may change in its square, or in a hundred times it."""


@MartConcentration.gate("contracts and their value are those of bucket contract in stage.contratos")
def _bucket_adds_up(mart_concentration: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    return buckets.bucket_adds_up(mart_concentration, stage_contratos, "contract")
