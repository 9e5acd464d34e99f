"""Every real answer there is of every endpoint lands whole: nothing in quarantine, no field unknown."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CONTROL = re.compile(r"(\d{14})-(\d{4})-(\d+)")
"""Part of the name of a file whose records do not say of which purchase they are."""

FOLDERS = {
    "contratacoes_publicacao": "contratacoes_publicacao",
    "contratacoes_atualizacao": "contratacoes_atualizacao",
    "contratacoes_proposta": "contratacoes_proposta",
    "contratos": "contratos",
    "contratos_atualizacao": "contratos_atualizacao",
    "atas_atualizacao": "atas",
    "atas_vigencia": "atas",
    "instrumentoscobranca_inclusao": "instrumentoscobranca",
    "pca_atualizacao": "pca",
    "pca_classe": "pca",
    "pca_usuario": "pca",
    "compra": "compra_detalhe",
    "itens": "itens",
    "resultados": "resultados",
    "termos": "termos_contrato",
}
LEAST = {
    "contratacoes_publicacao": 360,
    "contratos": 1100,
    "atas_atualizacao": 270,
    "pca_atualizacao": 10,
    "compra": 39,
    "itens": 8,
    "resultados": 2,
    "termos": 148,
}
"""Records there are at least, so that a folder that moved does not pass for one that landed."""


def count(body: Any) -> int:
    """The records of an answer, read without baliza."""
    if isinstance(body, list):
        return len(body)
    if "data" not in body:
        return 1
    return sum(len(one["itens"]) if "itens" in one else 1 for one in body["data"])


def text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def answers(folder: Path, endpoint: str) -> Iterator[tuple[str, bytes, str | None, int]]:
    """Name, body as the API gives it, parent, and records of each answer; envelopes collectors dropped put back."""
    for file in sorted((folder / FOLDERS[endpoint]).glob("*.json")):
        raw = file.read_bytes()
        body = json.loads(raw)
        if endpoint == "termos":
            for parent, termos in body.items():
                yield f"{file.name} {parent}", text(termos), parent, len(termos)
        elif endpoint in {"itens", "resultados"}:
            cnpj, ano, sequencial = CONTROL.match(file.name).groups()
            yield file.name, raw, f"{cnpj}-1-{int(sequencial):06d}/{ano}", len(body)
        elif endpoint == "compra":
            for one in body if isinstance(body, list) else [body]:
                yield file.name, text(one), one["numeroControlePNCP"], 1
        elif isinstance(body, list):
            total = sum(len(one.get("itens", [0])) for one in body)
            yield file.name, b'{"data":' + raw + b',"totalRegistros":%d}' % total, None, total
        else:
            yield file.name, raw, None, count(body)


@pytest.mark.parametrize("endpoint", FOLDERS)
def test_real_answers_land_whole(arrivals: Callable, real_pages: Path, endpoint: str):
    arrive = arrivals(endpoint)
    names, bodies, parents, records = zip(*answers(real_pages, endpoint), strict=True)
    landed = arrive(*bodies, parents=parents)
    received = sum(records)
    assert landed.received == received >= LEAST.get(endpoint, 1), names
    assert arrive.con.execute("SELECT reason, raw_text FROM meta.quarantine").fetchall() == []
    stored, unknown, keyed = arrive.con.execute(
        f"""
        SELECT count(*), count(unknown_fields), count(*) FILTER ({arrive.table.key_sql} <> '')
        FROM raw."{arrive.table.name}"
        """
    ).fetchone()
    assert 0 < stored <= received
    assert (unknown, keyed) == (0, stored)


def amounts(value: Any, wanted: str) -> Iterator[Decimal]:
    """Every value of a field of this name, however deep."""
    if isinstance(value, list):
        for one in value:
            yield from amounts(one, wanted)
    elif isinstance(value, dict):
        for name, member in value.items():
            if name == wanted and member is not None:
                yield Decimal(member)
            yield from amounts(member, wanted)


@pytest.mark.parametrize(
    ("endpoint", "field", "where"),
    [
        ("contratacoes_publicacao", "valorTotalEstimado", '"valorTotalEstimado"'),
        ("pca_atualizacao", "valorTotal", '"valorTotal"'),
        ("itens", "valorUnitarioEstimado", '"valorUnitarioEstimado"'),
        ("resultados", "valorTotalHomologado", '"valorTotalHomologado"'),
        ("termos", "valorGlobal", '"valorGlobal"'),
        ("instrumentoscobranca_inclusao", "valorInicial", '"recuperarContratoDTO"."valorInicial"'),
    ],
)
def test_their_money_is_exact_to_the_last_digit(
    arrivals: Callable, real_pages: Path, endpoint: str, field: str, where: str
):
    arrive = arrivals(endpoint)
    _, bodies, parents, _ = zip(*answers(real_pages, endpoint), strict=True)
    arrive(*bodies, parents=parents)
    expected = [
        value
        for body in bodies
        for value in amounts(json.loads(body, parse_float=Decimal, parse_int=Decimal), field)
    ]
    found = arrive.con.execute(f'SELECT {where} FROM raw."{arrive.table.name}"').fetchall()
    # A record that two files hold lands once, so values are compared and not how often they come.
    assert {value for (value,) in found if value is not None} == set(expected)
    assert expected
