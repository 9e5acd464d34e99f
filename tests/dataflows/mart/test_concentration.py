from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.mart.concentration import MartConcentration
from dataflows.stage.contratos import StageContratos

ORGAO, OTHER = "00394460005887", "11111111000191"
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "categoria_processo_id": 8,
    "data_publicacao_pncp": datetime(2025, 6, 24, 0, 30, 4),  # noqa: DTZ001 - PNCP names no zone
    "ni_fornecedor": "11222333000181",
    "tipo_pessoa_id": "PJ",
    "valor_global": 1,
    "verdict": "ok",
    "bucket": "contract",
}
BRANCH = {"ni_fornecedor": "11222333000262"}
LETTERS, LETTERS_BRANCH = {"ni_fornecedor": "12ABC34501DE35"}, {"ni_fornecedor": "12ABC34502DE10"}
PERSON, OTHER_PERSON = (
    {"ni_fornecedor": number, "tipo_pessoa_id": "PF"} for number in ("11144477735", "11144477816")
)
FOREIGNER, OTHER_FOREIGNER = (
    {"ni_fornecedor": number, "tipo_pessoa_id": "PE"} for number in ("ESTRANG0001785", "ESTRANG0001786")
)
NOBODY = {"ni_fornecedor": None, "tipo_pessoa_id": None}
MANY = 5


def records(*changes: dict) -> list[dict]:
    """Contracts that differ from CONTRATO as said, observed in the order given."""
    rows = [CONTRATO | {"observation_id": n} | change for n, change in zip(count(1), changes, strict=False)]
    for row in rows:
        value = row["valor_global"]
        row["valor_global"] = None if value is None else Decimal(str(value))
    return rows


def supplier(letter: str, value: float | str | None, **more) -> dict:
    """A foreigner's contract: any text identifies it."""
    return {"ni_fornecedor": letter, "tipo_pessoa_id": "PE", "valor_global": value} | more


@pytest.fixture
def concentration(mart):
    """The rows of the mart over contracts that differ from CONTRATO as said; shares from the first contract on."""

    def make(*changes: dict, least: int = 1) -> list[dict]:
        given_ = records(*changes)
        return mart("mart_concentration", stage_contratos=given_, least_contracts_for_shares=least)

    return make


def test_a_whole_row(mart, table):
    names = {"nome_orgao": "MINISTERIO", "categoria_processo_nome": "Serviços"}
    contracts = [
        names | {"nome_fornecedor": "MATRIZ LTDA", "valor_global": 30},
        BRANCH | {"nome_fornecedor": "FILIAL LTDA", "valor_global": 30, "verdict": "review"},
        PERSON | {"nome_fornecedor": "MARIA", "valor_global": 20},
        FOREIGNER | {"valor_global": 15},
        LETTERS | {"valor_global": 5},
        NOBODY | {"valor_global": 7},
        {"valor_global": 0},
        {"valor_global": None},
    ]
    found = mart("mart_concentration", stage_contratos=records(*contracts))
    MartConcentration.validate(table(MartConcentration.schema(), *found))
    assert found == [
        {
            "cnpj_orgao": ORGAO,
            "categoria_processo_id": 8,
            "ano": 2025,
            **names,
            "quantidade_contratos": 8,
            "quantidade_sem_valor": 2,
            "quantidade_sem_fornecedor": 1,
            "quantidade_considerada": 5,
            "quantidade_fornecedores": 4,
            "valor_contratos": Decimal(107),
            "valor_em_revisao": Decimal(30),
            "valor_considerado": Decimal(100),
            "maior_fornecedor": "11222333",
            "nome_maior_fornecedor": "FILIAL LTDA",
            "valor_maior_fornecedor": Decimal(60),
            "percentual_maior_fornecedor": Decimal(60),
            "hhi": Decimal(60**2 + 20**2 + 15**2 + 5**2),
            "primeira_publicacao": date(2025, 6, 24),
            "ultima_publicacao": date(2025, 6, 24),
            "dias_do_ano": 365,
            "dias_provados_contratos": 0,
        }
    ]


@pytest.mark.parametrize(
    ("contracts", "suppliers"),
    [
        pytest.param([{}, {}], 1, id="twice the same"),
        pytest.param([{}, BRANCH], 1, id="branches of a company"),
        pytest.param([LETTERS, LETTERS_BRANCH], 1, id="branches of a company with letters"),
        pytest.param([{}, LETTERS], 2, id="two companies"),
        pytest.param([PERSON, OTHER_PERSON], 2, id="persons whose first eight digits are the same"),
        pytest.param([FOREIGNER, OTHER_FOREIGNER], 2, id="foreigners in the shape of a CNPJ"),
        pytest.param(
            [{"ni_fornecedor": "11222333X"}, {"ni_fornecedor": "11222333Y"}], 2, id="companies without CNPJ"
        ),
        pytest.param(
            [{"tipo_pessoa_id": None}, BRANCH | {"tipo_pessoa_id": None}],
            2,
            id="nobody says they are companies",
        ),
        pytest.param([{}, NOBODY], 1, id="nobody is no supplier"),
        pytest.param([{}, PERSON | {"valor_global": 0}], 1, id="a zero has no share"),
        pytest.param([{}, PERSON | {"valor_global": None}], 1, id="a null has no share"),
        pytest.param([{}, PERSON | {"valor_global": "0.0001"}], 2, id="the smallest value has"),
    ],
)
def test_suppliers(concentration, contracts, suppliers):
    (row,) = concentration(*contracts)
    assert row["quantidade_fornecedores"] == suppliers


@pytest.mark.parametrize(
    ("contracts", "first", "hhi"),
    [
        pytest.param([supplier("a", 7)], "100", "10000", id="one"),
        pytest.param([supplier("a", 1), supplier("b", 1)], "50", "5000", id="two alike"),
        pytest.param(
            [supplier("a", 1), supplier("b", 1), supplier("c", 1)], "33.3333", "3333.3333", id="thirds"
        ),
        pytest.param([supplier("a", 2), supplier("b", 1)], "66.6667", "5555.5556", id="rounded up"),
        pytest.param(
            [supplier("a", 1), supplier("b", 2), supplier("a", 1)],
            "50",
            "5000",
            id="contracts of one added up",
        ),
        pytest.param(
            [supplier("a", "9999999999.9999"), supplier("b", "0.0001")],
            "100",
            "10000",
            id="rounded to the whole",
        ),
        pytest.param(
            [supplier(str(n), "9000000000.0001") for n in range(40)], "2.5", "250", id="many large values"
        ),
        pytest.param(
            [supplier("a", 3), NOBODY | {"valor_global": 9}], "100", "10000", id="nobody has no share"
        ),
        pytest.param([supplier("a", 0), NOBODY], None, None, id="nothing to share"),
        pytest.param([supplier("a", None)], None, None, id="nothing known"),
    ],
)
def test_shares(concentration, contracts, first, hhi):
    (row,) = concentration(*contracts)
    shares = (row["percentual_maior_fornecedor"], row["hhi"])
    assert shares == (first and Decimal(first), hhi and Decimal(hhi))


@pytest.mark.parametrize(
    ("contracts", "told"),
    [
        pytest.param([{}] * (MANY - 1), False, id="one too few"),
        pytest.param([{}] * MANY, True, id="just enough"),
        pytest.param([{}] * (MANY - 1) + [{"valor_global": 0}], False, id="a zero does not count"),
        pytest.param([{}] * (MANY - 1) + [NOBODY], False, id="one without supplier does not count"),
        pytest.param([{}] * (MANY - 1) + [{"bucket": "empenho"}], False, id="an empenho does not count"),
    ],
)
def test_shares_are_told_from_five_contracts_on(mart, contracts, told):
    (row,) = mart("mart_concentration", stage_contratos=records(*contracts))
    assert (row["percentual_maior_fornecedor"] is not None, row["hhi"] is not None) == (told, told)
    assert row["valor_maior_fornecedor"] == sum(
        one["valor_global"]
        for one in records(*contracts)
        if one["bucket"] == "contract" and one["ni_fornecedor"]
    )


@pytest.mark.parametrize(
    ("contracts", "largest", "value"),
    [
        pytest.param([supplier("a", 2), supplier("b", 3)], "b", 3, id="by value"),
        pytest.param([supplier("a", 2), supplier("b", 3), supplier("a", 2)], "a", 4, id="by the sum"),
        pytest.param([supplier("a", 2), supplier("b", 2)], "b", 2, id="a tie"),
        pytest.param([supplier("b", 2), supplier("a", 2)], "b", 2, id="the same tie, the other way round"),
        pytest.param(
            [supplier("a", 2), NOBODY | {"valor_global": 9}], "a", 2, id="nobody is not the largest"
        ),
        pytest.param([supplier("a", 0), NOBODY], None, None, id="none"),
        pytest.param([supplier("a", 2), supplier("b", 9, bucket="empenho")], "a", 2, id="no empenho"),
    ],
)
def test_the_largest(concentration, contracts, largest, value):
    (row,) = concentration(*contracts)
    assert (row["maior_fornecedor"], row["valor_maior_fornecedor"]) == (largest, value)


@pytest.mark.parametrize("bucket", ["empenho", "suspect", "income"])
def test_other_buckets_are_left_out(concentration, bucket):
    (row,) = concentration({}, supplier("b", 9, bucket=bucket, verdict="review"))
    assert (row["quantidade_contratos"], row["valor_contratos"], row["valor_em_revisao"]) == (1, 1, 0)
    assert concentration({"bucket": bucket}) == []


def test_each_value_of_the_key_has_a_row_of_its_own_null_too(concentration):
    another = [
        {"cnpj_orgao": OTHER},
        {"categoria_processo_id": 2},
        {"categoria_processo_id": None},
        {"data_publicacao_pncp": datetime(2026, 1, 1)},  # noqa: DTZ001
        {"data_publicacao_pncp": None},
    ]
    for change in another:
        found = concentration({"valor_global": 1}, supplier("b", 3, **change), supplier("c", 1, **change))
        told = {row["valor_contratos"]: row["percentual_maior_fornecedor"] for row in found}
        assert told == {1: 100, 4: 75}, change


@pytest.mark.parametrize(
    "moment",
    [datetime(2025, 1, 1), datetime(2025, 12, 31, 23, 59, 59)],  # noqa: DTZ001
    ids=["first moment", "last moment"],
)
def test_ano(concentration, moment):
    (row,) = concentration({"data_publicacao_pncp": moment})
    assert row["ano"] == 2025


def on(month: int, day: int) -> dict:
    return {"data_publicacao_pncp": datetime(2025, month, day, 23, 59)}  # noqa: DTZ001


@pytest.mark.parametrize(
    ("contracts", "days"),
    [
        pytest.param([on(3, 2)], (date(2025, 3, 2), date(2025, 3, 2)), id="one day"),
        pytest.param(
            [on(3, 2), on(1, 31), on(12, 1)], (date(2025, 1, 31), date(2025, 12, 1)), id="of a supplier"
        ),
        pytest.param(
            [supplier("a", 1, **on(5, 1)), supplier("b", 1, **on(4, 1)), supplier("c", 1, **on(6, 1))],
            (date(2025, 4, 1), date(2025, 6, 1)),
            id="of all suppliers",
        ),
        pytest.param(
            [on(5, 1), NOBODY | on(4, 1), PERSON | {"valor_global": None} | on(6, 1)],
            (date(2025, 4, 1), date(2025, 6, 1)),
            id="also of contracts without supplier or value",
        ),
        pytest.param(
            [on(5, 1), {"bucket": "empenho"} | on(4, 1), {"bucket": "suspect"} | on(6, 1)],
            (date(2025, 5, 1), date(2025, 5, 1)),
            id="of contracts alone",
        ),
        pytest.param([{"data_publicacao_pncp": None}], (None, None), id="no day"),
    ],
)
def test_days_of_publication(concentration, contracts, days):
    (row,) = concentration(*contracts)
    assert (row["primeira_publicacao"], row["ultima_publicacao"]) == days


def test_names_are_the_latest_seen_in_the_whole_file(concentration):
    late, elsewhere = datetime(2026, 1, 1), {"cnpj_orgao": OTHER, "categoria_processo_id": 2}  # noqa: DTZ001
    found = concentration(
        {"nome_orgao": "old", "categoria_processo_nome": "old", "nome_fornecedor": "old"},
        elsewhere | BRANCH | {"nome_fornecedor": "new", "data_atualizacao_global": late, "bucket": "empenho"},
        {"cnpj_orgao": ORGAO, "categoria_processo_id": 3, "nome_orgao": "new"},
        {"cnpj_orgao": OTHER, "categoria_processo_nome": "new", **NOBODY, "nome_fornecedor": "nobody's"},
    )
    (row,) = (row for row in found if (row["cnpj_orgao"], row["categoria_processo_id"]) == (ORGAO, 8))
    assert (row["nome_orgao"], row["categoria_processo_nome"], row["nome_maior_fornecedor"]) == ("new",) * 3
    (row,) = (row for row in found if row["cnpj_orgao"] == OTHER)
    assert row["nome_maior_fornecedor"] is None


def test_no_contracts_no_rows(concentration):
    assert concentration() == []


SHARED = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.decimals("0", "9999999999", places=4)), min_size=1, max_size=30
)


@settings(max_examples=50, deadline=None)
@given(SHARED)
def test_shares_are_those_of_exact_fractions(mart, contracts):
    given_ = records(*(supplier(letter, str(value)) for letter, value in contracts))
    (row,) = mart("mart_concentration", stage_contratos=given_, least_contracts_for_shares=1)
    held: dict[str, Fraction] = defaultdict(Fraction)
    for letter, value in contracts:
        held[letter] += Fraction(value)
    if not (whole := sum(held.values())):
        assert row["hhi"] is None
        return
    shares = [100 * one / whole for one in held.values()]
    assert abs(Fraction(row["hhi"]) - sum(one**2 for one in shares)) <= Fraction("0.00005001")
    assert abs(Fraction(row["percentual_maior_fornecedor"]) - max(shares)) <= Fraction("0.00005001")


GOOD = {
    "cnpj_orgao": ORGAO,
    "ano": 2025,
    "primeira_publicacao": date(2025, 1, 1),
    "ultima_publicacao": date(2025, 12, 31),
    "quantidade_contratos": 6,
    "quantidade_sem_valor": 1,
    "quantidade_sem_fornecedor": 0,
    "quantidade_considerada": 5,
    "quantidade_fornecedores": 2,
    "valor_contratos": Decimal(10),
    "valor_em_revisao": Decimal(0),
    "valor_considerado": Decimal(10),
    "maior_fornecedor": "a",
    "valor_maior_fornecedor": Decimal(9),
    "percentual_maior_fornecedor": Decimal(90),
    "hhi": Decimal(8200),
}
NONE = {
    "quantidade_contratos": 1,
    "quantidade_considerada": 0,
    "quantidade_fornecedores": 0,
    "valor_considerado": Decimal(0),
    "maior_fornecedor": None,
    "valor_maior_fornecedor": None,
    "percentual_maior_fornecedor": None,
    "hhi": None,
}
WHOLE = "parts do not exceed the whole"
EACH = "every contract is considered, or without value, or without supplier"
LARGEST = "there is a largest supplier where there is any"
DAYS = "the first day is not after the last, both are of the year, and without it none"
NO_DAYS = dict.fromkeys(("primeira_publicacao", "ultima_publicacao"))
SHARES = "a share is above 0 and at most 100 %, and HHI is in the bounds that the first sets"


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        pytest.param({}, set(), id="good"),
        pytest.param(NONE, set(), id="nothing considered"),
        pytest.param({"valor_em_revisao": Decimal(10)}, set(), id="all under review"),
        pytest.param({"valor_em_revisao": Decimal(11)}, {WHOLE}, id="more under review than there is"),
        pytest.param({"valor_considerado": Decimal(11)}, {WHOLE}, id="more considered than there is"),
        pytest.param({"valor_maior_fornecedor": Decimal(10)}, set(), id="one has it all"),
        pytest.param({"valor_maior_fornecedor": Decimal(11)}, {WHOLE}, id="the largest exceeds the whole"),
        pytest.param({"quantidade_fornecedores": 5}, set(), id="one contract each"),
        pytest.param({"quantidade_fornecedores": 6}, {WHOLE}, id="more suppliers than contracts"),
        pytest.param({"quantidade_sem_valor": 2}, {EACH}, id="a contract too many"),
        pytest.param({"quantidade_sem_fornecedor": 1}, {EACH}, id="one without supplier too many"),
        pytest.param({"quantidade_contratos": 7}, {EACH}, id="a contract too few"),
        pytest.param({"maior_fornecedor": None}, {LARGEST}, id="no largest of some"),
        pytest.param({"valor_maior_fornecedor": None}, {LARGEST}, id="no value of the largest"),
        pytest.param(NONE | {"maior_fornecedor": "a"}, {LARGEST}, id="a largest of none"),
        pytest.param(
            {"percentual_maior_fornecedor": Decimal(100), "hhi": Decimal(10000)}, set(), id="all of one"
        ),
        pytest.param(
            {"percentual_maior_fornecedor": Decimal("100.0001"), "hhi": Decimal(10000)},
            {SHARES},
            id="over 100",
        ),
        pytest.param(
            {"percentual_maior_fornecedor": Decimal(0), "hhi": Decimal("0.001")}, {SHARES}, id="zero"
        ),
        pytest.param(
            {"percentual_maior_fornecedor": Decimal("0.001"), "hhi": Decimal(0)}, {SHARES}, id="HHI of zero"
        ),
        pytest.param({"hhi": Decimal("9000.01")}, set(), id="HHI as high as rounding allows"),
        pytest.param({"hhi": Decimal("9000.02")}, {SHARES}, id="HHI too high"),
        pytest.param({"hhi": Decimal("8099.99")}, set(), id="HHI as low as rounding allows"),
        pytest.param({"hhi": Decimal("8099.98")}, {SHARES}, id="HHI too low"),
        pytest.param({"ultima_publicacao": date(2025, 1, 1)}, set(), id="one day"),
        pytest.param(
            {"primeira_publicacao": date(2025, 2, 2), "ultima_publicacao": date(2025, 2, 1)},
            {DAYS},
            id="days reversed",
        ),
        pytest.param({"primeira_publicacao": date(2024, 12, 31)}, {DAYS}, id="the year before"),
        pytest.param({"ultima_publicacao": date(2026, 1, 1)}, {DAYS}, id="the year after"),
        pytest.param({"primeira_publicacao": None}, {DAYS}, id="no first day"),
        pytest.param({"ultima_publicacao": None}, {DAYS}, id="no last day"),
        pytest.param(NO_DAYS, {DAYS}, id="a year without days"),
        pytest.param(NO_DAYS | {"ano": None}, set(), id="neither year nor days"),
        pytest.param({"ano": None, "primeira_publicacao": None}, {DAYS}, id="a last day without year"),
        pytest.param({"ano": None, "ultima_publicacao": None}, {DAYS}, id="a first day without year"),
    ],
)
def test_rules(table, change, broken):
    rows = table(MartConcentration.schema(), GOOD | change)
    rules = {rule.name: rule.holds(rows) for rule in MartConcentration.rules()}
    (held,) = rows.select(**rules).to_pyarrow().to_pylist()
    assert {name for name, holds in held.items() if holds is False} == broken


def compared(table, found: list[dict], stage: list[dict]) -> dict:
    (gate,) = MartConcentration.gates
    rows = gate.compare(
        mart_concentration=table(MartConcentration.schema(), *found),
        stage_contratos=table(StageContratos.schema(), *stage),
    )
    return {row["measure"]: (row["expected"], row["found"]) for row in rows.to_pyarrow().to_pylist()}


def test_the_gate_holds_contracts_alone_against_stage(table, mart):
    stage = records(
        {"valor_global": 2},
        supplier("b", 3, cnpj_orgao=OTHER),
        NOBODY | {"valor_global": 4},
        {"valor_global": None},
        supplier("b", 100, bucket="empenho"),
    )
    found = mart("mart_concentration", stage_contratos=stage)
    assert compared(table, found, stage) == {"quantidade_contratos": (4, 4), "valor_contratos": (9, 9)}
    assert compared(table, found[1:], stage) == {"quantidade_contratos": (4, 1), "valor_contratos": (9, 3)}
    assert compared(table, [], []) == {"quantidade_contratos": (0, 0), "valor_contratos": (0, 0)}


def test_the_real_answers(real, real_records):
    """Every measure of every row, in plain Python over the records as they came."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    stage = {row["numero_controle_pncp"]: row["bucket"] for row in real("stage_contratos")}
    for record in real_records["contratos"]:
        if stage[record["numeroControlePNCP"]] == "contract":
            category, year = record["categoriaProcesso"]["id"], int(record["dataPublicacaoPncp"][:4])
            groups[record["orgaoEntidade"]["cnpj"], category, year].append(record)
    found = {
        (row["cnpj_orgao"], row["categoria_processo_id"], row["ano"]): row
        for row in real("mart_concentration")
    }
    assert set(found) == set(groups)
    assert sum(row["quantidade_contratos"] for row in found.values()) == 714
    assert sum(row["valor_contratos"] for row in found.values()) == Decimal("76153830.8728")
    told = 0
    for key, contracts in groups.items():
        held: dict[str, Decimal] = defaultdict(Decimal)
        considered = 0
        for record in contracts:
            number, value = (record["niFornecedor"] or "").strip(), Decimal(str(record["valorGlobal"] or 0))
            if number and value:
                company = record["tipoPessoa"] == "PJ" and len(number) == 14
                held[number[:8] if company else number] += value
                considered += 1
        row, whole = found[key], sum(held.values())
        assert row["quantidade_contratos"] == len(contracts)
        days = [date.fromisoformat(record["dataPublicacaoPncp"][:10]) for record in contracts]
        assert (row["primeira_publicacao"], row["ultima_publicacao"]) == (min(days), max(days))
        assert row["quantidade_considerada"] == considered
        assert row["quantidade_fornecedores"] == len(held)
        assert row["valor_considerado"] == whole
        assert row["valor_maior_fornecedor"] == max(held.values(), default=None)
        assert row["maior_fornecedor"] == max(held, key=lambda one: (held[one], one), default=None)
        if considered < MANY:
            assert row["hhi"] is row["percentual_maior_fornecedor"] is None
            continue
        told += 1
        shares = [100 * Fraction(one) / Fraction(whole) for one in held.values()]
        assert row["hhi"] == pytest.approx(
            Decimal(float(sum(one**2 for one in shares))), abs=Decimal("0.0001")
        )
        assert row["percentual_maior_fornecedor"] == pytest.approx(
            Decimal(float(max(shares))), abs=Decimal("0.0001")
        )
    assert told > 10
