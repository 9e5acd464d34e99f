{% macro stage_contratos(raw) %}
WITH overtaken AS (
    -- Of the few keys that were seen more than once, every version but the last.
    SELECT observation_id FROM {{ raw }}
    SEMI JOIN (SELECT "numeroControlePNCP" FROM {{ raw }} GROUP BY ALL HAVING count(*) > 1)
        USING ("numeroControlePNCP")
    QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCP" ORDER BY "dataAtualizacaoGlobal" DESC NULLS LAST, observation_id DESC) > 1
),
judged AS (
    SELECT *,
        coalesce(code("orgaoEntidade".cnpj), "numeroControlePNCP"[1:14]) AS cnpj_orgao,
        coalesce("tipoContrato".id = 7, false) AS empenho,
        CASE WHEN "valorGlobal" IS NULL THEN 'ok'
            WHEN "valorGlobal" < 0 OR "valorGlobal" >= 10000000000
                OR ("valorGlobal" >= 999999 AND regexp_matches("valorGlobal"::VARCHAR, '^9+(\.9*0*)?$'))
                OR ("valorGlobal" BETWEEN 99 AND 999999 AND regexp_matches(
                    replace(regexp_replace("valorGlobal"::VARCHAR, '\.?0*$', ''), '.', ''), '^9{6,}$'))
                OR ("valorInicial" > 0 AND "valorGlobal" >= "valorInicial" * 100) THEN 'suspect'
            WHEN "valorGlobal" = 0 OR "valorGlobal" >= 1000000000
                OR ("valorInicial" > 0 AND "valorGlobal" >= "valorInicial" * 10) THEN 'review'
            ELSE 'ok' END AS verdict
    FROM {{ raw }} ANTI JOIN overtaken USING (observation_id)
)
SELECT
    "numeroControlePNCP" AS numero_controle_pncp,
    code("numeroControlePncpCompra") AS numero_controle_pncp_compra,
    code("numeroControlePncpAta") AS numero_controle_pncp_ata,
    "anoContrato" AS ano_contrato,
    "sequencialContrato" AS sequencial_contrato,
    clean("numeroContratoEmpenho") AS numero_contrato_empenho,
    clean("processo") AS processo,
    'https://pncp.gov.br/app/contratos/' || cnpj_orgao || '/' || "anoContrato" || '/' || "sequencialContrato" AS link_pncp,
    cnpj_orgao,
    clean("orgaoEntidade"."razaoSocial") AS nome_orgao,
    code("orgaoEntidade"."poderId") AS poder_id,
    CASE poder_id
            WHEN 'E' THEN 'Executivo'
            WHEN 'L' THEN 'Legislativo'
            WHEN 'J' THEN 'Judiciário'
            WHEN 'N' THEN 'Não se aplica' END AS poder_nome,
    code("orgaoEntidade"."esferaId") AS esfera_id,
    CASE esfera_id
            WHEN 'F' THEN 'Federal'
            WHEN 'E' THEN 'Estadual'
            WHEN 'M' THEN 'Municipal'
            WHEN 'D' THEN 'Distrital'
            WHEN 'N' THEN 'Não se aplica/não informado' END AS esfera_nome,
    code("unidadeOrgao"."codigoUnidade") AS codigo_unidade,
    clean("unidadeOrgao"."nomeUnidade") AS nome_unidade,
    code("unidadeOrgao"."ufSigla") AS uf_sigla,
    clean("unidadeOrgao"."ufNome") AS uf_nome,
    code("unidadeOrgao"."codigoIbge") AS codigo_ibge,
    clean("unidadeOrgao"."municipioNome") AS municipio_nome,
    code("orgaoSubRogado".cnpj) AS cnpj_orgao_subrogado,
    clean("orgaoSubRogado"."razaoSocial") AS nome_orgao_subrogado,
    code("unidadeSubRogada"."codigoUnidade") AS codigo_unidade_subrogada,
    clean("unidadeSubRogada"."nomeUnidade") AS nome_unidade_subrogada,
    code("niFornecedor") AS ni_fornecedor,
    clean("nomeRazaoSocialFornecedor") AS nome_fornecedor,
    code("tipoPessoa") AS tipo_pessoa_id,
    CASE tipo_pessoa_id
            WHEN 'PJ' THEN 'Pessoa jurídica'
            WHEN 'PF' THEN 'Pessoa física'
            WHEN 'PE' THEN 'Pessoa estrangeira' END AS tipo_pessoa_nome,
    code("codigoPaisFornecedor") AS codigo_pais_fornecedor,
    code("niFornecedorSubContratado") AS ni_fornecedor_subcontratado,
    clean("nomeFornecedorSubContratado") AS nome_fornecedor_subcontratado,
    code("tipoPessoaSubContratada") AS tipo_pessoa_subcontratada_id,
    "tipoContrato".id AS tipo_contrato_id,
    coalesce(CASE "tipoContrato".id
            WHEN 1 THEN 'Contrato (termo inicial)'
            WHEN 2 THEN 'Comodato'
            WHEN 3 THEN 'Arrendamento'
            WHEN 4 THEN 'Concessão'
            WHEN 5 THEN 'Termo de Adesão'
            WHEN 6 THEN 'Convênio'
            WHEN 7 THEN 'Empenho'
            WHEN 8 THEN 'Outros'
            WHEN 9 THEN 'Termo de Execução Descentralizada (TED)'
            WHEN 10 THEN 'Acordo de Cooperação Técnica (ACT)'
            WHEN 11 THEN 'Termo de Compromisso'
            WHEN 12 THEN 'Carta Contrato' END, clean("tipoContrato".nome)) AS tipo_contrato_nome,
    "categoriaProcesso".id AS categoria_processo_id,
    coalesce(CASE "categoriaProcesso".id
            WHEN 1 THEN 'Cessão'
            WHEN 2 THEN 'Compras'
            WHEN 3 THEN 'Informática (TIC)'
            WHEN 4 THEN 'Internacional'
            WHEN 5 THEN 'Locação Imóveis'
            WHEN 6 THEN 'Mão de Obra'
            WHEN 7 THEN 'Obras'
            WHEN 8 THEN 'Serviços'
            WHEN 9 THEN 'Serviços de Engenharia'
            WHEN 10 THEN 'Serviços de Saúde'
            WHEN 11 THEN 'Alienação de bens móveis/imóveis' END, clean("categoriaProcesso".nome)) AS categoria_processo_nome,
    empenho,
    receita,
    "frutoAdesao" AS fruto_adesao,
    "temRemanejamento" AS tem_remanejamento,
    "emendaParlamentar" AS emenda_parlamentar,
    clean("objetoContrato") AS objeto_contrato,
    clean("informacaoComplementar") AS informacao_complementar,
    code("identificadorCipi") AS identificador_cipi,
    code("urlCipi") AS url_cipi,
    clean("usuarioNome") AS usuario_nome,
    "dataAssinatura" AS data_assinatura,
    "dataVigenciaInicio" AS data_vigencia_inicio,
    "dataVigenciaFim" AS data_vigencia_fim,
    "dataPublicacaoPncp" AS data_publicacao_pncp,
    "dataAtualizacao" AS data_atualizacao,
    "dataAtualizacaoGlobal" AS data_atualizacao_global,
    CASE
        WHEN least(data_assinatura, data_vigencia_inicio, data_vigencia_fim) < DATE '1990-01-01'
            OR year(greatest(data_assinatura, data_vigencia_inicio, data_vigencia_fim)) - year(data_publicacao_pncp) > 35
            OR year(data_vigencia_fim) - year(data_assinatura) > 35 THEN 'implausible'
        WHEN data_vigencia_fim < data_vigencia_inicio THEN 'reversed'
        WHEN data_assinatura > data_publicacao_pncp::DATE THEN 'signed_after_publication'
        ELSE 'ok' END AS date_verdict,
    "valorInicial" AS valor_inicial,
    "valorParcela" AS valor_parcela,
    "valorGlobal" AS valor_global,
    "valorAcumulado" AS valor_acumulado,
    "numeroParcelas" AS numero_parcelas,
    "numeroRetificacao" AS numero_retificacao,
    verdict,
    CASE WHEN receita THEN 'income' WHEN verdict = 'suspect' THEN 'suspect'
        WHEN empenho THEN 'empenho' ELSE 'contract' END AS bucket,
    observation_id,
    observed_at
FROM judged
{% endmacro %}
