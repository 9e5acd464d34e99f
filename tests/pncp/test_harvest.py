import json
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from baliza.build.raw_tables import raw_table
from baliza.errors import DiskFullError, MixedSourcesError, NotPncpError, UnreachableError
from baliza.pncp.client import USER_AGENT
from baliza.pncp.endpoints import ENDPOINTS
from baliza.pncp.harvest import harvest
from baliza.pncp.job import Job, Server, estimate
from baliza.pncp.progress import Silent
from baliza.pncp.windows import windows
from baliza.simulator.answers import Archive as FakeArchive
from baliza.simulator.corpus import contratos
from baliza.simulator.faults import CALM, STORM, UNSTABLE, Faults
from baliza.simulator.replies import Answer as Reply
from baliza.simulator.server import Simulator
from baliza.simulator.world import world
from baliza.warehouse.landing import Window

YEAR = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.fixture(scope="session")
def busy_year() -> tuple[str, list[dict[str, Any]]]:
    """A year of the órgão with most contracts, and of everyone else."""
    records = contratos(seed=2, since=YEAR[0], until=YEAR[-1], per_day=15)
    owners = [one["orgaoEntidade"]["cnpj"] for one in records]
    return max(set(owners), key=owners.count), records


def assert_proven(
    archive: Any, records: list[dict[str, Any]], days: list[date], truth: Any, by_day: Any
) -> None:
    """Every day complete or empty as it really is, and exactly what PNCP has, once."""
    counts = {day: len(by_day(records).get(day.isoformat(), ())) for day in days}
    assert archive.cells() == {
        day: ["complete" if count else "empty", count, count] for day, count in counts.items()
    }
    assert archive.landed() == truth(records)


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(CALM, id="calm"),
        pytest.param(UNSTABLE, id="unstable order"),
        pytest.param(replace(STORM, lost=(0.19, 0.33)), id="storm and unstable order"),
        pytest.param(Faults(outage_after=12, outage_requests=9), id="outage shorter than our patience"),
        pytest.param(Faults(false_empty=0.04, lost=(0.1, 0.2)), id="false empties and unstable order"),
    ],
)
def test_every_day_is_proven(
    archive: Any, week: Any, week_days: Any, truth: Any, by_day: Any, faults: Faults
):
    with Simulator({"contratos": week}, faults, seed=1) as simulator:
        harvested = archive.harvest(simulator.url, week_days)
    assert_proven(archive, week, week_days, truth, by_day)
    assert harvested.failed == 0
    assert harvested.stored == len(week)
    assert harvested.received == harvested.stored + harvested.repeats
    assert harvested.requests == len(simulator.requests)
    assert archive.leftovers() == []


def test_evidence_is_one_row_per_answer(archive: Any, week: Any, week_days: Any):
    with Simulator({"contratos": week}, STORM, seed=1) as simulator:
        archive.harvest(simulator.url, week_days)
    rows = archive.con.execute(
        "SELECT request_id, url, coalesce(status, 0), outcome, sha256 FROM meta.requests"
    ).fetchall()
    assert len({row[0] for row in rows}) == len(rows) == len(simulator.requests)
    asked = sorted(
        str(httpx.URL(simulator.url + path, params=query)) for path, query, _ in simulator.requests
    )
    assert sorted(row[1] for row in rows) == asked
    # A body cut short of its length has a status in the simulator's log, and none here.
    assert {row[2] for row in rows} <= {0, 200, 204, 422, 429, 500, 504}
    assert {row[3] for row in rows if row[2] == 204} == {"empty"}
    assert all((row[4] is None) == (row[2] == 0) for row in rows)


def test_cells_count_repeats_walks_and_pages(archive: Any, week: Any, week_days: Any, by_day: Any):
    with Simulator({"contratos": week}, UNSTABLE, seed=1) as simulator:
        archive.harvest(simulator.url, week_days)
    total = archive.con.execute("SELECT sum(pages), sum(repeats), sum(landed) FROM meta.coverage").fetchone()
    served = [query for _, query, status in simulator.requests if status == 200]
    received, stored, repeats = archive.con.execute(
        "SELECT sum(received), sum(stored), sum(repeats) FROM meta.landings"
    ).fetchone()
    assert total == (len(served), repeats, stored)
    assert received == stored + repeats
    walks = archive.cells("walks")
    for day in by_day(week):
        first_pages = [q for q in served if q["pagina"] == "1" and q["dataInicial"] == day.replace("-", "")]
        assert walks[date.fromisoformat(day)] == len(first_pages)


def test_a_total_that_keeps_moving_proves_nothing(
    archive: Any, week: Any, week_days: Any, truth: Any, by_day: Any
):
    with Simulator({"contratos": week}, Faults(drift=1.0), seed=1) as simulator:
        archive.harvest(simulator.url, week_days)
    for day, (status, reason) in archive.cells("status, reason").items():
        records = by_day(week).get(day.isoformat(), [])
        assert status == ("failed" if len(records) > 10 else "complete" if records else "empty"), day
        assert ("kept moving" in (reason or "")) == (status == "failed")
    assert "failed" in archive.statuses()
    # What came is kept all the same.
    assert set(archive.landed()) <= set(truth(week))
    assert len(archive.landed()) > len(week) / 3


def test_a_total_that_moves_now_and_then(archive: Any, week: Any, week_days: Any, truth: Any, by_day: Any):
    with Simulator({"contratos": week}, Faults(drift=0.15, lost=(0.1, 0.2)), seed=3) as simulator:
        archive.harvest(simulator.url, week_days)
    counts = {day: len(records) for day, records in by_day(week).items()}
    proven = {day for day, (status, *_) in archive.cells().items() if status in {"complete", "empty"}}
    for day, (status, expected, landed) in archive.cells().items():
        if status == "complete":
            assert expected == landed == counts[day.isoformat()]
        if status == "empty":
            assert day.isoformat() not in counts
    assert len(proven) > len(week_days) / 2
    there = {row[0] for row in archive.landed()}
    for day in proven:
        assert {one["numeroControlePNCP"] for one in by_day(week).get(day.isoformat(), ())} <= there


def test_a_second_harvest_asks_nothing_that_is_complete(archive: Any, week: Any, week_days: Any):
    with Simulator({"contratos": week}) as simulator:
        archive.harvest(simulator.url, week_days)
        asked, before = len(simulator.requests), archive.rows()
        again = archive.harvest(simulator.url, week_days)
        assert (again.windows, again.requests) == (0, 0)
        assert len(simulator.requests) == asked
    assert archive.rows() == before


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage is not waited out; how long it is otherwise is tested in test_pace.py."""
    monkeypatch.setattr("baliza.pncp.pace.Pace.is_hopeless", property(lambda pace: pace.is_outage))


@pytest.mark.usefixtures("impatient", "hopeless")
def test_after_an_outage_a_second_run_finishes(
    archives: Any, week: Any, week_days: Any, truth: Any, by_day: Any
):
    archive, undisturbed = archives("disturbed"), archives("undisturbed")
    with Simulator({"contratos": week}, Faults(outage_after=6, outage_requests=10_000)) as down:
        first = archive.harvest(down.url, week_days)
    assert first.stopped is not None
    assert first.stopped.startswith("PNCP has been down for too long; the last: ")
    assert {"complete", "failed"} <= archive.statuses() <= {"complete", "empty", "failed", "pending"}
    complete = {day for day, status in archive.cells("status").items() if status in {"complete", "empty"}}
    with Simulator({"contratos": week}) as simulator:
        archive.harvest(simulator.url, week_days)
        asked = {query["dataInicial"] for _, query, _ in simulator.requests}
        assert asked == {f"{day:%Y%m%d}" for day in week_days if day not in complete}
        undisturbed.harvest(simulator.url, week_days)
    assert_proven(archive, week, week_days, truth, by_day)
    assert archive.rows() == undisturbed.rows()


@pytest.mark.usefixtures("impatient")
def test_a_dead_page_leaves_its_day_open(archive: Any, week: Any, week_days: Any, by_day: Any):
    day = "20250312"
    with Simulator({"contratos": week}, Faults(dead_pages=frozenset({(day, day, 2)}))) as simulator:
        harvested = archive.harvest(simulator.url, week_days)
    cells = archive.cells()
    count = len(by_day(week)["2025-03-12"])
    assert cells.pop(date(2025, 3, 12)) == ["failed", count, count - 10]
    assert {status for status, *_ in cells.values()} <= {"complete", "empty"}
    assert archive.con.execute("SELECT reason FROM meta.coverage WHERE status = 'failed'").fetchone() == (
        "page 2 of 10 records: 500 Internal Server Error: Erro na comunicação com o banco de dados.",
    )
    assert len(archive.landed()) == len(week) - 10
    assert harvested.failed == 1


def test_a_slice_of_a_year_is_split_until_it_is_proven(archive: Any, busy_year: Any, truth: Any, by_day: Any):
    cnpj, records = busy_year
    mine = [one for one in records if one["orgaoEntidade"]["cnpj"] == cnpj]
    assert len(mine) > 100, "too few to need a split"
    with Simulator({"contratos": records}, UNSTABLE, seed=4) as simulator:
        harvested = archive.harvest(simulator.url, YEAR, slice_=f"cnpj={cnpj}")
    assert_proven(archive, mine, YEAR, truth, by_day)
    assert harvested.windows > 4
    assert all(query["cnpjOrgao"] == cnpj for _, query, _ in simulator.requests)
    assert len(simulator.requests) < 200


@pytest.mark.usefixtures("impatient")
def test_a_dead_day_costs_a_slice_only_that_day(archive: Any, busy_year: Any, truth: Any):
    cnpj, records = busy_year
    mine = [one for one in records if one["orgaoEntidade"]["cnpj"] == cnpj]
    dead = mine[0]["dataPublicacaoPncp"][:10]
    with Simulator({"contratos": records}, Faults(dead_days=frozenset({dead.replace("-", "")}))) as simulator:
        archive.harvest(simulator.url, YEAR, slice_=f"cnpj={cnpj}")
    unproven = [day for day, status in archive.cells("status").items() if status not in {"complete", "empty"}]
    assert unproven == [date.fromisoformat(dead)]
    alive = [one for one in mine if one["dataPublicacaoPncp"][:10] != dead]
    assert archive.landed() == truth(alive)


def test_workers_share_the_halves_of_a_split(archive: Any, busy_year: Any):
    cnpj, records = busy_year
    under_way, most = 0, 0

    class Counted(Simulator):
        def decide(self, path: str, params: Any) -> Any:
            nonlocal under_way, most
            if params["pagina"] == "1":
                under_way += 1
                most = max(most, under_way)
            try:
                return super().decide(path, params)
            finally:
                under_way -= params["pagina"] == "1"

    with Counted({"contratos": records}, Faults(latency=0.06)) as simulator:
        archive.harvest(simulator.url, YEAR, slice_=f"cnpj={cnpj}")
    assert most == 2


class Ignoring(FakeArchive):
    """A PNCP that does not look at some of its parameters."""

    def __init__(self, records: Any, **ignored: str) -> None:
        super().__init__({"contratos": records})
        self._ignored = ignored

    def answer(self, path: str, params: Any) -> Any:
        asked = {**params, **self._ignored}
        return super().answer(path, {name: text for name, text in asked.items() if text})


@pytest.mark.parametrize(
    ("ignored", "slice_", "reason"),
    [
        pytest.param({"cnpjOrgao": ""}, "cnpj=", "ignored the filter", id="the órgão"),
        pytest.param({"dataFinal": "20250314"}, "", "outside the days asked for", id="the last day"),
        pytest.param({"dataInicial": "20250306"}, "", "outside the days asked for", id="the first day"),
    ],
)
def test_a_filter_that_is_ignored(archive: Any, week: Any, ignored: dict[str, str], slice_: str, reason: str):
    cnpj = week[0]["orgaoEntidade"]["cnpj"] if slice_ else ""
    day = date.fromisoformat("2025-03-11")
    with Simulator({"contratos": week}) as simulator:
        simulator._archive = Ignoring(week, **ignored)
        harvested = archive.harvest(simulator.url, [day], slice_=slice_ + cnpj)
    assert archive.landed() == []
    assert archive.cells() == {day: ["failed", None, 0]}
    assert reason in harvested.reasons[0]
    assert archive.con.execute("SELECT count(*) FROM meta.requests").fetchone() == (len(simulator.requests),)


@pytest.fixture(scope="session")
def purchases() -> list[dict[str, Any]]:
    """Purchases of one state and modalidade and of others, all of one day."""
    made = world(seed=7, since=date(2025, 3, 10), until=date(2025, 3, 14), per_day=60)
    same_day = {"dataPublicacaoPncp": "2025-03-11T10:00:00", "dataAtualizacaoGlobal": "2025-03-11T12:00:00"}
    return [one | same_day for one in made["contratacoes_publicacao"]][:120]


@pytest.mark.parametrize("endpoint", ["contratacoes_publicacao", "contratacoes_atualizacao"])
@pytest.mark.parametrize(
    ("ignored", "slice_"),
    [
        pytest.param("codigoModalidadeContratacao", "", id="the modalidade"),
        pytest.param("uf", "uf=", id="the state"),
        pytest.param("codigoMunicipioIbge", "municipio=", id="the municipality"),
        pytest.param("cnpj", "cnpj=", id="the órgão"),
    ],
)
def test_a_filter_of_purchases_that_is_ignored(
    archive: Any, purchases: Any, endpoint: str, ignored: str, slice_: str
):
    mine = next(one for one in purchases if one["modalidadeId"] == 8)
    values = {
        "": "",
        "uf=": mine["unidadeOrgao"]["ufSigla"],
        "municipio=": mine["unidadeOrgao"]["codigoIbge"],
        "cnpj=": mine["orgaoEntidade"]["cnpj"],
    }
    asked = {
        "slice_": slice_ + values[slice_], "modalidade": 8, "endpoint": ENDPOINTS[endpoint],
    }  # fmt: skip
    day = date(2025, 3, 11)
    with Simulator({endpoint: purchases}, Faults(ignored_filters=frozenset({ignored}))) as simulator:
        harvested = archive.harvest(simulator.url, [day], **asked)
        assert archive.cells() == {day: ["failed", None, 0]}
        assert archive.con.execute("SELECT count(*) FROM raw.contratacoes").fetchone() == (0,)
        assert "it ignored the filter" in harvested.reasons[0]
        assert archive.leftovers() == []
        assert len(simulator.requests) == 1, "asking again would bring the same"
    with Simulator({endpoint: purchases}) as simulator:
        archive.harvest(simulator.url, [day], **asked)
    ((status, expected, landed),) = archive.cells().values()
    assert (status, expected) == ("complete", landed)
    assert 0 < landed < len(purchases)


class Failing(Simulator):
    """A server that fails so many requests for some days, in its own way."""

    def __init__(self, *args: Any, days: set[str], times: int, status: int = 500) -> None:
        super().__init__(*args)
        self._days, self._left, self._status = days, dict.fromkeys(days, times), status

    def decide(self, path: str, params: Any) -> Any:
        day = params["dataInicial"]
        if self._left.get(day, 0) > 0:
            self._left[day] -= 1
            body = b'{"message":"Erro"}'
            return None, Reply(self._status, body), len(body)
        return super().decide(path, params)


def asked_days(simulator: Simulator) -> list[str]:
    """The day of each request, in order, said once where it follows itself."""
    days = [query["dataInicial"] for _, query, _ in simulator.requests]
    return [day for n, day in enumerate(days) if n == 0 or days[n - 1] != day]


@pytest.mark.usefixtures("impatient")
def test_a_window_that_failed_is_asked_again_at_the_end(archive: Any, week: Any, week_days: Any):
    # Two attempts are what the first page has: the second time it is well.
    with Failing({"contratos": week}, days={"20250310"}, times=2) as simulator:
        harvested = archive.harvest(simulator.url, week_days, max_in_flight=1)
    order = asked_days(simulator)
    assert order.index("20250310") < order.index("20250311")
    assert order[-1] == "20250310"
    assert archive.statuses() <= {"complete", "empty"}
    assert (harvested.failed, harvested.reasons, harvested.windows) == (0, [], len(week_days))
    assert len(archive.landed()) == len(week)


@pytest.mark.usefixtures("impatient")
def test_a_window_that_always_fails_is_asked_for_twice(archive: Any, week: Any, week_days: Any):
    with Failing({"contratos": week}, days={"20250310"}, times=1000) as simulator:
        harvested = archive.harvest(simulator.url, week_days, max_in_flight=1)
    assert asked_days(simulator).count("20250310") == 2
    assert (harvested.failed, len(harvested.reasons), harvested.stopped) == (1, 1, None)
    assert harvested.windows == len(week_days)
    statuses = archive.cells("status")
    assert statuses.pop(date(2025, 3, 10)) == "failed"
    assert set(statuses.values()) <= {"complete", "empty"}


@pytest.mark.usefixtures("impatient")
def test_a_window_that_pncp_refuses_is_not_asked_again(archive: Any, week: Any, week_days: Any):
    with Failing({"contratos": week}, days={"20250310"}, times=1000, status=400) as simulator:
        harvested = archive.harvest(simulator.url, week_days, max_in_flight=1)
    assert len([query for _, query, _ in simulator.requests if query["dataInicial"] == "20250310"]) == 1
    assert (harvested.failed, harvested.stopped) == (1, None)


@pytest.mark.usefixtures("impatient")
def test_five_refused_windows_in_a_row_end_the_harvest(archive: Any, week: Any, week_days: Any):
    refused = {f"{day:%Y%m%d}" for day in week_days[1:]}
    with Failing({"contratos": week}, days=refused, times=1000, status=400) as simulator:
        harvested = archive.harvest(simulator.url, week_days, max_in_flight=1)
    assert harvested.stopped.startswith("5 windows in a row were refused; the last: 400")
    assert list(archive.cells("status").values()) == ["complete"] + ["failed"] * 5 + ["pending"] * 3
    assert len(simulator.requests) < 30


@pytest.mark.usefixtures("impatient")
def test_refused_windows_among_good_ones_end_nothing(archive: Any, week: Any, week_days: Any):
    refused = {f"{day:%Y%m%d}" for day in week_days[1::2]}
    with Failing({"contratos": week}, days=refused, times=1000, status=400) as simulator:
        harvested = archive.harvest(simulator.url, week_days, max_in_flight=1)
    assert (harvested.stopped, harvested.failed) == (None, 4)


def test_several_endpoints_in_one_run(archive: Any, archives: Any, purchases: Any, week: Any, week_days: Any):
    """Each is accounted for by itself, and request numbers are one series."""
    publicacao = ENDPOINTS["contratacoes_publicacao"]
    days = [date(2025, 3, 11)]
    jobs = [
        Job(archive.endpoint, raw_table("contratos"), windows(archive.endpoint, "", week_days)),
        Job(
            publicacao,
            raw_table("contratacoes"),
            [one for code in (6, 8, 10) for one in windows(publicacao, "", days, modalidade=code)],
        ),
        Job(ENDPOINTS["atas_atualizacao"], raw_table("atas"), []),
    ]
    records = {"contratos": week, "contratacoes_publicacao": purchases}
    with Simulator(records, STORM, seed=2) as simulator:
        done = archive.run(simulator.url, jobs)
    assert set(done) == {"contratos", "contratacoes_publicacao"}, "nothing was asked of the third"
    assert done["contratos"].stored == len(week)
    assert done["contratacoes_publicacao"].stored == len(
        [p for p in purchases if p["modalidadeId"] in {6, 8, 10}]
    )
    assert sum(one.requests for one in done.values()) == len(simulator.requests)
    assert archive.con.execute(
        "SELECT endpoint, count(*) FROM meta.requests GROUP BY 1 ORDER BY 1"
    ).fetchall() == sorted((name, one.requests) for name, one in done.items())
    assert archive.con.execute("SELECT count(DISTINCT request_id) FROM meta.requests").fetchone() == (
        len(simulator.requests),
    )
    assert {
        row[0] for row in archive.con.execute("SELECT DISTINCT status FROM meta.coverage").fetchall()
    } <= {
        "complete",
        "empty",
    }


def test_a_fragile_endpoint_gets_one_request_at_a_time_while_others_get_more(
    archive: Any, week: Any, week_days: Any
):
    under_way, most, counting = Counter(), {}, threading.Lock()

    class Counted(Simulator):
        def decide(self, path: str, params: Any) -> Any:
            with counting:
                under_way[path] += 1
                most[path] = max(most.get(path, 0), under_way[path])
            time.sleep(0.03)  # long enough for the next to arrive, however busy the machine is
            try:
                return super().decide(path, params)
            finally:
                with counting:
                    under_way[path] -= 1

    bills = [
        {"cnpj": "1", "ano": 2025, "sequencialContrato": n, "sequencialInstrumentoCobranca": 1,
         "dataInclusao": f"{week_days[n % 9]}T10:00:00"}
        for n in range(120)
    ]  # fmt: skip
    fragile = replace(ENDPOINTS["instrumentoscobranca_inclusao"], page_size=10)
    jobs = [
        Job(fragile, raw_table(fragile.table), windows(fragile, "", week_days)),
        Job(archive.endpoint, raw_table("contratos"), windows(archive.endpoint, "", week_days)),
    ]
    records = {"contratos": week, "instrumentoscobranca_inclusao": bills}
    with Counted(records) as simulator:
        done = archive.run(simulator.url, jobs, max_in_flight=3)
    assert most == {fragile.path: 1, archive.endpoint.path: 3}
    assert done[fragile.id].stored == len(bills)


def test_a_stray_on_a_later_page_stops_the_walk(archive: Any, week: Any, by_day: Any):
    """Only one of the pages shows it, and nothing of the others may land either."""
    records = by_day(week)["2025-03-11"]

    class Straying(FakeArchive):
        def answer(self, path: str, params: Any) -> Any:
            answer = super().answer(path, params)
            if params["pagina"] == "2":
                return replace(answer, body=answer.body.replace(b"2025-03-11T", b"2025-03-12T"))
            return answer

    with Simulator({"contratos": records}) as simulator:
        simulator._archive = Straying({"contratos": records})
        archive.harvest(simulator.url, [date(2025, 3, 11)])
    assert archive.landed() == []
    assert archive.statuses() == {"failed"}
    assert archive.leftovers() == []


def test_a_sub_rogated_orgao_is_not_another(archive: Any, week: Any):
    mine = {**week[0], "orgaoSubRogado": week[0]["orgaoEntidade"]}
    mine["orgaoEntidade"] = {**mine["orgaoEntidade"], "cnpj": "00000000000191"}
    cnpj = mine["orgaoSubRogado"]["cnpj"]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [mine], "totalRegistros": 1})

    day = date.fromisoformat(mine["dataPublicacaoPncp"][:10])
    archive.harvest("http://x", [day], slice_=f"cnpj={cnpj}", transport=httpx.MockTransport(answer))
    assert archive.cells() == {day: ["complete", 1, 1]}


def test_bad_records_do_not_hold_up_their_day(archive: Any, week: Any, week_days: Any, by_day: Any):
    spoiled = [dict(one) for one in week]
    by_its_day = by_day(spoiled)
    by_its_day["2025-03-10"][0]["dataAssinatura"] = "2025-02-30"
    by_its_day["2025-03-11"][1]["objetoContrato"] = {"texto": "x"}
    with Simulator({"contratos": spoiled}) as simulator:
        harvested = archive.harvest(simulator.url, week_days)
    assert archive.statuses() <= {"complete", "empty"}
    assert harvested.quarantined == 2
    quarantined = {day: count for day, count in archive.cells("quarantined").items() if count}
    assert quarantined == {date(2025, 3, 10): 1, date(2025, 3, 11): 1}
    assert len(archive.landed()) == len(week) - 2
    assert archive.con.execute("SELECT count(*) FROM meta.quarantine").fetchone() == (2,)


@pytest.mark.parametrize("bad_day", ["2025-02-30", "1025-03-04"], ids=["30 February", "a thousand years ago"])
def test_a_wide_window_with_an_unreadable_day(archive: Any, week: Any, week_days: Any, bad_day: str):
    """The calendar day of a defective record cannot be trusted: the window is split until it does not matter."""
    cnpj = week[0]["orgaoEntidade"]["cnpj"]
    mine = [one for one in week if one["orgaoEntidade"]["cnpj"] == cnpj]
    own_day = mine[0]["dataPublicacaoPncp"][:10]

    class Unreadable(FakeArchive):
        def answer(self, path: str, params: Any) -> Any:
            answer = super().answer(path, params)
            if not answer.body:
                return answer
            envelope = json.loads(answer.body)
            for one in envelope["data"]:
                if one["numeroControlePNCP"] == mine[0]["numeroControlePNCP"]:
                    one["dataPublicacaoPncp"] = bad_day
                    one["receita"] = "sim"
            return replace(answer, body=json.dumps(envelope).encode())

    with Simulator({"contratos": week}) as simulator:
        simulator._archive = Unreadable({"contratos": week})
        archive.harvest(simulator.url, week_days, slice_=f"cnpj={cnpj}")
    assert archive.statuses() <= {"complete", "empty"}
    assert archive.cells("quarantined")[date.fromisoformat(own_day)] == 1
    assert len(archive.landed()) == len(mine) - 1


def test_nothing_reachable(archive: Any, week_days: Any):
    with Simulator({}) as gone:
        url = gone.url
    with pytest.raises(UnreachableError, match="no connection"):
        archive.harvest(url, week_days)
    assert archive.statuses() == {"failed", "pending"}
    assert archive.leftovers() == []
    assert archive.con.execute("SELECT count(*) FROM meta.database WHERE key = 'source'").fetchone() == (0,)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(httpx.Response(404, html="<h1>Not Found</h1>"), id="HTML 404"),
        pytest.param(httpx.Response(200, html="<h1>Apache works</h1>"), id="HTML 200"),
        pytest.param(httpx.Response(500, json="Erro na comunicação"), id="down from the start"),
        pytest.param(httpx.Response(200, json={"data": "outra API"}), id="another API"),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_what_never_answers_as_pncp(archive: Any, week_days: Any, response: httpx.Response):
    def answer(_: httpx.Request) -> httpx.Response:
        return response

    with pytest.raises(NotPncpError, match="never answered as PNCP does"):
        archive.harvest("http://x", week_days, transport=httpx.MockTransport(answer))
    assert "empty" not in archive.statuses()
    assert archive.landed() == []


def test_a_file_never_mixes_sources(archive: Any, week: Any, week_days: Any):
    archive.con.execute("INSERT INTO meta.database VALUES ('source', 'pncp')")
    with Simulator({"contratos": week}) as simulator, pytest.raises(MixedSourcesError, match="never mixes"):
        archive.harvest(simulator.url, week_days)
    assert archive.landed() == []
    assert archive.statuses() == {"pending"}
    assert archive.leftovers() == []


def test_a_disk_that_fills_up_while_pages_wait(
    archive: Any, week: Any, week_days: Any, monkeypatch: pytest.MonkeyPatch
):
    written = Path.write_bytes
    pages = []

    def write(path: Path, body: bytes) -> int:
        pages.append(path)
        if len(pages) > 10:
            raise OSError(28, "No space left on device", str(path))
        return written(path, body)

    monkeypatch.setattr(Path, "write_bytes", write)
    with Simulator({"contratos": week}) as simulator:
        with pytest.raises(DiskFullError):
            archive.harvest(simulator.url, week_days)
        assert "complete" in archive.statuses()
        assert archive.leftovers() == []
        monkeypatch.undo()
        archive.harvest(simulator.url, week_days)
    assert len(archive.landed()) == len(week)


def test_an_interruption_keeps_what_landed(archive: Any, week: Any, week_days: Any):
    class Interrupting(Silent):
        landed = 0

        def window(self, label: str, outcome: str) -> None:
            self.landed += 1
            if self.landed == 4:
                raise KeyboardInterrupt

    with Simulator({"contratos": week}) as simulator:
        with pytest.raises(KeyboardInterrupt):
            archive.harvest(simulator.url, week_days, progress=Interrupting())
        done = [status for status in archive.cells("status").values() if status != "pending"]
        assert len(done) >= 4
        assert archive.leftovers() == []
        archive.harvest(simulator.url, week_days)
    assert len(archive.landed()) == len(week)
    assert archive.statuses() <= {"complete", "empty"}


def test_pages_abandoned_by_a_killed_process_are_removed(archive: Any, week: Any, week_days: Any):
    abandoned = archive.path.parent / f"{archive.path.name}.abc.spool"
    abandoned.mkdir()
    (abandoned / "1.json").write_text("{}")
    other = archive.path.parent / "other.duckdb.abc.spool"
    other.mkdir()
    with Simulator({"contratos": week}) as simulator:
        archive.harvest(simulator.url, week_days[:1])
    assert archive.leftovers() == [other.name]


def test_the_source_is_what_the_server_says_it_is(archive: Any, week: Any, week_days: Any):
    with Simulator({"contratos": week}) as simulator:
        archive.harvest(simulator.url, week_days[:1])
    assert archive.con.execute("SELECT value FROM meta.database WHERE key = 'source'").fetchone() == (
        "simulator",
    )


def test_pncp_is_told_who_asks(archive: Any, week_days: Any):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204)

    archive.harvest("http://x/base", week_days[:1], transport=httpx.MockTransport(answer))
    assert {request.headers["User-Agent"] for request in asked} == {USER_AGENT}
    assert {request.url.path for request in asked} == {"/base/api/consulta/v1/contratos"}
    assert len(asked) == 2, "emptiness is said twice"


@pytest.mark.parametrize(
    ("server", "requests", "seconds"),
    [
        pytest.param(Server("http://x", max_rps=1, max_in_flight=2), 35, 87.5, id="slow answers"),
        pytest.param(Server("http://x", max_rps=0.1, max_in_flight=2), 35, 350, id="polite rate"),
        pytest.param(Server("http://x", max_rps=0), 35, 0, id="a server of one's own"),
    ],
)
def test_estimate(server: Server, requests: int, seconds: float):
    contratos = ENDPOINTS["contratos"]
    asked = [*windows(contratos, "", YEAR[:2]), Window("contratos", "cnpj=1", YEAR[0], YEAR[-1])]
    assert estimate([Job(contratos, raw_table("contratos"), asked)], server) == (
        requests,
        pytest.approx(seconds),
    )


def test_what_pncp_does_not_show_any_more_is_marked_and_kept(archive: Any, week: Any, week_days: Any):
    gone, moved = week[0], week[1]
    there = [one for one in week if one is not gone and one is not moved]
    with Simulator({"contratos": week}, UNSTABLE, seed=1) as simulator:
        archive.harvest(simulator.url, week_days)
        # What went to another day stays; what is gone from its own is marked.
        simulator.update("contratos", [*there, {**moved, "dataPublicacaoPncp": "2025-03-14T10:00:00"}])
        archive.con.execute("UPDATE meta.coverage SET status = 'pending'")
        archive.harvest(simulator.url, week_days)
        assert len(archive.landed()) == len(week) + 1
        marked = archive.con.execute("SELECT key, seen_until <= noticed_at FROM meta.vanished").fetchall()
        assert marked == [(gone["numeroControlePNCP"], True)]
        simulator.update("contratos", week)
        archive.con.execute("UPDATE meta.coverage SET status = 'pending'")
        archive.harvest(simulator.url, week_days)
    assert gone["numeroControlePNCP"] not in {
        key for (key,) in archive.con.execute("SELECT key FROM meta.vanished").fetchall()
    }


@pytest.mark.usefixtures("impatient")
def test_a_listing_that_is_not_proven_marks_nothing(archive: Any, week: Any, week_days: Any):
    with Simulator({"contratos": week}) as simulator:
        archive.harvest(simulator.url, week_days)
    archive.con.execute("UPDATE meta.coverage SET status = 'pending'")
    dead = frozenset((f"{day:%Y%m%d}", f"{day:%Y%m%d}", 2) for day in week_days)
    with Simulator(
        {"contratos": week[::2]}, Faults(dead_pages=dead, outage_after=30, outage_requests=1000)
    ) as down:
        archive.harvest(down.url, week_days)
    failed = {day.isoformat() for day, status in archive.cells("status").items() if status == "failed"}
    assert failed
    days = {one["numeroControlePNCP"]: one["dataPublicacaoPncp"][:10] for one in week}
    marked = {days[key] for (key,) in archive.con.execute("SELECT key FROM meta.vanished").fetchall()}
    assert not marked & failed


class EmptyAtFirst(FakeArchive):
    """A PNCP that says 204 to its first requests, whatever they ask."""

    def __init__(self, records: Any, empties: int) -> None:
        super().__init__(records)
        self._empties = empties

    def answer(self, path: str, params: Any) -> Any:
        self._empties -= 1
        return super().answer(path, params if self._empties < 0 else {**params, "cnpjOrgao": "nobody"})


@pytest.mark.parametrize(
    ("empties", "status", "vanished"),
    [pytest.param(2, "complete", 0, id="for a moment"), pytest.param(99, "empty", 1, id="for good")],
)
def test_a_proven_day_is_not_empty_because_pncp_says_so_twice_in_one_breath(
    archive: Any, week: Any, by_day: Any, empties: int, status: str, vanished: int
):
    day = date(2025, 3, 10)
    records = by_day(week)[day.isoformat()][:1]
    with Simulator({"contratos": records}) as simulator:
        archive.harvest(simulator.url, [day])
        # As a sync does: the day is asked for again, although it is proven.
        endpoint = archive.endpoint
        simulator._archive = EmptyAtFirst({"contratos": records}, empties)
        job = Job(endpoint, raw_table(endpoint.table), [Window(endpoint.id, "", day, day)])
        harvest(archive.con, archive.path, Server(simulator.url, max_rps=0), [job], Silent())
    assert archive.cells("status") == {day: status}
    assert archive.con.execute("SELECT count(*) FROM meta.vanished").fetchall() == [(vanished,)]


def test_records_that_cannot_land_are_checked_against_the_slice_too(archive: Any, week: Any):
    spoiled = [{**one, "receita": "sim"} for one in week]
    with Simulator({"contratos": spoiled}, Faults(ignored_filters=frozenset({"cnpjOrgao"}))) as simulator:
        archive.harvest(simulator.url, [date(2025, 3, 10)], slice_="cnpj=00000000000191")
    assert archive.statuses() == {"failed"}
    assert "it ignored the filter" in archive.cells("reason")[date(2025, 3, 10)]
