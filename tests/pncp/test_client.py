import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from baliza.pncp.client import (
    ATTEMPTS,
    ATTEMPTS_IF_NEVER_REACHED,
    Answer,
    Client,
    Question,
    RequestFailedError,
)
from baliza.pncp.pace import Pace
from baliza.pncp.progress import Silent
from baliza.warehouse.landing import Request
from baliza.warehouse.page import PageReader

PATH = "/api/consulta/v1/contratos"
PARAMS = {"dataInicial": "20250310", "pagina": "1"}
RECORDS = b'{"data":[{"numeroControlePNCP":"a"}],"totalRegistros":1}'
LIMIT = "<html><h1>Limite de Requisicoes Excedido</h1></html>"

PAGE = httpx.Response(200, content=RECORDS)
SPURIOUS_422 = httpx.Response(
    422, json={"message": "Período inicial e final maior que 365 dias.", "error": "422 UNPROCESSABLE_ENTITY"}
)


class Listening(Silent):
    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def waiting(self, reason: str, seconds: float) -> None:
        self.heard.append((reason, seconds))


class Outcome:
    """What asking one page came to."""

    def __init__(
        self,
        reader: PageReader,
        answers: list[Any],
        pages: int = 1,
        attempts: int | None = None,
        *,
        may_be_gone: bool = False,
    ) -> None:
        self.asked: list[httpx.Request] = []
        self.requests_by_page: list[int] = []
        self.evidence: list[Request] = []
        self.answer: Answer | None = None
        self.failure: RequestFailedError | None = None
        self.progress = Listening()
        self._question = Question(
            "contratos", PATH, PARAMS, reader, may_be_gone=may_be_gone, attempts=attempts
        )
        self._answers = answers
        asyncio.run(self._ask(pages))

    async def _ask(self, pages: int) -> None:
        self.client = Client(
            "http://pncp.test",
            pace=Pace(max_rps=0, max_in_flight=2),
            first_request_id=41,
            progress=self.progress,
            transport=httpx.MockTransport(self._reply),
        )
        async with self.client:
            for _ in range(pages):
                try:
                    self.answer = await self.client.page(self._question, self.evidence)
                except RequestFailedError as error:
                    self.failure = error
                self.requests_by_page.append(len(self.asked) - sum(self.requests_by_page))

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers[min(len(self.asked), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        # A fresh copy: a response is read once.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-offs pass at once; how long they are is tested in test_pace.py."""
    sleep = asyncio.sleep
    monkeypatch.setattr("baliza.pncp.client.asyncio.sleep", lambda _: sleep(0))


@pytest.fixture
def ask(reader: PageReader) -> Callable[..., Outcome]:
    def asking(
        *answers: Any, pages: int = 1, attempts: int | None = None, may_be_gone: bool = False
    ) -> Outcome:
        return Outcome(reader, list(answers), pages, attempts, may_be_gone=may_be_gone)

    return asking


def test_a_page(ask: Callable[..., Outcome]):
    outcome = ask(PAGE)
    assert outcome.answer is not None
    assert outcome.answer.page is not None
    assert (outcome.answer.page.total, list(outcome.answer.page.days)) == (1, ["a"])
    (request,) = outcome.evidence
    assert outcome.answer.request is request
    assert (request.request_id, request.endpoint) == (41, "contratos")
    assert request.url == f"http://pncp.test{PATH}?dataInicial=20250310&pagina=1"
    assert (request.status, request.size, request.outcome) == (200, len(RECORDS), "records")
    assert request.sha256 == hashlib.sha256(RECORDS).hexdigest()
    assert request.requested_at.tzinfo is None
    assert request.seconds >= 0
    assert outcome.asked[0].headers["User-Agent"].startswith("Mozilla/5.0 (compatible; baliza/")
    assert outcome.client.reached


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(204), id="204"),
        pytest.param(
            httpx.Response(404, json={"message": "Nenhum instrumento de Cobrança encontrado."}),
            id="known 404",
        ),
        pytest.param(httpx.Response(200, headers={"Content-Length": "0"}), id="empty 200"),
        pytest.param(httpx.Response(200, headers={"Transfer-Encoding": "chunked"}), id="empty 200 in chunks"),
        pytest.param(
            httpx.Response(200, content=b'{"data":[],"totalRegistros":0,"empty":true}'), id="empty envelope"
        ),
    ],
)
def test_proven_emptiness(ask: Callable[..., Outcome], answer: httpx.Response):
    outcome = ask(answer)
    assert outcome.answer is not None
    assert outcome.answer.page is None
    assert [request.outcome for request in outcome.evidence] == ["empty"]
    assert outcome.client.reached


GONE = [
    pytest.param(httpx.Response(404, json={"message": "Compra não encontrada"}), id="deleted purchase"),
    pytest.param(
        httpx.Response(404, json={"message": "Contratação não cadastrada"}), id="items of a deleted purchase"
    ),
    pytest.param(httpx.Response(410), id="410"),
]


@pytest.mark.parametrize("answer", GONE)
def test_one_purchase_may_be_gone(ask: Callable[..., Outcome], answer: httpx.Response):
    outcome = ask(answer, may_be_gone=True)
    assert outcome.answer is not None
    assert outcome.answer.page is None


@pytest.mark.parametrize("answer", GONE)
def test_a_list_is_never_gone(ask: Callable[..., Outcome], answer: httpx.Response):
    outcome = ask(answer)
    assert outcome.failure is not None
    assert outcome.failure.kind == "rejected"


@pytest.mark.parametrize(
    "message",
    ["Nenhuma rota encontrada", "Nenhum servidor encontrado", "Compra não encontrada no cache: erro interno"],
)
def test_a_404_that_only_sounds_like_emptiness(ask: Callable[..., Outcome], message: str):
    outcome = ask(httpx.Response(404, json={"message": message}), may_be_gone=True)
    assert outcome.answer is None


@pytest.mark.usefixtures("impatient")
def test_a_connection_cut_before_the_body_is_no_empty_answer(ask: Callable[..., Outcome]):
    outcome = ask(httpx.Response(200))
    assert outcome.failure is not None
    assert outcome.failure.kind == "failed"


@pytest.mark.usefixtures("impatient")
def test_json_nested_without_end_is_a_failed_attempt(ask: Callable[..., Outcome]):
    assert ask(httpx.Response(200, content=b"[" * 100_000)).failure is not None
    nested = httpx.Response(503, content=b"[" * 100_000, headers={"Content-Type": "application/json"})
    assert ask(nested).failure is not None


@pytest.mark.usefixtures("impatient")
def test_a_charset_nobody_knows_is_a_failed_attempt(ask: Callable[..., Outcome]):
    strange = httpx.Response(503, content=b"zz", headers={"Content-Type": "text/html; charset=hex"})
    assert ask(strange).failure is not None


def test_messages_tell_no_records(ask: Callable[..., Outcome]):
    people = {"data": [{"nomeRazaoSocialFornecedor": "FULANO"}]}
    outcome = ask(httpx.Response(400, json=people))
    assert outcome.failure is not None
    assert "FULANO" not in outcome.failure.reason


TRANSIENT = {
    "HTML with status 200": (httpx.Response(200, html="<html>Indisponivel</html>"), "200 with a body that is not"),
    "cut off, length agreeing": (httpx.Response(200, content=RECORDS[:-9]), "200 with a body that is not"),
    "records gone from the envelope": (
        httpx.Response(200, content=b'{"data":[],"totalRegistros":9}'), "200 without records, though the listing has 9",
    ),
    "HTML 429": (httpx.Response(429, html=LIMIT), "429 Too Many Requests: Limite"),
    "JSON 500": (httpx.Response(500, json="Erro na comunicação"), "500 Internal Server Error: Erro na comunicação"),
    "JSON object 500": (httpx.Response(500, json={"message": "JDBC"}), "500 Internal Server Error: JDBC"),
    "502": (httpx.Response(502, html="<h1>Bad</h1>"), "502 Bad Gateway: Bad"),
    "503": (httpx.Response(503), "503 Service Unavailable: "),
    "504": (httpx.Response(504, html="<h1>Time-out</h1>"), "504 Gateway Timeout: Time-out"),
    "408": (httpx.Response(408), "408 Request Timeout: "),
    "spurious 422": (SPURIOUS_422, "422 Unprocessable Entity: Período inicial e final maior que 365 dias."),
    "no connection": (httpx.ConnectError("refused"), "no connection: refused"),
    "no connection in time": (httpx.ConnectTimeout(""), "no connection: ConnectTimeout"),
    "no answer": (httpx.ReadTimeout(""), "no answer in time (ReadTimeout)"),
    "connection reset": (httpx.ReadError("reset"), "answer cut off: reset"),
    "shorter than its length": (httpx.RemoteProtocolError("peer closed"), "answer cut off: peer closed"),
    "endless redirect": (httpx.TooManyRedirects("loop"), "answer cut off: loop"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "outcome"), TRANSIENT.values(), ids=TRANSIENT.keys())
def test_a_passing_failure_is_tried_again(ask: Callable[..., Outcome], answer: Any, outcome: str):
    asked = ask(answer, PAGE)
    assert asked.answer is not None
    assert asked.answer.page is not None
    first, second = asked.evidence
    assert first.outcome.startswith(outcome)
    assert (first.request_id, second.request_id) == (41, 42)
    assert first.url == second.url
    if isinstance(answer, httpx.Response):
        assert (first.status, first.size) == (answer.status_code, len(answer.content))
        assert first.sha256 == hashlib.sha256(answer.content).hexdigest()
    else:
        assert (first.status, first.size, first.sha256) == (None, 0, None)
    assert [reason for reason, _ in asked.progress.heard] == [first.outcome]


@pytest.mark.parametrize(("answer", "outcome"), TRANSIENT.values(), ids=TRANSIENT.keys())
def test_a_failure_that_lasts_never_becomes_emptiness(ask: Callable[..., Outcome], answer: Any, outcome: str):
    # After one good page, for an address that never worked is given up sooner.
    asked = ask(PAGE, answer, pages=2)
    assert asked.failure is not None
    assert asked.failure.reason.startswith(outcome)
    attempts = 4 if answer is SPURIOUS_422 else ATTEMPTS
    assert [request.outcome for request in asked.evidence[1:]] == [asked.failure.reason] * attempts
    assert len(asked.asked) == attempts + 1
    assert all(request.outcome != "empty" for request in asked.evidence)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(400, json={"message": "Tamanho de página inválido"}), id="400"),
        pytest.param(httpx.Response(401, text="não"), id="401"),
        pytest.param(httpx.Response(404, html="<h1>Not Found</h1>"), id="HTML 404"),
        pytest.param(httpx.Response(404, json={"message": "Sei lá"}), id="404 of unknown text"),
        pytest.param(
            httpx.Response(404, json={"message": "No message available for /x"}), id="404 of a wrong address"
        ),
        pytest.param(httpx.Response(404, json=["Compra não encontrada"]), id="404 that is no error object"),
    ],
)
def test_a_wrong_request_is_not_repeated(ask: Callable[..., Outcome], answer: httpx.Response):
    asked = ask(answer)
    assert asked.failure is not None
    assert (asked.failure.kind, len(asked.asked)) == ("rejected", 1)
    assert asked.failure.reason.startswith(str(answer.status_code))
    assert not asked.client.reached


def test_a_422_among_other_failures_is_no_rejection(ask: Callable[..., Outcome]):
    asked = ask(*[httpx.Response(500)] * 3, SPURIOUS_422, PAGE)
    assert asked.answer is not None
    assert asked.answer.page is not None


def test_a_422_that_is_not_insisted_on_may_be_asked_again_later(ask: Callable[..., Outcome]):
    asked = ask(*[httpx.Response(500)] * (ATTEMPTS - 1), SPURIOUS_422)
    assert asked.failure is not None
    assert (asked.failure.kind, asked.failure.reason[:3], len(asked.asked)) == ("failed", "422", ATTEMPTS)


def test_a_422_that_is_insisted_on_is_believed(ask: Callable[..., Outcome]):
    asked = ask(*[httpx.Response(500), SPURIOUS_422] * 4)
    assert asked.failure is not None
    assert (asked.failure.kind, len(asked.asked)) == ("rejected", ATTEMPTS)


def test_an_address_that_never_worked_is_given_up_soon(ask: Callable[..., Outcome]):
    asked = ask(httpx.ConnectError("no route"))
    assert asked.failure is not None
    assert asked.failure.kind == "unreachable"
    assert len(asked.asked) == ATTEMPTS_IF_NEVER_REACHED


def test_a_question_may_be_given_up_sooner(ask: Callable[..., Outcome]):
    asked = ask(PAGE, httpx.Response(500), pages=2, attempts=4)
    assert asked.failure is not None
    assert (asked.failure.kind, len(asked.asked)) == ("failed", 1 + 4)


def test_after_many_failures_in_a_row_it_is_pncp_that_is_down(ask: Callable[..., Outcome]):
    failures = [httpx.Response(503)] * (2 * ATTEMPTS)
    first = ask(PAGE, *failures, pages=2)
    assert first.failure is not None
    assert first.failure.kind == "failed", "one question alone proves nothing of the others"
    second = ask(PAGE, *failures, pages=3)
    assert second.failure is not None
    assert second.failure.kind == "down"
    assert second.failure.reason.startswith("503")


def test_refusals_by_rate_are_no_outage(ask: Callable[..., Outcome]):
    asked = ask(PAGE, httpx.Response(429, html=LIMIT), pages=4)
    assert asked.failure is not None
    assert asked.failure.kind == "refused"


def test_once_it_is_hopeless_one_attempt_is_enough(
    ask: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Pace, "is_hopeless", property(lambda pace: pace.is_outage))
    asked = ask(PAGE, httpx.Response(503), pages=6)
    good, first, seen, *others = asked.requests_by_page
    assert (good, first, others) == (1, ATTEMPTS, [1, 1, 1])
    assert 1 < seen < ATTEMPTS, "this question ends where the outage is seen"


def test_a_server_that_is_back_gets_all_attempts_again(ask: Callable[..., Outcome]):
    down = httpx.Response(503)
    asked = ask(PAGE, *[down] * (2 * ATTEMPTS), PAGE, *[down] * ATTEMPTS, pages=5)
    assert len(asked.asked) == 1 + 2 * ATTEMPTS + 1 + ATTEMPTS
    assert asked.failure is not None
    assert asked.failure.kind == "failed"


def test_a_redirect_is_followed(ask: Callable[..., Outcome]):
    asked = ask(httpx.Response(301, headers={"Location": "/elsewhere"}), PAGE)
    assert asked.answer is not None
    assert asked.answer.page is not None
    assert asked.asked[1].url.path == "/elsewhere"
    assert len(asked.evidence) == 1


def test_a_redirect_to_an_error_page_is_a_failure(ask: Callable[..., Outcome]):
    asked = ask(
        httpx.Response(302, headers={"Location": "/erro.html"}), httpx.Response(200, html="<h1>Erro</h1>")
    )
    assert asked.failure is not None
    assert asked.failure.kind == "failed"


def test_the_simulator_says_what_it_is(ask: Callable[..., Outcome]):
    assert ask(PAGE).client.source == "pncp"
    invented = httpx.Response(200, content=RECORDS, headers={"X-Baliza-Simulator": "synthetic"})
    assert ask(invented).client.source == "simulator"


def test_a_long_error_is_cut_to_one_line(ask: Callable[..., Outcome]):
    asked = ask(httpx.Response(400, json={"campo": "linha 1\nlinha 2 " + "x" * 500}))
    assert asked.failure is not None
    assert "\n" not in asked.failure.reason
    assert len(asked.failure.reason) < 150


def test_bytes_that_are_not_utf8_spoil_no_page(ask: Callable[..., Outcome]):
    body = json.dumps({"data": [{"numeroControlePNCP": "a", "processo": "X"}], "totalRegistros": 1}).encode()
    asked = ask(httpx.Response(200, content=body.replace(b'"X"', b'"\xff"')))
    assert asked.answer is not None
    assert asked.answer.page is not None
    assert [defect.key for defect in asked.answer.page.defects] == ["a"]
