"""The columns that more than one stage table has, by concern: each said once, to say the same everywhere.

A table lists those it has by name. Where a record brings one under another field, the table says which:
`columns.NOME_ORGAO.but(source="nomeOrgao")`.
"""

from __future__ import annotations

from dataflows.contract import day, integer, long_text, moment, order, text, texts
from dataflows.stage.verdicts import DATE_VERDICTS

# Identification: the record, and the purchase that a detail is of.

PROCESSO = text("Número do processo no sistema de origem.", source="processo")
LINK_PNCP = long_text("Página do registro no portal do PNCP.", source="cnpj_orgao")
CNPJ_ORGAO_DA_COMPRA = text(
    "CNPJ do órgão contratante original, o do número de controle.", source="parent_key", nullable=False
)
ANO_COMPRA = integer("Ano da numeração da contratação.", source="parent_key")
SEQUENCIAL_COMPRA = integer("Sequencial da contratação no órgão e ano.", source="parent_key")
LINK_COMPRA = long_text("Página da contratação no portal do PNCP.", source="parent_key")

# The buyer: órgão and unidade, their place, and those sub-rogated; made by `buyers.buyer`.

CNPJ_ORGAO = text(
    "CNPJ do órgão contratante; na falta dele, o do número de controle.",
    source="orgaoEntidade.cnpj",
    nullable=False,
)
NOME_ORGAO = text("Razão social do órgão.", source="orgaoEntidade.razaoSocial")
PODER_ID = text("Código do poder.", source="orgaoEntidade.poderId", domain="poder")
PODER_NOME = text("Rótulo oficial do poder.", source="poder_id")
ESFERA_ID = text("Código da esfera.", source="orgaoEntidade.esferaId", domain="esfera")
ESFERA_NOME = text("Rótulo oficial da esfera.", source="esfera_id")
CODIGO_UNIDADE = text(
    "Código da unidade que compra, executa o contrato ou gerencia a ata; texto livre.",
    source="unidadeOrgao.codigoUnidade",
)
NOME_UNIDADE = text("Nome da unidade.", source="unidadeOrgao.nomeUnidade")
UF_SIGLA = text("UF da unidade.", source="unidadeOrgao.ufSigla")
UF_NOME = text("Nome da UF.", source="unidadeOrgao.ufNome")
CODIGO_IBGE = text("Código IBGE do município da unidade.", source="unidadeOrgao.codigoIbge")
MUNICIPIO_NOME = text("Município da unidade.", source="unidadeOrgao.municipioNome")
CNPJ_ORGAO_SUBROGADO = text("CNPJ do órgão sub-rogado.", source="orgaoSubRogado.cnpj")
NOME_ORGAO_SUBROGADO = text("Razão social do órgão sub-rogado.", source="orgaoSubRogado.razaoSocial")
CODIGO_UNIDADE_SUBROGADA = text("Código da unidade sub-rogada.", source="unidadeSubRogada.codigoUnidade")
NOME_UNIDADE_SUBROGADA = text("Nome da unidade sub-rogada.", source="unidadeSubRogada.nomeUnidade")

# The supplier and the subcontractor.

NI_FORNECEDOR = text("CNPJ, CPF ou identificação estrangeira do fornecedor.", source="niFornecedor")
NOME_FORNECEDOR = text(
    "Nome ou razão social do fornecedor; pode conter CPF.", source="nomeRazaoSocialFornecedor"
)
TIPO_PESSOA_ID = text("Código do tipo de pessoa do fornecedor.", source="tipoPessoa", domain="tipo_pessoa")
TIPO_PESSOA_NOME = text("Rótulo oficial do tipo de pessoa.", source="tipo_pessoa_id")
CODIGO_PAIS_FORNECEDOR = text("País do fornecedor, ISO 3166 alfa-3.", source="codigoPaisFornecedor")
NI_FORNECEDOR_SUBCONTRATADO = text("Identificação do subcontratado.", source="niFornecedorSubContratado")
NOME_FORNECEDOR_SUBCONTRATADO = text("Nome do subcontratado.", source="nomeFornecedorSubContratado")
TIPO_PESSOA_SUBCONTRATADA_ID = text(
    "Código do tipo de pessoa do subcontratado.", source="tipoPessoaSubContratada", domain="tipo_pessoa"
)

# Texts.

INFORMACAO_COMPLEMENTAR = long_text("Informação complementar, em uma linha.", source="informacaoComplementar")
USUARIO_NOME = text("Plataforma que enviou o registro.", source="usuarioNome")

# Dates: of what was agreed, and of the record.

DATA_ASSINATURA = day("Data de assinatura, como publicada.", source="dataAssinatura")
DATA_VIGENCIA_INICIO = day("Início da vigência, como publicado.", source="dataVigenciaInicio")
DATA_VIGENCIA_FIM = day("Fim da vigência, como publicado.", source="dataVigenciaFim")
DATA_PUBLICACAO_PNCP = moment("Publicação no PNCP (America/Sao_Paulo).", source="dataPublicacaoPncp")
DATA_INCLUSAO = moment("Inclusão do registro (America/Sao_Paulo).", source="dataInclusao")
DATA_ATUALIZACAO = moment("Última atualização do registro (America/Sao_Paulo).", source="dataAtualizacao")
DATA_ATUALIZACAO_GLOBAL = moment(
    "Última atualização do registro ou de seus dependentes (America/Sao_Paulo).",
    source="dataAtualizacaoGlobal",
)
DATE_VERDICT = text(
    "Avaliação das datas: ok, implausible (ano impossível ou prazo longo demais), reversed (fim antes do "
    "início), signed_after_publication (assinatura depois da publicação).",
    source="data_assinatura, data_vigencia_inicio, data_vigencia_fim, data_publicacao_pncp",
    nullable=False,
    isin=DATE_VERDICTS,
)

# Values.

NUMERO_PARCELAS = integer("Número de parcelas.", source="numeroParcelas")

# Evidence: which observation of raw a row shows.

OBSERVATION_ID = order("Versão da tabela raw que esta linha mostra.", source="observation_id", nullable=False)
OBSERVED_AT = moment("Instante (UTC) em que a versão foi observada.", source="observed_at", nullable=False)

# Dimensions: of a key that many records name.

OUTROS_NOMES = texts(
    "Outros nomes com que registros citam a mesma chave, em ordem alfabética; lista vazia se nenhum.",
    nullable=False,
)
VISTO_EM = moment(
    "Atualização mais recente, no PNCP (America/Sao_Paulo), entre os registros que citam a chave."
)
