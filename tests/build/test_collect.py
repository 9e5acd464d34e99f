from dataclasses import replace
from datetime import date

import pytest

from baliza.build import collect, scope
from baliza.build.collect import HarvestRequest
from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.errors import UnconfirmedError, UsageError
from baliza.pncp.job import Server
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator

DAY = date(2025, 3, 10)


def request_for(database, *names, **narrowed):
    endpoints = tuple(scope.endpoints(names))
    period = Period(date(2025, 3, 3), date(2025, 3, 14))
    return HarvestRequest(
        database, "pncp", Server("http://nobody.invalid"), endpoints, Scope(period, **narrowed)
    )


def test_a_family_is_all_its_feeds_and_every_modalidade_is_proven(small_world, gather, read):
    with Simulator(small_world) as simulator:
        report = gather(simulator.url, "contratacoes")
    assert set(report.harvests) == {"contratacoes_publicacao", "contratacoes_atualizacao"}
    assert report.exit_code == 0
    cells = read("SELECT count(*), count(DISTINCT modalidade) FROM meta.coverage WHERE slice = ''")
    assert cells == [(2 * 19 * 12, 19)]
    published = {
        one["numeroControlePNCP"]
        for one in small_world["contratacoes_publicacao"]
        if "2025-03-03" <= one["dataPublicacaoPncp"][:10] <= "2025-03-14"
    }
    landed = {key for (key,) in read("SELECT DISTINCT numeroControlePNCP FROM raw.contratacoes")}
    assert published <= landed
    assert report.coverage.landed == report.coverage.expected


def test_details_follow_the_lists_they_are_of(small_world, gather, read):
    with Simulator(small_world) as simulator:
        report = gather(
            simulator.url, "resultados", "itens", "contratacoes_publicacao", "termos", "contratos_publicacao",
            since=DAY, until=DAY,
        )  # fmt: skip
    assert report.exit_code == 0
    parents = {key for (key,) in read("SELECT DISTINCT parent_key FROM raw.itens")}
    purchases = {key for (key,) in read("SELECT numeroControlePNCP FROM raw.contratacoes")}
    assert parents == {key for key in purchases if small_world["itens"].get(key)}
    results = sum(len(small_world["resultados"].get(key, ())) for key in purchases)
    assert read("SELECT count(*) FROM raw.resultados") == [(results,)]
    contracts = {key for (key,) in read("SELECT numeroControlePNCP FROM raw.contratos")}
    terms = sum(len(small_world["termos"].get(key, ())) for key in contracts)
    assert read("SELECT count(*) FROM raw.termos") == [(terms,)]
    assert (
        read("SELECT slice, day FROM meta.coverage WHERE endpoint = 'itens' AND slice NOT LIKE '%-1-%'") == []
    )


def test_details_begin_only_when_confirmed(small_world, gather, read):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratacoes_publicacao", modalidades=(6,))
        asked = len(simulator.requests)
        with pytest.raises(UnconfirmedError, match="--yes"):
            gather(simulator.url, "itens", confirm=False)
        assert len(simulator.requests) == asked
    assert read("SELECT count(*) FROM raw.itens") == [(0,)]


def test_a_second_harvest_asks_nothing(small_world, gather):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "atas", "contratacoes_publicacao", "itens", since=DAY, until=DAY)
        asked = len(simulator.requests)
        again = gather(simulator.url, "atas", "contratacoes_publicacao", "itens", since=DAY, until=DAY)
        assert len(simulator.requests) == asked
    assert again.harvests == {}
    assert again.exit_code == 0


def test_a_slice_stays_apart_from_the_whole(small_world, gather, read):
    with Simulator(small_world) as simulator:
        report = gather(simulator.url, "contratacoes_publicacao", filters=(("uf", "SP"),))
    assert report.exit_code == 0
    assert read("SELECT DISTINCT slice FROM meta.coverage") == [("uf=SP",)]
    assert read("SELECT DISTINCT unidadeOrgao.ufSigla FROM raw.contratacoes") == [("SP",)]


@pytest.mark.parametrize(
    ("ignored", "narrowed"),
    [
        pytest.param("uf", {"filters": (("uf", "AC"),)}, id="uf"),
        pytest.param("codigoModalidadeContratacao", {"modalidades": (13,)}, id="modalidade"),
    ],
)
def test_a_filter_that_pncp_ignores_fails_the_cells_and_nothing_lands(
    small_world, gather, read, ignored, narrowed
):
    with Simulator(small_world, Faults(ignored_filters=frozenset({ignored}))) as simulator:
        report = gather(simulator.url, "contratacoes_publicacao", **narrowed)
    assert report.exit_code == 3
    assert read("SELECT count(*) FROM raw.contratacoes") == [(0,)]
    statuses = {status for (status,) in read("SELECT DISTINCT status FROM meta.coverage")}
    assert "failed" in statuses
    assert "complete" not in statuses


def test_a_municipality_is_asked_for_as_its_municipal_orgaos(small_world, gather, read):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratacoes_publicacao")
        codigo, _ = read(
            "SELECT unidadeOrgao.codigoIbge, count(*) FROM raw.contratacoes "
            "WHERE orgaoEntidade.esferaId = 'M' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
        )[0]
        report = gather(simulator.url, "contratos_publicacao", filters=(("municipio", codigo),))
    orgaos = read(
        f"SELECT DISTINCT 'cnpj=' || orgaoEntidade.cnpj FROM raw.contratacoes "
        f"WHERE unidadeOrgao.codigoIbge = '{codigo}' AND orgaoEntidade.esferaId = 'M'"
    )
    asked = read("SELECT DISTINCT slice FROM meta.coverage WHERE endpoint = 'contratos'")
    assert sorted(asked) == sorted(orgaos)
    assert f"{codigo} is asked for as its {len(orgaos)} municipal órgãos" in report.notes[0]


def test_a_municipality_nobody_knows_is_refused_with_the_command_that_helps(small_world, gather):
    with Simulator(small_world) as simulator, pytest.raises(UsageError, match="Fetch its purchases first"):
        gather(simulator.url, "contratos_publicacao", filters=(("municipio", "3550308"),))


def test_a_dry_run_asks_nothing_and_makes_no_file(tmp_path):
    request = request_for(tmp_path / "none.duckdb", "contratos", "contratacoes")
    foreseen = collect.foresee(request)
    assert foreseen.windows["contratos"] == 12
    assert foreseen.requests["contratos"] == 12 * 17
    assert foreseen.requests["contratacoes_publicacao"] > 12 * (61 + 37 + 25 + 5 + 3)
    assert foreseen.seconds >= sum(foreseen.requests.values())
    assert not request.database.exists()


def test_a_dry_run_counts_the_details_of_what_has_landed(small_world, gather, database, read):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratacoes_publicacao", modalidades=(6, 8))
    foreseen = collect.foresee(request_for(database, "itens", "resultados"))
    ((purchases,),) = read("SELECT count(DISTINCT numeroControlePNCP) FROM raw.contratacoes")
    assert foreseen.requests == {"itens": purchases, "resultados": 0}
    assert any(f"{purchases} purchases have no items" in note for note in foreseen.notes)


def test_a_period_wider_than_a_year_is_asked_for_in_parts(small_world, gather):
    with Simulator(small_world) as simulator:
        report = gather(
            simulator.url,
            "contratos_publicacao",
            since=date(2024, 1, 1),
            filters=(("cnpj", small_world["contratos"][0]["orgaoEntidade"]["cnpj"]),),
        )
        spans = {(query["dataInicial"], query["dataFinal"]) for _, query, _ in simulator.requests}
    assert report.exit_code == 0
    assert spans == {("20240101", "20241230"), ("20241231", "20250314")}


def test_an_endpoint_that_cannot_be_narrowed_so_says_which_can(database):
    request = replace(request_for(database, "contratos"), scope=Scope(Period(DAY, DAY), (("uf", "SP"),)))
    with pytest.raises(UsageError, match="These can: contratacoes_publicacao"):
        collect.foresee(request)


def test_details_of_nothing_known_are_not_called_complete(small_world, gather):
    with Simulator(small_world) as simulator:
        report = gather(simulator.url, "itens")
    assert report.exit_code == 3
    assert "First: baliza harvest --endpoint contratacoes_publicacao" in report.notes[0]


def test_details_of_days_that_are_proven_empty_are_complete(small_world, gather):
    day = date(2024, 1, 1)
    with Simulator(small_world) as simulator:
        report = gather(simulator.url, "contratacoes_publicacao", "itens", since=day, until=day)
    assert report.exit_code == 0


def test_results_of_purchases_without_items_are_not_called_complete(small_world, gather):
    with Simulator(small_world) as simulator:
        gather(simulator.url, "contratacoes_publicacao", since=DAY, until=DAY, modalidades=(6, 8))
        report = gather(simulator.url, "resultados", since=DAY, until=DAY)
    assert report.exit_code == 3
    assert "have no items in the file yet" in report.notes[0]


def test_details_of_a_slice_that_is_proven_empty_are_complete(small_world, gather):
    narrowed = {"since": date(2024, 1, 1), "until": date(2024, 1, 1), "filters": (("uf", "AC"),)}
    with Simulator(small_world) as simulator:
        report = gather(simulator.url, "contratacoes_publicacao", "itens", **narrowed)
    assert report.exit_code == 0
