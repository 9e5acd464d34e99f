{{ was_dim_organizacoes(source('raw', 'contratos'), source('raw', 'contratacoes')) }}
