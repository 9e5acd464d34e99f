"""Atas, amendments, bills and plans: the shares and oddities of the real ones."""

import json
import re
from collections.abc import Callable
from datetime import date

import pytest

from baliza.simulator.bills import brazilian
from baliza.simulator.corpus import contratos
from baliza.simulator.terms import termos

Test = Callable[[dict], object]


def share(records: list[dict], test: Test) -> float:
    return sum(bool(test(record)) for record in records) / len(records)


@pytest.fixture(scope="module")
def terms(year: list[dict]) -> list[dict]:
    """The amendments of a year's contracts."""
    return [row for contract in year for row in termos(contract)]


@pytest.fixture(scope="module")
def plan_items(season: dict) -> list[dict]:
    return [item for plan in season["pca"] for item in plan["itens"]]


def test_dates_of_atas_have_no_time(season: dict):
    for row in season["atas_vigencia"]:
        dates = [row[name] for name in row if name.startswith(("data", "vigencia")) and row[name]]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in dates)
    assert 0.1 < share(season["atas_vigencia"], lambda row: "possibilidadeAdesao" in row) < 0.3
    assert (
        share(season["atas_vigencia"], lambda row: row["dataAtualizacaoGlobal"] > row["dataInclusao"]) > 0.1
    )


def test_an_ata_may_end_in_the_year_7203(monkeypatch: pytest.MonkeyPatch):
    from baliza.simulator import atas, purchases

    monkeypatch.setattr(atas, "ABSURD_END_SHARE", 1.0)
    monkeypatch.setattr(atas, "CANCELLED_SHARE", 1.0)
    period = {"seed": 1, "since": date(2025, 3, 1), "until": date(2025, 3, 31), "per_day": 10.0}
    bought = purchases.purchases(contratos(**period), **period)
    rows = [row for purchase in bought for row in atas.atas(purchase, period["until"])]
    assert {row["vigenciaFim"] for row in rows} == {"7203-07-27"}
    assert all(row["cancelado"] and row["dataCancelamento"] for row in rows)


TERMS = {
    "supplier-object": (lambda row: row["fornecedor"] is not None, 0.45, 0.63),
    "supplier-padded": (
        lambda row: row["fornecedor"] and row["fornecedor"]["nomeRazaoSocial"].endswith("  "), 0.01, 0.1
    ),
    "no-start": (lambda row: row["dataVigenciaInicio"] is None, 0.06, 0.14),
    "no-end": (lambda row: row["dataVigenciaFim"] is None, 0.04, 0.12),
    "no-value": (lambda row: row["valorAcrescido"] is None, 0.68, 0.82),
    "negative": (lambda row: (row["valorAcrescido"] or 0) < 0, 0.03, 0.2),
    "line-breaks": (lambda row: "\r\n" in row["objetoTermoContrato"], 0.1, 0.25),
    "number-padded": (lambda row: row["numeroTermoContrato"] and row["numeroTermoContrato"].endswith(" "), 0.2, 0.6),
    "nothing-qualified": (
        lambda row: not any(value for name, value in row.items() if name.startswith("qualificacao")), 0.1, 0.5
    ),
}  # fmt: skip


@pytest.mark.parametrize(("test", "low", "high"), TERMS.values(), ids=TERMS)
def test_oddities_of_terms(terms: list[dict], test: Test, low: float, high: float):
    assert len(terms) > 1_000
    assert low < share(terms, test) < high


def test_supplier_is_repeated_or_absent(terms: list[dict]):
    for row in terms:
        assert (row["fornecedor"] is None) == (row["niFornecedor"] is None)


def test_a_quarter_of_the_bills_carry_the_invoice(season: dict):
    bills = season["instrumentoscobranca_inclusao"]
    invoiced = [row for row in bills if row["notaFiscalEletronica"]]
    assert 0.12 < len(invoiced) / len(bills) < 0.4
    for row in invoiced:
        invoice = row["notaFiscalEletronica"]
        assert len(row["chaveNFe"]) == 44
        assert re.fullmatch(r"[\d.]+,\d\d", invoice["valorNotaFiscal"])
        assert re.fullmatch(r"\d\d/\d\d/\d{4}", invoice["dataEmissao"])
        assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d", invoice["dataTipoEventoMaisRecente"])
        assert {type(value) for value in invoice["itens"][0].values()} == {str}
        assert "/" in invoice["niEmitente"]
        answered = json.loads(row["jsonResponseNFe"])
        assert answered["notaFiscalDTO"]["chaveNotaFiscal"] == row["chaveNFe"]
        assert answered["notaFiscalDTO"]["valorNotaFiscal"] == invoice["valorNotaFiscal"]
    assert all(row["jsonResponseNFe"] is None for row in bills if not row["notaFiscalEletronica"])


def test_no_bills_before_2025():
    from baliza.simulator.bills import bills

    contracts = contratos(seed=1, since=date(2024, 11, 1), until=date(2024, 12, 31), per_day=60)
    assert not [bill for row in contracts for bill in bills(row, date(2024, 12, 31))]
    late = [bill for row in contracts for bill in bills(row, date(2025, 6, 30))]
    assert late
    assert min(bill["dataInclusao"] for bill in late) >= "2025-01-01"


@pytest.mark.parametrize(
    ("value", "text"), [(4920, "4.920,00"), (0.82, "0,82"), (1234567.891, "1.234.567,89")]
)
def test_brazilian_numbers(value: float, text: str):
    assert brazilian(value) == text


PLANS = {
    "amounts-empty": (lambda row: row["quantidadeEstimada"] == 0 and row["valorTotal"] > 0, 0.2, 0.4),
    "undescribed": (lambda row: row["descricaoItem"] is None, 0.3, 0.6),
    "ungrouped": (lambda row: row["grupoContratacaoCodigo"] is None, 0.3, 0.6),
    "services": (lambda row: row["classificacaoCatalogoId"] == 2, 0.3, 0.8),
}


@pytest.mark.parametrize(("test", "low", "high"), PLANS.values(), ids=PLANS)
def test_oddities_of_plans(plan_items: list[dict], test: Test, low: float, high: float):
    assert low < share(plan_items, test) < high


def test_some_plans_are_long(season: dict):
    assert max(len(plan["itens"]) for plan in season["pca"]) > 80
    assert any(plan["itens"][0]["numeroItem"] != 1 for plan in season["pca"])
