{% macro mart_contratacoes_analytics(contratacoes) %}
-- One row per year of publication, modalidade and órgão; suspect estimates apart.
SELECT year(data_publicacao_pncp)::INTEGER AS ano, modalidade_id, modalidade_nome, cnpj_orgao,
    count(*) AS quantidade_compras,
    total(sum(valor_total_estimado) FILTER (estimate_verdict <> 'suspect')) AS valor_estimado,
    total(sum(valor_total_estimado) FILTER (estimate_verdict = 'suspect')) AS valor_estimado_suspeito
FROM {{ contratacoes }} GROUP BY ALL
{% endmacro %}
