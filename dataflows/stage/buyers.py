"""Who buys, as contratações, contratos and termos nest it: órgão and unidade, and those sub-rogated."""

from __future__ import annotations

import ibis.expr.types as ir

from dataflows.domains import Domain
from dataflows.expressions import Row, Text
from dataflows.stage.control_numbers import leading_cnpj
from dataflows.stage.texts import clean, code


def buyer(
    row: Row,
    domain_poder: Domain,
    domain_esfera: Domain,
    *,
    number: str = "numeroControlePNCP",
    unidade: str = "unidadeOrgao",
    subrogado: str = "orgaoSubRogado",
    subrogada: str = "unidadeSubRogada",
) -> dict[str, ir.Value]:
    """Órgão and unidade, with their place; and those sub-rogated.

    Args:
        row: a raw table with the órgão in `orgaoEntidade`.
        domain_poder: labels of poder.
        domain_esfera: labels of esfera.
        number: the table's column with a control number of the órgão's.
        unidade: its column with the unidade.
        subrogado: its column with the órgão sub-rogated.
        subrogada: its column with the unidade sub-rogated.
    """
    orgao, place, other, other_place = row.orgaoEntidade, row[unidade], row[subrogado], row[subrogada]
    poder, esfera = code(orgao.poderId), code(orgao.esferaId)
    return {
        "cnpj_orgao": cnpj_orgao(orgao.cnpj, row[number]),
        "nome_orgao": clean(orgao.razaoSocial),
        "poder_id": poder,
        "poder_nome": domain_poder.label(poder),
        "esfera_id": esfera,
        "esfera_nome": domain_esfera.label(esfera),
        "codigo_unidade": code(place.codigoUnidade),
        "nome_unidade": clean(place.nomeUnidade),
        "uf_sigla": code(place.ufSigla),
        "uf_nome": clean(place.ufNome),
        "codigo_ibge": code(place.codigoIbge),
        "municipio_nome": clean(place.municipioNome),
        "cnpj_orgao_subrogado": code(other.cnpj),
        "nome_orgao_subrogado": clean(other.razaoSocial),
        "codigo_unidade_subrogada": code(other_place.codigoUnidade),
        "nome_unidade_subrogada": clean(other_place.nomeUnidade),
    }


def cnpj_orgao(cnpj: Text, number: Text) -> Text:
    """The órgão's CNPJ; the record's control number begins with it where the órgão is missing."""
    return code(cnpj).coalesce(leading_cnpj(number))
