import json
from http import HTTPStatus

import pytest

from baliza.simulator.answers import Archive

PATH = "/api/consulta/v1/contratos"
UPDATES = "/api/consulta/v1/contratos/atualizacao"
MARCH = {"dataInicial": "20250301", "dataFinal": "20250331", "pagina": "1", "tamanhoPagina": "50"}


@pytest.fixture(scope="module")
def archive(month: list[dict]) -> Archive:
    return Archive({"contratos": month, "contratos_atualizacao": month})


def test_envelope(archive: Archive, month: list[dict]):
    answer = archive.answer(PATH, MARCH | {"pagina": "2"})
    page = json.loads(answer.body)
    pages = -(-len(month) // 50)
    assert answer.status == HTTPStatus.OK
    assert set(page) == {
        "data",
        "totalRegistros",
        "totalPaginas",
        "numeroPagina",
        "paginasRestantes",
        "empty",
    }
    assert (page["totalRegistros"], page["totalPaginas"]) == (len(month), pages)
    assert (page["numeroPagina"], page["paginasRestantes"], page["empty"]) == (2, pages - 2, False)
    assert page["data"] == month[50:100]


def test_all_pages_are_the_corpus(archive: Archive, month: list[dict]):
    rows = []
    for pagina in range(1, -(-len(month) // 50) + 1):
        rows += json.loads(archive.answer(PATH, MARCH | {"pagina": str(pagina)}).body)["data"]
    assert rows == month


def test_updates_filter_on_the_global_update(archive: Archive, month: list[dict]):
    day = MARCH | {"dataInicial": "20250314", "dataFinal": "20250314", "tamanhoPagina": "500"}
    found = json.loads(archive.answer(UPDATES, day).body)["data"]
    expected = [row for row in month if row.get("dataAtualizacaoGlobal", "")[:10] == "2025-03-14"]
    assert {row["numeroControlePNCP"] for row in found} == {row["numeroControlePNCP"] for row in expected}
    assert any(row["dataPublicacaoPncp"][:10] != "2025-03-14" for row in found)


def test_organ_filter_and_unknown_parameters(archive: Archive, month: list[dict]):
    cnpj = month[0]["orgaoEntidade"]["cnpj"]
    page = json.loads(archive.answer(PATH, MARCH | {"cnpjOrgao": cnpj, "q": "ignored"}).body)
    assert {row["orgaoEntidade"]["cnpj"] for row in page["data"]} == {cnpj}


NO_CONTENT = {
    "no-rows": {"dataInicial": "20240101", "dataFinal": "20240102"},
    "past-the-end": {"pagina": "999"},
    "unknown-organ": {"cnpjOrgao": "00000000000000"},
}


@pytest.mark.parametrize("change", NO_CONTENT.values(), ids=NO_CONTENT)
def test_nothing_is_204_without_body(archive: Archive, change: dict):
    answer = archive.answer(PATH, MARCH | change)
    assert (answer.status, answer.body) == (HTTPStatus.NO_CONTENT, b"")


REFUSED = {
    "no-start": ({"dataInicial": ""}, 400, "'dataInicial'"),
    "no-end": ({"dataFinal": ""}, 400, "'dataFinal'"),
    "no-page": ({"pagina": ""}, 400, "'pagina'"),
    "page-not-a-number": ({"pagina": "one"}, 400, "'pagina'"),
    "page-zero": ({"pagina": "0"}, 400, "must be greater than or equal to 1"),
    "size-nine": ({"tamanhoPagina": "9"}, 400, "must be greater than or equal to 10"),
    "size-negative": ({"tamanhoPagina": "-5"}, 400, "must be greater than or equal to 10"),
    "size-501": ({"tamanhoPagina": "501"}, 400, "Tamanho de página inválido"),
    "date-with-dashes": ({"dataInicial": "2025-03-01"}, 422, "Data Inicial inválida"),
    "no-such-day": ({"dataFinal": "20250231"}, 422, "Data Final inválida"),
    "reversed": ({"dataFinal": "20250228"}, 422, "Data Inicial deve ser anterior ou igual à Data Final"),
    "too-long": ({"dataInicial": "20240330"}, 422, "Período inicial e final maior que 365 dias."),
}


@pytest.mark.parametrize(("change", "status", "message"), REFUSED.values(), ids=REFUSED)
def test_refusals(archive: Archive, change: dict, status: int, message: str):
    answer = archive.answer(PATH, MARCH | change)
    error = json.loads(answer.body)
    assert answer.status == status
    assert message in error["message"]
    assert error["error"] == ("422 UNPROCESSABLE_ENTITY" if status == 422 else "Bad Request")


def test_a_window_of_365_days_is_allowed(archive: Archive):
    assert archive.answer(PATH, MARCH | {"dataInicial": "20240331"}).status == HTTPStatus.OK


def test_size_500_is_allowed_and_the_default(archive: Archive, month: list[dict]):
    whole = {name: value for name, value in MARCH.items() if name != "tamanhoPagina"}
    for params in (whole, whole | {"tamanhoPagina": "500"}):
        assert len(json.loads(archive.answer(PATH, params).body)["data"]) == min(500, len(month))


def test_size_10_is_allowed(archive: Archive):
    assert len(json.loads(archive.answer(PATH, MARCH | {"tamanhoPagina": "10"}).body)["data"]) == 10


def test_unknown_paths_are_404(archive: Archive):
    answer = archive.answer("/api/consulta/v1/nada", MARCH)
    assert answer.status == HTTPStatus.NOT_FOUND
    assert "message" in json.loads(answer.body)


def test_update_replaces_what_is_shown(month: list[dict]):
    archive = Archive({"contratos": month})
    archive.update("contratos", month[:7])
    assert json.loads(archive.answer(PATH, MARCH).body)["totalRegistros"] == 7


def test_an_endpoint_without_records_is_empty(month: list[dict]):
    assert Archive({"contratos": month}).answer(UPDATES, MARCH).status == HTTPStatus.NO_CONTENT
