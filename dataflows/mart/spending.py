"""Spending: who contracted how much of what, where and when."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import MONEY, MONEY_TOTAL, Contract, amount, count, day, integer, text, total
from dataflows.stage.contratos import StageContratos

KEY = ("cnpj_orgao", "codigo_unidade", "uf_sigla", "codigo_ibge", "mes", "categoria_processo_id")


class MartSpending(Contract):
    """Valor contratado (não pago) por órgão, unidade, município, mês de publicação e categoria."""

    grain = "one row per órgão, unidade, UF, município, month of publication and categoria"
    key = KEY

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

    quantidade_contratos = count("Contratos somados em valor_contratos.", unit="contratos")
    quantidade_empenhos = count("Empenhos somados em valor_empenhos.", unit="empenhos")
    quantidade_suspeitos = count("Registros de valor suspeito, somados à parte.", unit="registros")
    quantidade_receitas = count("Contratos de receita, somados à parte.", unit="contratos")
    quantidade_sem_valor = count("Contratos e empenhos com valor nulo ou zero.", unit="registros")
    quantidade_fornecedores = count("Fornecedores distintos dos contratos e empenhos.", unit="fornecedores")

    valor_contratos = total("Soma de valor_global dos contratos.", source="valor_global")
    valor_empenhos = total(
        "Soma de valor_global dos empenhos. Não some com valor_contratos: parte repete os contratos.",
        source="valor_global",
    )
    valor_suspeito = total("Soma dos valores suspeitos, fora dos demais totais.", source="valor_global")
    valor_receita = total("Soma dos contratos de receita, fora dos demais totais.", source="valor_global")
    valor_em_revisao = total(
        "Parte de valor_contratos + valor_empenhos cujo valor convém conferir (verdict review).", source="valor_global"
    )
    valor_assinado_outro_ano = total(
        "Parte de valor_contratos + valor_empenhos assinada em ano diferente do de publicação.", source="valor_global"
    )
    valor_empenhos_sem_contrato = total(
        "Parte de valor_empenhos sem contrato da mesma compra e do mesmo fornecedor neste arquivo; depende da "
        "cobertura: o contrato pode existir fora do período baixado.",
        source="valor_global",
    )
    maior_contrato = amount("Maior valor_global entre os contratos.", source="valor_global")
    mediana_contrato = amount("Mediana de valor_global dos contratos.", source="valor_global")


def mart_spending(stage_contratos: Annotated[ir.Table, StageContratos]) -> Annotated[ir.Table, MartSpending]:
    """Contracted value by órgão, unidade, place, month of publication and categoria.

    Grain: one row per órgão, unidade, UF, município, month and categoria.
    Key: cnpj_orgao, codigo_unidade, uf_sigla, codigo_ibge, mes, categoria_processo_id (null is a value of the key).
    Source: stage_contratos.
    Notes: what contracts say, not money paid. Each record falls in exactly one bucket (income, suspect, empenho,
    contract). Amendments that PNCP keeps apart (termos) are not in valor_global. Counts for the órgão of the
    record, also where another was sub-rogated.
    """
    records = _with_contract_of_empenho(stage_contratos)
    buckets = (
        records.mutate(mes=_.data_publicacao_pncp.truncate("M").date())
        .group_by(*KEY)
        .aggregate(**_counts(), **_sums(), **_distribution())
    )
    for name, by in _NAMED_BY.items():
        buckets = _name(buckets, stage_contratos, name, by)
    return buckets.select(*MartSpending.columns)


_NAMED_BY = {
    "nome_orgao": ("cnpj_orgao",),
    "nome_unidade": ("cnpj_orgao", "codigo_unidade"),
    "esfera_id": ("cnpj_orgao",),
    "municipio_nome": ("codigo_ibge",),
    "categoria_processo_nome": ("categoria_processo_id",),
}


def _with_contract_of_empenho(stage_contratos: ir.Table) -> ir.Table:
    """Each record, with whether a contract of the same purchase and supplier is in the file."""
    contracts = (
        stage_contratos.filter(_.bucket == "contract")
        .select(compra="numero_controle_pncp_compra", fornecedor="ni_fornecedor")
        .distinct()
        .mutate(tem_contrato=True)
    )
    same = [
        stage_contratos.numero_controle_pncp_compra == contracts.compra,
        stage_contratos.ni_fornecedor == contracts.fornecedor,
    ]
    return stage_contratos.left_join(contracts, same).mutate(tem_contrato=_.tem_contrato.coalesce(False))


def _counts() -> dict[str, ir.Deferred]:
    return {
        "quantidade_contratos": _.count(where=_.bucket == "contract"),
        "quantidade_empenhos": _.count(where=_.bucket == "empenho"),
        "quantidade_suspeitos": _.count(where=_.bucket == "suspect"),
        "quantidade_receitas": _.count(where=_.bucket == "income"),
        "quantidade_sem_valor": _.count(where=_is_expense() & (_.valor_global.coalesce(0) == 0)),
        "quantidade_fornecedores": _.ni_fornecedor.nunique(where=_is_expense()),
    }


def _sums() -> dict[str, ir.Deferred]:
    other_year = _.data_assinatura.year() != _.data_publicacao_pncp.year()
    return {
        "valor_contratos": _sum_where(_.bucket == "contract"),
        "valor_empenhos": _sum_where(_.bucket == "empenho"),
        "valor_suspeito": _sum_where(_.bucket == "suspect"),
        "valor_receita": _sum_where(_.bucket == "income"),
        "valor_em_revisao": _sum_where(_is_expense() & (_.verdict == "review")),
        "valor_assinado_outro_ano": _sum_where(_is_expense() & other_year),
        "valor_empenhos_sem_contrato": _sum_where((_.bucket == "empenho") & ~_.tem_contrato),
    }


def _distribution() -> dict[str, ir.Deferred]:
    contract = _.bucket == "contract"
    return {
        "maior_contrato": _.valor_global.max(where=contract),
        "mediana_contrato": _.valor_global.median(where=contract).cast(MONEY),
    }


def _is_expense() -> ir.Deferred:
    return _.bucket.isin(("contract", "empenho"))


def _sum_where(condition: ir.Deferred) -> ir.Deferred:
    return _.valor_global.sum(where=condition).coalesce(0).cast(MONEY_TOTAL)


def _name(buckets: ir.Table, stage_contratos: ir.Table, name: str, by: tuple[str, ...]) -> ir.Table:
    """Add the latest seen `name` of each `by`: last updated in PNCP, then last observed."""
    seen = ibis.struct(
        {
            "updated": stage_contratos.data_atualizacao_global.coalesce(
                stage_contratos.data_publicacao_pncp, ibis.timestamp("1900-01-01")
            ),
            "observation": stage_contratos.observation_id,
        }
    )
    names = stage_contratos.group_by(*by).aggregate(
        **{name: stage_contratos[name].argmax(seen, where=stage_contratos[name].notnull())}
    )
    names = names.rename({f"by_{column}": column for column in by})
    same = [buckets[column].identical_to(names[f"by_{column}"]) for column in by]
    return buckets.left_join(names, same).drop(*(f"by_{column}" for column in by))


@MartSpending.rule("parts do not exceed the whole")
def _parts_within_whole(table: ir.Table) -> ir.BooleanValue:
    spent = table.valor_contratos + table.valor_empenhos
    return (table.valor_em_revisao <= spent) & (table.valor_empenhos_sem_contrato <= table.valor_empenhos)


@MartSpending.gate("four sums and four counts are those of stage.contratos")
def _buckets_add_up(mart_spending: ir.Table, stage_contratos: ir.Table) -> ir.Table:
    columns = {
        "contract": ("quantidade_contratos", "valor_contratos"),
        "empenho": ("quantidade_empenhos", "valor_empenhos"),
        "suspect": ("quantidade_suspeitos", "valor_suspeito"),
        "income": ("quantidade_receitas", "valor_receita"),
    }
    expected = stage_contratos.aggregate(
        **{f"{name}_count": _.count(where=_.bucket == name) for name in columns},
        **{f"{name}_sum": _sum_where(_.bucket == name) for name in columns},
        all_count=_.count(),
        all_sum=_.valor_global.sum().coalesce(0).cast(MONEY_TOTAL),
    )
    found = mart_spending.aggregate(
        **{f"{name}_count": mart_spending[quantity].sum().coalesce(0) for name, (quantity, _s) in columns.items()},
        **{f"{name}_sum": mart_spending[value].sum().coalesce(0) for name, (_q, value) in columns.items()},
    ).mutate(
        all_count=_.contract_count + _.empenho_count + _.suspect_count + _.income_count,
        all_sum=_.contract_sum + _.empenho_sum + _.suspect_sum + _.income_sum,
    )
    measures = expected.columns
    both = expected.cross_join(found.rename({f"found_{measure}": measure for measure in measures}))
    return ibis.union(
        *(
            both.select(
                measure=ibis.literal(measure),
                expected=both[measure].cast(MONEY_TOTAL),
                found=both[f"found_{measure}"].cast(MONEY_TOTAL),
            )
            for measure in measures
        )
    )
