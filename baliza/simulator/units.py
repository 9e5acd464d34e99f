"""Units of an órgão as /v1/orgaos/{cnpj}/unidades shows them."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from baliza.simulator.organs import Orgao

INCLUDED, UPDATED = "2022-03-14T09:12:40", "2024-08-20T16:05:11"


def unidades(orgao: Orgao) -> list[dict[str, Any]]:
    """Write the units of an órgão, which depend on it alone, in PNCP's shape."""
    owner = {
        "id": _identity(orgao.cnpj),
        "cnpj": orgao.cnpj,
        "razaoSocial": orgao.record["razaoSocial"],
        "cnpjEnteResponsavel": orgao.cnpj,
        "poderId": orgao.record["poderId"],
        "esferaId": orgao.record["esferaId"],
        "validado": True,
        "dataValidacao": INCLUDED,
        "dataInclusao": INCLUDED,
        "dataAtualizacao": UPDATED,
    }
    return [
        {
            "id": _identity(orgao.cnpj + unidade.record["codigoUnidade"]),
            "orgao": dict(owner),
            "codigoUnidade": unidade.record["codigoUnidade"],
            "nomeUnidade": unidade.record["nomeUnidade"],
            "municipio": {
                "id": _identity(unidade.record["codigoIbge"]),
                "nome": unidade.record["municipioNome"],
                "codigoIbge": unidade.record["codigoIbge"],
                "uf": {"siglaUF": unidade.record["ufSigla"], "nomeUF": unidade.record["ufNome"]},
            },
            "dataInclusao": INCLUDED,
            "dataAtualizacao": UPDATED,
        }
        for unidade in orgao.unidades
    ]


def _identity(text: str) -> int:
    return crc32(text.encode()) % 1_000_000
