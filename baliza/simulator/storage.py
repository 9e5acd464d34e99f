"""How a world is kept in files: gzipped JSON lines, each record once however many endpoints show it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from baliza.simulator.answers import Records
from baliza.simulator.notices import DETAIL_FIELDS, proposals

SUFFIX = ".jsonl.gz"
FILE_OF: dict[str, str] = {
    "contratacoes_publicacao": "contratacoes",
    "contratacoes_atualizacao": "contratacoes",
    "contratacoes_proposta": "contratacoes",
    "contratos": "contratos",
    "contratos_atualizacao": "contratos",
    "atas_vigencia": "atas",
    "atas_atualizacao": "atas",
    "pca_atualizacao": "pca",
    "pca": "pca",
    "pca_usuario": "pca",
    "instrumentoscobranca_inclusao": "instrumentoscobranca_inclusao",
    "compra": "compra",
    "itens": "itens",
    "resultados": "resultados",
    "termos": "termos",
    "unidades": "unidades",
    "domains": "domains",
}
"""Name of the file, without suffix, that holds the records of each endpoint."""


def packed(world: Mapping[str, Records]) -> dict[str, bytes]:
    """Write a world as files.

    Args:
        world: records by endpoint id, every endpoint of `FILE_OF` among them.

    Returns:
        Bytes by name of file, the same for the same world. Of the details of purchases only what their rows
        in the lists lack is kept.
    """
    kept = {name: world[endpoint] for endpoint, name in reversed(FILE_OF.items())}
    return {
        f"{name}{SUFFIX}": _gzipped("".join(_line(entry) for entry in _entries(name, kept[name])))
        for name in dict.fromkeys(FILE_OF.values())
    }


def unpacked(folder: Path, endpoint: str, until: date) -> Records:
    """Read the records of one endpoint.

    Args:
        folder: where the files are.
        endpoint: a key of `FILE_OF`.
        until: day of the snapshot, on which proposals are open.

    Returns:
        What `packed` was given under that id.
    """
    rows = _read(folder, FILE_OF[endpoint])
    if endpoint == "contratacoes_proposta":
        return proposals(rows, until)
    if endpoint == "compra":
        notices = _read(folder, FILE_OF["contratacoes_publicacao"])
        return [notice | more for notice, more in zip(notices, rows, strict=True)]
    if rows and rows[0].keys() == {"parent", "records"}:
        return {row["parent"]: row["records"] for row in rows}
    return rows


def _entries(name: str, records: Records) -> Iterator[dict[str, Any]]:
    if isinstance(records, Mapping):
        yield from ({"parent": parent, "records": rows} for parent, rows in records.items())
    elif name == "compra":
        yield from ({field: record[field] for field in DETAIL_FIELDS} for record in records)
    else:
        yield from records


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def _gzipped(text: str) -> bytes:
    """Compress, leaving time and name of file and of system out of the header."""
    out = BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        file.write(text.encode())
    return out.getvalue()


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    lines: Iterable[bytes] = gzip.decompress((folder / f"{name}{SUFFIX}").read_bytes()).splitlines()
    return [msgspec.json.decode(line) for line in lines]
