"""The external inputs of the graph that are part of the code: official codes and the law."""

from __future__ import annotations

from typing import Any

from dataflows import domains, law


def facts() -> dict[str, Any]:
    """All of them, by the names they have in the graph; read once per process."""
    return {**domains.inputs(), **law.inputs()}
