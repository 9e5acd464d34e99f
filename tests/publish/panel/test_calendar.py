from datetime import date

import duckdb
import pytest

from baliza.publish.panel import calendar
from dataflows.ledger import SCHEMAS


@pytest.fixture
def read(table):
    """The calendar of cells: (endpoint, modalidade, slice, day of January, status)."""

    def of(*cells):
        rows = [
            {
                "endpoint": endpoint,
                "modalidade": modalidade,
                "slice": slice_,
                "day": date(2024, 1, day),
                "status": status,
            }
            for endpoint, modalidade, slice_, day, status in cells
        ]
        con = duckdb.connect()
        con.execute("CREATE SCHEMA meta")
        con.register("given", table(SCHEMAS["meta_coverage"], *rows).to_pyarrow())
        con.execute("CREATE TABLE meta.coverage AS SELECT * FROM given")
        return calendar.read(con)

    return of


def letters(found):
    return {(one.endpoint, one.slice): one.letters for one in found.listings}


def test_each_day_from_the_first_to_the_last_has_a_letter(read):
    statuses = ("complete", "empty", "short", "failed", "pending")
    found = read(*(("contratos", 0, "", 2 * n + 1, status) for n, status in enumerate(statuses)))
    assert letters(found) == {("contratos", ""): "c.e.s.f.p"}
    assert (found.contracts.proven, found.contracts.days) == (2, 9)


@pytest.mark.parametrize(
    ("statuses", "letter"),
    [
        pytest.param(("complete", "empty"), "c", id="one of them had something"),
        pytest.param(("empty", "empty"), "e", id="none had"),
        pytest.param(("complete", "short"), "s", id="one is short"),
        pytest.param(("short", "failed"), "f", id="one failed"),
        pytest.param(("complete", "pending"), "p", id="one is pending"),
        pytest.param(("complete",), "p", id="one was not asked for, that was on another day"),
    ],
)
def test_a_day_is_as_good_as_the_worst_of_its_modalidades(read, statuses, letter):
    endpoint = "contratacoes_publicacao"
    found = read(
        *((endpoint, n, "", 1, status) for n, status in enumerate(statuses)),
        (endpoint, 0, "", 2, "complete"),
        (endpoint, 1, "", 2, "complete"),
    )
    assert letters(found) == {(endpoint, ""): letter + "c"}


def test_the_country_comes_first_and_many_slices_are_added_up(read):
    slices = [f"cnpj={n:014}" for n in range(12)]
    found = read(
        *(("contratos", 0, one, 1, "complete") for one in [*slices, ""]),
        ("contratos", 0, slices[0], 2, "failed"),
    )
    assert [one.slice for one in found.listings] == ["", *slices[:7]]
    assert found.others == [("Contratos e empenhos", 5, 5, 5)]


def test_details_have_no_days(read):
    found = read(("itens", 0, "a", 1, "complete"), ("itens", 0, "b", 1, "failed"))
    assert (found.listings, found.details) == ([], [("Itens das contratações", 2, 1)])
    assert found.contracts is None


def test_every_endpoint_has_a_name_in_portuguese():
    assert set(calendar.NAMES) == set(calendar.ENDPOINTS)
