"""Contratos as PNCP publishes them: its names, its nesting, every field, every observed version."""

from __future__ import annotations

from typing import Annotated

import ibis.expr.types as ir

from dataflows.contract import Contract, amount, day, flag, group, integer, long_text, moment, text
from dataflows.raw import provenance
from dataflows.raw.groups import ORGAO, UNIDADE, coded


class RawContratos(Contract):
    """Contratos e empenhos, uma linha por registro e mudança observada."""

    grain = "one row per numeroControlePNCP and observed change"
    key = ("numeroControlePNCP", "observation_id")

    numeroControlePNCP = text("Número de controle do contrato no PNCP.", nullable=False)
    numeroControlePncpCompra = text(
        "Número de controle da contratação de origem, que pode ser de outro órgão."
    )
    numeroControlePncpAta = text("Número de controle da ata de origem (desde 2026).")
    anoContrato = integer("Ano do contrato no órgão.")
    sequencialContrato = integer("Sequencial do contrato no órgão e ano, dado pelo PNCP.")
    numeroContratoEmpenho = text("Número do contrato ou empenho no sistema de origem.")
    processo = text("Número do processo no sistema de origem.")
    tipoContrato = group("Tipo de contrato; 7 é empenho.", coded("tipo_contrato"))
    categoriaProcesso = group("Categoria do processo.", coded("categoria_processo"))
    receita = flag("Verdadeiro se o contrato é de receita, e não de despesa.")
    orgaoEntidade = group("Órgão contratante.", ORGAO)
    unidadeOrgao = group("Unidade executora.", UNIDADE)
    orgaoSubRogado = group("Órgão sub-rogado, quando houver.", ORGAO)
    unidadeSubRogada = group("Unidade sub-rogada, quando houver.", UNIDADE)
    niFornecedor = text("CNPJ, CPF ou identificação estrangeira do fornecedor.")
    nomeRazaoSocialFornecedor = text("Nome ou razão social do fornecedor; pode conter CPF.")
    tipoPessoa = text("Tipo de pessoa do fornecedor: PJ, PF ou PE.", domain="tipo_pessoa")
    codigoPaisFornecedor = text("País do fornecedor, ISO 3166 alfa-3.")
    niFornecedorSubContratado = text("Identificação do subcontratado.")
    nomeFornecedorSubContratado = text("Nome do subcontratado.")
    tipoPessoaSubContratada = text("Tipo de pessoa do subcontratado.", domain="tipo_pessoa")
    objetoContrato = long_text("Objeto do contrato.")
    informacaoComplementar = long_text("Informação complementar.")
    valorInicial = amount("Valor na assinatura.")
    valorParcela = amount("Valor da parcela.")
    valorGlobal = amount("Valor total atual.")
    valorAcumulado = amount("Valor acumulado.")
    numeroParcelas = integer("Número de parcelas.")
    numeroRetificacao = integer("Quantas vezes o registro foi retificado.")
    dataAssinatura = day("Data de assinatura.")
    dataVigenciaInicio = day("Início da vigência.")
    dataVigenciaFim = day("Fim da vigência.")
    dataPublicacaoPncp = moment("Publicação no PNCP (America/Sao_Paulo).")
    dataAtualizacao = moment("Última atualização do registro (America/Sao_Paulo).")
    dataAtualizacaoGlobal = moment(
        "Última atualização do registro ou de seus dependentes (America/Sao_Paulo)."
    )
    identificadorCipi = text("Identificador no Cadastro Integrado de Projetos de Investimento.")
    urlCipi = long_text("Endereço no CIPI.")
    usuarioNome = text("Plataforma que enviou o registro.")
    frutoAdesao = flag("Verdadeiro se nasceu de adesão de não participante a uma ata (desde 2026).")
    temRemanejamento = flag("Verdadeiro se houve remanejamento (desde 2026).")
    emendaParlamentar = flag("Verdadeiro se há emenda parlamentar (desde 2026).")
    observation_id = provenance.OBSERVATION_ID
    observed_at = provenance.OBSERVED_AT
    source_endpoint = provenance.SOURCE_ENDPOINT
    request_id = provenance.REQUEST_ID
    content_hash = provenance.CONTENT_HASH
    unknown_fields = provenance.UNKNOWN_FIELDS


def raw_contratos(landed_contratos: ir.Table) -> Annotated[ir.Table, RawContratos]:
    """Contratos and empenhos as they landed, nothing changed and nothing dropped.

    Grain: one row per numeroControlePNCP and observed change.
    Key: numeroControlePNCP, observation_id.
    Source: GET /v1/contratos (Manual de Consulta do PNCP, 6.5).
    """
    return landed_contratos.select(*RawContratos.columns)
