{{ was_mart_contratacoes_analytics(ref('fact_contratacoes')) }}
