from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.mart.suppliers import MartSuppliers
from dataflows.stage.contratos import StageContratos
from dataflows.stage.verdicts import BUCKETS

ORGAO, OTHER = "00394460005887", "11111111000191"
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "uf_sigla": "SP",
    "codigo_ibge": "3550308",
    "data_publicacao_pncp": datetime(2025, 6, 24, 0, 30, 4),  # noqa: DTZ001 - PNCP names no zone
    "ni_fornecedor": "11222333000181",
    "tipo_pessoa_id": "PJ",
    "valor_global": 1,
    "verdict": "ok",
    "bucket": "contract",
}
BRANCH = "11222333000262"
COUNTS = ("quantidade_contratos", "quantidade_empenhos", "quantidade_suspeitos", "quantidade_receitas")
SUMS = ("valor_contratos", "valor_empenhos", "valor_suspeito", "valor_receita")
BREADTH = ("quantidade_orgaos", "quantidade_municipios", "quantidade_ufs")
LARGEST = ("cnpj_maior_orgao", "valor_maior_orgao", "percentual_maior_orgao")


def day(month: int, number: int, year: int = 2025, hour: int = 0) -> datetime:
    return datetime(year, month, number, hour)  # noqa: DTZ001


def records(*changes: dict) -> list[dict]:
    """Contracts that differ from CONTRATO as said, observed in the order given."""
    rows = [CONTRATO | {"observation_id": n} | change for n, change in zip(count(1), changes, strict=False)]
    for row in rows:
        value = row["valor_global"]
        row["valor_global"] = None if value is None else Decimal(str(value))
    return rows


@pytest.fixture
def suppliers(mart):
    """The rows of the mart over contracts that differ from CONTRATO as said."""
    return lambda *changes: mart("mart_suppliers", stage_contratos=records(*changes))


def test_a_whole_row(suppliers, table):
    names = {
        "nome_fornecedor": "EMPRESA LTDA",
        "tipo_pessoa_nome": "Pessoa jurídica",
        "codigo_pais_fornecedor": "BRA",
    }
    elsewhere = {"cnpj_orgao": OTHER, "nome_orgao": "ESTADO", "uf_sigla": "RJ", "codigo_ibge": "3304557"}
    found = suppliers(
        names | {"valor_global": 10, "nome_orgao": "MINISTERIO"},
        elsewhere | {"valor_global": 20, "data_publicacao_pncp": day(7, 1)},
        {"valor_global": 15, "verdict": "review"},
        {"valor_global": 100, "bucket": "empenho", "data_publicacao_pncp": day(1, 31, hour=23)},
    )
    MartSuppliers.validate(table(MartSuppliers.schema(), *found))
    assert found == [
        {
            "ni_fornecedor": "11222333000181",
            "ano": 2025,
            **names,
            "tipo_pessoa_id": "PJ",
            "cnpj_raiz": "11222333",
            **dict.fromkeys(COUNTS, 0),
            "quantidade_contratos": 3,
            "quantidade_empenhos": 1,
            "quantidade_sem_valor": 0,
            **dict.fromkeys(BREADTH, 2),
            **dict.fromkeys(SUMS, Decimal(0)),
            "valor_contratos": Decimal(45),
            "valor_empenhos": Decimal(100),
            "valor_em_revisao": Decimal(15),
            "maior_contrato": Decimal(20),
            "cnpj_maior_orgao": ORGAO,
            "nome_maior_orgao": "MINISTERIO",
            "valor_maior_orgao": Decimal(25),
            "percentual_maior_orgao": Decimal("55.5556"),
            "primeira_publicacao": date(2025, 1, 31),
            "ultima_publicacao": date(2025, 7, 1),
            "dias_do_ano": 365,
            "dias_provados_contratos": 0,
        }
    ]


def test_each_bucket_has_its_count_and_its_sum(suppliers):
    (row,) = suppliers(
        {"valor_global": 1},
        {"valor_global": 2},
        {"valor_global": 10, "bucket": "empenho"},
        {"valor_global": 100, "bucket": "suspect", "verdict": "suspect"},
        {"valor_global": 1000, "bucket": "income"},
        {"valor_global": 2000, "bucket": "income"},
    )
    assert [row[name] for name in COUNTS] == [2, 1, 1, 2]
    assert [row[name] for name in SUMS] == [3, 10, 100, 3000]


EMPENHO = {"bucket": "empenho", "valor_global": 5}


@pytest.mark.parametrize(
    ("contracts", "column", "expected"),
    [
        pytest.param(
            [{"valor_global": None}, {"valor_global": 0}, EMPENHO | {"valor_global": 0}],
            "quantidade_sem_valor",
            3,
            id="null and zero are no value",
        ),
        pytest.param([{"valor_global": "0.0001"}], "quantidade_sem_valor", 0, id="the smallest value is one"),
        pytest.param(
            [{"bucket": "income", "valor_global": 0}, {"bucket": "suspect", "valor_global": None}],
            "quantidade_sem_valor",
            0,
            id="without value, only contracts and empenhos",
        ),
        pytest.param(
            [
                {"valor_global": 1, "verdict": "review"},
                {"valor_global": 2, "verdict": "review", "bucket": "empenho"},
                {"valor_global": 4, "verdict": "review", "bucket": "income"},
                {"valor_global": 8},
                {"valor_global": 16, "verdict": "suspect", "bucket": "suspect"},
            ],
            "valor_em_revisao",
            3,
            id="under review, of contracts and empenhos",
        ),
        pytest.param([{"valor_global": 3}, {"valor_global": 9}], "maior_contrato", 9, id="largest"),
        pytest.param([{"valor_global": 3}, EMPENHO], "maior_contrato", 3, id="largest, of contracts alone"),
        pytest.param([EMPENHO], "maior_contrato", None, id="largest, without contracts"),
        pytest.param([{"valor_global": 0}], "maior_contrato", 0, id="largest of zeros"),
    ],
)
def test_columns(suppliers, contracts, column, expected):
    (row,) = suppliers(*contracts)
    assert row[column] == expected


PLACES = [
    ("quantidade_orgaos", "cnpj_orgao"),
    ("quantidade_municipios", "codigo_ibge"),
    ("quantidade_ufs", "uf_sigla"),
]


@pytest.mark.parametrize(("column", "place"), PLACES, ids=[place for _, place in PLACES])
def test_places_are_those_of_contracts_and_empenhos(suppliers, column, place):
    (row,) = suppliers(*({place: bucket, "bucket": bucket} for bucket in (*BUCKETS, "contract")))
    assert row[column] == len({"contract", "empenho"})


@pytest.mark.parametrize(("column", "place"), PLACES[1:], ids=[place for _, place in PLACES[1:]])
def test_no_place_is_none(suppliers, column, place):
    (row,) = suppliers({place: None}, {})
    assert row[column] == 1


@pytest.mark.parametrize(
    ("contracts", "largest"),
    [
        pytest.param([{"valor_global": 7}], (ORGAO, 7, 100), id="the only one"),
        pytest.param(
            [{"valor_global": 1}, {"valor_global": 3, "cnpj_orgao": OTHER}], (OTHER, 3, 75), id="by value"
        ),
        pytest.param(
            [{"valor_global": 2}, {"valor_global": 3, "cnpj_orgao": OTHER}, {"valor_global": 3}],
            (ORGAO, 5, Decimal("62.5")),
            id="by the sum",
        ),
        pytest.param([{}, {"cnpj_orgao": OTHER}], (OTHER, 1, 50), id="a tie"),
        pytest.param([{"cnpj_orgao": OTHER}, {}], (OTHER, 1, 50), id="the same tie, the other way round"),
        pytest.param(
            [{}]
            + [{"cnpj_orgao": OTHER, "valor_global": 9, "bucket": b} for b in BUCKETS if b != "contract"],
            (ORGAO, 1, 100),
            id="of contracts alone",
        ),
        pytest.param(
            [{}, {"valor_global": None, "cnpj_orgao": OTHER}], (ORGAO, 1, 100), id="a null is no value"
        ),
        pytest.param([{"valor_global": 0}], (None, None, None), id="of zeros there is none"),
        pytest.param([{"valor_global": None}], (None, None, None), id="of nulls there is none"),
        pytest.param([EMPENHO], (None, None, None), id="of empenhos there is none"),
        pytest.param(
            [{"valor_global": 3}, {"valor_global": 9, "ni_fornecedor": BRANCH}], (ORGAO, 3, 100), id="its own"
        ),
        pytest.param(
            [{"valor_global": 3}, {"valor_global": 9, "data_publicacao_pncp": day(1, 1, 2026)}],
            (ORGAO, 3, 100),
            id="of the year",
        ),
    ],
)
def test_the_largest_buyer(suppliers, contracts, largest):
    row = next(row for row in suppliers(*contracts) if (row["ni_fornecedor"], row["ano"]) != (BRANCH, 2026))
    assert tuple(row[name] for name in LARGEST) == largest


@pytest.mark.parametrize(
    ("contracts", "first", "last"),
    [
        pytest.param([{}], date(2025, 6, 24), date(2025, 6, 24), id="one"),
        pytest.param(
            [{"data_publicacao_pncp": day(12, 31, hour=23)}, {"data_publicacao_pncp": day(1, 1)}],
            date(2025, 1, 1),
            date(2025, 12, 31),
            id="the edges of a year",
        ),
        pytest.param(
            [{}, EMPENHO | {"data_publicacao_pncp": day(6, 25)}],
            date(2025, 6, 24),
            date(2025, 6, 25),
            id="empenhos too",
        ),
        pytest.param(
            [
                {},
                {"data_publicacao_pncp": day(1, 1), "bucket": "income"},
                {"data_publicacao_pncp": day(12, 1), "bucket": "suspect"},
            ],
            date(2025, 6, 24),
            date(2025, 6, 24),
            id="not those of income and suspects",
        ),
        pytest.param([{"bucket": "income"}], None, None, id="none"),
    ],
)
def test_days(suppliers, contracts, first, last):
    (row,) = suppliers(*contracts)
    assert (row["primeira_publicacao"], row["ultima_publicacao"]) == (first, last)


@pytest.mark.parametrize(
    "change",
    [
        {"ni_fornecedor": BRANCH},
        {"ni_fornecedor": None},
        {"data_publicacao_pncp": day(1, 1, 2026)},
        {"data_publicacao_pncp": None},
    ],
    ids=lambda change: "{}={}".format(*next(iter(change.items()))),
)
def test_each_value_of_the_key_has_a_row_of_its_own_null_too(suppliers, change):
    found = suppliers({"valor_global": 1}, change | {"valor_global": 2}, change | {"valor_global": 4})
    assert {(row["valor_contratos"], row["valor_maior_orgao"]) for row in found} == {(1, 1), (6, 6)}


def test_records_without_supplier_have_no_name(suppliers):
    (row,) = suppliers(
        {"ni_fornecedor": None, "nome_fornecedor": "nobody's", "codigo_pais_fornecedor": "BRA"}
    )
    assert row["nome_fornecedor"] is row["tipo_pessoa_id"] is row["codigo_pais_fornecedor"] is None
    assert row["cnpj_raiz"] is None


NAMES = ["nome_fornecedor", "tipo_pessoa_id", "codigo_pais_fornecedor"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param([("old", day(1, 1)), ("new", day(2, 1))], "new", id="the latest"),
        pytest.param([("new", day(2, 1)), ("old", day(1, 1))], "new", id="the latest, observed first"),
        pytest.param([("old", day(1, 1)), (None, day(2, 1))], "old", id="null is no name"),
    ],
)
def test_names_are_the_latest_seen_in_the_whole_file(suppliers, name, seen, expected):
    found = suppliers(
        *(
            {name: value, "data_atualizacao_global": moment, "data_publicacao_pncp": day(1, 1, year)}
            for year, (value, moment) in zip(count(2024), seen, strict=False)
        ),
        {"ni_fornecedor": BRANCH, name: "theirs", "data_atualizacao_global": day(3, 1)},
    )
    told = {(row["ni_fornecedor"] == BRANCH, row[name]) for row in found}
    assert told == {(False, expected), (True, "theirs")}


def test_labels_are_those_of_their_codes(suppliers):
    found = suppliers(
        {"tipo_pessoa_nome": "Pessoa jurídica", "nome_orgao": "old"},
        {"ni_fornecedor": BRANCH, "tipo_pessoa_id": "PF", "tipo_pessoa_nome": "Pessoa física"},
        {"ni_fornecedor": "c", "tipo_pessoa_id": None, "cnpj_orgao": OTHER, "nome_orgao": "another's"},
        {"ni_fornecedor": "d", "bucket": "empenho", "nome_orgao": "new"},
    )
    told = {row["ni_fornecedor"]: (row["tipo_pessoa_nome"], row["nome_maior_orgao"]) for row in found}
    assert told == {
        CONTRATO["ni_fornecedor"]: ("Pessoa jurídica", "new"),
        BRANCH: ("Pessoa física", "new"),
        "c": (None, "another's"),
        "d": ("Pessoa jurídica", None),
    }


def test_only_companies_have_a_root(suppliers):
    found = suppliers(
        {},
        {"ni_fornecedor": BRANCH},
        {"ni_fornecedor": "11144477735", "tipo_pessoa_id": "PF"},
        {"ni_fornecedor": "ESTRANG0001785", "tipo_pessoa_id": "PE"},
    )
    assert {row["ni_fornecedor"]: row["cnpj_raiz"] for row in found} == {
        CONTRATO["ni_fornecedor"]: "11222333",
        BRANCH: "11222333",
        "11144477735": None,
        "ESTRANG0001785": None,
    }


def test_no_contracts_no_rows(suppliers):
    assert suppliers() == []


def compared(table, found: list[dict], stage: list[dict]) -> dict:
    (gate,) = MartSuppliers.gates
    rows = gate.compare(
        mart_suppliers=table(MartSuppliers.schema(), *found),
        stage_contratos=table(StageContratos.schema(), *stage),
    )
    return {row["measure"]: (row["expected"], row["found"]) for row in rows.to_pyarrow().to_pylist()}


def test_the_gate_holds_every_bucket_against_stage(table, mart):
    stage = records(
        *({"bucket": bucket, "valor_global": value} for value, bucket in enumerate(BUCKETS, 1)),
        {"ni_fornecedor": None, "valor_global": 100},
    )
    found = mart("mart_suppliers", stage_contratos=stage)
    measures = compared(table, found, stage)
    assert set(measures) == {*COUNTS, *SUMS, "quantidade", "valor"}
    assert all(expected == told for expected, told in measures.values())
    named = [row for row in found if row["ni_fornecedor"]]
    assert compared(table, named, stage)["quantidade"] == (5, 4)
    assert compared(table, named, stage)["valor"] == (110, 10)


GOOD = {
    "ni_fornecedor": "a",
    "ano": 2025,
    **dict.fromkeys((*COUNTS, *BREADTH, "quantidade_sem_valor"), 1),
    **dict.fromkeys(SUMS, Decimal(10)),
    "valor_em_revisao": Decimal(0),
    "maior_contrato": Decimal(7),
    "cnpj_maior_orgao": ORGAO,
    "valor_maior_orgao": Decimal(9),
    "percentual_maior_orgao": Decimal(90),
    "primeira_publicacao": date(2025, 1, 1),
    "ultima_publicacao": date(2025, 12, 31),
}
NONE = dict.fromkeys(("maior_contrato", *LARGEST)) | {"valor_contratos": Decimal(0)}
WHOLE = "parts do not exceed the whole"
BUYER = "there is a largest buyer, with a share of it, where contracts have a value"
DAYS = "the first day is not after the last, and both are of the year"


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        pytest.param({}, set(), id="good"),
        pytest.param(NONE, set(), id="no contracts"),
        pytest.param({"valor_em_revisao": Decimal(20)}, set(), id="all under review"),
        pytest.param({"valor_em_revisao": Decimal(21)}, {WHOLE}, id="more under review than there is"),
        pytest.param({"maior_contrato": Decimal(9)}, set(), id="one contract with the largest buyer"),
        pytest.param({"maior_contrato": Decimal(10)}, {WHOLE}, id="a contract above the largest buyer"),
        pytest.param({"valor_maior_orgao": Decimal(10)}, set(), id="one buyer"),
        pytest.param({"valor_maior_orgao": Decimal(11)}, {WHOLE}, id="a buyer above the whole"),
        *(
            pytest.param({column: most}, broken, id=f"{column} {most} of 2")
            for column in (*BREADTH, "quantidade_sem_valor")
            for most, broken in ((2, set()), (3, {WHOLE}))
        ),
        pytest.param({"cnpj_maior_orgao": None}, {BUYER}, id="no buyer of some"),
        pytest.param({"valor_maior_orgao": None}, {WHOLE, BUYER}, id="no value of the buyer"),
        pytest.param({"percentual_maior_orgao": None}, {BUYER}, id="no share of some"),
        pytest.param(NONE | {"cnpj_maior_orgao": ORGAO}, {BUYER}, id="a buyer of none"),
        pytest.param(NONE | {"valor_maior_orgao": Decimal(0)}, {BUYER}, id="a value of none"),
        pytest.param({"percentual_maior_orgao": Decimal(100)}, set(), id="all"),
        pytest.param({"percentual_maior_orgao": Decimal("100.0001")}, {BUYER}, id="more than all"),
        pytest.param({"percentual_maior_orgao": Decimal(0)}, {BUYER}, id="no part"),
        pytest.param({"ultima_publicacao": date(2025, 1, 1)}, set(), id="one day"),
        pytest.param(
            {"primeira_publicacao": date(2025, 2, 2), "ultima_publicacao": date(2025, 2, 1)},
            {DAYS},
            id="reversed",
        ),
        pytest.param({"primeira_publicacao": date(2024, 12, 31)}, {DAYS}, id="the year before"),
        pytest.param({"ultima_publicacao": date(2026, 1, 1)}, {DAYS}, id="the year after"),
        pytest.param({"primeira_publicacao": None, "ultima_publicacao": None}, set(), id="no days"),
    ],
)
def test_rules(table, change, broken):
    rows = table(MartSuppliers.schema(), GOOD | change)
    rules = {rule.name: rule.holds(rows) for rule in MartSuppliers.rules()}
    (held,) = rows.select(**rules).to_pyarrow().to_pylist()
    assert {name for name, holds in held.items() if holds is False} == broken


CONTRACT = st.fixed_dictionaries(
    {
        "ni_fornecedor": st.sampled_from(["a", "b", None]),
        "cnpj_orgao": st.sampled_from([ORGAO, OTHER, "x"]),
        "bucket": st.sampled_from(BUCKETS),
        "verdict": st.sampled_from(["ok", "review"]),
        "valor_global": st.none() | st.decimals(0, 9_999_999_999, places=4),
        "data_publicacao_pncp": st.sampled_from([None, day(1, 1, 2024), day(6, 1), day(12, 31)]),
        "uf_sigla": st.sampled_from(["SP", None]),
    }
)


@settings(max_examples=30, deadline=None)
@given(st.lists(CONTRACT, max_size=12))
def test_whatever_the_contracts_rules_and_gate_hold(mart, table, contracts):
    stage = records(*contracts)
    found = mart("mart_suppliers", stage_contratos=stage)
    rows = table(MartSuppliers.schema(), *found)
    broken = rows.aggregate(
        **{rule.name: (~rule.holds(rows)).sum().coalesce(0) for rule in MartSuppliers.rules()}
    )
    assert not any(broken.to_pyarrow().to_pylist()[0].values())
    assert all(expected == told for expected, told in compared(table, found, stage).values())


def test_the_real_answers(real, real_records):
    """Every row in plain Python over the records as they came; which bucket, stage says."""
    found = {(row["ni_fornecedor"], row["ano"]): row for row in real("mart_suppliers")}
    totals = [(sum(row[name] for row in found.values())) for name in (*COUNTS, *SUMS)]
    assert totals[0:2] == [714, 402]
    assert totals[3:6] == [16, Decimal("76153830.8728"), Decimal("10952470.93")]
    assert totals[7] == 267016
    assert sum(totals[:4]) == 1132
    stage = {row["numero_controle_pncp"]: row["bucket"] for row in real("stage_contratos")}
    groups: dict[tuple, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for record in real_records["contratos"]:
        key = (record["niFornecedor"] or "").strip() or None, int(record["dataPublicacaoPncp"][:4])
        groups[key][stage[record["numeroControlePNCP"]]].append(record)
    assert set(found) == set(groups)
    for key, by_bucket in groups.items():
        row, contracts = found[key], by_bucket["contract"]
        expense = contracts + by_bucket["empenho"]
        held: dict[str, Decimal] = defaultdict(Decimal)
        for record in contracts:
            held[record["orgaoEntidade"]["cnpj"]] += Decimal(str(record["valorGlobal"] or 0))
        held = {cnpj: value for cnpj, value in held.items() if value}
        assert row["quantidade_contratos"] == len(contracts)
        assert row["valor_contratos"] == sum(held.values())
        assert row["quantidade_orgaos"] == len({record["orgaoEntidade"]["cnpj"] for record in expense})
        assert row["quantidade_ufs"] == len({record["unidadeOrgao"]["ufSigla"] for record in expense})
        days = [date.fromisoformat(record["dataPublicacaoPncp"][:10]) for record in expense]
        assert row["primeira_publicacao"] == min(days, default=None)
        assert row["ultima_publicacao"] == max(days, default=None)
        largest = max(held, key=lambda cnpj: (held[cnpj], cnpj), default=None)
        assert row["cnpj_maior_orgao"] == largest
        if largest:
            part = 100 * Fraction(held[largest]) / Fraction(sum(held.values()))
            assert abs(Fraction(row["percentual_maior_orgao"]) - part) <= Fraction("0.00005001")
