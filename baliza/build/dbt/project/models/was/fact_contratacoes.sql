{{ was_fact_contratacoes(source('raw', 'contratacoes'), ref('dim_organizacoes'), ref('dim_unidades_orgao')) }}
