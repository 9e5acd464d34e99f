from decimal import Decimal

import ibis
import pytest

from dataflows.domains import Domain
from dataflows.mart.findings import (
    Judgement,
    joined_key,
    lacking,
    of_consortium,
    of_groups,
    of_records,
    only,
    other_law,
    percent,
)
from dataflows.mart.flag_definitions import NO_DISCOUNT

ORGAO = "00394460005887"
OF_WHOM = {"cnpj_orgao": ORGAO, "nome_orgao": "MINISTERIO", "uf_sigla": "SP", "ano": 2025}
JUDGED = {"value": "int64", "raised": "boolean", "lacks": "string"}
WHOSE = {"cnpj_orgao": "string", "nome_orgao": "string", "uf_sigla": "string", "ano": "int32"}
RECORDS = WHOSE | JUDGED | {"numero_controle_pncp": "string", "link_pncp": "string"}
GROUPS = WHOSE | JUDGED | {"evidence": "array<string>", "records": "int64"}


def judgement(rows, **more) -> Judgement:
    return Judgement(
        **{"observed": rows.value, "threshold": 99, "raised": rows.raised, "lacks": rows.lacks} | more
    )


def value_of(rows, expression):
    (row,) = rows.select(found=expression).to_pyarrow().to_pylist()
    return row["found"]


def test_a_record_is_its_own_subject_and_evidence(table):
    row = {"numero_controle_pncp": "1", "link_pncp": "https://x", "value": 100, "raised": True}
    records = table(RECORDS, OF_WHOM | row)
    found = of_records(records, NO_DISCOUNT, judgement(records, detail=ibis.literal("igual")))
    assert found.to_pyarrow().to_pylist() == [
        {
            "flag": "no_discount",
            "subject": "1",
            **OF_WHOM,
            "observed": Decimal(100),
            "threshold": Decimal(99),
            "lacks": None,
            "raised": True,
            "detail": "igual",
            "link_pncp": "https://x",
            "evidence": ["1"],
            "records": 1,
        }
    ]


@pytest.mark.parametrize(("records", "counted"), [(3, 3), (None, 0)], ids=["some", "unknown is none"])
def test_a_group_has_the_evidence_and_the_count_of_its_own(table, records, counted):
    row = {"evidence": ["2", "3"], "records": records, "value": 100, "raised": True}
    groups = table(GROUPS, OF_WHOM | row)
    found = of_groups(groups, NO_DISCOUNT, judgement(groups), ibis.literal("a/2025"))
    assert found.to_pyarrow().to_pylist() == [
        {
            "flag": "no_discount",
            "subject": "a/2025",
            **OF_WHOM,
            "observed": Decimal(100),
            "threshold": Decimal(99),
            "lacks": None,
            "raised": True,
            "detail": None,
            "link_pncp": None,
            "evidence": ["2", "3"],
            "records": counted,
        }
    ]


def test_both_kinds_have_the_same_columns_and_types(table):
    records, groups = table(RECORDS), table(GROUPS)
    one = of_records(records, NO_DISCOUNT, judgement(records))
    other = of_groups(groups, NO_DISCOUNT, judgement(groups), ibis.literal("a/2025"))
    assert {name: str(dtype(nullable=True)) for name, dtype in one.schema().items()} == {
        name: str(dtype(nullable=True)) for name, dtype in other.schema().items()
    }


def test_a_threshold_may_be_of_the_row(table):
    row = {"numero_controle_pncp": "1", "value": 100}
    records = table(RECORDS, OF_WHOM | row)
    (found,) = (
        of_records(records, NO_DISCOUNT, judgement(records, threshold=records.value)).to_pyarrow().to_pylist()
    )
    assert found["threshold"] == Decimal(100)


@pytest.mark.parametrize(
    ("raised", "lacks", "expected"),
    [
        pytest.param(True, None, True, id="raised"),
        pytest.param(False, None, False, id="not raised"),
        pytest.param(None, None, False, id="null is no"),
        pytest.param(True, "valor", False, id="nothing is raised where something lacks"),
        pytest.param(None, "valor", False, id="nor told unknown"),
    ],
)
def test_raised(table, raised, lacks, expected):
    records = table(RECORDS, OF_WHOM | {"numero_controle_pncp": "1", "raised": raised, "lacks": lacks})
    (found,) = of_records(records, NO_DISCOUNT, judgement(records)).to_pyarrow().to_pylist()
    assert (found["raised"], found["lacks"]) == (expected, lacks)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(False, False, None, id="none"),
        pytest.param(None, None, None, id="null is no reason"),
        pytest.param(True, False, "first", id="one"),
        pytest.param(False, True, "second", id="the other"),
        pytest.param(None, True, "second", id="the other, where the first is not known"),
        pytest.param(True, True, "first", id="both: the first"),
    ],
)
def test_lacking_is_the_first_reason_that_applies(table, first, second, expected):
    rows = table({"one": "boolean", "two": "boolean"}, {"one": first, "two": second})
    assert value_of(rows, lacking({"first": rows.one, "second": rows.two})) == expected


@pytest.mark.parametrize(
    ("part", "whole", "trusted", "expected"),
    [
        pytest.param(1, 4, True, Decimal(25), id="a quarter"),
        pytest.param(5, 4, True, Decimal(125), id="beyond the whole"),
        pytest.param(0, 4, True, Decimal(0), id="nothing of it"),
        pytest.param(1, 3, True, Decimal("33.3333"), id="as the reader sees it"),
        pytest.param("98.99996", 100, True, Decimal(99), id="rounded"),
        pytest.param(1, 0, True, None, id="of zero"),
        pytest.param(1, None, True, None, id="of the unknown"),
        pytest.param(None, 4, True, None, id="unknown"),
        pytest.param(1, 4, False, None, id="absurd"),
        pytest.param(1, 4, None, None, id="not known to be sane"),
    ],
)
def test_percent(table, part, whole, trusted, expected):
    schema = {"part": "decimal(38, 5)", "whole": "decimal(38, 5)", "trusted": "boolean"}
    exact = [None if one is None else Decimal(one) for one in (part, whole)]
    row = table(schema, dict(zip(schema, [*exact, trusted], strict=True)))
    assert value_of(row, percent(row.part, row.whole, where=row.trusted)) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param((ORGAO, 2025, "1"), f"{ORGAO}/2025/1", id="of several types"),
        pytest.param((ORGAO, None, "1"), f"{ORGAO}//1", id="an unknown part keeps its place"),
        pytest.param((None, None, None), "//", id="nothing known"),
        pytest.param((ORGAO, 2025, "a/b"), f"{ORGAO}/2025/a/b", id="free text last"),
    ],
)
def test_joined_key(table, parts, expected):
    schema = {"orgao": "string", "ano": "int32", "unidade": "string"}
    row = table(schema, dict(zip(schema, parts, strict=True)))
    assert value_of(row, joined_key(row.orgao, row.ano, row.unidade)) == expected


def test_a_key_of_one_part(table):
    row = table({"ano": "int32"}, {"ano": 2025})
    assert value_of(row, joined_key(row.ano)) == "2025"


AMPARO = Domain(
    "amparo_legal", {"1": "Lei 14.133/2021, Art. 28, I", "9": "Lei 8.666/1993, Art. 24", "10": "Lei 14.133"}
)
UNKNOWN = "amparo legal não informado ou desconhecido"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(1, None, id="the law itself"),
        pytest.param(9, "regida por outra lei", id="another"),
        pytest.param(10, "regida por outra lei", id="a label that only resembles it"),
        pytest.param(2, UNKNOWN, id="no such code"),
        pytest.param(None, UNKNOWN, id="none stated"),
    ],
)
def test_other_law(table, code, expected):
    row = table({"amparo": "int32"}, {"amparo": code})
    assert value_of(row, other_law(row.amparo, AMPARO)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("CONSÓRCIO PÚBLICO DE SAÚDE", True, id="with accent"),
        pytest.param("consorcio intermunicipal", True, id="in small letters, without"),
        pytest.param("Consórcio", True, id="of both"),
        pytest.param("MUNICIPIO DE CONSOLACAO", False, id="another word"),
        pytest.param(None, None, id="unknown"),
    ],
)
def test_of_consortium(table, name, expected):
    row = table({"nome_orgao": "string"}, {"nome_orgao": name})
    ((reason, applies),) = of_consortium(row).items()
    assert reason == "consórcio público: limite em dobro, art. 75, § 2º"
    assert value_of(row, applies) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(["SP", "SP"], "SP", id="shared"),
        pytest.param(["SP", None], "SP", id="shared by those that know"),
        pytest.param(["SP", "RJ"], None, id="they differ"),
        pytest.param([None], None, id="none known"),
        pytest.param([], None, id="no rows"),
    ],
)
def test_only(table, values, expected):
    rows = table({"uf": "string"}, *({"uf": value} for value in values))
    assert rows.aggregate(found=only(rows.uf)).to_pyarrow().to_pylist() == [{"found": expected}]
