{{ mentions(ref('contratacoes'), ref('contratos'), source('raw', 'atas'), source('raw', 'termos')) }}
