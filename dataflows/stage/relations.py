"""Relations: how many records find in the file the record that they say they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, count, text
from dataflows.expressions import Flag, Row, Text
from dataflows.stage.atas import StageAtas
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.control_numbers import leading_cnpj
from dataflows.stage.itens import StageItens
from dataflows.stage.resultados import StageResultados
from dataflows.stage.termos import StageTermos


class StageRelations(Contract):
    """Relações entre os registros, uma linha por relação: quantos acham sua origem neste arquivo."""

    grain = "one row per relation between two kinds of record"
    key = ("relation",)

    relation = text(
        "A relação, do registro à sua origem: contrato -> compra.", source="relation", nullable=False
    )
    rows = count(
        "Registros que podem ter a relação (não há linha onde não há nenhum).",
        unit="registros",
        source="relation",
    )
    stated = count("Dos quais nomeiam uma origem.", unit="registros", source="relation")
    linked = count("Dos quais a origem está neste arquivo.", unit="registros", source="stated")
    orphans = count(
        "Dos que nomeiam uma origem, quantos não a acham neste arquivo: depende do que foi baixado.",
        unit="registros",
        source="stated",
    )
    to_another_orgao = count(
        "Dos que nomeiam uma origem, quantos nomeiam a de outro órgão (adesão, compra compartilhada).",
        unit="registros",
        source="stated, cnpj_orgao",
    )


def stage_relations(
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_atas: Annotated[ir.Table, StageAtas],
    stage_termos: Annotated[ir.Table, StageTermos],
    stage_itens: Annotated[ir.Table, StageItens],
    stage_resultados: Annotated[ir.Table, StageResultados],
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
) -> Annotated[ir.Table, StageRelations]:
    """How the records of the file hang together: who finds the record it comes from, and who does not.

    Grain: one row per relation between two kinds of record.
    Key: relation.
    Source: stage_contratos, stage_atas, stage_termos, stage_itens, stage_resultados, stage_contratacoes.
    Notes: a report, from which nothing is dropped: orphans stay in their tables. An orphan is no error of
    PNCP's, for its origin may lie outside of what was fetched; and an origin of another órgão is legal. Whose
    the origin is its control number says, so it need not be in the file. An item and a result are asked for
    by the number of their purchase and take their órgão from it: of both none is of another órgão. A relation
    that no record here could have has no row.
    """
    compra = {"numero_controle_pncp_compra": "numero_controle_pncp"}
    ata = {"numero_controle_pncp_ata": "numero_controle_pncp_ata"}
    contrato = {"numero_controle_pncp": "numero_controle_pncp"}
    item = {name: name for name in StageItens.key}
    return ibis.union(
        _relation("contrato -> compra", stage_contratos, stage_contratacoes, compra),
        _relation("contrato -> ata", stage_contratos, stage_atas, ata),
        _relation("ata -> compra", stage_atas, stage_contratacoes, compra),
        _relation("termo -> contrato", stage_termos, stage_contratos, contrato),
        _relation("item -> compra", stage_itens, stage_contratacoes, compra),
        _relation("resultado -> item", stage_resultados, stage_itens, item),
    )


def _relation(name: str, records: ir.Table, origins: ir.Table, by: Mapping[str, str]) -> ir.Table:
    """One row, or none if there are no records.

    Args:
        name: as it is reported.
        records: those that name an origin.
        origins: where it would be.
        by: the columns that name it, and what they are called in `origins`; the first is its control number.
    """
    known = origins.select(**{own: origins[theirs] for own, theirs in by.items()}).distinct()
    found = known.mutate(found=ibis.literal(value=True))
    row: Row = records.left_join(found, list(by)).mutate(relation=ibis.literal(name))
    number = row[next(iter(by))]
    stated, linked = number.notnull(), row.found.coalesce(False)
    return row.group_by("relation").aggregate(
        rows=row.count(),
        stated=row.count(where=stated),
        linked=row.count(where=linked),
        orphans=row.count(where=stated & ~linked),
        to_another_orgao=row.count(where=_is_anothers(row, number)),
    )


def _is_anothers(row: Row, number: Text) -> Flag:
    """Whether the origin's control number begins with another CNPJ."""
    return (leading_cnpj(number) != row.cnpj_orgao).coalesce(False)


@StageRelations.rule("those that name an origin find it or are orphans")
def _linked_or_orphan(table: Row) -> Flag:
    return (table.linked + table.orphans == table.stated) & (table.stated <= table.rows)


@StageRelations.gate("every record is counted once in each of its relations")
def _every_record(
    stage_relations: ir.Table,
    stage_contratos: ir.Table,
    stage_atas: ir.Table,
    stage_termos: ir.Table,
    stage_itens: ir.Table,
    stage_resultados: ir.Table,
) -> ir.Table:
    tables = {
        "contrato": stage_contratos,
        "ata": stage_atas,
        "termo": stage_termos,
        "item": stage_itens,
        "resultado": stage_resultados,
    }
    relation: Row = stage_relations
    measures = []
    for name, table in tables.items():
        own = relation.filter(relation.relation.startswith(f"{name} -> "))
        counted = own.aggregate(fewest=own.rows.min().coalesce(0), most=own.rows.max().coalesce(0))
        expected = table.aggregate(expected=table.count()).cross_join(counted)
        measures += [
            expected.select(measure=ibis.literal(f"{name}: {end}"), expected="expected", found=end)
            for end in ("fewest", "most")
        ]
    return ibis.union(*measures)
