{% macro stage_orgaos(mentions, domains) %}
-- Of each fact, what the newest record that states it says.
WITH newest AS (
    SELECT cnpj_orgao,
        max({'seen': seen, 'said': nome_orgao}) FILTER (nome_orgao IS NOT NULL).said AS nome_orgao,
        list_sort(list(DISTINCT nome_orgao) FILTER (nome_orgao IS NOT NULL)) AS names,
        max({'seen': seen, 'said': poder_id}) FILTER (poder_id IS NOT NULL).said AS poder_id,
        max({'seen': seen, 'said': esfera_id}) FILTER (esfera_id IS NOT NULL).said AS esfera_id,
        max(visto_em) AS visto_em
    FROM {{ mentions }} GROUP BY cnpj_orgao
)
SELECT cnpj_orgao, nome_orgao, coalesce(list_filter(names, lambda name: name <> nome_orgao), []::VARCHAR[]) AS outros_nomes,
    poder_id, poder.rotulo AS poder_nome, esfera_id, esfera.rotulo AS esfera_nome, visto_em
FROM newest
LEFT JOIN read_csv('{{ domains }}/poder.csv', all_varchar = true) AS poder ON poder.codigo = poder_id
LEFT JOIN read_csv('{{ domains }}/esfera.csv', all_varchar = true) AS esfera ON esfera.codigo = esfera_id
{% endmacro %}
