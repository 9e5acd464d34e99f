{{ config(materialized='table') }}

{{ mart_sme_benefits(source('raw', 'itens'), source('raw', 'resultados'), ref('contratacoes'), env_var('BALIZA_DOMAINS', '')) }}
