"""What is counted and summed of purchases and of contracts: the columns of mart.procurement, by their names.

Each function gives aggregates over the rows of one stage table, whatever they are grouped by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis.expr.types as ir
from ibis import _

from dataflows.contract import QUANTITY
from dataflows.expressions import Amount, Expression, Row
from dataflows.mart.sums import sum_where
from dataflows.mart.years import publication_days
from dataflows.stage.contratacoes import CANCELLED, CONTESTED
from dataflows.stage.control_numbers import leading_cnpj

PLAUSIBLE = ("ok", "signed_after_publication")
"""Date verdicts of contracts whose term can be counted."""

WITHOUT_ESTIMATE = (
    "quantidade_estimativa_sigilosa",
    "quantidade_estimativa_nao_publicada",
    "quantidade_estimativa_zero",
)

WITHOUT_AWARD = ("quantidade_sem_resultado", "quantidade_homologacao_zero")

PARTS = {
    "quantidade_compras": (
        ("quantidade_compras_diretas",),
        ("quantidade_compras_canceladas",),
        ("quantidade_com_dias_proposta",),
        (*WITHOUT_ESTIMATE, "quantidade_estimativas_suspeitas"),
        (*WITHOUT_ESTIMATE, "quantidade_comparaveis"),
        (*WITHOUT_AWARD, "quantidade_homologacoes_suspeitas"),
        (*WITHOUT_AWARD, "quantidade_comparaveis"),
    ),
    "valor_estimado": (
        ("valor_estimado_em_revisao",),
        ("valor_estimado_cancelado",),
        ("valor_estimado_comparavel",),
    ),
    "valor_homologado": (
        ("valor_homologado_em_revisao",),
        ("valor_homologado_cancelado",),
        ("valor_homologado_srp",),
        ("valor_homologado_comparavel",),
    ),
    "quantidade_contratos": (("quantidade_contratos_sem_valor",), ("quantidade_contratos_com_dias",)),
    "valor_contratos": (("valor_contratos_compra_propria", "valor_contratos_compra_alheia"),),
}
"""What cannot exceed each whole, taken together: no record is in two of these parts."""

KINDS = (
    "quantidade_contratos_compra_propria",
    "quantidade_contratos_compra_alheia",
    "quantidade_contratos_sem_compra",
)
"""A contract is one of these."""

MEASURED = {
    "media_dias_proposta": "quantidade_com_dias_proposta",
    "mediana_dias_proposta": "quantidade_com_dias_proposta",
    "media_dias_contrato": "quantidade_contratos_com_dias",
    "mediana_dias_contrato": "quantidade_contratos_com_dias",
    "percentual_desconto": "quantidade_comparaveis",
}
"""Over how many each was measured; these do not add up over rows."""


def purchase_measures() -> dict[str, Any]:
    """Everything that is counted and summed of stage.contratacoes."""
    contested = _.modalidade_id.isin(CONTESTED)
    return (
        _purchases()
        | _estimates_and_awards()
        | _comparable()
        | _days(contested.ifelse(_.dias_proposta, None), "com_dias_proposta", "dias_proposta")
    )


def contract_measures() -> dict[str, Any]:
    """Everything that is counted and summed of the contracts that `with_term` gives."""
    return _contracts() | _days(_.dias_contrato, "contratos_com_dias", "dias_contrato")


def with_term(stage_contratos: ir.Table) -> ir.Table:
    """The contracts, each with the days it runs: from its start, or else its signature, to its end.

    Null where a date is missing or cannot be believed: where there is no start, the verdict has not compared
    the signature with the end.
    """
    row: Row = stage_contratos.filter(stage_contratos.bucket == "contract")
    start = row.data_vigencia_inicio.coalesce(row.data_assinatura)
    days = row.data_vigencia_fim.delta(start, unit="day")
    return row.mutate(dias_contrato=(row.date_verdict.isin(PLAUSIBLE) & (days >= 0)).ifelse(days, None))


def discount(estimated: Amount, awarded: Amount) -> Expression:
    """How far the award is below the estimate, in % of it; null without an estimate."""
    quotient = (estimated - awarded).cast("float64") / estimated.nullif(0).cast("float64")
    return (quotient * 100).cast(QUANTITY)


def days_of(population: str) -> dict[str, Any]:
    """The first and the last day of publication of one of the two populations, under names of its own."""
    return {f"{name}_{population}": value for name, value in publication_days().items()}


def day_of_both(choose: Callable[..., Expression], name: str) -> Expression:
    """The earlier or later of what `days_of` gives of each; where one has no day, that of the other."""
    bought, contracted = _[f"{name}_compras"], _[f"{name}_contratos"]
    return choose(bought.coalesce(contracted), contracted.coalesce(bought))


def _purchases() -> dict[str, Any]:
    """How many purchases, and of how many something is not known."""
    return {
        "quantidade_compras": _.count(),
        "quantidade_compras_diretas": _.count(where=_.direta),
        "quantidade_compras_canceladas": _.count(where=_.situacao_compra_id.isin(CANCELLED)),
        "quantidade_estimativa_sigilosa": _.count(where=_.estimate_missing == "secret"),
        "quantidade_estimativa_nao_publicada": _.count(where=_.estimate_missing == "unpublished"),
        "quantidade_estimativa_zero": _.count(where=_.valor_total_estimado == 0),
        "quantidade_sem_resultado": _.count(where=_.valor_total_homologado.isnull()),
        "quantidade_homologacao_zero": _.count(where=_.valor_total_homologado == 0),
        "quantidade_estimativas_suspeitas": _.count(where=_.estimate_verdict == "suspect"),
        "quantidade_homologacoes_suspeitas": _.count(where=_.award_verdict == "suspect"),
    }


def _estimates_and_awards() -> dict[str, Any]:
    """Estimates and awards, suspects apart, and the parts that deserve a note."""
    estimate, award = _.valor_total_estimado, _.valor_total_homologado
    estimated, awarded = _.estimate_verdict != "suspect", _.award_verdict != "suspect"
    cancelled = _.situacao_compra_id.isin(CANCELLED)
    return {
        "valor_estimado": sum_where(estimate, estimated),
        "valor_estimado_suspeito": sum_where(estimate, _.estimate_verdict == "suspect"),
        "valor_estimado_em_revisao": sum_where(estimate, _.estimate_verdict == "review"),
        "valor_estimado_cancelado": sum_where(estimate, estimated & cancelled),
        "valor_homologado": sum_where(award, awarded),
        "valor_homologado_suspeito": sum_where(award, _.award_verdict == "suspect"),
        "valor_homologado_em_revisao": sum_where(award, _.award_verdict == "review"),
        "valor_homologado_cancelado": sum_where(award, awarded & cancelled),
        "valor_homologado_srp": sum_where(award, awarded & _.srp),
    }


def _comparable() -> dict[str, Any]:
    """The purchases whose estimate and award can both be believed, and both sums."""
    estimate, award = _.valor_total_estimado, _.valor_total_homologado
    both = (_.estimate_verdict != "suspect") & (_.award_verdict != "suspect") & (estimate > 0) & (award > 0)
    return {
        "quantidade_comparaveis": _.count(where=both),
        "valor_estimado_comparavel": sum_where(estimate, both),
        "valor_homologado_comparavel": sum_where(award, both),
    }


def _contracts() -> dict[str, Any]:
    """How many contracts, for how much, and whose purchase they come from."""
    value, number = _.valor_global, _.numero_controle_pncp_compra
    own, others = leading_cnpj(number) == _.cnpj_orgao, leading_cnpj(number) != _.cnpj_orgao
    return {
        "quantidade_contratos": _.count(),
        "quantidade_contratos_sem_valor": _.count(where=value.coalesce(0) == 0),
        "valor_contratos": sum_where(value, value.notnull()),
        "quantidade_contratos_compra_propria": _.count(where=own),
        "valor_contratos_compra_propria": sum_where(value, own),
        "quantidade_contratos_compra_alheia": _.count(where=others),
        "valor_contratos_compra_alheia": sum_where(value, others),
        "quantidade_contratos_sem_compra": _.count(where=number.isnull()),
    }


def _days(days: Expression, known: str, column: str) -> dict[str, Any]:
    return {
        f"quantidade_{known}": days.count(),
        f"media_{column}": days.mean().cast(QUANTITY),
        f"mediana_{column}": days.median().cast(QUANTITY),
    }
