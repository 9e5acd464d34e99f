"""The pages: what they say without a script, and which scripts they load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from baliza.publish.panel.calendar import Listing
from baliza.publish.panel.known import Known, command

ASSETS = files("baliza.publish.panel") / "assets"
_COPIED = ("css", "js", "third_party")
"""Folders of assets that a site has a copy of."""

_EVERYWHERE = ("data", "dom", "format", "search")


@dataclass(frozen=True)
class Page:
    """One page of the site.

    Attributes:
        file: its name.
        title: in its tab.
        scripts: in `assets/js`, beside those of every page, in the order they need each other.
        charts: whether it draws any.
    """

    file: str
    title: str
    scripts: tuple[str, ...]
    charts: bool = False


PAGES = (
    Page("index.html", "Compras públicas", ("bars", "chart", "sums", "calendar", "page_front"), charts=True),
    Page(
        "orgao.html",
        "Órgão",
        ("bars", "chart", "filters", "sums", "partners", "flags", "page_orgao"),
        charts=True,
    ),
    Page(
        "fornecedor.html",
        "Fornecedor",
        ("bars", "chart", "filters", "sums", "partners", "page_fornecedor"),
        charts=True,
    ),
    Page("municipio.html", "Município", ("bars", "chart", "filters", "sums", "page_municipio"), charts=True),
    Page("abertas.html", "Propostas abertas", ("filters", "page_abertas")),
    Page("sinais.html", "Sinais", ("flags", "page_sinais")),
)


def write(site: Path, known: Known) -> None:
    """Write the pages and what they are drawn with."""
    for name in _COPIED:
        _copy(ASSETS / name, site / "assets" / name)
    frame = Template((ASSETS / "page.html").read_text(encoding="utf-8"))
    for page in PAGES:
        body = Template((ASSETS / "bodies" / page.file).read_text(encoding="utf-8"))
        facts = _facts(known)
        html = frame.substitute(
            facts,
            title=escape(page.title),
            page=page.file.removesuffix(".html"),
            body=body.substitute(facts),
            scripts=_scripts(page),
            styles=_style("third_party/uplot/uPlot.min.css") if page.charts else "",
            **{f"at_{one.file.removesuffix('.html')}": _current(one, page) for one in PAGES},
        )
        (site / page.file).write_text(html, encoding="utf-8")


def _copy(source: Traversable, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for one in source.iterdir():
            _copy(one, target / one.name)
    else:
        target.write_bytes(source.read_bytes())


def _scripts(page: Page) -> str:
    paths = [f"js/{name}.js" for name in (*_EVERYWHERE, *page.scripts)]
    if page.charts:
        paths.insert(0, "third_party/uplot/uPlot.iife.min.js")
    return "\n".join(f'<script src="assets/{path}"></script>' for path in paths)


def _style(path: str) -> str:
    return f'<link rel="stylesheet" href="assets/{path}">\n'


def _current(one: Page, page: Page) -> str:
    return ' aria-current="page"' if one is page else ""


def _facts(known: Known) -> dict[str, str]:
    """What pages say of the file, as HTML."""
    return {
        "banner": _BANNER if known.synthetic else "",
        "source": escape(known.told_source),
        "version": escape(known.version),
        "period": escape(known.told_period),
        "built": escape(known.told_built),
        "published": escape(known.told_published),
        "coverage": _coverage(known),
        "unknown": _items(known.unknown),
        "missing": _missing(known.missing),
        "headline": escape(_headline(known.calendar.contracts)),
    }


_BANNER = (
    '<aside class="synthetic" aria-label="Aviso"><strong>Dados sintéticos:</strong> todo nome, CNPJ e valor '
    "aqui é inventado.</aside>"
)


def proven(one: Listing) -> str:
    """`181 de 181 dias provados, de 01/01/2025 a 30/06/2025`."""
    whole = f"{number(one.proven)} de {number(one.days)} dias provados"
    return f"{whole}, de {one.since:%d/%m/%Y} a {one.until:%d/%m/%Y}"


def number(value: int) -> str:
    """As Brazil writes it: 1.234.567."""
    return f"{value:,}".replace(",", ".")


def _headline(contracts: Listing | None) -> str:
    if contracts is None:
        return "Nenhum dia de contratos foi pedido ao PNCP: nada aqui está provado."
    where = "" if not contracts.slice else f" (só {contracts.slice})"
    if contracts.proven == contracts.days:
        return f"Contratos{where}: {proven(contracts)}. Nenhum dia falta."
    lacking = number(contracts.days - contracts.proven)
    return (
        f"Contratos{where}: {proven(contracts)}. Faltam {lacking}: o que se publicou neles pode não estar "
        "aqui."
    )


def _coverage(known: Known) -> str:
    told = [f"{one.name}{_slice(one)}: {proven(one)}" for one in known.calendar.listings]
    told += [
        f"{name}, outros {number(n)} recortes: {number(done)} de {number(days)} dias provados"
        for name, n, done, days in known.calendar.others
    ]
    told += [
        f"{name}: {number(done)} de {number(asked)} consultas provadas"
        for name, asked, done in known.calendar.details
    ]
    return _items(told)


def _slice(one: Listing) -> str:
    return f", recorte {one.slice}" if one.slice else ""


def _missing(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    items = "".join(
        f"<li><code>{table}</code> não foi feita neste arquivo: <code>{command(table)}</code></li>"
        for table in missing
    )
    return f'<div class="missing" role="note"><p>Falta uma parte do painel:</p><ul>{items}</ul></div>'


def _items(told: Sequence[str]) -> str:
    return "".join(f"<li>{escape(one)}</li>" for one in told)
