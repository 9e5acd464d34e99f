"""From the records that mention somebody or some place to one row for each: the rule of every dimension.

PNCP has no list of órgãos, unidades, fornecedores or municípios to be fetched; each record repeats what its
sender called them at the time. Of each fact a dimension shows what the newest record that states it says:
highest dataAtualizacaoGlobal (dataAtualizacao or dataPublicacaoPncp where a record has none), then control
number, then the fact itself. The order is total, so the choice never depends on the engine. Other names are
kept beside.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from dataflows.contract import Column, moment, texts
from dataflows.expressions import Expression, Flag, Moment, Row, Text

_MOMENTS = ("data_atualizacao_global", "data_atualizacao", "data_publicacao_pncp")
"""When PNCP last changed a record: the first of these that it has."""

_EARLIEST = ibis.timestamp("1900-01-01")


def other_names(name: str) -> Column:
    """The column `outros_nomes` of a dimension whose name is in the column `name`."""
    return texts(
        "Outros nomes com que registros citam a mesma chave, em ordem alfabética; lista vazia se nenhum.",
        source=name,
        nullable=False,
    )


def last_seen(key: str) -> Column:
    """The column `visto_em` of a dimension."""
    return moment(
        "Atualização mais recente, no PNCP (America/Sao_Paulo), entre os registros que citam a chave.",
        source=key,
    )


def mention(
    table: ir.Table, record: str, facts: Sequence[str], under: Mapping[str, str] | None = None
) -> ir.Table:
    """One row per record of a stage table: what it says of somebody or some place.

    Args:
        table: a stage table.
        record: its column with the record's control number.
        facts: what a dimension wants to know, all of them text; null where the table has no such column.
        under: the table's columns for these facts where their names differ; those not named are null.
    """
    row: Row = table
    columns = {name: name for name in facts if name in table.columns} if under is None else under
    said = {name: row[columns[name]] if name in columns else ibis.null("string") for name in facts}
    return table.select(**said, visto_em=_moment(row), record=row[record])


def newest(mentions: ir.Table, *, key: Sequence[str], name: str) -> ir.Table:
    """One row per key: its facts by the rule above, `outros_nomes` and `visto_em`; a null key is nobody's.

    Args:
        mentions: rows of `mention`, of one table or several.
        key: the facts that tell one from another.
        name: the fact whose other values are kept.
    """
    facts = [fact for fact in mentions.columns if fact not in {*key, "visto_em", "record"}]
    keyed = mentions.filter(_has(mentions, key))
    known = keyed.group_by(*key).aggregate(
        **{fact: _newest(keyed, fact) for fact in facts}, visto_em=keyed.visto_em.max()
    )
    names = keyed.select(*key, other=name).distinct()
    current = known.select(*key, current=name)
    others = names.inner_join(current, list(key)).filter(ibis._.other != ibis._.current)
    collected: Row = others.group_by(*key).aggregate(outros_nomes=others.other.collect())
    kept = collected.outros_nomes.sort().name("outros_nomes")
    joined = known.left_join(collected.select(*key, kept), list(key))
    none = ibis.literal([], type="array<string>")
    return joined.select(*key, *facts, outros_nomes=joined.outros_nomes.coalesce(none), visto_em="visto_em")


def every_mention_has_its_row(dimension: ir.Table, key: Sequence[str], **tables: ir.Table) -> ir.Table:
    """A gate: records of each table that name a key, beside those that find it in the dimension."""
    measures = []
    for name, table in tables.items():
        named = table.filter(_has(table, key))
        expected = named.aggregate(expected=named.count())
        linked = named.semi_join(dimension, list(key))
        found = linked.aggregate(found=linked.count())
        measures.append(
            expected.cross_join(found).select(
                measure=ibis.literal(f"records of {name}"), expected="expected", found="found"
            )
        )
    return ibis.union(*measures) if len(measures) > 1 else measures[0]


def _moment(row: Row) -> Moment:
    first, *others = [row[name] for name in _MOMENTS if name in row.columns]
    return first.coalesce(*others)


def _newest(row: Row, fact: str) -> Text:
    """The greatest of (when, record, fact), and of it the fact.

    An argmax over such an order would be the same, but holds every row of a group in memory.
    """
    said: Expression = ibis.struct(
        {"at": row.visto_em.coalesce(_EARLIEST), "record": row.record, "said": row[fact]}
    )
    return said.max(where=row[fact].notnull())["said"]


def _has(row: Row, key: Sequence[str]) -> Flag:
    return functools.reduce(operator.and_, (row[name].notnull() for name in key))
