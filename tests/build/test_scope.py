from datetime import date

import pytest

from baliza.build import scope
from baliza.build.period import Period
from baliza.build.scope import Scope
from baliza.errors import InvalidCnpjError, UnknownEndpointError, UnknownModalidadeError, UsageError
from baliza.pncp.endpoints import ENDPOINTS
from dataflows import code_tables

CNPJ = "00394460000141"
MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))


@pytest.mark.parametrize(
    ("options", "slices"),
    [
        pytest.param({}, [""], id="the whole country"),
        pytest.param({"cnpjs": ["00.394.460/0001-41"]}, [f"cnpj={CNPJ}"], id="an órgão"),
        pytest.param({"cnpjs": [CNPJ, "00.394.460/0001-41"]}, [f"cnpj={CNPJ}"], id="the same órgão twice"),
        pytest.param({"ufs": ["sp", " RJ "]}, ["uf=SP", "uf=RJ"], id="states"),
        pytest.param({"municipios": [" 3550308"]}, ["municipio=3550308"], id="a municipality"),
        pytest.param({"classes": [" 859 "]}, ["classe=859"], id="a class"),
        pytest.param({"usuarios": ["3"]}, ["usuario=3"], id="a platform"),
    ],
)
def test_options_become_slices(options, slices):
    assert Scope(MARCH, scope.narrowed(**options)).slices == slices


@pytest.mark.parametrize("text", ["XX", "", "São Paulo", "35"])
def test_a_state_that_is_none(text):
    with pytest.raises(UsageError, match="no such state") as raised:
        scope.narrowed(ufs=[text])
    assert "AC, AL, AM" in str(raised.value)


def test_there_are_27_states():
    assert len(set(scope.UFS)) == len(scope.UFS) == 27


@pytest.mark.parametrize("text", ["355030", "35503080", "São Paulo", "", "355030x"])
def test_a_municipality_is_a_code_of_seven_digits(text):
    with pytest.raises(UsageError, match="seven digits"):
        scope.narrowed(municipios=[text])


def test_a_cnpj_that_cannot_be():
    with pytest.raises(InvalidCnpjError):
        scope.narrowed(cnpjs=["00394460000142"])


def test_several_kinds_of_slice_are_refused():
    with pytest.raises(UsageError, match="one way") as raised:
        scope.narrowed(cnpjs=[CNPJ], ufs=["SP"])
    assert "--cnpj, --uf" in str(raised.value)
    assert raised.value.exit_code == 2


def test_modalidades_are_codes_of_pncps_table():
    assert scope.modalidades(["8", " 6 ", "8"]) == (8, 6)
    assert scope.modalidades([]) == ()


@pytest.mark.parametrize("text", ["99", "pregao", "", "8.0", "-1"])
def test_a_modalidade_that_is_none(text):
    with pytest.raises(UnknownModalidadeError, match="no such modalidade") as raised:
        scope.modalidades(["8", text])
    assert "8 Dispensa" in str(raised.value)


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        pytest.param(["contratos_atualizacao"], ["contratos_atualizacao"], id="an id"),
        pytest.param([" Contratos_Atualizacao "], ["contratos_atualizacao"], id="in other letters"),
        pytest.param(
            ["contratacoes"], ["contratacoes_publicacao", "contratacoes_atualizacao"], id="a family"
        ),
        pytest.param(["pca"], ["pca_atualizacao"], id="the plans"),
        pytest.param(["atas"], ["atas_atualizacao"], id="not the whole stock of atas"),
        pytest.param(["itens", "contratos_atualizacao"], ["contratos_atualizacao", "itens"], id="in the table's order"),
        pytest.param(["itens", "itens"], ["itens"], id="once"),
        pytest.param([], [], id="none"),
    ],
)  # fmt: skip
def test_endpoints_by_name(names, ids):
    assert [endpoint.id for endpoint in scope.endpoints(names)] == ids


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_every_endpoint_can_be_named_alone_or_with_its_family(endpoint):
    named = [one.id for one in scope.endpoints([endpoint])]
    assert endpoint in named
    assert {ENDPOINTS[one].family for one in named} == {ENDPOINTS[endpoint].family}


@pytest.mark.parametrize("name", scope.FEEDS)
def test_other_names_mean_endpoints_or_families(name):
    assert scope.endpoints([name])


@pytest.mark.parametrize(
    ("name", "near"),
    [("contrato", "contratos"), ("resultado", "resultados"), ("pca_clase", "pca_classe"), ("item", "itens")],
)
def test_an_unknown_endpoint_says_the_nearest(name, near):
    with pytest.raises(UnknownEndpointError, match="Did you mean") as raised:
        scope.endpoints([name])
    assert near in str(raised.value)


def test_an_unknown_endpoint_like_nothing_says_all_there_are():
    with pytest.raises(UnknownEndpointError, match="Choose from") as raised:
        scope.endpoints(["zzz"])
    assert all(endpoint in str(raised.value) for endpoint in ENDPOINTS)


KINDS = {"cnpj": CNPJ, "uf": "SP", "municipio": "3550308", "classe": "859", "usuario": "3"}
CAN = {
    "contratacoes_publicacao": {"cnpj", "uf", "municipio"},
    "contratacoes_atualizacao": {"cnpj", "uf", "municipio"},
    "contratacoes_proposta": {"cnpj", "uf", "municipio"},
    "contratos": {"cnpj", "municipio"},
    "contratos_atualizacao": {"cnpj", "municipio"},
    "atas_atualizacao": {"cnpj", "municipio"},
    "atas_vigencia": {"cnpj", "municipio"},
    "instrumentoscobranca_inclusao": {"cnpj", "municipio"},
    "pca_atualizacao": {"cnpj", "municipio"},
    "pca_classe": {"classe"},
    "pca_usuario": {"usuario"},
    "compra": {"cnpj", "uf", "municipio"},
    "itens": {"cnpj", "uf", "municipio"},
    "resultados": {"cnpj", "uf", "municipio"},
    "termos": {"cnpj", "uf", "municipio"},
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_each_endpoint_can_be_narrowed_by(endpoint, kind):
    narrowed = Scope(MARCH, ((kind, KINDS[kind]),))
    if kind in CAN[endpoint]:
        scope.check(ENDPOINTS[endpoint], narrowed)
        return
    with pytest.raises(UsageError) as raised:
        scope.check(ENDPOINTS[endpoint], narrowed)
    told = str(raised.value)
    if ENDPOINTS[endpoint].needs:
        assert f"only for one {ENDPOINTS[endpoint].needs[0]} at a time" in told
    else:
        assert "send the whole country" in told
        able = told.partition("These can: ")[2].rstrip(".").split(", ")
        assert set(able) == {one for one, kinds in CAN.items() if kind in kinds}


@pytest.mark.parametrize("endpoint", ["pca_classe", "pca_usuario"])
def test_what_needs_a_slice_is_refused_without_one(endpoint):
    with pytest.raises(UsageError, match="only for one"):
        scope.check(ENDPOINTS[endpoint], Scope(MARCH))


def test_modalidades_are_refused_where_records_have_none():
    asked = Scope(MARCH, modalidades=(8,))
    able = []
    for endpoint in ENDPOINTS.values():
        try:
            scope.check(endpoint, asked)
        except UsageError as error:
            assert "have no modalidade" in str(error) or "only for one" in str(error)  # noqa: PT017
        else:
            able.append(endpoint.id)
    assert able == [
        "contratacoes_publicacao",
        "contratacoes_atualizacao",
        "contratacoes_proposta",
        "compra",
        "itens",
        "resultados",
    ]


def test_cells_are_of_every_modalidade_unless_some_are_named():
    everyone = tuple(int(code) for code in code_tables.labels("modalidade"))
    publicacao = ENDPOINTS["contratacoes_publicacao"]
    assert scope.modalidades_of(publicacao, Scope(MARCH)) == everyone
    assert len(everyone) >= 19
    assert scope.modalidades_of(publicacao, Scope(MARCH, modalidades=(8, 6))) == (8, 6)
    assert scope.modalidades_of(ENDPOINTS["contratos"], Scope(MARCH)) == (0,)
    assert scope.modalidades_of(ENDPOINTS["itens"], Scope(MARCH, modalidades=(8,))) == (0,)
