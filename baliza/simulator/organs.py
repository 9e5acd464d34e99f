"""Invented órgãos and their units: who buys."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from baliza.simulator.chance import Urn, dice, happens
from baliza.simulator.identifiers import draw_cnpj
from baliza.simulator.municipios import CAPITAL, ESTADOS, MUNICIPIOS, SMALL, Municipio

SHARES = {"M": 0.71, "E": 0.13, "F": 0.13, "D": 0.025, "N": 0.005}
"""Share of contracts by esfera, as published by the real portal on an ordinary day."""
MAX_UNIDADES = 6
PREPOSITIONS = {
    **dict.fromkeys(("AL", "GO", "MT", "MS", "MG", "PE", "RO", "RR", "SC", "SP", "SE"), "DE"),
    "BA": "DA",
    "PB": "DA",
}
"""How "Estado" joins the name of a state, where it is not by "do"."""

REGIOES = (
    "ALTO ARAGUARI", "VALE DO ITAIMBE", "VALE DO CAPARAO", "LITORAL NORTE", "PLANALTO CENTRAL",
    "SERTAO DO SERIDO", "BAIXO TAPAJOS", "PLANALTO DE CIMA", "RECONCAVO SUL", "PANTANAL LESTE",
)  # fmt: skip
SISTEMAS = (
    "Sistema Licita Cidadão", "Compras Federais Integradas", "Gestor Municipal Sistemas Ltda",
    "PÓRTICO TECNOLOGIA E GESTÃO LTDA", "Portal de Contas do Estado", "Almoxarife Informática Ltda.",
    "Erário Soluções em Software", "Secretaria do Planejamento e Gestão", "Aroeira Gestão Pública Ltda",
    "EMPENHO WEB SISTEMAS", "Tribuna Serviços de Informática", "Consórcio Digital dos Municípios",
)  # fmt: skip


@dataclass(frozen=True)
class Unidade:
    """A unit of an órgão: `record` is its unidadeOrgao in PNCP's shape."""

    record: dict[str, Any]


@dataclass
class Orgao:
    """An órgão that publishes contracts.

    Attributes:
        record: its orgaoEntidade in PNCP's shape.
        uf: where it is.
        sistema: platform that sends its records (usuarioNome).
        weight: how much it buys among those of its esfera.
        unidades: from one to six.
        partners: órgãos whose purchases it also contracts from (consortia, adhesions).
    """

    record: dict[str, Any]
    uf: str
    sistema: str
    weight: float
    unidades: list[Unidade] = field(default_factory=list)
    partners: list[Orgao] = field(default_factory=list)

    @property
    def cnpj(self) -> str:
        """The CNPJ of the órgão."""
        return self.record["cnpj"]


def plain(text: str) -> str:
    """Write a name as the federal register of companies does: capitals without accents."""
    decomposed = unicodedata.normalize("NFD", text.upper())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=8)
def orgaos(seed: int) -> Urn[Orgao]:
    """Invent the órgãos of a seed.

    The pairs of poder and esfera are those met in PNCP: municipalities are mostly N+M (poder "does not
    apply"), their funds E+M, councils L+M; consortia are E+N.

    Args:
        seed: the same one gives the same órgãos, whatever the period.

    Returns:
        Some 250 órgãos, to be drawn by how much they buy.
    """
    rng = dice("orgaos", seed)
    found: list[Orgao] = []
    for municipio in MUNICIPIOS:
        found += _of_municipio(rng, municipio)
    capitals = {municipio.uf: municipio for municipio in MUNICIPIOS if municipio.weight >= CAPITAL}
    for uf, capital in capitals.items():
        found += _of_estado(rng, uf, capital)
    for regiao in REGIOES:
        found += _of_uniao(rng, regiao, rng.choice(MUNICIPIOS))
    for orgao in found:
        orgao.partners = _partners(rng, orgao, found)
    return Urn(_by_share(found))


def _orgao(
    rng: random.Random,
    name: str,
    poder_esfera: str,
    municipio: Municipio,
    weight: float,
    *,
    unidades: list[str],
) -> Orgao:
    cnpj = draw_cnpj(rng)
    poder, esfera = poder_esfera
    orgao = Orgao(
        {"cnpj": cnpj, "razaoSocial": name, "poderId": poder, "esferaId": esfera},
        municipio.uf,
        rng.choice(SISTEMAS),
        weight * rng.uniform(0.6, 1.6),
    )
    style = rng.choice(CODE_STYLES)
    for number, unidade in enumerate(unidades, 1):
        orgao.unidades.append(
            Unidade(
                {
                    "ufNome": ESTADOS[municipio.uf],
                    "codigoUnidade": style(rng, number, cnpj),
                    "nomeUnidade": unidade + ("\t" if happens(rng, 0.01) else ""),
                    "ufSigla": municipio.uf,
                    "municipioNome": municipio.nome,
                    "codigoIbge": municipio.codigo_ibge,
                }
            )
        )
    return orgao


CODE_STYLES: tuple[Callable[[random.Random, int, str], str], ...] = (
    lambda _, number, __: str(number),
    lambda _, number, __: f"{number - 1:04d}",
    lambda rng, number, _: str(980_000 + rng.randrange(100, 900) * 10 + number),
    lambda rng, number, _: f"CIN{rng.randrange(10, 99)}{number}",
    lambda _, number, cnpj: cnpj if number == 1 else str(1_000_100 + number),
    lambda rng, number, _: f"{rng.randrange(10, 60):02d}{number:03d}",
)
"""codigoUnidade is free text: a running number, zeros, six digits, letters, the órgão's own CNPJ."""


def _of_municipio(rng: random.Random, municipio: Municipio) -> list[Orgao]:
    nome, alto, weight = municipio.nome, plain(municipio.nome), municipio.weight
    if municipio.uf == "DF":
        secretarias = [
            f"Secretaria de Estado de {area}" for area in ("Saúde", "Educação", "Obras", "Fazenda")
        ]
        return [
            _orgao(rng, "DISTRITO FEDERAL", "ED", municipio, 3, unidades=secretarias),
            _orgao(
                rng,
                "COMPANHIA DE SANEAMENTO DO PLANALTO",
                "ED",
                municipio,
                1,
                unidades=["Gerência de Compras"],
            ),
        ]
    secretarias = [f"Prefeitura Municipal de {nome}"] + [
        f"Secretaria Municipal de {area}"
        for area in rng.sample(("Saúde", "Educação", "Obras", "Administração", "Assistência Social"), 5)
    ]
    count = 1 if weight == SMALL else rng.randint(2, MAX_UNIDADES)
    power = "EM" if happens(rng, 0.2) else "NM"
    found = [
        _orgao(rng, f"MUNICIPIO DE {alto}", power, municipio, weight, unidades=secretarias[:count]),
        _orgao(
            rng, f"FUNDO MUNICIPAL DE SAUDE DE {alto}", "EM", municipio, weight / 2,
            unidades=[f"FUNDO MUNICIPAL DE SAÚDE DE {nome.upper()}"],
        ),
        _orgao(
            rng, f"CAMARA MUNICIPAL DE {alto}", "LM", municipio, weight / 8,
            unidades=[f"Câmara Municipal de {nome}"],
        ),
    ]  # fmt: skip
    if weight == SMALL and happens(rng, 0.4):
        name = f"CONSORCIO INTERMUNICIPAL MULTIFINALITARIO DA REGIAO DE {alto}"
        found.append(_orgao(rng, name, "EN", municipio, weight, unidades=["Unidade Única"]))
    return found


def _of_estado(rng: random.Random, uf: str, capital: Municipio) -> list[Orgao]:
    if uf == "DF":
        return []
    estado = f"ESTADO {PREPOSITIONS.get(uf, 'DO')} {plain(ESTADOS[uf])}"
    areas = ("Saúde", "Educação", "Segurança Pública", "Fazenda", "Infraestrutura", "Cultura")
    unidades = [f"SECRETARIA DE ESTADO DE {area.upper()}" for area in rng.sample(areas, rng.randint(2, 6))]
    tribunal = f"TRIBUNAL DE JUSTICA DO {estado}"
    assembleia = f"ASSEMBLEIA LEGISLATIVA DO {estado}"
    return [
        _orgao(rng, estado, rng.choice(("EE", "EE", "NE")), capital, 4, unidades=unidades),
        _orgao(
            rng, tribunal, "JE", capital, 1, unidades=["TRIBUNAL DE JUSTIÇA", "FUNDO DO PODER JUDICIÁRIO"]
        ),
        _orgao(rng, assembleia, "LE", capital, 0.4, unidades=["Diretoria de Compras e Contratos"]),
    ]


def _of_uniao(rng: random.Random, regiao: str, municipio: Municipio) -> list[Orgao]:
    campi = [f"CAMPUS {plain(municipio.nome)}", f"REITORIA/{municipio.uf}", "HOSPITAL UNIVERSITÁRIO"]
    return [
        _orgao(rng, f"UNIVERSIDADE FEDERAL DO {regiao}", "EF", municipio, 3, unidades=campi),
        _orgao(
            rng,
            f"INSTITUTO FEDERAL DE EDUCACAO TECNOLOGICA DO {regiao}",
            "EF",
            municipio,
            2,
            unidades=campi[:2],
        ),
        _orgao(
            rng, f"SUPERINTENDENCIA FEDERAL DO {regiao}", "EF", municipio, 1, unidades=[f"SUPERINT. {regiao}"]
        ),
        _orgao(
            rng,
            f"TRIBUNAL REGIONAL DO {regiao}",
            "JF",
            municipio,
            0.7,
            unidades=["Secretaria de Administração"],
        ),
    ]


def _partners(rng: random.Random, orgao: Orgao, everyone: list[Orgao]) -> list[Orgao]:
    near = [other for other in everyone if other.uf == orgao.uf and other is not orgao]
    others = near if len(near) > 2 else [other for other in everyone if other is not orgao]  # noqa: PLR2004
    return rng.sample(others, 3)


def _by_share(found: list[Orgao]) -> list[tuple[Orgao, float]]:
    sums = dict.fromkeys(SHARES, 0.0)
    for orgao in found:
        sums[orgao.record["esferaId"]] += orgao.weight
    return [
        (orgao, orgao.weight / sums[orgao.record["esferaId"]] * SHARES[orgao.record["esferaId"]])
        for orgao in found
    ]
