"""Who buys, as contratos, contratações and termos nest it: órgão and unidade, and those sub-rogated."""

from __future__ import annotations

import ibis.expr.types as ir

from dataflows.domains import Domain
from dataflows.expressions import Row, Text
from dataflows.stage.texts import clean, code


def buyer(
    *,
    number: Text,
    orgao: Row,
    unidade: Row,
    subrogado: Row,
    subrogada: Row,
    domain_poder: Domain,
    domain_esfera: Domain,
) -> dict[str, ir.Value]:
    """The columns of the four objects; `number` is the record's control number, which names its órgão."""
    poder, esfera = code(orgao.poderId), code(orgao.esferaId)
    return {
        "cnpj_orgao": cnpj_orgao(orgao.cnpj, number),
        "nome_orgao": clean(orgao.razaoSocial),
        "poder_id": poder,
        "poder_nome": domain_poder.label(poder),
        "esfera_id": esfera,
        "esfera_nome": domain_esfera.label(esfera),
        "codigo_unidade": code(unidade.codigoUnidade),
        "nome_unidade": clean(unidade.nomeUnidade),
        "uf_sigla": code(unidade.ufSigla),
        "uf_nome": clean(unidade.ufNome),
        "codigo_ibge": code(unidade.codigoIbge),
        "municipio_nome": clean(unidade.municipioNome),
        "cnpj_orgao_subrogado": code(subrogado.cnpj),
        "nome_orgao_subrogado": clean(subrogado.razaoSocial),
        "codigo_unidade_subrogada": code(subrogada.codigoUnidade),
        "nome_unidade_subrogada": clean(subrogada.nomeUnidade),
    }


def cnpj_orgao(cnpj: Text, number: Text) -> Text:
    """The órgão's CNPJ; the record's control number begins with it where the órgão is missing."""
    return code(cnpj).coalesce(number.substr(0, 14))
