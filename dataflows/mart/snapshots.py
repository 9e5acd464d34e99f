"""What the snapshots of open proposals prove: which covers a purchase, and what they no longer show."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
from ibis import _

from dataflows.expressions import Day, Row, Text
from dataflows.ledger import PROVEN

ENDPOINT = "contratacoes_proposta"
"""Of the snapshots, in the ledger; and the table of raw that they land in."""


def latest_proof(purchases: ir.Table, coverage: ir.Table, *, until: Day) -> ir.Table:
    """The latest complete snapshot that covers each purchase, by a day.

    A snapshot is complete or not by modalidade and slice, and covers a purchase of that modalidade that is in
    the slice. Of several the newest counts, then the one proven last.

    Returns:
        numero_controle_pncp, dia_retrato, provado_em, recorte; purchases that none covers have no row.
    """
    listed = ibis.union(
        *(
            purchases.select("numero_controle_pncp", modalidade="modalidade_id", slice=slice_)
            for slice_ in _slices(purchases)
        )
    )
    found: Row = listed.join(newest_snapshots(coverage, until=until), ["modalidade", "slice"])
    newest = ibis.struct({"day": found.day, "updated_at": found.updated_at, "slice": found.slice})
    return found.group_by("numero_controle_pncp").aggregate(
        dia_retrato=found.day.max(),
        provado_em=found.updated_at.argmax(newest),
        recorte=found.slice.argmax(newest),
    )


def newest_snapshots(coverage: ir.Table, *, until: Day) -> ir.Table:
    """The latest complete snapshot of each modalidade and slice, by a day: one row of each.

    Purchases are joined to these, so that a file of many days does not pair each of them with every day.
    """
    return (
        _proven(coverage, until)
        .group_by("modalidade", "slice")
        .aggregate(day=_.day.max(), updated_at=_.updated_at.argmax(_.day))
    )


def gone(vanished: ir.Table, coverage: ir.Table, *, until: Day) -> ir.Table:
    """The purchases that a complete snapshot taken by a day no longer showed, each with `sumiu`.

    A mark bears the time of the proof of the snapshot that noticed it: one newer than every proof is of a
    snapshot taken after the day.
    """
    proofs: Row = _proven(coverage, until)
    last = proofs.aggregate(last=proofs.updated_at.max())
    marks = vanished.filter(_.table_name == ENDPOINT).cross_join(last)
    return marks.filter(_.noticed_at <= _.last).select(
        numero_controle_pncp="key", sumiu=ibis.literal(value=True)
    )


def _proven(coverage: ir.Table, until: Day) -> ir.Table:
    return coverage.filter(_.endpoint == ENDPOINT, _.status.isin(PROVEN), _.day <= until)


def _slices(purchases: ir.Table) -> list[Text]:
    """The slices whose listing has a purchase; null where it cannot be told.

    Which órgão PNCP lists a sub-rogated purchase under is not known: only a slice of both is sure to have it.
    """
    row: Row = purchases
    other = row.cnpj_orgao_subrogado
    stays = other.isnull() & row.codigo_unidade_subrogada.isnull()
    same = (other == row.cnpj_orgao).coalesce(True)
    return [
        ibis.literal(""),
        ibis.cases((same, "cnpj=" + row.cnpj_orgao)),
        ibis.cases((stays, "uf=" + row.uf_sigla)),
        ibis.cases((stays, "municipio=" + row.codigo_ibge)),
    ]
