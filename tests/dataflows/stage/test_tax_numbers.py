import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.stage.tax_numbers import cnpj_is_right, cnpj_root, cpf_is_right, is_cnpj

CNPJ_WEIGHTS = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
CHARACTERS = string.digits + string.ascii_uppercase


def digit(total: int) -> str:
    rest = total % 11
    return "0" if rest in {0, 1} else str(11 - rest)


def cnpj_digits(base: str) -> str:
    """Of twelve characters, step by step as the Receita explains it."""
    values = [ord(character) - ord("0") for character in base]
    first = digit(sum(value * weight for value, weight in zip(values, CNPJ_WEIGHTS, strict=True)))
    values.append(int(first))
    return first + digit(
        sum(value * weight for value, weight in zip(values, [6, *CNPJ_WEIGHTS], strict=True))
    )


def cpf_digits(base: str) -> str:
    """Of nine digits."""
    first = digit(sum(int(figure) * (10 - place) for place, figure in enumerate(base)))
    return first + digit(sum(int(figure) * (11 - place) for place, figure in enumerate(base + first)))


@pytest.fixture(scope="module")
def judge(table):
    """What a function says of several numbers, in order."""

    def said(function, *numbers: str | None) -> list[bool | None]:
        given_ = table(
            {"n": "int64", "number": "string"}, *({"n": n, "number": x} for n, x in enumerate(numbers))
        )
        judged = given_.select("n", right=function(given_.number)).order_by("n")
        return judged.right.to_pyarrow().to_pylist()

    return said


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("00394460000141", True, id="right"),
        pytest.param("00000000000191", True, id="the Banco do Brasil's"),
        pytest.param("00394460000151", False, id="first digit wrong"),
        pytest.param("00394460000142", False, id="second digit wrong"),
        pytest.param("00394460000114", False, id="digits in the other order"),
        pytest.param("12ABC34501DE35", True, id="the Receita's own example with letters"),
        pytest.param("12ABC34501DE36", False, id="letters, second digit wrong"),
        pytest.param("12abc34501de35", False, id="small letters"),
        pytest.param("12ABC34501DE3A", False, id="letter for a check digit"),
        pytest.param("00000000000000", False, id="zeros alone"),
        pytest.param("0394460000141", False, id="thirteen digits"),
        pytest.param("00.394.460/0001-41", False, id="with punctuation"),
        pytest.param("0039446000014\u0661", False, id="an Arabic digit"),
        pytest.param("52998224725", False, id="a CPF"),
        pytest.param("", False, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_cnpj(judge, number, expected):
    assert judge(cnpj_is_right, number) == [expected]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("52998224725", True, id="right"),
        pytest.param("00000000191", True, id="zeros in front"),
        pytest.param("52998224735", False, id="first digit wrong"),
        pytest.param("52998224726", False, id="second digit wrong"),
        pytest.param("11111111111", False, id="one digit repeated, though its sums are right"),
        pytest.param("5299822472", False, id="ten digits"),
        pytest.param("***982247**", False, id="masked"),
        pytest.param("00394460000141", False, id="a CNPJ"),
        pytest.param("", False, id="empty"),
        pytest.param(None, None, id="null"),
    ],
)
def test_cpf(judge, number, expected):
    assert judge(cpf_is_right, number) == [expected]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("00394460000142", True, id="wrong digits"),
        pytest.param("12ABC34501DE35", True, id="letters"),
        pytest.param("12abc34501de35", False, id="small letters"),
        pytest.param("ESTRANG0001785", True, id="a foreigner's that looks like one"),
        pytest.param("IT53R0306909606100000012348", False, id="an IBAN"),
        pytest.param("52998224725", False, id="a CPF"),
        pytest.param(None, None, id="null"),
    ],
)
def test_the_shape_of_a_cnpj(judge, number, expected):
    assert judge(is_cnpj, number) == [expected]


CNPJ_BASES = st.text(CHARACTERS, min_size=12, max_size=12)
CPF_BASES = st.text(string.digits, min_size=9, max_size=9)
PAIRS = st.text(string.digits, min_size=2, max_size=2)


@given(st.lists(st.tuples(CNPJ_BASES, PAIRS), min_size=1, max_size=30))
@settings(deadline=None, max_examples=30)
def test_cnpjs_beside_plain_python(judge, cases):
    right = [base + cnpj_digits(base) for base, _ in cases]
    assert judge(cnpj_is_right, *right) == [len(set(number)) > 1 for number in right]
    chance = [base + pair for base, pair in cases]
    assert judge(cnpj_is_right, *chance) == [
        pair == cnpj_digits(base) and len(set(base + pair)) > 1 for base, pair in cases
    ]


@given(st.lists(st.tuples(CPF_BASES, PAIRS), min_size=1, max_size=30))
@settings(deadline=None, max_examples=30)
def test_cpfs_beside_plain_python(judge, cases):
    right = [base + cpf_digits(base) for base, _ in cases]
    assert judge(cpf_is_right, *right) == [len(set(number)) > 1 for number in right]
    chance = [base + pair for base, pair in cases]
    assert judge(cpf_is_right, *chance) == [
        pair == cpf_digits(base) and len(set(base + pair)) > 1 for base, pair in cases
    ]


def test_every_wrong_pair_of_digits_is_seen(judge):
    base = "12ABC34501DE"
    numbers = [f"{base}{pair:02}" for pair in range(100)]
    assert [
        number for number, right in zip(numbers, judge(cnpj_is_right, *numbers), strict=True) if right
    ] == [base + cnpj_digits(base)]


@pytest.mark.parametrize(
    ("number", "tipo_pessoa", "root"),
    [
        pytest.param("11222333000181", "PJ", "11222333", id="company"),
        pytest.param("12ABC34501DE35", "PJ", "12ABC345", id="company with letters"),
        pytest.param("11144477735", "PJ", None, id="company without CNPJ"),
        pytest.param("11222333000181", "PF", None, id="person"),
        pytest.param("ESTRANG0001785", "PE", None, id="foreigner in the shape of a CNPJ"),
        pytest.param("11222333000181", None, None, id="nobody says it is a company"),
        pytest.param(None, "PJ", None, id="no number"),
    ],
)
def test_root(table, number, tipo_pessoa, root):
    rows = table({"ni": "string", "tipo": "string"}, {"ni": number, "tipo": tipo_pessoa})
    (row,) = rows.select(root=cnpj_root(rows.ni, rows.tipo)).to_pyarrow().to_pylist()
    assert row["root"] == root
