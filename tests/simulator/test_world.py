"""How the records of different endpoints fit together, and that they are shaped as the real ones."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from baliza.simulator.corpus import contratos
from baliza.simulator.endpoints import ENDPOINTS
from baliza.simulator.world import world

WEEK = {"since": date(2025, 3, 3), "until": date(2025, 3, 9), "per_day": 20.0}


def test_same_arguments_same_world():
    assert world(seed=1, **WEEK) == world(seed=1, **WEEK)
    assert world(seed=1, **WEEK) != world(seed=2, **WEEK)


def test_every_endpoint_has_records(season: dict):
    assert season.keys() == ENDPOINTS.keys()
    assert all(len(records) > 0 for records in season.values())


def test_contracts_are_the_corpus_unchanged():
    assert world(seed=1, **WEEK)["contratos"] == contratos(seed=1, **WEEK)


def test_every_purchase_a_contract_names_exists(season: dict, purchases: list[dict]):
    keys = [row["numeroControlePNCP"] for row in purchases]
    assert len(keys) == len(set(keys))
    assert {row["numeroControlePncpCompra"] for row in season["contratos"]} < set(keys)


def test_purchases_come_before_their_contracts(season: dict, purchases: list[dict]):
    published = {row["numeroControlePNCP"]: row["dataPublicacaoPncp"] for row in purchases}
    later = [
        row["dataPublicacaoPncp"] < published[row["numeroControlePncpCompra"]] for row in season["contratos"]
    ]
    assert sum(later) / len(later) < 0.01
    assert min(published.values()) < "2026-05-01" <= max(published.values()) <= "2026-08-31T23:59:59"


def test_every_purchase_has_items_and_a_detail(season: dict, purchases: list[dict]):
    keys = {row["numeroControlePNCP"] for row in purchases}
    assert season["itens"].keys() == keys
    assert all(season["itens"].values())
    assert {row["numeroControlePNCP"] for row in season["compra"]} == keys
    assert season["resultados"].keys() < keys


def test_results_name_the_suppliers_of_the_contracts(season: dict):
    missing = 0
    for contract in season["contratos"]:
        found = season["resultados"].get(contract["numeroControlePncpCompra"])
        missing += found is None
        assert found is None or contract["niFornecedor"] in {row["niFornecedor"] for row in found}
    assert 0.05 < missing / len(season["contratos"]) < 0.2


def test_results_belong_to_homologated_items_that_say_so(season: dict):
    for control, rows in season["resultados"].items():
        said = {row["numeroItem"] for row in season["itens"][control] if row["temResultado"]}
        assert {row["numeroItem"] for row in rows} == said
        assert {row["numeroControlePNCPCompra"] for row in rows} == {control}


def test_a_purchase_is_updated_with_its_last_result(season: dict, purchases: list[dict]):
    for row in purchases:
        results = season["resultados"].get(row["numeroControlePNCP"], [])
        stamps = [result["dataAtualizacao"] for result in results]
        assert row["dataAtualizacaoGlobal"] == max([row["dataAtualizacaoGlobal"], *stamps])
        assert row["dataAtualizacaoGlobal"] <= "2026-08-31T23:59:59"


def test_atas_belong_to_purchases_that_register_prices(season: dict, purchases: list[dict]):
    registering = {row["numeroControlePNCP"] for row in purchases if row["srp"]}
    assert {row["numeroControlePNCPCompra"] for row in season["atas_vigencia"]} <= registering
    atas = [row["numeroControlePNCPAta"] for row in season["atas_vigencia"]]
    assert len(atas) == len(set(atas))
    named = {row["numeroControlePncpAta"] for row in season["contratos"] if row.get("numeroControlePncpAta")}
    assert named
    assert named <= set(atas)


def test_terms_end_with_the_last_update_of_their_contract(season: dict):
    contracts = {row["numeroControlePNCP"]: row for row in season["contratos"]}
    for control, rows in season["termos"].items():
        contract = contracts[control]
        assert [row["sequencialTermoContrato"] for row in rows] == list(range(1, len(rows) + 1))
        assert rows[-1]["dataInclusao"] == contract["dataAtualizacaoGlobal"]
        assert contract["tipoContrato"]["id"] != 7


def test_bills_hold_their_contract(season: dict):
    contracts = {row["numeroControlePNCP"]: row for row in season["contratos"]}
    for bill in season["instrumentoscobranca_inclusao"]:
        nested = bill["recuperarContratoDTO"]
        assert nested.items() <= contracts[nested["numeroControlePNCP"]].items()
        assert bill["dataInclusao"] >= nested["dataPublicacaoPncp"]
        assert (bill["cnpj"], bill["ano"]) == (nested["orgaoEntidade"]["cnpj"], nested["anoContrato"])


def test_plans_and_units_are_of_the_organs(season: dict):
    for plan in season["pca"]:
        codes = {unit["codigoUnidade"] for unit in season["unidades"][plan["orgaoEntidadeCnpj"]]}
        assert plan["codigoUnidade"] in codes
    keys = [(plan["idPcaPncp"], item["numeroItem"]) for plan in season["pca"] for item in plan["itens"]]
    assert len(keys) == len(set(keys))


REAL = {
    "contratacoes_publicacao": "contratacoes_publicacao",
    "contratacoes_atualizacao": "contratacoes_atualizacao",
    "contratacoes_proposta": "contratacoes_proposta",
    "atas": "atas_atualizacao",
    "compra_detalhe": "compra",
    "itens": "itens",
    "resultados": "resultados",
    "termos_contrato": "termos",
    "pca": "pca_atualizacao",
    "instrumentoscobranca": "instrumentoscobranca_inclusao",
    "contratos": "contratos",
    "contratos_atualizacao": "contratos_atualizacao",
}


def paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Every field of a record by its path, those inside objects and lists too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{prefix}.{name}"
            yield from paths(inner, f"{prefix}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from paths(inner, prefix)


def flat(answer: Any) -> list[dict]:
    """The records of an answer: an envelope, a list, one object, or a mapping from parent to list."""
    if isinstance(answer, list):
        return answer
    if "data" in answer:
        return answer["data"]
    if all(isinstance(rows, list) for rows in answer.values()):
        return [row for rows in answer.values() for row in rows]
    return [answer]


@pytest.mark.parametrize(("folder", "name"), REAL.items(), ids=REAL)
def test_every_real_field_is_there(real_pages: Path, season: dict, folder: str, name: str):
    answers = [json.loads(file.read_text(encoding="utf-8")) for file in (real_pages / folder).glob("*.json")]
    real = {path for answer in answers for row in flat(answer) for path in paths(row)}
    ours = {path for row in flat(season[name]) for path in paths(row)}
    assert real
    assert real <= ours
