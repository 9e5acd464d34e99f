{{ config(materialized='incremental', unique_key='org_key') }}

SELECT * FROM (
    {{ was_mart_procurement_analytics(ref('fact_contratacoes'), ref('fact_contratos')) }}
)
{% if is_incremental() %}
WHERE org_key NOT IN (SELECT org_key FROM {{ this }})
{% endif %}
