"""The proof of one day against a scripted PNCP: each script is what page 1, 2... of each walk answers."""

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from baliza.pncp.client import Client
from baliza.pncp.endpoints import Endpoint
from baliza.pncp.lists import ListWalker
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Silent
from baliza.pncp.proof import MAX_WALKS, Proof, Prover
from baliza.pncp.reception import Reception
from baliza.warehouse.landing import Window
from baliza.warehouse.page import PageReader

DAY = date(2025, 3, 10)
NOTHING = httpx.Response(204)
ALPHABET = "abcdefghijklmnopqrst"


def page(keys: str, total: int) -> dict[str, Any]:
    """A page of one record per letter; a capital letter cannot be typed, and `?` has no key."""
    return {
        "data": [
            {
                "numeroControlePNCP": None if key == "?" else key.lower(),
                "dataPublicacaoPncp": f"{DAY}T10:00:00",
                "receita": "sim" if key.isupper() else False,
            }
            for key in keys
        ],
        "totalRegistros": total,
    }


@pytest.fixture
def prove(reader: PageReader, small_pages: Endpoint, tmp_path: Path) -> Callable[..., tuple[Proof, int]]:
    """Prove one day; each walk is a list of answers, one per page, and the last walk goes on for ever."""

    def proving(*walks: list[Any]) -> tuple[Proof, int]:
        begun = 0

        def answer(request: httpx.Request) -> httpx.Response:
            nonlocal begun
            number = int(request.url.params["pagina"])
            begun += number == 1
            reply = walks[min(begun, len(walks)) - 1][number - 1]
            return (
                httpx.Response(200, json=reply)
                if isinstance(reply, dict)
                else httpx.Response(reply.status_code)
            )

        async def asking() -> Proof:
            pace = Pace(max_rps=0, max_in_flight=1)
            transport = httpx.MockTransport(answer)
            async with Client(
                "http://x",
                pace=pace,
                first_request_id=1,
                progress=Silent(),
                transport=transport,
            ) as client:
                reception = Reception(client, small_pages, reader, tmp_path, lambda _: None)
                prover = Prover(small_pages, ListWalker(reception, 10))
                return await prover.prove(Window("contratos", "", DAY, DAY))

        return asyncio.run(asking()), begun

    return proving


def told(proof: Proof) -> tuple[Any, ...]:
    (cell,) = proof.landing.cells
    return cell.status, cell.expected, cell.landed


FIRST, SECOND = ALPHABET[:10], ALPHABET[10:15]


@pytest.mark.parametrize(
    ("walks", "cell", "begun"),
    [
        pytest.param([[page("abc", 3)]], ("complete", 3, 3), 1, id="one page"),
        pytest.param([[page(FIRST, 15), page(SECOND, 15)]], ("complete", 15, 15), 1, id="two pages"),
        pytest.param(
            [[page(FIRST, 15), page("abklm", 15)], [page(FIRST, 15), page("klmno", 15)]],
            ("complete", 15, 15),
            2,
            id="rows agree and keys do not: walked again",
        ),
        pytest.param(
            [[page(FIRST, 15), page("abcde", 15)]],
            ("short", 15, 10),
            13,
            id="five never come, and it is said",
        ),
        pytest.param(
            [[page(FIRST, 16), page(SECOND, 15)], [page(FIRST, 15), page(SECOND, 15)]],
            ("complete", 15, 15),
            2,
            id="the total moves under the first walk, which does not count",
        ),
        pytest.param(
            [[page(FIRST, 16), page(SECOND, 16)], [page(FIRST, 15), page(SECOND, 15)]],
            ("complete", 15, 15),
            2,
            id="the total moves between walks",
        ),
        pytest.param(
            [[page(FIRST, 15), page("klmna", 15)], [page("pbcdefghij", 15), page("klmnq", 15)]],
            ("complete", 15, 15),
            2,
            id="records go and others come while the total stays",
        ),
        pytest.param(
            [[page(FIRST, 15), NOTHING], [page(FIRST, 15), page(SECOND, 15)]],
            ("complete", 15, 15),
            2,
            id="the end moves before page two",
        ),
        pytest.param([[page("abCD", 4)]], ("complete", 4, 4), 1, id="in quarantine with a key is landed"),
        pytest.param([[page("abc?", 4)]], ("short", 4, 3), 1, id="in quarantine without a key is not"),
        pytest.param([[NOTHING]], ("empty", 0, 0), 2, id="empty, said twice"),
        pytest.param([[NOTHING], [page("abc", 3)]], ("complete", 3, 3), 2, id="empty once is not believed"),
        pytest.param(
            [[page(FIRST, 15), page("abcde", 15)], [NOTHING]],
            ("failed", 15, 10),
            3,
            id="empty after records is not believed either",
        ),
        pytest.param(
            [[NOTHING], [page(FIRST, 15), page("abcde", 15)], [NOTHING], [page(FIRST, 15), page(SECOND, 15)]],
            ("complete", 15, 15),
            4,
            id="empties that do not follow each other do not add up",
        ),
        pytest.param([[page("abcd", 3)]], ("failed", 3, 4), 6, id="more keys than the total"),
        pytest.param(
            [[page(FIRST, 15), page(SECOND, 14)], [page(FIRST, 14), page(SECOND, 15)]],
            ("failed", None, 15),
            5,
            id="the total never stays",
        ),
    ],
)
def test_one_day(prove: Callable[..., Any], walks: list[Any], cell: tuple[Any, ...], begun: int):
    proof, walked = prove(*walks)
    assert (told(proof), walked) == (cell, begun)
    assert proof.failed == (cell[0] == "failed")
    assert (proof.landing.cells[0].reason is None) == (cell[0] in {"complete", "empty"})


@pytest.mark.parametrize(
    ("walks", "reason"),
    [
        pytest.param([[page(FIRST, 15), page("abcde", 15)]], "5 never came in 13 walks", id="missing"),
        pytest.param([[page("abc?", 4)]], "1 in quarantine without a key", id="without a key"),
        pytest.param([[page("ab?", 4)]], "1 never came in 2 walks; 1 in quarantine without a key", id="both"),
        pytest.param([[page("abcd", 3)]], "4 keys came, though totalRegistros is 3", id="too many"),
        pytest.param(
            [[page(FIRST, 15), page(SECOND, 14)]], "totalRegistros kept moving (14, 15)", id="moving"
        ),
        pytest.param(
            [[page(FIRST, 15), page("abcde", 15)], [NOTHING]],
            "PNCP says that there is nothing, after it had shown 15 records",
            id="gone",
        ),
    ],
)
def test_the_reason_says_what_is_wrong(prove: Callable[..., Any], walks: list[Any], reason: str):
    assert prove(*walks)[0].landing.cells[0].reason == reason


def test_the_cell_counts_everything_that_came(prove: Callable[..., Any], tmp_path: Path):
    proof, _ = prove([page(FIRST, 15), page("abkLM", 15)], [page(FIRST, 15), page("kLMno", 15)])
    (cell,) = proof.landing.cells
    assert (cell.status, cell.walks, cell.pages, cell.repeats, cell.quarantined) == ("complete", 2, 4, 15, 2)
    assert (proof.landing.received, len(proof.landing.defects)) == (30, 4)
    assert [page.path.name for page in proof.landing.pages] == [f"{n:012d}.json" for n in (1, 2, 3, 4)]
    assert {path.name for path in tmp_path.iterdir()} == {page.path.name for page in proof.landing.pages}


def test_walks_end_even_if_each_brings_one_more(prove: Callable[..., Any]):
    walks = [[page(ALPHABET[n] + "qrstuvwxy"[:9], 30), *[page(ALPHABET[n], 30)] * 2] for n in range(20)]
    proof, walked = prove(*walks)
    assert walked == MAX_WALKS
    assert told(proof)[:2] == ("short", 30)


@pytest.mark.usefixtures("impatient")
def test_a_page_that_never_comes_is_walked_to_twice(prove: Callable[..., Any]):
    proof, walked = prove([page(FIRST, 15), httpx.Response(500)])
    assert (told(proof), walked) == (("failed", 15, 10), 2)
    assert proof.landing.cells[0].reason.startswith("page 2 of 10 records: 500")


@pytest.mark.usefixtures("impatient")
def test_what_a_broken_walk_brought_still_counts(prove: Callable[..., Any]):
    broken = [page(FIRST, 25), page(ALPHABET[10:], 25), httpx.Response(500)]
    proof, walked = prove(broken, [page(FIRST, 25), page(FIRST, 25), page("uvwxy", 25)])
    assert (told(proof), walked) == (("complete", 25, 25), 2)
