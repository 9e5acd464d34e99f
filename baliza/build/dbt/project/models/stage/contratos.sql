{{ config(alias='contratos', unique_key='numero_controle_pncp', incremental_strategy='delete+insert') }}

{% if is_incremental() %}
    {% set newest = '(SELECT max(observation_id) FROM ' ~ this ~ ')' %}
    {{ stage_contratos(
        '(FROM ' ~ source('raw', 'contratos') ~ ' SEMI JOIN (SELECT DISTINCT "numeroControlePNCP" FROM '
        ~ source('raw', 'contratos') ~ ' WHERE observation_id > ' ~ newest ~ ') USING ("numeroControlePNCP"))'
    ) }}
{% else %}
    {{ stage_contratos(source('raw', 'contratos')) }}
{% endif %}
