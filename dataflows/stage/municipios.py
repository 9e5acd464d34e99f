"""Municípios: one row per IBGE code that a record gives as the place of its unidade."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, text
from dataflows.expressions import Flag, Row
from dataflows.stage import columns
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos
from dataflows.stage.mentions import every_mention_has_its_row, mention, newest
from dataflows.stage.termos import StageTermos

KEY = ("codigo_ibge",)
FACTS = (*KEY, "municipio_nome", "uf_sigla", "uf_nome")
REGIONS = {"1": "Norte", "2": "Nordeste", "3": "Sudeste", "4": "Sul", "5": "Centro-Oeste"}
"""Grande região by the first digit of the code. Source: IBGE, Divisão Territorial Brasileira."""


class StageMunicipios(Contract):
    """Municípios citados nos registros, uma linha por código IBGE."""

    grain = "one row per município (IBGE code)"
    key = KEY

    codigo_ibge = text("Código IBGE do município, sete dígitos.", source="codigo_ibge", nullable=False)
    municipio_nome = text("Nome do município, o mais recente visto.", source="municipio_nome")
    outros_nomes = columns.OUTROS_NOMES.but(source="municipio_nome")
    uf_sigla = text("Sigla da UF, a mais recente vista.", source="uf_sigla")
    uf_nome = text("Nome da UF, o mais recente visto.", source="uf_nome")
    regiao = text(
        "Grande região, pelo primeiro dígito do código; nula se ele não é de 1 a 5.",
        source="codigo_ibge",
        isin=tuple(REGIONS.values()),
    )
    visto_em = columns.VISTO_EM.but(source="codigo_ibge")


def municipios_mentions(
    stage_contratacoes: Annotated[ir.Table, StageContratacoes],
    stage_contratos: Annotated[ir.Table, StageContratos],
    stage_termos: Annotated[ir.Table, StageTermos],
) -> ir.Table:
    """What each record says of a município; atas name none."""
    return ibis.union(
        mention(stage_contratacoes, "numero_controle_pncp", FACTS),
        mention(stage_contratos, "numero_controle_pncp", FACTS),
        mention(stage_termos, "numero_controle_pncp", FACTS),
    )


def stage_municipios(municipios_mentions: ir.Table) -> Annotated[ir.Table, StageMunicipios]:
    """Every município that a record names, as the newest record knows it.

    Grain: one row per município (IBGE code).
    Key: codigo_ibge.
    Source: stage_contratacoes, stage_contratos, stage_termos.
    Notes: each fact is that of the newest record that states it (highest data_atualizacao_global, then
    control number); other names are kept. A municipality without a record has no row: this is not the
    list of the IBGE. It is where a unidade is, not whose: state and federal unidades are there too.
    """
    row: Row = newest(municipios_mentions, key=KEY, name="municipio_nome")
    first = row.codigo_ibge.substr(0, 1)
    regiao = ibis.cases(*((first == digit, name) for digit, name in REGIONS.items()))
    return row.mutate(regiao=regiao).select(*StageMunicipios.columns)


@StageMunicipios.rule("codigo_ibge has seven digits", severity="warning")
def _seven_digits(table: Row) -> Flag:
    return table.codigo_ibge.re_search("^[0-9]{7}$")


@StageMunicipios.gate("every município that a record names has its row")
def _every_municipio(
    stage_municipios: ir.Table,
    stage_contratacoes: ir.Table,
    stage_contratos: ir.Table,
    stage_termos: ir.Table,
) -> ir.Table:
    return every_mention_has_its_row(
        stage_municipios, KEY, contratacoes=stage_contratacoes, contratos=stage_contratos, termos=stage_termos
    )
