"""Where a raw row came from and when it was seen: the columns that landing adds to PNCP's own.

Their names hold an underscore, which no field of PNCP does, so the two can never meet.
"""

from __future__ import annotations

from dataflows.contract import Column, Contract, identifier, json, moment, order, text

PARENT_KEY = text(
    "Número de controle da contratação ou do contrato de que se perguntou; a resposta do PNCP não o traz.",
    nullable=False,
)
OBSERVATION_ID = order(
    "Ordem em que esta versão do registro foi observada; cresce sempre, em toda a tabela.",
    nullable=False,
    ge=1,
)
OBSERVED_AT = moment("Instante (UTC) da resposta que trouxe esta versão.", nullable=False)
SOURCE_ENDPOINT = text("Identificador do endpoint que trouxe esta versão.", nullable=False)
REQUEST_ID = order("Requisição que trouxe esta versão: meta.requests.request_id.", nullable=False)
CONTENT_HASH = identifier(
    "MD5 do registro canônico (ordem das chaves e grafia dos números não contam): muda com o conteúdo.",
    nullable=False,
)
UNKNOWN_FIELDS = json(
    "Campos que a API trouxe e este contrato ainda não conhece, como vieram; nulo se nenhum."
)


def published(contract: type[Contract]) -> dict[str, Column]:
    """The columns of a raw contract that are PNCP's own."""
    return {name: column for name, column in contract.columns.items() if "_" not in name}
