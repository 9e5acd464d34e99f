"""PNCP's domain tables, as far as the invented records use them."""

from __future__ import annotations

MODALIDADES: dict[int, str] = {
    1: "Leilão - Eletrônico",
    2: "Diálogo Competitivo",
    3: "Concurso",
    4: "Concorrência - Eletrônica",
    5: "Concorrência - Presencial",
    6: "Pregão - Eletrônico",
    7: "Pregão - Presencial",
    8: "Dispensa",
    9: "Inexigibilidade",
    10: "Manifestação de Interesse",
    11: "Pré-qualificação",
    12: "Credenciamento",
    13: "Leilão - Presencial",
    14: "Inaplicabilidade da Licitação",
    15: "Chamada pública",
    16: "Concorrência – Eletrônica Internacional",
    17: "Concorrência – Presencial Internacional",
    18: "Pregão – Eletrônico Internacional",
    19: "Pregão – Presencial Internacional",
}
MODOS_DISPUTA: dict[int, str] = {
    1: "Aberto",
    2: "Fechado",
    3: "Aberto-Fechado",
    4: "Dispensa Com Disputa",
    5: "Não se aplica",
    6: "Fechado-Aberto",
}
INSTRUMENTOS: dict[int, str] = {
    1: "Edital",
    2: "Aviso de Contratação Direta",
    3: "Ato que autoriza a Contratação Direta",
    4: "Edital de Chamamento Público",
    5: "Não se Aplica",
}
AMPAROS: dict[int, tuple[str, str]] = {
    1: (
        "Lei 14.133/2021, Art. 28, I",
        "pregão: modalidade de licitação obrigatória para aquisição de bens e serviços comuns",
    ),
    2: (
        "Lei 14.133/2021, Art. 28, II ",
        "Concorrência: modalidade de licitação para bens e serviços especiais e obras",
    ),
    3: ("Lei 14.133/2021, Art. 28, III", "Concurso: escolha de trabalho técnico, científico ou artístico"),
    4: ("Lei 14.133/2021, Art. 28, IV", "Leilão: modalidade de licitação para alienação de bens"),
    5: ("Lei 14.133/2021, Art. 28, V", "Diálogo competitivo: contratação de obras, serviços e compras"),
    6: ("Lei 14.133/2021, Art. 74, I", "Inexigibilidade: fornecedor exclusivo"),
    7: ("Lei 14.133/2021, Art. 74, II", "Inexigibilidade: profissional do setor artístico"),
    10: ("Lei 14.133/2021, Art. 74, III, c", "Inexigibilidade: assessorias ou consultorias técnicas"),
    13: ("Lei 14.133/2021, Art. 74, III, f", "Inexigibilidade: treinamento e aperfeiçoamento de pessoal"),
    16: ("Lei 14.133/2021, Art. 74, IV", "Inexigibilidade: objetos contratados por credenciamento"),
    17: ("Lei 14.133/2021, Art. 74, V", "Inexigibilidade: aquisição ou locação de imóvel"),
    18: ("Lei 14.133/2021, Art. 75, I", "Dispensa de Licitação: obras e serviços de engenharia, por valor"),
    19: ("Lei 14.133/2021, Art. 75, II", "Dispensa de Licitação: outros serviços e compras, por valor"),
    37: ("Lei 14.133/2021, Art. 75, VII", "Dispensa de Licitação: guerra, estado de defesa ou de sítio"),
    38: ("Lei 14.133/2021, Art. 75, VIII", "Dispensa de Licitação: emergência ou calamidade pública"),
    47: ("Lei 14.133/2021, Art. 78, I", "Credenciamento: processo administrativo de chamamento público"),
    48: ("Lei 14.133/2021, Art. 78, II", "Pré-qualificação: seleção prévia à licitação"),
    49: ("Lei 14.133/2021, Art. 78, III", "Procedimento de manifestação de interesse"),
    50: ("Lei 14.133/2021, Art. 74, caput", "Inexigibilidade: competição inviável"),
    80: ("Lei 14.133/2021, Art. 1º, § 2º", "Contratações de repartições sediadas no exterior"),
    113: ("Lei 13.303/2016, Art. 32, IV", "Pregão: bens e serviços comuns de empresas estatais"),
    138: ("Lei 11.947/2009, Art. 14, § 1º", "Agricultura familiar na alimentação escolar"),
    140: ("Lei 14.133/2021, Art. 79, I", "Credenciamento: contratação paralela e não excludente"),
    141: ("Lei 14.133/2021, Art. 79, II", "Credenciamento: seleção a critério de terceiros"),
    146: ("Lei 14.133/2021, art. 60, §1º, I", "Critério de desempate: empresas do território do órgão"),
}
"""Code, name and description; one name is padded with a space, as it is in PNCP."""
SITUACOES_COMPRA: dict[int, str] = {1: "Divulgada no PNCP", 2: "Revogada", 3: "Anulada", 4: "Suspensa"}
SITUACOES_ITEM: dict[int, str] = {
    1: "Em andamento",
    2: "Homologado",
    3: "Anulado/Revogado/Cancelado",
    4: "Deserto",
    5: "Fracassado",
}
BENEFICIOS: dict[int, str] = {
    1: "Participação exclusiva para ME/EPP",
    2: "Subcontratação para ME/EPP",
    3: "Cota reservada para ME/EPP",
    4: "Sem benefício",
    5: "Não se aplica",
}
CRITERIOS: dict[int, str] = {
    1: "Menor preço",
    2: "Maior desconto",
    3: "Melhor técnica ou conteúdo artístico",
    4: "Técnica e preço",
    5: "Maior lance",
    6: "Maior retorno econômico",
    7: "Não se aplica",
    8: "Melhor técnica",
    9: "Conteúdo artístico",
}
CATEGORIAS_ITEM: dict[int, str] = {1: "Bens Imóveis", 2: "Bens Móveis", 3: "Não se aplica"}
SITUACOES_RESULTADO: dict[int, str] = {1: "Informado", 2: "Cancelado"}
RESERVAS: dict[int, str] = {1: "Não se aplica", 2: "Remanescente", 3: "Cadastro de Reserva"}
PORTES: dict[int, str] = {1: "ME", 2: "EPP", 3: "Demais", 4: "Não se aplica", 5: "Não informado"}
NATUREZAS: dict[str, str] = {
    "2062": "Sociedade Empresária Limitada",
    "2135": "Empresário (Individual)",
    "2054": "Sociedade Anônima Fechada",
    "2240": "Sociedade Simples Limitada",
    "0000": "Natureza Jurídica não informada",
}
TIPOS_CONTRATO: dict[int, str] = {
    1: "Contrato (termo inicial)",
    2: "Comodato",
    3: "Arrendamento",
    4: "Concessão",
    5: "Termo de Adesão",
    6: "Convênio",
    7: "Empenho",
    8: "Outros",
    9: "Termo de Execução Descentralizada (TED)",
    10: "Acordo de Cooperação Técnica (ACT)",
    11: "Termo de Compromisso",
    12: "Carta Contrato",
}
TIPOS_DOCUMENTO: dict[int, str] = {
    1: "Aviso de Contratação Direta",
    2: "Edital",
    3: "Minuta do Contrato",
    4: "Termo de Referência",
    5: "Anteprojeto",
    6: "Projeto Básico",
    7: "Estudo Técnico Preliminar",
    8: "Projeto Executivo",
    9: "Mapa de Riscos",
    10: "DFD",
    11: "Ata de Registro de Preço",
    12: "Contrato",
    13: "Termo de Rescisão",
    14: "Termo Aditivo",
    15: "Termo de Apostilamento",
    16: "Outros documentos",
    17: "Nota de Empenho",
    18: "Relatório Final de Contrato",
    19: "Minuta de Ata de Registro de Preços",
    20: "Ato que autoriza a Contratação Direta",
}
FONTES: dict[int, str] = {
    1: "Não se aplica",
    2: "Municipal",
    3: "Estadual",
    4: "Federal",
    5: "Organismo Internacional",
    6: "Distrital",
}
CATEGORIAS_PCA: dict[int, str] = {
    1: "Material",
    2: "Serviço",
    3: "Obras",
    4: "Serviços de Engenharia",
    5: "Soluções de TIC",
    6: "Locação de Imóveis",
    7: "Alienação/Concessão/Permissão",
    8: "Obras e Serviços de Engenharia",
}
CATALOGOS: dict[int, str] = {1: "CNBS (Catálogo Nacional de Bens e Serviços)", 2: "Outros"}
TIPOS_COBRANCA: dict[int, str] = {1: "Nota Fiscal Eletrônica (NF-e)"}
