{% macro was_mart_compras_beneficios(itens, contratacoes) %}
-- Benefits were looked for in the modalidade, whose codes 1, 2 and 3 are leilão, diálogo competitivo and concurso.
WITH items AS (
    SELECT parent_key, "valorTotal" AS valor_total FROM {{ itens }} QUALIFY row_number() OVER (
        PARTITION BY parent_key, "numeroItem" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1
)
SELECT org_key, count(*) AS qtd_itens_com_beneficio, sum(valor_total) AS valor_total_com_beneficio,
    count(*) * 100.0 / (SELECT count(*) FROM items) AS percentual_itens_com_beneficio
FROM items JOIN {{ contratacoes }} AS contratacoes ON contratacoes.numero_controle_pncp = items.parent_key
WHERE modalidade_id IN (1, 2, 3) GROUP BY org_key
{% endmacro %}
