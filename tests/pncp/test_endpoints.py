"""The table of endpoints against what PNCP publishes of its API, and against the contracts of the raw tables."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from baliza.build.raw_tables import raw_table
from baliza.pncp import query
from baliza.pncp.endpoints import ENDPOINTS, SMALLEST_PAGE, Endpoint
from baliza.warehouse.landing import Window
from baliza.warehouse.raw_table import Field
from dataflows import code_tables

CONSULTA = "/api/consulta"
EACH = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS.keys())
CONSULTED = [endpoint for endpoint in ENDPOINTS.values() if endpoint.path.startswith(CONSULTA)]
EACH_CONSULTED = pytest.mark.parametrize("endpoint", CONSULTED, ids=lambda endpoint: endpoint.id)
EACH_LISTED = pytest.mark.parametrize(
    "endpoint", [one for one in CONSULTED if one.cell != "parent"], ids=lambda endpoint: endpoint.id
)


@pytest.fixture(scope="session")
def paths(real_pages: Path) -> dict[str, Any]:
    """The paths of PNCP's own OpenAPI document."""
    file = real_pages.parent / "openapi-consulta.json"
    if not file.exists():
        pytest.skip(f"no OpenAPI document of PNCP at {file}")
    return json.loads(file.read_text(encoding="utf-8"))["paths"]


def parameters(paths: dict[str, Any], endpoint: Endpoint, where: str = "query") -> dict[str, Any]:
    """Parameters of an endpoint by name, as PNCP declares them."""
    declared = paths[endpoint.path.removeprefix(CONSULTA)]["get"]["parameters"]
    return {one["name"]: one for one in declared if one["in"] == where}


def asked(endpoint: Endpoint, kind: str | None = None) -> dict[str, str]:
    """The query of a window narrowed in one way, or in the way it needs."""
    kinds = [kind] if kind else list(endpoint.needs)
    slice_ = query.slice_of(kinds[0], "1") if kinds else ""
    modalidade = 8 if endpoint.modalidade else 0
    window = Window(endpoint.id, slice_, date(2025, 3, 1), date(2025, 3, 2), modalidade)
    return query.params(endpoint, window, 1, endpoint.page_size)


def type_of(fields: tuple[Field, ...], path: str) -> str | None:
    """The type of a field by its dotted path; None where the table has no such field."""
    name, _, rest = path.partition(".")
    found = next((field for field in fields if field.name == name), None)
    if found is None:
        return None
    return type_of(found.members, rest) if rest else found.type


def test_every_path_of_the_api_is_a_row_and_no_row_is_of_another(paths: dict[str, Any]):
    assert sorted(endpoint.path.removeprefix(CONSULTA) for endpoint in CONSULTED) == sorted(paths)
    assert len(paths) == 12


@EACH_LISTED
def test_parameters_are_those_pncp_declares(paths: dict[str, Any], endpoint: Endpoint):
    known = set(parameters(paths, endpoint))
    for kind in (None, *endpoint.filters):
        sent = set(asked(endpoint, kind))
        assert sent <= known, f"{endpoint.id} {kind}"


@EACH_LISTED
def test_all_that_pncp_requires_is_sent(paths: dict[str, Any], endpoint: Endpoint):
    required = {name for name, one in parameters(paths, endpoint).items() if one["required"]}
    assert required <= set(asked(endpoint))


@EACH_LISTED
def test_what_narrows_is_never_required_unless_the_table_says_so(paths: dict[str, Any], endpoint: Endpoint):
    declared = parameters(paths, endpoint)
    required = {kind for kind, one in endpoint.filters.items() if declared[one.parameter]["required"]}
    assert required == set(endpoint.needs)


@EACH_LISTED
def test_pages_are_as_large_as_pncp_allows(paths: dict[str, Any], endpoint: Endpoint):
    size = parameters(paths, endpoint)["tamanhoPagina"]["schema"]
    assert (endpoint.page_size, size["minimum"]) == (size["maximum"], SMALLEST_PAGE)


def test_one_purchase_is_named_by_its_path(paths: dict[str, Any]):
    assert set(parameters(paths, ENDPOINTS["compra"], "path")) == {"cnpj", "ano", "sequencial"}
    assert parameters(paths, ENDPOINTS["compra"]) == {}
    assert ENDPOINTS["compra"].page_size is None


@EACH
def test_an_endpoint_stands_under_its_own_id(endpoint: Endpoint):
    assert ENDPOINTS[endpoint.id] is endpoint
    assert len({other.path for other in ENDPOINTS.values()}) == len(ENDPOINTS)


@EACH
def test_the_key_is_that_of_the_tables_contract(endpoint: Endpoint):
    assert endpoint.key == raw_table(endpoint.table).key


@EACH
def test_fields_the_table_speaks_of_exist_in_the_raw_table(endpoint: Endpoint):
    fields = raw_table(endpoint.table).fields
    narrowing = [*endpoint.filters.values(), *([endpoint.modalidade] if endpoint.modalidade else [])]
    spoken_of = [path for one in narrowing for path in one.fields]
    assert [path for path in spoken_of if type_of(fields, path) is None] == []
    assert type_of(fields, endpoint.version) == "TIMESTAMP"
    if endpoint.day:
        assert type_of(fields, endpoint.day) == "TIMESTAMP"
    if endpoint.year:
        assert type_of(fields, "anoPca") == "INTEGER"


@EACH
def test_the_kind_of_cell_agrees_with_the_way_of_asking(endpoint: Endpoint):
    by_dates = (endpoint.since is not None, endpoint.until is not None)
    assert (
        by_dates
        == {
            "day": (True, True),
            "stock": (True, True),
            "snapshot": (False, True),
            "year": (False, False),
            "parent": (False, False),
        }[endpoint.cell]
    )
    assert (endpoint.day is not None) == (endpoint.cell == "day")
    assert (endpoint.year is not None) == (endpoint.cell == "year")
    assert (endpoint.parents is not None) == (endpoint.cell == "parent")
    assert (endpoint.shape in {"array", "object"}) == (endpoint.cell == "parent")
    if endpoint.parents:
        assert type_of(raw_table(endpoint.parents).fields, "numeroControlePNCP") == "VARCHAR"


@EACH
def test_only_what_is_dated_by_publication_or_inclusion_keeps_its_day(endpoint: Endpoint):
    keeps = endpoint.day in {"dataPublicacaoPncp", "dataInclusao"}
    assert endpoint.keeps_its_day == keeps


@pytest.mark.parametrize(
    ("id_", "parameter"),
    [
        ("contratos", "cnpjOrgao"),
        ("contratos_atualizacao", "cnpjOrgao"),
        ("instrumentoscobranca_inclusao", "cnpjOrgao"),
        ("contratacoes_publicacao", "cnpj"),
        ("contratacoes_proposta", "cnpj"),
        ("atas_atualizacao", "cnpj"),
        ("atas_vigencia", "cnpj"),
        ("pca_atualizacao", "cnpj"),
    ],
)
def test_the_orgao_is_cnpj_here_and_cnpjorgao_there(id_: str, parameter: str):
    assert ENDPOINTS[id_].filters["cnpj"].parameter == parameter


def test_dates_have_other_names_in_the_feed_of_plans_alone():
    odd = {one.id for one in CONSULTED if one.since == "dataInicio" or one.until == "dataFim"}
    assert odd == {"pca_atualizacao"}
    assert (ENDPOINTS["pca_atualizacao"].since, ENDPOINTS["pca_atualizacao"].until) == (
        "dataInicio",
        "dataFim",
    )


def test_names_whose_letters_trap():
    compra = ENDPOINTS["contratacoes_publicacao"]
    assert compra.filters["municipio"].parameter == "codigoMunicipioIbge", "a capital I, not an l"
    assert compra.modalidade is not None
    assert compra.modalidade.parameter == "codigoModalidadeContratacao"
    assert ENDPOINTS["pca_classe"].path.endswith("/pca/"), "the slash belongs to the path"
    assert ENDPOINTS["atas_atualizacao"].key == ("numeroControlePNCPAta",)
    contrato = {field.name for field in raw_table("contratos").fields}
    assert "numeroControlePncpCompra" in contrato, "ncp in lower case here"
    assert "numeroControlePNCPCompra" not in contrato


def test_modalidades_that_have_a_number_of_pages_are_pncps():
    codes = {int(code) for code in code_tables.labels("modalidade")}
    for endpoint in ENDPOINTS.values():
        assert set(endpoint.pages_by_modalidade) <= codes, endpoint.id


def test_purchases_alone_are_asked_for_by_modalidade():
    assert {one.id for one in ENDPOINTS.values() if one.modalidade} == {
        "contratacoes_publicacao",
        "contratacoes_atualizacao",
        "contratacoes_proposta",
    }
