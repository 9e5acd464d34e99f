import pytest

from dataflows.mart.flag_definitions import COMPUTED, UNSUPPORTED, fact, wording

STABLE = [
    ("no_discount", "contratacao", "%", ""),
    ("no_estimate", "contratacao", "BRL", ""),
    ("short_proposal_period", "contratacao", "dias úteis", "R003"),
    ("just_below_limit", "contratacao", "BRL", ""),
    ("purchase_dates_out_of_order", "contratacao", "dias", ""),
    ("purchase_date_implausible", "contratacao", "ano", ""),
    ("purchase_value_implausible", "contratacao", "BRL", ""),
    ("direct_awards_over_limit", "orgao-unidade-ano-inciso", "BRL", ""),
    ("direct_awards_to_supplier_over_limit", "orgao-fornecedor-ano-inciso", "BRL", "R055"),
    ("repeated_direct_awards", "orgao-fornecedor-ano", "contratações", ""),
    ("growth_after_signing", "contrato", "%", ""),
    ("published_late", "contrato", "dias úteis", ""),
    ("contract_dates_out_of_order", "contrato", "dias", ""),
    ("contract_date_implausible", "contrato", "ano", ""),
    ("contract_value_implausible", "contrato", "BRL", ""),
    ("year_end_rush", "orgao-ano", "%", ""),
    ("concentrated_suppliers", "orgao-categoria-ano", "pontos", ""),
    ("single_bid", "contratacao", "", "R018"),
    ("close_bids", "contratacao", "", "R024"),
    ("unsuccessful_bidder", "contratacao", "", "R025"),
    ("identical_bids", "contratacao", "", "R028"),
    ("late_bid_won", "contratacao", "", "R030"),
    ("only_winner_left", "contratacao", "", "R035"),
    ("lowest_bid_disqualified", "contratacao", "", "R036"),
    ("many_disqualified_bids", "contratacao", "", "R038"),
    ("heterogeneous_supplier", "contratacao", "", "R048"),
    ("discounted_bid", "contratacao", "", "R058"),
]
"""Code, kind, unit and code among the indicators of the Open Contracting Partnership: others build on them."""


def test_what_others_build_on_is_stable():
    assert [(one.code, one.kind, one.unit, one.ocp) for one in (*COMPUTED, *UNSUPPORTED)] == STABLE


@pytest.fixture
def told(table):
    """What an expression over the code of a flag says of some flags."""

    def tell(say, *codes: str | None) -> list[str | None]:
        rows = table({"flag": "string"}, *({"flag": code} for code in codes))
        return [row["said"] for row in rows.select(said=say(rows.flag)).to_pyarrow().to_pylist()]

    return tell


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("title", "Homologado sem desconto sobre o estimado"),
        ("unit", "%"),
        ("kind", "contratacao"),
        ("source", "Indicador low_discount do projeto ihalent, v0.3.0; Lei 14.133/2021, art. 23"),
    ],
)
def test_a_fact_is_that_of_the_flag(told, name, expected):
    assert told(lambda flag: fact(flag, name), "no_discount", "single_bid", "?", None)[0] == expected


@pytest.mark.parametrize(
    ("code", "name"),
    [("no_discount", "ocp"), ("single_bid", "unit"), ("?", "title"), (None, "title")],
    ids=["an empty fact", "an empty fact of what is not computed", "no such flag", "no flag"],
)
def test_what_a_definition_does_not_say_is_null(told, code, name):
    assert told(lambda flag: fact(flag, name), code) == [None]


def test_facts_of_flags_that_are_not_computed_are_told_too(told):
    assert told(lambda flag: fact(flag, "ocp"), "published_late", "single_bid", "short_proposal_period") == [
        None,
        "R018",
        "R003",
    ]


def test_every_wording_ends_in_what_all_have_in_common(told):
    everyone = (*COMPUTED, *UNSUPPORTED)
    assert told(wording, *(one.code for one in everyone)) == [
        f"{one.wording} Um sinal para olhar, não prova." for one in everyone
    ]


@pytest.mark.parametrize("one", UNSUPPORTED, ids=lambda one: one.code)
def test_what_is_not_computed_names_its_indicator_and_what_is_not_published(one):
    assert one.source == f"Open Contracting Partnership, {one.ocp}"
    assert one.missing.startswith("O PNCP não publica ")
    assert one.missing.endswith(".")
    assert one.missing.count(".") == 1
