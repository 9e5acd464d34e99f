"""Coverage: what of PNCP is proven to be in the file, month by month."""

from __future__ import annotations

from typing import Annotated, Any

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.contract import Contract, count, day, flag, integer, moment, order, quantity, text
from dataflows.domains import Domain
from dataflows.expressions import Expression, Flag, Row
from dataflows.ledger import CELLS
from dataflows.mart.cells import WHOLE, cells, proven_by_country, proven_part
from dataflows.mart.reconciliation import compare_totals

STATUSES = {
    "complete": "celulas_completas",
    "empty": "celulas_vazias",
    "short": "celulas_com_falta",
    "failed": "celulas_com_falha",
    "pending": "celulas_pendentes",
}
"""The column that counts the cells of each status."""

KEY = ("endpoint", "modalidade_id", "recorte", "mes")


class MartCoverage(Contract):
    """O que do PNCP está provado neste arquivo, por consulta, modalidade, recorte e mês."""

    grain = "one row per endpoint, modalidade, slice (of details: all together) and month"
    key = KEY

    endpoint = text("Consulta da API do PNCP.", source="meta.coverage", nullable=False)
    modalidade_id = integer(
        "Código da modalidade pedida; nulo onde a consulta não a distingue.", source="modalidade"
    )
    recorte = text(
        "Parte que foi pedida: vazio é o país inteiro; cnpj=, uf=, municipio=, classe= ou usuario= e o "
        "valor; nulo nos detalhes de contratações e contratos, somados.",
        source="slice",
    )
    mes = day("Primeiro dia do mês.", source="day", nullable=False)

    modalidade_nome = text("Rótulo oficial da modalidade.", source="modalidade_id")
    tipo_celula = text(
        "De que é cada célula: day (o que tem data daquele dia), stock (o que vigia naquele dia), snapshot "
        "(o que recebia propostas quando se perguntou), year (um plano anual), parent (uma contratação ou "
        "contrato).",
        source="endpoint",
        isin=tuple(sorted(set(CELLS.values()))),
    )

    celulas = count(
        "Células pedidas: cada uma é um dia; nos detalhes, uma contratação ou contrato.",
        unit="células",
        source="meta.coverage",
    )
    celulas_completas = count(
        "Células de que chegou tudo o que o PNCP diz ter.", unit="células", source="status"
    )
    celulas_vazias = count("Células em que o PNCP diz não ter nada.", unit="células", source="status")
    celulas_com_falta = count(
        "Células em que todas as páginas vieram e mesmo assim faltam registros.",
        unit="células",
        source="status",
    )
    celulas_com_falha = count("Células que um erro impediu de provar.", unit="células", source="status")
    celulas_pendentes = count(
        "Células que iam ser pedidas quando a execução parou.", unit="células", source="status"
    )
    celulas_provadas_percentual = quantity(
        "Quanto das células pedidas está provado: completas e vazias, arredondado para baixo: 100 é todas. "
        "Não fala dos dias que ninguém pediu.",
        unit="%",
        source="celulas_completas, celulas_vazias, celulas",
        nullable=False,
        ge=0,
    )

    dias_do_mes = order(
        "Dias do mês, os que ainda não chegaram também; nulo se as células não são dias.",
        unit="dias",
        source="mes, tipo_celula",
    )
    dias_provados = order(
        "Dias do mês provados: neste recorte ou no país inteiro, que prova seus recortes; nulo se as células "
        "não são dias.",
        unit="dias",
        source="day, status, tipo_celula",
        ge=0,
    )
    dias_provados_so_pelo_pais = order(
        "Parte de dias_provados que só o país inteiro prova, não o recorte; nulo se as células não são dias.",
        unit="dias",
        source="day, slice, status, tipo_celula",
        ge=0,
    )
    dias_nao_pedidos = order(
        "Dias do mês que nunca foram pedidos neste recorte, nem estão provados no país inteiro; nulo se as "
        "células não são dias.",
        unit="dias",
        source="day, tipo_celula",
        ge=0,
    )
    dias_provados_percentual = quantity(
        "Quanto do mês está provado; nulo se as células não são dias.",
        unit="%",
        source="dias_provados, dias_do_mes",
        ge=0,
    )
    mes_provado = flag(
        "Verdadeiro se todos os dias do mês estão provados; nulo se as células não são dias.",
        source="dias_provados, dias_do_mes",
    )

    registros_esperados = count(
        "Registros que o PNCP diz ter (totalRegistros), onde disse.", unit="registros", source="expected"
    )
    registros_baixados = count(
        "Registros distintos que chegaram, os que estão em quarentena incluídos.",
        unit="registros",
        source="landed",
    )
    registros_faltantes = count(
        "Registros que o PNCP diz ter e não chegaram, nas células não provadas em que ele disse o total.",
        unit="registros",
        source="expected, landed, status",
    )
    celulas_sem_total = count(
        "Células não provadas de que não se sabe o total: quanto falta nelas, ninguém sabe.",
        unit="células",
        source="expected, status",
    )
    registros_repetidos = count(
        "Registros que vieram mais de uma vez, porque a ordem das páginas muda.",
        unit="registros",
        source="repeats",
    )
    registros_em_quarentena = count(
        "Parte de registros_baixados que não pôde ser lida e foi guardada como texto.",
        unit="registros",
        source="quarantined",
    )

    primeiro_dia = day("Primeiro dia pedido do mês.", source="day", nullable=False)
    ultimo_dia = day("Último dia pedido do mês.", source="day", nullable=False)
    provado_em_primeiro = moment(
        "Instante (UTC) da prova mais antiga: o que o PNCP mudou depois não está nela; nulo se nada está "
        "provado.",
        source="updated_at, status",
    )
    provado_em_ultimo = moment(
        "Instante (UTC) da prova mais recente; nulo se nada está provado.", source="updated_at, status"
    )
    motivo = text(
        "Por que falhou a célula não provada mais recente, como a execução o disse, em inglês; nulo se não "
        "houve erro.",
        source="reason",
    )


def mart_coverage(meta_coverage: ir.Table, domain_modalidade: Domain) -> Annotated[ir.Table, MartCoverage]:
    """What is proven of each endpoint, modalidade and slice, month by month.

    Grain: one row per endpoint, modalidade, slice (of details: all together) and month.
    Key: endpoint, modalidade_id, recorte, mes (null counts).
    Source: meta_coverage.
    Notes: the ledger, added up: what was asked of PNCP and whether all of it came. Proven means that as many
    distinct records landed as PNCP said there were, when it was asked (`provado_em_*`); what it published,
    changed or deleted later is not in that proof. What was never asked for has no row, and of a month that
    has one `dias_nao_pedidos` says how many days are missing, those to come included. A day proven for the
    country is proven for its slices, but its records are counted in the country's row alone; a slice that
    was never asked for by itself has no row. Slices overlap (an órgão lies in a state), so rows of several
    slices do not add up. The feeds of publications and of updates show the same records by different days.
    """
    months = (
        cells(meta_coverage).group_by(*_BY, "tipo_celula").aggregate(**_counts(), **_records(), **_times())
    )
    proven = proven_by_country(meta_coverage)
    joined = months.left_join(proven, ["endpoint", "modalidade", "mes"]).select(
        *months.columns, dias_do_pais=(_.recorte != WHOLE).ifelse(_.dias_do_pais, 0).coalesce(0)
    )
    return (
        _with_code(joined)
        .mutate(modalidade_nome=domain_modalidade.label(_.modalidade_id), **_days())
        .mutate(**_shares())
        .select(*MartCoverage.columns)
    )


_BY = ("endpoint", "modalidade", "recorte", "mes")


def _with_code(rows: ir.Table) -> ir.Table:
    """The ledger writes 0 where an endpoint has no modalidade."""
    return rows.mutate(modalidade_id=_.modalidade.nullif(0))


@MartCoverage.records
def _cells_of_month(meta_coverage: ir.Table) -> dict[str, ir.Table]:
    return {"meta_coverage": _with_code(cells(meta_coverage))}


def _counts() -> dict[str, Any]:
    return {
        "celulas": _.count(),
        **{column: _.count(where=_.status == status) for status, column in STATUSES.items()},
        "provadas": _.count(where=_.provada),
        "tambem_pedidas": _.count(where=_.tambem_no_pais),
        "tambem_provadas": _.count(where=_.tambem_no_pais & _.provada),
        "celulas_sem_total": _.count(where=~_.provada & _.expected.isnull()),
    }


def _records() -> dict[str, Any]:
    # What the server said of it, where it did: of the rest nobody knows what is missing.
    short = ibis.greatest(_.expected - _.landed, 0)
    return {
        "registros_esperados": _sum(_.expected),
        "registros_baixados": _sum(_.landed),
        "registros_faltantes": _sum((~_.provada).ifelse(short, 0)),
        "registros_repetidos": _sum(_.repeats),
        "registros_em_quarentena": _sum(_.quarantined),
    }


def _sum(records: Expression) -> Expression:
    # Engines widen a sum, and Ibis, to which it stays int64, would leave out a cast to that alone.
    return records.sum().coalesce(0).cast("decimal(38, 0)").cast("int64")


def _times() -> dict[str, Any]:
    newest = ibis.struct({"updated_at": _.updated_at, "day": _.day, "slice": _.slice})
    return {
        "primeiro_dia": _.day.min(),
        "ultimo_dia": _.day.max(),
        "provado_em_primeiro": _.updated_at.min(where=_.provada),
        "provado_em_ultimo": _.updated_at.max(where=_.provada),
        "motivo": _.reason.argmax(newest, where=~_.provada & _.reason.notnull()),
    }


def _days() -> dict[str, Any]:
    """Days of the month, where cells are days: those of the slice and those of the country, none twice."""
    in_month = (_.mes + ibis.interval(months=1)).delta(_.mes, unit="day")
    by_country = _.dias_do_pais - _.tambem_provadas
    days = {
        "dias_do_mes": in_month,
        "dias_provados": _.provadas + by_country,
        "dias_provados_so_pelo_pais": by_country,
        "dias_nao_pedidos": in_month - (_.celulas + _.dias_do_pais - _.tambem_pedidas),
    }
    return {name: ibis.cases((_.tipo_celula == "day", value)) for name, value in days.items()}


def _shares() -> dict[str, Any]:
    return {
        "celulas_provadas_percentual": proven_part(_.provadas, _.celulas),
        "dias_provados_percentual": proven_part(_.dias_provados, _.dias_do_mes),
        "mes_provado": _.dias_provados == _.dias_do_mes,
    }


@MartCoverage.rule("every cell is of one status")
def _statuses_add_up(table: Row) -> Flag:
    complete, empty, short, failed, pending = (table[column] for column in STATUSES.values())
    return complete + empty + short + failed + pending == table.celulas


@MartCoverage.rule("days proven and days never asked for lie in the month")
def _days_within_the_month(table: Row) -> Flag:
    return (table.dias_provados + table.dias_nao_pedidos <= table.dias_do_mes) & (
        table.dias_provados_so_pelo_pais <= table.dias_provados
    )


_MEASURES = {
    "expected": "registros_esperados",
    "landed": "registros_baixados",
    "repeats": "registros_repetidos",
    "quarantined": "registros_em_quarentena",
}


@MartCoverage.gate("cells and records are those of the ledger")
def _adds_up(mart_coverage: ir.Table, meta_coverage: ir.Table) -> ir.Table:
    ledger: Row = meta_coverage
    mart: Row = mart_coverage
    cells = {column: ledger.count(where=ledger.status == status) for status, column in STATUSES.items()}
    records = {column: ledger[name].sum().coalesce(0) for name, column in _MEASURES.items()}
    expected = ledger.aggregate(celulas=ledger.count(), **cells, **records)
    found = mart.aggregate(**{column: mart[column].sum().coalesce(0) for column in expected.columns})
    return compare_totals(expected, found)
