"""What each fault of the old models touches: of a few records made to be touched, and a few that are not."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import pytest

from baliza.build.parity.faults import faults
from baliza.build.parity.scratch import build_old
from baliza.settings import Resources

BOTH, ONLY_SELLS, ONLY_BUYS = "00394460005887", "11111111000191", "22222222000191"
MARCH, APRIL = "2025-03-10T10:00:00", "2025-04-10T10:00:00"


def _orgao(cnpj, name="ORGAO", **said):
    return {"cnpj": cnpj, "razaoSocial": name, "poderId": "E", "esferaId": "F"} | said


@pytest.fixture(scope="module")
def contract():
    numbers = count(1)

    def make(cnpj=BOTH, value=100, initial=100, published=MARCH, **fields):
        return {
            "numeroControlePNCP": f"{cnpj}-2-{next(numbers):06d}/2025",
            "orgaoEntidade": _orgao(cnpj),
            "unidadeOrgao": {"codigoUnidade": "1"},
            "valorGlobal": value,
            "valorInicial": initial,
            "dataPublicacaoPncp": published,
        } | fields

    return make


@pytest.fixture(scope="module")
def purchase():
    numbers = count(1)

    def make(cnpj=BOTH, estimate=50, published=MARCH, **fields):
        return {
            "numeroControlePNCP": f"{cnpj}-1-{next(numbers):06d}/2025",
            "anoCompra": 2025,
            "modalidadeId": 6,
            "orgaoEntidade": _orgao(cnpj),
            "unidadeOrgao": {"codigoUnidade": "1"},
            "valorTotalEstimado": estimate,
            "dataPublicacaoPncp": published,
        } | fields

    return make


@pytest.fixture(scope="module")
def touched(raw_file, contract, purchase, tmp_path_factory):
    """By fault and kind of record: touched, total, amount."""
    auction = purchase(modalidadeId=1, estimate=20)
    contest = purchase()
    path = raw_file(
        contratos=[
            contract(),
            contract(value=130),
            contract(published=APRIL, value=7, initial=7),
            contract(value=40, initial=40, tipoContrato={"id": 7}),
            contract(value=30, initial=30, receita=True),
            contract(value=20_000_000_000, initial=20_000_000_000),
            contract(initial=None),
            contract(ONLY_SELLS, unidadeOrgao={"codigoUnidade": "1", "nomeUnidade": "A"}),
            contract(ONLY_SELLS, unidadeOrgao={"codigoUnidade": "1", "nomeUnidade": "B"}),
        ],
        contratacoes=[
            contest,
            purchase(published=APRIL, estimate=3),
            purchase(estimate=None),
            purchase(estimate=0),
            purchase(estimate=999999.99),
            purchase(modalidadeId=13, estimate=500),
            purchase(anoCompra=2024, estimate=11),
            purchase(modalidadeId=8, dataAberturaProposta=MARCH, dataEncerramentoProposta=APRIL, estimate=1),
            purchase(dataAberturaProposta=MARCH, dataEncerramentoProposta=APRIL, estimate=2),
            auction,
            purchase(ONLY_BUYS, estimate=60, orgaoEntidade=_orgao(ONLY_BUYS, "A", poderId="N")),
            purchase(ONLY_BUYS, estimate=60, orgaoEntidade=_orgao(ONLY_BUYS, "B", poderId="N")),
        ],
        itens=[
            {
                "parent_key": auction["numeroControlePNCP"],
                "numeroItem": 1,
                "tipoBeneficio": 4,
                "valorTotal": 8,
            },
            {
                "parent_key": contest["numeroControlePNCP"],
                "numeroItem": 1,
                "tipoBeneficio": 1,
                "valorTotal": 9,
            },
        ],
    )
    con = build_old(
        path, tmp_path_factory.mktemp("old") / "old.duckdb", None, Resources(), lambda _name: None
    )
    found = {(one.fault, one.records): (one.touched, one.total, one.amount) for one in faults(con)}
    con.close()
    return found


@pytest.mark.parametrize(
    ("fault", "records", "expected"),
    [
        # BOTH has four contracts (130, 100, 7, and one of no initial value), ONLY_SELLS two.
        ("inner_join", "contratos", (2, 6, 200)),
        ("inner_join", "compras", (2, 10, 120)),
        ("key_seen_once", "contratos", (1, 4, 7)),
        ("key_seen_once", "compras", (1, 8, 3)),
        # Two spellings of ONLY_BUYS, and of the unit of ONLY_SELLS: each of their records twice.
        ("rows_repeated", "compras", (2, 13, 120)),
        ("rows_repeated", "contratos", (2, 11, 200)),
        ("key_not_unique", "organizacoes", (1, 4, None)),
        ("key_not_unique", "unidades", (1, 4, None)),
        ("initial_value", "contratos", (2, 6, 130)),
        ("empenho_in_sum", "contratos", (1, 9, 40)),
        ("income_in_sum", "contratos", (1, 9, 30)),
        ("suspect_in_sum", "contratos", (1, 9, 20_000_000_000)),
        ("suspect_in_sum", "compras", (1, 11, Decimal("999999.99"))),
        ("no_value_in_highest_band", "contratos", (1, 2, None)),
        ("no_value_in_highest_band", "compras", (1, 2, None)),
        ("zero_in_lowest_band", "compras", (1, 9, None)),
        ("modalidade_never_asked", "compras", (1, 11, 500)),
        ("benefit_not_counted", "itens", (1, 1, 9)),
        ("counted_without_benefit", "itens", (1, 1, 8)),
        ("share_of_the_country", "organizacoes", (1, 1, None)),
        ("year_of_numbering", "compras", (1, 10, 11)),
        ("wrong_label", "organizacoes", (1, 3, None)),
        ("days_of_no_contest", "compras", (1, 2, None)),
    ],
)
def test_faults(touched, fault, records, expected):
    assert touched[fault, records] == expected


def test_every_fault_is_documented(touched, request):
    page = (request.config.rootpath / "docs" / "parity.md").read_text(encoding="utf-8")

    assert [fault for fault, _ in touched if f"`{fault}`" not in page] == []
