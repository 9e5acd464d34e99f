"""Making a panel: from the published state of a file to a folder of pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from baliza.build import catalog, failures
from baliza.publish.panel import (
    flags,
    folder,
    front,
    identities,
    known,
    municipios,
    orgaos,
    pages,
    partners,
    search_index,
    suppliers,
    tenders,
)
from baliza.publish.panel.known import Known
from baliza.publish.panel.script import data, script
from baliza.settings import Resources, Settings
from baliza.warehouse.published import reading_published

MEMORY = "450MB"
"""For DuckDB, unless told."""

Told = Callable[[str], None]
"""Hears what is being written: orgaos, suppliers, ..."""


@dataclass(frozen=True)
class PanelReport:
    """What was written.

    Attributes:
        counts: of órgãos, suppliers and municipalities with a page, and of open tenders.
        files, size: of the site; size in bytes.
        leftovers: folders of panels that were killed, or are under way.
    """

    output: Path
    known: Known
    counts: dict[str, int]
    files: int
    size: int
    leftovers: list[Path]
    seconds: float


def make(output: Path, settings: Settings, told: Told) -> PanelReport:
    """Make the panel of a file; CPFs are masked.

    Args:
        output: the folder; made where there is none, replaced where it holds a panel and nothing else.
        settings: which file, and what DuckDB may take.
        told: hears what is being written.

    Raises:
        OutputExistsError: the folder holds something else.
        DatabaseError: missing, locked, not baliza's, or none of the tables was ever built in it.
        PanelError: the folder cannot be written.
    """
    started = time.monotonic()
    database = settings.database.value
    folder.check_free(output)
    with reading_published(database, resources=_resources(settings)) as opened:
        held = known.read(opened.con, database, opened.snapshot)
        if not held.present:
            raise failures.never_built(catalog.tables()["mart_spending"], database)
        with folder.staged(output, _facts(held)) as site:
            if settings.temp_directory.value is None:
                opened.con.execute("SET temp_directory = $path", {"path": str(folder.spill(site))})
            counts = _write(opened.con, site, held, told)
            written = [path for path in site.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in written)
    return PanelReport(
        output=output,
        known=held,
        counts=counts,
        files=len(written) + 1,
        size=size,
        leftovers=folder.leftovers(output),
        seconds=round(time.monotonic() - started, 3),
    )


def _resources(settings: Settings) -> Resources:
    chosen = settings.resources
    return replace(chosen, memory_limit=chosen.memory_limit or MEMORY)


def _facts(held: Known) -> dict[str, Any]:
    return {
        "baliza": held.version,
        "source": held.source,
        "synthetic": held.synthetic,
        "snapshot": held.snapshot and held.snapshot.published_at.isoformat(),
        "cpf": "masked",
    }


def _write(con: duckdb.DuckDBPyConnection, site: Path, held: Known, told: Told) -> dict[str, int]:
    place = site / "dados"
    place.mkdir()
    identities.prepare(con, held.present)
    if "mart.supply" in held.present:
        partners.prepare(con)
    told("orgaos")
    first = {"orgaos": orgaos.write(con, place, held.present)}
    told("suppliers")
    first["fornecedores"] = suppliers.write(con, place, held.present)
    told("municipios")
    first["municipios"] = municipios.write(con, place) if "mart.spending" in held.present else []
    told("tenders")
    opened = tenders.write(con, place) if "mart.open_tenders" in held.present else None
    counts = front.counts(con)
    told("pages")
    manifest = {
        "sintetico": held.synthetic,
        "tabelas": sorted(held.present),
        "categorias": front.categories(con, held.present),
        "mesesProvados": held.months(),
        "primeiros": first,
        "arquivosDeBusca": search_index.write(con, place),
        "sinais": flags.defined(con) if "mart.red_flags" in held.present else None,
        "abertas": opened,
        "quantos": counts,
    }
    (place / "painel.js").write_bytes(script("painel", data(manifest)))
    (place / "capa.js").write_bytes(script("capa", data(_front(con, held))))
    (place / "sinais.js").write_bytes(script("sinais", data(_flags(con, held))))
    pages.write(site, held)
    return {**counts, "abertas": opened["quantas"] if opened else 0}


def _flags(con: duckdb.DuckDBPyConnection, held: Known) -> dict[str, Any]:
    return {
        "calculo": flags.computable(con) if "mart.flag_computability" in held.present else None,
        "orgaos": flags.orgaos(con) if "mart.red_flags" in held.present else {},
    }


def _front(con: duckdb.DuckDBPyConnection, held: Known) -> dict[str, Any]:
    return {
        **front.totals(con, held.present),
        "calendario": [one.as_json() for one in held.calendar.listings],
    }
