"""What the faults of the old models touch: counted in a file that holds them as they were and as meant."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import duckdb

from baliza.build.dbt.models import sql


@dataclass(frozen=True)
class Fault:
    """What one fault of the models as they were touches in this file; docs/parity.md explains each.

    Attributes:
        fault: its name.
        records: of what: contratos, compras, itens, organizacoes, unidades.
        touched: how many of them.
        total: of how many.
        amount: reais of these; None where no money is in question, or none is touched.
        total_amount: of how many reais; None where no money is in question.
    """

    fault: str
    records: str
    touched: int
    total: int
    amount: Decimal | None
    total_amount: Decimal | None


def faults(con: duckdb.DuckDBPyConnection) -> list[Fault]:
    """Every fault, touched or not.

    Args:
        con: a file of `baliza.build.parity.scratch.build_old`.
    """
    return [
        Fault(fault, records, int(touched or 0), int(total or 0), amount, total_amount)
        for _place, fault, records, touched, total, amount, total_amount in con.execute(
            sql("faults")
        ).fetchall()
    ]
