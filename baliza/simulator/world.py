"""Everything the simulated PNCP holds: records of every endpoint, which agree with one another."""

from __future__ import annotations

from datetime import date
from typing import Any

from baliza.simulator.answers import Records
from baliza.simulator.atas import atas
from baliza.simulator.bills import bills
from baliza.simulator.corpus import contratos
from baliza.simulator.domains import domains
from baliza.simulator.items import items
from baliza.simulator.notices import detail, notice, proposals
from baliza.simulator.organs import orgaos
from baliza.simulator.plans import plans
from baliza.simulator.purchases import purchases
from baliza.simulator.results import results
from baliza.simulator.terms import termos
from baliza.simulator.units import unidades


def world(*, seed: int, since: date, until: date, per_day: float = 60.0) -> dict[str, Records]:
    """Invent a PNCP.

    It grows from the contracts of a period: the purchases they name exist, with items whose results name the
    contracts' suppliers, atas where prices were registered, amendments and bills; beside them stand purchases
    without a contract, and the plans and units of the órgãos.

    Args:
        seed: the same arguments give the same records.
        since: first day of publication of contracts; purchases and plans go back further.
        until: last day of publication, and day of the snapshot: nothing is updated later.
        per_day: mean of contracts per calendar day.

    Returns:
        Records by endpoint id: lists, or for what is asked by a parent, a mapping from parent to list.
    """
    contracts = contratos(seed=seed, since=since, until=until, per_day=per_day)
    bought = purchases(contracts, seed=seed, since=since, until=until, per_day=per_day)
    of_purchase = {purchase.control: items(purchase) for purchase in bought}
    won = {purchase.control: results(purchase, of_purchase[purchase.control]) for purchase in bought}
    notices: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    for purchase in bought:
        row = notice(purchase, of_purchase[purchase.control], won[purchase.control])
        notices.append(row)
        details.append(detail(purchase, row, won[purchase.control]))
    registered = [ata for purchase in bought for ata in atas(purchase, until)]
    amended = {contract["numeroControlePNCP"]: termos(contract) for contract in contracts}
    buyers = orgaos(seed).things
    planned = plans(buyers, seed=seed, since=since, until=until)
    return {
        "contratacoes_publicacao": notices,
        "contratacoes_atualizacao": notices,
        "contratacoes_proposta": proposals(notices, until),
        "contratos": contracts,
        "contratos_atualizacao": contracts,
        "atas_vigencia": registered,
        "atas_atualizacao": registered,
        "pca_atualizacao": planned,
        "pca": planned,
        "pca_usuario": planned,
        "instrumentoscobranca_inclusao": [bill for row in contracts for bill in bills(row, until)],
        "compra": details,
        "itens": of_purchase,
        "resultados": {control: rows for control, rows in won.items() if rows},
        "termos": {control: rows for control, rows in amended.items() if rows},
        "unidades": {orgao.cnpj: unidades(orgao) for orgao in buyers},
        "domains": domains(),
    }
