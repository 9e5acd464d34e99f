"""From what is asked for to the windows still to be fetched."""

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from baliza.build import fetching
from baliza.build.period import Period, today
from baliza.build.scope import Scope
from baliza.errors import UsageError
from baliza.pncp.endpoints import ENDPOINTS, SELDOM_USED
from baliza.pncp.windows import days_of
from baliza.warehouse import ledger
from baliza.warehouse.connection import connect
from baliza.warehouse.ledger import Cell

MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))
WEEK = Period(date(2025, 3, 10), date(2025, 3, 14))
NOW = datetime(2025, 4, 1)  # noqa: DTZ001  the file keeps UTC without saying so
TOWN, CITY = "3550308", "3304557"
PREFEITURA, CAMARA, CONSORCIO = "00000000000191", "11111111000191", "22222222000191"


@pytest.fixture
def con(tmp_path, prepared):
    path = tmp_path / "test.duckdb"
    shutil.copy(prepared, path)
    con = connect(path, write=True)
    yield con
    con.close()


@pytest.fixture
def plan(con) -> Callable[..., list[Any]]:
    """The windows of one endpoint; notes are kept in `plan.notes`."""

    def planning(endpoint: str, scope: Scope, **how: Any) -> list[Any]:
        planned = fetching.plan(con, [ENDPOINTS[endpoint]], scope, **how)
        (job,) = planned.jobs
        planning.notes = planned.notes
        assert (job.endpoint.id, job.table.name) == (endpoint, ENDPOINTS[endpoint].table)
        assert {window.endpoint for window in job.windows} <= {endpoint}
        return list(job.windows)

    return planning


@pytest.fixture
def see(con) -> Callable[..., None]:
    """A version of a purchase or contract is observed, as if it had landed."""
    seen = 0

    def seeing(
        key: str = "a",
        *,
        cnpj: str = PREFEITURA,
        ibge: str = TOWN,
        esfera: str = "M",
        table: str = "contratacoes",
        day: str = "2025-03-10",
        modalidade: int = 8,
        at: datetime = NOW,
    ) -> None:
        nonlocal seen
        seen += 1
        con.execute(
            f"""
            INSERT INTO raw."{table}" BY NAME
            SELECT $key AS "numeroControlePNCP", CAST($day AS TIMESTAMP) AS "dataPublicacaoPncp",
                   {{'cnpj': $cnpj, 'razaoSocial': NULL, 'poderId': NULL, 'esferaId': $esfera}} AS "orgaoEntidade",
                   {{'codigoUnidade': NULL, 'nomeUnidade': NULL, 'codigoIbge': $ibge, 'municipioNome': NULL,
                     'ufSigla': 'SP', 'ufNome': NULL}} AS "unidadeOrgao",
                   CAST($at AS TIMESTAMP) AS observed_at, CAST($id AS BIGINT) AS observation_id
                   {", CAST($modalidade AS INTEGER) AS modalidadeId" if table == "contratacoes" else ""}
            """,
            {
                "key": key, "day": day, "cnpj": cnpj, "esfera": esfera, "ibge": ibge, "at": at, "id": seen,
                **({"modalidade": modalidade} if table == "contratacoes" else {}),
            },
        )  # fmt: skip

    return seeing


def know(con: Any, endpoint: str, day: date, status: Any = "complete", **fields: Any) -> None:
    ledger.record(con, [Cell(endpoint, day, status, **fields)], NOW + timedelta(hours=1))


def item(con: Any, parent: str, number: int, *, results: bool) -> None:
    con.execute(
        """
        INSERT INTO raw.itens BY NAME
        SELECT ? AS parent_key, CAST(? AS INTEGER) AS "numeroItem", CAST(? AS BOOLEAN) AS "temResultado",
               CAST(? AS TIMESTAMP) AS observed_at, 1 AS observation_id
        """,
        [parent, number, results, NOW],
    )


def test_every_day_of_the_whole_country(plan):
    asked = plan("contratos", Scope(WEEK))
    assert [(window.since, window.until, window.slice) for window in asked] == [
        (day, day, "") for day in (date(2025, 3, n) for n in range(10, 15))
    ]


def test_only_what_is_open(con, plan):
    know(con, "contratos", date(2025, 3, 11))
    know(con, "contratos", date(2025, 3, 12), "empty")
    know(con, "contratos", date(2025, 3, 13), "short")
    assert [window.since.day for window in plan("contratos", Scope(WEEK))] == [10, 13, 14]


def test_nothing_is_asked_of_what_is_proven(con, plan):
    for n in range(10, 15):
        know(con, "contratos", date(2025, 3, n))
    assert plan("contratos", Scope(WEEK)) == []


def test_every_modalidade_each_in_its_width_and_by_day_first(plan):
    asked = plan("contratacoes_publicacao", Scope(MARCH))
    assert [window.since for window in asked] == sorted(window.since for window in asked)
    by_modalidade = {}
    for window in asked:
        by_modalidade.setdefault(window.modalidade, []).append(window)
    assert set(by_modalidade) == set(range(1, 20))
    days = {
        code: [day for window in found for day in days_of(window)] for code, found in by_modalidade.items()
    }
    assert all(len(set(found)) == len(found) == 31 for found in days.values())
    assert len(by_modalidade[8]) == 31
    assert len(by_modalidade[1]) == 2
    assert all(len(by_modalidade[code]) == 1 for code in SELDOM_USED)


def test_the_modalidades_asked_for(con, plan):
    know(con, "contratacoes_publicacao", date(2025, 3, 10), modalidade=8)
    asked = plan("contratacoes_publicacao", Scope(Period(WEEK.since, WEEK.since), modalidades=(8, 6)))
    assert [window.modalidade for window in asked] == [6]


def test_windows_may_be_made_wider(plan):
    (window,) = plan("contratos", Scope(WEEK), widest=31)
    assert (window.since, window.until) == (WEEK.since, WEEK.until)


def test_several_slices(plan):
    asked = plan("contratos", Scope(WEEK, (("cnpj", PREFEITURA), ("cnpj", CAMARA))))
    assert [window.slice for window in asked] == [f"cnpj={PREFEITURA}", f"cnpj={CAMARA}"]


def test_a_filter_that_would_be_ignored_is_refused(plan):
    with pytest.raises(UsageError, match="send the whole country"):
        plan("contratos", Scope(WEEK, (("uf", "SP"),)))


def test_a_snapshot_is_of_today_whatever_the_period(plan):
    asked = plan("contratacoes_proposta", Scope(WEEK, modalidades=(8, 6)))
    assert {(window.since, window.until) for window in asked} == {(today(), today())}
    assert [window.modalidade for window in asked] == [8, 6]


def test_a_snapshot_of_another_day_is_of_that_day(plan, con):
    scope = Scope(WEEK, modalidades=(8,), snapshot=date(2025, 6, 30))
    (window,) = plan("contratacoes_proposta", scope)
    assert (window.since, window.until) == (date(2025, 6, 30), date(2025, 6, 30))
    found = fetching.coverage(con, [ENDPOINTS["contratacoes_proposta"]], scope, with_snapshots=True)
    assert [cell.day for cell in found.missing] == [date(2025, 6, 30)]


def test_plans_are_asked_for_by_the_year(plan):
    period = Period(date(2024, 5, 1), date(2026, 2, 1))
    asked = plan("pca_classe", Scope(period, (("classe", "859"),)))
    assert [(window.since, window.until, window.slice) for window in asked] == [
        (date(year, 1, 1), date(year, 1, 1), "classe=859") for year in (2024, 2025, 2026)
    ]


def test_without_a_period_no_day_is_asked_for(plan):
    assert plan("contratos", Scope()) == []
    assert plan("pca_classe", Scope(None, (("classe", "859"),))) == []


def test_a_municipality_where_pncp_can_narrow_to_it(plan):
    asked = plan("contratacoes_publicacao", Scope(WEEK, (("municipio", TOWN),), modalidades=(8,)))
    assert [window.slice for window in asked] == [f"municipio={TOWN}"]
    assert plan.notes == []


def test_a_municipality_where_it_cannot_is_asked_for_by_its_orgaos(plan, see):
    see(cnpj=PREFEITURA)
    see("b", cnpj=CAMARA, table="contratos")
    see("c", cnpj="99999999000191", esfera="F")
    asked = plan("contratos", Scope(WEEK, (("municipio", TOWN),)))
    assert [window.slice for window in asked] == [f"cnpj={PREFEITURA}", f"cnpj={CAMARA}"]
    (note,) = plan.notes
    assert TOWN in note
    assert "2 municipal órgãos" in note


def test_a_municipality_of_which_nothing_is_known_yet(plan, see):
    see(ibge=CITY)
    with pytest.raises(UsageError, match="names no municipal órgão") as raised:
        plan("contratos", Scope(WEEK, (("municipio", TOWN),)))
    assert f"--endpoint contratacoes_publicacao --municipio {TOWN}" in str(raised.value)


def test_an_orgao_of_two_municipalities_is_asked_for_once(plan, see):
    see(cnpj=CONSORCIO, ibge=TOWN)
    see("b", cnpj=CONSORCIO, ibge=CITY)
    asked = plan("contratos", Scope(WEEK, (("municipio", TOWN), ("municipio", CITY))))
    assert [window.slice for window in asked] == [f"cnpj={CONSORCIO}"]


def test_details_of_parents_are_asked_for_one_by_one(con, plan, see):
    see("a")
    see("b")
    see("known")
    see("another month", day="2025-05-01")
    know(con, "itens", date(2025, 3, 10), slice="known")
    asked = plan("itens", Scope(MARCH))
    assert [(window.slice, window.since, window.until) for window in asked] == [
        ("a", date(2025, 3, 10), date(2025, 3, 10)),
        ("b", date(2025, 3, 10), date(2025, 3, 10)),
    ]


def test_details_reopen_after_their_parent_has_changed(con, plan, see):
    see("a")
    know(con, "itens", date(2025, 3, 10), slice="a")
    assert plan("itens", Scope(MARCH)) == []
    see("a", at=NOW + timedelta(hours=2))
    assert [window.slice for window in plan("itens", Scope(MARCH))] == ["a"]


@pytest.mark.parametrize(
    ("scope", "slices"),
    [
        pytest.param(Scope(MARCH, (("cnpj", CAMARA),)), ["b"], id="of an órgão"),
        pytest.param(Scope(MARCH, (("municipio", CITY),)), ["b"], id="of a municipality"),
        pytest.param(Scope(MARCH, (("uf", "SP"),)), ["a", "b"], id="of a state"),
        pytest.param(Scope(MARCH, modalidades=(6,)), ["b"], id="of a modalidade"),
        pytest.param(Scope(MARCH, (("cnpj", CAMARA),), modalidades=(8,)), [], id="of both"),
        pytest.param(Scope(), ["a", "b"], id="of all that is in the file"),
    ],
)
def test_details_are_narrowed_by_what_their_parents_say(plan, see, scope, slices):
    see("a")
    see("b", cnpj=CAMARA, ibge=CITY, modalidade=6)
    assert [window.slice for window in plan("itens", scope)] == slices


def test_terms_are_asked_of_contracts(plan, see):
    see("a")
    see("c", table="contratos", cnpj=CAMARA)
    assert [window.slice for window in plan("termos", Scope(MARCH))] == ["c"]
    assert [window.slice for window in plan("termos", Scope(MARCH, (("cnpj", PREFEITURA),)))] == []


def test_results_are_asked_only_of_items_that_have_some_and_the_rest_is_said(con, plan, see):
    see("a")
    see("b")
    see("unknown")
    for parent in ("a", "b"):
        know(con, "itens", date(2025, 3, 10), slice=parent)
    for number, results in ((1, True), (2, False), (5, True)):
        item(con, "a", number, results=results)
    item(con, "b", 1, results=False)
    assert [(window.slice, window.items) for window in plan("resultados", Scope(MARCH))] == [("a", (1, 5))]
    (note,) = plan.notes
    assert note.startswith("resultados: 1 purchases have no items in the file yet (--endpoint itens")


def test_nothing_is_said_when_all_items_are_known(con, plan, see):
    see("a")
    know(con, "itens", date(2025, 3, 10), "empty", slice="a")
    assert plan("resultados", Scope(MARCH)) == []
    assert plan.notes == []


def covered(con: Any, *endpoints: str, scope: Scope | None = None) -> Any:
    return fetching.coverage(con, [ENDPOINTS[endpoint] for endpoint in endpoints], scope or Scope(WEEK))


def test_coverage_adds_up_endpoints_modalidades_and_days(con):
    know(con, "contratos", date(2025, 3, 10), expected=5, landed=5)
    know(con, "contratacoes_publicacao", date(2025, 3, 10), modalidade=8, expected=3, landed=2)
    found = covered(con, "contratos", "contratacoes_publicacao", scope=Scope(WEEK, modalidades=(8, 6)))
    assert (found.expected, found.landed) == (8, 7)
    assert found.cells == {"complete": 2, "pending": 4 + 9}
    assert len(found.missing) == 13


def test_coverage_of_details_is_that_of_their_parents(con, see):
    see("a")
    see("b")
    know(con, "itens", date(2025, 3, 10), slice="a", expected=7, landed=7)
    know(con, "itens", date(2025, 3, 10), slice="gone from the file", expected=1, landed=1)
    found = covered(con, "itens")
    assert (found.cells, found.landed) == ({"complete": 1, "pending": 1}, 7)


def test_a_snapshot_is_no_part_of_a_period(con):
    assert covered(con, "contratacoes_proposta").cells == {}
    assert covered(con, "contratacoes_proposta").is_complete


def test_coverage_without_a_period_is_of_all_that_was_ever_asked(con):
    know(con, "contratos", date(2020, 1, 1))
    know(con, "contratos", date(2025, 1, 1), "failed")
    assert covered(con, "contratos", scope=Scope()).cells == {"complete": 1, "failed": 1}


def test_details_once_asked_for_and_open_or_changed_since(con, see):
    for key in ("never asked", "complete", "failed", "changed"):
        see(key)
    know(con, "itens", date(2025, 3, 10), slice="complete")
    know(con, "itens", date(2025, 3, 10), "failed", slice="failed")
    know(con, "itens", date(2025, 3, 10), slice="changed")
    see("changed", at=NOW + timedelta(hours=2))
    job = fetching.known_details(con, ENDPOINTS["itens"])
    assert [window.slice for window in job.windows] == ["changed", "failed"]
