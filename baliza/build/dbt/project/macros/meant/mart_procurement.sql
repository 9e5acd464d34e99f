{% macro mart_procurement(contratacoes, contratos) %}
WITH purchases AS (
    SELECT *, year(data_publicacao_pncp)::INTEGER AS ano, situacao_compra_id IN (2, 3) AS cancelled,
        estimate_verdict <> 'suspect' AS estimated, award_verdict <> 'suspect' AS awarded,
        estimated AND awarded AND valor_total_estimado > 0 AND valor_total_homologado > 0 AS comparable,
        CASE WHEN modalidade_id BETWEEN 1 AND 7 OR modalidade_id IN (13, 16, 17, 18, 19) THEN dias_proposta END AS dias
    FROM {{ contratacoes }}
),
bought AS (
    SELECT cnpj_orgao, ano,
        count(*) AS quantidade_compras,
        count(*) FILTER (direta) AS quantidade_compras_diretas,
        count(*) FILTER (cancelled) AS quantidade_compras_canceladas,
        count(*) FILTER (estimate_missing = 'secret') AS quantidade_estimativa_sigilosa,
        count(*) FILTER (estimate_missing = 'unpublished') AS quantidade_estimativa_nao_publicada,
        count(*) FILTER (valor_total_estimado = 0) AS quantidade_estimativa_zero,
        count(*) FILTER (valor_total_homologado IS NULL) AS quantidade_sem_resultado,
        count(*) FILTER (valor_total_homologado = 0) AS quantidade_homologacao_zero,
        count(*) FILTER (NOT estimated) AS quantidade_estimativas_suspeitas,
        count(*) FILTER (NOT awarded) AS quantidade_homologacoes_suspeitas,
        sum(valor_total_estimado) FILTER (estimated) AS valor_estimado,
        sum(valor_total_estimado) FILTER (NOT estimated) AS valor_estimado_suspeito,
        sum(valor_total_estimado) FILTER (estimate_verdict = 'review') AS valor_estimado_em_revisao,
        sum(valor_total_estimado) FILTER (estimated AND cancelled) AS valor_estimado_cancelado,
        sum(valor_total_homologado) FILTER (awarded) AS valor_homologado,
        sum(valor_total_homologado) FILTER (NOT awarded) AS valor_homologado_suspeito,
        sum(valor_total_homologado) FILTER (award_verdict = 'review') AS valor_homologado_em_revisao,
        sum(valor_total_homologado) FILTER (awarded AND cancelled) AS valor_homologado_cancelado,
        sum(valor_total_homologado) FILTER (awarded AND srp) AS valor_homologado_srp,
        count(*) FILTER (comparable) AS quantidade_comparaveis,
        sum(valor_total_estimado) FILTER (comparable) AS valor_estimado_comparavel,
        sum(valor_total_homologado) FILTER (comparable) AS valor_homologado_comparavel,
        count(dias) AS quantidade_com_dias_proposta,
        avg(dias)::DECIMAL(24, 4) AS media_dias_proposta,
        median(dias)::DECIMAL(24, 4) AS mediana_dias_proposta,
        min(data_publicacao_pncp::DATE) AS first_day, max(data_publicacao_pncp::DATE) AS last_day
    FROM purchases GROUP BY ALL
),
contracts AS (
    -- Empenhos repeat contracts, income is no spending, suspects are not believed: each is a bucket of its own.
    SELECT *, year(data_publicacao_pncp)::INTEGER AS ano, numero_controle_pncp_compra[1:14] AS buyer,
        data_vigencia_fim - coalesce(data_vigencia_inicio, data_assinatura) AS term,
        CASE WHEN date_verdict IN ('ok', 'signed_after_publication') AND term >= 0 THEN term END AS dias
    FROM {{ contratos }} WHERE bucket = 'contract'
),
contracted AS (
    SELECT cnpj_orgao, ano,
        count(*) AS quantidade_contratos,
        count(*) FILTER (coalesce(valor_global, 0) = 0) AS quantidade_contratos_sem_valor,
        sum(valor_global) AS valor_contratos,
        count(*) FILTER (buyer = cnpj_orgao) AS quantidade_contratos_compra_propria,
        sum(valor_global) FILTER (buyer = cnpj_orgao) AS valor_contratos_compra_propria,
        count(*) FILTER (buyer <> cnpj_orgao) AS quantidade_contratos_compra_alheia,
        sum(valor_global) FILTER (buyer <> cnpj_orgao) AS valor_contratos_compra_alheia,
        count(*) FILTER (buyer IS NULL) AS quantidade_contratos_sem_compra,
        count(dias) AS quantidade_contratos_com_dias,
        avg(dias)::DECIMAL(24, 4) AS media_dias_contrato,
        median(dias)::DECIMAL(24, 4) AS mediana_dias_contrato,
        min(data_publicacao_pncp::DATE) AS first_day, max(data_publicacao_pncp::DATE) AS last_day
    FROM contracts GROUP BY ALL
),
names AS (
    SELECT cnpj_orgao, arg_max(nome_orgao, seen) FILTER (nome_orgao IS NOT NULL) AS nome_orgao,
        arg_max(esfera_id, seen) FILTER (esfera_id IS NOT NULL) AS esfera_id
    FROM (
        SELECT cnpj_orgao, nome_orgao, esfera_id, {'at': coalesce(data_atualizacao_global, data_publicacao_pncp, TIMESTAMP '1900-01-01'), 'observation': observation_id} AS seen
        FROM {{ contratacoes }}
        UNION ALL
        SELECT cnpj_orgao, nome_orgao, esfera_id, {'at': coalesce(data_atualizacao_global, data_publicacao_pncp, TIMESTAMP '1900-01-01'), 'observation': observation_id}
        FROM {{ contratos }}
    ) GROUP BY cnpj_orgao
)
SELECT
    coalesce(bought.cnpj_orgao, contracted.cnpj_orgao) AS cnpj_orgao,
    coalesce(bought.ano, contracted.ano) AS ano,
    nome_orgao,
    esfera_id,
    coalesce(quantidade_compras, 0) AS quantidade_compras,
    coalesce(quantidade_compras_diretas, 0) AS quantidade_compras_diretas,
    coalesce(quantidade_compras_canceladas, 0) AS quantidade_compras_canceladas,
    coalesce(quantidade_estimativa_sigilosa, 0) AS quantidade_estimativa_sigilosa,
    coalesce(quantidade_estimativa_nao_publicada, 0) AS quantidade_estimativa_nao_publicada,
    coalesce(quantidade_estimativa_zero, 0) AS quantidade_estimativa_zero,
    coalesce(quantidade_sem_resultado, 0) AS quantidade_sem_resultado,
    coalesce(quantidade_homologacao_zero, 0) AS quantidade_homologacao_zero,
    coalesce(quantidade_estimativas_suspeitas, 0) AS quantidade_estimativas_suspeitas,
    coalesce(quantidade_homologacoes_suspeitas, 0) AS quantidade_homologacoes_suspeitas,
    total(valor_estimado) AS valor_estimado,
    total(valor_estimado_suspeito) AS valor_estimado_suspeito,
    total(valor_estimado_em_revisao) AS valor_estimado_em_revisao,
    total(valor_estimado_cancelado) AS valor_estimado_cancelado,
    total(valor_homologado) AS valor_homologado,
    total(valor_homologado_suspeito) AS valor_homologado_suspeito,
    total(valor_homologado_em_revisao) AS valor_homologado_em_revisao,
    total(valor_homologado_cancelado) AS valor_homologado_cancelado,
    total(valor_homologado_srp) AS valor_homologado_srp,
    coalesce(quantidade_comparaveis, 0) AS quantidade_comparaveis,
    total(valor_estimado_comparavel) AS valor_estimado_comparavel,
    total(valor_homologado_comparavel) AS valor_homologado_comparavel,
    ((bought.valor_estimado_comparavel - bought.valor_homologado_comparavel)::DOUBLE
        / nullif(bought.valor_estimado_comparavel, 0)::DOUBLE * 100)::DECIMAL(24, 4) AS percentual_desconto,
    coalesce(quantidade_com_dias_proposta, 0) AS quantidade_com_dias_proposta,
    media_dias_proposta,
    mediana_dias_proposta,
    coalesce(quantidade_contratos, 0) AS quantidade_contratos,
    coalesce(quantidade_contratos_sem_valor, 0) AS quantidade_contratos_sem_valor,
    total(valor_contratos) AS valor_contratos,
    coalesce(quantidade_contratos_compra_propria, 0) AS quantidade_contratos_compra_propria,
    total(valor_contratos_compra_propria) AS valor_contratos_compra_propria,
    coalesce(quantidade_contratos_compra_alheia, 0) AS quantidade_contratos_compra_alheia,
    total(valor_contratos_compra_alheia) AS valor_contratos_compra_alheia,
    coalesce(quantidade_contratos_sem_compra, 0) AS quantidade_contratos_sem_compra,
    coalesce(quantidade_contratos_com_dias, 0) AS quantidade_contratos_com_dias,
    media_dias_contrato,
    mediana_dias_contrato,
    least(bought.first_day, contracted.first_day) AS primeira_publicacao,
    greatest(bought.last_day, contracted.last_day) AS ultima_publicacao
FROM bought FULL JOIN contracted
    ON bought.cnpj_orgao = contracted.cnpj_orgao AND bought.ano IS NOT DISTINCT FROM contracted.ano
LEFT JOIN names ON names.cnpj_orgao = coalesce(bought.cnpj_orgao, contracted.cnpj_orgao)
{% endmacro %}
