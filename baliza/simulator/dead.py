"""What always fails, whatever the hour: pages, rows and days that PNCP's database cannot read."""

from __future__ import annotations

from collections.abc import Mapping

from baliza.simulator.endpoints import LISTED
from baliza.simulator.faults import Faults

_BY_PATH = {endpoint.path: endpoint for endpoint in LISTED}


def dead(faults: Faults, path: str, params: Mapping[str, str]) -> bool:
    """Tell whether a request touches something that cannot be read.

    Args:
        faults: whose dead pages, rows and days count.
        path: path of the request; only listings asked by two dates can fail this way.
        params: its query parameters.

    Returns:
        Whether the answer is 500.
    """
    endpoint = _BY_PATH.get(path)
    begin, end = (endpoint and endpoint.days) or (None, "")
    if endpoint is None or begin is None:
        return False
    first, last, pagina = (params.get(name, "") for name in (begin, end, "pagina"))
    if any(first <= day <= last for day in faults.dead_days):
        return True
    if any((first, last, pagina) == (start, stop, str(page)) for start, stop, page in faults.dead_pages):
        return True
    return _covers_dead_row(faults, (first, last), pagina, params.get("tamanhoPagina") or endpoint.max_page)


def _covers_dead_row(faults: Faults, window: tuple[str, str], pagina: str, size: str | int) -> bool:
    positions = [position for *days, position in faults.dead_rows if tuple(days) == window]
    if not positions or not (pagina.isdecimal() and str(size).isdecimal()):
        return False
    rows = min(int(size), faults.cap or int(size))
    begin = (int(pagina) - 1) * rows
    return any(begin <= position < begin + rows for position in positions)
