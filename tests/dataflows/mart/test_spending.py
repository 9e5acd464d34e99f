from datetime import date, datetime
from decimal import Decimal
from itertools import count

import duckdb
import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflows.mart.spending import MartSpending, mart_spending
from dataflows.stage.contratos import StageContratos
from dataflows.stage.verdicts import BUCKETS, VALUE_VERDICTS

ORGAO, OTHER = "00394460005887", "11111111000191"
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "codigo_unidade": "1",
    "uf_sigla": "SP",
    "codigo_ibge": "3550308",
    "categoria_processo_id": 8,
    "data_publicacao_pncp": datetime(2025, 6, 24, 0, 30, 4),  # noqa: DTZ001 - PNCP names no zone
    "data_assinatura": date(2025, 6, 23),
    "numero_controle_pncp_compra": "compra",
    "ni_fornecedor": "fornecedor",
    "verdict": "ok",
    "bucket": "contract",
}
COUNTS = ("quantidade_contratos", "quantidade_empenhos", "quantidade_suspeitos", "quantidade_receitas")
SUMS = ("valor_contratos", "valor_empenhos", "valor_suspeito", "valor_receita")
ZERO = Decimal("0.0000")


@pytest.fixture
def stage(table):
    """Make stage.contratos of contracts that differ from CONTRATO as said, observed in the order given."""
    ids = count(1)

    def make(*changes: dict):
        rows = [CONTRATO | {"observation_id": next(ids)} | change for change in changes]
        for row in rows:
            row["valor_global"] = (
                None if row.get("valor_global") is None else Decimal(str(row["valor_global"]))
            )
        return table(StageContratos.schema(), *rows)

    return make


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


@pytest.fixture(scope="session")
def compiled() -> str:
    """The SQL of the mart, which takes longer to write than to run."""
    unbound = ibis.table(StageContratos.schema(), name="contratos")
    return ibis.to_sql(mart_spending(unbound), dialect="duckdb")


@pytest.fixture
def spending(stage, compiled):
    """The rows of the mart over contracts that differ from CONTRATO as said."""

    def make(*changes: dict) -> list[dict]:
        with duckdb.connect() as con:
            con.register("contratos", stage(*changes).to_pyarrow())
            return con.execute(compiled).to_arrow_table().to_pylist()

    return make


def test_a_whole_row(stage):
    names = {
        "nome_orgao": "MINISTERIO",
        "nome_unidade": "Receita",
        "esfera_id": "F",
        "municipio_nome": "São Paulo",
        "categoria_processo_nome": "Serviços",
    }
    table = mart_spending(stage(names | {"valor_global": 10})).cache()
    MartSpending.validate(table)
    assert rows(table) == [
        {
            "cnpj_orgao": ORGAO,
            "codigo_unidade": "1",
            "uf_sigla": "SP",
            "codigo_ibge": "3550308",
            "mes": date(2025, 6, 1),
            "categoria_processo_id": 8,
            **names,
            **dict.fromkeys(COUNTS, 0),
            "quantidade_contratos": 1,
            "quantidade_sem_valor": 0,
            "quantidade_fornecedores": 1,
            **dict.fromkeys(SUMS, ZERO),
            "valor_contratos": Decimal(10),
            "valor_em_revisao": ZERO,
            "valor_assinado_outro_ano": ZERO,
            "valor_empenhos_sem_contrato": ZERO,
            "maior_contrato": Decimal(10),
            "mediana_contrato": Decimal(10),
        }
    ]


def test_each_bucket_has_its_count_and_its_sum(spending):
    (row,) = spending(
        {"valor_global": 1},
        {"valor_global": 2},
        {"valor_global": 10, "bucket": "empenho"},
        {"valor_global": 100, "bucket": "suspect", "verdict": "suspect"},
        {"valor_global": 1000, "bucket": "income"},
        {"valor_global": 2000, "bucket": "income"},
    )
    assert [row[name] for name in COUNTS] == [2, 1, 1, 2]
    assert [row[name] for name in SUMS] == [3, 10, 100, 3000]


@pytest.mark.parametrize(
    ("records", "column", "expected"),
    [
        pytest.param(
            [{"valor_global": None}, {"valor_global": 0}],
            "quantidade_sem_valor",
            2,
            id="null and zero are no value",
        ),
        pytest.param([{"valor_global": "0.0001"}], "quantidade_sem_valor", 0, id="the smallest value is one"),
        pytest.param([{"bucket": "empenho"}], "quantidade_sem_valor", 1, id="empenho without value"),
        pytest.param(
            [{"bucket": "income"}, {"bucket": "suspect"}],
            "quantidade_sem_valor",
            0,
            id="only contracts and empenhos",
        ),
        pytest.param(
            [{}, {"bucket": "empenho"}], "quantidade_fornecedores", 1, id="one supplier in two buckets"
        ),
        pytest.param(
            [{}, {"ni_fornecedor": "b", "bucket": "empenho"}],
            "quantidade_fornecedores",
            2,
            id="two suppliers",
        ),
        pytest.param([{}, {"ni_fornecedor": None}], "quantidade_fornecedores", 1, id="null is no supplier"),
        pytest.param(
            [{}, {"ni_fornecedor": "b", "bucket": "income"}, {"ni_fornecedor": "c", "bucket": "suspect"}],
            "quantidade_fornecedores",
            1,
            id="suppliers of income and suspects do not count",
        ),
        pytest.param([{"valor_global": None}], "valor_contratos", ZERO, id="a sum of nulls is zero"),
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
        pytest.param(
            [
                {"valor_global": 1, "data_assinatura": date(2024, 12, 31)},
                {"valor_global": 2, "data_assinatura": date(2026, 1, 1), "bucket": "empenho"},
                {"valor_global": 4, "data_assinatura": date(2024, 12, 31), "bucket": "income"},
                {"valor_global": 8},
                {"valor_global": 16, "data_assinatura": None},
            ],
            "valor_assinado_outro_ano",
            3,
            id="signed in another year, of contracts and empenhos",
        ),
        pytest.param([{"valor_global": 3}, {"valor_global": 9}], "maior_contrato", 9, id="largest"),
        pytest.param(
            [{"valor_global": 3}, {"valor_global": None}], "maior_contrato", 3, id="null is not the largest"
        ),
        pytest.param(
            [{"valor_global": 9, "bucket": "empenho"}],
            "maior_contrato",
            None,
            id="largest, without contracts",
        ),
        pytest.param(
            [{"valor_global": 1}, {"valor_global": 9}, {"valor_global": 2}],
            "mediana_contrato",
            2,
            id="odd median",
        ),
        pytest.param(
            [{"valor_global": "1.01"}, {"valor_global": "1.02"}],
            "mediana_contrato",
            Decimal("1.015"),
            id="even median",
        ),
        pytest.param(
            [{"valor_global": "9999999998.97"}, {"valor_global": "9999999998.98"}],
            "mediana_contrato",
            Decimal("9999999998.975"),
            id="median just below suspicion",
        ),
        pytest.param(
            [{"valor_global": 3}, {"valor_global": None}],
            "mediana_contrato",
            3,
            id="null is no part of the median",
        ),
        pytest.param(
            [{"valor_global": 3}, {"valor_global": 0, "bucket": "suspect"}],
            "mediana_contrato",
            3,
            id="median of contracts only",
        ),
        pytest.param([{"bucket": "empenho"}], "mediana_contrato", None, id="median, without contracts"),
    ],
)
def test_columns(spending, records, column, expected):
    (row,) = spending(*records)
    assert row[column] == expected


EMPENHO = {"bucket": "empenho", "valor_global": 5}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([{}, EMPENHO], 0, id="same purchase and supplier"),
        pytest.param([{}, {}, EMPENHO], 0, id="two such contracts"),
        pytest.param([EMPENHO], 5, id="no contract"),
        pytest.param([{"ni_fornecedor": "b"}, EMPENHO], 5, id="another supplier"),
        pytest.param([{"numero_controle_pncp_compra": "b"}, EMPENHO], 5, id="another purchase"),
        pytest.param(
            [{"ni_fornecedor": "b"}, {"numero_controle_pncp_compra": "b"}, EMPENHO],
            5,
            id="each in another contract",
        ),
        pytest.param(
            [{"ni_fornecedor": None}, EMPENHO | {"ni_fornecedor": None}],
            5,
            id="null suppliers are not the same",
        ),
        pytest.param(
            [{"numero_controle_pncp_compra": None}, EMPENHO | {"numero_controle_pncp_compra": None}],
            5,
            id="null purchases are not the same",
        ),
        pytest.param(
            [{"bucket": "income"}, {"bucket": "suspect"}, EMPENHO], 5, id="only bucket contract counts"
        ),
        pytest.param([{"valor_global": 7}], 0, id="contracts are no part of it"),
    ],
)
def test_valor_empenhos_sem_contrato(spending, records, expected):
    (row,) = spending(*records)
    assert row["valor_empenhos_sem_contrato"] == expected


def test_the_contract_of_an_empenho_may_be_in_another_row(spending):
    contract = {"cnpj_orgao": OTHER, "data_publicacao_pncp": datetime(2023, 1, 1)}  # noqa: DTZ001
    found = spending(contract, EMPENHO)
    assert len(found) == 2
    assert {row["valor_empenhos_sem_contrato"] for row in found} == {0}


@pytest.mark.parametrize(
    "change",
    [
        {"cnpj_orgao": OTHER},
        {"codigo_unidade": "2"},
        {"uf_sigla": "RJ"},
        {"codigo_ibge": "3304557"},
        {"data_publicacao_pncp": datetime(2025, 7, 1)},  # noqa: DTZ001
        {"categoria_processo_id": 2},
        {"codigo_unidade": None},
        {"uf_sigla": None},
        {"codigo_ibge": None},
        {"data_publicacao_pncp": None},
        {"categoria_processo_id": None},
    ],
    ids=lambda change: "{}={}".format(*next(iter(change.items()))),
)
def test_each_value_of_the_key_has_a_row_of_its_own_null_too(stage, change):
    found = rows(
        mart_spending(stage({"valor_global": 1}, change | {"valor_global": 2}, change | {"valor_global": 4}))
    )
    assert sorted(row["valor_contratos"] for row in found) == [1, 6]


@pytest.mark.parametrize(
    "moment",
    [datetime(2025, 6, 1), datetime(2025, 6, 30, 23, 59, 59)],  # noqa: DTZ001
    ids=["first moment", "last moment"],
)
def test_mes(spending, moment):
    (row,) = spending({"data_publicacao_pncp": moment})
    assert row["mes"] == date(2025, 6, 1)


OLD, NEW = datetime(2025, 1, 1), datetime(2025, 2, 1)  # noqa: DTZ001
NAMES = [
    ("nome_orgao", "cnpj_orgao"),
    ("nome_unidade", "codigo_unidade"),
    ("esfera_id", "cnpj_orgao"),
    ("municipio_nome", "codigo_ibge"),
    ("categoria_processo_nome", "categoria_processo_id"),
]


@pytest.mark.parametrize("name", [name for name, _ in NAMES])
@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([("old", OLD), ("new", NEW)], "new", id="the latest"),
        pytest.param([("new", NEW), ("old", OLD)], "new", id="the latest, observed first"),
        pytest.param([("old", OLD), (None, NEW)], "old", id="null is no name"),
        pytest.param([("first", OLD), ("second", OLD)], "second", id="ties by observation"),
        pytest.param([(None, OLD)], None, id="none"),
    ],
)
def test_names_are_the_latest_seen_in_the_whole_file(spending, name, records, expected):
    months = (datetime(2025, n, 1) for n in count(1))  # noqa: DTZ001
    seen = [
        {name: value, "data_atualizacao_global": moment, "data_publicacao_pncp": month}
        for (value, moment), month in zip(records, months, strict=False)
    ]
    found = spending(*seen)
    assert [row[name] for row in found] == [expected] * len(records)


def test_a_name_without_update_is_as_old_as_its_publication(spending):
    seen = ({"nome_orgao": str(moment), "data_publicacao_pncp": moment} for moment in (NEW, OLD, None))
    assert {row["nome_orgao"] for row in spending(*seen)} == {str(NEW)}


@pytest.mark.parametrize(("name", "code"), [pair for pair in NAMES if pair[1] != "cnpj_orgao"])
def test_names_of_other_codes_and_of_null_codes_are_not_taken(stage, name, code):
    other = CONTRATO[code] * 2
    found = rows(
        mart_spending(stage({name: "mine"}, {code: other, name: "theirs"}, {code: None, name: "nobody's"}))
    )
    assert {row[code]: row[name] for row in found} == {CONTRATO[code]: "mine", other: "theirs", None: None}


def test_a_unidade_is_named_within_its_orgao(stage):
    found = rows(
        mart_spending(stage({"nome_unidade": "mine"}, {"cnpj_orgao": OTHER, "nome_unidade": "theirs"}))
    )
    assert {row["cnpj_orgao"]: row["nome_unidade"] for row in found} == {ORGAO: "mine", OTHER: "theirs"}


def compared(mart, stage) -> dict:
    (gate,) = MartSpending.gates
    return {
        row["measure"]: (row["expected"], row["found"])
        for row in rows(gate.compare(mart_spending=mart, stage_contratos=stage))
    }


ALL_BUCKETS = [{"bucket": bucket, "valor_global": value} for value, bucket in enumerate(BUCKETS, 1)]


def test_the_gate_measures_every_bucket_and_the_whole(stage):
    contratos = stage(*ALL_BUCKETS, {"valor_global": None})
    measures = compared(mart_spending(contratos), contratos)
    assert set(measures) == {*COUNTS, *SUMS, "quantidade", "valor"}
    assert all(expected == found for expected, found in measures.values())
    assert measures["quantidade"] == (5, 5)
    assert measures["valor"] == (10, 10)


@pytest.mark.parametrize("column", [*COUNTS, *SUMS])
def test_the_gate_catches_a_tampered_column(stage, column):
    contratos = stage(*ALL_BUCKETS)
    mart = mart_spending(contratos)
    measures = compared(mart.mutate(**{column: mart[column] + 1}), contratos)
    whole = "quantidade" if column in COUNTS else "valor"
    assert {name for name, (expected, found) in measures.items() if expected != found} == {column, whole}


def test_the_gate_catches_a_lost_row_and_an_unknown_bucket(stage):
    contratos = stage({"valor_global": 1}, {"valor_global": 2, "cnpj_orgao": OTHER})
    mart = mart_spending(contratos)
    assert compared(mart.filter(mart.cnpj_orgao == ORGAO), contratos)["quantidade"] == (2, 1)
    odd = stage({"bucket": "another"})
    assert compared(mart_spending(odd), odd)["quantidade"] == (1, 0)


def test_the_gate_holds_over_nothing(stage):
    assert all(
        expected == found == 0 for expected, found in compared(mart_spending(stage()), stage()).values()
    )


RULE = next(rule for rule in MartSpending.rules() if rule.name == "parts do not exceed the whole")


@pytest.mark.parametrize(
    ("column", "most"),
    [
        pytest.param("valor_em_revisao", 15, id="valor_em_revisao"),
        pytest.param("valor_assinado_outro_ano", 15, id="valor_assinado_outro_ano"),
        pytest.param("valor_empenhos_sem_contrato", 5, id="valor_empenhos_sem_contrato"),
        pytest.param("maior_contrato", 10, id="maior_contrato"),
        pytest.param("quantidade_sem_valor", 2, id="quantidade_sem_valor"),
        pytest.param("quantidade_fornecedores", 2, id="quantidade_fornecedores"),
    ],
)
def test_the_rule_catches_a_part_that_exceeds_the_whole(stage, column, most):
    mart = mart_spending(stage({"valor_global": 10}, {"valor_global": 5, "bucket": "empenho"}))
    for value, holds in ((most, True), (most + 1, False)):
        changed = mart.mutate(**{column: value})
        assert rows(changed.select(holds=RULE.holds(changed))) == [{"holds": holds}]


def test_the_rule_does_not_hold_the_absence_of_contracts_against_a_row(stage):
    mart = mart_spending(stage(EMPENHO))
    assert rows(mart.select(holds=RULE.holds(mart))) == [{"holds": True}]


AMOUNTS = st.none() | st.decimals(0, 10**9, places=4)
RECORDS = st.fixed_dictionaries(
    {
        "bucket": st.sampled_from(BUCKETS),
        "verdict": st.sampled_from(VALUE_VERDICTS),
        "valor_global": AMOUNTS,
        "codigo_ibge": st.sampled_from([None, "1", "2"]),
        "categoria_processo_id": st.sampled_from([None, 1, 2]),
        "ni_fornecedor": st.sampled_from([None, "a", "b"]),
        "numero_controle_pncp_compra": st.sampled_from([None, "x", "y"]),
    }
)


@settings(max_examples=15, deadline=None)
@given(st.lists(RECORDS, max_size=30))
def test_the_buckets_are_a_partition_of_any_records(records):
    import pyarrow as pa

    schema = StageContratos.schema()
    complete = [CONTRATO | {"observation_id": n} | record for n, record in enumerate(records)]
    contratos = ibis.memtable(pa.Table.from_pylist(complete, schema=schema.to_pyarrow()), schema=schema)
    mart = rows(mart_spending(contratos))
    assert sum(row[column] for row in mart for column in COUNTS) == len(records)
    whole = sum(record["valor_global"] or 0 for record in records)
    assert sum(row[column] for row in mart for column in SUMS) == whole
    keys = {(record["codigo_ibge"], record["categoria_processo_id"]) for record in records}
    assert {(row["codigo_ibge"], row["categoria_processo_id"]) for row in mart} == keys
    assert len(mart) == len(keys)
