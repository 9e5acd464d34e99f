"""What the harvest says of itself, as tables that marts may read: inputs of the graph, beside what landed.

They are no layer of their own: PNCP did not publish them, the harvest kept them. The machine writes them, and
says there what their columns mean (`baliza.warehouse.schema`); a test holds both to the same names and types.
"""

from __future__ import annotations

import ibis

PROVEN = ("complete", "empty")
"""Statuses of a cell of which nothing is missing: all of it is here, or there is nothing."""

CONTRACTS, PURCHASES = "contratos", "contratacoes_publicacao"
"""The listings by day of publication."""

CELLS = {
    PURCHASES: "day",
    "contratacoes_atualizacao": "day",
    CONTRACTS: "day",
    "contratos_atualizacao": "day",
    "atas_atualizacao": "day",
    "atas_vigencia": "stock",
    "contratacoes_proposta": "snapshot",
    "instrumentoscobranca_inclusao": "day",
    "pca_atualizacao": "day",
    "pca_classe": "year",
    "pca_usuario": "year",
    "compra": "parent",
    "itens": "parent",
    "resultados": "parent",
    "termos": "parent",
}
"""What a cell of each endpoint is of, as the machine asks for it (`baliza.pncp.endpoints`).

day: what PNCP dates to that day. stock: what was in force on it. snapshot: what was open on it, when asked.
year: a year's plan, under its first of January. parent: one purchase or contract, under its publication.
"""

SCHEMAS = {
    "meta_coverage": ibis.schema(
        {
            "endpoint": "string",
            "modalidade": "int32",
            "slice": "string",
            "day": "date",
            "status": "string",
            "expected": "int64",
            "landed": "int64",
            "repeats": "int64",
            "walks": "int32",
            "pages": "int32",
            "quarantined": "int64",
            "reason": "string",
            "updated_at": "timestamp",
        }
    ),
    "meta_vanished": ibis.schema(
        {
            "table_name": "string",
            "key": "string",
            "endpoint": "string",
            "seen_until": "timestamp",
            "noticed_at": "timestamp",
        }
    ),
}
"""The external inputs `meta_<table>` of the graph.

meta_coverage: one row per cell (endpoint, modalidade or 0, slice or '' for the country, day): what PNCP
says it has (`expected`), the distinct keys landed, and whether that is proven (`status`: complete, empty,
short, failed or pending), as of `updated_at` (UTC). The day of a snapshot is the one it was taken on.

meta_vanished: one row per record of a raw table that PNCP no longer shows where it showed it.
"""
