"""Which purchases and contracts are still to be asked about, as what has landed says."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from baliza.warehouse import ledger, parents
from baliza.warehouse.ledger import Cell
from baliza.warehouse.parents import Wanted

MARCH = Wanted(date(2025, 3, 1), date(2025, 3, 31))
SEEN = datetime(2025, 4, 1)  # noqa: DTZ001  the file keeps UTC without saying so
HOUR = timedelta(hours=1)
MINE, OTHER = "00000000000191", "11111111000191"


@pytest.fixture
def see(con: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """A version of a purchase or contract is observed, as if it had landed."""
    seen = 0

    def seeing(
        key: str,
        day: str = "2025-03-10",
        *,
        at: datetime = SEEN,
        table: str = "contratacoes",
        cnpj: str = MINE,
        esfera: str = "M",
        ibge: str | None = "3550308",
        sub_rogated: str | None = None,
        modalidade: int = 8,
    ) -> None:
        nonlocal seen
        seen += 1
        modalidades = ", $modalidade AS modalidadeId" if table == "contratacoes" else ""
        con.execute(
            f"""
            INSERT INTO raw."{table}" BY NAME
            SELECT $key AS "numeroControlePNCP", CAST($day AS TIMESTAMP) AS "dataPublicacaoPncp",
                   {{'cnpj': $cnpj, 'razaoSocial': NULL, 'poderId': NULL, 'esferaId': $esfera}} AS "orgaoEntidade",
                   CASE WHEN $sub IS NOT NULL THEN
                       {{'cnpj': $sub, 'razaoSocial': NULL, 'poderId': NULL, 'esferaId': 'M'}} END AS "orgaoSubRogado",
                   {{'codigoUnidade': NULL, 'nomeUnidade': NULL, 'codigoIbge': $ibge, 'municipioNome': NULL,
                     'ufSigla': 'SP', 'ufNome': NULL}} AS "unidadeOrgao",
                   $at AS observed_at, CAST($id AS BIGINT) AS observation_id {modalidades}
            """,
            {
                "key": key, "day": day, "cnpj": cnpj, "esfera": esfera, "sub": sub_rogated, "ibge": ibge,
                "at": at, "id": seen, **({"modalidade": modalidade} if modalidades else {}),
            },
        )  # fmt: skip

    return seeing


@pytest.fixture
def item(con: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """A version of an item is observed."""
    seen = 0

    def seeing(parent: str, number: int, *, results: bool | None = True, at: datetime = SEEN) -> None:
        nonlocal seen
        seen += 1
        con.execute(
            """
            INSERT INTO raw.itens BY NAME
            SELECT ? AS parent_key, CAST(? AS INTEGER) AS "numeroItem", CAST(? AS BOOLEAN) AS "temResultado",
                   CAST(? AS TIMESTAMP) AS observed_at, CAST(? AS BIGINT) AS observation_id
            """,
            [parent, number, results, at, seen],
        )

    return seeing


@pytest.fixture
def find(con: duckdb.DuckDBPyConnection) -> Callable[..., Any]:
    def finding(
        wanted: Wanted = MARCH, *, endpoint: str = "itens", table: str = "contratacoes", by_item: bool = False
    ) -> dict[str, str]:
        found = parents.find(con, table, endpoint, wanted, by_item=by_item)
        finding.items = {one.cell.slice: one.items for one in found}
        finding.days = {one.cell.slice: one.cell.day for one in found}
        return {one.cell.slice: one.cell.status for one in found}

    return finding


def know(con: Any, parent: str, at: datetime, status: Any = "complete", *, endpoint: str = "itens") -> None:
    cell = Cell(endpoint, date(2025, 3, 10), status, parent, expected=3, landed=3, reason="why")
    ledger.record(con, [cell], at)


def test_what_was_never_asked_about_is_pending_by_day_of_publication(see: Callable, find: Any):
    see("b", "2025-03-10")
    see("c", "2025-03-05")
    see("a", "2025-03-10")
    assert list(find().items()) == [("c", "pending"), ("a", "pending"), ("b", "pending")]
    assert find.days["c"] == date(2025, 3, 5)


def test_only_days_asked_for(see: Callable, find: Any):
    for day in ("2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01"):
        see(day, f"{day}T23:59:59")
    assert set(find()) == {"2025-03-01", "2025-03-31"}


@pytest.mark.parametrize("status", ["complete", "empty", "short", "failed", "pending"])
def test_what_is_known_is_said(con: Any, see: Callable, find: Any, status: str):
    see("a")
    know(con, "a", SEEN + HOUR, status)
    assert find() == {"a": status}
    ((cell,),) = [[one.cell for one in parents.find(con, "contratacoes", "itens", MARCH, by_item=False)]]
    assert (cell.endpoint, cell.expected, cell.landed, cell.reason) == ("itens", 3, 3, "why")


def test_details_reopen_when_their_parent_has_changed(con: Any, see: Callable, find: Any):
    see("a")
    know(con, "a", SEEN + HOUR)
    assert find() == {"a": "complete"}
    see("a", at=SEEN + 2 * HOUR)
    assert find() == {"a": "pending"}
    know(con, "a", SEEN + 3 * HOUR)
    assert find() == {"a": "complete"}


def test_details_known_for_another_endpoint_are_not_known_for_this_one(con: Any, see: Callable, find: Any):
    see("a")
    know(con, "a", SEEN + HOUR, endpoint="compra")
    assert find() == {"a": "pending"}
    assert find(endpoint="compra") == {"a": "complete"}


def test_a_parent_published_anew_stands_under_its_new_day(see: Callable, find: Any):
    see("a", "2025-02-10")
    see("a", "2025-03-10", at=SEEN + HOUR)
    see("b", "2025-03-10")
    see("b", "2025-04-10", at=SEEN + HOUR)
    assert find() == {"a": "pending"}
    assert find.days == {"a": date(2025, 3, 10)}


@pytest.mark.parametrize(
    ("matches", "found"),
    [
        pytest.param([], {"mine", "other", "sub"}, id="all"),
        pytest.param([(("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj"), (MINE,))], {"mine", "sub"}, id="an órgão"),
        pytest.param([(("orgaoEntidade.cnpj",), (MINE, OTHER))], {"mine", "other", "sub"}, id="one of two"),
        pytest.param([(("modalidadeId",), ("6", "9"))], {"other"}, id="a modalidade"),
        pytest.param(
            [(("orgaoEntidade.cnpj",), (OTHER,)), (("modalidadeId",), ("8",))], {"sub"}, id="an órgão and a modalidade"
        ),
        pytest.param([(("unidadeOrgao.codigoIbge",), ("9999999",))], set(), id="a place where nothing is"),
    ],
)  # fmt: skip
def test_only_parents_that_match(see: Callable, find: Any, matches: Any, found: set[str]):
    see("mine", cnpj=MINE)
    see("other", cnpj=OTHER, modalidade=6, ibge=None)
    see("sub", cnpj=OTHER, sub_rogated=MINE)
    assert set(find(Wanted(MARCH.since, MARCH.until, matches))) == found


def test_a_parent_matches_by_its_newest_version(see: Callable, find: Any):
    see("a", modalidade=8)
    see("a", modalidade=6)
    assert find(Wanted(MARCH.since, MARCH.until, [(("modalidadeId",), ("8",))])) == {}


def test_only_parents_that_were_asked_about_before(con: Any, see: Callable, find: Any):
    see("asked")
    see("never")
    know(con, "asked", SEEN - HOUR)
    assert find(Wanted(date.min, date.max, known_to="itens")) == {"asked": "pending"}


def test_contracts_are_parents_too(see: Callable, find: Any):
    see("c", table="contratos")
    see("p")
    assert find(endpoint="termos", table="contratos") == {"c": "pending"}


def test_results_are_asked_of_items_that_have_some(see: Callable, item: Callable, find: Any):
    for parent in ("a", "b", "c"):
        see(parent)
    for number, results in ((3, True), (1, True), (2, False), (4, None)):
        item("a", number, results=results)
    item("b", 1, results=False)
    assert find(endpoint="resultados", by_item=True) == {"a": "pending"}
    assert find.items == {"a": (1, 3)}


def test_an_item_has_results_as_its_newest_version_says(see: Callable, item: Callable, find: Any):
    see("a")
    item("a", 1, results=False)
    item("a", 1, results=True)
    item("a", 2, results=True)
    item("a", 2, results=False)
    find(endpoint="resultados", by_item=True)
    assert find.items == {"a": (1,)}


def test_results_reopen_when_an_item_has_changed_and_not_when_the_purchase_has(
    con: Any, see: Callable, item: Callable, find: Any
):
    see("a")
    item("a", 1)
    item("a", 2)
    know(con, "a", SEEN + HOUR, endpoint="resultados")
    assert find(endpoint="resultados", by_item=True) == {"a": "complete"}
    item("a", 2, at=SEEN + 2 * HOUR)
    assert find(endpoint="resultados", by_item=True) == {"a": "pending"}
    assert find.items == {"a": (1, 2)}


def test_purchases_whose_items_are_unknown_are_counted(con: Any, see: Callable):
    for key in ("known", "short", "never"):
        see(key)
    see("another month", "2025-05-01")
    know(con, "known", SEEN)
    know(con, "short", SEEN, "short")
    assert parents.without_items(con, MARCH) == 2


def test_the_municipal_orgaos_of_a_municipality(con: Any, see: Callable):
    see("a", cnpj="22222222000191")
    see("b", cnpj=MINE)
    see("c", cnpj=MINE, table="contratos")
    see("d", cnpj="33333333000191", table="contratos")
    see("federal campus in town", cnpj="44444444000191", esfera="F")
    see("elsewhere", cnpj="55555555000191", ibge="3304557")
    see("nowhere", cnpj="66666666000191", ibge=None)
    assert parents.orgaos_of_municipio(con, "3550308") == [MINE, "22222222000191", "33333333000191"]
    assert parents.orgaos_of_municipio(con, "1100015") == []
