import asyncio
from datetime import date

import httpx
import pytest

from baliza.simulator import storage
from baliza.simulator.answers import Archive
from baliza.simulator.embedded import BASE_URL, SampleTransport, Shelves, embedded
from baliza.simulator.sample import PER_DAY, SEED, SINCE, UNTIL
from baliza.simulator.storage import FILE_OF
from baliza.simulator.world import world

CONTRATOS = "/api/consulta/v1/contratos"
MARCH = {"dataInicial": "20250301", "dataFinal": "20250331", "pagina": "1"}


def ask(path: str, **params: str) -> httpx.Response:
    async def asking() -> httpx.Response:
        transport = SampleTransport(embedded())
        async with httpx.AsyncClient(base_url=BASE_URL, transport=transport) as client:
            return await client.get(path, params=params)

    return asyncio.run(asking())


def test_the_period_is_the_manifests():
    assert (embedded().since, embedded().until) == (date(2025, 1, 1), date(2025, 6, 30))


@pytest.fixture(scope="module")
def made() -> dict:
    return world(seed=SEED, since=SINCE, until=UNTIL, per_day=PER_DAY)


@pytest.mark.parametrize("endpoint", FILE_OF)
def test_files_give_back_the_world(made: dict, endpoint: str):
    assert Shelves(embedded())[endpoint] == made[endpoint]


def test_answers_as_the_simulator_would(made: dict):
    expected = Archive(made).answer(CONTRATOS, MARCH)
    answer = ask(CONTRATOS, **MARCH)
    assert (answer.status_code, answer.content) == (expected.status, expected.body)
    assert answer.headers["Content-Type"] == "application/json"


def test_no_rows_are_204_without_body():
    answer = ask(CONTRATOS, **MARCH | {"dataInicial": "20240301", "dataFinal": "20240301"})
    assert (answer.status_code, answer.content) == (204, b"")


def test_what_it_does_not_know_is_an_error_and_never_empty():
    assert ask("/api/consulta/v1/nada", **MARCH).status_code == 404


def test_only_the_file_asked_for_is_read(monkeypatch: pytest.MonkeyPatch):
    read: list[str] = []
    reading = storage._read

    def noted(folder, name: str) -> list[dict]:
        read.append(name)
        return reading(folder, name)

    monkeypatch.setattr(storage, "_read", noted)
    archive = Archive(Shelves(embedded()))
    assert read == []
    for pagina in ("1", "2"):
        archive.answer(CONTRATOS, MARCH | {"pagina": pagina})
    assert read == ["contratos"]
