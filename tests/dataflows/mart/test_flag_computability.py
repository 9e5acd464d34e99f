from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import pytest

from dataflows import code_tables, law
from dataflows.ledger import CONTRACTS, PURCHASES
from dataflows.mart.flag_computability import MartFlagComputability
from dataflows.mart.flag_definitions import COMPUTED, UNSUPPORTED
from dataflows.stage.contratacoes import StageContratacoes
from dataflows.stage.contratos import StageContratos

COMPRA = {
    "cnpj_orgao": "00394460005887",
    "modalidade_id": 6,
    "amparo_legal_codigo": 1,
    "data_publicacao_pncp": datetime(2025, 3, 6),  # noqa: DTZ001 - PNCP names no zone
    "date_verdict": "ok",
    "valor_total_estimado": Decimal(100),
    "valor_total_homologado": Decimal(90),
    "estimate_verdict": "ok",
    "award_verdict": "ok",
}
CONTRATO = {
    "cnpj_orgao": "00394460005887",
    "empenho": False,
    "data_publicacao_pncp": datetime(2025, 3, 6),  # noqa: DTZ001
    "date_verdict": "ok",
    "verdict": "ok",
    "bucket": "contract",
}
LAW = law.official_texts()["Lei 14.133/2021"]
RAISED = {"valor_total_homologado": Decimal(100)}
NOT_AWARDED = {"valor_total_homologado": None}
NO_ESTIMATE = {"valor_total_estimado": None}


def purchases(*changes: dict) -> list[dict]:
    return [COMPRA | {"numero_controle_pncp": str(n)} | change for n, change in enumerate(changes)]


@pytest.fixture
def counted(mart):
    """The row of no_discount over purchases that differ from COMPRA as said."""

    def one(*changes: dict, **params: int) -> dict:
        rows = mart("mart_flag_computability", stage_contratacoes=purchases(*changes), **params)
        return next(row for row in rows if row["flag"] == "no_discount")

    return one


def test_a_whole_row(mart, table):
    found = mart("mart_flag_computability", stage_contratacoes=purchases({}, RAISED, {}, NOT_AWARDED))
    MartFlagComputability.validate(table(MartFlagComputability.schema(), *found).cache())
    (row,) = [row for row in found if row["flag"] == "no_discount"]
    assert row.pop("texto").endswith("Um sinal para olhar, não prova.")
    assert row == {
        "flag": "no_discount",
        "titulo": "Homologado sem desconto sobre o estimado",
        "tipo_sujeito": "contratacao",
        "fonte": "Indicador low_discount do projeto ihalent, v0.3.0; Lei 14.133/2021, art. 23",
        "link_fonte": LAW,
        "codigo_ocp": None,
        "quantidade_sujeitos": 4,
        "quantidade_registros": 4,
        "quantidade_calculaveis": 3,
        "quantidade_sinalizados": 1,
        "percentual_calculavel": 75,
        "percentual_sinalizado": Decimal("33.3333"),
        "leitura": "too_common",
        "falta_principal": "valor homologado nulo ou zero",
        "quantidade_falta_principal": 1,
        "consultas": "contratacoes_publicacao",
        "dias_dos_anos": 365,
        "dias_provados": 0,
        "o_que_falta": "Amparo legal na Lei 14.133, valor homologado, que só há depois do resultado, e valor "
        "estimado acima de zero. O critério de julgamento, que a contratação não diz, não é olhado.",
    }


@pytest.mark.parametrize(
    ("changes", "falta", "quantidade"),
    [
        pytest.param([{}], None, 0, id="nothing"),
        pytest.param([NOT_AWARDED], "valor homologado nulo ou zero", 1, id="one thing"),
        pytest.param([NOT_AWARDED, NO_ESTIMATE, NO_ESTIMATE], "valor estimado nulo ou zero", 2, id="the most frequent"),
        pytest.param([NOT_AWARDED, NO_ESTIMATE], "valor homologado nulo ou zero", 1, id="of equals the last by name"),
        pytest.param([NOT_AWARDED | NO_ESTIMATE], "valor homologado nulo ou zero", 1, id="of two the first to lack"),
    ],
)  # fmt: skip
def test_what_lacks_most(counted, changes, falta, quantidade):
    row = counted(*changes)
    assert (row["falta_principal"], row["quantidade_falta_principal"]) == (falta, quantidade)


MODALIDADES = tuple(int(code) for code in code_tables.labels("modalidade"))


def ledger(endpoint: str, *days: int, year: int = 2025, listing: str = "") -> list[dict]:
    return [
        {
            "endpoint": endpoint,
            "modalidade": modalidade,
            "slice": listing,
            "day": date(year, 6, day),
            "status": "complete",
        }
        for day in days
        for modalidade in ((0,) if endpoint == CONTRACTS else MODALIDADES)
    ]


@pytest.mark.parametrize(
    ("coverage", "of_purchases", "of_contracts", "of_both"),
    [
        pytest.param([], 0, 0, 0, id="nothing"),
        pytest.param(ledger(CONTRACTS, 1, 2), 0, 2, 0, id="contracts alone"),
        pytest.param(ledger(CONTRACTS, 1, 2) + ledger(PURCHASES, 2, 3, 4), 3, 2, 1, id="on the same day"),
        pytest.param(ledger(CONTRACTS, 1, year=2024), 0, 0, 0, id="of a year without subjects"),
        pytest.param(ledger(CONTRACTS, 1, listing="cnpj=00394460005887"), 0, 0, 0, id="of one órgão"),
    ],
)
def test_what_the_ledger_proves_of_the_years_of_a_flag(mart, coverage, of_purchases, of_contracts, of_both):
    rows = mart(
        "mart_flag_computability",
        stage_contratacoes=purchases({}),
        stage_contratos=[CONTRATO | {"numero_controle_pncp": "c", "date_verdict": "ok"}],
        meta_coverage=coverage,
    )
    found = {row["flag"]: (row["consultas"], row["dias_dos_anos"], row["dias_provados"]) for row in rows}
    assert found["no_discount"] == (PURCHASES, 365, of_purchases)
    assert found["contract_value_implausible"] == (CONTRACTS, 365, of_contracts)
    assert found["published_late"] == (f"{CONTRACTS}, {PURCHASES}", 365, of_both)
    assert found["single_bid"] == (None, None, None)


def test_the_years_of_a_flag_are_those_of_its_subjects(mart):
    years = [{"data_publicacao_pncp": datetime(year, 3, 6)} for year in (2023, 2024, 2024)]  # noqa: DTZ001
    undated = {"data_publicacao_pncp": None}
    coverage = ledger(PURCHASES, 1, 2, year=2023) + ledger(PURCHASES, 1) + ledger(PURCHASES, 3, year=2024)
    rows = mart(
        "mart_flag_computability", stage_contratacoes=purchases(*years, undated), meta_coverage=coverage
    )
    (row,) = [row for row in rows if row["flag"] == "no_discount"]
    assert (row["dias_dos_anos"], row["dias_provados"]) == (365 + 366, 3)


@pytest.mark.parametrize(
    ("changes", "leitura", "raised"),
    [
        pytest.param([{}], "ok", 0, id="computable and not raised"),
        pytest.param([{}] * 7 + [RAISED] * 3, "too_common", 30, id="raised of thirty in a hundred"),
        pytest.param([{}] * 8 + [RAISED] * 3, "ok", Decimal("27.2727"), id="of fewer"),
        pytest.param([{}, NOT_AWARDED], "ok", 0, id="half computable"),
        pytest.param([{}, NOT_AWARDED, NOT_AWARDED], "partial", 0, id="less than half"),
        pytest.param([RAISED, NOT_AWARDED, NOT_AWARDED], "too_common", 100, id="both: raised too often"),
        pytest.param([NOT_AWARDED], "unseen", None, id="none computable"),
    ],
)  # fmt: skip
def test_leitura(counted, changes, leitura, raised):
    row = counted(*changes)
    assert (row["leitura"], row["percentual_sinalizado"]) == (leitura, raised)


@pytest.mark.parametrize(
    ("changes", "params", "leitura"),
    [
        pytest.param([{}, RAISED], {"common_flag_share": 51}, "ok", id="common_flag_share"),
        pytest.param([{}, NOT_AWARDED], {"least_computable_share": 51}, "partial", id="least_computable_share"),
    ],
)  # fmt: skip
def test_leitura_follows_its_parameters(counted, changes, params, leitura):
    assert counted(*changes, **params)["leitura"] == leitura


def test_flags_that_pncp_cannot_support_are_told_where_there_are_contests(mart):
    stage = purchases({}, {}, {"modalidade_id": 8}, {"situacao_compra_id": 2})
    rows = mart("mart_flag_computability", stage_contratacoes=stage)
    told = {row["flag"]: row for row in rows if row["leitura"] == "unsupported"}
    assert set(told) == {one.code for one in UNSUPPORTED}
    bid = told["single_bid"]
    assert bid["codigo_ocp"] == "R018"
    assert bid["o_que_falta"] == "O PNCP não publica quantos propuseram."
    assert (bid["falta_principal"], bid["quantidade_falta_principal"]) == ("o PNCP não publica", 2)
    assert (bid["quantidade_sujeitos"], bid["quantidade_calculaveis"], bid["quantidade_sinalizados"]) == (
        2,
        0,
        0,
    )
    assert (bid["percentual_calculavel"], bid["percentual_sinalizado"]) == (0, None)


def test_without_contests_they_have_no_row(mart):
    rows = mart("mart_flag_computability", stage_contratacoes=purchases({"modalidade_id": 8}))
    assert not [row for row in rows if row["leitura"] == "unsupported"]


def test_flags_without_subjects_have_no_row(mart):
    rows = mart("mart_flag_computability", stage_contratos=[CONTRATO | {"numero_controle_pncp": "1"}])
    assert {row["flag"] for row in rows} == {
        "contract_date_implausible",
        "contract_dates_out_of_order",
        "contract_value_implausible",
        "direct_awards_to_supplier_over_limit",
        "growth_after_signing",
        "published_late",
        "repeated_direct_awards",
        "year_end_rush",
    }


def compared(table, rows: list[dict], contratacoes: list[dict], contratos: list[dict]) -> dict:
    gate, _ = MartFlagComputability.gates
    measures = gate.compare(
        mart_flag_computability=table(MartFlagComputability.schema(), *rows),
        stage_contratacoes=table(StageContratacoes.schema(), *contratacoes),
        stage_contratos=table(StageContratos.schema(), *contratos),
    )
    return {row["measure"]: (row["expected"], row["found"]) for row in measures.to_pyarrow().to_pylist()}


def test_the_gate_holds_every_flag_of_records_against_stage(mart, table):
    contratacoes = purchases({}, {"modalidade_id": 8, "amparo_legal_codigo": 19}, {"modalidade_id": 1})
    contratos = [
        CONTRATO | {"numero_controle_pncp": str(n)} | change
        for n, change in enumerate([{}, {"empenho": True}, {"receita": True}])
    ]
    rows = mart("mart_flag_computability", stage_contratacoes=contratacoes, stage_contratos=contratos)
    measures = compared(table, rows, contratacoes, contratos)
    assert all(expected == found for expected, found in measures.values())
    records = {one.code for one in (*COMPUTED, *UNSUPPORTED) if one.kind in {"contratacao", "contrato"}}
    assert set(measures) == records
    assert measures["no_estimate"] == measures["short_proposal_period"] == (2, 2)
    assert (
        measures["just_below_limit"] == measures["single_bid"] == measures["growth_after_signing"] == (1, 1)
    )
    assert measures["published_late"] == (2, 2)
    assert measures["contract_value_implausible"] == (3, 3)
    lost = [row for row in rows if row["flag"] != "no_discount"]
    assert compared(table, lost, contratacoes, contratos)["no_discount"] == (1, 0)


def test_the_gate_holds_over_nothing(table):
    assert set(compared(table, [], [], []).values()) == {(0, 0)}


def test_the_gate_holds_direct_awards_by_value_against_the_units(mart, table):
    _, gate = MartFlagComputability.gates
    by_value = {"modalidade_id": 8, "amparo_legal_codigo": 19}
    changes = [
        by_value,
        by_value | {"valor_total_homologado": None},
        by_value | {"codigo_unidade": "2", "amparo_legal_codigo": 18},
        by_value | {"situacao_compra_id": 2},
        {},
    ]
    contratacoes = purchases(*changes)
    rows = mart("mart_flag_computability", stage_contratacoes=contratacoes)
    (row,) = [row for row in rows if row["flag"] == "direct_awards_over_limit"]
    assert (row["quantidade_sujeitos"], row["quantidade_registros"]) == (2, 3)

    def compared(*found: dict, stage: list[dict]) -> list[dict]:
        measures = gate.compare(
            mart_flag_computability=table(MartFlagComputability.schema(), *found),
            stage_contratacoes=table(StageContratacoes.schema(), *stage),
        )
        return measures.to_pyarrow().to_pylist()

    measure = "direct_awards_over_limit"
    assert compared(*rows, stage=contratacoes) == [{"measure": measure, "expected": 3, "found": 3}]
    assert compared(row | {"quantidade_registros": 2}, stage=contratacoes) == [
        {"measure": measure, "expected": 3, "found": 2}
    ]
    assert compared(stage=contratacoes) == [{"measure": measure, "expected": 3, "found": 0}]
    assert compared(stage=[]) == [{"measure": measure, "expected": 0, "found": 0}]


COUNTED = {
    "quantidade_sujeitos": 5,
    "quantidade_calculaveis": 3,
    "quantidade_sinalizados": 3,
    "falta_principal": "valor",
    "quantidade_falta_principal": 2,
}
RULE = next(rule for rule in MartFlagComputability.rules() if rule.name.startswith("raised are of"))


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        pytest.param({}, True, id="each within the next"),
        pytest.param({"quantidade_sinalizados": 4}, False, id="more raised than computable"),
        pytest.param({"quantidade_falta_principal": 3}, False, id="more lacks than is left"),
        pytest.param({"falta_principal": None}, False, id="something lacks, unsaid"),
        pytest.param({"quantidade_calculaveis": 5, "quantidade_falta_principal": 0}, False, id="nothing lacks, said"),
        pytest.param(
            {"quantidade_calculaveis": 5, "quantidade_falta_principal": 0, "falta_principal": None}, True, id="all"
        ),
        pytest.param(
            dict.fromkeys(COUNTED, 0) | {"falta_principal": None}, False, id="a row about nothing"
        ),
    ],
)  # fmt: skip
def test_the_rule(table, change, holds):
    row = table(MartFlagComputability.schema(), COUNTED | change)
    assert row.select(holds=RULE.holds(row)).to_pyarrow().to_pylist() == [{"holds": holds}]


def test_the_real_answers(real, real_records):
    """How many records each flag speaks of, in plain Python, and that what it raises is what is shown."""
    rows = {row["flag"]: row for row in real("mart_flag_computability")}
    shown = Counter(row["flag"] for row in real("mart_red_flags"))
    assert shown == {
        flag: row["quantidade_sinalizados"] for flag, row in rows.items() if row["quantidade_sinalizados"]
    }
    contracts, purchases = real_records["contratos"], real_records["contratacoes"]
    labels = code_tables.labels("amparo_legal")
    of_contracts = [record for record in contracts if record["tipoContrato"]["id"] != 7]
    contests = [
        record
        for record in purchases
        if record["modalidadeId"] in {4, 5, 6} and record["situacaoCompraId"] not in {2, 3}
    ]
    subjects = {flag: row["quantidade_sujeitos"] for flag, row in rows.items()}
    assert subjects["contract_value_implausible"] == len(contracts) == 1132
    assert subjects["published_late"] == len(of_contracts)
    assert subjects["growth_after_signing"] == len([one for one in of_contracts if not one["receita"]])
    assert subjects["purchase_dates_out_of_order"] == len(purchases)
    assert subjects["no_discount"] == subjects["single_bid"] == len(contests)
    assert rows["no_discount"]["quantidade_calculaveis"] == len(
        [
            one
            for one in contests
            if one["valorTotalHomologado"]
            and one["valorTotalEstimado"]
            and labels[str(one["amparoLegal"]["codigo"])].startswith("Lei 14.133/2021")
        ]
    )
    assert {flag for flag, row in rows.items() if row["leitura"] == "too_common"} == {
        "concentrated_suppliers"
    }
    assert {flag for flag, row in rows.items() if row["leitura"] == "unseen"} == {
        "direct_awards_to_supplier_over_limit",
        "growth_after_signing",
        "published_late",
        "repeated_direct_awards",
    }


DAYS = next(rule for rule in MartFlagComputability.rules() if rule.name.startswith("days proven are of"))


@pytest.mark.parametrize(
    ("consultas", "anos", "provados", "holds"),
    [
        pytest.param("contratos", 365, 3, True, id="told"),
        pytest.param(None, None, None, True, id="no listings, nothing told"),
        pytest.param("contratos", 365, 366, False, id="more than the years have"),
        pytest.param("contratos", None, 3, False, id="days of the years are not told"),
        pytest.param("contratos", 365, None, False, id="days proven are not told"),
        pytest.param(None, 365, None, False, id="days of the years told without listings"),
        pytest.param(None, None, 3, False, id="days proven told without listings"),
    ],
)
def test_the_rule_on_days_proven(table, consultas, anos, provados, holds):
    row = {"consultas": consultas, "dias_dos_anos": anos, "dias_provados": provados}
    found = table(MartFlagComputability.schema(), row)
    assert DAYS.holds(found).execute().tolist() == [holds]
