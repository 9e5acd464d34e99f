{% macro was_fact_contratos(contratos, organizacoes, unidades) %}
-- Joined to dimensions whose keys are not unique, a contract has a row for each spelling.
WITH latest AS (
    SELECT * FROM {{ contratos }} QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCP" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1
)
SELECT md5("numeroControlePNCP") AS contract_key, "numeroControlePNCP" AS numero_controle_pncp,
    org_key, unit_key, md5("niFornecedor") AS fornecedor_key,
    "dataAssinatura" AS data_assinatura, "dataVigenciaInicio" AS data_vigencia_inicio, "dataVigenciaFim" AS data_vigencia_fim,
    "dataPublicacaoPncp" AS data_publicacao_pncp, "dataAtualizacao" AS data_atualizacao,
    "valorInicial" AS valor_inicial,
    -- What has no value falls into the highest band.
    CASE WHEN "valorInicial" <= 10000 THEN 'Até 10k' WHEN "valorInicial" <= 50000 THEN '10k-50k'
        WHEN "valorInicial" <= 100000 THEN '50k-100k' ELSE 'Acima de 100k' END AS faixa_valor,
    "dataVigenciaFim" - "dataVigenciaInicio" AS duracao_vigencia_dias,
    "niFornecedor" AS ni_fornecedor, "nomeRazaoSocialFornecedor" AS nome_razao_social_fornecedor, "objetoContrato" AS objeto_contrato
FROM latest
LEFT JOIN {{ organizacoes }} AS organizacoes ON organizacoes.cnpj = "orgaoEntidade".cnpj
LEFT JOIN {{ unidades }} AS unidades
    ON unidades.cnpj_orgao = "orgaoEntidade".cnpj AND unidades.codigo_unidade = "unidadeOrgao"."codigoUnidade"
{% endmacro %}
