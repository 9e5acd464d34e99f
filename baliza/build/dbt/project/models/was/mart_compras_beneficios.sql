{{ was_mart_compras_beneficios(source('raw', 'itens'), ref('fact_contratacoes')) }}
