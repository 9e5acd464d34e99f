{{ config(materialized='table') }}

{{ mart_procurement(ref('contratacoes'), ref('contratos')) }}
