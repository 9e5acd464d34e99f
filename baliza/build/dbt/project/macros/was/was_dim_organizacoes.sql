{% macro was_dim_organizacoes(contratos, contratacoes) %}
-- One row per CNPJ and spelling of its name: the key is not unique.
SELECT DISTINCT md5(orgao.cnpj) AS org_key, orgao.cnpj AS cnpj, orgao."razaoSocial" AS razao_social,
    orgao."poderId" AS poder_id, orgao."esferaId" AS esfera_id,
    CASE orgao."poderId" WHEN 'E' THEN 'Executivo' WHEN 'L' THEN 'Legislativo' WHEN 'J' THEN 'Judiciário'
        WHEN 'M' THEN 'Ministério Público' ELSE 'Outros' END AS poder_nome,
    CASE orgao."esferaId" WHEN 'F' THEN 'Federal' WHEN 'E' THEN 'Estadual' WHEN 'M' THEN 'Municipal' ELSE 'Outros' END AS esfera_nome
FROM (
    SELECT unnest(["orgaoEntidade", "orgaoSubRogado"]) AS orgao FROM {{ contratos }}
    UNION ALL SELECT unnest(["orgaoEntidade", "orgaoSubRogado"]) FROM {{ contratacoes }}
) WHERE orgao.cnpj IS NOT NULL
{% endmacro %}
