"""What old pages prove, and what they do not; and that nothing of them is lost."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from baliza.migration.body import judge
from baliza.migration.tally import Tally
from baliza.migration.window import Asked
from baliza.pncp.endpoints import ENDPOINTS
from baliza.simulator.old_layout import OldPage
from baliza.warehouse.landing import Window
from tests.migration.conftest import ASKED, contrato, march

CONTRATOS = ENDPOINTS["contratos"]
WINDOW = Window("contratos", "", date(2025, 3, 1), date(2025, 3, 31))


def tallied(*pages: OldPage, asked_at: datetime | None = None) -> Tally:
    tally = Tally()
    for page in pages:
        body = judge(page.body, page.status, CONTRATOS)
        if tally.moved(body):
            tally = Tally()
        tally.take(body, page.numbers()[2], asked_at or page.at)
    return tally


def test_a_month_whose_pages_are_all_there_proves_each_of_its_days():
    cells = tallied(*march()).cells(WINDOW)

    assert [cell.status for cell in cells] == ["complete"] * 5 + ["empty"] * 26
    assert [(cell.expected, cell.landed) for cell in cells[:6]] == [(1, 1)] * 5 + [(0, 0)]


def test_a_page_that_is_missing_leaves_every_day_short_with_numbers():
    pages = march()

    cells = tallied(pages[0], pages[2]).cells(WINDOW)

    assert {cell.status for cell in cells} == {"short"}
    assert cells[0].reason == "2025-03-01..2025-03-31: 3 of 5 records, 2 of about 3 pages"
    assert cells[0].expected is None  # PNCP told the number of the month alone
    assert sum(cell.landed for cell in cells) == 3


def test_a_total_that_moved_begins_the_count_anew():
    assert {cell.status for cell in tallied(*march()[:2], *march(6)[2:]).cells(WINDOW)} == {"short"}


def test_pages_of_two_runs_are_united_while_the_total_stands_still():
    later = march(run="run-2")[2:]

    assert "short" not in {cell.status for cell in tallied(*march()[:2], *later).cells(WINDOW)}


def test_repeats_do_not_make_up_for_what_is_lost():
    """Five rows came, and four records: PNCP's order moved."""
    first, second, third = march()
    swapped = OldPage(third.endpoint, third.parameters, first.body, third.at)

    assert {cell.status for cell in tallied(first, second, swapped).cells(WINDOW)} == {"short"}


def test_days_that_were_not_over_when_they_were_asked_for_are_not_proven():
    cells = tallied(*march(), asked_at=datetime(2025, 3, 20, 2)).cells(WINDOW)  # noqa: DTZ001

    # At two in the morning UTC it is still the nineteenth in Brasília.
    assert [cell.status for cell in cells[:18]] == ["complete"] * 5 + ["empty"] * 13
    assert {cell.reason for cell in cells[18:]} == {"it was asked for before the day was over"}


@pytest.mark.parametrize(("times", "status"), [(1, "short"), (2, "empty")])
def test_emptiness_must_be_said_twice(times: int, status: str):
    pages = [OldPage("contratos_publicacao", {}, None, ASKED + timedelta(hours=n), 204) for n in range(times)]

    assert {cell.status for cell in tallied(*pages).cells(WINDOW)} == {status}


def test_the_same_answer_kept_twice_says_it_once():
    page = OldPage("contratos_publicacao", {}, None, ASKED, 204)

    assert {cell.status for cell in tallied(page, page).cells(WINDOW)} == {"short"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>Service Unavailable</html>", 503),
        (b"<html>Rejected</html>", 200),
        (b"", 200),
        (None, 200),
        (b'{"data":[],"totalRegistros":90}', 200),
        (b'{"message":"Erro interno"}', 500),
        (b'{"message":"not here"}', 404),
    ],
    ids=["error page", "HTML with 200", "nothing", "not kept", "withheld", "JSON error", "wrong address"],
)
def test_errors_are_not_emptiness(body: bytes | None, status: int):
    tally = tallied(*[OldPage("contratos_publicacao", {}, body, ASKED, status)] * 3)

    assert {cell.status for cell in tally.cells(WINDOW)} == {"failed"}


def test_the_404_that_pncp_means_as_nothing_is_emptiness():
    body = b'{"message":"Nenhum contrato encontrado."}'

    assert judge(body, 404, CONTRATOS).kind == "empty"


def test_of_a_body_that_is_cut_off_whole_records_land_and_the_rest_is_kept():
    (page,) = march(2)
    assert page.body is not None

    body = judge(page.body[:-150], 200, CONTRATOS)

    assert (body.kind, body.is_whole) == ("truncated", False)
    assert body.page is not None
    assert len(body.page.records) == 1
    assert body.page.defects[0].raw_text.startswith('{"numeroControlePNCP": "00000000000191-2-000002/2025"')


def test_records_of_another_endpoint_are_told_by_their_fields():
    compra = b'{"numeroControlePNCP":"1","modalidadeId":8,"objetoCompra":"x","anoCompra":2025,"srp":false}'

    body = judge(b'{"data":[%b],"totalRegistros":1}' % compra, 200, CONTRATOS)

    assert body.endpoint is ENDPOINTS["contratacoes_publicacao"]
    assert not body.is_whole


def test_records_that_fit_no_table_are_not_landed():
    assert judge(b'{"data":[{"a":1}],"totalRegistros":1}', 200, CONTRATOS).kind == "unknown"


def asked(
    name: str | None = "contratos_publicacao", url: str | None = None, month: str | None = None, **said: Any
):
    parameters = str(said).replace("'", '"')
    return Asked(name, url, parameters, month, ASKED)


@pytest.mark.parametrize(
    ("request_", "window"),
    [
        (asked(dataInicial="20250301", dataFinal="2025-03-31"), WINDOW),
        (
            asked(
                url="https://pncp.gov.br/api/consulta/v1/contratos?dataInicial=20250301&dataFinal=20250331"
            ),
            WINDOW,
        ),
        (asked(month="2025-03"), WINDOW),
        (asked(month="2025-03", cnpjOrgao="1"), Window("contratos", "cnpj=1", WINDOW.since, WINDOW.until)),
        (
            asked("contratacoes_publicacao", month="2025-03", modalidade_id=8),
            Window("contratacoes_publicacao", "", WINDOW.since, WINDOW.until, 8),
        ),
        (
            asked("pca_atualizacao", dataInicio="20250301", dataFim="20250331"),
            Window("pca_atualizacao", "", WINDOW.since, WINDOW.until),
        ),
        (asked("contratacoes_publicacao", month="2025-03"), None),
        (asked(month="2025-03", valorMinimo=3), None),
        (asked(dataInicial="20250331", dataFinal="20250301"), None),
        (asked(dataInicial="20250230", dataFinal="20250301"), None),
        (asked(), None),
    ],
    ids=[
        "dates",
        "address",
        "month",
        "órgão",
        "modalidade",
        "plans",
        "no modalidade",
        "unknown filter",
        "reversed",
        "no such day",
        "nothing",
    ],
)
def test_the_window_is_what_the_request_says(request_: Asked, window: Window | None):
    assert request_.window() == window


def test_the_address_says_more_than_the_name():
    request = asked("atas_periodo", url="https://pncp.gov.br/api/consulta/v1/contratos/atualizacao")

    assert request.endpoint is ENDPOINTS["contratos_atualizacao"]
    assert request.is_misnamed


def test_keys_without_a_day_prove_no_day_of_a_month():
    tally = tallied(*march())
    tally.days[contrato(1)["numeroControlePNCP"]] = ""

    assert tally.status(WINDOW) == ("short", "some records do not say their day")
