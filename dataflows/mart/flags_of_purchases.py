"""The flags that look at one purchase at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ibis
import ibis.expr.types as ir

from dataflows.business_days import business_days
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.law import Law
from dataflows.mart import flag_definitions as flags
from dataflows.mart.findings import Judgement, lacking, of_consortium, of_records, other_law, percent
from dataflows.mart.years import year
from dataflows.stage.contratacoes import CANCELLED, CONTESTED

Speaks = Callable[[Row], Flag]

CONTESTS = (2, 4, 5, 6, 7, 16, 17, 18, 19)
"""Modalidades in which the price is disputed: diálogo competitivo, concorrência, pregão."""

WITHOUT_PRICE = (1, 3, 10, 11, 12, 13)
"""Modalidades that buy nothing at an estimated price: leilão, concurso, and what only prepares or enrols."""

BY_VALUE = (18, 19)
"""Codes of amparo legal for direct awards by value: art. 75, I (works, engineering) and II (the rest)."""

READ = (
    "numero_controle_pncp",
    "link_pncp",
    "cnpj_orgao",
    "nome_orgao",
    "codigo_unidade",
    "ano_compra",
    "uf_sigla",
    "modalidade_id",
    "amparo_legal_codigo",
    "situacao_compra_id",
    "data_abertura_proposta",
    "data_encerramento_proposta",
    "data_publicacao_pncp",
    "data_atualizacao_global",
    "date_verdict",
    "valor_total_estimado",
    "estimate_missing",
    "estimate_verdict",
    "valor_total_homologado",
    "award_verdict",
    "observation_id",
)
"""Columns of stage.contratacoes that flags read: an engine may keep them in between, and texts are wide."""

NO_VALUE = "valor nulo, zero ou suspeito"
NO_LIMIT = "data de publicação nula, ou sem limite legal conhecido nela"


def stands(row: Row) -> Flag:
    """Whether a purchase is neither revoked nor annulled."""
    return ~row.situacao_compra_id.isin(CANCELLED).coalesce(False)


def is_by_value(row: Row) -> Flag:
    """Whether it is a direct award by value that stands."""
    return row.amparo_legal_codigo.isin(BY_VALUE).coalesce(False) & stands(row)


def is_contest(row: Row) -> Flag:
    """Whether the price is disputed, and the purchase stands."""
    return row.modalidade_id.isin(CONTESTS).coalesce(False) & stands(row)


def has_period(row: Row) -> Flag:
    """Whether the law gives its proposals a minimum of days, and the purchase stands."""
    return row.modalidade_id.isin(CONTESTED).coalesce(False) & stands(row)


def has_price(row: Row) -> Flag:
    """Whether it should have an estimate, and stands."""
    return ~row.modalidade_id.isin(WITHOUT_PRICE).coalesce(False) & stands(row)


def is_any(row: Row) -> Flag:
    """Every record."""
    return row.numero_controle_pncp.notnull()


SPEAKS_OF: Mapping[str, Speaks] = {
    flags.NO_DISCOUNT.code: is_contest,
    flags.NO_ESTIMATE.code: has_price,
    flags.SHORT_PROPOSAL_PERIOD.code: has_period,
    flags.JUST_BELOW_LIMIT.code: is_by_value,
    flags.PURCHASE_DATES_OUT_OF_ORDER.code: is_any,
    flags.PURCHASE_DATE_IMPLAUSIBLE.code: is_any,
    flags.PURCHASE_VALUE_IMPLAUSIBLE.code: is_any,
    **{flag.code: is_contest for flag in flags.UNSUPPORTED},
}
"""Which purchases each flag looks at."""


def with_value(purchases: ir.Table, domain_amparo_legal: Domain) -> ir.Table:
    """What flags read of purchases, with `ano`, `outra_lei` (other_law) and `valor`.

    `valor` is the homologated value, else the estimated, null if unknown. A doubtful award is not replaced by
    its estimate: what makes one doubtful is often the other.
    """
    row: Row = purchases
    estimated = ibis.cases((row.estimate_verdict != "suspect", row.valor_total_estimado))
    value: Expression = ibis.cases(
        (row.award_verdict != "suspect", row.valor_total_homologado.nullif(0).coalesce(estimated))
    )
    return purchases.select(
        *READ,
        ano=year(row.data_publicacao_pncp),
        outra_lei=other_law(row.amparo_legal_codigo, domain_amparo_legal),
        valor=value.nullif(0),
    )


def findings_of_purchases(
    purchases: ir.Table,
    law_direct_limits: Law,
    law_proposal_periods: Law,
    *,
    no_discount_share: int,
    bunching_share: int,
    suspect_value: int,
    earliest_year: int,
    longest_proposal: int,
) -> ir.Table:
    """Every flag over the purchases that it speaks of; they come with_value."""
    # Counted once, in a column: written out in each place that reads it, the calendar makes megabytes of SQL.
    purchases = purchases.mutate(
        dias_uteis=business_days(
            purchases.data_publicacao_pncp, purchases.data_encerramento_proposta, with_optional=True
        )
    )
    row: Row = purchases
    judged = (
        (flags.NO_DISCOUNT, no_discount(row, no_discount_share)),
        (flags.NO_ESTIMATE, no_estimate(row)),
        (flags.SHORT_PROPOSAL_PERIOD, short_proposal_period(row, law_proposal_periods)),
        (flags.JUST_BELOW_LIMIT, just_below_limit(row, law_direct_limits, bunching_share)),
        (flags.PURCHASE_DATES_OUT_OF_ORDER, dates_out_of_order(row)),
        (flags.PURCHASE_DATE_IMPLAUSIBLE, date_implausible(row, earliest_year, longest_proposal)),
        (flags.PURCHASE_VALUE_IMPLAUSIBLE, value_implausible(row, suspect_value)),
    )
    return ibis.union(
        *(
            of_records(purchases.filter(SPEAKS_OF[flag.code](row)), flag, judgement)
            for flag, judgement in judged
        )
    )


def no_discount(row: Row, least_share: int) -> Judgement:
    """The award, as a percentage of the estimate, is at least so much."""
    awarded, estimated = row.valor_total_homologado, row.valor_total_estimado
    lacks = row.outra_lei.coalesce(
        lacking(
            {
                "valor homologado nulo ou zero": awarded.coalesce(0) == 0,
                "valor estimado nulo ou zero": estimated.coalesce(0) == 0,
                "valor suspeito": (row.award_verdict == "suspect") | (row.estimate_verdict == "suspect"),
            }
        )
    )
    observed = percent(awarded, estimated, where=lacks.isnull())
    return Judgement(
        observed=observed,
        threshold=least_share,
        raised=observed >= least_share,
        lacks=lacks,
        detail=ibis.cases(
            (awarded > estimated, "acima do estimado"), (awarded == estimated, "igual ao estimado")
        ),
    )


def no_estimate(row: Row) -> Judgement:
    """The estimate is null or zero; of one that is suspect nothing is said."""
    estimated = row.valor_total_estimado
    secret = (row.estimate_missing == "secret").coalesce(False)
    return Judgement(
        observed=estimated,
        threshold=0,
        raised=estimated.coalesce(0) == 0,
        lacks=row.outra_lei.coalesce(lacking({"valor suspeito": row.estimate_verdict == "suspect"})),
        detail=ibis.cases(
            (secret, "sigiloso"), (estimated.isnull(), "não publicado"), (estimated == 0, "zero")
        ),
    )


def short_proposal_period(row: Row, law_proposal_periods: Law) -> Judgement:
    """Business days from publication to closing, below the least that the law gives the modalidade."""
    published, closing = row.data_publicacao_pncp, row.data_encerramento_proposta
    observed = row.dias_uteis
    threshold = law_proposal_periods.value_on(published, row.modalidade_id)
    return Judgement(
        observed=observed,
        threshold=threshold,
        raised=observed < threshold,
        lacks=row.outra_lei.coalesce(
            lacking(
                {
                    "data de encerramento nula": closing.isnull(),
                    "datas fora de ordem ou a conferir": row.date_verdict != "ok",
                    NO_LIMIT: observed.isnull() | threshold.isnull(),
                }
            )
        ),
    )


def just_below_limit(row: Row, law_direct_limits: Law, least_share: int) -> Judgement:
    """The value is below the limit of its day, but by less than so much of it; in words, which norm's."""
    day, amparo = row.data_publicacao_pncp, row.amparo_legal_codigo
    limit = law_direct_limits.value_on(day, amparo)
    return Judgement(
        observed=row.valor,
        threshold=limit,
        raised=(row.valor < limit) & (row.valor * 100 >= limit * least_share),
        lacks=lacking({**of_consortium(row), NO_VALUE: row.valor.isnull(), NO_LIMIT: limit.isnull()}),
        detail=law_direct_limits.norm_on(day, amparo),
    )


def dates_out_of_order(row: Row) -> Judgement:
    """By how many days proposals close before they open, or before the purchase was published."""
    opening, closing, published = (
        moment.date()
        for moment in (row.data_abertura_proposta, row.data_encerramento_proposta, row.data_publicacao_pncp)
    )
    verdict = row.date_verdict
    return Judgement(
        observed=ibis.cases(
            (verdict == "reversed", opening.delta(closing, unit="day")),
            (verdict == "closed_before_publication", published.delta(closing, unit="day")),
            else_=0,
        ),
        threshold=0,
        raised=verdict != "ok",
        lacks=lacking(
            {
                "data de encerramento nula": closing.isnull(),
                "data a conferir": verdict == "implausible",
                "datas de abertura e de publicação nulas": opening.isnull() & published.isnull(),
            }
        ),
        detail=ibis.cases(
            (verdict == "reversed", "encerra antes de abrir"),
            (verdict == "closed_before_publication", "encerra antes da publicação"),
        ),
    )


def date_implausible(row: Row, earliest_year: int, longest_proposal: int) -> Judgement:
    """The year of a date is before any that is plausible, or closing is too long after opening."""
    opening, closing = row.data_abertura_proposta.year(), row.data_encerramento_proposta.year()
    return of_years(row, (opening, closing), opening, earliest_year, longest_proposal)


def of_years(
    row: Row, years: Sequence[Expression], start: Expression, earliest: int, longest: int
) -> Judgement:
    """The judgement on years: the first against the earliest, else the last against a length from the start.

    The start is the year of publication where that comes first, or is all there is.
    """
    first: Expression = ibis.least(*years)
    last: Expression = ibis.greatest(*years)
    began: Expression = ibis.least(start, row.data_publicacao_pncp.year())
    old = first < earliest
    return Judgement(
        observed=ibis.cases((old, first), else_=last),
        threshold=ibis.cases((old, earliest), else_=(began + longest).coalesce(earliest)),
        raised=row.date_verdict == "implausible",
        lacks=lacking({"datas nulas": first.isnull()}),
        detail=ibis.cases((old, "cedo demais"), (row.date_verdict == "implausible", "longe demais")),
    )


def value_implausible(row: Row, suspect_value: int) -> Judgement:
    """One of the two values has the verdict suspect."""
    award, estimate = row.award_verdict == "suspect", row.estimate_verdict == "suspect"
    awarded, estimated = row.valor_total_homologado, row.valor_total_estimado
    return Judgement(
        observed=ibis.cases((award, awarded), (estimate, estimated), else_=ibis.greatest(awarded, estimated)),
        threshold=suspect_value,
        raised=award | estimate,
        lacks=lacking({"sem valor": awarded.isnull() & estimated.isnull()}),
        detail=ibis.cases(
            (award & estimate, "homologado e estimado"), (award, "homologado"), (estimate, "estimado")
        ),
    )
