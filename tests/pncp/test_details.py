"""Details of one purchase or contract: bare lists that announce no total, from servers that page in their own ways."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from baliza.build.raw_tables import raw_table
from baliza.pncp.client import Client
from baliza.pncp.details import DetailWalker
from baliza.pncp.endpoints import ENDPOINTS
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Silent
from baliza.pncp.proof import Proof, Prover
from baliza.pncp.reception import Reception
from baliza.warehouse.landing import Window
from baliza.warehouse.page import PageReader

DAY = date(2025, 3, 10)
PARENT = "05816630000152-1-000001/2025"
GONE = {
    "204": httpx.Response(204),
    "empty 200": httpx.Response(200, headers={"Content-Length": "0"}),
    "empty list": httpx.Response(200, json=[]),
    "404 of a deleted purchase": httpx.Response(404, json={"message": "Contratação não cadastrada"}),
    "404 of a purchase": httpx.Response(404, json={"message": "Compra não encontrada"}),
    "410": httpx.Response(410),
}


class Told:
    """What proving the details of one parent came to."""

    def __init__(self, proof: Proof, asked: list[httpx.URL]) -> None:
        (self.cell,) = proof.landing.cells
        self.proof = proof
        self.asked = asked
        self.status = (self.cell.status, self.cell.expected, self.cell.landed)

    @property
    def pages(self) -> list[tuple[str, str]]:
        return [(url.params["pagina"], url.params["tamanhoPagina"]) for url in self.asked]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-offs pass at once; how long they are is tested in test_pace.py."""
    sleep = asyncio.sleep
    monkeypatch.setattr("baliza.pncp.client.asyncio.sleep", lambda _: sleep(0))


@pytest.fixture
def prove(tmp_path: Path) -> Callable[..., Told]:
    """Prove the details of one parent against a server made of a function."""

    def proving(
        answer: Callable[[httpx.Request], Any],
        endpoint_id: str = "itens",
        *,
        items: tuple[int, ...] = (),
        parent: str = PARENT,
        page_size: int | None = None,
    ) -> Told:
        endpoint = ENDPOINTS[endpoint_id]
        endpoint = replace(endpoint, page_size=page_size or endpoint.page_size)
        asked: list[httpx.URL] = []

        def reply(request: httpx.Request) -> httpx.Response:
            asked.append(request.url)
            answered = answer(request)
            if isinstance(answered, httpx.Response):
                return httpx.Response(
                    answered.status_code, headers=answered.headers, content=answered.content
                )
            return httpx.Response(200, json=answered)

        async def asking() -> Proof:
            client = Client(
                "http://x",
                pace=Pace(max_rps=0, max_in_flight=1),
                first_request_id=1,
                progress=Silent(),
                transport=httpx.MockTransport(reply),
            )
            reader = PageReader(raw_table(endpoint.table), day_field=endpoint.day, shape=endpoint.shape)
            async with client:
                reception = Reception(client, endpoint, reader, tmp_path, lambda _: None)
                prover = Prover(endpoint, DetailWalker(reception, endpoint))
                return await prover.prove(Window(endpoint.id, parent, DAY, DAY, items=items))

        return Told(asyncio.run(asking()), asked)

    return proving


def paging(
    rows: list[Any], *, cap: int | None = None, ignores: bool = False
) -> Callable[[httpx.Request], Any]:
    """A server that pages these rows; with a cap of its own, or not looking at `pagina`."""

    def answer(request: httpx.Request) -> Any:
        number, size = (int(request.url.params[name]) for name in ("pagina", "tamanhoPagina"))
        size = min(size, cap or size)
        start = 0 if ignores else (number - 1) * size
        return rows[start : start + size]

    return answer


def items(count: int) -> list[dict[str, Any]]:
    return [{"numeroItem": number} for number in range(1, count + 1)]


def test_a_short_list_is_asked_for_once(prove: Callable[..., Told]):
    told = prove(paging(items(7)))
    assert told.status == ("complete", 7, 7)
    assert told.pages == [("1", "100")]
    assert told.asked[0].path == "/api/pncp/v1/orgaos/05816630000152/compras/2025/1/itens"
    assert (told.cell.slice, told.cell.day, told.cell.modalidade) == (PARENT, DAY, 0)


@pytest.mark.parametrize(
    ("count", "pages"),
    [
        pytest.param(1, 1, id="one"),
        pytest.param(19, 1, id="few"),
        pytest.param(99, 3, id="a page less one"),
        pytest.param(100, 3, id="exactly a page, whose end is said twice"),
        pytest.param(101, 4, id="a page and one"),
        pytest.param(250, 5, id="a round rest is not believed to be the last"),
        pytest.param(253, 5, id="three pages"),
        pytest.param(10, 3, id="a round number is asked about again"),
    ],
)
def test_paged_lists(prove: Callable[..., Told], count: int, pages: int):
    told = prove(paging(items(count)))
    assert told.status == ("complete", count, count)
    assert len(told.pages) == pages
    assert [number for number, _ in told.pages] == sorted(number for number, _ in told.pages)


@pytest.mark.parametrize("cap", [10, 20, 25, 50, 64])
@pytest.mark.parametrize("count", [9, 10, 35, 100, 101])
def test_a_server_that_caps_the_page_silently(prove: Callable[..., Told], cap: int, count: int):
    assert prove(paging(items(count), cap=cap)).status == ("complete", count, count)


@pytest.mark.parametrize("count", [7, 23, 99, 250, 333])
def test_a_server_that_does_not_page_is_not_asked_for_ever(prove: Callable[..., Told], count: int):
    rows = items(count)
    told = prove(lambda _: rows)
    assert told.status == ("complete", count, count)
    assert len(told.asked) <= 2


@pytest.mark.parametrize("count", [10, 25, 100])
def test_a_server_that_does_not_page_may_have_more_than_it_shows(prove: Callable[..., Told], count: int):
    rows = items(count)
    told = prove(lambda _: rows)
    assert told.status == ("failed", None, count)
    assert f"the same {count} records came as page 1 and 2" in told.cell.reason


def test_results_of_another_item_prove_nothing(prove: Callable[..., Told]):
    row = {"numeroItem": 7, "sequencialResultado": 1}
    told = prove(lambda _: [row], "resultados", items=(1,))
    assert told.cell.status == "failed"
    assert "item 1" in told.cell.reason


def test_a_list_that_lost_one_of_a_page_is_asked_to_its_end(prove: Callable[..., Told]):
    page = paging(items(250))
    told = prove(lambda request: page(request)[:99] if request.url.params["pagina"] == "1" else page(request))
    assert told.status == ("complete", 249, 249)


def test_a_number_that_is_no_control_number_fails_its_own_cell(prove: Callable[..., Told]):
    told = prove(paging(items(1)), parent="05816630000152-1-000001-2025")
    assert told.cell.status == "failed"
    assert told.asked == []


@pytest.mark.parametrize("nothing", GONE.values(), ids=GONE.keys())
def test_nothing_there_is_said_twice(prove: Callable[..., Told], nothing: httpx.Response):
    told = prove(lambda _: nothing)
    assert told.status == ("empty", 0, 0)
    assert len(told.asked) == 2


def test_a_false_empty_is_not_believed(prove: Callable[..., Told]):
    lies = iter([httpx.Response(204)])
    page = paging(items(7))
    assert prove(lambda request: next(lies, None) or page(request)).status == ("complete", 7, 7)


def test_a_false_end_of_the_pages_is_not_believed(prove: Callable[..., Told]):
    lies = iter([httpx.Response(204)])
    page = paging(items(150))
    told = prove(lambda request: (request.url.params["pagina"] == "2" and next(lies, None)) or page(request))
    assert told.status == ("complete", 150, 150)


def test_a_single_item_that_cannot_be_typed_is_complete_in_quarantine(prove: Callable[..., Told]):
    told = prove(lambda _: [{"numeroItem": 1, "valorTotal": [1]}])
    assert told.status == ("complete", 1, 1)
    assert told.cell.quarantined == 1


def test_a_page_of_nothing_but_bad_records_is_not_the_end(prove: Callable[..., Told]):
    rows = [{"numeroItem": number, "valorTotal": [1]} for number in range(1, 21)] + items(25)[20:]
    told = prove(paging(rows), page_size=10)
    assert told.status == ("complete", 25, 25)
    assert told.cell.quarantined == 20


def test_pages_in_unstable_order_are_walked_again_until_every_key_is_there(prove: Callable[..., Told]):
    rows = items(15)
    walks = [
        [rows[:10], [*rows[5:8], *rows[10:12]]],
        [rows[:10], [*rows[:2], *rows[12:15]]],
        [rows[:10], rows[10:]],
    ]
    begun = 0

    def answer(request: httpx.Request) -> Any:
        nonlocal begun
        number = int(request.url.params["pagina"])
        begun += number == 1
        return walks[min(begun, 3) - 1][number - 1] if number < 3 else []

    told = prove(answer, page_size=10)
    assert told.status == ("complete", 15, 15)
    assert begun == 2
    assert told.cell.repeats == 15


def test_lists_that_go_on_losing_are_short(prove: Callable[..., Told]):
    rows = items(15)
    told = prove(
        lambda request: {"1": rows[:10], "2": rows[5:10]}.get(request.url.params["pagina"], []), page_size=10
    )
    assert told.status == ("short", 15, 10)
    assert told.cell.reason.startswith("5 never came")


@pytest.mark.usefixtures("impatient")
def test_a_page_that_fails_leaves_the_parent_open_and_keeps_what_came(prove: Callable[..., Told]):
    page = paging(items(150))
    told = prove(
        lambda request: httpx.Response(500) if request.url.params["pagina"] == "2" else page(request)
    )
    assert told.status == ("failed", None, 100), "how many there are nobody said"
    assert told.cell.reason.startswith("500")
    assert told.proof.failed
    assert told.proof.landing.received >= 100


@pytest.mark.usefixtures("impatient")
def test_a_first_page_that_fails_is_no_emptiness(prove: Callable[..., Told]):
    told = prove(lambda _: httpx.Response(500))
    assert told.status == ("failed", None, 0)
    assert (told.proof.failed, told.proof.may_recover) == (True, True)


def test_a_wrong_address_is_no_emptiness(prove: Callable[..., Told]):
    told = prove(lambda _: httpx.Response(404, json={"message": "No message available for /x"}))
    assert told.cell.status == "failed"
    assert (told.proof.may_recover, len(told.asked)) == (False, 1)


def test_one_purchase(prove: Callable[..., Told]):
    told = prove(lambda _: {"numeroControlePNCP": PARENT, "existeResultado": True}, "compra")
    assert told.status == ("complete", 1, 1)
    assert [url.query for url in told.asked] == [b""]


def test_another_purchase_than_the_one_asked_for_proves_nothing(prove: Callable[..., Told]):
    told = prove(lambda _: {"numeroControlePNCP": PARENT.replace("000001", "000002")}, "compra")
    assert told.cell.status == "failed"


@pytest.mark.parametrize("nothing", ["204", "404 of a purchase", "410"])
def test_a_purchase_that_was_deleted(prove: Callable[..., Told], nothing: str):
    told = prove(lambda _: GONE[nothing], "compra")
    assert told.status == ("empty", 0, 0)
    assert told.proof.landing.whole is not None
    assert (told.proof.landing.whole.keys, told.proof.landing.whole.matches) == (
        {},
        ((("numeroControlePNCP",), PARENT),),
    )


def test_the_terms_of_a_contract(prove: Callable[..., Told]):
    told = prove(lambda _: [{"sequencialTermoContrato": 1}], "termos", parent=PARENT.replace("-1-", "-2-"))
    assert told.status == ("complete", 1, 1)
    assert told.asked[0].path == "/api/pncp/v1/orgaos/05816630000152/contratos/2025/1/termos"


def results(per_item: dict[int, Any]) -> Callable[[httpx.Request], Any]:
    """A server with so many results of each item, or an answer of its own."""

    def answer(request: httpx.Request) -> Any:
        number = int(re.search(r"/itens/(\d+)/resultados", request.url.path)[1])
        said = per_item[number]
        if not isinstance(said, int):
            return said
        return [{"numeroItem": number, "sequencialResultado": n + 1} for n in range(said)]

    return answer


def test_results_are_asked_item_by_item(prove: Callable[..., Told]):
    told = prove(results({1: 1, 3: 11, 7: 2}), "resultados", items=(1, 3, 7))
    assert told.status == ("complete", 14, 14)
    assert [url.path.rpartition("/itens/")[2] for url in told.asked] == [f"{n}/resultados" for n in (1, 3, 7)]
    whole = told.proof.landing.whole
    assert (len(whole.keys), whole.matches) == (14, ((("parent_key",), PARENT),))


def test_an_item_without_results_says_so_twice(prove: Callable[..., Told]):
    told = prove(results({1: 2, 3: httpx.Response(204)}), "resultados", items=(1, 3))
    assert told.status == ("complete", 2, 2)
    assert len(told.asked) == 3


def test_items_of_which_none_has_results(prove: Callable[..., Told]):
    told = prove(results({1: httpx.Response(204), 2: httpx.Response(204)}), "resultados", items=(1, 2))
    assert told.status == ("empty", 0, 0)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("failing", "landed"), [pytest.param(3, 1, id="a later item"), pytest.param(1, 0, id="the first item")]
)
def test_an_item_that_fails_leaves_the_purchase_open(prove: Callable[..., Told], failing: int, landed: int):
    said = {1: 1, 3: 1, 7: 1, failing: httpx.Response(500)}
    told = prove(results(said), "resultados", items=(1, 3, 7))
    assert told.status == ("failed", None, landed), "not complete: of the items behind it nothing is known"
    assert told.proof.landing.whole is None
    assert "500" in told.cell.reason
    assert ("item 3" in told.cell.reason) == (failing == 3)


def test_a_bad_record_does_not_hold_up_its_parent(prove: Callable[..., Told]):
    told = prove(lambda _: [{"numeroItem": 1}, {"numeroItem": 2, "valorTotal": [1]}, {"numeroItem": 3}])
    assert told.status == ("complete", 3, 3)
    assert told.cell.quarantined == 1


def test_a_record_without_a_key_leaves_it_short(prove: Callable[..., Told]):
    told = prove(lambda _: [{"numeroItem": 1}, {"numeroItem": None}, 12])
    assert told.status == ("short", 3, 1)
    assert "2 in quarantine without a key" in told.cell.reason


def test_an_array_full_of_the_same_key_is_never_complete(prove: Callable[..., Told]):
    told = prove(lambda _: [{"numeroItem": 1}, {"numeroItem": 1}])
    assert told.status == ("short", 2, 1)


def test_a_list_without_an_end_is_never_called_complete(prove: Callable[..., Told], monkeypatch: Any):
    monkeypatch.setattr("baliza.pncp.details._MAX_PAGES", 3)
    told = prove(paging(items(1000)))
    assert told.status == ("failed", None, 300)
    assert "more than 3 pages" in told.cell.reason
