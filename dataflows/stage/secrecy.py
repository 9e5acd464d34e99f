"""Estimates that PNCP hides: a secret budget is published as zero until there is a result."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from dataflows.expressions import Amount, Flag, Text
from dataflows.stage.versions import latest

WHOLLY_SECRET = 3
"""Code of orcamentoSigiloso for a purchase whose every estimate is secret; 1 is none, 2 is some."""

MISSING = ("secret", "unpublished")

_SAID = ("orcamentoSigilosoCodigo", "orcamentoSigilosoDescricao", "existeResultado")


def with_secrecy(purchases: ir.Table, raw_compras: ir.Table) -> ir.Table:
    """Purchases as listed, each with what only its detail says: how secret, and whether it has results.

    A purchase whose detail is not in the file has nulls there.
    """
    said = latest(raw_compras, key=("numeroControlePNCP",)).select("numeroControlePNCP", *_SAID)
    joined = purchases.left_join(said, "numeroControlePNCP")
    return joined.select(*purchases.columns, *_SAID)


def is_secret(value: Amount, secret: Flag, has_result: Flag) -> Flag:
    """Whether an estimate of zero is certainly a secret one: PNCP writes 0 for it until there is a result."""
    return (secret & ~has_result & (value == 0)).coalesce(False)


def missing(value: Amount, hidden: Flag) -> Text:
    """Why an estimate is null: secret, or unpublished (PNCP brought null); null where there is one."""
    return ibis.cases((hidden, "secret"), (value.isnull(), "unpublished"))
