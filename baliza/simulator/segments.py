"""Markets: what is bought, how it is worded, how much it costs and what its suppliers are called."""

from __future__ import annotations

from typing import NamedTuple

CATEGORIAS: dict[int, str] = {
    1: "Cessão",
    2: "Compras",
    3: "Informática (TIC)",
    4: "Internacional",
    5: "Locação Imóveis",
    6: "Mão de Obra",
    7: "Obras",
    8: "Serviços",
    9: "Serviços de Engenharia",
    10: "Serviços de Saúde",
    11: "Alienação de bens móveis/imóveis",
}
"""PNCP's domain table of categoriaProcesso."""


class Segment(NamedTuple):
    """One market.

    Attributes:
        categoria: id of its categoriaProcesso.
        weight: how often it is bought.
        median: median of valorInicial, BRL.
        spread: standard deviation of the logarithm of valorInicial.
        style: how its objects are worded: "goods", "services", "works" or "income".
        trade: words of its suppliers' names, separated by "/".
        things: what is bought, separated by "/".
    """

    categoria: int
    weight: float
    median: float
    spread: float
    style: str
    trade: str
    things: str

    @property
    def items(self) -> list[str]:
        """What is bought, one by one."""
        return self.things.split("/")

    @property
    def trades(self) -> list[str]:
        """Words for suppliers' names, one by one."""
        return self.trade.split("/")


SEGMENTS: tuple[Segment, ...] = (
    Segment(2, 11, 21_000, 1.9, "goods",
        "COMERCIO DE ALIMENTOS/DISTRIBUIDORA DE ALIMENTOS/HORTIFRUTI/FRIGORIFICO/PANIFICADORA",
        "gêneros alimentícios perecíveis/gêneros alimentícios não perecíveis/hortifrutigranjeiros/"
        "carne bovina e frango/leite pasteurizado/pães e produtos de panificação/café torrado e moído/"
        "água mineral em galões de 20 litros/cestas básicas/produtos da agricultura familiar"),
    Segment(2, 12, 16_000, 2.0, "goods",
        "DISTRIBUIDORA DE MEDICAMENTOS/PRODUTOS HOSPITALARES/FARMACEUTICA/ARTIGOS MEDICOS",
        "medicamentos da atenção básica/medicamentos para atendimento de demanda judicial/"
        "material médico-hospitalar/luvas de procedimento/fraldas geriátricas/insumos para diabéticos/"
        "reagentes para laboratório/material odontológico/soluções parenterais/fórmulas infantis/"
        "órteses e próteses/oxigênio medicinal"),
    Segment(2, 6, 9_000, 1.8, "goods",
        "PAPELARIA/SUPRIMENTOS PARA ESCRITORIO/LIVRARIA E PAPELARIA",
        "material de expediente/papel sulfite A4/material escolar/kits escolares/toners e cartuchos/"
        "livros didáticos/brinquedos pedagógicos/carimbos e chaves"),
    Segment(2, 5, 9_500, 1.8, "goods",
        "PRODUTOS DE LIMPEZA/QUIMICA E HIGIENE/DESCARTAVEIS",
        "material de limpeza/produtos de higiene pessoal/material de copa e cozinha/sacos para lixo/"
        "descartáveis/álcool em gel/papel higiênico e papel toalha"),
    Segment(2, 6, 38_000, 1.9, "goods",
        "AUTO PECAS/PNEUS/POSTO DE COMBUSTIVEIS/TRATORES E IMPLEMENTOS/VEICULOS",
        "combustíveis (gasolina comum e óleo diesel S10)/pneus e câmaras de ar/peças para veículos/"
        "óleos lubrificantes e filtros/veículo tipo van/ambulância tipo A/trator agrícola/"
        "motoniveladora/ônibus escolar/retroescavadeira"),
    Segment(2, 6, 15_000, 1.9, "goods",
        "MATERIAIS DE CONSTRUCAO/MATERIAIS ELETRICOS/FERRAGENS/ARTEFATOS DE CIMENTO",
        "material de construção/material elétrico/luminárias de LED/tubos de concreto/tintas/"
        "material hidráulico/areia e brita/ferramentas/madeira serrada/massa asfáltica"),
    Segment(2, 5, 14_000, 1.9, "goods",
        "MOVEIS/ELETRODOMESTICOS/EQUIPAMENTOS/CLIMATIZACAO",
        "mobiliário escolar/cadeiras e mesas de escritório/aparelhos de ar condicionado/eletrodomésticos/"
        "equipamentos médico-hospitalares/instrumentos musicais/extintores de incêndio/playground infantil"),
    Segment(2, 3, 12_000, 1.7, "goods",
        "CONFECCOES/UNIFORMES/ARTIGOS ESPORTIVOS",
        "uniformes escolares/equipamentos de proteção individual/material esportivo/troféus e medalhas/"
        "coletes balísticos/cobertores e colchões"),
    Segment(3, 4, 34_000, 2.0, "services",
        "INFORMATICA/TECNOLOGIA DA INFORMACAO/SISTEMAS/TELECOMUNICACOES",
        "licença de uso de sistema de gestão pública/link de internet por fibra óptica/"
        "outsourcing de impressão/computadores e notebooks/"
        "suporte e manutenção de rede de dados/armazenamento em nuvem/"
        "desenvolvimento de portal institucional/solução de antivírus/certificados digitais/"
        "telefonia em nuvem"),
    Segment(8, 7, 24_000, 1.9, "services",
        "PRODUCOES E EVENTOS/SONORIZACAO/TURISMO/PRODUCOES ARTISTICAS",
        "show artístico/locação de palco, som e iluminação/locação de tendas e banheiros químicos/"
        "arbitragem esportiva/decoração natalina/hospedagem/buffet e coffee break/passagens aéreas/"
        "segurança desarmada para eventos"),
    Segment(8, 8, 42_000, 1.9, "services",
        "TRANSPORTES/LOCADORA DE VEICULOS/LOGISTICA/TERRAPLANAGEM",
        "transporte escolar/locação de veículos sem motorista/locação de máquinas pesadas/"
        "transporte de pacientes/coleta e destinação de resíduos sólidos/frete e mudanças/horas de trator"),
    Segment(8, 8, 15_000, 1.8, "services",
        "MANUTENCAO/OFICINA MECANICA/REFRIGERACAO/DEDETIZADORA",
        "manutenção preventiva e corretiva de veículos/manutenção de aparelhos de ar condicionado/"
        "manutenção de elevadores/dedetização e desratização/recarga de extintores/lavagem de veículos/"
        "manutenção de equipamentos odontológicos/limpeza de caixas d'água/chaveiro"),
    Segment(8, 8, 20_000, 1.8, "services",
        "CONSULTORIA/ASSESSORIA/CONTABILIDADE/TREINAMENTOS/PUBLICIDADE/ADVOCACIA",
        "assessoria contábil/consultoria jurídica/capacitação de servidores/publicação de atos oficiais/"
        "organização de concurso público/serviços gráficos/serviço de clipping/oficinas culturais/"
        "seguro de veículos/publicidade institucional/leiloeiro oficial/energia elétrica/"
        "água e esgotamento sanitário/serviços postais"),
    Segment(6, 2.5, 320_000, 1.6, "services",
        "SERVICOS TERCEIRIZADOS/CONSERVACAO E LIMPEZA/VIGILANCIA",
        "limpeza e conservação com dedicação exclusiva de mão de obra/vigilância patrimonial armada/"
        "portaria e recepção/motoristas/merendeiras/apoio administrativo/jardinagem e roçada"),
    Segment(7, 3.5, 420_000, 1.6, "works",
        "CONSTRUTORA/ENGENHARIA E CONSTRUCOES/PAVIMENTACAO/EMPREITEIRA",
        "pavimentação asfáltica em CBUQ/pavimentação em paralelepípedo/construção de escola/reforma de praça/"
        "construção de unidade básica de saúde/ponte de concreto armado/drenagem pluvial/"
        "cobertura de quadra poliesportiva/construção de creche/recapeamento de vias urbanas"),
    Segment(9, 3, 76_000, 1.7, "works",
        "ENGENHARIA/PROJETOS/ARQUITETURA E URBANISMO/TOPOGRAFIA/SANEAMENTO",
        "elaboração de projeto executivo/levantamento topográfico/manutenção predial/iluminação pública/"
        "sondagem de solo/fiscalização de obra/perfuração de poço artesiano/instalação de usina fotovoltaica/"
        "laudo de acessibilidade"),
    Segment(10, 4, 58_000, 1.8, "services",
        "CLINICA MEDICA/SERVICOS MEDICOS/LABORATORIO DE ANALISES/ODONTOLOGIA/FISIOTERAPIA",
        "plantões médicos/exames laboratoriais/consultas em cardiologia/exames de imagem/fisioterapia/"
        "serviços de psicologia/cirurgias eletivas/atendimento odontológico/hemodiálise/"
        "acolhimento em residência inclusiva"),
    Segment(5, 2, 27_000, 1.2, "services",
        "IMOBILIARIA/ADMINISTRADORA DE IMOVEIS/PARTICIPACOES",
        "locação de imóvel para sede do conselho tutelar/locação de imóvel para escola/"
        "locação de imóvel para unidade de saúde/locação de galpão para almoxarifado/"
        "locação de sala comercial/locação de imóvel para aluguel social"),
    Segment(4, 0.3, 150_000, 1.7, "goods",
        "INTERNATIONAL TRADING/SCIENTIFIC/INSTRUMENTS",
        "reagentes importados para pesquisa/espectrômetro de massas/assinatura de base de periódicos/"
        "peças de reposição de microscópio eletrônico"),
    Segment(1, 0.4, 8_000, 1.5, "income",
        "CANTINA/LANCHONETE/ESTACIONAMENTOS/BANCO",
        "cessão de uso de espaço para lanchonete/cessão de uso de espaço para caixas eletrônicos/"
        "permissão de uso de box no mercado municipal/processamento da folha de pagamento"),
    Segment(11, 0.7, 26_000, 1.8, "income",
        "SUCATAS/COMERCIO DE VEICULOS USADOS/RECICLAGEM",
        "alienação de veículos inservíveis/alienação de mercadorias apreendidas/alienação de sucata/"
        "alienação de imóvel urbano/alienação de equipamentos obsoletos"),
)  # fmt: skip
