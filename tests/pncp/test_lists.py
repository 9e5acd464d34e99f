import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from baliza.pncp.client import Client, RequestFailedError
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.lists import PAGES_WORTH_WALKING, ListWalker
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Silent
from baliza.pncp.reception import Reception
from baliza.pncp.walk import Walk
from baliza.warehouse.landing import Request, Window
from baliza.warehouse.page import PageReader

DAY = Window("contratos", "", date(2025, 3, 10), date(2025, 3, 10))
MONTH = Window("contratos", "cnpj=11111111000191", date(2025, 3, 1), date(2025, 3, 31))


def row(key: str, day: str = "2025-03-10", cnpj: str | None = "11111111000191") -> dict[str, Any]:
    return {
        "numeroControlePNCP": key,
        "dataPublicacaoPncp": f"{day}T10:00:00",
        "orgaoEntidade": {"cnpj": cnpj},
    }


def listing(count: int, **change: Any) -> Callable[[int], dict[str, Any]]:
    """A well-behaved listing of so many records, ten to a page."""

    def page(number: int) -> dict[str, Any]:
        keys = range((number - 1) * 10, min(number * 10, count))
        return {"data": [row(f"{key}", **change) for key in keys], "totalRegistros": count}

    return page


@pytest.fixture
def walk(reader: PageReader, small_pages: Endpoint, tmp_path: Path) -> Callable[..., Walk]:
    """Walk a window once over pages made by a function of their number."""

    def walking(
        window: Window,
        pages: Callable[[int], Any],
        endpoint: Endpoint = small_pages,
        lanes: int | None = None,
    ) -> Walk:
        walk.asked, walk.evidence, walk.told = [], [], []

        def answer(request: httpx.Request) -> httpx.Response:
            walk.asked.append(dict(request.url.params))
            reply = pages(int(request.url.params["pagina"]))
            return httpx.Response(200, json=reply) if isinstance(reply, dict) else reply

        async def asking() -> Walk:
            evidence: list[Request] = walk.evidence
            async with Client(
                "http://x",
                pace=Pace(max_rps=0, max_in_flight=2),
                first_request_id=7,
                progress=Silent(),
                transport=httpx.MockTransport(answer),
            ) as client:
                reception = Reception(client, endpoint, reader, tmp_path, walk.told.append)
                return await ListWalker(reception, endpoint.page_size or 1, lanes).walk(window, evidence)

        return asyncio.run(asking())

    walk = walking
    return walking


def test_every_page_is_asked_for_once_and_put_on_disk(walk: Any, tmp_path: Path):
    walked = walk(DAY, listing(25))
    assert (walked.total, len(walked.days), walked.received, walked.failure) == (25, 25, 25, None)
    assert sorted(page.number for page in walked.pages) == [1, 2, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{n:012d}.json" for n in (7, 8, 9)]
    assert sorted(walk.told) == [5, 10, 10]
    assert [request.outcome for request in walk.evidence] == ["records"] * 3


def test_what_is_asked(walk: Any):
    walk(MONTH, listing(3))
    assert walk.asked == [
        {
            "dataInicial": "20250301",
            "dataFinal": "20250331",
            "pagina": "1",
            "tamanhoPagina": "10",
            "cnpjOrgao": "11111111000191",
        }
    ]
    walk(DAY, listing(3))
    assert "cnpjOrgao" not in walk.asked[0]


@pytest.mark.parametrize(
    ("window", "count", "asked"),
    [
        pytest.param(MONTH, 10 * PAGES_WORTH_WALKING, PAGES_WORTH_WALKING, id="several days, few pages"),
        pytest.param(MONTH, 10 * PAGES_WORTH_WALKING + 1, 1, id="several days, many pages: not walked"),
        pytest.param(
            DAY,
            10 * PAGES_WORTH_WALKING + 1,
            PAGES_WORTH_WALKING + 1,
            id="one day is walked whatever it holds",
        ),
        pytest.param(DAY, 1200, 120, id="more pages than are queued together"),
    ],
)
def test_how_far_a_walk_goes(walk: Any, window: Window, count: int, asked: int):
    walk(window, listing(count))
    assert len(walk.asked) == asked


def test_nothing_there(walk: Any):
    walked = walk(DAY, lambda _: httpx.Response(204))
    assert (walked.is_empty, walked.total, walk.asked[0]["pagina"]) == (True, None, "1")


def test_a_false_empty_in_the_middle_is_asked_again(walk: Any):
    lies = iter([True])
    walked = walk(DAY, lambda n: httpx.Response(204) if n == 2 and next(lies, False) else listing(25)(n))
    assert (walked.total, len(walked.days)) == (25, 25)


def test_a_page_past_a_moving_end_makes_the_walk_incomparable(walk: Any):
    walked = walk(DAY, lambda n: httpx.Response(204) if n == 3 else listing(25)(n))
    assert (walked.total, walked.totals, len(walked.days)) == (None, {0, 25}, 20)


@pytest.mark.usefixtures("impatient")
def test_a_later_page_that_fails_is_said_and_the_others_are_kept(walk: Any):
    walked = walk(DAY, lambda n: httpx.Response(500) if n == 2 else listing(25)(n))
    assert walked.failure.startswith("page 2 of 10 records: 500")
    assert len(walked.days) == 15


@pytest.mark.usefixtures("impatient")
def test_without_a_first_page_there_is_no_walk(walk: Any):
    with pytest.raises(RequestFailedError, match="500"):
        walk(DAY, lambda _: httpx.Response(500))


@pytest.mark.parametrize(
    ("window", "record", "stray"),
    [
        pytest.param(DAY, row("a", "2025-03-11"), "a of 2025-03-11", id="the day after"),
        pytest.param(DAY, row("a", "2025-03-09"), "a of 2025-03-09", id="the day before"),
        pytest.param(MONTH, row("a", "2025-03-31"), None, id="the last day is inside"),
        pytest.param(MONTH, row("a", "2025-03-01"), None, id="the first day is inside"),
        pytest.param(
            MONTH, row("a", cnpj="99999999000191"), "not of cnpj=11111111000191", id="another órgão"
        ),
        pytest.param(DAY, row("a", cnpj="99999999000191"), None, id="any órgão where none was asked for"),
        pytest.param(MONTH, row("a", cnpj=None), None, id="of no known órgão"),
        pytest.param(DAY, row("a", "2025-13-10"), None, id="unreadable day"),
    ],
)
def test_records_outside_what_was_asked(
    walk: Any, tmp_path: Path, window: Window, record: Any, stray: str | None
):
    walked = walk(window, lambda _: {"data": [row("ok"), record], "totalRegistros": 2})
    if stray is None:
        assert walked.stray is None
        assert len(walked.days) == 2
    else:
        assert stray in walked.stray
        assert (walked.pages, list(tmp_path.iterdir()), walked.is_empty) == ([], [], False)


def test_after_a_stray_no_more_is_asked(walk: Any):
    walk(DAY, lambda n: listing(600, day="2025-03-10" if n == 1 else "2025-03-11")(n))
    assert len(walk.asked) < 20


def test_a_defect_keeps_its_key_and_a_day_only_inside_the_window(walk: Any):
    bad = [row("in", "2025-03-05"), row("out", "1025-03-05"), row("none", "2025-02-30"), row("keyless")]
    for record in bad:
        record["receita"] = "sim"
    bad[-1]["numeroControlePNCP"] = " "
    walked = walk(MONTH, lambda _: {"data": bad, "totalRegistros": 4})
    assert walked.days == {"in": "2025-03-05", "out": "", "none": ""}
    assert (walked.received, len(walked.defects), len(walked.keyless)) == (4, 4, 1)
    assert walked.pages[0].received == 0
