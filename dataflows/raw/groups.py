"""The objects that PNCP nests in more than one of its records, with their members."""

from __future__ import annotations

from dataflows.contract import Column, flag, integer, moment, order, text

ORGAO = {
    "cnpj": text("CNPJ do órgão ou entidade."),
    "razaoSocial": text("Razão social."),
    "poderId": text("Poder: E, L, J ou N.", domain="poder"),
    "esferaId": text("Esfera: F, E, M, D ou N.", domain="esfera"),
}
UNIDADE = {
    "codigoUnidade": text("Código da unidade no sistema de origem; texto livre."),
    "nomeUnidade": text("Nome da unidade."),
    "codigoIbge": text("Código IBGE do município, sete dígitos."),
    "municipioNome": text("Nome do município."),
    "ufSigla": text("Sigla da UF."),
    "ufNome": text("Nome da UF."),
}
FORNECEDOR = {
    "id": order("Número interno do fornecedor no PNCP."),
    "niFornecedor": text("CNPJ, CPF ou identificação estrangeira do fornecedor."),
    "nomeRazaoSocial": text("Nome ou razão social; pode vir completado com espaços."),
    "tipoPessoaId": text("Tipo de pessoa: PJ, PF ou PE.", domain="tipo_pessoa"),
}


def coded(domain: str, *, code: str = "id") -> dict[str, Column]:
    """A code of an official table and the label it came with; PNCP calls the code `id` or `codigo`."""
    return {code: integer("Código.", domain=domain), "nome": text("Rótulo que a API trouxe.")}


def described(domain: str) -> dict[str, Column]:
    """A row of an official table, without its dates."""
    return coded(domain) | {
        "descricao": text("Descrição do código."),
        "statusAtivo": flag("Verdadeiro se o código ainda está em uso."),
    }


def dated(domain: str) -> dict[str, Column]:
    """A whole row of an official table."""
    return described(domain) | {
        "dataInclusao": moment("Inclusão do código na tabela (America/Sao_Paulo)."),
        "dataAtualizacao": moment("Última atualização do código na tabela (America/Sao_Paulo)."),
    }


AMPARO = coded("amparo_legal", code="codigo") | {"descricao": text("Texto do dispositivo legal.")}
CATALOGO = dated("catalogo") | {"url": text("Endereço do catálogo.")}
FONTE_ORCAMENTARIA = coded("fonte_orcamentaria", code="codigo") | {
    "descricao": text("Descrição da fonte."),
    "dataInclusao": moment("Inclusão da fonte na contratação (America/Sao_Paulo)."),
}
