import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage.control_numbers import of_purchase

PORTAL = "https://pncp.gov.br/app/editais/"


@pytest.fixture(scope="module")
def parts(table):
    """What each control number says, in order."""

    def read(*numbers: str) -> list[tuple]:
        rows = table(
            {"n": "int64", "key": "string"}, *({"n": n, "key": key} for n, key in enumerate(numbers))
        )
        found = rows.select("n", **of_purchase(rows.key)).order_by("n").to_pyarrow().to_pylist()
        assert [row["numero_controle_pncp_compra"] for row in found] == list(numbers)
        return [
            (row["cnpj_orgao"], row["ano_compra"], row["sequencial_compra"], row["link_pncp"])
            for row in found
        ]

    return read


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
def test_parts(parts, number, expected):
    assert parts(number) == [expected]


@settings(max_examples=20, deadline=None)
@given(
    numbers=st.lists(
        st.tuples(
            st.from_regex("[0-9A-Z]{12}[0-9]{2}", fullmatch=True),
            st.integers(1, 10**9 - 1),
            st.integers(2021, 2099),
        ),
        min_size=5,
        max_size=20,
    )
)
def test_every_number_is_read_back(parts, numbers):
    written = [f"{cnpj}-1-{sequencial:06d}/{ano}" for cnpj, sequencial, ano in numbers]
    assert parts(*written) == [
        (cnpj, ano, sequencial, f"{PORTAL}{cnpj}/{ano}/{sequencial}") for cnpj, sequencial, ano in numbers
    ]
