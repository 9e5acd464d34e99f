{% macro was_fact_contratacoes(contratacoes, organizacoes, unidades) %}
-- Joined to dimensions whose keys are not unique, a purchase has a row for each spelling. Modalidades that the old
-- harvest did not ask for (it knew 1 to 12 and 99) were never there.
WITH latest AS (
    SELECT * FROM {{ contratacoes }} WHERE "modalidadeId" BETWEEN 1 AND 12 OR "modalidadeId" = 99
    QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCP" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1
)
SELECT md5("numeroControlePNCP") AS procurement_key, "numeroControlePNCP" AS numero_controle_pncp,
    org_key, unit_key, "anoCompra" AS ano_compra, "modalidadeId" AS modalidade_id, "modalidadeNome" AS modalidade_nome,
    "situacaoCompraNome" AS situacao_compra_nome, "dataPublicacaoPncp" AS data_publicacao_pncp,
    "dataAtualizacao" AS data_atualizacao, "valorTotalEstimado" AS valor_total_estimado,
    CASE WHEN "valorTotalEstimado" <= 10000 THEN 'Até 10k' WHEN "valorTotalEstimado" <= 50000 THEN '10k-50k'
        WHEN "valorTotalEstimado" <= 100000 THEN '50k-100k' ELSE 'Acima de 100k' END AS faixa_valor,
    date_diff('day', "dataAberturaProposta", "dataEncerramentoProposta") AS duracao_proposta_dias, "objetoCompra" AS objeto_compra
FROM latest
LEFT JOIN {{ organizacoes }} AS organizacoes ON organizacoes.cnpj = "orgaoEntidade".cnpj
LEFT JOIN {{ unidades }} AS unidades
    ON unidades.cnpj_orgao = "orgaoEntidade".cnpj AND unidades.codigo_unidade = "unidadeOrgao"."codigoUnidade"
{% endmacro %}
