"""What PNCP's public API says to a request, faults that strike at random aside."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from baliza.simulator.endpoints import HELD, LISTED, Held, Listed
from baliza.simulator.faults import Faults
from baliza.simulator.listings import Listing
from baliza.simulator.queries import Query, Refusal, read_page, read_query
from baliza.simulator.replies import NO_CONTENT, Answer, json_answer, refusal
from baliza.simulator.walks import Walks

Record = dict[str, Any]
Records = Iterable[Record] | Mapping[str, Sequence[Record]]
"""What an endpoint shows: records, or for those asked by a parent, the records of each."""

COUNT = "/quantidade"
NUMBERS = ("ano", "sequencial", "numeroItem")
"""Variables of paths that are numbers, written there without padding."""


def _pattern(path: str) -> re.Pattern[str]:
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace(f"{{{name}}}", f"(?P<{name}>{'[0-9]+' if name in NUMBERS else '[^/]+'})")
    return re.compile(path)


_LISTED = {endpoint.path: endpoint for endpoint in LISTED}
_HELD = [(_pattern(endpoint.path), endpoint) for endpoint in HELD]


class Archive:
    """The records behind the API, and how it pages through them.

    Args:
        records: in PNCP's shape, keyed by endpoint id (see `endpoints`); an endpoint not named has none. Each
            is read the first time its endpoint is asked.
        faults: of which `lost`, `drift`, `cap` and `ignored_filters` change what pages hold.
        seed: the simulator's seed.
    """

    def __init__(self, records: Mapping[str, Records], faults: Faults | None = None, seed: int = 0) -> None:
        self._records: Mapping[str, Records] = records
        self._updated: dict[str, Records] = {}
        self._listings: dict[str, Listing] = {}
        self._parents: dict[str, Mapping[str, Sequence[Record]]] = {}
        self._faults = faults or Faults()
        self._walks = Walks(self._faults, seed)
        self._lock = threading.RLock()

    def update(self, endpoint: str, records: Records) -> None:
        """Replace everything an endpoint shows."""
        with self._lock:
            self._updated[endpoint] = records
            self._listings.pop(endpoint, None)
            self._parents.pop(endpoint, None)

    def answer(self, path: str, params: Mapping[str, str]) -> Answer:
        """Answer a request: an envelope or a bare value, nothing, or a refusal.

        Args:
            path: path of the request, without the query.
            params: name and text of each query parameter.

        Returns:
            The answer. Rows that match nothing, and pages past the end, are what the endpoint's table entry
            says of nothing: 204 without a body, mostly.
        """
        try:
            listed = _LISTED.get(path)
            if listed is not None:
                return self._listed(listed, params, path)
            for pattern, held in _HELD:
                found = pattern.fullmatch(path.removesuffix(COUNT) if held.paged else path)
                if found:
                    counted = held.paged and path.endswith(COUNT)
                    return self._held(held, found.groupdict(), params, path, counted=counted)
        except Refusal as refused:
            return refusal(refused.status, refused.message, path)
        return refusal(HTTPStatus.NOT_FOUND, f"No message available for {path}", path)

    def _listed(self, endpoint: Listed, params: Mapping[str, str], path: str) -> Answer:
        query = read_query(endpoint, params)
        ignored = self._faults.ignored_filters
        asked = {name: text for name, text in query.filters.items() if name not in ignored}
        window = self._listing(endpoint).window(query.first, query.last, asked)
        narrowed = " ".join(str(asked.get(name)) for name in endpoint.filters)
        name = f"{endpoint.id} {query.first} {query.last} {narrowed}"
        total, size, positions = self._page(name, query, window.total)
        rows = window.take(positions)
        if not rows:
            if endpoint.nothing is None:
                return NO_CONTENT
            return refusal(HTTPStatus.NOT_FOUND, endpoint.nothing, path)
        pages = -(-total // size)
        envelope = {
            "data": _imploded(rows, endpoint) if endpoint.exploded else rows,
            "totalRegistros": total,
            "totalPaginas": pages,
            "numeroPagina": query.pagina,
            "paginasRestantes": pages - query.pagina,
            "empty": False,
        }
        return json_answer(HTTPStatus.OK, envelope)

    def _held(
        self,
        endpoint: Held,
        variables: dict[str, str],
        params: Mapping[str, str],
        path: str,
        *,
        counted: bool,
    ) -> Answer:
        numbers = {name: int(text) for name, text in variables.items() if name in NUMBERS}
        parent = endpoint.parent.format(**{**variables, **numbers})
        rows = self._children(endpoint).get(parent)
        if rows is None and endpoint.unknown is not None:
            return refusal(HTTPStatus.NOT_FOUND, endpoint.unknown, path)
        rows = rows or []
        if endpoint.single:
            return json_answer(HTTPStatus.OK, rows[0])
        if counted:
            return json_answer(HTTPStatus.OK, len(rows))
        if endpoint.paged:
            _, _, positions = self._page(f"{endpoint.id} {parent}", read_page(params), len(rows))
            return json_answer(HTTPStatus.OK, [rows[position] for position in positions])
        if "numeroItem" in numbers:
            rows = [row for row in rows if row["numeroItem"] == numbers["numeroItem"]]
        return json_answer(HTTPStatus.OK, rows) if rows else NO_CONTENT

    def _page(self, name: str, query: Query, total: int) -> tuple[int, int, list[int] | range]:
        """Return the total to announce, the rows of a page as served, and those of this page."""
        size = min(query.size, self._faults.cap or query.size)
        total, positions = self._walks.positions(f"{name} {size}", query.pagina, size, total)
        return total, size, positions

    def _shown(self, endpoint: Listed | Held) -> Records:
        known = self._updated if endpoint.id in self._updated else self._records
        return known.get(endpoint.id, ())

    def _listing(self, endpoint: Listed) -> Listing:
        with self._lock:
            if endpoint.id not in self._listings:
                shown = cast("Iterable[Record]", self._shown(endpoint))
                self._listings[endpoint.id] = Listing(endpoint, shown)
            return self._listings[endpoint.id]

    def _children(self, endpoint: Held) -> Mapping[str, Sequence[Record]]:
        with self._lock:
            if endpoint.id not in self._parents:
                shown = self._shown(endpoint)
                if not isinstance(shown, Mapping):
                    shown = {record["numeroControlePNCP"]: [record] for record in shown}
                self._parents[endpoint.id] = shown
            return self._parents[endpoint.id]


def _imploded(rows: list[Record], endpoint: Listed) -> list[Record]:
    """Put elements of one record back together: the record shows, on each page, those that fall in it."""
    name, together = str(endpoint.exploded), dict[str, Record]()
    for row in rows:
        known = together.setdefault(row[endpoint.key[0]], row | {name: []})
        known[name].extend(row[name])
    return list(together.values())
