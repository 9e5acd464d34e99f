from datetime import date, datetime, timedelta
from decimal import Decimal

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.ledger import CELLS, SCHEMAS
from dataflows.mart import cells as ledger_cells
from dataflows.mart.cells import proven_part
from dataflows.mart.coverage import STATUSES, MartCoverage

NOW = datetime(2025, 7, 1, 12)  # noqa: DTZ001 - UTC, without saying so
ORGAO = "cnpj=00394460005887"
CELL = {
    "endpoint": "contratos",
    "modalidade": 0,
    "slice": "",
    "day": date(2025, 6, 1),
    "status": "complete",
    "expected": 5,
    "landed": 5,
    "repeats": 0,
    "walks": 1,
    "pages": 1,
    "quarantined": 0,
    "updated_at": NOW,
}
BY_DAY = ("dias_do_mes", "dias_provados", "dias_provados_so_pelo_pais", "dias_nao_pedidos")


def cells(*days: int, **change) -> list[dict]:
    """Cells of these days of June."""
    return [CELL | {"day": date(2025, 6, day)} | change for day in days]


@pytest.fixture
def coverage(mart):
    def made(*changes: dict) -> list[dict]:
        return mart("mart_coverage", meta_coverage=[CELL | change for change in changes])

    return made


def test_a_cell_proven(coverage):
    assert coverage({}) == [
        {
            "endpoint": "contratos",
            "modalidade_id": None,
            "recorte": "",
            "mes": date(2025, 6, 1),
            "modalidade_nome": None,
            "tipo_celula": "day",
            "celulas": 1,
            "celulas_completas": 1,
            "celulas_vazias": 0,
            "celulas_com_falta": 0,
            "celulas_com_falha": 0,
            "celulas_pendentes": 0,
            "celulas_provadas_percentual": Decimal(100),
            "dias_do_mes": 30,
            "dias_provados": 1,
            "dias_provados_so_pelo_pais": 0,
            "dias_nao_pedidos": 29,
            "dias_provados_percentual": Decimal("3.3333"),
            "mes_provado": False,
            "registros_esperados": 5,
            "registros_baixados": 5,
            "registros_faltantes": 0,
            "celulas_sem_total": 0,
            "registros_repetidos": 0,
            "registros_em_quarentena": 0,
            "primeiro_dia": date(2025, 6, 1),
            "ultimo_dia": date(2025, 6, 1),
            "provado_em_primeiro": NOW,
            "provado_em_ultimo": NOW,
            "motivo": None,
        }
    ]


def test_nothing_asked_for_has_no_row(coverage):
    assert coverage() == []


def test_each_status_is_counted_and_two_of_them_are_proof(coverage):
    statuses = [*cells(1, 2, 3), *cells(4, 5, status="empty"), *cells(6, status="short")]
    statuses += [*cells(7, 8, 9, 10, status="failed"), *cells(11, 12, 13, 14, 15, status="pending")]
    (row,) = coverage(*statuses)
    assert [row[column] for column in STATUSES.values()] == [3, 2, 1, 4, 5]
    assert row["celulas"] == 15
    assert row["dias_provados"] == 5
    assert row["dias_nao_pedidos"] == 15
    assert row["celulas_provadas_percentual"] == Decimal("33.3333")
    assert row["dias_provados_percentual"] == Decimal("16.6666")
    assert (row["primeiro_dia"], row["ultimo_dia"]) == (date(2025, 6, 1), date(2025, 6, 15))


@pytest.mark.parametrize(
    ("proven", "part"),
    [(3_000_000, "100"), (2_999_999, "99.9999"), (1, "0"), (29, "0.0009"), (30, "0.0010"), (0, "0")],
    ids=["all", "all but one", "one", "nearly", "just", "none"],
)
def test_a_part_is_cut_and_not_rounded(table, proven, part):
    found = table(ibis.schema({"proven": "int64", "asked": "int64"}), {"proven": proven, "asked": 3_000_000})
    made = found.select(part=proven_part(found.proven, found.asked)).to_pyarrow().to_pylist()
    assert made == [{"part": Decimal(part)}]


def test_what_is_not_all_is_not_a_hundred_percent(coverage):
    rest = [{"endpoint": "itens", "slice": f"{number}-1-1/2025"} for number in range(2_999)]
    (row,) = coverage({"endpoint": "itens", "slice": "x-1-1/2025", "status": "failed"}, *rest)
    assert row["celulas_provadas_percentual"] == Decimal("99.9666")


@pytest.mark.parametrize(("days", "proven"), [(30, True), (29, False)], ids=["every day of it", "a day less"])
def test_mes_provado(coverage, days, proven):
    (row,) = coverage(*cells(*range(1, days + 1)))
    assert row["mes_provado"] is proven
    assert row["dias_nao_pedidos"] == 30 - days


@pytest.mark.parametrize(
    ("day", "length"),
    [(date(2024, 2, 29), 29), (date(2025, 2, 1), 28), (date(2025, 12, 31), 31)],
    ids=["leap", "february", "december"],
)
def test_the_length_of_a_month(coverage, day, length):
    (row,) = coverage({"day": day})
    assert row["dias_do_mes"] == length
    assert row["mes"] == day.replace(day=1)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "atas_atualizacao"},
        {"modalidade": 6},
        {"slice": ORGAO},
        {"day": date(2025, 7, 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_value_of_the_key_has_a_row_of_its_own(coverage, change):
    found = coverage({"landed": 1}, change | {"landed": 2}, {"day": date(2025, 6, 30), "landed": 4})
    assert sorted(row["registros_baixados"] for row in found) == [2, 5]


def test_modalidades_are_labelled(coverage):
    found = coverage({"modalidade": 6}, {"modalidade": 99})
    assert [(row["modalidade_id"], row["modalidade_nome"]) for row in found] == [
        (6, "Pregão - Eletrônico"),
        (99, None),
    ]


@pytest.mark.parametrize(
    ("cell", "missing", "unknown"),
    [
        pytest.param({"status": "short", "expected": 9, "landed": 5}, 4, 0, id="short"),
        pytest.param({"status": "failed", "expected": 9, "landed": 0}, 9, 0, id="failed, total known"),
        pytest.param({"status": "failed", "expected": None, "landed": 3}, 0, 1, id="failed, total unknown"),
        pytest.param({"status": "pending", "expected": None, "landed": 0}, 0, 1, id="pending"),
        pytest.param({"status": "failed", "expected": 4, "landed": 5}, 0, 0, id="more than there should be"),
        pytest.param({"status": "complete", "expected": 9, "landed": 5}, 0, 0, id="proven lacks nothing"),
        pytest.param({"status": "empty", "expected": None, "landed": 0}, 0, 0, id="empty, no total said"),
    ],
)
def test_what_is_missing(coverage, cell, missing, unknown):
    (row,) = coverage(cell, *cells(2, status="short", expected=8, landed=7))
    assert row["registros_faltantes"] == missing + 1
    assert row["celulas_sem_total"] == unknown
    assert row["registros_esperados"] == (cell["expected"] or 0) + 8
    assert row["registros_baixados"] == cell["landed"] + 7


def test_repeats_and_quarantine_add_up(coverage):
    (row,) = coverage(
        *cells(1, repeats=3, quarantined=1), *cells(2, repeats=4, quarantined=2, status="short")
    )
    assert (row["registros_repetidos"], row["registros_em_quarentena"]) == (7, 3)


def test_as_of_when_is_that_of_proofs_alone(coverage):
    hour = timedelta(hours=1)
    (row,) = coverage(
        *cells(1, updated_at=NOW - 2 * hour, status="failed"),
        *cells(2, updated_at=NOW - hour, status="empty"),
        *cells(3, updated_at=NOW),
        *cells(4, updated_at=NOW + hour, status="pending"),
    )
    assert (row["provado_em_primeiro"], row["provado_em_ultimo"]) == (NOW - hour, NOW)
    (row,) = coverage(*cells(1, status="short"))
    assert (row["provado_em_primeiro"], row["provado_em_ultimo"]) == (None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param([{"updated_at": NOW, "reason": "new"}, {"reason": "old"}], "new", id="the newest"),
        pytest.param([{"reason": "first"}, {"reason": "second"}], "second", id="ties by day"),
        pytest.param([{"reason": "told"}, {"updated_at": NOW, "reason": None}], "told", id="null is none"),
        pytest.param(
            [{"reason": "told"}, {"updated_at": NOW, "reason": "once", "status": "complete"}],
            "told",
            id="what is proven has none",
        ),
        pytest.param([{"status": "empty", "reason": "once"}], None, id="none"),
    ],
)
def test_motivo(coverage, changes, reason):
    base = {"status": "failed", "updated_at": NOW - timedelta(days=1)}
    (row,) = coverage(*(base | {"day": date(2025, 6, 1 + n)} | one for n, one in enumerate(changes)))
    assert row["motivo"] == reason


def of(rows: list[dict], recorte: str | None) -> dict:
    (row,) = [row for row in rows if row["recorte"] == recorte]
    return row


def test_the_whole_country_proves_its_slices(coverage):
    whole = [*cells(1, 2, 3), *cells(4, status="failed"), *cells(5, status="empty")]
    own = [*cells(3, slice=ORGAO), *cells(5, 6, slice=ORGAO, status="failed"), *cells(7, slice=ORGAO)]
    found = coverage(*whole, *own)
    row = of(found, ORGAO)
    # 1, 2, 3, 5 for the country, 3 and 7 its own.
    assert (row["dias_provados"], row["dias_provados_so_pelo_pais"]) == (5, 3)
    # Of 6 it was asked in vain; 4 was never asked of it, and in vain of the country.
    assert row["dias_nao_pedidos"] == 30 - 6
    assert row["celulas"] == 4
    row = of(found, "")
    assert (row["dias_provados"], row["dias_provados_so_pelo_pais"], row["dias_nao_pedidos"]) == (4, 0, 25)


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "contratos_atualizacao"},
        {"modalidade": 8},
        {"day": date(2025, 7, 2)},
        {"slice": "uf=SP"},
        {"status": "short"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_does_not_prove_a_slice(coverage, change):
    own, other = cells(1, slice=ORGAO), [CELL | {"day": date(2025, 6, 2)} | change]
    row = of(coverage(*own, *other), ORGAO)
    assert (row["dias_provados"], row["dias_provados_so_pelo_pais"], row["dias_nao_pedidos"]) == (1, 0, 29)


@pytest.mark.parametrize(
    ("slice_", "day", "also"),
    [
        pytest.param(ORGAO, 1, True, id="a slice, on a day proven for the country"),
        pytest.param(ORGAO, 2, False, id="on a day asked in vain of the country"),
        pytest.param(ORGAO, 3, False, id="on a day never asked of the country"),
        pytest.param("", 1, False, id="the country itself"),
    ],
)
def test_each_cell_says_whether_the_country_proves_its_day_as_well(table, slice_, day, also):
    ledger = [*cells(1), *cells(2, status="failed"), *cells(1, 2, 3, slice=ORGAO)]
    known = ledger_cells.cells(table(SCHEMAS["meta_coverage"], *(CELL | cell for cell in ledger)))
    (found,) = [
        row["tambem_no_pais"]
        for row in known.to_pyarrow().to_pylist()
        if (row["slice"], row["day"].day) == (slice_, day)
    ]
    assert found is also


def test_details_are_added_up(coverage):
    found = coverage(
        *({"endpoint": "itens", "slice": f"00394460005887-1-00000{n}/2025"} for n in range(3)),
        {"endpoint": "itens", "slice": "x-1-1/2025", "status": "failed", "expected": None, "landed": 0},
    )
    (row,) = found
    assert (row["recorte"], row["tipo_celula"]) == (None, "parent")
    assert (row["celulas"], row["celulas_completas"], row["registros_baixados"]) == (4, 3, 15)
    assert row["celulas_provadas_percentual"] == 75
    assert {row[column] for column in (*BY_DAY, "dias_provados_percentual", "mes_provado")} == {None}


@pytest.mark.parametrize("endpoint", [name for name, kind in CELLS.items() if kind != "day"])
def test_where_cells_are_no_days_of_publication_nothing_is_said_of_the_month(coverage, endpoint):
    (row,) = coverage({"endpoint": endpoint})
    assert row["tipo_celula"] == CELLS[endpoint]
    assert {row[column] for column in (*BY_DAY, "dias_provados_percentual", "mes_provado")} == {None}


def test_an_endpoint_that_is_no_more_keeps_its_row(coverage):
    (row,) = coverage({"endpoint": "gone"})
    assert (row["endpoint"], row["tipo_celula"], row["celulas"]) == ("gone", None, 1)


def rule(name: str):
    return next(rule for rule in MartCoverage.rules() if rule.name == name)


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        pytest.param({}, True, id="as it should be"),
        *(pytest.param({column: 2}, False, id=column) for column in ("celulas", *STATUSES.values())),
    ],
)
def test_every_cell_is_of_one_status(table, change, holds):
    row = {"celulas": 5} | dict.fromkeys(STATUSES.values(), 1) | change
    found = table(MartCoverage.schema(), row)
    held = found.select(holds=rule("every cell is of one status").holds(found)).to_pyarrow().to_pylist()
    assert held == [{"holds": holds}]


@pytest.mark.parametrize(
    ("days", "holds"),
    [
        pytest.param((30, 20, 20, 10), True, id="as many as can be"),
        pytest.param((30, 20, 20, 11), False, id="more than the month has"),
        pytest.param((30, 20, 21, 10), False, id="more by the country than at all"),
        pytest.param((None, None, None, None), None, id="no days"),
    ],
)
def test_days_lie_in_the_month(table, days, holds):
    found = table(MartCoverage.schema(), dict(zip(BY_DAY, days, strict=True)))
    within = rule("days proven and days never asked for lie in the month")
    assert found.select(holds=within.holds(found)).to_pyarrow().to_pylist() == [{"holds": holds}]


MEASURES = {
    "celulas",
    *STATUSES.values(),
    "registros_esperados",
    "registros_baixados",
    "registros_repetidos",
    "registros_em_quarentena",
}


@pytest.fixture
def compared(table, coverage):
    """The gate over cells and the rows that the mart makes of them, changed."""
    (gate,) = MartCoverage.gates

    def compare(*changes: dict, tamper=lambda _row: {}) -> dict:
        made = [row | tamper(row) for row in coverage(*changes)]
        ledger = table(SCHEMAS["meta_coverage"], *(CELL | change for change in changes))
        found = gate.compare(mart_coverage=table(MartCoverage.schema(), *made), meta_coverage=ledger)
        return {row["measure"]: (row["expected"], row["found"]) for row in found.to_pyarrow().to_pylist()}

    return compare


def test_the_gate_measures_cells_and_records(compared):
    measures = compared(
        {"repeats": 2, "quarantined": 1},
        {"slice": ORGAO, "status": "short", "expected": None},
        {"endpoint": "itens", "slice": "a-1-1/2025", "status": "pending"},
    )
    assert set(measures) == MEASURES
    assert all(expected == found for expected, found in measures.values())
    assert measures["celulas"] == (3, 3)
    assert measures["registros_esperados"] == (10, 10)
    assert measures["registros_baixados"] == (15, 15)
    assert (measures["registros_repetidos"], measures["registros_em_quarentena"]) == ((2, 2), (1, 1))
    assert [measures[column][0] for column in STATUSES.values()] == [1, 0, 1, 0, 1]


@pytest.mark.parametrize("column", sorted(MEASURES))
def test_the_gate_catches_a_tampered_column(compared, column):
    measures = compared({}, tamper=lambda row: {column: row[column] + 1})
    assert {name for name, (expected, found) in measures.items() if expected != found} == {column}


def test_the_gate_holds_over_nothing(compared):
    assert set(compared().values()) == {(0, 0)}


LEDGER = st.lists(
    st.fixed_dictionaries(
        {
            "endpoint": st.sampled_from(["contratos", "contratacoes_publicacao"]),
            "modalidade": st.sampled_from([0, 6]),
            "slice": st.sampled_from(["", ORGAO, "uf=SP"]),
            "day": st.dates(date(2025, 1, 30), date(2025, 2, 3)),
            "status": st.sampled_from(list(STATUSES)),
        }
    ),
    unique_by=lambda cell: (cell["endpoint"], cell["modalidade"], cell["slice"], cell["day"]),
    max_size=40,
)


@settings(max_examples=25, deadline=None)
@given(LEDGER)
def test_days_proven_are_those_that_plain_sets_find(mart, ledger):
    found = mart("mart_coverage", meta_coverage=[CELL | cell for cell in ledger])
    for row in found:
        same = [
            cell
            for cell in ledger
            if (cell["endpoint"], cell["modalidade"] or None) == (row["endpoint"], row["modalidade_id"])
            and cell["day"].replace(day=1) == row["mes"]
        ]
        own = {cell["day"] for cell in same if cell["slice"] == row["recorte"]}
        mine, country = (
            {
                cell["day"]
                for cell in same
                if cell["slice"] == slice_ and cell["status"] in {"complete", "empty"}
            }
            for slice_ in (row["recorte"], "")
        )
        assert row["dias_provados"] == len(mine | country)
        assert row["dias_provados_so_pelo_pais"] == len(country - mine)
        assert row["dias_nao_pedidos"] == row["dias_do_mes"] - len(own | country)
    assert sum(row["celulas"] for row in found) == len(ledger)
