"""Who buys: órgão and unidade, as PNCP nests them in purchases and in contracts alike."""

from __future__ import annotations

import ibis.expr.types as ir

from dataflows.domains import Domain
from dataflows.expressions import Row, Text
from dataflows.stage.texts import clean, code


def buyer(row: Row, domain_poder: Domain, domain_esfera: Domain) -> dict[str, ir.Value]:
    """Órgão and unidade, with their place; and those sub-rogated."""
    orgao, unidade = row.orgaoEntidade, row.unidadeOrgao
    subrogado, subrogada = row.orgaoSubRogado, row.unidadeSubRogada
    poder, esfera = code(orgao.poderId), code(orgao.esferaId)
    return {
        "cnpj_orgao": cnpj_orgao(row),
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


def cnpj_orgao(row: Row) -> Text:
    """The órgão's CNPJ; the control number begins with it where the object is missing."""
    return code(row.orgaoEntidade.cnpj).coalesce(row.numeroControlePNCP.substr(0, 14))
