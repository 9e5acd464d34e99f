"""Every endpoint under every kind of bad day: no cell may be called proven that is not, against the ground truth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from baliza.build import fetching
from baliza.build.period import Period, today
from baliza.build.raw_tables import raw_table
from baliza.build.scope import Scope
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.job import Job
from baliza.simulator import endpoints as simulated
from baliza.simulator.faults import CALM, STORM, UNSTABLE, Faults
from baliza.simulator.server import Simulator
from baliza.simulator.world import world
from baliza.warehouse.landing import Landing, Request, SpooledPage, Window, land
from baliza.warehouse.page import PageReader

FIRST, LAST = date(2025, 3, 10), date(2025, 3, 14)
MODALIDADES = (6, 8, 10)
CLASSE, USUARIO = "859", "3"
PARENTS = 25
"""Purchases or contracts whose details are asked for."""

KINDS = {
    "calm": CALM,
    "storm": replace(STORM, lost=(0.1, 0.2)),
    "unstable order": UNSTABLE,
    "drift": Faults(drift=0.2, lost=(0.05, 0.1)),
    "false empties": Faults(false_empty=0.03),
}
QUICK = {
    ("contratacoes_publicacao", "storm"),
    ("contratacoes_proposta", "false empties"),
    ("contratos_atualizacao", "drift"),
    ("pca_atualizacao", "unstable order"),
    ("itens", "storm"),
}
"""Those of the default suite."""

CASES = [
    pytest.param(endpoint, kind, id=f"{endpoint}, {kind}",
                 marks=() if (endpoint, kind) in QUICK else pytest.mark.slow)
    for endpoint in ENDPOINTS for kind in KINDS
]  # fmt: skip

Cells = dict[tuple[int, str, date], set[str]]


@cache
def everything() -> Mapping[str, Any]:
    """What the simulated PNCP holds; amendments are of the few contracts that have some, here of every one."""
    records = dict(world(seed=7, since=FIRST, until=LAST, per_day=60))
    records["termos"] = {
        contract["numeroControlePNCP"]: [
            {"sequencialTermoContrato": n + 1, "objetoTermoContrato": f"Termo {n}", "valorGlobal": n + 0.07}
            for n in range(number % 13)
        ]
        for number, contract in enumerate(records["contratos"])
    }
    return records


@dataclass(frozen=True)
class Asked:
    """What is asked of an endpoint, and what PNCP has of it, record by record, by cell of the ledger."""

    jobs: Sequence[Job]
    cells: Cells
    bodies: Sequence[tuple[bytes, str | None]]


def asked(con: Any, endpoint: Endpoint) -> Asked:
    if endpoint.cell == "parent":
        return of_parents(endpoint)
    source = simulated.ENDPOINTS["pca" if endpoint.id == "pca_classe" else endpoint.id]
    records = simulated.exploded(source, everything()[source.id])
    filters, cells, period = (), {}, Period(FIRST, LAST)
    if endpoint.cell == "day":
        days = sorted(filter(None, (simulated.day_of(source, one) for one in records)))
        busiest = date.fromisoformat(max(set(days), key=days.count))
        period = Period(busiest - timedelta(days=1), busiest + timedelta(days=1))
    elif endpoint.cell == "year":
        kind, value = ("classe", CLASSE) if endpoint.id == "pca_classe" else ("usuario", USUARIO)
        filters = ((kind, value),)
        matches = source.filters[endpoint.filters[kind].parameter]
        records = [one for one in records if matches(one, value) and one["anoPca"] == FIRST.year]
    modalidades = MODALIDADES if endpoint.modalidade else (0,)
    slice_ = f"{filters[0][0]}={filters[0][1]}" if filters else ""
    shown = []
    for modalidade in modalidades:
        for day in days_of(endpoint, period):
            here = [
                one
                for one in records
                if (not modalidade or one["modalidadeId"] == modalidade) and is_of(endpoint, source, one, day)
            ]
            cells[modalidade, slice_, day] = {simulated.key_of(source, one) for one in here}
            shown += here
    scope = Scope(period, filters, modalidades if endpoint.modalidade else ())
    envelope = {"data": shown, "totalRegistros": len(shown)}
    return Asked(fetching.plan(con, [endpoint], scope).jobs, cells, [(json.dumps(envelope).encode(), None)])


def days_of(endpoint: Endpoint, period: Period) -> list[date]:
    if endpoint.cell == "snapshot":
        return [today()]
    if endpoint.cell == "year":
        return [date(period.since.year, 1, 1)]
    return [period.since + timedelta(days=n) for n in range((period.until - period.since).days + 1)]


def is_of(endpoint: Endpoint, source: Any, record: dict[str, Any], day: date) -> bool:
    """Whether PNCP shows a record under a day."""
    if endpoint.cell in {"snapshot", "year"}:
        return True
    first, last = source.span
    return bool(record.get(first)) and record[first][:10] <= day.isoformat() <= record[last][:10]


def of_parents(endpoint: Endpoint) -> Asked:
    """Details of the parents with most of them, and of some that have none."""
    held = everything()[endpoint.id]
    if not isinstance(held, Mapping):
        held = {one["numeroControlePNCP"]: [one] for one in held}
    least = sorted(everything()["itens"] if endpoint.parents == "contratacoes" else held)
    fullest = sorted(held, key=lambda parent: (-len(held[parent]), parent))
    chosen = sorted({*fullest[: PARENTS - 5], *least[:5]})
    windows, cells = [], {}
    for parent in chosen:
        rows = held.get(parent, [])
        numbers = sorted({item["numeroItem"] for item in everything()["itens"].get(parent, [])})
        items = tuple(numbers) if endpoint.id == "resultados" else ()
        windows.append(Window(endpoint.id, parent, FIRST, FIRST, items=items))
        of = None if endpoint.id == "compra" else parent
        key = [name for name in endpoint.key if name != "parent_key"]
        cells[0, parent, FIRST] = {
            "/".join([*filter(None, [of]), *(str(one[name]) for name in key)]) for one in rows
        }
    bodies = []
    for parent in chosen:
        rows = held.get(parent, [])
        if rows:
            bodies.append((json.dumps(rows[0] if endpoint.shape == "object" else rows).encode(), parent))
    return Asked([Job(endpoint, raw_table(endpoint.table), windows)], cells, bodies)


def landed_directly(
    archive: Any, endpoint: Endpoint, bodies: Sequence[tuple[bytes, str | None]], now: Any
) -> set:
    """Key and hash of the records as they land without any network between."""
    table = raw_table(endpoint.table)
    shape = "page" if endpoint.shape == "plans" else endpoint.shape
    reader = PageReader(table, day_field=endpoint.day, shape=shape)
    pages = []
    for number, (body, parent) in enumerate(bodies, start=1):
        if endpoint.shape == "plans":
            # Items of the records, each beside its plan: what the reader of plans should make of them.
            rows = [{**{k: v for k, v in one.items() if k != "itens"}, **one["itens"][0]}
                    for one in json.loads(body)["data"]]  # fmt: skip
            body = json.dumps({"data": rows, "totalRegistros": len(rows)}).encode()  # noqa: PLW2901
        page = reader.read(body, parent)
        assert page.defects == []
        path = archive.path.parent / f"{number:012d}.json"
        path.write_bytes(page.body)
        request = Request(number, endpoint.id, "", now, 0.0, 200, 0, None, "records")
        pages.append(SpooledPage(path, request, number, list(page.days), page.received))
    window = Window(endpoint.id, "", FIRST, FIRST)
    received = sum(page.received for page in pages)
    land(archive.con, archive.path, table, reader, Landing(window, pages, received=received), now)
    return hashes(archive, endpoint)


def hashes(archive: Any, endpoint: Endpoint) -> set[tuple[str, Any]]:
    table = raw_table(endpoint.table)
    rows = archive.con.execute(f'SELECT {table.key_sql}, content_hash FROM raw."{table.name}"').fetchall()
    assert len(rows) == len(set(rows)), "every version once"
    return set(rows)


@pytest.mark.parametrize(("endpoint_id", "kind"), CASES)
def test_nothing_is_called_proven_that_is_not(archives: Any, endpoint_id: str, kind: str):
    archive = archives("harvested")
    # Pages of ten, the least PNCP allows, so that few records make many pages; details keep theirs but for items.
    endpoint = ENDPOINTS[endpoint_id]
    endpoint = replace(endpoint, page_size=10 if endpoint.page_size else None)
    wanted = asked(archive.con, endpoint)
    with Simulator(everything(), KINDS[kind], seed=3) as simulator:
        # False empties twice in a row cannot be told from emptiness: one at a time, and so the same every time.
        archive.run(simulator.url, wanted.jobs, max_in_flight=1 if kind == "false empties" else 2)
    found = {
        (modalidade, slice_, day): (status, expected, landed)
        for modalidade, slice_, day, status, expected, landed in archive.con.execute(
            "SELECT modalidade, slice, day, status, expected, landed FROM meta.coverage"
        ).fetchall()
    }
    assert set(found) == set(wanted.cells)
    versions = hashes(archive, endpoint)
    there = {key for key, _ in versions}
    proven = {cell for cell, (status, *_) in found.items() if status in {"complete", "empty"}}
    false = {
        cell
        for cell in proven
        if not (found[cell][1] == found[cell][2] == len(wanted.cells[cell]) and wanted.cells[cell] <= there)
        or (found[cell][0] == "empty") != (not wanted.cells[cell])
    }
    rows = sum(len(keys) for keys in wanted.cells.values())
    figures = [endpoint_id, kind, len(found), len(proven), len(false), rows, len(simulator.requests)]
    print("MATRIX", *figures, sep=";")  # noqa: T201  shown by -rP
    assert false == set()
    assert rows > 0
    now = archive.con.execute("SELECT max(requested_at) FROM meta.requests").fetchone()[0]
    expected = landed_directly(archives("direct"), endpoint, wanted.bodies, now)
    assert versions <= expected
    if kind != "drift":
        assert proven == set(found)
        assert versions == expected
    assert archive.leftovers() == []
