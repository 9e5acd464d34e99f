"""The panel as people use it: real Chromium, from disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from baliza.language import number
from baliza.publish.panel.making import make
from tests.publish.panel.conftest import CPF, FIRM, HOSTILE, MASKED, SCHOOL, TOWN, fill, reading, settings

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
PHONE, DESK = {"width": 375, "height": 700}, {"width": 1200, "height": 800}
PAGES = (
    "index.html", f"orgao.html?id={TOWN}", f"orgao.html?id={SCHOOL}", f"fornecedor.html?id={FIRM}",
    "municipio.html?id=4216602", "abertas.html", "sinais.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a desk's width, on which nothing may go wrong and nothing leave the disk."""
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    wrong: list[str] = []
    page.on(
        "console",
        lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
    page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def opened(page: Page, site: Path) -> Callable[[str], Page]:
    def open_(address: str) -> Page:
        page.goto(f"{site.as_uri()}/{address}")
        expect(page.locator("main")).not_to_contain_text("Carregando")
        page.locator("h1").first.wait_for()
        return page

    return open_


@pytest.fixture(scope="module")
def kept(browser: Browser, site: Path) -> Callable[[str], Page]:
    """Pages that stay open, to be asked again and again."""
    pages: dict[str, Page] = {}

    def open_(address: str) -> Page:
        if address not in pages:
            pages[address] = browser.new_page()
            pages[address].goto(f"{site.as_uri()}/{address}")
        return pages[address]

    return open_


def reais(value: Decimal) -> str:
    text = f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return f"R$\u00a0{text}"


def figure(page: Page, name: str) -> str:
    dt = page.locator(".figures dt", has_text=re.compile(f"^{name}$"))
    return dt.locator("xpath=following-sibling::dd[1]").evaluate("dd => dd.firstChild.textContent")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_loads_says_it_is_synthetic_and_fits_a_phone(opened, address):
    page = opened(address)
    assert "Dados sintéticos" in page.locator(".synthetic").inner_text()
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{address} scrolls sideways at {size['width']}: {wide}"


@pytest.mark.parametrize("address", PAGES)
def test_the_keyboard_reaches_everything(opened, address):
    page = opened(address)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], input, select, button, summary, [tabindex="0"]')]
            .filter((one) => one.checkVisibility()).length"""
    )
    reached = 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    while page.evaluate("document.activeElement !== document.body") and reached <= wanted:
        reached += 1
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", (
            "focus is not seen"
        )
        page.keyboard.press("Tab")
    assert reached == wanted


def test_the_first_view_is_small(page, site):
    read: list[str] = []
    page.on("request", lambda request: read.append(request.url))
    page.goto(f"{site.as_uri()}/index.html")
    page.locator("#grafico canvas").wait_for()
    sizes = [Path(unquote(urlsplit(url).path)).stat().st_size for url in read]
    assert len(sizes) > 10
    assert sum(sizes) < 1_000_000


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("sao jose", ["MUNICÍPIO DE SÃO JOSÉ", "São José"], id="accents aside"),
        pytest.param("ÁGUA construtora", ["CONSTRUTORA ÁGUA & CIA"], id="words in any order"),
        pytest.param("nstrut", ["CONSTRUTORA ÁGUA & CIA"], id="part of a word"),
        pytest.param("11.111.111/0001-91", ["MUNICÍPIO DE SÃO JOSÉ"], id="a CNPJ as it is written"),
        pytest.param("44444444000191", ["CONSTRUTORA ÁGUA & CIA"], id="a CNPJ"),
        pytest.param("1111110001", ["MUNICÍPIO DE SÃO JOSÉ"], id="part of a CNPJ"),
        pytest.param("joao", [f"JOÃO {MASKED}"], id="a person, masked"),
        pytest.param(CPF, [], id="a CPF finds nobody"),
        pytest.param("zzz", [], id="nothing"),
    ],
)
def test_search(kept, typed, found):
    page = kept("index.html")
    page.get_by_label("Órgão, fornecedor ou município").fill(typed)
    expect(page.locator("#achados-ditos")).to_have_text(re.compile("resultado|Nada encontrado"))
    assert sorted(page.locator("#achados b").all_inner_texts()) == sorted(found)


def test_search_leads_to_the_page_by_keyboard(opened):
    page = opened("sinais.html")
    page.get_by_label("Órgão, fornecedor ou município").fill("construtora")
    expect(page.locator("#achados a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("CONSTRUTORA ÁGUA & CIA")


@pytest.mark.parametrize(
    ("year", "category"), [("", ""), ("2024", ""), ("2025", ""), ("", "2"), ("2024", "7"), ("2024", "2")]
)
def test_filters_change_numbers_to_those_of_the_mart(kept, database, year, category):
    page = kept(f"orgao.html?id={TOWN}")
    page.get_by_role("combobox", name="Ano de publicação").select_option(year)
    page.get_by_role("combobox", name="Categoria").select_option(category)
    condition = f"cnpj_orgao = '{TOWN}' AND '{year}' IN ('', year(mes)::VARCHAR) AND '{category}' IN ('', categoria_processo_id::VARCHAR)"
    with reading(database) as con:
        ((contracted, n, suspect),) = con.execute(
            f"SELECT sum(valor_contratos), sum(quantidade_contratos), sum(valor_suspeito) FROM mart.spending WHERE {condition}"
        ).fetchall()
    assert figure(page, "Contratado") == reais(contracted)
    assert figure(page, "Suspeitos, à parte") == reais(suspect)
    assert f"em {number(n)} contrato" in page.locator(".filters p").inner_text()


def test_a_choice_stays_in_the_address(opened, page):
    opened(f"orgao.html?id={TOWN}")
    page.get_by_role("combobox", name="Ano de publicação").select_option("2025")
    before = figure(page, "Contratado")
    page.reload()
    expect(page.get_by_role("combobox", name="Ano de publicação")).to_have_value("2025")
    assert figure(page, "Contratado") == before == reais(Decimal(5))


def test_a_table_behind_the_chart_has_the_same_numbers(opened):
    page = opened(f"orgao.html?id={TOWN}")
    section = page.locator("section", has=page.get_by_role("heading", name="Valor contratado por mês"))
    section.locator("summary").click()
    assert section.locator("tbody tr").first.inner_text().split("\t") == [
        "jan 2024",
        reais(Decimal("1300.75")),
        "5",
        "sim",
    ]
    assert section.locator("tbody tr").nth(1).inner_text().split("\t")[3] == "não por inteiro"


def test_partners_flags_and_evidence(opened):
    page = opened(f"orgao.html?id={TOWN}")
    suppliers = page.get_by_role("region", name="Fornecedores por valor contratado")
    assert suppliers.locator("tbody tr").nth(1).locator("td").first.inner_text() == reais(Decimal("1005.5"))
    assert (
        suppliers.locator("td a").first.get_attribute("href")
        == "https://pncp.gov.br/app/contratos/11111111000191/2024/7"
    )

    flag = page.locator(".flag", has_text="Sem valor estimado")
    assert "Não é prova de irregularidade." in flag.inner_text()
    assert (
        flag.get_by_role("link", name="Lei 14.133/2021, art. 23").get_attribute("href").startswith("https://")
    )
    flag.get_by_text("Ver os casos").click()
    expect(flag.get_by_text("não há valor")).to_be_visible()
    group = page.locator(".flag", has_text="Dispensas repetidas")
    assert page.locator('a[href^="javascript"]').count() == 0
    group.get_by_text("Ver os casos").click()
    expect(group.get_by_role("link", name=f"JOÃO {MASKED}")).to_be_visible()


def test_a_supplier_has_its_history_and_its_buyers(opened):
    page = opened(f"fornecedor.html?id={FIRM}")
    assert figure(page, "Contratado") == reais(Decimal("1005.5"))
    page.get_by_role("combobox", name="Ano de publicação").select_option("2025")
    assert figure(page, "Contratado") == reais(Decimal(5))
    assert figure(page, "Maior comprador") == "100%"
    history = page.get_by_role("region", name="Histórico por ano de publicação")
    assert history.locator("tbody tr").count() == 2


def test_a_municipality_is_its_own_orgaos_until_told_otherwise(opened, database):
    page = opened("municipio.html?id=4216602")
    with reading(database) as con:
        (own,), (every,) = con.execute(
            "SELECT sum(valor_contratos) FROM mart.spending WHERE esfera_id = 'M' "
            "UNION ALL SELECT sum(valor_contratos) FROM mart.spending ORDER BY 1"
        ).fetchall()
    assert figure(page, "Contratado") == reais(own)
    page.get_by_role("combobox", name="Esfera").select_option("")
    assert figure(page, "Contratado") == reais(every)


def test_open_tenders_are_narrowed_by_uf_and_words(opened):
    page = opened("abertas.html")
    expect(page.locator(".tender")).to_have_count(2)
    assert "encerra em 09/02/2024, 10:30 (8 dias)" in page.locator(".tender").first.inner_text()
    page.get_by_label("Palavras").fill("merenda acao")
    expect(page.locator(".tender")).to_have_count(0)
    page.get_by_label("Palavras").fill("MERENDA")
    expect(page.locator(".tender")).to_have_count(1)
    page.get_by_label("Palavras").fill("")
    page.get_by_role("combobox", name="UF").select_option("SC")
    expect(page.locator(".tender a").last).to_have_attribute(
        "href", "https://pncp.gov.br/app/editais/11111111000191/2024/9"
    )


@pytest.mark.parametrize(
    "address", [f"orgao.html?id={SCHOOL}", f"orgao.html?id={TOWN}", "abertas.html", "sinais.html"]
)
def test_hostile_texts_are_texts(opened, address):
    page = opened(address)
    for summary in page.locator("main summary").all():
        summary.click()
    assert HOSTILE.split(">")[1] in page.locator("main").inner_text()
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("window.hit") is None


def test_an_id_that_is_not_there_is_told(page, site):
    page.goto(f"{site.as_uri()}/orgao.html?id=<img src=x>")
    expect(page.get_by_role("alert")).to_contain_text("não está neste arquivo")


def test_the_calendar_tells_each_day(opened):
    page = opened("index.html")
    days = page.locator("#calendario title").evaluate_all("all => all.map((one) => one.textContent)")
    assert "06/01/2024: vazio (nada publicado)" in days
    assert "02/02/2024: com falta" in days
    assert "03/02/2024: não pedido" in days
    assert "32 de 36 dias provados" in page.locator("#calendario").inner_text()


def test_pages_of_what_was_never_built_say_so(page, prepared, table, tmp_path):
    database = Path(shutil.copy(prepared, tmp_path / "part.duckdb"))
    fill(database, table, "mart_publication")
    make(tmp_path / "site", settings(database), lambda _: None)
    told: dict[str, Any] = {
        "index.html": "mart_spending",
        f"orgao.html?id={TOWN}": "mart_supply",
        "municipio.html?id=1": "mart_spending",
        "abertas.html": "mart_open_tenders",
        "sinais.html": "mart_flag_computability",
    }
    for address, mart in told.items():
        page.goto(f"{(tmp_path / 'site').as_uri()}/{address}")
        expect(page.locator("main")).to_contain_text(f"baliza build --no-fetch --target {mart}")
