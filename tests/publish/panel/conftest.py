"""A small file with every mart the panel reads, hostile texts and CPFs in it, and the site made of it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.build import catalog
from baliza.publish.panel.making import make
from baliza.settings import resolve
from baliza.warehouse import schema
from baliza.warehouse.connection import connect

CPF, MASKED = "12345678909", "***.456.789-**"
HOSTILE = '</script><img src=x onerror="window.hit=1">\u2028{{7*7}}\u202e"\';alert(1)//'
TOWN, SCHOOL, OTHER = "11111111000191", "22222222000191", "33333333000191"
FIRM, BRANCH = "44444444000191", "44444444000272"
NUMBER = "11111111000191-2-000007/2024"

COVERAGE = [
    *(("contratos", date(2024, 1, day), "empty" if day == 6 else "complete") for day in range(1, 32)),
    ("contratos", date(2024, 2, 1), "complete"),
    ("contratos", date(2024, 2, 2), "short"),
    ("contratos", date(2024, 2, 4), "failed"),
    ("contratos", date(2024, 2, 5), "pending"),
]


def _spending() -> list[dict[str, Any]]:
    town = {"cnpj_orgao": TOWN, "nome_orgao": "MUNICÍPIO DE SÃO JOSÉ", "esfera_id": "M"}
    school = {"cnpj_orgao": SCHOOL, "nome_orgao": HOSTILE, "esfera_id": "F"}
    here = {"codigo_ibge": "4216602", "municipio_nome": "São José", "uf_sigla": "SC"}
    works = {"categoria_processo_id": 7, "categoria_processo_nome": "Obras"}
    goods = {"categoria_processo_id": 2, "categoria_processo_nome": "Compras"}
    return [
        town | here | works | _sums(date(2024, 1, 1), "1000.5000", 2, empenhos="70"),
        town | here | goods | _sums(date(2024, 1, 1), "300.2500", 3),
        town
        | here
        | goods
        | _sums(date(2024, 2, 1), "99999.0001", 1, suspeito="99999999999999", revisao="99999"),
        town | here | goods | _sums(date(2025, 3, 1), "5", 1, receita="12"),
        school | here | goods | _sums(date(2024, 2, 1), "40", 4),
        school | here | _sums(date(2024, 2, 1), "0.1", 1),
    ]


def _sums(month: date, value: str, n: int, **apart: str) -> dict[str, Any]:
    return {
        "mes": month,
        "quantidade_contratos": n,
        "valor_contratos": Decimal(value),
        "quantidade_empenhos": int("empenhos" in apart),
        "valor_empenhos": Decimal(apart.get("empenhos", "0")),
        "quantidade_suspeitos": int("suspeito" in apart),
        "valor_suspeito": Decimal(apart.get("suspeito", "0")),
        "quantidade_receitas": int("receita" in apart),
        "valor_receita": Decimal(apart.get("receita", "0")),
        "valor_em_revisao": Decimal(apart.get("revisao", "0")),
    }


def _pair(
    orgao: str, supplier: str | None, name: str | None, year: int, category: int | None, value: str
) -> dict[str, Any]:
    return {
        "cnpj_orgao": orgao,
        "nome_orgao": "outro nome",
        "ni_fornecedor": supplier,
        "nome_fornecedor": name,
        "categoria_processo_id": category,
        "ano": year,
        "quantidade_contratos": 1,
        "valor_contratos": Decimal(value),
        "maior_contrato": Decimal(value),
        "numero_controle_maior_contrato": NUMBER,
        "dias_do_ano": 366,
        "dias_provados_contratos": 32,
    }


def _supply() -> list[dict[str, Any]]:
    return [
        _pair(TOWN, FIRM, "CONSTRUTORA ÁGUA & CIA", 2024, 7, "1000.5"),
        _pair(TOWN, CPF, f"JOÃO {CPF}", 2024, 2, "300.25"),
        _pair(TOWN, BRANCH, HOSTILE, 2024, 2, "99999.0001"),
        _pair(TOWN, FIRM, "CONSTRUTORA ÁGUA & CIA", 2025, 2, "5"),
        _pair(SCHOOL, None, None, 2024, 2, "40"),
        _pair(SCHOOL, CPF, f"JOÃO {CPF}", 2024, None, "0.1"),
    ]


def _supplier(ni: str, name: str, year: int, value: str) -> dict[str, Any]:
    return {
        "ni_fornecedor": ni,
        "nome_fornecedor": name,
        "ano": year,
        "quantidade_contratos": 1,
        "valor_contratos": Decimal(value),
        "cnpj_maior_orgao": TOWN,
        "nome_maior_orgao": "MUNICÍPIO DE SÃO JOSÉ",
        "percentual_maior_orgao": Decimal("99.5"),
        "quantidade_orgaos": 1,
        "quantidade_municipios": 1,
        "dias_do_ano": 366,
        "dias_provados_contratos": 32,
    }


def _tables() -> dict[str, list[dict[str, Any]]]:
    flag = {
        "flag": "no_estimate",
        "titulo": "Sem valor estimado",
        "texto": f"Neutro. {HOSTILE} Um sinal para olhar, não prova.",
        "fonte": "Lei 14.133/2021, art. 23",
        "link_fonte": "https://www.planalto.gov.br/lei",
    }
    raised = flag | {
        "cnpj_orgao": TOWN,
        "nome_orgao": "MUNICÍPIO DE SÃO JOSÉ",
        "ano": 2024,
        "limite": Decimal(0),
        "unidade_medida": "BRL",
        "tipo_sujeito": "contrato",
        "percentual_sinalizado": Decimal(10),
        "quantidade_evidencias": 1,
    }
    group = raised | {
        "flag": "repeated_direct_awards",
        "titulo": "Dispensas repetidas",
        "tipo_sujeito": "orgao-fornecedor-ano",
        "unidade_medida": "contratações",
        "link_fonte": "javascript:alert(1)",
    }
    return {
        "mart_spending": _spending(),
        "mart_supply": _supply(),
        "mart_suppliers": [
            _supplier(FIRM, "CONSTRUTORA ÁGUA & CIA", 2024, "1000.5"),
            _supplier(FIRM, "CONSTRUTORA ÁGUA & CIA", 2025, "5"),
            _supplier(BRANCH, HOSTILE, 2024, "99999.0001"),
            _supplier(CPF, f"JOÃO {CPF}", 2024, "300.35"),
        ],
        "mart_concentration": [
            {
                "cnpj_orgao": TOWN,
                "categoria_processo_id": 7,
                "ano": 2024,
                "quantidade_contratos": 2,
                "hhi": Decimal("9801.5"),
                "percentual_maior_fornecedor": Decimal("99.1"),
                "maior_fornecedor": CPF,
                "dias_do_ano": 366,
                "dias_provados_contratos": 32,
            }
        ],
        "mart_publication": [
            {
                "cnpj_orgao": TOWN,
                "quantidade_registros": 8,
                "primeira_publicacao": date(2024, 1, 2),
                "ultima_publicacao": date(2025, 3, 1),
                "mediana_dias_publicacao": Decimal("4.5"),
                "quantidade_avaliados": 7,
            }
        ],
        "mart_red_flags": [
            raised | {"subject": NUMBER, "evidencias": [NUMBER], "detalhe": HOSTILE},
            group
            | {
                "subject": f"{TOWN}/2024/{CPF}",
                "valor_observado": Decimal(3),
                "evidencias": [NUMBER] * 3,
                "quantidade_evidencias": 3,
            },
        ],
        "mart_flag_computability": [
            flag
            | {
                "quantidade_sujeitos": 20,
                "quantidade_calculaveis": 10,
                "quantidade_sinalizados": 1,
                "percentual_sinalizado": Decimal(10),
                "o_que_falta": HOSTILE,
                "dias_provados": 32,
                "dias_dos_anos": 366,
            }
        ],
        "mart_open_tenders": [
            {
                "numero_controle_pncp": "11111111000191-1-000009/2024",
                "data_referencia": date(2024, 2, 1),
                "dia_retrato": date(2024, 2, 1),
                "objeto_compra": HOSTILE,
                "cnpj_orgao": TOWN,
                "nome_orgao": "MUNICÍPIO DE SÃO JOSÉ",
                "uf_sigla": "SC",
                "municipio_nome": "São José",
                "modalidade_nome": "Pregão - Eletrônico",
                "estimate_verdict": "ok",
                "valor_total_estimado": Decimal("1234.56"),
                "data_encerramento_proposta": datetime(2024, 2, 9, 10, 30),  # noqa: DTZ001 - PNCP names no zone
                "dias_restantes": 8,
                "dias_desde_retrato": 0,
                "recorte": "",
                "link_pncp": "https://pncp.gov.br/app/editais/11111111000191/2024/9",
            },
            {
                "numero_controle_pncp": "22222222000191-1-000001/2024",
                "data_referencia": date(2024, 2, 1),
                "dia_retrato": date(2024, 2, 1),
                "objeto_compra": "Merenda escolar",
                "cnpj_orgao": OTHER,
                "nome_orgao": f"ÓRGÃO {CPF}",
                "uf_sigla": "AC",
                "modalidade_nome": "Dispensa",
                "estimate_missing": "secret",
                "estimate_verdict": "ok",
                "dias_desde_retrato": 0,
                "recorte": "",
            },
        ],
    }


def fill(path: Path, table: Callable[..., Any], *marts: str) -> None:
    """Write these marts and the ledger into a file that is laid out; numbers that are not given are zero."""
    con = connect(path, write=True)
    schema.claim_source(con, path, "simulator")
    con.execute("CREATE SCHEMA IF NOT EXISTS mart")
    for name, rows in _tables().items():
        if name not in marts:
            continue
        columns = catalog.tables()[name].contract.schema()
        zero = {one: 0 for one, dtype in columns.items() if dtype.is_integer() and not dtype.nullable}
        rows_ = [zero | row for row in rows]
        con.register("given", table(columns, *rows_).to_pyarrow())
        con.execute(f"CREATE TABLE {name.replace('_', '.', 1)} AS SELECT * FROM given")
        con.unregister("given")
    con.executemany(
        "INSERT INTO meta.coverage (endpoint, modalidade, slice, day, status, expected, landed, repeats, walks, pages, "
        "quarantined, updated_at) VALUES (?, 0, '', ?, ?, 1, 1, 0, 1, 1, 0, '2024-03-01')",
        COVERAGE,
    )
    con.close()


MARTS = tuple(_tables())


@pytest.fixture(scope="session")
def database(prepared: Path, table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, with every mart; to be read."""
    path = Path(shutil.copy(prepared, tmp_path_factory.mktemp("panel") / "small.duckdb"))
    fill(path, table, *MARTS)
    return path


def settings(database: Path) -> Any:
    return resolve({"BALIZA_DATABASE": str(database)})


@pytest.fixture(scope="session")
def site(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site made of it; to be read."""
    output = tmp_path_factory.mktemp("site") / "painel"
    make(output, settings(database), lambda _: None)
    return output


@pytest.fixture(scope="session")
def held(site: Path) -> Callable[[str], Any]:
    """The data of a site under a name, as a page gets them."""

    def read(name: str) -> Any:
        text = (site / "dados" / f"{name}.js").read_text(encoding="utf-8")
        called, body = re.fullmatch(r'painel\("([^"]+)",(.*)\);\n', text, flags=re.DOTALL).groups()
        assert called == name
        return json.loads(body, parse_float=Decimal)

    return read


@pytest.fixture(scope="session")
def records(site: Path, held) -> Callable[[str], dict[str, Any]]:
    """Every record of a kind, by id."""

    def read(kind: str) -> dict[str, Any]:
        files = sorted((site / "dados" / kind).glob("*.js"))
        return {id_: record for file in files for id_, record in held(f"{kind}/{file.stem}")}

    return read


@contextmanager
def reading(database: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = connect(database, write=False)
    with con:
        yield con
