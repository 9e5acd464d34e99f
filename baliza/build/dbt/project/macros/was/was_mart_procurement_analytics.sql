{% macro was_mart_procurement_analytics(contratacoes, contratos) %}
WITH bought AS (
    SELECT org_key, count(DISTINCT procurement_key) AS total_procurements, sum(valor_total_estimado) AS total_estimated_value,
        avg(duracao_proposta_dias) AS avg_proposal_duration
    FROM {{ contratacoes }} GROUP BY org_key
),
contracted AS (
    SELECT org_key, count(DISTINCT contract_key) AS total_contracts, sum(valor_inicial) AS total_contract_value,
        avg(duracao_vigencia_dias) AS avg_contract_duration
    FROM {{ contratos }} GROUP BY org_key
)
SELECT org_key, total_procurements, total_estimated_value, avg_proposal_duration,
    total_contracts, total_contract_value, avg_contract_duration
FROM bought JOIN contracted USING (org_key)
{% endmacro %}
