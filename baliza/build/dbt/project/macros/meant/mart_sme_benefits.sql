{% macro mart_sme_benefits(itens, resultados, contratacoes, domains) %}
WITH items AS (
    SELECT parent_key AS compra, "numeroItem" AS item, "tipoBeneficio" AS tipo_beneficio_id,
        clean("tipoBeneficioNome") AS brought, "situacaoCompraItem" IN (3, 4, 5) AS failed, "temResultado" AS tem_resultado,
        {'at': coalesce("dataAtualizacao", "dataInclusao", TIMESTAMP '1900-01-01'), 'observation': observation_id} AS seen,
        CASE WHEN "orcamentoSigiloso" AND NOT coalesce("temResultado", false) AND "valorTotal" = 0
            THEN NULL ELSE "valorTotal" END AS valor_total,
        verdict_of(valor_total, NULL::DECIMAL(24, 4), NULL::DECIMAL(24, 4)) = 'suspect' AS suspect
    FROM {{ itens }} QUALIFY row_number() OVER (
        PARTITION BY parent_key, "numeroItem" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1
),
results AS (
    SELECT parent_key AS compra, "numeroItem" AS item, "valorTotalHomologado" AS valor,
        coalesce("porteFornecedorId" IN (1, 2), false) AS small, coalesce("porteFornecedorId" IN (3, 4), false) AS large,
        coalesce("situacaoCompraItemResultadoId" = 2 OR "dataCancelamento" IS NOT NULL, "dataCancelamento" IS NOT NULL) AS cancelled,
        coalesce(coalesce("reservaRemanescente".codigo, "reservaRemanescenteId".codigo) = 3, false)
            OR coalesce("situacaoCompraItemResultadoId" = 3, false) AS reserve,
        verdict_of(valor, NULL::DECIMAL(24, 4), NULL::DECIMAL(24, 4)) = 'suspect' AS suspect,
        CASE WHEN NOT cancelled AND NOT reserve THEN coalesce("ordemClassificacaoSrp", 1) END AS place
    FROM {{ resultados }} QUALIFY row_number() OVER (
        PARTITION BY parent_key, "numeroItem", "sequencialResultado" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1
),
ranked AS (
    -- A result counts as one thing: the best that stands is the award, the others wait in reserve.
    SELECT results.*, tipo_beneficio_id, items.compra IS NOT NULL AS with_item,
        CASE WHEN cancelled THEN 'cancelled' WHEN results.suspect THEN 'suspect'
            WHEN place = min(place) OVER (PARTITION BY results.compra, results.item) THEN 'award' ELSE 'reserve' END AS destino
    FROM results LEFT JOIN items ON items.compra = results.compra AND items.item = results.item
),
purchases AS (
    SELECT numero_controle_pncp AS compra, cnpj_orgao, year(data_publicacao_pncp)::INTEGER AS ano,
        numero_controle_pncp IN (SELECT compra FROM items) AS tem_itens
    FROM {{ contratacoes }}
),
listed AS (
    SELECT coalesce(cnpj_orgao, items.compra[1:14]) AS cnpj_orgao, ano, tipo_beneficio_id,
        count(*) AS quantidade_itens,
        count(*) FILTER (cnpj_orgao IS NULL) AS quantidade_itens_sem_compra,
        count(*) FILTER (failed) AS quantidade_itens_fracassados,
        count(*) FILTER (coalesce(valor_total, 0) = 0) AS quantidade_itens_sem_estimativa,
        count(*) FILTER (suspect) AS quantidade_itens_suspeitos,
        sum(valor_total) FILTER (NOT suspect) AS valor_estimado_itens,
        sum(valor_total) FILTER (suspect) AS valor_estimado_itens_suspeito,
        count(*) FILTER (tem_resultado) AS quantidade_itens_com_resultado,
        count(*) FILTER (tem_resultado AND (items.compra, item) IN (SELECT compra, item FROM results)) AS quantidade_itens_resultado_baixado
    FROM items LEFT JOIN purchases ON purchases.compra = items.compra GROUP BY ALL
),
won AS (
    SELECT coalesce(cnpj_orgao, ranked.compra[1:14]) AS cnpj_orgao, ano, tipo_beneficio_id,
        count(*) FILTER (destino = 'award') AS quantidade_resultados,
        count(*) FILTER (destino = 'reserve') AS quantidade_resultados_reserva,
        count(*) FILTER (destino = 'suspect') AS quantidade_resultados_suspeitos,
        count(*) FILTER (destino = 'cancelled') AS quantidade_resultados_cancelados,
        count(*) FILTER (NOT with_item) AS quantidade_resultados_sem_item,
        sum(valor) FILTER (destino = 'award') AS valor_homologado_itens,
        sum(valor) FILTER (destino = 'reserve') AS valor_homologado_itens_reserva,
        sum(valor) FILTER (destino = 'suspect') AS valor_homologado_itens_suspeito,
        count(*) FILTER (destino = 'award' AND small) AS quantidade_resultados_me_epp,
        count(*) FILTER (destino = 'award' AND large) AS quantidade_resultados_outro_porte,
        count(*) FILTER (destino = 'award' AND NOT small AND NOT large) AS quantidade_resultados_porte_desconhecido,
        sum(valor) FILTER (destino = 'award' AND small) AS valor_me_epp,
        sum(valor) FILTER (destino = 'award' AND large) AS valor_outro_porte,
        sum(valor) FILTER (destino = 'award' AND NOT small AND NOT large) AS valor_porte_desconhecido
    FROM ranked LEFT JOIN purchases ON purchases.compra = ranked.compra GROUP BY ALL
),
both_sides AS (
    SELECT coalesce(listed.cnpj_orgao, won.cnpj_orgao) AS cnpj_orgao, coalesce(listed.ano, won.ano) AS ano,
        coalesce(listed.tipo_beneficio_id, won.tipo_beneficio_id) AS tipo_beneficio_id,
        listed.* EXCLUDE (cnpj_orgao, ano, tipo_beneficio_id), won.* EXCLUDE (cnpj_orgao, ano, tipo_beneficio_id)
    FROM listed FULL JOIN won ON listed.cnpj_orgao = won.cnpj_orgao AND listed.ano IS NOT DISTINCT FROM won.ano
        AND listed.tipo_beneficio_id IS NOT DISTINCT FROM won.tipo_beneficio_id
),
years AS (
    SELECT cnpj_orgao, ano, count(*) AS compras, count(*) FILTER (tem_itens) AS compras_com_itens FROM purchases GROUP BY ALL
),
told AS (
    SELECT both_sides.*, coalesce(compras, 0) AS compras, coalesce(compras_com_itens, 0) AS compras_com_itens,
        -- A share is told only of a year nearly all of whose purchases have their items; the whole is the órgão's year.
        both_sides.ano IS NOT NULL AND compras > 0 AND compras_com_itens * 100 >= compras * 95 AS known,
        known AND quantidade_itens_com_resultado > 0
            AND quantidade_itens_resultado_baixado * 100 >= quantidade_itens_com_resultado * 95 AS won_known,
        sum(quantidade_itens) OVER (PARTITION BY both_sides.cnpj_orgao, both_sides.ano) AS all_items,
        sum(valor_estimado_itens) OVER (PARTITION BY both_sides.cnpj_orgao, both_sides.ano) AS all_estimated
    FROM both_sides LEFT JOIN years
        ON years.cnpj_orgao = both_sides.cnpj_orgao AND years.ano IS NOT DISTINCT FROM both_sides.ano
),
organs AS (
    SELECT cnpj_orgao, arg_max(nome_orgao, {'at': coalesce(data_atualizacao_global, data_publicacao_pncp, TIMESTAMP '1900-01-01'),
        'observation': observation_id}) FILTER (nome_orgao IS NOT NULL) AS nome_orgao
    FROM {{ contratacoes }} GROUP BY cnpj_orgao
),
benefits AS (
    SELECT tipo_beneficio_id, any_value(rotulo) AS official, arg_max(brought, seen) FILTER (brought IS NOT NULL) AS brought
    FROM items LEFT JOIN read_csv('{{ domains }}/tipo_beneficio.csv', all_varchar = true) AS domain
        ON domain.codigo = tipo_beneficio_id::VARCHAR GROUP BY tipo_beneficio_id
)
SELECT cnpj_orgao, ano, tipo_beneficio_id, nome_orgao,
    coalesce(official, brought) AS tipo_beneficio_nome,
    CASE WHEN tipo_beneficio_id IN (1, 2, 3) THEN true WHEN tipo_beneficio_id IN (4, 5) THEN false END AS com_beneficio,
    compras, compras_com_itens,
    coalesce(quantidade_itens, 0) AS quantidade_itens,
    coalesce(quantidade_itens_sem_compra, 0) AS quantidade_itens_sem_compra,
    coalesce(quantidade_itens_fracassados, 0) AS quantidade_itens_fracassados,
    coalesce(quantidade_itens_sem_estimativa, 0) AS quantidade_itens_sem_estimativa,
    coalesce(quantidade_itens_suspeitos, 0) AS quantidade_itens_suspeitos,
    total(valor_estimado_itens) AS valor_estimado_itens,
    total(valor_estimado_itens_suspeito) AS valor_estimado_itens_suspeito,
    CASE WHEN known THEN share_of(coalesce(quantidade_itens, 0), all_items) END AS percentual_itens,
    CASE WHEN known THEN share_of(total(valor_estimado_itens), all_estimated) END AS percentual_valor_estimado,
    coalesce(quantidade_itens_com_resultado, 0) AS quantidade_itens_com_resultado,
    coalesce(quantidade_itens_resultado_baixado, 0) AS quantidade_itens_resultado_baixado,
    coalesce(quantidade_resultados, 0) AS quantidade_resultados,
    coalesce(quantidade_resultados_reserva, 0) AS quantidade_resultados_reserva,
    coalesce(quantidade_resultados_suspeitos, 0) AS quantidade_resultados_suspeitos,
    coalesce(quantidade_resultados_cancelados, 0) AS quantidade_resultados_cancelados,
    coalesce(quantidade_resultados_sem_item, 0) AS quantidade_resultados_sem_item,
    total(valor_homologado_itens) AS valor_homologado_itens,
    total(valor_homologado_itens_reserva) AS valor_homologado_itens_reserva,
    total(valor_homologado_itens_suspeito) AS valor_homologado_itens_suspeito,
    coalesce(quantidade_resultados_me_epp, 0) AS quantidade_resultados_me_epp,
    coalesce(quantidade_resultados_outro_porte, 0) AS quantidade_resultados_outro_porte,
    coalesce(quantidade_resultados_porte_desconhecido, 0) AS quantidade_resultados_porte_desconhecido,
    total(valor_me_epp) AS valor_me_epp,
    total(valor_outro_porte) AS valor_outro_porte,
    total(valor_porte_desconhecido) AS valor_porte_desconhecido,
    CASE WHEN won_known THEN share_of(coalesce(quantidade_resultados_me_epp, 0),
        coalesce(quantidade_resultados_me_epp, 0) + coalesce(quantidade_resultados_outro_porte, 0)) END AS percentual_resultados_me_epp,
    CASE WHEN won_known THEN share_of(total(valor_me_epp), total(valor_me_epp) + total(valor_outro_porte)) END AS percentual_valor_me_epp
FROM told LEFT JOIN organs USING (cnpj_orgao) LEFT JOIN benefits USING (tipo_beneficio_id)
{% endmacro %}
