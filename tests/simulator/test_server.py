import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import httpx
import pytest

from baliza.simulator import truth
from baliza.simulator.endpoints import ENDPOINTS
from baliza.simulator.faults import PRESETS, Faults
from baliza.simulator.server import Simulator, run

PATH = "/api/consulta/v1/contratos"
MARCH = {"dataInicial": "20250301", "dataFinal": "20250331", "pagina": "1", "tamanhoPagina": "50"}


def ask(simulator: Simulator, **change: str) -> httpx.Response:
    return httpx.get(simulator.url + PATH, params=MARCH | change, timeout=5, verify=False)


def test_serves_pages_with_headers_and_keeps_a_log(month: list[dict]):
    with Simulator({"contratos": month}) as simulator, httpx.Client(verify=False) as client:
        answer = client.get(simulator.url + PATH, params=MARCH)
        assert client.get(simulator.url + "/nada").status_code == 404
        empty = client.get(simulator.url + PATH, params=MARCH | {"pagina": "900"})
        assert simulator.requests == [
            (PATH, MARCH, 200),
            ("/nada", {}, 404),
            (PATH, MARCH | {"pagina": "900"}, 204),
        ]
    assert simulator.url.startswith("http://127.0.0.1:")
    assert answer.http_version == "HTTP/1.1"
    assert answer.headers["X-Baliza-Simulator"] == "synthetic"
    assert answer.headers["Server"] == "baliza-simulator"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["data"] == month[:50]
    assert empty.headers["X-Baliza-Simulator"] == "synthetic"
    assert empty.content == b""
    assert simulator.drawn == {}


def test_other_methods_are_refused_as_synthetic(month: list[dict]):
    with Simulator({"contratos": month}) as simulator:
        answer = httpx.post(simulator.url + PATH, verify=False)
    assert answer.status_code == 501
    assert answer.headers["X-Baliza-Simulator"] == "synthetic"


def test_nobody_answers_after_the_end(month: list[dict]):
    with httpx.Client(verify=False) as client:
        with Simulator({"contratos": month}) as simulator:
            assert client.get(simulator.url + PATH, params=MARCH).status_code == 200
        with pytest.raises(httpx.TransportError):
            client.get(simulator.url + PATH, params=MARCH)


def test_updates_while_serving(month: list[dict]):
    with Simulator({"contratos": month}) as simulator:
        simulator.update("contratos", month[:3])
        assert ask(simulator).json()["totalRegistros"] == 3


def test_serves_many_at_once(month: list[dict]):
    with Simulator({"contratos": month}) as simulator, ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda page: ask(simulator, pagina=str(page)).json()["data"], range(1, 9)))
        assert len(simulator.requests) == 8
    assert [row for page in pages for row in page] == month[:400]


WHOLE = {
    "html_429": (429, "text/html", "Limite de Requisições Excedido"),
    "http_500": (500, "application/json", "Erro na comunicação com o banco de dados."),
    "http_503": (503, "application/json", "Service Unavailable"),
    "html_504": (504, "text/html", "504 Gateway Time-out"),
    "html_200": (200, "text/html", "Serviço indisponível"),
    "spurious_422": (422, "application/json", "Período inicial e final maior que 365 dias."),
}


@pytest.mark.parametrize("name", WHOLE)
def test_fault_answers(month: list[dict], name: str):
    status, media, text = WHOLE[name]
    with Simulator({"contratos": month}, Faults(**{name: 1.0})) as simulator:
        answer = ask(simulator)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith(media)
    assert text in answer.text
    assert "Retry-After" not in answer.headers
    assert simulator.drawn == {name: 1}


def test_fault_false_empty(month: list[dict]):
    with Simulator({"contratos": month}, Faults(false_empty=1.0)) as simulator:
        answer = ask(simulator)
    assert (answer.status_code, answer.content) == (204, b"")


def test_fault_cut_json_ends_in_the_middle_but_agrees_with_its_length(month: list[dict]):
    with Simulator({"contratos": month}, Faults(cut_json=1.0)) as simulator:
        answer = ask(simulator)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(ValueError):  # noqa: PT011  JSON or UTF-8, wherever the cut fell
        json.loads(answer.content)


def test_fault_short_body_is_shorter_than_declared(month: list[dict]):
    with (
        Simulator({"contratos": month}, Faults(short_body=1.0)) as simulator,
        httpx.stream("GET", simulator.url + PATH, params=MARCH, verify=False) as answer,
    ):
        chunks = answer.iter_raw()
        assert 0 < len(next(chunks)) < int(answer.headers["Content-Length"])
        with pytest.raises(httpx.RemoteProtocolError):
            list(chunks)


def test_fault_reset_sends_no_byte(month: list[dict]):
    with Simulator({"contratos": month}, Faults(reset=1.0)) as simulator:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            ask(simulator)
        assert simulator.requests == [(PATH, MARCH, 0)]


def test_fault_stall_outlasts_a_timeout(month: list[dict]):
    faults = Faults(stall=1.0, stall_seconds=0.4)
    with Simulator({"contratos": month}, faults) as simulator, pytest.raises(httpx.ReadTimeout):
        httpx.get(simulator.url + PATH, params=MARCH, timeout=0.1, verify=False)


def test_dead_pages_fail_until_the_window_is_smaller(month: list[dict]):
    faults = Faults(dead_pages=frozenset({("20250301", "20250331", 2)}))
    with Simulator({"contratos": month}, faults) as simulator:
        assert [ask(simulator, pagina=page).status_code for page in "1223"] == [200, 500, 500, 200]
        assert ask(simulator, pagina="2", dataFinal="20250330").status_code == 200


def test_dead_rows_fail_on_the_page_that_covers_them_whatever_its_size(month: list[dict]):
    faults = Faults(dead_rows=frozenset({("20250301", "20250331", 60)}))
    with Simulator({"contratos": month}, faults) as simulator:
        assert [ask(simulator, pagina=page).status_code for page in "123"] == [200, 500, 200]
        by_ten = [ask(simulator, pagina=str(page), tamanhoPagina="10").status_code for page in range(5, 9)]
        assert by_ten == [200, 200, 500, 200]
        assert ask(simulator, pagina="2", dataFinal="20250330").status_code == 200


def test_dead_days_fail_in_every_window_that_holds_them(month: list[dict]):
    faults = Faults(dead_days=frozenset({"20250312"}))
    with Simulator({"contratos": month}, faults) as simulator:
        assert ask(simulator).status_code == 500
        assert ask(simulator, dataFinal="20250311").status_code == 200
        assert ask(simulator, dataInicial="20250313").status_code == 200


def test_latency_delays_every_answer(month: list[dict]):
    with Simulator({"contratos": month}, Faults(latency=0.1)) as simulator:
        assert ask(simulator).elapsed.total_seconds() >= 0.1


def test_unstable_walks_repeat_bytes_and_their_union_is_complete(month: list[dict]):
    pages = -(-len(month) // 50)
    union: set[str] = set()
    with (
        Simulator({"contratos": month}, PRESETS["unstable"]) as simulator,
        httpx.Client(verify=False) as client,
    ):
        for _ in range(12):
            rows, totals = [], set()
            for pagina in range(1, pages + 1):
                page = client.get(simulator.url + PATH, params=MARCH | {"pagina": str(pagina)}).json()
                rows += page["data"]
                totals.add(page["totalRegistros"])
            keys = {row["numeroControlePNCP"] for row in rows}
            assert totals == {len(month)}
            assert len(rows) == len(month)
            assert 0.18 < 1 - len(keys) / len(month) < 0.34
            assert len({json.dumps(row) for row in rows}) == len(keys)
            union |= keys
    assert union == {row["numeroControlePNCP"] for row in month}


def test_the_same_storm_falls_twice(month: list[dict]):
    def statuses(seed: int) -> list[int]:
        with (
            Simulator({"contratos": month}, PRESETS["storm"], seed) as simulator,
            httpx.Client(verify=False) as client,
        ):
            for _ in range(60):
                try:
                    client.get(simulator.url + PATH, params=MARCH | {"tamanhoPagina": "10"})
                except httpx.TransportError:
                    continue
            return [status for _, _, status in simulator.requests]

    assert statuses(5) == statuses(5)
    assert statuses(5) != statuses(6)


def test_run_generates_writes_truth_and_serves_until_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    said: list[str] = []
    answers: list[int] = []

    class Interrupted:
        def wait(self) -> None:
            url = said[-1].split(" at ")[1].split(";")[0]
            answers.append(httpx.get(url + PATH, params=MARCH, verify=False).status_code)
            raise KeyboardInterrupt

    monkeypatch.setattr("baliza.simulator.server._until_interrupted", lambda: Interrupted().wait())
    run(
        port=0, seed=1, since=date(2025, 3, 3), until=date(2025, 3, 7), faults="calm", per_day=30,
        truth=tmp_path / "truth.ndjson", announce=said.append,
    )  # fmt: skip
    assert answers == [200]
    assert len(said) == 3
    entries = truth.read(tmp_path / "truth.ndjson")
    assert {entry["endpoint"] for entry in entries} == ENDPOINTS.keys()
