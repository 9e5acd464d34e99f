{{ config(materialized='table') }}

{{ mart_contratacoes_analytics(ref('contratacoes')) }}
