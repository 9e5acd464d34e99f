{% macro was_dim_unidades_orgao(contratos, contratacoes) %}
-- One row per unit and spelling of what is said of it: the key is not unique.
SELECT DISTINCT md5(whole.orgao.cnpj || '|' || whole.unidade."codigoUnidade") AS unit_key,
    whole.orgao.cnpj AS cnpj_orgao, whole.unidade."codigoUnidade" AS codigo_unidade,
    whole.unidade."nomeUnidade" AS nome_unidade, whole.unidade."ufSigla" AS uf_sigla, whole.unidade."ufNome" AS uf_nome,
    whole.unidade."municipioNome" AS municipio_nome, whole.unidade."codigoIbge" AS codigo_ibge
FROM (
    SELECT unnest([{'orgao': "orgaoEntidade", 'unidade': "unidadeOrgao"}, {'orgao': "orgaoSubRogado", 'unidade': "unidadeSubRogada"}]) AS whole FROM {{ contratos }}
    UNION ALL
    SELECT unnest([{'orgao': "orgaoEntidade", 'unidade': "unidadeOrgao"}, {'orgao': "orgaoSubRogado", 'unidade': "unidadeSubRogada"}]) FROM {{ contratacoes }}
) WHERE whole.orgao.cnpj IS NOT NULL AND whole.unidade."codigoUnidade" IS NOT NULL
{% endmacro %}
