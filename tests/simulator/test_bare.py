"""What is asked by its parent and answered without an envelope."""

import json
from http import HTTPStatus

import pytest

from baliza.simulator.answers import Archive
from baliza.simulator.faults import PRESETS, Faults

COMPRA = "/api/consulta/v1/orgaos/{}/compras/{}/{}"
ITENS = "/api/pncp/v1/orgaos/{}/compras/{}/{}/itens"
TERMOS = "/api/pncp/v1/orgaos/{}/contratos/{}/{}/termos"


@pytest.fixture(scope="module")
def archive(season: dict) -> Archive:
    return Archive(season)


@pytest.fixture(scope="module")
def long(season: dict) -> str:
    """The purchase with most items."""
    return max(season["itens"], key=lambda control: len(season["itens"][control]))


def path(template: str, control: str) -> str:
    return template.format(control[:14], control[-4:], int(control[17:23]))


def ask(archive: Archive, asked: str, **params: str) -> tuple[int, object]:
    answer = archive.answer(asked, params)
    return answer.status, json.loads(answer.body) if answer.body else None


def test_a_purchase_is_one_object(season: dict, archive: Archive):
    expected = season["compra"][3]
    assert ask(archive, path(COMPRA, expected["numeroControlePNCP"])) == (200, expected)
    status, error = ask(archive, path(COMPRA, "00000000000000-1-000001/2026"))
    assert (status, error["message"]) == (404, "Compra não encontrada")


def test_items_come_ten_at_a_time_unless_asked_otherwise(season: dict, archive: Archive, long: str):
    rows = season["itens"][long]
    asked = path(ITENS, long)
    assert len(rows) > 20
    assert ask(archive, asked) == (200, rows[:10])
    assert ask(archive, asked, pagina="2") == (200, rows[10:20])
    assert ask(archive, asked, tamanhoPagina="9999") == (200, rows)
    assert ask(archive, asked, pagina="99") == (200, [])
    assert ask(archive, asked + "/quantidade") == (200, len(rows))
    assert ask(archive, asked, pagina="0")[0] == ask(archive, asked, pagina="x")[0] == 400


def test_more_than_five_hundred_items_are_cut(season: dict):
    control = next(iter(season["itens"]))
    archive = Archive({"itens": {control: [{"numeroItem": number} for number in range(700)]}})
    assert len(ask(archive, path(ITENS, control), tamanhoPagina="700")[1]) == 500


def test_items_of_a_purchase_that_is_not_there(archive: Archive):
    status, error = ask(archive, path(ITENS, "00000000000000-1-000001/2026"))
    assert (status, error["message"]) == (404, "Contratação não cadastrada")


def test_results_of_an_item(season: dict, archive: Archive):
    control, rows = next((control, rows) for control, rows in season["resultados"].items() if len(rows) > 1)
    number = rows[0]["numeroItem"]
    asked = f"{path(ITENS, control)}/{number}/resultados"
    assert ask(archive, asked) == (200, [row for row in rows if row["numeroItem"] == number])
    assert ask(archive, f"{path(ITENS, control)}/999999/resultados") == (204, None)


def test_terms_of_a_contract(season: dict, archive: Archive):
    control, rows = next(iter(season["termos"].items()))
    assert ask(archive, path(TERMOS, control)) == (200, rows)
    assert ask(archive, path(TERMOS, "00000000000000-2-000001/2026")) == (204, None)


def test_units_and_domain_tables(season: dict, archive: Archive):
    cnpj, rows = next(iter(season["unidades"].items()))
    assert ask(archive, f"/api/pncp/v1/orgaos/{cnpj}/unidades") == (200, rows)
    assert ask(archive, "/api/pncp/v1/orgaos/0/unidades")[0] == HTTPStatus.NOT_FOUND
    assert ask(archive, "/api/pncp/v1/modalidades") == (200, season["domains"]["modalidades"])
    assert ask(Archive({}), "/api/pncp/v1/modalidades")[0] == HTTPStatus.NOT_FOUND


def test_order_and_cap_strike_items_of_several_pages(season: dict, long: str):
    rows = season["itens"][long]
    asked = path(ITENS, long)

    def shown(archive: Archive, size: int) -> list[int]:
        pages = range(1, -(-len(rows) // size) + 1)
        return [row["numeroItem"] for page in pages for row in ask(archive, asked, pagina=str(page))[1]]

    assert len(set(shown(Archive(season, PRESETS["unstable"]), 10))) < len(rows)
    assert shown(Archive(season, Faults(cap=4)), 4) == [row["numeroItem"] for row in rows]


def test_update_replaces_what_a_parent_holds(season: dict, long: str):
    archive = Archive(season)
    assert ask(archive, path(ITENS, long) + "/quantidade")[1] > 1
    archive.update("itens", {long: season["itens"][long][:1]})
    assert ask(archive, path(ITENS, long) + "/quantidade") == (200, 1)
