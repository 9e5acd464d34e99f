"""Red flags: what deserves a look, flag by flag, with the evidence and its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, Made, count, integer, quantity, text, texts
from dataflows.domains import Domain
from dataflows.expressions import Flag, Row
from dataflows.law import Law
from dataflows.mart.concentration import MartConcentration
from dataflows.mart.flag_computability import MartFlagComputability
from dataflows.mart.flag_definitions import COMPUTED, JUST_BELOW_LIMIT, SHORT_PROPOSAL_PERIOD, fact, wording
from dataflows.mart.flags_of_buyers import (
    concentrated_suppliers,
    direct_awards_over_limit,
    repeated_direct_awards,
    supplier_over_limit,
    year_end_rush,
)
from dataflows.mart.flags_of_contracts import findings_of_contracts, with_purchase
from dataflows.mart.flags_of_purchases import findings_of_purchases, with_value
from dataflows.mart.years import year
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos


class MartRedFlags(Contract):
    """Sinais de alerta: o que convém olhar, por sinal e sujeito; nenhum prova irregularidade."""

    grain = "one row per flag and subject that raises it"
    key = ("flag", "subject")
    evidence = "evidencias"

    flag = text(
        "Código do sinal; o que ele alcança está em mart.flag_computability.",
        source="flag",
        nullable=False,
        isin=tuple(one.code for one in COMPUTED),
    )
    subject = text(
        "De quem o sinal fala: número de controle do registro, ou CNPJ do órgão, ano e demais partes da "
        "chave do grupo, separados por barra; pode conter CPF.",
        source="numero_controle_pncp, cnpj_orgao, ano",
        nullable=False,
    )
    tipo_sujeito = text(
        "O que é o sujeito: contratacao, contrato, ou as partes da chave do grupo.", source="flag"
    )
    titulo = text("O sinal em poucas palavras.", source="flag", nullable=False)
    cnpj_orgao = text("CNPJ do órgão contratante.", source="cnpj_orgao", nullable=False)
    nome_orgao = text("Nome do órgão no registro; nos grupos, o mais recente visto.", source="nome_orgao")
    uf_sigla = text("UF da unidade; nula se o grupo é de várias UFs.", source="uf_sigla")
    ano = integer(
        "Ano de publicação no PNCP; no sinal year_end_rush, ano de assinatura; em direct_awards_over_limit, "
        "ano_compra, ou o de publicação na falta dele.",
        source="data_publicacao_pncp, data_assinatura, ano_compra",
    )

    valor_observado = quantity(
        "O que se mediu; nulo em no_estimate quando o que se observa é a falta do valor.",
        unit="unidade_medida",
        source="flag",
    )
    limite = quantity(
        "Com o que se comparou: limite legal da data, ou parâmetro; nos sinais de valor ou data que "
        "convém conferir, um de vários.",
        unit="unidade_medida",
        source="flag",
        nullable=False,
    )
    unidade_medida = text("Unidade de valor_observado e de limite.", source="flag", nullable=False)
    detalhe = text("O que distingue os casos de um mesmo sinal.", source="flag")
    percentual_sinalizado = quantity(
        "De quantos sujeitos calculáveis em cem o sinal fala: quando são muitos, ele distingue pouco.",
        unit="%",
        source="mart.flag_computability",
        nullable=False,
    )

    evidencias = texts(
        "Números de controle dos registros por trás do sinal, em ordem; os primeiros (vinte, salvo outra "
        "escolha).",
        source="numero_controle_pncp",
        nullable=False,
    )
    quantidade_evidencias = count(
        "Todos os registros por trás do sinal.", unit="registros", source="numero_controle_pncp"
    )
    link_pncp = text(
        "Página do registro no portal do PNCP; nula quando o sujeito é um grupo.", source="link_pncp"
    )
    fonte = text("Lei ou publicação de onde vem o sinal.", source="flag", nullable=False)
    link_fonte = text("Endereço do texto oficial da norma, se a fonte é uma.", source="fonte")
    codigo_ocp = text("Código do indicador da Open Contracting Partnership, se há o mesmo.", source="flag")
    texto = text("O que o sinal diz, e quando é regular.", source="flag", nullable=False)


def checked_purchases(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    domain_amparo_legal: Domain,
    law_direct_limits: Law,
    law_proposal_periods: Law,
    no_discount_share: int,
    bunching_share: int,
    suspect_value: int,
    earliest_year: int,
    longest_proposal: int,
) -> ir.Table:
    """Every purchase looked at for each flag that speaks of it."""
    return findings_of_purchases(
        with_value(stage_contratacoes, domain_amparo_legal),
        law_direct_limits,
        law_proposal_periods,
        no_discount_share=no_discount_share,
        bunching_share=bunching_share,
        suspect_value=suspect_value,
        earliest_year=earliest_year,
        longest_proposal=longest_proposal,
    )


def checked_contracts(
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    domain_amparo_legal: Domain,
    law_growth_limits: Law,
    law_publication_periods: Law,
    suspect_value: int,
    suspect_growth: int,
    earliest_year: int,
    longest_term: int,
) -> ir.Table:
    """Every contract looked at for each flag that speaks of it."""
    return findings_of_contracts(
        with_purchase(stage_contratos, stage_contratacoes, domain_amparo_legal),
        law_growth_limits,
        law_publication_periods,
        suspect_value=suspect_value,
        suspect_growth=suspect_growth,
        earliest_year=earliest_year,
        longest_term=longest_term,
    )


def checked_units(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    domain_amparo_legal: Domain,
    law_direct_limits: Law,
) -> ir.Table:
    """Every unit and year looked at for the sum of its direct awards by value."""
    return direct_awards_over_limit(with_value(stage_contratacoes, domain_amparo_legal), law_direct_limits)


def checked_suppliers(
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    domain_amparo_legal: Domain,
    law_direct_limits: Law,
    repeated_direct_awards_from: int,
) -> ir.Table:
    """Every órgão, supplier and year looked at for direct awards, by value and by number."""
    contracts = with_purchase(stage_contratos, stage_contratacoes, domain_amparo_legal)
    return ibis.union(
        supplier_over_limit(contracts, law_direct_limits),
        repeated_direct_awards(contracts, times=repeated_direct_awards_from),
    )


def checked_years(
    stage_contratos: Annotated[ir.Table, StageContratos],
    mart_concentration: Annotated[ir.Table, MartConcentration],
    year_end_share: int,
    year_end_contracts: int,
    year_end_months: int,
    concentrated_hhi: int,
) -> ir.Table:
    """Every órgão and year looked at for contracts that crowd in December or in few suppliers."""
    rush = year_end_rush(
        stage_contratos,
        least_share=year_end_share,
        least_contracts=year_end_contracts,
        least_months=year_end_months,
    )
    contracts = stage_contratos.mutate(ano=year(_.data_publicacao_pncp))
    return ibis.union(rush, concentrated_suppliers(mart_concentration, contracts, least_hhi=concentrated_hhi))


def mart_red_flags(
    checked_purchases: ir.Table,
    checked_contracts: ir.Table,
    checked_units: ir.Table,
    checked_suppliers: ir.Table,
    checked_years: ir.Table,
    mart_flag_computability: Annotated[ir.Table, MartFlagComputability],
    flag_evidence: int,
) -> Annotated[ir.Table, MartRedFlags]:
    """What deserves a look: each flag with its subject, what was observed, its limit and the evidence.

    Grain: one row per flag and subject that raises it.
    Key: flag, subject.
    Source: mart_concentration, mart_flag_computability, stage_contratacoes, stage_contratos.
    Notes: a flag is a reason to look at a record, not proof: most have a regular explanation, which `texto`
    names. No row does not mean that nothing is the matter: the subject may not be computable, and what is not
    in the file is not seen. Read mart.flag_computability first; a flag that most subjects raise says little.
    Limits are those of the law on the day, else parameters. The rules are lenient where PNCP does not say
    enough: the shortest minimum of a modalidade, only national holidays. What the amparo legal places under
    another law than 14.133 is not held against this one; nor is a contract whose purchase is not in the file,
    for only that tells the law; nor is late publication held against towns, whose population decides when
    they are bound, nor limits of direct awards against consórcios públicos, for whom they are twice as high.
    Sums are of what the file holds and whose value can be trusted. Of bids PNCP publishes nothing, so the
    flags best known elsewhere (single bid, disqualified bids) are not here.
    """
    looked_at = ibis.union(
        checked_purchases, checked_contracts, checked_units, checked_suppliers, checked_years
    )
    rates = mart_flag_computability.select("flag", "percentual_sinalizado")
    row: Row = looked_at.filter(_.raised).join(rates, "flag")
    return row.mutate(
        tipo_sujeito=fact(row.flag, "kind"),
        titulo=fact(row.flag, "title"),
        unidade_medida=fact(row.flag, "unit"),
        fonte=fact(row.flag, "source"),
        link_fonte=fact(row.flag, "link"),
        codigo_ocp=fact(row.flag, "ocp"),
        texto=wording(row.flag),
        valor_observado=row.observed,
        limite=row.threshold,
        detalhe=row.detail,
        evidencias=row.evidence.sort()[:flag_evidence],
        quantidade_evidencias=row.evidence.length(),
    ).select(*MartRedFlags.columns)


@MartRedFlags.behind
def _all_of_its_orgao(asked: Sequence[Mapping[str, Any]], made: Made) -> dict[str, ir.Table]:
    """All contracts and purchases of the órgãos, for sums are of all; and where the contracts came from."""
    organs = {one["cnpj_orgao"] for one in asked}
    contracts: Row = made("stage_contratos")
    purchases: Row = made("stage_contratacoes")
    own: Row = contracts.filter(contracts.cnpj_orgao.isin(organs))
    origins = own.filter(own.numero_controle_pncp_compra.notnull()).numero_controle_pncp_compra
    wanted = purchases.cnpj_orgao.isin(organs) | purchases.numero_controle_pncp.isin(origins)
    return {"stage_contratos": own, "stage_contratacoes": purchases.filter(wanted)}


@MartRedFlags.rule("a flag has evidence, and shows no more of it than there is")
def _has_evidence(table: Row) -> Flag:
    shown = table.evidencias.length()
    return (shown > 0) & (shown <= table.quantidade_evidencias)


@MartRedFlags.rule("what was observed is on the wrong side of its limit")
def _beyond_its_limit(table: Row) -> Flag:
    below = table.flag.isin([SHORT_PROPOSAL_PERIOD.code, JUST_BELOW_LIMIT.code])
    # Of what is implausible the limit is one rule of several.
    either = table.flag.endswith("_implausible")
    observed, limit = table.valor_observado, table.limite
    return either | ibis.cases((below, observed < limit), else_=observed >= limit)


@MartRedFlags.rule("a record is its own evidence, and has its page")
def _record_is_evidence(table: Row) -> Flag:
    record = table.tipo_sujeito.isin(("contratacao", "contrato"))
    return ~record | ((table.quantidade_evidencias == 1) & (table.evidencias[0] == table.subject))


@MartRedFlags.gate("as many rows per flag as mart.flag_computability counts")
def _all_that_are_raised(mart_red_flags: ir.Table, mart_flag_computability: ir.Table) -> ir.Table:
    found = mart_red_flags.group_by("flag").aggregate(found=_.count())
    counted: Row = mart_flag_computability
    return counted.left_join(found, "flag").select(
        measure=counted.flag, expected=counted.quantidade_sinalizados, found=_.found.coalesce(0)
    )
