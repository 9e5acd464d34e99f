"""Real municipalities (IBGE code, name, UF) and how much each one buys in the simulation."""

from __future__ import annotations

from typing import NamedTuple

ESTADOS: dict[str, str] = {
    "AC": "Acre",
    "AL": "Alagoas",
    "AM": "Amazonas",
    "AP": "Amapá",
    "BA": "Bahia",
    "CE": "Ceará",
    "DF": "Distrito Federal",
    "ES": "Espírito Santo",
    "GO": "Goiás",
    "MA": "Maranhão",
    "MG": "Minas Gerais",
    "MS": "Mato Grosso do Sul",
    "MT": "Mato Grosso",
    "PA": "Pará",
    "PB": "Paraíba",
    "PE": "Pernambuco",
    "PI": "Piauí",
    "PR": "Paraná",
    "RJ": "Rio de Janeiro",
    "RN": "Rio Grande do Norte",
    "RO": "Rondônia",
    "RR": "Roraima",
    "RS": "Rio Grande do Sul",
    "SC": "Santa Catarina",
    "SE": "Sergipe",
    "SP": "São Paulo",
    "TO": "Tocantins",
}


class Municipio(NamedTuple):
    """A municipality; `weight` grows with its class of population, not in proportion to it."""

    codigo_ibge: str
    nome: str
    uf: str
    weight: float


METROPOLIS, CAPITAL, MEDIUM, SMALL = 9.0, 5.0, 2.5, 1.0

_CLASSES: dict[float, str] = {
    METROPOLIS: """
        3550308 São Paulo SP, 3304557 Rio de Janeiro RJ, 3106200 Belo Horizonte MG, 5300108 Brasília DF,
        2927408 Salvador BA, 2304400 Fortaleza CE, 4106902 Curitiba PR, 1302603 Manaus AM,
        2611606 Recife PE, 4314902 Porto Alegre RS""",
    CAPITAL: """
        5208707 Goiânia GO, 1501402 Belém PA, 2111300 São Luís MA, 2704302 Maceió AL,
        5002704 Campo Grande MS, 2211001 Teresina PI, 2507507 João Pessoa PB, 2408102 Natal RN,
        5103403 Cuiabá MT, 2800308 Aracaju SE, 1100205 Porto Velho RO, 4205407 Florianópolis SC,
        1600303 Macapá AP, 1200401 Rio Branco AC, 3205309 Vitória ES, 1400100 Boa Vista RR,
        1721000 Palmas TO""",
    MEDIUM: """
        3509502 Campinas SP, 3543402 Ribeirão Preto SP, 3170206 Uberlândia MG, 3136702 Juiz de Fora MG,
        4113700 Londrina PR, 4209102 Joinville SC, 4305108 Caxias do Sul RS, 2910800 Feira de Santana BA,
        2604106 Caruaru PE, 2504009 Campina Grande PB, 3303302 Niterói RJ, 3205200 Vila Velha ES,
        5201108 Anápolis GO, 1504208 Marabá PA, 2105302 Imperatriz MA, 2312908 Sobral CE,
        1702109 Araguaína TO, 5003702 Dourados MS""",
    SMALL: """
        3511102 Catanduva SP, 3539301 Pirassununga SP, 3149309 Pedro Leopoldo MG, 3118007 Congonhas MG,
        4119905 Ponta Grossa PR, 4218202 Timbó SC, 4207502 Indaial SC, 4316451 Salto do Jacuí RS,
        2905206 Caetité BA, 2609600 Olinda PE, 2303709 Caucaia CE, 2408003 Mossoró RN,
        5107925 Sorriso MT, 5107875 Sapezal MT, 1506807 Santarém PA, 3302403 Macaé RJ,
        1100122 Ji-Paraná RO, 2207702 Parnaíba PI""",
}


def _read(weight: float, table: str) -> list[Municipio]:
    rows = (row.split() for row in table.replace("\n", " ").split(","))
    return [Municipio(codigo, " ".join(nome), uf, weight) for codigo, *nome, uf in rows]


MUNICIPIOS: tuple[Municipio, ...] = tuple(
    municipio for weight, table in _CLASSES.items() for municipio in _read(weight, table)
)
