import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage import control_numbers

NOTHING = (None, None, None, None, None)


@pytest.fixture(scope="module")
def parts(table):
    """CNPJ, sequence, year, purchase and ata sequence that a control number says."""

    def read(*numbers: str | None) -> list[tuple]:
        said = table(
            {"n": "int64", "number": "string"}, *({"n": n, "number": x} for n, x in enumerate(numbers))
        )
        functions = ("cnpj", "sequence", "year", "compra_of_ata", "ata_sequence")
        columns = {name: getattr(control_numbers, name)(said.number) for name in functions}
        rows = said.select("n", **columns).order_by("n").to_pyarrow().to_pylist()
        return [tuple(row[name] for name in functions) for row in rows]

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
            "00394460000141-1-999999/2025-999999",
            ("00394460000141", 999999, 2025, "00394460000141-1-999999/2025", 999999),
            id="the longest sequences",
        ),
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
SIX = st.integers(0, 999_999)


@given(st.lists(st.tuples(CNPJS, SIX, st.integers(1000, 9999), SIX), min_size=1, max_size=20))
@settings(deadline=None, max_examples=25)
def test_what_was_put_together_is_taken_apart(parts, written):
    compras = [f"{cnpj}-1-{sequence:06}/{year}" for cnpj, sequence, year, _ in written]
    atas = [f"{compra}-{record[3]:06}" for compra, record in zip(compras, written, strict=True)]
    expected = [
        (cnpj, sequence, year, compra, ata)
        for (cnpj, sequence, year, ata), compra in zip(written, compras, strict=True)
    ]
    assert parts(*atas) == expected
    assert parts(*compras) == [(*said[:3], None, None) for said in expected]
