-- What each fault of the old models touches: records, of how many, and money, of how much. Reads the models as they
-- were (was), as they should have meant (stage), and the raw tables (source.raw). Suspect values are in no amount but
-- where a fault is about them, or about rows.
WITH contracts AS (SELECT *, md5(cnpj_orgao) AS org_key, date_trunc('month', data_publicacao_pncp) AS mes FROM stage.contratos),
purchases AS (
    SELECT *, md5(cnpj_orgao) AS org_key, date_trunc('month', data_publicacao_pncp) AS mes,
        modalidade_id BETWEEN 1 AND 12 OR modalidade_id = 99 AS asked
    FROM stage.contratacoes
),
items AS (
    SELECT parent_key, "tipoBeneficio" IN (1, 2, 3) AS has_benefit,
        CASE WHEN verdict_of("valorTotal", NULL::DECIMAL(24, 4), NULL::DECIMAL(24, 4)) <> 'suspect' THEN "valorTotal" END AS amount,
        coalesce(modalidade_id IN (1, 2, 3), false) AS counted
    FROM source.raw.itens LEFT JOIN stage.contratacoes ON numero_controle_pncp = parent_key
    QUALIFY row_number() OVER (PARTITION BY parent_key, "numeroItem" ORDER BY "dataAtualizacao" DESC NULLS LAST, itens.observation_id DESC) = 1
),
-- An órgão was added in the first month that had both its purchases and its contracts, and never looked at again.
frozen AS (
    SELECT org_key, greatest(bought.mes, contracted.mes) AS until
    FROM (SELECT org_key, min(mes) AS mes FROM purchases WHERE asked GROUP BY org_key) AS bought
    JOIN (SELECT org_key, min(mes) AS mes FROM contracts GROUP BY org_key) AS contracted USING (org_key)
)
SELECT * FROM (
    SELECT 1 AS place, 'inner_join' AS fault, 'contratos' AS records, count(*) FILTER (missing) AS touched, count(*) AS total,
        sum(valor_global) FILTER (missing) AS amount, sum(valor_global) AS total_amount
    FROM (SELECT *, org_key NOT IN (SELECT org_key FROM was.mart_procurement_analytics WHERE org_key IS NOT NULL) AS missing
        FROM contracts WHERE bucket = 'contract')
    UNION ALL
    SELECT 2, 'inner_join', 'compras', count(*) FILTER (missing), count(*),
        sum(valor_total_estimado) FILTER (missing), sum(valor_total_estimado)
    FROM (SELECT *, org_key NOT IN (SELECT org_key FROM was.mart_procurement_analytics WHERE org_key IS NOT NULL) AS missing
        FROM purchases WHERE asked AND estimate_verdict <> 'suspect')
    UNION ALL
    SELECT 3, 'key_seen_once', 'contratos', count(*) FILTER (mes > until), count(*),
        sum(valor_global) FILTER (mes > until), sum(valor_global)
    FROM contracts JOIN frozen USING (org_key) WHERE bucket = 'contract'
    UNION ALL
    SELECT 4, 'key_seen_once', 'compras', count(*) FILTER (mes > until), count(*),
        sum(valor_total_estimado) FILTER (mes > until), sum(valor_total_estimado)
    FROM purchases JOIN frozen USING (org_key) WHERE asked AND estimate_verdict <> 'suspect'
    UNION ALL
    SELECT 5, 'rows_repeated', 'contratos', sum(times - 1), sum(times), sum(amount * (times - 1)), sum(amount * times)
    FROM (SELECT count(*) AS times, any_value(valor_inicial) AS amount FROM was.fact_contratos GROUP BY contract_key)
    UNION ALL
    SELECT 6, 'rows_repeated', 'compras', sum(times - 1), sum(times), sum(amount * (times - 1)), sum(amount * times)
    FROM (SELECT count(*) AS times, any_value(valor_total_estimado) AS amount FROM was.fact_contratacoes GROUP BY procurement_key)
    UNION ALL
    SELECT 7, 'key_not_unique', 'organizacoes', count(*) - count(DISTINCT org_key), count(*), NULL, NULL FROM was.dim_organizacoes
    UNION ALL
    SELECT 8, 'key_not_unique', 'unidades', count(*) - count(DISTINCT unit_key), count(*), NULL, NULL FROM was.dim_unidades_orgao
    UNION ALL
    SELECT 9, 'initial_value', 'contratos', count(*) FILTER (valor_global IS DISTINCT FROM valor_inicial), count(*),
        sum(abs(coalesce(valor_global, 0) - coalesce(valor_inicial, 0))), sum(valor_global)
    FROM contracts WHERE bucket = 'contract'
    UNION ALL
    SELECT 10, wanted.bucket || '_in_sum', 'contratos', count(*) FILTER (contracts.bucket = wanted.bucket), count(*),
        sum(valor_inicial) FILTER (contracts.bucket = wanted.bucket), sum(valor_inicial)
    FROM contracts CROSS JOIN (SELECT unnest(['empenho', 'income', 'suspect']) AS bucket) AS wanted GROUP BY wanted.bucket
    UNION ALL
    SELECT 11, 'suspect_in_sum', 'compras', count(*) FILTER (estimate_verdict = 'suspect'), count(*),
        sum(valor_total_estimado) FILTER (estimate_verdict = 'suspect'), sum(valor_total_estimado)
    FROM purchases WHERE asked
    UNION ALL
    SELECT 12, 'no_value_in_highest_band', 'contratos', count(*) FILTER (valor_inicial IS NULL), count(*) FILTER (valor_inicial IS NULL OR valor_inicial > 100000), NULL, NULL
    FROM contracts
    UNION ALL
    SELECT 13, 'no_value_in_highest_band', 'compras', count(*) FILTER (valor_total_estimado IS NULL AND estimate_missing = 'unpublished'),
        count(*) FILTER (valor_total_estimado > 100000 OR estimate_missing = 'unpublished'), NULL, NULL
    FROM purchases WHERE asked
    UNION ALL
    SELECT 14, 'zero_in_lowest_band', 'compras', count(*) FILTER (valor_total_estimado = 0 OR estimate_missing = 'secret'),
        count(*) FILTER (valor_total_estimado <= 10000 OR estimate_missing = 'secret'), NULL, NULL
    FROM purchases WHERE asked
    UNION ALL
    SELECT 15, 'modalidade_never_asked', 'compras', count(*) FILTER (asked IS NOT TRUE), count(*),
        sum(valor_total_estimado) FILTER (asked IS NOT TRUE), sum(valor_total_estimado)
    FROM purchases WHERE estimate_verdict <> 'suspect'
    UNION ALL
    SELECT 16, 'benefit_not_counted', 'itens', count(*) FILTER (NOT counted), count(*), sum(amount) FILTER (NOT counted), sum(amount)
    FROM items WHERE has_benefit
    UNION ALL
    SELECT 17, 'counted_without_benefit', 'itens', count(*) FILTER (has_benefit IS NOT TRUE), count(*),
        sum(amount) FILTER (has_benefit IS NOT TRUE), sum(amount)
    FROM items WHERE counted
    UNION ALL
    SELECT 18, 'share_of_the_country', 'organizacoes', count(*) FILTER (own < (SELECT count(*) FROM items)), count(*), NULL, NULL
    FROM (SELECT org_key, count(*) AS own FROM items JOIN purchases ON numero_controle_pncp = parent_key WHERE has_benefit GROUP BY org_key)
    UNION ALL
    SELECT 19, 'year_of_numbering', 'compras', count(*) FILTER (ano_compra <> year(data_publicacao_pncp)), count(*),
        sum(valor_total_estimado) FILTER (ano_compra <> year(data_publicacao_pncp)), sum(valor_total_estimado)
    FROM purchases WHERE asked AND estimate_verdict <> 'suspect'
    UNION ALL
    SELECT 20, 'wrong_label', 'organizacoes', count(DISTINCT org_key) FILTER (poder_nome = 'Outros' OR esfera_nome = 'Outros'),
        count(DISTINCT org_key), NULL, NULL
    FROM was.dim_organizacoes
    UNION ALL
    SELECT 21, 'days_of_no_contest', 'compras', count(*) FILTER (direta OR modalidade_id IN (10, 11, 12) OR dias_proposta IS NULL),
        count(*), NULL, NULL
    FROM purchases WHERE asked AND data_abertura_proposta IS NOT NULL AND data_encerramento_proposta IS NOT NULL
) ORDER BY place, fault
