"""Plans (PCA): what each unit means to buy in a year, as /v1/pca lists them."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any

from baliza.simulator.chance import dice, happens
from baliza.simulator.identifiers import control_number
from baliza.simulator.organs import Orgao, Unidade
from baliza.simulator.segments import SEGMENTS, Segment

PCA = 0
"""Marker of plans inside control numbers."""
PLANNING_SHARE, LONG_SHARE, EMPTY_AMOUNTS_SHARE, BARE_SHARE = 0.62, 0.012, 0.3, 0.4
LONG_PLAN = (90, 160)
BUDGET_REPEATED_SHARE = 0.1
_CLASSES: tuple[tuple[str, str], ...] = (
    ("8960", "BEBIDAS NÃO ALCOÓLICAS"),
    ("7110", "MOBILIÁRIO PARA ESCRITÓRIO"),
    ("7520", "ACESSÓRIOS E DISPOSITIVOS PARA ESCRITÓRIO"),
    ("6515", "INSTRUMENTOS, EQUIPAMENTOS E SUPRIMENTOS MÉDICOS E CIRÚRGICOS"),
    ("7930", "COMPOSTOS E PREPARADOS PARA LIMPEZA E POLIMENTO"),
    ("5610", "MATERIAIS MINERAIS DE CONSTRUÇÃO, A GRANEL"),
)
_GROUPS: tuple[tuple[str, str], ...] = (
    ("167", "SERVIÇOS DE EMISSÃO DE CERTIFICADOS DIGITAIS"),
    ("5469", "OUTROS SERVIÇOS DE INSTALAÇÃO"),
    ("859", "OUTROS SERVIÇOS DE SUPORTE"),
    ("871", "SERVIÇOS DE MANUTENÇÃO E REPARO DE PRODUTOS FABRICADOS"),
)
_CATEGORIES = {
    3: "Soluções de TIC", 5: "Locação de Imóveis", 7: "Obras", 9: "Serviços de Engenharia",
    11: "Alienação/Concessão/Permissão",
}  # fmt: skip


def plans(orgaos: list[Orgao], *, seed: int, since: date, until: date) -> list[dict[str, Any]]:
    """Invent the plans of the órgãos for the years of a period.

    Args:
        orgaos: of which some six in ten plan, each by one of its units or by all of them.
        seed: the same arguments give the same plans.
        since: day whose year is the first planned for; its plans appeared the year before.
        until: day after which nothing is updated.

    Returns:
        Plans in PNCP's shape, each with its `itens`.
    """
    found: list[dict[str, Any]] = []
    for orgao in orgaos:
        for ano in range(since.year, until.year + 1):
            rng = dice("plans", seed, orgao.cnpj, ano)
            if not happens(rng, PLANNING_SHARE):
                continue
            units = orgao.unidades if happens(rng, 0.2) else orgao.unidades[:1]
            found += [
                _plan(rng, orgao, unit, (sequencial, ano), until) for sequencial, unit in enumerate(units, 1)
            ]
    return found


def _plan(
    rng: random.Random, orgao: Orgao, unit: Unidade, number: tuple[int, int], until: date
) -> dict[str, Any]:
    sequencial, ano = number
    published = _moment(rng, date(ano - 1, 5, 1), date(ano - 1, 12, 31))
    updated = published
    if happens(rng, 0.85):
        updated = _moment(rng, date(ano, 1, 1), min(until, date(ano, 12, 31)))
    count = rng.randint(*LONG_PLAN) if happens(rng, LONG_SHARE) else 1 + int(rng.expovariate(1 / 4))
    budget = round(rng.lognormvariate(14, 1.2), 2) if happens(rng, BUDGET_REPEATED_SHARE) else None
    first = rng.choice((1, 1, 1, 1, 1139))
    return {
        "itens": [_item(rng, place, (published, updated), budget) for place in range(first, first + count)],
        "codigoUnidade": unit.record["codigoUnidade"],
        "nomeUnidade": unit.record["nomeUnidade"],
        "anoPca": ano,
        "idPcaPncp": control_number(orgao.cnpj, PCA, sequencial, ano),
        "orgaoEntidadeCnpj": orgao.cnpj,
        "orgaoEntidadeRazaoSocial": orgao.record["razaoSocial"],
        "dataAtualizacaoGlobalPCA": updated.isoformat(),
        "dataPublicacaoPNCP": published.isoformat(),
    }


def _item(
    rng: random.Random, number: int, between: tuple[datetime, datetime], budget: float | None
) -> dict[str, Any]:
    segment = rng.choice(SEGMENTS)
    goods = segment.style == "goods"
    classe, classe_nome = rng.choice(_CLASSES if goods else _GROUPS)
    kind = "Material" if goods else "Serviço"
    entered = rng.choice(between).isoformat()
    quantity = float(rng.choice((1, 5, 10, 12, 100, 500)))
    price = round(segment.median * rng.uniform(0.2, 3) / quantity, 2)
    total = round(quantity * price, 2)
    if happens(rng, EMPTY_AMOUNTS_SHARE):
        quantity = price = 0.0
    bare = happens(rng, BARE_SHARE)
    grouped = happens(rng, 0.55)
    return {
        "descricaoItem": None if bare else rng.choice(segment.items).upper(),
        "nomeClassificacaoCatalogo": kind,
        "quantidadeEstimada": quantity,
        "pdmCodigo": None,
        "dataInclusao": entered,
        "numeroItem": number,
        "dataAtualizacao": entered,
        "valorTotal": total,
        "pdmDescricao": None,
        "codigoItem": None if bare else str(rng.randrange(1, 480_000)),
        "unidadeRequisitante": None,
        "grupoContratacaoCodigo": f"{number}/{between[0].year + 1}" if grouped else None,
        "grupoContratacaoNome": classe_nome.capitalize() if grouped else None,
        "classificacaoSuperiorCodigo": classe,
        "classificacaoSuperiorNome": classe_nome,
        "unidadeFornecimento": rng.choice(("-", "UNIDADE", "UN", "CAIXA")),
        "valorUnitario": price,
        "valorOrcamentoExercicio": budget if budget is not None else rng.choice((total, 0.0)),
        "dataDesejada": date(between[0].year + 1, rng.randint(1, 12), rng.choice((1, 15, 26))).isoformat(),
        "categoriaItemPcaNome": _category(segment, kind),
        "classificacaoCatalogoId": 1 if goods else 2,
    }


def _category(segment: Segment, kind: str) -> str:
    return _CATEGORIES.get(segment.categoria, kind)


def _moment(rng: random.Random, first: date, last: date) -> datetime:
    day = first + timedelta(days=rng.randint(0, (last - first).days))
    return datetime.combine(day, time()) + timedelta(seconds=rng.randrange(7 * 3600, 20 * 3600))
