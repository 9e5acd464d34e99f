"""What every file of an export says of itself: what it is, of when, how complete, made by what."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from baliza.publish.export.table import Choice, Covered, Table
from baliza.publish.masking import mask

SOURCES = {
    "pncp": "Portal Nacional de Contratações Públicas (PNCP), https://pncp.gov.br",
    "sample": "DADOS SINTÉTICOS: a amostra embutida do baliza; nomes, CNPJs e valores são inventados",
    "simulator": "DADOS SINTÉTICOS: o simulador do baliza; nomes, CNPJs e valores são inventados",
}
"""Where data come from, as files say it. Files speak Portuguese, as their columns do."""


def facts(table: Table, choice: Choice) -> dict[str, Any]:
    """Of one table, as JSON's own types; the same file of data gives the same facts at any time."""
    since, until = table.period or (None, None)
    return {
        "table": table.location,
        "description": description(table),
        "version": f"baliza {choice.version}",
        "source": SOURCES.get(choice.source or "", ""),
        "synthetic": choice.synthetic,
        "period": {"since": _iso(since), "until": _iso(until)},
        "complete": table.is_complete,
        "asOf": _iso(table.proven_at),
        "builtAt": _iso(table.built_at),
        "coverage": [_covered(one) for one in table.coverage],
        "cpf": "masked" if choice.masks else "as published",
        "where": mask(table.condition) if choice.masks else table.condition,
    }


def description(table: Table) -> str:
    """What a row of it means, in Portuguese."""
    return (table.contract.__doc__ or "").strip()


def as_texts(table: Table, choice: Choice) -> dict[str, str]:
    """The same for Parquet, whose metadata are keys and texts, with the meaning of each column."""
    told = {f"baliza.{name}": _text(value) for name, value in facts(table, choice).items()}
    columns = {
        name: {"meaning": one.meaning, "unit": one.unit, "source": one.source}
        for name, one in table.contract.columns.items()
    }
    return {**told, "baliza.key": _text(list(table.contract.key)), "baliza.columns": _text(columns)}


def _covered(one: Covered) -> dict[str, Any]:
    return {
        **asdict(one),
        "since": _iso(one.since),
        "until": _iso(one.until),
        "complete": one.is_complete,
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None
