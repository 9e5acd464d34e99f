{% macro stage_contratacoes(raw, details, domains) %}
WITH latest AS (
    SELECT * FROM {{ raw }} QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCP" ORDER BY "dataAtualizacaoGlobal" DESC NULLS LAST, observation_id DESC) = 1
),
secrecy AS (
    -- Only the detail of a purchase says how secret its budget is, and whether it has results.
    SELECT "numeroControlePNCP", "orcamentoSigilosoCodigo", "orcamentoSigilosoDescricao", "existeResultado"
    FROM {{ details }} QUALIFY row_number() OVER (
        PARTITION BY "numeroControlePNCP" ORDER BY "dataAtualizacaoGlobal" DESC NULLS LAST, observation_id DESC) = 1
),
sources AS (
    SELECT map(list(codigo), list(rotulo)) AS labels
    FROM read_csv('{{ domains }}/fonte_orcamentaria.csv', header = true, columns = {'codigo': 'INTEGER', 'rotulo': 'VARCHAR', 'ativo': 'BOOLEAN'})
),
judged AS (
    SELECT latest.*, "orcamentoSigilosoCodigo", "orcamentoSigilosoDescricao", "existeResultado", labels,
        coalesce(code("orgaoEntidade".cnpj), "numeroControlePNCP"[1:14]) AS cnpj_orgao,
        -- A secret estimate is published as zero until there is a result.
        coalesce("orcamentoSigilosoCodigo" = 3 AND "valorTotalEstimado" = 0, false)
            AND NOT coalesce("existeResultado", false) AND "valorTotalHomologado" IS NULL AS hidden,
        CASE WHEN hidden THEN NULL ELSE "valorTotalEstimado" END AS estimated,
        year("dataAberturaProposta") AS opening_year, year("dataEncerramentoProposta") AS closing_year,
        CASE
            WHEN opening_year < 1990 OR closing_year < 1990
                OR opening_year - year("dataPublicacaoPncp") > 10 OR closing_year - year("dataPublicacaoPncp") > 10
                OR closing_year - opening_year > 10 THEN 'implausible'
            WHEN "dataEncerramentoProposta" < "dataAberturaProposta" THEN 'reversed'
            WHEN "dataEncerramentoProposta" < "dataPublicacaoPncp" THEN 'closed_before_publication'
            ELSE 'ok' END AS date_verdict
    FROM latest LEFT JOIN secrecy USING ("numeroControlePNCP") CROSS JOIN sources
)
SELECT
    "numeroControlePNCP" AS numero_controle_pncp,
    "anoCompra" AS ano_compra,
    "sequencialCompra" AS sequencial_compra,
    clean("numeroCompra") AS numero_compra,
    clean("processo") AS processo,
    'https://pncp.gov.br/app/editais/' || cnpj_orgao || '/' || "anoCompra" || '/' || "sequencialCompra" AS link_pncp,
    cnpj_orgao,
    clean("orgaoEntidade"."razaoSocial") AS nome_orgao,
    code("orgaoEntidade"."poderId") AS poder_id,
    poder.rotulo AS poder_nome,
    code("orgaoEntidade"."esferaId") AS esfera_id,
    esfera.rotulo AS esfera_nome,
    code("unidadeOrgao"."codigoUnidade") AS codigo_unidade,
    clean("unidadeOrgao"."nomeUnidade") AS nome_unidade,
    code("unidadeOrgao"."ufSigla") AS uf_sigla,
    clean("unidadeOrgao"."ufNome") AS uf_nome,
    code("unidadeOrgao"."codigoIbge") AS codigo_ibge,
    clean("unidadeOrgao"."municipioNome") AS municipio_nome,
    code("orgaoSubRogado".cnpj) AS cnpj_orgao_subrogado,
    clean("orgaoSubRogado"."razaoSocial") AS nome_orgao_subrogado,
    code("unidadeSubRogada"."codigoUnidade") AS codigo_unidade_subrogada,
    clean("unidadeSubRogada"."nomeUnidade") AS nome_unidade_subrogada,
    "modalidadeId" AS modalidade_id,
    coalesce(modalidade.rotulo, clean("modalidadeNome")) AS modalidade_nome,
    "modoDisputaId" AS modo_disputa_id,
    coalesce(modo.rotulo, clean("modoDisputaNome")) AS modo_disputa_nome,
    "tipoInstrumentoConvocatorioCodigo" AS tipo_instrumento_convocatorio_codigo,
    coalesce(instrumento.rotulo, clean("tipoInstrumentoConvocatorioNome")) AS tipo_instrumento_convocatorio_nome,
    "amparoLegal".codigo AS amparo_legal_codigo,
    coalesce(amparo.rotulo, clean("amparoLegal".nome)) AS amparo_legal_nome,
    clean("amparoLegal".descricao) AS amparo_legal_descricao,
    "situacaoCompraId" AS situacao_compra_id,
    coalesce(situacao.rotulo, clean("situacaoCompraNome")) AS situacao_compra_nome,
    coalesce("modalidadeId" IN (8, 9, 14), false) AS direta,
    srp,
    "emendaParlamentar" AS emenda_parlamentar,
    "orcamentoSigilosoCodigo" AS orcamento_sigiloso_codigo,
    clean("orcamentoSigilosoDescricao") AS orcamento_sigiloso_nome,
    "existeResultado" AS existe_resultado,
    len("fontesOrcamentarias") AS quantidade_fontes_orcamentarias,
    list_transform("fontesOrcamentarias", lambda source: source.codigo) AS fontes_orcamentarias_codigos,
    nullif(array_to_string(list_transform("fontesOrcamentarias",
        lambda source: coalesce(labels[source.codigo], nullif(trim(source.nome, e' \t\n\r\x0b\x0c'), ''), '?')), '; '), '')
        AS fontes_orcamentarias_nomes,
    clean("objetoCompra") AS objeto_compra,
    clean("informacaoComplementar") AS informacao_complementar,
    clean("justificativaPresencial") AS justificativa_presencial,
    code("linkSistemaOrigem") AS link_sistema_origem,
    code("linkProcessoEletronico") AS link_processo_eletronico,
    clean("usuarioNome") AS usuario_nome,
    "dataAberturaProposta" AS data_abertura_proposta,
    "dataEncerramentoProposta" AS data_encerramento_proposta,
    CASE WHEN date_verdict IN ('ok', 'closed_before_publication')
        THEN "dataEncerramentoProposta"::DATE - "dataAberturaProposta"::DATE END AS dias_proposta,
    "dataPublicacaoPncp" AS data_publicacao_pncp,
    "dataInclusao" AS data_inclusao,
    "dataAtualizacao" AS data_atualizacao,
    "dataAtualizacaoGlobal" AS data_atualizacao_global,
    date_verdict,
    estimated AS valor_total_estimado,
    CASE WHEN hidden THEN 'secret' WHEN "valorTotalEstimado" IS NULL THEN 'unpublished' END AS estimate_missing,
    verdict_of(estimated, estimated, "valorTotalHomologado") AS estimate_verdict,
    "valorTotalHomologado" AS valor_total_homologado,
    verdict_of("valorTotalHomologado", estimated, "valorTotalHomologado") AS award_verdict,
    observation_id,
    observed_at
FROM judged
LEFT JOIN read_csv('{{ domains }}/poder.csv', all_varchar = true) AS poder ON poder.codigo = code("orgaoEntidade"."poderId")
LEFT JOIN read_csv('{{ domains }}/esfera.csv', all_varchar = true) AS esfera ON esfera.codigo = code("orgaoEntidade"."esferaId")
LEFT JOIN read_csv('{{ domains }}/modalidade.csv', all_varchar = true) AS modalidade ON modalidade.codigo = "modalidadeId"::VARCHAR
LEFT JOIN read_csv('{{ domains }}/modo_disputa.csv', all_varchar = true) AS modo ON modo.codigo = "modoDisputaId"::VARCHAR
LEFT JOIN read_csv('{{ domains }}/tipo_instrumento_convocatorio.csv', all_varchar = true) AS instrumento
    ON instrumento.codigo = "tipoInstrumentoConvocatorioCodigo"::VARCHAR
LEFT JOIN read_csv('{{ domains }}/amparo_legal.csv', all_varchar = true) AS amparo ON amparo.codigo = "amparoLegal".codigo::VARCHAR
LEFT JOIN read_csv('{{ domains }}/situacao_compra.csv', all_varchar = true) AS situacao ON situacao.codigo = "situacaoCompraId"::VARCHAR
{% endmacro %}
