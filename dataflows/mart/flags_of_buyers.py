"""The flags that look at what an órgão did in a year: sums, counts and shares of its records."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.expressions import Expression, Flag, Row
from dataflows.law import Law
from dataflows.mart import flag_definitions as flags
from dataflows.mart.findings import (
    NO_ORIGIN,
    Judgement,
    joined_key,
    lacking,
    of_consortium,
    of_groups,
    only,
    percent,
)
from dataflows.mart.flags_of_purchases import BY_VALUE, NO_LIMIT, NO_VALUE, is_by_value
from dataflows.mart.names import with_newest_names
from dataflows.mart.sums import sum_where
from dataflows.mart.years import year

DISPENSA = 8
"""Code of the modalidade of direct awards that the law allows, not demands."""

DECEMBER = 12


def direct_awards_over_limit(purchases: ir.Table, law_direct_limits: Law) -> ir.Table:
    """Awards of direct purchases by value of a unit, year and inciso, summed; they come with_value.

    The year is that of the purchase, the nearest to the exercício of art. 75, § 1º, that PNCP tells; that of
    publication where it is not told. Estimates never stand for awards that lack: a sum of what was not
    contracted says nothing.
    """
    row: Row = purchases
    trusted = (row.award_verdict != "suspect") & (row.valor_total_homologado > 0)
    records = purchases.filter(is_by_value(row)).mutate(
        numero=row.numero_controle_pncp,
        ano=row.ano_compra.coalesce(row.ano),
        amparo=row.amparo_legal_codigo,
        valor=ibis.cases((trusted, row.valor_total_homologado)),
        limite=law_direct_limits.value_on(row.data_publicacao_pncp, row.amparo_legal_codigo),
    )
    groups: Row = _summed(records, ("cnpj_orgao", "codigo_unidade", "ano", "amparo"))
    subject = joined_key(groups.cnpj_orgao, groups.ano, _inciso(groups), groups.codigo_unidade)
    return of_groups(groups, flags.DIRECT_AWARDS_OVER_LIMIT, _over_limit(groups), subject)


def supplier_over_limit(contracts: ir.Table, law_direct_limits: Law) -> ir.Table:
    """Contracts of direct awards by value, summed by órgão, supplier, year and inciso.

    They come with_purchase. Those whose purchase is not in the file stand apart, unjudged, in one group per
    órgão, supplier and year; while there are any, what is known of the rest is a part, and judged only where
    it reaches the limit by itself.
    """
    row: Row = contracts.filter(_.bucket == "contract")
    wanted = row.compra.isnull() | row.compra_amparo.isin(BY_VALUE).coalesce(False)
    records = row.filter(wanted).mutate(
        numero=row.numero_controle_pncp,
        amparo=row.compra_amparo,
        valor=row.valor_global.nullif(0),
        limite=law_direct_limits.value_on(row.data_publicacao_pncp, row.compra_amparo),
    )
    groups: Row = _summed(records, ("cnpj_orgao", "ni_fornecedor", "ano", "amparo"))
    all_of_them = ibis.window(group_by=("cnpj_orgao", "ni_fornecedor", "ano"))
    groups = groups.mutate(some_unknown=groups.amparo.isnull().any().over(all_of_them))
    reached = (groups.total >= groups.limite).coalesce(False)
    judgement = _over_limit(
        groups,
        {
            NO_ORIGIN: groups.some_unknown & ~reached,
            "fornecedor não identificado": groups.ni_fornecedor.isnull(),
        },
    )
    subject = joined_key(groups.cnpj_orgao, groups.ano, _inciso(groups), groups.ni_fornecedor)
    return of_groups(groups, flags.SUPPLIER_OVER_LIMIT, judgement, subject)


def repeated_direct_awards(contracts: ir.Table, *, times: int) -> ir.Table:
    """Different dispensas of a year from which an órgão contracted one supplier; they come with_purchase.

    While there are contracts whose purchase is not in the file, only those that repeat without them are
    judged.
    """
    row: Row = contracts.filter(_.bucket == "contract")
    direct = (row.compra_modalidade == DISPENSA).coalesce(False)
    records = row.filter(direct | row.compra.isnull()).mutate(direct=direct)
    groups: Row = _grouped(
        records,
        ("cnpj_orgao", "ni_fornecedor", "ano"),
        awards=_.compra.nunique(where=_.direct),
        unknown=_.count(where=~_.direct),
        evidence=_.numero_controle_pncp.collect(where=_.direct),
    )
    judgement = Judgement(
        observed=groups.awards,
        threshold=times,
        raised=groups.awards >= times,
        lacks=lacking(
            {
                NO_ORIGIN: (groups.unknown > 0) & (groups.awards < times),
                "fornecedor não identificado": groups.ni_fornecedor.isnull(),
                "data de publicação nula": groups.ano.isnull(),
            }
        ),
    )
    subject = joined_key(groups.cnpj_orgao, groups.ano, groups.ni_fornecedor)
    return of_groups(groups, flags.REPEATED_DIRECT_AWARDS, judgement, subject)


def year_end_rush(
    contracts: ir.Table, *, least_share: int, least_contracts: int, least_months: int
) -> ir.Table:
    """The share of December in what an órgão contracted in a year, by signature."""
    row: Row = contracts.filter(_.bucket == "contract")
    signed: Expression = ibis.cases((row.date_verdict != "implausible", row.data_assinatura))
    records = row.mutate(
        ano=year(signed),
        mes=signed.month(),
        valor=row.valor_global.nullif(0),
        dezembro=(signed.month() == DECEMBER).coalesce(False) & (row.valor_global.coalesce(0) > 0),
    )
    groups: Row = _grouped(
        records,
        ("cnpj_orgao", "ano"),
        total=sum_where(_.valor, _.valor.notnull()),
        december=sum_where(_.valor, _.dezembro),
        contracts=_.valor.count(),
        months=_.mes.nunique(),
        evidence=_.numero_controle_pncp.collect(where=_.dezembro),
    )
    observed = percent(groups.december, groups.total, where=groups.total > 0)
    judgement = Judgement(
        observed=observed,
        threshold=least_share,
        raised=observed >= least_share,
        lacks=lacking(
            {
                "data de assinatura nula ou a conferir": groups.ano.isnull(),
                "poucos contratos com valor": groups.contracts < least_contracts,
                "poucos meses do ano no arquivo": groups.months < least_months,
            }
        ),
    )
    subject = joined_key(groups.cnpj_orgao, groups.ano)
    return of_groups(groups, flags.YEAR_END_RUSH, judgement, subject)


def concentrated_suppliers(concentration: ir.Table, contracts: ir.Table, *, least_hhi: int) -> ir.Table:
    """The HHI of an órgão's contracts in a categoria and year; evidence are the contracts behind it."""
    key = ("cnpj_orgao", "categoria_processo_id", "ano")
    row: Row = contracts.filter(_.bucket == "contract")
    considered = row.filter((row.valor_global > 0) & row.ni_fornecedor.notnull())
    behind = considered.group_by(*key).aggregate(
        uf_sigla=only(_.uf_sigla), evidence=_.numero_controle_pncp.collect(), records=_.count()
    )
    # A null categoria is one like any other, which no equality would find.
    same = [concentration[name].identical_to(behind[name]) for name in key]
    groups: Row = concentration.left_join(behind, same).select(
        *(concentration[name] for name in (*key, "nome_orgao", "hhi")),
        behind.uf_sigla,
        behind.evidence,
        behind.records,
    )
    judgement = Judgement(
        observed=groups.hhi,
        threshold=least_hhi,
        raised=groups.hhi > least_hhi,
        lacks=lacking({"poucos contratos com fornecedor e valor": groups.hhi.isnull()}),
    )
    subject = joined_key(groups.cnpj_orgao, groups.ano, groups.categoria_processo_id)
    return of_groups(groups, flags.CONCENTRATED_SUPPLIERS, judgement, subject)


def _summed(records: ir.Table, key: Sequence[str]) -> ir.Table:
    """Groups of direct awards by value: what is known of their sum, how many have no value, and the limit."""
    return _grouped(
        records,
        key,
        total=sum_where(_.valor, _.valor.notnull()),
        unknown=_.count(where=_.valor.isnull()),
        limite=_.limite.max(),
        largest=_.valor.max(),
        evidence=_.numero.collect(where=_.valor.notnull()),
    )


def _over_limit(groups: Row, reasons: dict[str, Flag] | None = None) -> Judgement:
    """The sum reaches the limit; where it does not, values that are not known leave that open."""
    reached = groups.total >= groups.limite
    return Judgement(
        observed=groups.total,
        threshold=groups.limite,
        raised=reached,
        lacks=lacking(
            {
                **of_consortium(groups),
                **(reasons or {}),
                NO_LIMIT: groups.limite.isnull(),
                NO_VALUE: (groups.unknown > 0) & ~reached,
            }
        ),
        detail=ibis.cases((groups.largest >= groups.limite, "um só registro já alcança o limite")),
    )


def _inciso(groups: Row) -> Expression:
    return ibis.cases((groups.amparo == BY_VALUE[0], "I"), (groups.amparo == BY_VALUE[1], "II"))


def _grouped(records: ir.Table, key: Sequence[str], **columns: Expression) -> ir.Table:
    """Groups with the newest name of their órgão, and the UF that all their records share."""
    groups = records.group_by(*key).aggregate(uf_sigla=only(_.uf_sigla), records=_.count(), **columns)
    return with_newest_names(groups, records, {"nome_orgao": ("cnpj_orgao",)})
