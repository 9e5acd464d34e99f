"""From what is asked for to the windows still to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb

from baliza.build.period import today
from baliza.build.raw_tables import raw_table
from baliza.build.scope import Scope, check, modalidades_of
from baliza.errors import UsageError
from baliza.language import _, number
from baliza.pncp import query
from baliza.pncp.endpoints import ENDPOINTS, Endpoint
from baliza.pncp.job import Job
from baliza.pncp.windows import windows
from baliza.warehouse import ledger, parents
from baliza.warehouse.landing import Window
from baliza.warehouse.ledger import Coverage

PURCHASE_FIELDS = {
    kind: filter_.fields for kind, filter_ in ENDPOINTS["contratacoes_publicacao"].filters.items()
}


@dataclass(frozen=True)
class Plan:
    """What is to be fetched.

    Attributes:
        notes: what the user should know of how it is asked.
        is_whole: whether it asks for all that was wanted; details need parents that the file knows already.
    """

    jobs: list[Job]
    notes: list[str] = field(default_factory=list)
    is_whole: bool = True


def plan(
    con: duckdb.DuckDBPyConnection, endpoints: Sequence[Endpoint], scope: Scope, *, widest: int | None = None
) -> Plan:
    """The windows still to be fetched of these endpoints, none of them if all is proven.

    Args:
        con: the file.
        endpoints: in the order they are asked.
        scope: with its days.
        widest: days per window, where it is not the endpoint's own business.

    Raises:
        UsageError: an endpoint cannot be narrowed so.
    """
    jobs, notes, unknown = [], [], []
    for endpoint in endpoints:
        check(endpoint, scope)
        slices, note = slices_of(con, endpoint, scope)
        notes += note
        missing = _missing(con, endpoint, scope, slices, widest)
        if endpoint.cell == "snapshot":
            notes.append(
                _("{endpoint}: open proposals are of today, whatever days are asked for.").format(
                    endpoint=endpoint.id
                )
            )
        if not missing:
            unknown += _unknown_parents(con, endpoint, scope)
        unknown += _unknown_results(con, endpoint, scope)
        jobs.append(Job(endpoint, raw_table(endpoint.table), missing))
    return Plan(jobs, notes + unknown, is_whole=not unknown)


def slices_of(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, scope: Scope
) -> tuple[list[str], list[str]]:
    """The slices an endpoint is asked for, and what is to be said of them.

    Raises:
        UsageError: a municipality whose órgãos are not known yet.
    """
    municipios = [value for kind, value in scope.filters if kind == "municipio"]
    if not municipios or "municipio" in endpoint.filters or endpoint.cell == "parent":
        return scope.slices, []
    slices, notes = [], []
    for codigo in municipios:
        cnpjs = parents.orgaos_of_municipio(con, codigo)
        if not cnpjs:
            raise UsageError(
                "The endpoint {endpoint} was to be narrowed to the municipality {codigo}.",
                "PNCP narrows it by órgão only, and the file names no municipal órgão of {codigo} yet.",
                "Fetch its purchases first: baliza harvest --endpoint contratacoes_publicacao --municipio "
                "{codigo} --since DATE",
                endpoint=endpoint.id,
                codigo=codigo,
            )
        slices += [query.slice_of("cnpj", cnpj) for cnpj in cnpjs]
        told = _(
            "{endpoint} has no filter by municipality: {codigo} is asked for as its {n} municipal órgãos, as "
            "the purchases and contracts in the file name them."
        )
        notes.append(told.format(endpoint=endpoint.id, codigo=codigo, n=number(len(cnpjs))))
    # A consortium of municipalities is asked for once.
    return list(dict.fromkeys(slices)), notes


def coverage(
    con: duckdb.DuckDBPyConnection,
    endpoints: Sequence[Endpoint],
    scope: Scope,
    *,
    with_snapshots: bool = False,
) -> Coverage:
    """What is proven of what was asked for.

    Args:
        con: the file.
        endpoints: asked for.
        scope: asked for.
        with_snapshots: count today's snapshot in; of a period nothing is missing without it.
    """
    found = Coverage({}, 0, 0, [])
    for endpoint in endpoints:
        if endpoint.cell == "snapshot" and not with_snapshots:
            continue
        if scope.period is None:
            found += ledger.known_coverage(con, endpoint.id)
        elif endpoint.cell == "parent":
            found += ledger.add_up([parent.cell for parent in _find(con, endpoint, _wanted(scope))])
        else:
            slices, _ = slices_of(con, endpoint, scope)
            for since, until in _spans(endpoint, scope):
                modalidades = modalidades_of(endpoint, scope)
                found += ledger.coverage(con, endpoint.id, slices, since, until, modalidades)
    return found


def known_details(con: duckdb.DuckDBPyConnection, endpoint: Endpoint) -> Job:
    """The details that were once asked for and are open, or whose parent has changed since."""
    wanted = parents.Wanted(date.min, date.max, known_to=endpoint.id)
    return Job(endpoint, raw_table(endpoint.table), _windows_of_parents(_find(con, endpoint, wanted)))


def _missing(
    con: duckdb.DuckDBPyConnection, endpoint: Endpoint, scope: Scope, slices: list[str], widest: int | None
) -> list[Window]:
    if endpoint.cell == "parent":
        return _windows_of_parents(_find(con, endpoint, _wanted(scope)))
    found = []
    for modalidade in modalidades_of(endpoint, scope):
        for slice_ in slices:
            days = [
                day
                for since, until in _spans(endpoint, scope)
                for day in ledger.open_days(con, endpoint.id, slice_, since, until, modalidade)
            ]
            found += windows(endpoint, slice_, days, modalidade=modalidade, widest=widest)
    # By day first: an interruption leaves whole days behind, not whole modalidades.
    return sorted(found, key=lambda window: window.since)


def _spans(endpoint: Endpoint, scope: Scope) -> list[tuple[date, date]]:
    """First and last day of the runs of cells that a scope is of."""
    period = scope.period
    if endpoint.cell == "snapshot":
        day = scope.snapshot or today()
        return [(day, day)]
    if period is None:
        return []
    if endpoint.cell == "year":
        years = range(period.since.year, period.until.year + 1)
        return [(date(year, 1, 1), date(year, 1, 1)) for year in years]
    return [(period.since, period.until)]


def _find(con: duckdb.DuckDBPyConnection, endpoint: Endpoint, wanted: parents.Wanted) -> list[parents.Parent]:
    by_item = "{item}" in endpoint.path
    return parents.find(con, endpoint.parents or "", endpoint.id, wanted, by_item=by_item)


def _windows_of_parents(found: Sequence[parents.Parent]) -> list[Window]:
    return [
        Window(parent.cell.endpoint, parent.cell.slice, parent.cell.day, parent.cell.day, items=parent.items)
        for parent in found
        if parent.cell.status not in ledger.COVERED
    ]


def _wanted(scope: Scope) -> parents.Wanted:
    matches: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        (PURCHASE_FIELDS[kind], tuple(value for one, value in scope.filters if one == kind))
        for kind in dict.fromkeys(kind for kind, _ in scope.filters)
    ]
    if scope.modalidades:
        matches.append((("modalidadeId",), tuple(str(code) for code in scope.modalidades)))
    period = scope.period
    return parents.Wanted(period.since if period else date.min, period.until if period else date.max, matches)


def _unknown_parents(con: duckdb.DuckDBPyConnection, endpoint: Endpoint, scope: Scope) -> list[str]:
    """A word on details of which the file knows no parent, unless it is proven that there is none."""
    if endpoint.cell != "parent" or _find_any(con, endpoint, scope):
        return []
    (listing,) = (one for one in ENDPOINTS.values() if one.table == endpoint.parents and one.keeps_its_day)
    if coverage(con, [listing], scope).is_complete:
        return []
    told = _(
        "{endpoint}: the file knows nothing of these days to ask about. First: "
        "baliza harvest --endpoint {first}"
    )
    first = "contratos_publicacao" if listing.id == "contratos" else listing.id
    return [told.format(endpoint=endpoint.id, first=first)]


def _find_any(con: duckdb.DuckDBPyConnection, endpoint: Endpoint, scope: Scope) -> bool:
    """Whether the file knows any purchase or contract whose details are wanted, items or not."""
    return bool(parents.find(con, endpoint.parents or "", endpoint.id, _wanted(scope), by_item=False))


def _unknown_results(con: duckdb.DuckDBPyConnection, endpoint: Endpoint, scope: Scope) -> list[str]:
    """A word on purchases whose results cannot be asked for yet."""
    if "{item}" not in endpoint.path:
        return []
    unknown = parents.without_items(con, _wanted(scope))
    if not unknown:
        return []
    told = _("{endpoint}: {n} purchases have no items in the file yet (--endpoint itens fetches them).")
    return [told.format(endpoint=endpoint.id, n=number(unknown))]
