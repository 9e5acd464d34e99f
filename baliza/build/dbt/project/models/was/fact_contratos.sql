{{ was_fact_contratos(source('raw', 'contratos'), ref('dim_organizacoes'), ref('dim_unidades_orgao')) }}
