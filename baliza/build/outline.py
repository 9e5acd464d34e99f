"""The graph in outline: its nodes by name, where they are and what they read, without their code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

LAYERS = ("raw", "stage", "mart")

LANDED, LEDGER = "landed_", "meta_"
"""How the names of external inputs begin that are tables: of what landed, and of the ledger."""


@dataclass(frozen=True)
class Node:
    """A function of the dataflow.

    Attributes:
        module: where it is, below `dataflows`: `mart.spending`.
        reads: the nodes and external inputs that it asks for by name.
        makes_table: whether it makes a table, and not a part of one.
    """

    module: str
    reads: list[str]
    makes_table: bool


@dataclass(frozen=True)
class Outline:
    """All of the graph.

    Attributes:
        nodes: by name, in the order of the layers.
        facts: the external inputs that are part of the code (official codes, the law), by fingerprint.
    """

    nodes: Mapping[str, Node]
    facts: Mapping[str, str]

    def as_text(self) -> str:
        """To be kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Outline:
        """What `as_text` wrote."""
        kept = json.loads(text)
        return cls({name: Node(**node) for name, node in kept["nodes"].items()}, kept["facts"])


def fingerprint(value: object) -> str:
    """Of an external input that is neither a table nor a parameter."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]
