{% macro mart_spending(stage) %}
WITH contracts AS (
    SELECT DISTINCT numero_controle_pncp_compra, ni_fornecedor, true AS tem_contrato
    FROM {{ stage }} WHERE bucket = 'contract'
),
sums AS (
    SELECT
        cnpj_orgao, codigo_unidade, uf_sigla, codigo_ibge,
        date_trunc('month', data_publicacao_pncp)::DATE AS mes,
        categoria_processo_id,
        count(*) FILTER (bucket = 'contract') AS quantidade_contratos,
        count(*) FILTER (bucket = 'empenho') AS quantidade_empenhos,
        count(*) FILTER (bucket = 'suspect') AS quantidade_suspeitos,
        count(*) FILTER (bucket = 'income') AS quantidade_receitas,
        count(*) FILTER (bucket IN ('contract', 'empenho') AND coalesce(valor_global, 0) = 0) AS quantidade_sem_valor,
        count(DISTINCT ni_fornecedor) FILTER (bucket IN ('contract', 'empenho')) AS quantidade_fornecedores,
        coalesce(sum(valor_global) FILTER (bucket = 'contract'), 0) AS valor_contratos,
        coalesce(sum(valor_global) FILTER (bucket = 'empenho'), 0) AS valor_empenhos,
        coalesce(sum(valor_global) FILTER (bucket = 'suspect'), 0) AS valor_suspeito,
        coalesce(sum(valor_global) FILTER (bucket = 'income'), 0) AS valor_receita,
        coalesce(sum(valor_global) FILTER (bucket IN ('contract', 'empenho') AND verdict = 'review'), 0) AS valor_em_revisao,
        coalesce(sum(valor_global) FILTER (bucket IN ('contract', 'empenho')
            AND year(data_assinatura) <> year(data_publicacao_pncp)), 0) AS valor_assinado_outro_ano,
        coalesce(sum(valor_global) FILTER (bucket = 'empenho' AND tem_contrato IS NULL), 0) AS valor_empenhos_sem_contrato,
        max(valor_global) FILTER (bucket = 'contract') AS maior_contrato,
        median(valor_global) FILTER (bucket = 'contract') AS mediana_contrato
    FROM {{ stage }} LEFT JOIN contracts USING (numero_controle_pncp_compra, ni_fornecedor)
    GROUP BY ALL
),
seen AS (
    SELECT *, {'updated': coalesce(data_atualizacao_global, data_publicacao_pncp, TIMESTAMP '1900-01-01'),
        'observation': observation_id} AS moment
    FROM {{ stage }}
),
units AS (
    SELECT cnpj_orgao, codigo_unidade,
        max({'moment': moment, 'name': nome_unidade}) FILTER (nome_unidade IS NOT NULL) AS nome_unidade,
        max({'moment': moment, 'name': nome_orgao}) FILTER (nome_orgao IS NOT NULL) AS nome_orgao,
        max({'moment': moment, 'name': esfera_id}) FILTER (esfera_id IS NOT NULL) AS esfera_id
    FROM seen GROUP BY ALL
),
organs AS (
    SELECT cnpj_orgao, max(nome_orgao).name AS nome_orgao, max(esfera_id).name AS esfera_id FROM units GROUP BY ALL
),
towns AS (
    SELECT codigo_ibge, arg_max(municipio_nome, moment) AS municipio_nome FROM seen GROUP BY ALL
),
categories AS (
    SELECT categoria_processo_id, arg_max(categoria_processo_nome, moment) AS categoria_processo_nome FROM seen GROUP BY ALL
)
SELECT
    cnpj_orgao, codigo_unidade, uf_sigla, codigo_ibge, mes, categoria_processo_id,
    organs.nome_orgao, units.nome_unidade.name AS nome_unidade, organs.esfera_id, municipio_nome, categoria_processo_nome,
    quantidade_contratos, quantidade_empenhos, quantidade_suspeitos, quantidade_receitas,
    quantidade_sem_valor, quantidade_fornecedores,
    valor_contratos, valor_empenhos, valor_suspeito, valor_receita,
    valor_em_revisao, valor_assinado_outro_ano, valor_empenhos_sem_contrato,
    maior_contrato, mediana_contrato
FROM sums
LEFT JOIN organs USING (cnpj_orgao)
LEFT JOIN units USING (cnpj_orgao, codigo_unidade)
LEFT JOIN towns USING (codigo_ibge)
LEFT JOIN categories USING (categoria_processo_id)
{% endmacro %}
