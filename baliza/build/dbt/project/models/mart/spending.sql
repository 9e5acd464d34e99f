{{ config(alias='spending', materialized='table') }}

{{ mart_spending(ref('contratos')) }}
