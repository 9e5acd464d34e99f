import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage import control_numbers

PORTAL = "https://pncp.gov.br/app/editais/"
NOTHING = (None, None, None, None, None)


@pytest.fixture(scope="module")
def said(table):
    """Rows of columns made of control numbers, in order."""

    def read(columns, *numbers: str | None) -> list[dict]:
        rows = table(
            {"n": "int64", "number": "string"}, *({"n": n, "number": x} for n, x in enumerate(numbers))
        )
        return rows.select("n", **columns(rows.number)).order_by("n").to_pyarrow().to_pylist()

    return read


@pytest.fixture(scope="module")
def parts(said):
    """CNPJ, sequence, year, purchase and ata sequence that a control number says."""
    functions = ("cnpj", "sequence", "year", "compra_of_ata", "ata_sequence")

    def read(*numbers: str | None) -> list[tuple]:
        rows = said(
            lambda number: {name: getattr(control_numbers, name)(number) for name in functions}, *numbers
        )
        return [tuple(row[name] for name in functions) for row in rows]

    return read


@pytest.fixture(scope="module")
def purchases(said):
    """CNPJ, year, sequence and page that the number of a detail's purchase says."""

    def read(*numbers: str) -> list[tuple]:
        rows = said(control_numbers.of_purchase, *numbers)
        assert [row["numero_controle_pncp_compra"] for row in rows] == list(numbers)
        return [
            (row["cnpj_orgao"], row["ano_compra"], row["sequencial_compra"], row["link_pncp"]) for row in rows
        ]

    return read


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(
            "00394460005887-2-002468/2025", ("00394460005887", 2468, 2025, None, None), id="a contrato"
        ),
        pytest.param(
            "12ABC34501DE35-1-000001/2026", ("12ABC34501DE35", 1, 2026, None, None), id="CNPJ with letters"
        ),
        pytest.param(
            "00394460000141-1-000012/2025-000003",
            ("00394460000141", 12, 2025, "00394460000141-1-000012/2025", 3),
            id="an ata",
        ),
        pytest.param(
            "00394460000141-1-999999999/2025-999999999",
            ("00394460000141", 999999999, 2025, "00394460000141-1-999999999/2025", 999999999),
            id="the longest sequences",
        ),
        pytest.param("00394460000141-1-1000000000/2025", NOTHING, id="sequence too long"),
        pytest.param("00394460000141-3-000012/2025", NOTHING, id="unknown marker"),
        pytest.param("00394460000141-1-12/2025", NOTHING, id="sequence without zeros"),
        pytest.param("00394460000141-1-000012/2025-3", NOTHING, id="ata without zeros"),
        pytest.param("x00394460000141-1-000012/2025", NOTHING, id="something before"),
        pytest.param("00394460000141-1-000012/2025x", NOTHING, id="something behind"),
        pytest.param("", NOTHING, id="empty"),
        pytest.param(None, NOTHING, id="null"),
    ],
)
def test_parts(parts, number, expected):
    assert parts(number) == [expected]


CNPJS = st.from_regex(r"[0-9A-Z]{12}[0-9]{2}", fullmatch=True, alphabet=st.characters(codec="ascii"))
SEQUENCES = st.integers(0, 10**9 - 1)
YEARS = st.integers(1000, 9999)


@given(st.lists(st.tuples(CNPJS, SEQUENCES, YEARS, SEQUENCES), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_what_was_put_together_is_taken_apart(parts, purchases, written):
    compras = [f"{cnpj}-1-{sequence:06}/{year}" for cnpj, sequence, year, _ in written]
    atas = [f"{compra}-{record[3]:06}" for compra, record in zip(compras, written, strict=True)]
    expected = [
        (cnpj, sequence, year, compra, ata)
        for (cnpj, sequence, year, ata), compra in zip(written, compras, strict=True)
    ]
    assert parts(*atas) == expected
    assert parts(*compras) == [(*said[:3], None, None) for said in expected]
    assert purchases(*compras) == [
        (cnpj, year, sequence, f"{PORTAL}{cnpj}/{year}/{sequence}") for cnpj, sequence, year, _ in written
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(
            "00394460005887-1-000020/2025",
            ("00394460005887", 2025, 20, f"{PORTAL}00394460005887/2025/20"),
            id="an ordinary one",
        ),
        pytest.param(
            "12ABC34501DE35-1-000007/2026",
            ("12ABC34501DE35", 2026, 7, f"{PORTAL}12ABC34501DE35/2026/7"),
            id="CNPJ with letters",
        ),
        pytest.param(
            "00394460005887-1-1000000/2025",
            ("00394460005887", 2025, 1000000, f"{PORTAL}00394460005887/2025/1000000"),
            id="a million purchases",
        ),
        pytest.param(
            "00394460005887-2-000020/2025", ("00394460005887", None, None, None), id="that of a contract"
        ),
        pytest.param(
            "00394460005887-1-000020/2025-000001", ("00394460005887", None, None, None), id="that of an ata"
        ),
        pytest.param("x", ("x", None, None, None), id="none at all"),
    ],
)
def test_of_which_purchase_a_detail_is(purchases, number, expected):
    assert purchases(number) == [expected]
