{% macro stage_unidades(mentions) %}
WITH newest AS (
    SELECT cnpj_orgao, codigo_unidade,
        max({'seen': seen, 'said': nome_unidade}) FILTER (nome_unidade IS NOT NULL).said AS nome_unidade,
        list_sort(list(DISTINCT nome_unidade) FILTER (nome_unidade IS NOT NULL)) AS names,
        max({'seen': seen, 'said': codigo_ibge}) FILTER (codigo_ibge IS NOT NULL).said AS codigo_ibge,
        max({'seen': seen, 'said': municipio_nome}) FILTER (municipio_nome IS NOT NULL).said AS municipio_nome,
        max({'seen': seen, 'said': uf_sigla}) FILTER (uf_sigla IS NOT NULL).said AS uf_sigla,
        max(visto_em) AS visto_em
    FROM {{ mentions }} WHERE codigo_unidade IS NOT NULL GROUP BY cnpj_orgao, codigo_unidade
)
SELECT cnpj_orgao, codigo_unidade, nome_unidade,
    coalesce(list_filter(names, lambda name: name <> nome_unidade), []::VARCHAR[]) AS outros_nomes,
    codigo_ibge, municipio_nome, uf_sigla, visto_em
FROM newest
{% endmacro %}
