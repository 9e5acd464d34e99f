"""Termos (amendments) of contratos, one row each: what they change, with verdicts on values and dates."""

from __future__ import annotations

from typing import Annotated

import ibis
import ibis.expr.types as ir

from dataflows.contract import Contract, amount, flag, integer, long_text, text
from dataflows.domains import Domain
from dataflows.expressions import Row
from dataflows.raw.termos import RawTermos
from dataflows.stage import columns, control_numbers
from dataflows.stage.buyers import buyer
from dataflows.stage.texts import clean, code
from dataflows.stage.verdicts import DATE_VERDICTS, VALUE_VERDICTS, change_verdict, date_verdict
from dataflows.stage.versions import latest, one_row_per_key

SIGNED_AFTER_END = "signed_after_end"
KEY = ("parent_key", "sequencialTermoContrato")


class StageTermos(Contract):
    """Termos de contratos (aditivos, apostilamentos, rescisões) na versão mais recente, limpos."""

    grain = "one row per termo of a contrato (latest version)"
    key = ("numero_controle_pncp", "sequencial_termo_contrato")
    by_key = KEY

    numero_controle_pncp = text(
        "Número de controle do contrato a que o termo pertence.", source="parent_key", nullable=False
    )
    sequencial_termo_contrato = integer(
        "Sequencial do termo no contrato.", source="sequencialTermoContrato", nullable=False
    )
    numero_termo_contrato = text(
        "Número do termo no sistema de origem; texto livre, não é chave.", source="numeroTermoContrato"
    )
    processo = columns.PROCESSO
    link_pncp = long_text(
        "Página do contrato no portal do PNCP, que mostra seus termos; nula se o número de controle foge do "
        "formato.",
        source="numero_controle_pncp",
    )

    cnpj_orgao = columns.CNPJ_ORGAO
    nome_orgao = columns.NOME_ORGAO
    poder_id = columns.PODER_ID
    poder_nome = columns.PODER_NOME
    esfera_id = columns.ESFERA_ID
    esfera_nome = columns.ESFERA_NOME
    codigo_unidade = columns.CODIGO_UNIDADE.but(source="unidade.codigoUnidade")
    nome_unidade = columns.NOME_UNIDADE.but(source="unidade.nomeUnidade")
    uf_sigla = columns.UF_SIGLA.but(source="unidade.ufSigla")
    uf_nome = columns.UF_NOME.but(source="unidade.ufNome")
    codigo_ibge = columns.CODIGO_IBGE.but(source="unidade.codigoIbge")
    municipio_nome = columns.MUNICIPIO_NOME.but(source="unidade.municipioNome")
    cnpj_orgao_subrogado = columns.CNPJ_ORGAO_SUBROGADO.but(source="orgaoSubrogado.cnpj")
    nome_orgao_subrogado = columns.NOME_ORGAO_SUBROGADO.but(source="orgaoSubrogado.razaoSocial")
    codigo_unidade_subrogada = columns.CODIGO_UNIDADE_SUBROGADA.but(source="unidadeSubrogada.codigoUnidade")
    nome_unidade_subrogada = columns.NOME_UNIDADE_SUBROGADA.but(source="unidadeSubrogada.nomeUnidade")

    ni_fornecedor = text(
        "CNPJ, CPF ou identificação estrangeira do fornecedor que o termo nomeia, em geral o do contrato; "
        "nulo se não nomeia.",
        source="niFornecedor, fornecedor.niFornecedor",
    )
    nome_fornecedor = text(
        "Nome ou razão social do fornecedor que o termo nomeia; pode conter CPF.",
        source="nomeRazaoSocialFornecedor, fornecedor.nomeRazaoSocial",
    )
    tipo_pessoa_id = text(
        "Código do tipo de pessoa do fornecedor; vem também quando o termo não nomeia fornecedor.",
        source="tipoPessoa, fornecedor.tipoPessoaId",
        domain="tipo_pessoa",
    )
    tipo_pessoa_nome = columns.TIPO_PESSOA_NOME
    ni_fornecedor_subcontratado = columns.NI_FORNECEDOR_SUBCONTRATADO.but(
        source="niFornecedorSubContratado, fornecedorSubContratado.niFornecedor"
    )
    nome_fornecedor_subcontratado = columns.NOME_FORNECEDOR_SUBCONTRATADO.but(
        source="nomeFornecedorSubContratado, fornecedorSubContratado.nomeRazaoSocial"
    )
    tipo_pessoa_subcontratada_id = columns.TIPO_PESSOA_SUBCONTRATADA_ID.but(
        source="tipoPessoaSubContratada, fornecedorSubContratado.tipoPessoaId"
    )

    tipo_termo_contrato_id = integer(
        "Código do tipo do termo: 1 rescisão, 2 aditivo, 3 apostilamento; nulo se o rótulo é outro.",
        source="tipo_termo_contrato_nome",
        domain="tipo_termo_contrato",
    )
    tipo_termo_contrato_nome = text(
        "Tipo do termo, como a API o traz: só o rótulo.", source="tipoTermoContratoNome"
    )
    qualificacao_acrescimo_supressao = flag(
        "Verdadeiro se o termo acresce ou suprime; as quatro qualificações podem ser falsas.",
        source="qualificacaoAcrescimoSupressao",
    )
    qualificacao_vigencia = flag("Verdadeiro se muda a vigência.", source="qualificacaoVigencia")
    qualificacao_fornecedor = flag("Verdadeiro se muda o fornecedor.", source="qualificacaoFornecedor")
    qualificacao_reajuste = flag("Verdadeiro se reajusta o valor.", source="qualificacaoReajuste")

    objeto_termo_contrato = long_text("Objeto do termo, em uma linha.", source="objetoTermoContrato")
    fundamento_legal = text("Fundamento legal, em uma linha.", source="fundamentoLegal")
    informativo_observacao = text("Observação, em uma linha.", source="informativoObservacao")
    informacao_complementar = columns.INFORMACAO_COMPLEMENTAR

    prazo_aditado_dias = integer(
        "Prazo acrescido; nulo ou zero quando o termo não muda o prazo.",
        unit="dias",
        source="prazoAditadoDias",
    )
    data_assinatura = columns.DATA_ASSINATURA
    data_vigencia_inicio = columns.DATA_VIGENCIA_INICIO
    data_vigencia_fim = columns.DATA_VIGENCIA_FIM
    data_publicacao_pncp = columns.DATA_PUBLICACAO_PNCP
    data_inclusao = columns.DATA_INCLUSAO
    data_atualizacao = columns.DATA_ATUALIZACAO
    date_verdict = text(
        "Avaliação das datas: ok, implausible (ano impossível ou prazo longo demais), reversed (fim antes do "
        "início), signed_after_publication (assinatura depois da publicação), signed_after_end (assinatura "
        "depois do fim da vigência).",
        source="data_assinatura, data_vigencia_inicio, data_vigencia_fim, data_publicacao_pncp",
        nullable=False,
        isin=(*DATE_VERDICTS, SIGNED_AFTER_END),
    )

    valor_acrescido = amount(
        "Valor acrescido ao contrato, ou suprimido quando negativo; nulo se o termo não muda o valor.",
        source="valorAcrescido",
    )
    valor_parcela = amount("Valor da parcela que o termo informa.", source="valorParcela")
    valor_global = amount(
        "Valor global que o termo informa; nem sempre é o do contrato depois dele.",
        source="valorGlobal",
    )
    numero_parcelas = columns.NUMERO_PARCELAS
    verdict = text(
        "Avaliação de valor_acrescido: ok, review (convém conferir), suspect; o sinal não conta.",
        source="valor_acrescido",
        nullable=False,
        isin=VALUE_VERDICTS,
    )

    observation_id = columns.OBSERVATION_ID
    observed_at = columns.OBSERVED_AT


def termos_latest(raw_termos: Annotated[ir.Table, RawTermos]) -> ir.Table:
    """The version of each termo that counts: highest dataAtualizacao, then latest observation."""
    return latest(raw_termos, key=KEY, version="dataAtualizacao")


def termos_identification(termos_latest: ir.Table) -> dict[str, ir.Value]:
    """Contrato and place in it, the source system's own numbers, and the contrato's page on the portal."""
    row: Row = termos_latest
    number = row.parent_key
    ano, sequencial = control_numbers.year(number), control_numbers.sequence(number)
    cnpj = control_numbers.cnpj(number)
    return {
        "numero_controle_pncp": number,
        "sequencial_termo_contrato": row.sequencialTermoContrato,
        "numero_termo_contrato": clean(row.numeroTermoContrato),
        "processo": clean(row.processo),
        "link_pncp": control_numbers.page("contratos", cnpj, ano, sequencial),
    }


def termos_buyer(termos_latest: ir.Table, domain_poder: Domain, domain_esfera: Domain) -> dict[str, ir.Value]:
    """Órgão and unidade, with their place; and those sub-rogated."""
    return buyer(
        termos_latest,
        domain_poder,
        domain_esfera,
        number="parent_key",
        unidade="unidade",
        subrogado="orgaoSubrogado",
        subrogada="unidadeSubrogada",
    )


def termos_supplier(termos_latest: ir.Table, domain_tipo_pessoa: Domain) -> dict[str, ir.Value]:
    """Supplier and subcontractor as the termo names them: flat where it does, else from the nested object."""
    row: Row = termos_latest
    named, sub = row.fornecedor, row.fornecedorSubContratado
    tipo_pessoa = code(row.tipoPessoa).coalesce(code(named.tipoPessoaId))
    return {
        "ni_fornecedor": code(row.niFornecedor).coalesce(code(named.niFornecedor)),
        "nome_fornecedor": clean(row.nomeRazaoSocialFornecedor).coalesce(clean(named.nomeRazaoSocial)),
        "tipo_pessoa_id": tipo_pessoa,
        "tipo_pessoa_nome": domain_tipo_pessoa.label(tipo_pessoa),
        "ni_fornecedor_subcontratado": code(row.niFornecedorSubContratado).coalesce(code(sub.niFornecedor)),
        "nome_fornecedor_subcontratado": clean(row.nomeFornecedorSubContratado).coalesce(
            clean(sub.nomeRazaoSocial)
        ),
        "tipo_pessoa_subcontratada_id": code(row.tipoPessoaSubContratada).coalesce(code(sub.tipoPessoaId)),
    }


def termos_classification(termos_latest: ir.Table, domain_tipo_termo_contrato: Domain) -> dict[str, ir.Value]:
    """What kind of termo it is, and what it says to change."""
    row: Row = termos_latest
    nome = clean(row.tipoTermoContratoNome)
    return {
        "tipo_termo_contrato_id": domain_tipo_termo_contrato.code(nome).cast("int32"),
        "tipo_termo_contrato_nome": nome,
        "qualificacao_acrescimo_supressao": row.qualificacaoAcrescimoSupressao,
        "qualificacao_vigencia": row.qualificacaoVigencia,
        "qualificacao_fornecedor": row.qualificacaoFornecedor,
        "qualificacao_reajuste": row.qualificacaoReajuste,
    }


def termos_texts(termos_latest: ir.Table) -> dict[str, ir.Value]:
    """Free texts on one line each."""
    row: Row = termos_latest
    return {
        "objeto_termo_contrato": clean(row.objetoTermoContrato),
        "fundamento_legal": clean(row.fundamentoLegal),
        "informativo_observacao": clean(row.informativoObservacao),
        "informacao_complementar": clean(row.informacaoComplementar),
    }


def termos_dates(termos_latest: ir.Table, earliest_year: int, longest_term: int) -> dict[str, ir.Value]:
    """The time added, and dates as published, with a verdict: that of contratos, and signed after the end."""
    row: Row = termos_latest
    verdict = date_verdict(
        row.dataAssinatura,
        row.dataVigenciaInicio,
        row.dataVigenciaFim,
        row.dataPublicacaoPncp,
        earliest_year=earliest_year,
        longest_term=longest_term,
    )
    late = (verdict == "ok") & (row.dataAssinatura > row.dataVigenciaFim)
    return {
        "prazo_aditado_dias": row.prazoAditadoDias,
        "data_assinatura": row.dataAssinatura,
        "data_vigencia_inicio": row.dataVigenciaInicio,
        "data_vigencia_fim": row.dataVigenciaFim,
        "data_publicacao_pncp": row.dataPublicacaoPncp,
        "data_inclusao": row.dataInclusao,
        "data_atualizacao": row.dataAtualizacao,
        "date_verdict": ibis.cases((late, SIGNED_AFTER_END), else_=verdict),
    }


def termos_values(
    termos_latest: ir.Table, suspect_value: int, review_value: int, suspect_nines: int
) -> dict[str, ir.Value]:
    """Amounts as published, and the verdict on valor_acrescido."""
    row: Row = termos_latest
    return {
        "valor_acrescido": row.valorAcrescido,
        "valor_parcela": row.valorParcela,
        "valor_global": row.valorGlobal,
        "numero_parcelas": row.numeroParcelas,
        "verdict": change_verdict(
            row.valorAcrescido,
            suspect_value=suspect_value,
            review_value=review_value,
            suspect_nines=suspect_nines,
        ),
    }


def termos_evidence(termos_latest: ir.Table) -> dict[str, ir.Value]:
    """Which observation of raw.termos a row shows."""
    return {"observation_id": termos_latest.observation_id, "observed_at": termos_latest.observed_at}


def stage_termos(
    termos_latest: ir.Table,
    termos_identification: dict[str, ir.Value],
    termos_buyer: dict[str, ir.Value],
    termos_supplier: dict[str, ir.Value],
    termos_classification: dict[str, ir.Value],
    termos_texts: dict[str, ir.Value],
    termos_dates: dict[str, ir.Value],
    termos_values: dict[str, ir.Value],
    termos_evidence: dict[str, ir.Value],
) -> Annotated[ir.Table, StageTermos]:
    """Every termo of a contrato once, in its latest version.

    Grain: one row per termo.
    Key: numero_controle_pncp, sequencial_termo_contrato.
    Source: raw_termos.
    Notes: no record is left out, also where its contrato is not in the file; of the fields, PNCP's internal
    number of the supplier is. A supplier that is named is not yet another one: most termos repeat that of the
    contrato, and what they change they say in the four qualifications. Counts for the órgão of the record
    (orgaoEntidade), also where another was sub-rogated.
    """
    return termos_latest.select(
        **termos_identification,
        **termos_buyer,
        **termos_supplier,
        **termos_classification,
        **termos_texts,
        **termos_dates,
        **termos_values,
        **termos_evidence,
    )


@StageTermos.gate("one row per key of raw")
def _every_key_once(stage_termos: ir.Table, raw_termos: ir.Table) -> ir.Table:
    return one_row_per_key(stage_termos, raw_termos, key=KEY)
