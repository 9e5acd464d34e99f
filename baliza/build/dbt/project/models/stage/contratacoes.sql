{{ stage_contratacoes(source('raw', 'contratacoes'), source('raw', 'compras'), env_var('BALIZA_DOMAINS', '')) }}
