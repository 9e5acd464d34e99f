import pytest

from baliza.simulator.endpoints import ENDPOINTS, day_of, exploded, key_of, look, same

PLAN = {
    "idPcaPncp": "1-0-000001/2025",
    "dataAtualizacaoGlobalPCA": "2025-03-01T10:00:00",
    "itens": [{"numeroItem": 7}, {"numeroItem": 9}],
}
BILL = {"cnpj": "1", "ano": 2025, "sequencialContrato": 3, "sequencialInstrumentoCobranca": 4}
KEYS = {
    "contratos": ({"numeroControlePNCP": "a"}, None, "a"),
    "compra": ({"numeroControlePNCP": "a"}, None, "a"),
    "atas_vigencia": ({"numeroControlePNCPAta": "a-000001"}, None, "a-000001"),
    "pca": (PLAN, None, "1-0-000001/2025/7"),
    "instrumentoscobranca_inclusao": (BILL, None, "1/2025/3/4"),
    "itens": ({"numeroItem": 2100054}, "c", "c/2100054"),
    "resultados": ({"numeroItem": 1, "sequencialResultado": 2}, "c", "c/1/2"),
    "termos": ({"sequencialTermoContrato": 3}, "k", "k/3"),
}


@pytest.mark.parametrize("name", KEYS)
def test_keys_as_text(name: str):
    record, parent, key = KEYS[name]
    assert key_of(ENDPOINTS[name], record, parent) == key


def test_a_plan_is_parted_into_its_items():
    parts = exploded(ENDPOINTS["pca_atualizacao"], [PLAN])
    assert [part["itens"] for part in parts] == [[{"numeroItem": 7}], [{"numeroItem": 9}]]
    assert {part["idPcaPncp"] for part in parts} == {PLAN["idPcaPncp"]}
    assert exploded(ENDPOINTS["contratos"], [BILL]) == [BILL]


def test_days():
    assert day_of(ENDPOINTS["pca_atualizacao"], PLAN) == "2025-03-01"
    assert day_of(ENDPOINTS["pca"], PLAN) is None
    assert day_of(ENDPOINTS["contratacoes_proposta"], {"dataEncerramentoProposta": None}) is None
    assert day_of(ENDPOINTS["itens"], {"numeroItem": 1}) is None


def test_look_reaches_into_objects_and_tolerates_what_is_missing():
    assert look({"a": {"b": 1}}, "a.b") == 1
    assert look({"a": [{"b": 2}]}, "a.b") == 2
    assert look({"a": None}, "a.b") is None
    assert same("a.b")({"a": {"b": 6}}, "6")


def test_ids_and_paths_are_unique():
    assert len({endpoint.path for endpoint in ENDPOINTS.values()}) == len(ENDPOINTS) == 17
