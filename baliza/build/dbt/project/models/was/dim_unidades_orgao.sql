{{ was_dim_unidades_orgao(source('raw', 'contratos'), source('raw', 'contratacoes')) }}
