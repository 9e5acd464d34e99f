"""The real answers about purchases, from PNCP's pages to stage, beside the same rules once more in plain Python."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import baliza

Record = dict[str, Any]
CONTROL = re.compile(r"(\d{14})-(\d{4})-(\d+)")
LISTS = ("contratacoes_publicacao", "contratacoes_atualizacao")


def _pages(real_pages: Path, folder: str) -> Iterator[tuple[str, list[Record]]]:
    """Name and records of each file, numbers kept as text on their way to Decimal."""
    for file in sorted((real_pages / folder).glob("*.json")):
        answer = json.loads(file.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
        if isinstance(answer, dict):
            answer = answer.get("data", [answer])
        yield file.name, answer


def _bodies(real_pages: Path, folder: str) -> Iterator[bytes]:
    """The answers as they came, with the envelope that collectors dropped."""
    for file in sorted((real_pages / folder).glob("*.json")):
        answer = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(answer, dict) and "data" not in answer:
            answer = [answer]
        if isinstance(answer, list):
            answer = {"data": answer, "totalRegistros": len(answer)}
        yield json.dumps(answer, ensure_ascii=False).encode()


def _parent(name: str) -> str:
    match = CONTROL.match(name)
    assert match
    cnpj, ano, sequencial = match.groups()
    return f"{cnpj}-1-{int(sequencial):06d}/{ano}"


def _money(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _sum(values: Iterator[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def _alone(value: Decimal | None) -> str:
    if value is None:
        return "ok"
    whole, _, decimals = f"{value:f}".partition(".")
    digits = whole + decimals.rstrip("0")
    if value < 0 or value >= 10**10 or (len(digits) >= 6 and not digits.strip("9")):
        return "suspect"
    return "review" if value == 0 or value >= 10**9 else "ok"


def _beside(value: Decimal | None, estimated: Decimal | None, awarded: Decimal | None) -> str:
    growth = awarded / estimated if awarded is not None and estimated else 0
    if value is not None and (_alone(value) == "suspect" or growth >= 100):
        return "suspect"
    return "review" if value is not None and (_alone(value) == "review" or growth >= 10) else "ok"


def _latest(records: Iterator[Record]) -> dict[str, Record]:
    latest: dict[str, Record] = {}
    for record in records:
        held = latest.get(record["numeroControlePNCP"])
        if held is None or record["dataAtualizacaoGlobal"] >= held["dataAtualizacaoGlobal"]:
            latest[record["numeroControlePNCP"]] = record
    return latest


def _purchase(record: Record, detail: Record) -> Record:
    """What stage says of a purchase's values and dates."""
    awarded, estimated = _money(record["valorTotalHomologado"]), _money(record["valorTotalEstimado"])
    has_result = awarded is not None or bool(detail.get("existeResultado"))
    secret = detail.get("orcamentoSigilosoCodigo") == "3" and estimated == 0 and not has_result
    shown = None if secret else estimated
    opening, closing, published = (
        datetime.fromisoformat(record[name])
        for name in ("dataAberturaProposta", "dataEncerramentoProposta", "dataPublicacaoPncp")
    )
    years = (opening.year, closing.year)
    implausible = min(years) < 1990 or max(years) - published.year > 10 or years[1] - years[0] > 10
    reversed_ = closing < opening
    return {
        "modalidade_id": int(record["modalidadeId"]),
        "valor_total_estimado": shown,
        "estimate_missing": "secret" if secret else None,
        "estimate_verdict": _beside(shown, shown, awarded),
        "valor_total_homologado": awarded,
        "award_verdict": _beside(awarded, shown, awarded),
        "dias_proposta": None if implausible or reversed_ else (closing.date() - opening.date()).days,
        "date_verdict": "implausible"
        if implausible
        else "reversed"
        if reversed_
        else "closed_before_publication"
        if closing < published
        else "ok",
        "cnpj_orgao_subrogado": (record.get("orgaoSubRogado") or {}).get("cnpj"),
    }


def _built(database: Path, table: str) -> list[Record]:
    with baliza.driver(database, write=True) as driver:
        return driver.execute([table])[table].to_pyarrow().to_pylist()


@pytest.fixture
def details(real_pages) -> dict[str, Record]:
    return _latest(record for _, page in _pages(real_pages, "compra_detalhe") for record in page)


def _land_details(arrivals, real_pages) -> None:
    pages = [record for _, page in _pages_as_numbers(real_pages, "compra_detalhe") for record in page]
    bodies = [json.dumps(record, ensure_ascii=False).encode() for record in pages]
    arrivals("compra")(*bodies, parents=[record["numeroControlePNCP"] for record in pages])


def _pages_as_numbers(real_pages: Path, folder: str) -> Iterator[tuple[str, list[Record]]]:
    for body in _bodies(real_pages, folder):
        yield folder, json.loads(body)["data"]


def test_purchases(arrivals, con, database, real_pages, details):
    """The details are landed as rows of a listing too, so that some purchases have both."""
    folders = ("compra_detalhe", *LISTS)
    for folder in folders:
        endpoint = folder if folder in LISTS else LISTS[0]
        arrivals_of = arrivals(endpoint)
        arrivals_of(*_bodies(real_pages, folder))
    _land_details(arrivals, real_pages)
    con.close()
    latest = _latest(
        record for folder in folders for _, page in _pages(real_pages, folder) for record in page
    )
    expected = {key: _purchase(record, details.get(key, {})) for key, record in latest.items()}

    rows = _built(database, "stage_contratacoes")

    found = {
        row["numero_controle_pncp"]: {name: row[name] for name in expected[row["numero_controle_pncp"]]}
        for row in rows
    }
    assert len(rows) == len(expected) > 390
    assert found == expected
    assert Counter(row["estimate_missing"] for row in rows)["secret"] == 3
    assert _sum(row["valor_total_homologado"] for row in rows) == _sum(
        _money(record["valorTotalHomologado"]) for record in latest.values()
    )
    assert not [row for row in rows if row["modalidade_nome"] is None or row["amparo_legal_nome"] is None]


def test_proposals(arrivals, con, database, real_pages, details):
    arrivals("contratacoes_proposta")(*_bodies(real_pages, "contratacoes_proposta"))
    _land_details(arrivals, real_pages)
    con.close()
    latest = _latest(record for _, page in _pages(real_pages, "contratacoes_proposta") for record in page)
    expected = {key: _purchase(record, details.get(key, {})) for key, record in latest.items()}

    rows = _built(database, "stage_contratacoes_proposta")

    assert {
        row["numero_controle_pncp"]: {name: row[name] for name in expected[row["numero_controle_pncp"]]}
        for row in rows
    } == expected


def test_items(arrivals, con, database, real_pages):
    files = sorted((real_pages / "itens").glob("*.json"))
    arrivals("itens")(*(file.read_bytes() for file in files), parents=[_parent(file.name) for file in files])
    con.close()
    records = {
        (_parent(name), int(record["numeroItem"])): record
        for name, page in _pages(real_pages, "itens")
        for record in page
    }

    rows = _built(database, "stage_itens")

    names = {
        "quantidade": "quantidade",
        "valor_unitario_estimado": "valorUnitarioEstimado",
        "valor_total": "valorTotal",
    }
    assert {
        (row["numero_controle_pncp_compra"], row["numero_item"]): {name: row[name] for name in names}
        for row in rows
    } == {
        key: {name: _money(record[field]) for name, field in names.items()} for key, record in records.items()
    }
    assert len(rows) == 8
    benefits = Counter(record["tipoBeneficioNome"] for record in records.values())
    assert Counter(row["tipo_beneficio_nome"] for row in rows) == benefits


def test_results(arrivals, con, database, real_pages):
    files = sorted((real_pages / "resultados").glob("*.json"))
    arrivals("resultados")(
        *(file.read_bytes() for file in files), parents=[_parent(file.name) for file in files]
    )
    con.close()
    records = [record for _, page in _pages(real_pages, "resultados") for record in page]

    rows = _built(database, "stage_resultados")

    names = {
        "numero_controle_pncp_compra": "numeroControlePNCPCompra",
        "ni_fornecedor": "niFornecedor",
        "porte_fornecedor_nome": "porteFornecedorNome",
        "natureza_juridica_nome": "naturezaJuridicaNome",
        "situacao_compra_item_resultado_nome": "situacaoCompraItemResultadoNome",
    }
    assert sorted(
        [*(row[name] for name in names), row["valor_total_homologado"], row["cancelado"]] for row in rows
    ) == sorted(
        [*(record[field] for field in names.values()), _money(record["valorTotalHomologado"]), False]
        for record in records
    )
