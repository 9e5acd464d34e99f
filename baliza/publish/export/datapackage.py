"""`datapackage.json`: what an export holds, as a Data Package of Frictionless (https://datapackage.org)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from baliza.language import portuguese
from baliza.publish.export import stamp
from baliza.publish.export.table import Choice, Written
from baliza.publish.export.table_schema import table_schema

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FACTS = (
    "version", "source", "synthetic", "period", "complete", "asOf", "builtAt", "coverage", "cpf", "where",
)  # fmt: skip
"""Of those every file is stamped with, the ones that have no name of their own in a Data Package."""


def datapackage(written: Sequence[Written], choice: Choice) -> str:
    """The document for these tables, as JSON."""
    title = "Compras públicas do Brasil (PNCP), do arquivo do baliza"
    document = {
        "$schema": _PROFILE,
        "profile": "data-package",
        "name": "baliza-export",
        "title": f"DADOS SINTÉTICOS: {title}" if choice.synthetic else title,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": choice.version,
        "sources": [{"title": stamp.SOURCES.get(choice.source or "", "–"), "path": "https://pncp.gov.br"}],
        "resources": [_resource(one, choice) for one in written],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _resource(written: Written, choice: Choice) -> dict[str, Any]:
    table, files = written.table, written.files
    facts = stamp.facts(table, choice)
    paths = [file.path.as_posix() for file in files]
    hashes = [f"sha256:{file.sha256}" for file in files]
    return {
        "name": table.location.replace("_", "-"),
        "title": table.location,
        "description": stamp.description(table),
        "type": "table",
        "profile": "tabular-data-resource" if choice.format == "csv" else "data-resource",
        # Of one file path and hash are its own; of several, `files` tells each.
        "path": paths[0] if len(paths) == 1 else paths,
        "format": choice.format,
        "mediatype": _MEDIA[choice.format],
        "bytes": sum(file.size for file in files),
        **({"hash": hashes[0]} if len(files) == 1 else {}),
        "rows": written.rows,
        "files": [
            {"path": path, "rows": file.rows, "bytes": file.size, "hash": digest}
            for path, file, digest in zip(paths, files, hashes, strict=True)
        ],
        **_read_as(choice),
        "schema": table_schema(written, choice),
        "notes": [portuguese(note.text).format(**note.facts) for note in written.notes],
        **{name: facts[name] for name in _FACTS},
    }


def _read_as(choice: Choice) -> dict[str, Any]:
    """How a CSV is to be read."""
    if choice.format != "csv":
        return {}
    dialect = choice.dialect
    return {
        "encoding": "utf-8" if dialect.encoding == "utf-8-sig" else dialect.encoding,
        "dialect": {
            "delimiter": dialect.separator,
            "lineTerminator": "\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
        },
    }
