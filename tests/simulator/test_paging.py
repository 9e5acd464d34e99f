"""Each listing's own limits, parameters and filters, over the records of a season."""

import json
from collections.abc import Callable
from http import HTTPStatus

import pytest

from baliza.simulator.answers import Archive
from baliza.simulator.endpoints import ENDPOINTS, Listed, exploded, key_of
from baliza.simulator.faults import PRESETS, Faults

ALL = {"dataInicial": "20251001", "dataFinal": "20260831", "pagina": "1"}
OPEN = {"dataFinal": "99991231", "pagina": "1"}
PLANNED = {"dataInicio": "20250901", "dataFim": "20260831", "pagina": "1"}
ASKED: dict[str, dict[str, str]] = {
    "contratacoes_publicacao": ALL | {"codigoModalidadeContratacao": "8"},
    "contratacoes_atualizacao": ALL | {"codigoModalidadeContratacao": "6"},
    "contratacoes_proposta": OPEN,
    "contratos": ALL,
    "contratos_atualizacao": ALL,
    "atas_vigencia": ALL,
    "atas_atualizacao": ALL,
    "pca_atualizacao": PLANNED,
    "pca": {"anoPca": "2026", "codigoClassificacaoSuperior": "8960", "pagina": "1"},
    "pca_usuario": {"anoPca": "2026", "idUsuario": "3", "pagina": "1"},
    "instrumentoscobranca_inclusao": ALL,
}
BELONGS: dict[str, Callable[[dict], bool]] = {
    "contratacoes_publicacao": lambda row: (
        row["modalidadeId"] == 8 and row["dataPublicacaoPncp"] >= "2025-10"
    ),
    "contratacoes_atualizacao": lambda row: (
        row["modalidadeId"] == 6 and row["dataAtualizacaoGlobal"] >= "2025-10"
    ),
    "contratos_atualizacao": lambda row: "dataAtualizacaoGlobal" in row,
    "atas_vigencia": lambda row: row["vigenciaInicio"] <= "2026-08-31" and row["vigenciaFim"] >= "2025-10",
    "atas_atualizacao": lambda row: row["dataAtualizacaoGlobal"] >= "2025-10",
    "pca_atualizacao": lambda row: row["dataAtualizacaoGlobalPCA"] >= "2025-09",
    "pca": lambda row: row["itens"][0]["classificacaoSuperiorCodigo"] == "8960",
}


@pytest.fixture(scope="module")
def archive(season: dict) -> Archive:
    return Archive(season)


def ask(archive: Archive, name: str, **change: str) -> tuple[int, dict]:
    answer = archive.answer(ENDPOINTS[name].path, ASKED[name] | change)
    return answer.status, json.loads(answer.body or b"{}")


def walked(archive: Archive, name: str, **change: str) -> list[dict]:
    """Everything the endpoint shows, page after page, plans parted into items."""
    found, pagina, pages = [], 0, 1
    while pagina < pages:
        pagina += 1
        status, page = ask(archive, name, pagina=str(pagina), **change)
        if status != HTTPStatus.OK:
            return found
        found += exploded(ENDPOINTS[name], page["data"])
        pages = page["totalPaginas"]
        assert page["paginasRestantes"] == pages - pagina
    return found


@pytest.mark.parametrize("name", [name for name in ASKED if name != "pca_usuario"])
def test_all_pages_show_what_belongs_and_nothing_twice(season: dict, archive: Archive, name: str):
    endpoint = ENDPOINTS[name]
    belongs = BELONGS.get(name, lambda _: True)
    expected = [key_of(endpoint, row) for row in exploded(endpoint, season[name]) if belongs(row)]
    shown = [key_of(endpoint, row) for row in walked(archive, name)]
    assert sorted(shown) == sorted(expected)
    assert shown


LARGEST = {name: endpoint.max_page for name, endpoint in ENDPOINTS.items() if isinstance(endpoint, Listed)}


def test_largest_pages():
    assert {name for name, size in LARGEST.items() if size == 50} == {
        "contratacoes_publicacao", "contratacoes_atualizacao", "contratacoes_proposta",
    }  # fmt: skip
    assert {name for name, size in LARGEST.items() if size == 100} == {"instrumentoscobranca_inclusao"}
    assert set(LARGEST.values()) == {50, 100, 500}


@pytest.mark.parametrize("name", ASKED)
def test_sizes_out_of_range_are_refused(archive: Archive, name: str):
    assert ask(archive, name, tamanhoPagina="9")[0] == 400
    assert (
        ask(archive, name, tamanhoPagina=str(LARGEST[name] + 1))[1]["message"] == "Tamanho de página inválido"
    )
    assert (
        ask(archive, name, tamanhoPagina="10")[0]
        == ask(archive, name, tamanhoPagina=str(LARGEST[name]))[0]
        == 200
    )


REQUIRED = [(name, parameter) for name, params in ASKED.items() for parameter in params]


@pytest.mark.parametrize(("name", "parameter"), REQUIRED)
def test_what_is_required_is_missed(archive: Archive, name: str, parameter: str):
    status, error = ask(archive, name, **{parameter: ""})
    assert status == 400
    assert f"'{parameter}'" in error["message"]


def test_unreadable_numbers_are_refused_where_known(archive: Archive):
    assert ask(archive, "contratacoes_publicacao", codigoModalidadeContratacao="oito")[0] == 400
    assert ask(archive, "pca", anoPca="x")[0] == 400
    assert ask(archive, "contratos", codigoModalidadeContratacao="oito")[0] == 200


FILTERS = {
    "uf": ("contratacoes_publicacao", "uf", lambda row: row["unidadeOrgao"]["ufSigla"]),
    "municipality": ("contratacoes_publicacao", "codigoMunicipioIbge", lambda row: row["unidadeOrgao"]["codigoIbge"]),
    "organ of purchases": ("contratacoes_atualizacao", "cnpj", lambda row: row["orgaoEntidade"]["cnpj"]),
    "mode of dispute": ("contratacoes_atualizacao", "codigoModoDisputa", lambda row: str(row["modoDisputaId"])),
    "modalidade of open ones": (
        "contratacoes_proposta", "codigoModalidadeContratacao", lambda row: str(row["modalidadeId"])
    ),
    "unit of purchases": (
        "contratacoes_publicacao", "codigoUnidadeAdministrativa", lambda row: row["unidadeOrgao"]["codigoUnidade"]
    ),
    "organ of contracts": ("contratos_atualizacao", "cnpjOrgao", lambda row: row["orgaoEntidade"]["cnpj"]),
    "organ of atas": ("atas_vigencia", "cnpj", lambda row: row["cnpjOrgao"]),
    "organ of plans": ("pca_atualizacao", "cnpj", lambda row: row["orgaoEntidadeCnpj"]),
    "unit of plans": ("pca_atualizacao", "codigoUnidade", lambda row: row["codigoUnidade"]),
    "organ of bills": ("instrumentoscobranca_inclusao", "cnpjOrgao", lambda row: row["cnpj"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "parameter", "value"), FILTERS.values(), ids=FILTERS)
def test_filters(archive: Archive, name: str, parameter: str, value: Callable[[dict], str]):
    everything = walked(archive, name)
    wanted = value(everything[0])
    narrowed = walked(archive, name, **{parameter: wanted})
    assert narrowed == [row for row in everything if value(row) == wanted]
    assert len(narrowed) < len(everything)


@pytest.mark.parametrize("name", ["contratacoes_publicacao", "atas_vigencia", "pca_atualizacao"])
def test_a_misspelt_filter_returns_the_whole_country(archive: Archive, name: str):
    assert ask(archive, name, cnpjOrgao="00000000000000") == ask(archive, name)


def test_ignored_filters_narrow_nothing_but_are_still_required(season: dict, archive: Archive):
    deaf = Archive(season, Faults(ignored_filters=frozenset({"cnpj", "codigoModalidadeContratacao"})))
    assert ask(deaf, "atas_vigencia", cnpj="00000000000000") == ask(archive, "atas_vigencia")
    shown = {row["modalidadeId"] for row in walked(deaf, "contratacoes_publicacao")}
    assert len(shown) > 5
    assert ask(deaf, "contratacoes_publicacao", codigoModalidadeContratacao="")[0] == 400


def test_a_capped_server_counts_its_own_pages(season: dict, archive: Archive):
    capped = Archive(season, Faults(cap=20))
    _, page = ask(capped, "contratos", tamanhoPagina="500")
    assert len(page["data"]) == 20
    assert page["totalPaginas"] == -(-page["totalRegistros"] // 20)
    assert walked(capped, "atas_vigencia") == walked(archive, "atas_vigencia")
    assert len(walked(capped, "pca_atualizacao")) == len(walked(archive, "pca_atualizacao"))


def test_plans_are_paged_by_item_and_come_back_with_other_items(archive: Archive):
    pages, pagina = [], 0
    while not pages or pages[-1]["paginasRestantes"]:
        pagina += 1
        pages.append(ask(archive, "pca_atualizacao", tamanhoPagina="10", pagina=str(pagina))[1])
    counts = [sum(len(plan["itens"]) for plan in page["data"]) for page in pages]
    assert set(counts[:-1]) == {10}
    assert sum(counts) == pages[0]["totalRegistros"]
    shown = [plan["idPcaPncp"] for page in pages for plan in page["data"]]
    assert all(len({plan["idPcaPncp"] for plan in page["data"]}) == len(page["data"]) for page in pages)
    assert len(set(shown)) < len(shown)


def test_every_plan_was_sent_by_one_platform(season: dict, archive: Archive):
    shown = [
        key_of(ENDPOINTS["pca"], row)
        for platform in range(12)
        for row in walked(archive, "pca_usuario", idUsuario=str(platform))
    ]
    of_the_year = [row for row in season["pca"] if row["anoPca"] == 2026]
    assert sorted(shown) == sorted(
        key_of(ENDPOINTS["pca"], row) for row in exploded(ENDPOINTS["pca"], of_the_year)
    )
    assert ask(archive, "pca_usuario", idUsuario="3") == ask(archive, "pca_usuario", idUsuario="15")


def test_proposals_end_by_the_day_asked(season: dict, archive: Archive):
    soon = {
        row["numeroControlePNCP"] for row in walked(archive, "contratacoes_proposta", dataFinal="20260905")
    }
    assert soon == {
        row["numeroControlePNCP"]
        for row in season["contratacoes_proposta"]
        if row["dataEncerramentoProposta"][:10] <= "2026-09-05"
    }
    assert 0 < len(soon) < len(season["contratacoes_proposta"])


def test_an_ata_is_shown_on_every_day_of_its_validity(season: dict, archive: Archive):
    ata = max(season["atas_vigencia"], key=lambda row: row["vigenciaFim"])
    for day, shown in ((ata["vigenciaInicio"], True), (ata["vigenciaFim"], True), ("2025-01-01", False)):
        compact = day.replace("-", "")
        rows = walked(archive, "atas_vigencia", dataInicial=compact, dataFinal=compact)
        assert (ata in rows) == shown


def test_no_bills_are_a_404_that_says_so(archive: Archive):
    status, error = ask(
        archive, "instrumentoscobranca_inclusao", dataInicial="20240101", dataFinal="20240131"
    )
    assert (status, error["message"]) == (404, "Nenhum instrumento de Cobrança encontrado.")


@pytest.mark.parametrize("name", ["contratacoes_publicacao", "atas_vigencia", "pca_atualizacao"])
def test_an_unstable_order_loses_rows_of_every_listing(season: dict, archive: Archive, name: str):
    unstable = Archive(season, PRESETS["unstable"])
    whole = [key_of(ENDPOINTS[name], row) for row in walked(archive, name, tamanhoPagina="50")]
    shown = [key_of(ENDPOINTS[name], row) for row in walked(unstable, name, tamanhoPagina="50")]
    assert len(shown) == len(whole)
    assert 0.15 < 1 - len(set(shown)) / len(whole) < 0.35
