"""The flags that look at one contract at a time."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from dataflows.business_days import business_days
from dataflows.domains import Domain
from dataflows.expressions import Flag, Row
from dataflows.law import Law
from dataflows.mart import flag_definitions as flags
from dataflows.mart.findings import (
    NO_ORIGIN,
    UNSTATED_ORIGIN,
    Judgement,
    lacking,
    of_records,
    other_law,
    percent,
)
from dataflows.mart.flags_of_purchases import Speaks, is_any, of_years
from dataflows.mart.years import year

READ = (
    "numero_controle_pncp",
    "link_pncp",
    "cnpj_orgao",
    "nome_orgao",
    "esfera_id",
    "uf_sigla",
    "ni_fornecedor",
    "empenho",
    "receita",
    "objeto_contrato",
    "data_assinatura",
    "data_vigencia_inicio",
    "data_vigencia_fim",
    "data_publicacao_pncp",
    "data_atualizacao_global",
    "date_verdict",
    "valor_inicial",
    "valor_global",
    "verdict",
    "bucket",
    "observation_id",
)
"""Columns of stage.contratos that flags read."""

WITHOUT_TENDER = (8, 9)
"""Modalidades of direct contracting (art. 72): dispensa and inexigibilidade."""

NOT_TOWNS = ("D", "E", "F")
"""Codes of the esferas in which no town is; of the others, one may be."""

TOWNS_BOUND_FROM = ibis.date("2027-04-01")
"""Until then art. 176 spares towns of up to 20,000 people, and PNCP does not say how many live in one."""

_REPAIR = "(?i)reforma"


def is_contract(row: Row) -> Flag:
    """Whether it is a contract and no empenho."""
    return ~row.empenho


def is_expense(row: Row) -> Flag:
    """Whether it is a contract, and not of income."""
    return ~row.empenho & ~row.receita.coalesce(False)


SPEAKS_OF: Mapping[str, Speaks] = {
    flags.GROWTH_AFTER_SIGNING.code: is_expense,
    flags.PUBLISHED_LATE.code: is_contract,
    flags.CONTRACT_DATES_OUT_OF_ORDER.code: is_any,
    flags.CONTRACT_DATE_IMPLAUSIBLE.code: is_any,
    flags.CONTRACT_VALUE_IMPLAUSIBLE.code: is_any,
}
"""Which records of stage.contratos each flag looks at."""


def with_purchase(contracts: ir.Table, purchases: ir.Table, domain_amparo_legal: Domain) -> ir.Table:
    """What flags read of contracts, with `ano`, and of their purchases: null where not in the file.

    `outra_lei` says why Lei 14.133 cannot be held against a contract; null where it can. Only the purchase
    tells: state companies have a law of their own, and what began under a former law ends under it, years
    after the last day on which that could be chosen.
    """
    origin = purchases.select(
        compra="numero_controle_pncp",
        compra_modalidade="modalidade_id",
        compra_amparo="amparo_legal_codigo",
        compra_outra_lei=other_law(purchases.amparo_legal_codigo, domain_amparo_legal),
    )
    row: Row = contracts
    joined: Row = contracts.left_join(origin, row.numero_controle_pncp_compra == origin.compra)
    outra_lei = ibis.cases(
        (joined.compra.notnull(), joined.compra_outra_lei),
        (joined.numero_controle_pncp_compra.isnull(), UNSTATED_ORIGIN),
        else_=NO_ORIGIN,
    )
    return joined.select(
        *READ,
        "compra",
        "compra_modalidade",
        "compra_amparo",
        outra_lei=outra_lei,
        ano=year(row.data_publicacao_pncp),
    )


def findings_of_contracts(
    contracts: ir.Table,
    law_growth_limits: Law,
    law_publication_periods: Law,
    *,
    suspect_value: int,
    suspect_growth: int,
    earliest_year: int,
    longest_term: int,
) -> ir.Table:
    """Every flag over the contracts that it speaks of; they come with_purchase."""
    contracts = contracts.mutate(
        dias_uteis=business_days(
            contracts.data_assinatura, contracts.data_publicacao_pncp, with_optional=False
        )
    )
    row: Row = contracts
    judged = (
        (flags.GROWTH_AFTER_SIGNING, growth_after_signing(row, law_growth_limits)),
        (flags.PUBLISHED_LATE, published_late(row, law_publication_periods)),
        (flags.CONTRACT_DATES_OUT_OF_ORDER, dates_out_of_order(row)),
        (flags.CONTRACT_DATE_IMPLAUSIBLE, date_implausible(row, earliest_year, longest_term)),
        (flags.CONTRACT_VALUE_IMPLAUSIBLE, value_implausible(row, suspect_value, suspect_growth)),
    )
    return ibis.union(
        *(
            of_records(contracts.filter(SPEAKS_OF[flag.code](row)), flag, judgement)
            for flag, judgement in judged
        )
    )


def growth_after_signing(row: Row, law_growth_limits: Law) -> Judgement:
    """By how much of the initial value the global value exceeds it; a repair may grow by more.

    A whole multiple is told apart: a contract renewed for as long again, at the same price, comes to that.
    """
    signed = row.data_assinatura
    repair = row.objeto_contrato.re_search(_REPAIR).coalesce(False)
    usual, more = (law_growth_limits.value_on(signed, case) for case in ("geral", "reforma"))
    threshold = ibis.cases((repair, more), else_=usual)
    lacks = row.outra_lei.coalesce(
        lacking(
            {
                "valor inicial nulo ou zero": row.valor_inicial.coalesce(0) == 0,
                "valor global nulo ou zero": row.valor_global.coalesce(0) == 0,
                "valor suspeito": (row.verdict == "suspect") | (row.valor_inicial < 0),
                "data de assinatura nula ou anterior à lei": threshold.isnull(),
            }
        )
    )
    value, initial = row.valor_global, row.valor_inicial
    multiple = (initial > 0) & (value > initial) & (value % initial.nullif(0) == 0)
    observed = percent(row.valor_global - row.valor_inicial, row.valor_inicial, where=lacks.isnull())
    return Judgement(
        observed=observed,
        threshold=threshold,
        raised=observed > threshold,
        lacks=lacks,
        detail=ibis.cases(
            (multiple, "múltiplo do valor inicial: pode ser prorrogação"),
            (repair, "reforma"),
        ),
    )


def published_late(row: Row, law_publication_periods: Law) -> Judgement:
    """Business days from signature to publication, beyond the legal period of contracts of its kind."""
    signed = row.data_assinatura
    direct = row.compra_modalidade.isin(WITHOUT_TENDER).coalesce(False)
    town = ~row.esfera_id.isin(NOT_TOWNS).coalesce(False)
    shorter, longer = (
        law_publication_periods.value_on(signed, case) for case in ("contratacao_direta", "licitacao")
    )
    observed = row.dias_uteis
    threshold = ibis.cases((direct, shorter), else_=longer)
    return Judgement(
        observed=observed,
        threshold=threshold,
        raised=observed > threshold,
        lacks=row.outra_lei.coalesce(
            lacking(
                {
                    "data de assinatura nula": signed.isnull(),
                    "datas fora de ordem ou a conferir": row.date_verdict != "ok",
                    "data de publicação nula, ou assinatura anterior à lei": observed.isnull()
                    | threshold.isnull(),
                    "população do município desconhecida: art. 176": town & (signed < TOWNS_BOUND_FROM),
                }
            )
        ),
        detail=ibis.cases((direct, "contratação direta")),
    )


def dates_out_of_order(row: Row) -> Judgement:
    """By how many days the end is before the start, or the signature after the publication."""
    signed, published = row.data_assinatura, row.data_publicacao_pncp.date()
    start, end = row.data_vigencia_inicio, row.data_vigencia_fim
    verdict = row.date_verdict
    no_pair = (start.isnull() | end.isnull()) & (signed.isnull() | published.isnull())
    return Judgement(
        observed=ibis.cases(
            (verdict == "reversed", start.delta(end, unit="day")),
            (verdict == "signed_after_publication", signed.delta(published, unit="day")),
            else_=0,
        ),
        threshold=0,
        raised=verdict != "ok",
        lacks=lacking({"data a conferir": verdict == "implausible", "datas nulas": no_pair}),
        detail=ibis.cases(
            (verdict == "reversed", "termina antes de começar"),
            (verdict == "signed_after_publication", "assinado depois da publicação"),
        ),
    )


def date_implausible(row: Row, earliest_year: int, longest_term: int) -> Judgement:
    """The year of a date is before any that is plausible, or the end is too long after the signature."""
    signed, start, end = (
        day.year() for day in (row.data_assinatura, row.data_vigencia_inicio, row.data_vigencia_fim)
    )
    return of_years(row, (signed, start, end), signed, earliest_year, longest_term)


def value_implausible(row: Row, suspect_value: int, suspect_growth: int) -> Judgement:
    """The value has the verdict suspect; in words, why."""
    value, initial = row.valor_global, row.valor_inicial
    suspect = row.verdict == "suspect"
    return Judgement(
        observed=value,
        threshold=suspect_value,
        raised=suspect,
        lacks=lacking({"valor global nulo": value.isnull()}),
        detail=ibis.cases(
            (suspect & (value < 0), "negativo"),
            (suspect & (value >= suspect_value), "alto demais"),
            (suspect & (initial > 0) & (value >= initial * suspect_growth), "muitas vezes o inicial"),
            (suspect, "só noves"),
        ),
    )
