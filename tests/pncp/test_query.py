import re
from datetime import date

import pytest

from baliza.pncp import query
from baliza.pncp.endpoints import ENDPOINTS
from baliza.warehouse.landing import Window

FIRST, LAST = date(2025, 3, 1), date(2025, 3, 31)
PURCHASE = "05816630000152-1-000001/2025"


def window(endpoint: str, slice_: str = "", modalidade: int = 0) -> Window:
    return Window(endpoint, slice_, FIRST, LAST, modalidade)


@pytest.mark.parametrize(
    ("asked", "params"),
    [
        pytest.param(
            window("contratos"), {"dataInicial": "20250301", "dataFinal": "20250331"}, id="the whole country"
        ),
        pytest.param(
            window("contratos", "cnpj=1"),
            {"dataInicial": "20250301", "dataFinal": "20250331", "cnpjOrgao": "1"},
            id="an órgão",
        ),
        pytest.param(
            window("contratacoes_publicacao", modalidade=8),
            {"dataInicial": "20250301", "dataFinal": "20250331", "codigoModalidadeContratacao": "8"},
            id="a modalidade",
        ),
        pytest.param(
            window("contratacoes_atualizacao", "municipio=3550308", 6),
            {
                "dataInicial": "20250301",
                "dataFinal": "20250331",
                "codigoModalidadeContratacao": "6",
                "codigoMunicipioIbge": "3550308",
            },
            id="a modalidade of a municipality",
        ),
        pytest.param(
            window("pca_atualizacao", "cnpj=1"),
            {"dataInicio": "20250301", "dataFim": "20250331", "cnpj": "1"},
            id="dates of plans",
        ),
        pytest.param(
            window("pca_classe", "classe=859"),
            {"anoPca": "2025", "codigoClassificacaoSuperior": "859"},
            id="a class of a year",
        ),
        pytest.param(
            window("pca_usuario", "usuario=3"), {"anoPca": "2025", "idUsuario": "3"}, id="a platform's year"
        ),
        pytest.param(window("compra", PURCHASE), {}, id="a purchase is named by its path alone"),
    ],
)
def test_what_is_sent(asked: Window, params: dict[str, str]):
    endpoint = ENDPOINTS[asked.endpoint]
    assert query.params(endpoint, asked, 3, None) == params
    paged = query.params(endpoint, asked, 3, 50)
    assert paged == {**params, "pagina": "3", "tamanhoPagina": "50"}


def test_open_proposals_are_asked_for_up_to_years_ahead():
    """Deadlines later than the day asked for would be left out: credenciamentos are open for five years."""
    asked = Window("contratacoes_proposta", "", LAST, LAST, 8)
    sent = query.params(ENDPOINTS["contratacoes_proposta"], asked, 1, 50)
    assert "dataInicial" not in sent
    assert sent["dataFinal"] >= "20300401"
    assert re.fullmatch(r"\d{8}", sent["dataFinal"])


@pytest.mark.parametrize(
    ("endpoint", "control", "item", "path"),
    [
        ("compra", PURCHASE, None, "/api/consulta/v1/orgaos/05816630000152/compras/2025/1"),
        ("itens", PURCHASE, None, "/api/pncp/v1/orgaos/05816630000152/compras/2025/1/itens"),
        ("resultados", PURCHASE, 12, "/api/pncp/v1/orgaos/05816630000152/compras/2025/1/itens/12/resultados"),
        (
            "termos",
            "05816630000152-2-010203/2023",
            None,
            "/api/pncp/v1/orgaos/05816630000152/contratos/2023/10203/termos",
        ),
        ("compra", "1A816630000B52-1-000001/2026", None, "/api/consulta/v1/orgaos/1A816630000B52/compras/2026/1"),
        ("contratos", "", None, "/api/consulta/v1/contratos"),
    ],
    ids=["a purchase", "its items", "results of an item", "terms of a contract", "a CNPJ with letters", "a list"],
)  # fmt: skip
def test_the_path(endpoint: str, control: str, item: int | None, path: str):
    assert query.path(ENDPOINTS[endpoint], window(endpoint, control), item) == path


@pytest.mark.parametrize(
    "control", ["", "05816630000152", f"{PURCHASE} ", f"{PURCHASE}-000001", "05816630000152-1-1/2025"]
)
def test_what_is_no_control_number_is_never_asked_for(control: str):
    with pytest.raises(ValueError, match="not a control number"):
        query.path(ENDPOINTS["compra"], window("compra", control))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(window("contratos"), [], id="nothing to check"),
        pytest.param(
            window("contratos", "cnpj=1"),
            [(("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj"), "1", "cnpj=1")],
            id="an órgão, or the one that took over",
        ),
        pytest.param(
            window("contratacoes_publicacao", "uf=AC", 8),
            [
                (("modalidadeId",), "8", "modalidade=8"),
                (("unidadeOrgao.ufSigla", "unidadeSubRogada.ufSigla"), "AC", "uf=AC"),
            ],
            id="modalidade and state",
        ),
        pytest.param(
            window("pca_classe", "classe=859"),
            [
                (("classificacaoSuperiorCodigo",), "859", "classe=859"),
                (("anoPca",), "2025", "anoPca=2025"),
            ],
            id="class and year",
        ),
        pytest.param(
            window("pca_usuario", "usuario=3"),
            [(("anoPca",), "2025", "anoPca=2025")],
            id="records do not say their platform",
        ),
        pytest.param(window("itens", PURCHASE), [], id="a parent is no filter"),
    ],
)
def test_what_every_record_must_say(asked: Window, expected: list[tuple[tuple[str, ...], str, str]]):
    found = query.expected(ENDPOINTS[asked.endpoint], asked)
    assert [(one.fields, one.value, one.asked) for one in found] == expected


@pytest.mark.parametrize("value", ["1", "a=b", "com espaço"])
def test_slices_and_filters_are_the_same_thing(value: str):
    assert query.filter_of(query.slice_of("classe", value)) == ("classe", value)
