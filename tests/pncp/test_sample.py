import asyncio
import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from baliza.pncp.endpoints import CONTRATOS
from baliza.pncp.harvest import Server, harvest
from baliza.pncp.progress import Silent
from baliza.pncp.sample import BASE_URL, Sample, SampleTransport, embedded
from baliza.pncp.windows import days_of, months
from baliza.warehouse.landing import Window

PARAMS = {"dataInicial": "20250301", "dataFinal": "20250301", "pagina": "1", "tamanhoPagina": "500"}
ANSWER = b'{"data":[{"numeroControlePNCP":"a"}],"totalRegistros":1}'


@pytest.fixture
def recorded(tmp_path: Path) -> Sample:
    """A sample of one answer."""
    (tmp_path / "contratos").mkdir()
    (tmp_path / "contratos" / "1.json.gz").write_bytes(gzip.compress(ANSWER))
    answers = [{"endpoint": "contratos", "params": PARAMS, "file": "contratos/1.json.gz"}]
    manifest = {"since": "2025-03-01", "until": "2025-03-02", "answers": answers}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return Sample(tmp_path)


def ask(sample: Sample, path: str = CONTRATOS.path, **params: str) -> httpx.Response:
    async def asking() -> httpx.Response:
        async with httpx.AsyncClient(base_url=BASE_URL, transport=SampleTransport(sample)) as client:
            return await client.get(path, params=PARAMS | params)

    return asyncio.run(asking())


def test_a_recorded_answer_is_replayed_byte_for_byte(recorded: Sample):
    answer = ask(recorded)
    assert (answer.status_code, answer.content) == (200, ANSWER)


def test_the_period_is_the_manifests(recorded: Sample):
    assert (recorded.since, recorded.until) == (date(2025, 3, 1), date(2025, 3, 2))


@pytest.mark.parametrize(
    ("path", "params"),
    [
        pytest.param(CONTRATOS.path, {"pagina": "2"}, id="another page"),
        pytest.param(CONTRATOS.path, {"dataFinal": "20250302"}, id="other days"),
        pytest.param(CONTRATOS.path, {"cnpjOrgao": "00000000000191"}, id="one more filter"),
        pytest.param("/api/consulta/v1/atas", {}, id="another endpoint"),
    ],
)
def test_what_was_not_recorded_is_an_error_and_never_empty(
    recorded: Sample, path: str, params: dict[str, str]
):
    assert ask(recorded, path, **params).status_code == 404


def test_the_embedded_sample_lands_complete(archive: Any):
    sample = embedded()
    days = days_of(Window("contratos", "", sample.since, sample.until))
    harvested = harvest(
        con=archive.con,
        database=archive.path,
        server=Server(BASE_URL, source="sample", max_rps=0, transport=SampleTransport(sample)),
        endpoint=CONTRATOS,
        table=archive.table,
        windows=[Window("contratos", "", first, last) for first, last in months(days)],
        progress=Silent(),
    )
    assert harvested.failed == 0
    assert archive.statuses() <= {"complete", "empty"}
    assert len(archive.landed()) == sum(archive.cells("landed").values()) > 4000
    assert archive.con.execute("SELECT value FROM meta.database WHERE key = 'source'").fetchone() == (
        "sample",
    )
