"""Termos (amendments) of contratos as PNCP publishes them: its names, every field, every observed version."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, day, flag, group, integer, long_text, moment, text
from dataflows.raw import provenance
from dataflows.raw.groups import FORNECEDOR, ORGAO, UNIDADE


class RawTermos(Contract):
    """Termos de contratos, uma linha por termo e mudança observada."""

    grain = "one row per termo of a contrato and observed change"
    key = ("parent_key", "sequencialTermoContrato", "observation_id")

    parent_key = provenance.PARENT_KEY
    sequencialTermoContrato = integer("Sequencial do termo no contrato, dado pelo PNCP.", nullable=False)
    numeroTermoContrato = text("Número do termo no sistema de origem; texto livre.")
    tipoTermoContratoNome = text("Tipo do termo: rescisão, aditivo ou apostilamento; só vem o rótulo.")
    processo = text("Número do processo no sistema de origem.")
    objetoTermoContrato = long_text("Objeto do termo.")
    fundamentoLegal = text("Fundamento legal.")
    informativoObservacao = text("Observação.")
    informacaoComplementar = long_text("Informação complementar.")
    qualificacaoAcrescimoSupressao = flag("Verdadeiro se acresce ou suprime; as quatro podem ser falsas.")
    qualificacaoVigencia = flag("Verdadeiro se muda a vigência.")
    qualificacaoFornecedor = flag("Verdadeiro se muda o fornecedor.")
    qualificacaoReajuste = flag("Verdadeiro se reajusta o valor.")
    prazoAditadoDias = integer("Prazo acrescido.", unit="dias")
    valorAcrescido = amount("Valor acrescido, ou suprimido quando negativo; nulo se o termo só muda o prazo.")
    valorGlobal = amount("Valor global que o termo informa; nulo se o termo só muda o prazo.")
    valorParcela = amount("Valor da parcela que o termo informa.")
    numeroParcelas = integer("Número de parcelas.")
    dataAssinatura = day("Data de assinatura; pode ser posterior ao fim da vigência.")
    dataVigenciaInicio = day("Início da vigência.")
    dataVigenciaFim = day("Fim da vigência.")
    orgaoEntidade = group("Órgão contratante.", ORGAO)
    unidade = group("Unidade executora.", UNIDADE)
    orgaoSubrogado = group("Órgão sub-rogado, quando houver.", ORGAO)
    unidadeSubrogada = group("Unidade sub-rogada, quando houver.", UNIDADE)
    fornecedor = group("Fornecedor; nulo quando o termo mantém o do contrato.", FORNECEDOR)
    niFornecedor = text("CNPJ, CPF ou identificação estrangeira; nulo quando fica o do contrato.")
    nomeRazaoSocialFornecedor = text("Nome ou razão social do fornecedor; pode conter CPF.")
    tipoPessoa = text("Tipo de pessoa do fornecedor: PJ, PF ou PE.", domain="tipo_pessoa")
    fornecedorSubContratado = group("Fornecedor subcontratado.", FORNECEDOR)
    niFornecedorSubContratado = text("Identificação do subcontratado.")
    nomeFornecedorSubContratado = text("Nome do subcontratado.")
    tipoPessoaSubContratada = text("Tipo de pessoa do subcontratado.", domain="tipo_pessoa")
    dataPublicacaoPncp = moment("Publicação no PNCP (America/Sao_Paulo).")
    dataInclusao = moment("Inclusão do registro (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_termos(landed_termos: ir.Table) -> Annotated[ir.Table, RawTermos]:
    """Termos of contratos as they landed, nothing changed and nothing dropped.

    Grain: one row per termo of a contrato and observed change.
    Key: parent_key, sequencialTermoContrato, observation_id.
    Source: GET /v1/orgaos/{cnpj}/contratos/{ano}/{sequencial}/termos.
    """
    return landed_termos.select(*RawTermos.columns)
