{% macro mentions(contratacoes, contratos, atas, termos) %}
WITH said AS (
    SELECT numero_controle_pncp AS record, coalesce(data_atualizacao_global, data_atualizacao, data_publicacao_pncp) AS visto_em,
        [{'cnpj': cnpj_orgao, 'nome': nome_orgao, 'poder': poder_id, 'esfera': esfera_id, 'codigo': codigo_unidade,
          'unidade': nome_unidade, 'ibge': codigo_ibge, 'municipio': municipio_nome, 'uf': uf_sigla},
         {'cnpj': cnpj_orgao_subrogado, 'nome': nome_orgao_subrogado, 'poder': NULL, 'esfera': NULL,
          'codigo': codigo_unidade_subrogada, 'unidade': nome_unidade_subrogada, 'ibge': NULL, 'municipio': NULL, 'uf': NULL}] AS who
    FROM {{ contratacoes }}
    UNION ALL
    SELECT numero_controle_pncp, coalesce(data_atualizacao_global, data_atualizacao, data_publicacao_pncp),
        [{'cnpj': cnpj_orgao, 'nome': nome_orgao, 'poder': poder_id, 'esfera': esfera_id, 'codigo': codigo_unidade,
          'unidade': nome_unidade, 'ibge': codigo_ibge, 'municipio': municipio_nome, 'uf': uf_sigla},
         {'cnpj': cnpj_orgao_subrogado, 'nome': nome_orgao_subrogado, 'poder': NULL, 'esfera': NULL,
          'codigo': codigo_unidade_subrogada, 'unidade': nome_unidade_subrogada, 'ibge': NULL, 'municipio': NULL, 'uf': NULL}]
    FROM {{ contratos }}
    UNION ALL
    (SELECT "numeroControlePNCPAta", coalesce("dataAtualizacaoGlobal", "dataAtualizacao", "dataPublicacaoPncp"),
        [{'cnpj': coalesce(code("cnpjOrgao"), "numeroControlePNCPAta"[1:14]), 'nome': clean("nomeOrgao"), 'poder': NULL, 'esfera': NULL,
          'codigo': code("codigoUnidadeOrgao"), 'unidade': clean("nomeUnidadeOrgao"), 'ibge': NULL, 'municipio': NULL, 'uf': NULL},
         {'cnpj': code("cnpjOrgaoSubrogado"), 'nome': clean("nomeOrgaoSubrogado"), 'poder': NULL, 'esfera': NULL,
          'codigo': code("codigoUnidadeOrgaoSubrogado"), 'unidade': clean("nomeUnidadeOrgaoSubrogado"), 'ibge': NULL, 'municipio': NULL, 'uf': NULL}]
    FROM {{ atas }} QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCPAta" ORDER BY "dataAtualizacaoGlobal" DESC NULLS LAST, observation_id DESC) = 1)
    UNION ALL
    (SELECT parent_key, coalesce("dataAtualizacao", "dataPublicacaoPncp"),
        [{'cnpj': coalesce(code("orgaoEntidade".cnpj), parent_key[1:14]), 'nome': clean("orgaoEntidade"."razaoSocial"),
          'poder': code("orgaoEntidade"."poderId"), 'esfera': code("orgaoEntidade"."esferaId"),
          'codigo': code(unidade."codigoUnidade"), 'unidade': clean(unidade."nomeUnidade"),
          'ibge': code(unidade."codigoIbge"), 'municipio': clean(unidade."municipioNome"), 'uf': code(unidade."ufSigla")},
         {'cnpj': code("orgaoSubrogado".cnpj), 'nome': clean("orgaoSubrogado"."razaoSocial"), 'poder': NULL, 'esfera': NULL,
          'codigo': code("unidadeSubrogada"."codigoUnidade"), 'unidade': clean("unidadeSubrogada"."nomeUnidade"),
          'ibge': NULL, 'municipio': NULL, 'uf': NULL}]
    FROM {{ termos }} QUALIFY row_number() OVER (
        PARTITION BY parent_key, "sequencialTermoContrato" ORDER BY "dataAtualizacao" DESC NULLS LAST, observation_id DESC) = 1)
),
named AS (SELECT record, visto_em, unnest(who) AS said FROM said)
SELECT said.cnpj AS cnpj_orgao, said.nome AS nome_orgao, said.poder AS poder_id, said.esfera AS esfera_id,
    said.codigo AS codigo_unidade, said.unidade AS nome_unidade, said.ibge AS codigo_ibge,
    said.municipio AS municipio_nome, said.uf AS uf_sigla,
    visto_em, {'at': coalesce(visto_em, TIMESTAMP '1900-01-01'), 'record': record} AS seen
FROM named WHERE said.cnpj IS NOT NULL
{% endmacro %}
