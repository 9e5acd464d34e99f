"""Purchases, their items and results: the shares and oddities of the real ones."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from baliza.simulator.results import NEW_FIELDS

Test = Callable[[dict], object]
BLANK = ("", " ")


def share(records: list[dict], test: Test) -> float:
    return sum(bool(test(record)) for record in records) / len(records)


MODALIDADES = {8: (0.41, 0.51), 6: (0.24, 0.32), 9: (0.16, 0.22), 4: (0.02, 0.05), 12: (0.008, 0.025)}


@pytest.mark.parametrize("modalidade", MODALIDADES)
def test_modalidades(purchases: list[dict], modalidade: int):
    low, high = MODALIDADES[modalidade]
    assert low < share(purchases, lambda row: row["modalidadeId"] == modalidade) < high


def test_rare_modalidades_occur(purchases: list[dict]):
    found = Counter(row["modalidadeId"] for row in purchases)
    assert {5, 7, 1, 13} <= set(found)
    assert set(found) <= set(range(1, 20))


def test_most_dispensas_have_no_contract(season: dict, purchases: list[dict]):
    named = {row["numeroControlePncpCompra"] for row in season["contratos"]}
    dispensas = [row for row in purchases if row["modalidadeId"] == 8]
    assert 0.3 < share(dispensas, lambda row: row["numeroControlePNCP"] in named) < 0.5


PURCHASES = {
    "estimate-zero": (lambda row: row["valorTotalEstimado"] == 0, 0.08, 0.16),
    "award-null": (lambda row: row["valorTotalHomologado"] is None, 0.15, 0.36),
    "award-zero": (lambda row: row["valorTotalHomologado"] == 0, 0.0005, 0.01),
    "sub-rogated": (lambda row: row["orgaoSubRogado"] and row["unidadeSubRogada"], 0.004, 0.02),
    "not-published": (lambda row: row["situacaoCompraId"] != 1, 0.005, 0.04),
    "new-fields": (lambda row: "emendaParlamentar" in row, 0.70, 0.77),
    "emenda-said": (lambda row: row.get("emendaParlamentar") is not None, 0.05, 0.3),
    "direct": (lambda row: row["dataEncerramentoProposta"] is None, 0.4, 0.65),
    "closed-before": (
        lambda row: (row["dataEncerramentoProposta"] or "9") < row["dataPublicacaoPncp"], 0.0002, 0.01
    ),
    "link-blank": (lambda row: row["linkSistemaOrigem"] in BLANK, 0.015, 0.06),
    "link-not-a-link": (lambda row: row["linkSistemaOrigem"] == "SEM PUBLICAÇÃO", 0.0002, 0.01),
    "complement-null": (lambda row: row["informacaoComplementar"] is None, 0.5, 0.7),
    "presence-blank": (lambda row: row["justificativaPresencial"] == " ", 0.001, 0.02),
    "number-padded": (lambda row: row["numeroCompra"] != row["numeroCompra"].strip(), 0.01, 0.04),
    "ground-padded": (lambda row: row["amparoLegal"]["nome"].endswith(" "), 0.01, 0.1),
    "other-year": (lambda row: row["anoCompra"] != int(row["dataPublicacaoPncp"][:4]), 0.0005, 0.15),
    "sources": (lambda row: row["fontesOrcamentarias"], 0.01, 0.06),
}  # fmt: skip


@pytest.mark.parametrize(("test", "low", "high"), PURCHASES.values(), ids=PURCHASES)
def test_oddities_of_purchases(purchases: list[dict], test: Test, low: float, high: float):
    assert low < share(purchases, test) < high


def test_control_numbers_agree_and_situations_are_numbers(purchases: list[dict]):
    for row in purchases:
        number = f"{row['orgaoEntidade']['cnpj']}-1-{row['sequencialCompra']:06d}/{row['anoCompra']}"
        assert row["numeroControlePNCP"] == number
        assert isinstance(row["situacaoCompraId"], int)
    assert len({tuple(row)[:4] for row in purchases}) > 1


ITEMS = {
    "homologated": (lambda row: row["situacaoCompraItem"] == 2, 0.6, 0.9),
    "without-result": (lambda row: row["situacaoCompraItem"] == 2 and not row["temResultado"], 0.001, 0.02),
    "numbers-of-their-own": (lambda row: row["numeroItem"] > 2_000_000, 0.001, 0.03),
    "secret": (lambda row: row["orcamentoSigiloso"], 0.02, 0.08),
    "zero": (lambda row: row["valorTotal"] == 0, 0.002, 0.03),
    "wrong-total": (
        lambda row: abs(row["valorTotal"] - row["quantidade"] * row["valorUnitarioEstimado"]) > 0.01, 0.0005, 0.01
    ),
    "four-decimals": (lambda row: round(row["valorUnitarioEstimado"], 2) != row["valorUnitarioEstimado"], 0.1, 0.3),
    "leading-blank": (lambda row: row["descricao"].startswith(" "), 0.005, 0.04),
    "catalogued": (lambda row: row["catalogo"], 0.03, 0.1),
}  # fmt: skip


@pytest.mark.parametrize(("test", "low", "high"), ITEMS.values(), ids=ITEMS)
def test_oddities_of_items(items: list[dict], test: Test, low: float, high: float):
    assert low < share(items, test) < high


def test_item_numbers_are_unique_but_not_always_from_one(season: dict):
    numbers = [[row["numeroItem"] for row in rows] for rows in season["itens"].values()]
    assert all(len(found) == len(set(found)) for found in numbers)
    assert 0.005 < sum(found != list(range(1, len(found) + 1)) for found in numbers) / len(numbers) < 0.05
    assert max(len(found) for found in numbers) > 20


RESULTS = {
    "cancelled": (lambda row: row["situacaoCompraItemResultadoId"] == 2 and row["dataCancelamento"], 0.003, 0.03),
    "ranked": (lambda row: row["ordemClassificacaoSrp"] is not None, 0.1, 0.4),
    "in-reserve": (lambda row: row["ordemClassificacaoSrp"] == 2, 0.0005, 0.05),
    "old-days": (lambda row: row["dataResultado"] in {"0001-01-01", "1900-01-01"}, 0.002, 0.012),
    "no-legal-nature": (lambda row: row["naturezaJuridicaId"] is None, 0.35, 0.65),
    "new-fields": (lambda row: set(NEW_FIELDS) <= set(row), 0.70, 0.77),
    "located": (lambda row: row.get("localidadeFornecedor"), 0.02, 0.3),
    "tied": (lambda row: row["amparoLegalCriterioDesempate"], 0.005, 0.05),
    "persons": (lambda row: row["tipoPessoa"] == "PF", 0.02, 0.1),
}  # fmt: skip


@pytest.mark.parametrize(("test", "low", "high"), RESULTS.values(), ids=RESULTS)
def test_oddities_of_results(results: list[dict], test: Test, low: float, high: float):
    assert low < share(results, test) < high


def test_letters_in_the_cnpjs_of_winners(results: list[dict]):
    lettered = [row for row in results if row["tipoPessoa"] == "PJ" and not row["niFornecedor"].isdecimal()]
    assert lettered
    assert all(re.fullmatch(r"[A-Z0-9]{12}\d\d", row["niFornecedor"]) for row in lettered)


def test_awards_add_up(season: dict, purchases: list[dict]):
    for row in purchases:
        if row["valorTotalHomologado"]:
            found = season["resultados"][row["numeroControlePNCP"]]
            valid = [r for r in found if not r["dataCancelamento"] and r["ordemClassificacaoSrp"] != 2]
            assert row["valorTotalHomologado"] == pytest.approx(
                sum(r["valorTotalHomologado"] for r in valid), abs=0.01
            )
