import copy
from datetime import date, timedelta

import duckdb
import pytest

from baliza.build import sync as syncing
from baliza.errors import DatabaseMissingError
from baliza.pncp.job import Server
from baliza.pncp.progress import Silent
from baliza.simulator.server import Simulator

HARVESTED = date(2025, 3, 11)
TODAY = date(2025, 3, 15)


@pytest.fixture
def days_later(monkeypatch, database):
    """Pretend that the harvest was on one day, and that today is some days later."""

    def pretend(*tables):
        monkeypatch.setattr("baliza.build.sync.today", lambda: TODAY)
        with duckdb.connect(str(database)) as con:
            con.execute("UPDATE meta.coverage SET updated_at = ?", [HARVESTED])
            for table in tables:
                con.execute(f"UPDATE raw.{table} SET observed_at = ?", [HARVESTED - timedelta(hours=1)])

    return pretend


@pytest.fixture
def sync(database):
    def run(url, trailing=5):
        return syncing.sync(database, Server(url, max_rps=0), Silent(), trailing=trailing)

    return run


def without(records, key):
    return [one for one in records if one["numeroControlePNCP"] != key]


def touched(record, **changes):
    return {**copy.deepcopy(record), "dataAtualizacaoGlobal": "2025-03-13T10:00:00", **changes}


def test_new_days_changes_and_deletions_arrive_and_a_second_sync_adds_nothing(
    small_world, gather, days_later, sync, read
):
    contratos = small_world["contratos"]
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratos_publicacao", until=HARVESTED - timedelta(days=1))
        days_later()
        early = [one for one in contratos if one["dataPublicacaoPncp"] < "2025-03-05"]
        late = [one for one in contratos if "2025-03-10" <= one["dataPublicacaoPncp"] < "2025-03-11"]
        gone, changed = late[0]["numeroControlePNCP"], early[0]["numeroControlePNCP"]
        now = [
            touched(one, valorGlobal=77.25) if one["numeroControlePNCP"] == changed else one
            for one in without(contratos, gone)
        ]
        simulator.update("contratos", now)
        simulator.update("contratos_atualizacao", now)
        report = sync(simulator.url)
        stored = read("SELECT count(*) FROM raw.contratos")
        again = sync(simulator.url)
    assert (report.exit_code, again.exit_code) == (0, 0)
    assert read("SELECT count(*) FROM raw.contratos") == stored
    assert sum(one.stored for one in again.harvests.values()) == 0
    assert read(
        f"SELECT valorGlobal, source_endpoint FROM raw.contratos WHERE numeroControlePNCP = '{changed}' "
        "ORDER BY observation_id DESC LIMIT 1"
    )[0] == (read("SELECT CAST(77.25 AS DECIMAL(24, 4))")[0][0], "contratos_atualizacao")
    assert read("SELECT key, seen_until FROM meta.vanished") == [(gone, read(
        f"SELECT greatest(max(observed_at), TIMESTAMP '{HARVESTED}') FROM raw.contratos "
        f"WHERE numeroControlePNCP = '{gone}'"
    )[0][0])]  # fmt: skip
    landed = {key for (key,) in read("SELECT numeroControlePNCP FROM raw.contratos")}
    assert {one["numeroControlePNCP"] for one in now if one["dataPublicacaoPncp"] < "2025-03-15"} <= landed
    assert read("SELECT max(day) FROM meta.coverage WHERE endpoint = 'contratos'") == [(date(2025, 3, 14),)]


def test_a_listing_of_the_past_is_updated_and_not_extended(
    small_world, gather, monkeypatch, sync, read, database
):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratos_publicacao", until=date(2025, 3, 7))
        monkeypatch.setattr("baliza.build.sync.today", lambda: date(2025, 6, 12))
        with duckdb.connect(str(database)) as con:
            con.execute("UPDATE meta.coverage SET updated_at = TIMESTAMP '2025-06-10 12:00'")
        report = sync(simulator.url)
    assert set(report.harvests) == {"contratos_atualizacao"}
    assert read("SELECT max(day) FROM meta.coverage WHERE endpoint = 'contratos'") == [(date(2025, 3, 7),)]
    assert read("SELECT min(day), max(day) FROM meta.coverage WHERE endpoint = 'contratos_atualizacao'") == [
        (date(2025, 6, 10), date(2025, 6, 11))
    ]


def test_slices_and_modalidades_stay_what_they_are(small_world, gather, days_later, sync, read):
    with Simulator(small_world) as simulator:
        gather(
            simulator.url,
            "contratacoes_publicacao",
            until=HARVESTED - timedelta(days=1),
            filters=(("uf", "SP"),),
            modalidades=(8,),
        )
        days_later()
        sync(simulator.url)
    assert read("SELECT DISTINCT modalidade, slice FROM meta.coverage") == [(8, "uf=SP")]
    assert read("SELECT DISTINCT endpoint FROM meta.coverage ORDER BY 1") == [
        ("contratacoes_atualizacao",),
        ("contratacoes_publicacao",),
    ]


def test_details_of_a_purchase_that_changed_are_asked_for_again(small_world, gather, days_later, sync, read):
    purchases = small_world["contratacoes_publicacao"]
    with Simulator(small_world) as simulator:
        days = {"since": date(2025, 3, 10), "until": HARVESTED - timedelta(days=1), "modalidades": (8,)}
        gather(simulator.url, "contratacoes_publicacao", "itens", **days)
        days_later("contratacoes", "itens")
        ((changed,),) = read("SELECT min(parent_key) FROM raw.itens")
        now = [
            touched(one, valorTotalEstimado=1.5) if one["numeroControlePNCP"] == changed else one
            for one in purchases
        ]
        simulator.update("contratacoes_publicacao", now)
        simulator.update("contratacoes_atualizacao", now)
        before = len(simulator.requests)
        sync(simulator.url)
        asked = {path for path, _, _ in simulator.requests[before:] if path.endswith("/itens")}
    cnpj, _, rest = changed.split("-")
    sequencial, ano = rest.split("/")
    assert asked == {f"/api/pncp/v1/orgaos/{cnpj}/compras/{ano}/{int(sequencial)}/itens"}


def test_what_could_not_be_fetched_is_told(small_world, gather, days_later, sync, monkeypatch):
    monkeypatch.setattr("baliza.pncp.client.ATTEMPTS", 2)
    with Simulator(small_world) as simulator:
        gather(simulator.url, "atas_atualizacao", until=HARVESTED - timedelta(days=1))
        days_later()
        simulator.faults.__dict__["dead_days"] = frozenset({"20250313"})
        report = sync(simulator.url)
    assert report.exit_code == 3
    assert report.harvests["atas_atualizacao"].failed == 1


def test_there_must_be_a_file(tmp_path):
    with pytest.raises(DatabaseMissingError):
        syncing.sync(tmp_path / "none.duckdb", Server("http://nobody.invalid"), Silent())
