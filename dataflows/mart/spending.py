"""Spending: who contracted how much of what, where and when."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import ibis.expr.types as ir
from ibis import _

from dataflows.contract import MONEY, Contract, amount, count, day, integer, text, total
from dataflows.expressions import Flag, Row
from dataflows.mart import buckets
from dataflows.mart.names import with_newest_names
from dataflows.mart.sums import sum_where
from dataflows.stage.contratos import StageContratos

KEY = ("cnpj_orgao", "codigo_unidade", "uf_sigla", "codigo_ibge", "mes", "categoria_processo_id")
LINKED = ("numero_controle_pncp_compra", "ni_fornecedor")
"""What an empenho and the contract that it may repeat have alike."""


class MartSpending(Contract):
    """Valor contratado (não pago) por órgão, unidade, município, mês de publicação e categoria."""

    grain = "one row per órgão, unidade, UF, município, month of publication and categoria"
    key = KEY
    by_group = True
    linked_by = LINKED
    named_by: ClassVar = {
        "nome_orgao": ("cnpj_orgao",),
        "nome_unidade": ("cnpj_orgao", "codigo_unidade"),
        "esfera_id": ("cnpj_orgao",),
        "municipio_nome": ("codigo_ibge",),
        "categoria_processo_nome": ("categoria_processo_id",),
    }

    cnpj_orgao = text("CNPJ do órgão contratante.", source="stage.contratos", nullable=False)
    codigo_unidade = text("Código da unidade executora.", source="stage.contratos")
    uf_sigla = text("UF da unidade executora.", source="stage.contratos")
    codigo_ibge = text("Código IBGE do município da unidade executora.", source="stage.contratos")
    mes = day("Primeiro dia do mês de publicação no PNCP.", source="data_publicacao_pncp")
    categoria_processo_id = integer("Código da categoria do processo.", source="stage.contratos")

    nome_orgao = text("Nome do órgão, o mais recente visto.", source="stage.contratos")
    nome_unidade = text("Nome da unidade, o mais recente visto.", source="stage.contratos")
    esfera_id = text("Esfera do órgão, a mais recente vista.", source="stage.contratos")
    municipio_nome = text("Nome do município, o mais recente visto.", source="stage.contratos")
    categoria_processo_nome = text("Rótulo da categoria.", source="stage.contratos")

    quantidade_contratos = buckets.QUANTIDADE_CONTRATOS
    quantidade_empenhos = buckets.QUANTIDADE_EMPENHOS
    quantidade_suspeitos = buckets.QUANTIDADE_SUSPEITOS
    quantidade_receitas = buckets.QUANTIDADE_RECEITAS
    quantidade_sem_valor = count(
        "Contratos e empenhos com valor nulo ou zero, que costuma ser valor desconhecido.",
        unit="registros",
        source="valor_global",
    )
    quantidade_fornecedores = count(
        "Fornecedores distintos dos contratos e empenhos; não se soma entre linhas.",
        unit="fornecedores",
        source="ni_fornecedor",
    )

    valor_contratos = buckets.VALOR_CONTRATOS
    valor_empenhos = buckets.VALOR_EMPENHOS
    valor_suspeito = buckets.VALOR_SUSPEITO
    valor_receita = buckets.VALOR_RECEITA
    valor_em_revisao = total(
        "Parte de valor_contratos + valor_empenhos cujo valor convém conferir (verdict review).",
        source="valor_global, verdict",
    )
    valor_assinado_outro_ano = total(
        "Parte de valor_contratos + valor_empenhos assinada em ano diferente do de publicação.",
        source="valor_global, data_assinatura, data_publicacao_pncp",
    )
    valor_empenhos_sem_contrato = total(
        "Parte de valor_empenhos sem contrato da mesma compra e do mesmo fornecedor neste arquivo; depende "
        "da cobertura: o contrato pode existir fora do período baixado.",
        source="valor_global, numero_controle_pncp_compra, ni_fornecedor",
    )
    maior_contrato = amount(
        "Maior valor_global entre os contratos; nulo se não há contrato com valor.",
        source="valor_global, bucket contract",
    )
    mediana_contrato = amount(
        "Mediana de valor_global dos contratos; nula se não há contrato com valor. Não se soma.",
        source="valor_global, bucket contract",
    )


def mart_spending(stage_contratos: Annotated[ir.Table, StageContratos]) -> Annotated[ir.Table, MartSpending]:
    """Contracted value by órgão, unidade, place, month of publication and categoria.

    Grain: one row per órgão, unidade, UF, município, month and categoria.
    Key: cnpj_orgao, codigo_unidade, uf_sigla, codigo_ibge, mes, categoria_processo_id (null counts).
    Source: stage_contratos.
    Notes: what contracts say, not money paid. Each record falls in exactly one bucket (income, suspect,
    empenho, contract). Amendments that PNCP keeps apart (termos) are not in valor_global. Counts for the
    órgão of the record, also where another was sub-rogated. Names are the latest seen in the whole file.
    """
    records = stage_contratos.mutate(mes=_.data_publicacao_pncp.truncate("M").date())
    sums = records.group_by(*KEY).aggregate(
        **buckets.bucket_counts(), **buckets.bucket_sums(), **_parts(), **_distribution()
    )
    whole = _with(_with(sums, _suppliers(records)), _empenhos_without_contract(records))
    return with_newest_names(whole, stage_contratos, MartSpending.named_by).select(*MartSpending.columns)


def _suppliers(records: ir.Table) -> ir.Table:
    """The distinct suppliers of contracts and empenhos.

    Counted apart from the sums: beside them, of millions of records, they took a quarter more memory.
    """
    expense = records.filter(_.bucket.isin(("contract", "empenho")))
    each = expense.select(*KEY, "ni_fornecedor").distinct()
    return each.group_by(*KEY).aggregate(quantidade_fornecedores=_.ni_fornecedor.count())


def _empenhos_without_contract(records: ir.Table) -> ir.Table:
    """The value of the empenhos of which no contract of the same purchase and supplier is in the file.

    Summed apart from the rest: empenhos alone are looked up, and while their purchases and suppliers are in
    memory nothing else needs to be.
    """
    contracts = records.filter(_.bucket == "contract").select(*LINKED)
    alone = records.filter(_.bucket == "empenho").anti_join(contracts, LINKED)
    return alone.group_by(*KEY).aggregate(valor_empenhos_sem_contrato=_.valor_global.sum())


def _with(sums: ir.Table, apart: ir.Table) -> ir.Table:
    """The sums with a column that was made apart; zero where it has nothing of a row."""
    row: Row = sums
    other: Row = apart.rename({f"apart_{name}": name for name in KEY})
    same = [row[name].identical_to(other[f"apart_{name}"]) for name in KEY]
    (added,) = (name for name in apart.columns if name not in KEY)
    value = other[added].coalesce(0).cast(MartSpending.columns[added].dtype).name(added)
    return sums.left_join(other, same).select(*sums.columns, value)


def _parts() -> dict[str, Any]:
    """What deserves a note, of the contracts and empenhos."""
    expense = _.bucket.isin(("contract", "empenho"))
    other_year = _.data_assinatura.year() != _.data_publicacao_pncp.year()
    return {
        "quantidade_sem_valor": _.count(where=expense & (_.valor_global.coalesce(0) == 0)),
        "valor_em_revisao": sum_where(_.valor_global, expense & (_.verdict == "review")),
        "valor_assinado_outro_ano": sum_where(_.valor_global, expense & other_year),
    }


def _distribution() -> dict[str, Any]:
    contract = _.bucket == "contract"
    return {
        "maior_contrato": _.valor_global.max(where=contract),
        "mediana_contrato": _.valor_global.median(where=contract).cast(MONEY),
    }


@MartSpending.rule("parts do not exceed the whole")
def _parts_within_whole(table: Row) -> Flag:
    spent = table.valor_contratos + table.valor_empenhos
    records = table.quantidade_contratos + table.quantidade_empenhos
    return (
        (table.valor_em_revisao <= spent)
        & (table.valor_assinado_outro_ano <= spent)
        & (table.valor_empenhos_sem_contrato <= table.valor_empenhos)
        & (table.maior_contrato.coalesce(0) <= table.valor_contratos)
        & (table.quantidade_sem_valor <= records)
        & (table.quantidade_fornecedores <= records)
    )


@MartSpending.gate("four sums and four counts are those of stage.contratos")
def _buckets_add_up(mart_spending: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    return buckets.buckets_add_up(mart_spending, stage_contratos)
