"""Lists of objects, objects in objects, keys of several fields: what contratos do not have and others do."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from baliza.build.raw_tables import raw_table
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.landing import Landed
from baliza.warehouse.page import PageReader, UnreadablePageError, split

PARENT = "05816630000152-1-000001/2025"


def reader_of(endpoint_id: str) -> PageReader:
    endpoint = ENDPOINTS[endpoint_id]
    return PageReader(raw_table(endpoint.table), day_field=endpoint.day, shape=endpoint.shape)


def purchase(key: str = "a", **fields: Any) -> dict[str, Any]:
    return {"numeroControlePNCP": key, "dataPublicacaoPncp": "2025-03-10T10:00:00", **fields}


def bill(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "cnpj": "05816630000152",
        "ano": 2025,
        "sequencialContrato": 7,
        "sequencialInstrumentoCobranca": number,
        "dataInclusao": "2025-03-10T10:00:00",
        **fields,
    }


def select(arrive: Any, what: str) -> list[tuple[Any, ...]]:
    return arrive.con.execute(
        f'SELECT {what} FROM raw."{arrive.table.name}" ORDER BY observation_id'
    ).fetchall()


def test_a_list_of_objects_lands_in_order_with_nulls_among_them(arrivals: Callable, page: Callable):
    arrive = arrivals("contratacoes_publicacao")
    sources = [{"codigo": 1, "nome": "Tesouro", "dataInclusao": "2025-01-02T03:04:05"}, None, {"codigo": 2}]
    assert arrive(
        page(
            purchase("a", fontesOrcamentarias=sources),
            purchase("b", fontesOrcamentarias=[]),
            purchase("c", fontesOrcamentarias=None),
            purchase("d"),
        )
    ) == Landed(4, 4, 0, 0)
    lengths = 'len("fontesOrcamentarias"), "fontesOrcamentarias"[1].nome, "fontesOrcamentarias"[2] IS NULL'
    assert select(arrive, lengths) == [
        (3, "Tesouro", True),
        (0, None, True),
        (None, None, True),
        (None, None, True),
    ]
    ((third,),) = arrive.con.execute(
        'SELECT "fontesOrcamentarias"[3].codigo FROM raw.contratacoes WHERE "numeroControlePNCP" = \'a\''
    ).fetchall()
    assert third == 2


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("texto", id="text where a list belongs"),
        pytest.param({"codigo": 1}, id="object where a list belongs"),
        pytest.param([{"codigo": 1.5}], id="fraction inside"),
        pytest.param([{"codigo": "um"}], id="text where a number belongs, inside"),
        pytest.param([{"nome": {"a": 1}}], id="object where text belongs, inside"),
        pytest.param([[]], id="list in a list"),
        pytest.param(["Tesouro"], id="texts where objects belong"),
        pytest.param([{"dataInclusao": "2025-02-30T00:00:00"}], id="30 February inside"),
    ],
)
def test_a_bad_list_is_a_defect_and_its_neighbours_land(arrivals: Callable, page: Callable, value: Any):
    arrive = arrivals("contratacoes_publicacao")
    landed = arrive(page(purchase("a"), purchase("bad", fontesOrcamentarias=value), purchase("c")))
    assert landed == Landed(3, 2, 0, 1)
    assert arrive.con.execute("SELECT key FROM meta.quarantine").fetchall() == [("bad",)]
    assert arrive.con.execute("SELECT landed, quarantined FROM meta.coverage").fetchall() == [(3, 1)]


def test_blanks_inside_a_list_are_nulls_where_no_text_belongs(arrivals: Callable, page: Callable):
    arrive = arrivals("contratacoes_publicacao")
    sources = [{"codigo": "", "nome": "", "dataInclusao": " "}]
    assert arrive(page(purchase("a", fontesOrcamentarias=sources))).stored == 1
    ((source,),) = select(arrive, '"fontesOrcamentarias"[1]')
    assert source == {"codigo": None, "nome": "", "descricao": None, "dataInclusao": None}


def test_whole_numbers_inside_a_list_may_be_spelled_as_fractions(arrivals: Callable, page: Callable):
    arrive = arrivals("contratacoes_publicacao")
    arrive(page(purchase("a", fontesOrcamentarias=[{"codigo": 3}])))
    assert arrive(page(purchase("a", fontesOrcamentarias=[{"codigo": 3.0}]))) == Landed(1, 0, 1, 0)


@pytest.mark.parametrize(
    ("sources", "unknown"),
    [
        pytest.param([{"codigo": 1, "novo": 1}], {"fontesOrcamentarias": [{"novo": 1}]}, id="in one"),
        pytest.param(
            [{"codigo": 1}, {"novo": [2]}, None],
            {"fontesOrcamentarias": [{}, {"novo": [2]}, {}]},
            id="each in its place",
        ),
        pytest.param([{"codigo": 1}, None], None, id="in none"),
        pytest.param([], None, id="of an empty list"),
    ],
)
def test_unknown_fields_inside_lists_are_kept(
    arrivals: Callable, page: Callable, sources: Any, unknown: dict[str, Any] | None
):
    arrive = arrivals("contratacoes_publicacao")
    assert arrive(page(purchase("a", fontesOrcamentarias=sources))).stored == 1
    ((kept,),) = select(arrive, "unknown_fields")
    assert (json.loads(kept) if kept else None) == unknown


def test_an_unknown_field_inside_a_list_is_content(arrivals: Callable, page: Callable):
    arrive = arrivals("contratacoes_publicacao")
    for sources, stored in (
        ([{"codigo": 1}], 1),
        ([{"codigo": 1, "novo": 1}], 1),
        ([{"novo": 1, "codigo": 1}], 0),
    ):
        assert arrive(page(purchase("a", fontesOrcamentarias=sources))).stored == stored


def test_lists_in_an_object_land(arrivals: Callable, page: Callable):
    arrive = arrivals("instrumentoscobranca_inclusao")
    note = {
        "chave": "1" * 44,
        "valorNotaFiscal": "4.920,00",
        "itens": [{"numeroItem": "1", "valorTotal": "0,82"}, {"numeroItem": "2"}],
        "eventos": [],
    }
    arrive(page(bill(notaFiscalEletronica={**note, "novo": 1}), bill(2)))
    assert select(
        arrive, '"notaFiscalEletronica".itens[2]."numeroItem", len("notaFiscalEletronica".eventos)'
    ) == [("2", 0), (None, None)]
    ((unknown,), (none,)) = select(arrive, "unknown_fields")
    assert (json.loads(unknown), none) == ({"notaFiscalEletronica": {"novo": 1}}, None)


@pytest.mark.parametrize(
    "spelled",
    ["9999999999999.99", "43880000000000.13", "99999999999.9999", "100000000000.01", "-200000000000.07", "0.1", "1e13"],
)  # fmt: skip
def test_money_inside_an_object_is_exact(arrivals: Callable, page: Callable, spelled: str):
    arrive = arrivals("instrumentoscobranca_inclusao")
    text = json.dumps(bill(recuperarContratoDTO={"numeroControlePNCP": "c", "valorGlobal": 77}))
    arrive(page(text.replace("77", spelled), bill(2, recuperarContratoDTO=None)))
    assert select(arrive, '"recuperarContratoDTO"."valorGlobal"') == [(Decimal(spelled),), (None,)]


def test_a_null_object_that_holds_money_stays_null(arrivals: Callable, page: Callable):
    arrive = arrivals("instrumentoscobranca_inclusao")
    arrive(page(bill(recuperarContratoDTO=None), bill(2, recuperarContratoDTO={"numeroControlePNCP": "c"})))
    assert select(arrive, '"recuperarContratoDTO" IS NULL, "recuperarContratoDTO"."numeroControlePNCP"') == [
        (True, None),
        (False, "c"),
    ]


def test_money_inside_an_object_may_be_spelled_otherwise(arrivals: Callable, page: Callable):
    arrive = arrivals("instrumentoscobranca_inclusao")
    for value, stored in ((9016, 1), (9016.0, 0), ("9016.00", 0), (9016.5, 1)):
        assert arrive(page(bill(recuperarContratoDTO={"valorGlobal": value}))).stored == stored, value


def test_a_key_of_several_fields_is_one_text(page: Callable):
    read = reader_of("instrumentoscobranca_inclusao").read(page(bill(1), bill(2), bill(2)))
    assert list(read.days) == ["05816630000152/2025/7/1", "05816630000152/2025/7/2"]
    assert set(read.days.values()) == {"2025-03-10"}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param({"ano": None}, None, id="a part is null"),
        pytest.param({"cnpj": " "}, None, id="a part is blank"),
        pytest.param({"cnpj": " 05816630000152"}, "05816630000152/2025/7/1", id="a part is padded"),
        pytest.param({"ano": 2025.5}, None, id="a part is a fraction"),
        pytest.param({"sequencialContrato": {"n": 7}}, None, id="a part is an object"),
        pytest.param({"observacao": [1]}, "05816630000152/2025/7/1", id="something else is wrong"),
    ],
)
def test_a_key_with_a_bad_part_is_a_defect(page: Callable, fields: dict[str, Any], key: str | None):
    read = reader_of("instrumentoscobranca_inclusao").read(page(bill(1) | fields, bill(2)))
    assert list(read.days) == ["05816630000152/2025/7/2"]
    assert [defect.key for defect in read.defects] == [key]
    assert [defect.day for defect in read.defects] == ["2025-03-10"]


def test_a_part_of_a_key_may_be_spelled_otherwise(arrivals: Callable, page: Callable):
    arrive = arrivals("instrumentoscobranca_inclusao")
    arrive(page(bill(1)))
    assert arrive(page(bill(1, ano=2025.0))) == Landed(1, 0, 1, 0)
    assert arrive(page(bill(1, ano="2025"))) == Landed(1, 0, 1, 0)


def test_keys_of_several_fields_decide_what_is_a_repeat(arrivals: Callable, page: Callable):
    arrive = arrivals("instrumentoscobranca_inclusao")
    assert arrive(page(bill(1), bill(2)), page(bill(2), bill(1, ano=2024))) == Landed(4, 3, 1, 0)
    assert arrive(page(bill(1, observacao="x"), bill(2))) == Landed(2, 1, 1, 0)
    assert arrive(page(bill(1), bill(1, observacao="x"), bill(1))) == Landed(3, 3, 0, 0)


def test_the_items_of_plans_land_with_their_plan(arrivals: Callable):
    arrive = arrivals("pca_atualizacao")
    plan = {
        "idPcaPncp": "p-0-000001/2025",
        "anoPca": 2025,
        "dataAtualizacaoGlobalPCA": "2025-03-10T10:00:00",
        "novo": {"x": 1},
        "itens": [
            {"numeroItem": 1, "valorTotal": 9999999999999.99, "quantidadeEstimada": 1.5},
            {"numeroItem": 2, "estranho": 2},
            {"numeroItem": "três"},
        ],
    }
    landed = arrive(json.dumps({"data": [plan], "totalRegistros": 3}).encode())
    assert landed == Landed(3, 2, 0, 1)
    assert select(arrive, '"idPcaPncp", "numeroItem", "anoPca", "valorTotal", "quantidadeEstimada"') == [
        ("p-0-000001/2025", 1, 2025, Decimal("9999999999999.99"), Decimal("1.5")),
        ("p-0-000001/2025", 2, 2025, None, None),
    ]
    assert [json.loads(unknown) for (unknown,) in select(arrive, "unknown_fields")] == [
        {"novo": {"x": 1}},
        {"estranho": 2, "novo": {"x": 1}},
    ]
    assert arrive.con.execute("SELECT key, day FROM meta.quarantine").fetchone()[0] == "p-0-000001/2025/três"


def test_a_plan_that_is_none_is_a_defect_and_the_others_land():
    body = {"data": [{"idPcaPncp": "p", "itens": [{"numeroItem": 1}]}, {"itens": "x"}], "totalRegistros": 2}
    read = reader_of("pca_classe").read(json.dumps(body).encode())
    assert list(read.days) == ["p/1"]
    assert [(defect.key, json.loads(defect.raw_text)) for defect in read.defects] == [(None, {"itens": "x"})]


def test_items_are_told_whose_they_are(arrivals: Callable):
    arrive = arrivals("itens")
    other = PARENT.replace("000001", "000002")
    assert arrive(b'[{"numeroItem":1},{"numeroItem":2}]', parent=PARENT).stored == 2
    assert arrive(b'[{"numeroItem":1}]', parent=other).stored == 1
    assert arrive(b'[{"numeroItem":2}]', parent=PARENT) == Landed(1, 0, 1, 0)
    assert select(arrive, 'parent_key, "numeroItem"') == [(PARENT, 1), (PARENT, 2), (other, 1)]


def test_a_bad_item_is_a_defect_of_its_parent():
    read = reader_of("itens").read(b'[{"numeroItem":1,"valorTotal":[]},12,{"numeroItem":2}]', PARENT)
    assert list(read.days) == [f"{PARENT}/2"]
    assert [defect.key for defect in read.defects] == [f"{PARENT}/1", None]


def test_what_says_whose_it_is_takes_no_parent():
    body = b'{"numeroControlePNCP":"x","novo":1}'
    read = reader_of("compra").read(body, PARENT)
    assert list(read.days) == ["x"]
    assert json.loads(split(read.body)[0])["unknown_fields"] == {"novo": 1}


@pytest.mark.parametrize("body", [b'{"message":"Erro"}', b"null", b'"Erro"', b"[", b""])
def test_what_is_no_array_is_refused(body: bytes):
    with pytest.raises(UnreadablePageError):
        reader_of("itens").read(body, PARENT)


@pytest.mark.parametrize("body", [b'{"numeroControlePNCP":', b"<html>", b""])
def test_what_is_no_object_is_refused(body: bytes):
    with pytest.raises(UnreadablePageError):
        reader_of("compra").read(body)


def test_records_without_a_day_are_of_no_day():
    read = reader_of("contratacoes_proposta").read(
        b'{"data":[{"numeroControlePNCP":"a"}],"totalRegistros":1}'
    )
    assert (len(read.records), read.defects) == (1, [])
    assert list(read.days) == ["a"]


def test_values_are_read_from_objects_as_text(page: Callable):
    body = page(purchase("a", modalidadeId=8, unidadeOrgao={"ufSigla": "AC"}), purchase("b"))
    reader = reader_of("contratacoes_publicacao")
    fields = ("modalidadeId", "unidadeOrgao.ufSigla", "orgaoEntidade.cnpj")
    assert dict(reader.values(reader.read(body), fields)) == {
        "a": ("8", "AC", None),
        "b": (None, None, None),
    }
