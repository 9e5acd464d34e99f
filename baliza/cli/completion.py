"""What shells offer when Tab is pressed: tables, columns, words that an option takes.

What is imported here is waited for at each press, so the dataflow is read only where its names are offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import CompletionItem  # pyright: ignore[reportPrivateImportUsage]

Completing = Callable[[str], list[str]]

_UFS = (
    "AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI",
    "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO",
)  # fmt: skip


def words(*known: str) -> Completing:
    """One of a few words."""

    def complete(incomplete: str) -> list[str]:
        return _beginning(known, incomplete)

    return complete


def tables(incomplete: str) -> list[str]:
    """Every table by the name of its node, or by schema and name once a dot is typed."""
    from baliza.build import catalog

    nodes = catalog.tables().values()
    return _beginning([node.location if "." in incomplete else node.name for node in nodes], incomplete)


def targets(incomplete: str) -> list[str]:
    """Tables, and what stands for several of them."""
    return [*_beginning(("'stage.*'", "'mart.*'", "changed", "failed"), incomplete), *tables(incomplete)]


def endpoints(incomplete: str) -> list[str]:
    """Every endpoint of PNCP."""
    from baliza.pncp.endpoints import ENDPOINTS

    return _beginning(ENDPOINTS, incomplete)


def environments(incomplete: str) -> list[str]:
    """Those of baliza.toml; none where it cannot be read, for that is told by the command itself."""
    import os

    from baliza import configuration
    from baliza.errors import BalizaError
    from baliza.kinds import IN_FILE

    try:
        found = configuration.read(os.environ, IN_FILE)
    except BalizaError:
        return []
    return _beginning(found.environments if found else (), incomplete)


def ufs(incomplete: str) -> list[str]:
    """The states."""
    return _beginning(_UFS, incomplete.upper())


def table_and_values(context: typer.Context, incomplete: str) -> list[str]:
    """Of a command whose options are columns: its table, and then the values that are few."""
    before = context.params.get("words") or []
    if not before:
        return tables(incomplete)
    return ufs(incomplete) if _is_uf(before[-1]) else []


def tables_and_values(context: typer.Context, incomplete: str) -> list[str]:
    """The same of a command that takes several tables; after a column, its value."""
    before = (context.params.get("words") or [""])[-1]
    if _is_uf(before):
        return ufs(incomplete)
    return [] if before.startswith("--") and "=" not in before else tables(incomplete)


def _is_uf(word: str) -> bool:
    return word in {"--uf", "--uf-sigla", "--uf_sigla"}


def columns(table: str, incomplete: str) -> list[Any]:
    """The columns of a table as options, each with its meaning; none where it is no table."""
    from baliza.build import catalog

    node = catalog.tables().get(table.replace(".", "_", 1))
    if node is None:
        return []
    options = {f"--{name.replace('_', '-')}": one.meaning for name, one in node.contract.columns.items()}
    return [
        CompletionItem(option, help=meaning)
        for option, meaning in options.items()
        if option.startswith(incomplete)
    ]


def _beginning(known: Iterable[str], incomplete: str) -> list[str]:
    return [one for one in known if one.startswith(incomplete)]
