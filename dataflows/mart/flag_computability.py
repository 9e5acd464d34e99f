"""Computability of red flags: what each could look at, before anyone reads what it raised."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import FINDING, Contract, Made, count, order, quantity, text
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.mart import flags_of_contracts, flags_of_purchases, proven_days
from dataflows.mart.findings import percent
from dataflows.mart.flag_definitions import (
    COMPUTED,
    CONCENTRATED_SUPPLIERS,
    DIRECT_AWARDS_OVER_LIMIT,
    REPEATED_DIRECT_AWARDS,
    SUPPLIER_OVER_LIMIT,
    UNSUPPORTED,
    YEAR_END_RUSH,
    fact,
    wording,
)
from dataflows.mart.flags_of_purchases import Speaks, is_by_value, is_contest
from dataflows.mart.sums import sum_counts
from dataflows.stage.contratacoes import StageContratacoes

_UNPUBLISHED = "o PNCP não publica"
_RAISED = "sinalizado"

READINGS = ("ok", "partial", "too_common", "unseen", "unsupported")


class MartFlagComputability(Contract):
    """O que cada sinal de alerta alcança neste arquivo, inclusive os que o PNCP não permite calcular."""

    grain = "one row per flag that has anything to look at in this file"
    key = ("flag",)

    flag = text(
        "Código do sinal.",
        source="flag",
        nullable=False,
        isin=tuple(one.code for one in (*COMPUTED, *UNSUPPORTED)),
    )
    titulo = text("O sinal em poucas palavras.", source="flag", nullable=False)
    tipo_sujeito = text(
        "O que é o sujeito: contratacao, contrato, ou as partes da chave do grupo.", source="flag"
    )
    fonte = text("Lei ou publicação de onde vem o sinal.", source="flag", nullable=False)
    link_fonte = text("Endereço do texto oficial da norma, se a fonte é uma.", source="fonte")
    codigo_ocp = text("Código do indicador da Open Contracting Partnership, se há o mesmo.", source="flag")

    quantidade_sujeitos = count(
        "Sujeitos de que o sinal fala.", unit="sujeitos", source="stage.contratacoes, stage.contratos"
    )
    quantidade_registros = count(
        "Registros por trás de todos os sujeitos, calculáveis ou não.",
        unit="registros",
        source="stage.contratacoes, stage.contratos",
    )
    quantidade_calculaveis = count(
        "Dos quais se pode dizer sim ou não: nada falta e nada é suspeito.", unit="sujeitos", source="flag"
    )
    quantidade_sinalizados = count(
        "Dos calculáveis, os que levantam o sinal: as linhas de mart.red_flags.",
        unit="sujeitos",
        source="flag",
    )
    percentual_calculavel = quantity(
        "Calculáveis entre os sujeitos.",
        unit="%",
        source="quantidade_calculaveis, quantidade_sujeitos",
        nullable=False,
    )
    percentual_sinalizado = quantity(
        "Sinalizados entre os calculáveis; nulo se não há calculável.",
        unit="%",
        source="quantidade_sinalizados, quantidade_calculaveis",
    )
    consultas = text(
        "Consultas do PNCP de que o sinal depende; nulo se ele não se calcula com o que o PNCP publica.",
        source="flag",
    )
    dias_dos_anos = order(
        "Dias dos anos de que há sujeitos no arquivo; nulo sem consultas.",
        unit="dias",
        source="ano, consultas",
        ge=0,
    )
    dias_provados = order(
        "Dos quais o arquivo prova ter, do país, tudo o que se publicou em todas as consultas. Nos demais "
        "o sinal pode não ver registros: somas e partes do ano são de menos que ele. Nulo sem consultas.",
        unit="dias",
        source="meta.coverage, consultas",
        ge=0,
    )
    texto = text("O que o sinal diz, e quando é regular.", source="flag", nullable=False)
    leitura = text(
        "Como ler o sinal: ok; partial (poucos sujeitos são calculáveis); too_common (tantos o levantam que "
        "ele distingue pouco); unseen (nenhum sujeito é calculável com este arquivo); unsupported (o PNCP "
        "não publica o que ele pede).",
        source="percentual_calculavel, percentual_sinalizado",
        nullable=False,
        isin=READINGS,
    )
    falta_principal = text("O que mais falta para julgar; nulo se nada falta.", source="flag")
    quantidade_falta_principal = count(
        "Sujeitos a que falta antes de tudo falta_principal.", unit="sujeitos", source="falta_principal"
    )
    o_que_falta = text("De que o sinal depende, e o que baixar para ver mais.", source="flag", nullable=False)


def mart_flag_computability(
    checked_purchases: ir.Table,
    checked_contracts: ir.Table,
    checked_units: ir.Table,
    checked_suppliers: ir.Table,
    checked_years: ir.Table,
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    meta_coverage: ir.Table,
    domain_modalidade: Domain,
    common_flag_share: int,
    least_computable_share: int,
) -> Annotated[ir.Table, MartFlagComputability]:
    """How far each flag reaches: the subjects it speaks of, can judge and raises, and what is missing.

    Grain: one row per flag that has anything to look at in this file.
    Key: flag.
    Source: mart_concentration, meta_coverage, stage_contratacoes, stage_contratos.
    Notes: to be read before mart.red_flags. A subject is computable when nothing lacks that could change the
    answer; what lacks is counted by the first thing that does. The base rate is that of the computable
    subjects, which need not be like the others. Flags that PNCP supports in no file have rows too, over the
    purchases with a contest, so that their absence is not taken for innocence: of the eleven indicators of
    OCP's cardinal, one is computable here. `dias_provados` says of what part of the years of its subjects the
    file is known to hold everything: a flag of sums or shares of a year of which it holds a part speaks of
    that part. A flag without any subject in the file has no row.
    """
    looked_at = ibis.union(
        checked_purchases, checked_contracts, checked_units, checked_suppliers, checked_years
    ).select("flag", "ano", "lacks", "raised", "records")
    counted = ibis.union(_counted(looked_at), _unsupported(stage_contratacoes))
    proven = _proven(looked_at, meta_coverage, domain_modalidade)
    row: Row = (
        counted.left_join(proven, "flag")
        .select(*counted.columns, "consultas", "dias_dos_anos", "dias_provados")
        .mutate(
            percentual_calculavel=_percentage(_.quantidade_calculaveis, _.quantidade_sujeitos),
            percentual_sinalizado=_percentage(_.quantidade_sinalizados, _.quantidade_calculaveis),
        )
    )
    return row.mutate(
        titulo=fact(row.flag, "title"),
        tipo_sujeito=fact(row.flag, "kind"),
        fonte=fact(row.flag, "source"),
        link_fonte=fact(row.flag, "link"),
        codigo_ocp=fact(row.flag, "ocp"),
        texto=wording(row.flag),
        o_que_falta=fact(row.flag, "missing"),
        leitura=_reading(row, common_flag_share, least_computable_share),
    ).select(*MartFlagComputability.columns)


_CHECKED: Mapping[str, frozenset[str]] = {
    "checked_purchases": frozenset(flags_of_purchases.SPEAKS_OF),
    "checked_contracts": frozenset(flags_of_contracts.SPEAKS_OF),
    "checked_units": frozenset({DIRECT_AWARDS_OVER_LIMIT.code}),
    "checked_suppliers": frozenset({SUPPLIER_OVER_LIMIT.code, REPEATED_DIRECT_AWARDS.code}),
    "checked_years": frozenset({YEAR_END_RUSH.code, CONCENTRATED_SUPPLIERS.code}),
}
"""Which node looks at the subjects of which flags."""


@MartFlagComputability.behind
def _subjects(asked: Sequence[Mapping[str, Any]], made: Made) -> dict[str, ir.Table]:
    """The subjects that flags look at, with what they lack; of flags without support, the purchases."""
    codes = [one["flag"] for one in asked]
    found = {
        node: _with_finding(made(node).filter(_.flag.isin(codes)))
        for node, of_node in _CHECKED.items()
        if of_node.intersection(codes)
    }
    if any(flag.code in codes for flag in UNSUPPORTED):
        purchases: Row = made("stage_contratacoes")
        found["stage_contratacoes"] = purchases.filter(is_contest(purchases)).mutate(
            **{FINDING: ibis.array([_UNPUBLISHED])}
        )
    return found


def _with_finding(subjects: Row) -> ir.Table:
    what: Expression = subjects.lacks.coalesce(ibis.cases((subjects.raised, _RAISED)))
    return subjects.mutate(**{FINDING: ibis.array([what]).filter(lambda one: one.notnull())})


def _counted(looked_at: ir.Table) -> ir.Table:
    """Per flag, from the subjects that lack the same: null, which lacks nothing, is a group of its own."""
    causes = looked_at.group_by("flag", "lacks").aggregate(
        subjects=_.count(), raised=_.count(where=_.raised), records=sum_counts(_.records)
    )
    lacking = _.lacks.notnull()
    order = ibis.struct({"subjects": _.subjects, "lacks": _.lacks})
    return causes.group_by("flag").aggregate(
        quantidade_sujeitos=sum_counts(_.subjects),
        quantidade_registros=sum_counts(_.records),
        quantidade_calculaveis=sum_counts(lacking.ifelse(0, _.subjects)),
        quantidade_sinalizados=sum_counts(_.raised),
        falta_principal=_.lacks.argmax(order, where=lacking),
        quantidade_falta_principal=_.subjects.max(where=lacking).coalesce(0),
    )


def _proven(looked_at: ir.Table, meta_coverage: ir.Table, domain_modalidade: Domain) -> ir.Table:
    """Per flag: the days of the years of its subjects, and how many are proven in all that it rests on."""
    listings = (proven_days.CONTRACTS, proven_days.purchases(domain_modalidade))
    days = {one.endpoint: proven_days.country_days(meta_coverage, one) for one in listings}
    known = ibis.union(
        *(
            proven_days.by_year(_in_all([days[name] for name in rests_on])).mutate(
                consultas=ibis.literal(", ".join(rests_on))
            )
            for rests_on in sorted({flag.rests_on for flag in COMPUTED})
        )
    )
    years = looked_at.select("flag", "ano").distinct().mutate(consultas=fact(_.flag, "listings"))
    told = years.left_join(known, ["consultas", "ano"]).select(*years.columns, "dias")
    return told.group_by("flag", "consultas").aggregate(
        dias_dos_anos=sum_counts(proven_days.days_in(_.ano)), dias_provados=sum_counts(_.dias)
    )


def _in_all(days: Sequence[ir.Table]) -> ir.Table:
    return functools.reduce(lambda one, other: one.semi_join(other, "day"), days)


def _unsupported(stage_contratacoes: ir.Table) -> ir.Table:
    """Of each flag that PNCP cannot support, the purchases it would speak of; no rows without any."""
    codes = ibis.array([flag.code for flag in UNSUPPORTED])
    none = ibis.literal(0, "int64")
    contests = stage_contratacoes.filter(is_contest(stage_contratacoes)).mutate(one=ibis.literal(1))
    counted = contests.group_by("one").aggregate(subjects=_.count()).mutate(flag=codes.unnest())
    return counted.select(
        flag="flag",
        quantidade_sujeitos="subjects",
        quantidade_registros="subjects",
        quantidade_calculaveis=none,
        quantidade_sinalizados=none,
        falta_principal=ibis.literal(_UNPUBLISHED),
        quantidade_falta_principal="subjects",
    )


def _percentage(part: Expression, whole: Expression) -> Expression:
    return percent(part, whole, where=ibis.literal(value=True))


def _reading(row: Row, common: int, least: int) -> Expression:
    unsupported = row.flag.isin([flag.code for flag in UNSUPPORTED])
    return ibis.cases(
        (unsupported, "unsupported"),
        (row.quantidade_calculaveis == 0, "unseen"),
        (row.percentual_sinalizado >= common, "too_common"),
        (row.percentual_calculavel < least, "partial"),
        else_="ok",
    )


@MartFlagComputability.rule("raised are of the computable, and these of all; what lacks most is of the rest")
def _each_within_the_next(table: Row) -> Flag:
    rest = table.quantidade_sujeitos - table.quantidade_calculaveis
    return (
        (table.quantidade_sinalizados <= table.quantidade_calculaveis)
        & (table.quantidade_falta_principal <= rest)
        & (table.falta_principal.isnull() == (rest == 0))
        & (table.quantidade_sujeitos > 0)
    )


@MartFlagComputability.rule("days proven are of the years, and told where there are listings")
def _days_of_the_years(table: Row) -> Flag:
    told = table.consultas.notnull()
    return (
        (table.dias_dos_anos.notnull() == told)
        & (table.dias_provados.notnull() == told)
        & (table.dias_provados <= table.dias_dos_anos).coalesce(True)
    )


@MartFlagComputability.gate("a flag of records looks at every record that it speaks of")
def _every_record_looked_at(
    mart_flag_computability: ir.Table, stage_contratacoes: ir.Table, stage_contratos: ir.Table
) -> ir.Table:
    spoken_of = ibis.union(
        _spoken_of(stage_contratacoes, flags_of_purchases.SPEAKS_OF),
        _spoken_of(stage_contratos, flags_of_contracts.SPEAKS_OF),
    )
    known = mart_flag_computability.select("flag", found="quantidade_sujeitos")
    return spoken_of.left_join(known, "flag").select(
        measure="flag", expected="expected", found=_.found.coalesce(0)
    )


@MartFlagComputability.gate("every direct award by value is in the sum of one unit, or lacks its value there")
def _every_award_by_value_in_a_unit(
    mart_flag_computability: ir.Table, stage_contratacoes: ir.Table
) -> ir.Table:
    row: Row = stage_contratacoes
    expected = row.aggregate(expected=row.count(where=is_by_value(row))).mutate(
        measure=ibis.literal(DIRECT_AWARDS_OVER_LIMIT.code)
    )
    known = mart_flag_computability.select(measure="flag", found="quantidade_registros")
    return expected.left_join(known, "measure").select("measure", "expected", found=_.found.coalesce(0))


def _spoken_of(records: Row, flags: Mapping[str, Speaks]) -> ir.Table:
    """One row per flag: how many records it speaks of."""
    counts = records.aggregate(
        **{code: records.count(where=speaks(records)) for code, speaks in flags.items()}
    )
    return ibis.union(*(counts.select(flag=ibis.literal(code), expected=counts[code]) for code in flags))
