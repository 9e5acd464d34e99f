{% macro was_mart_contratacoes_analytics(contratacoes) %}
SELECT ano_compra, modalidade_nome, org_key, count(*) AS quantidade_contratacoes, sum(valor_total_estimado) AS valor_total_estimado
FROM {{ contratacoes }} GROUP BY ALL
{% endmacro %}
