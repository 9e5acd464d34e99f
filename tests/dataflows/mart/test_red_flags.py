from collections import Counter
from datetime import datetime
from decimal import Decimal

import ibis
import pytest

from dataflows import code_tables, law
from dataflows.mart.flag_computability import MartFlagComputability
from dataflows.mart.flag_definitions import COMPUTED, UNSUPPORTED
from dataflows.mart.red_flags import MartRedFlags

ORGAO = "00394460005887"
NUMBER = f"{ORGAO}-1-000001/2025"
COMPRA = {
    "numero_controle_pncp": NUMBER,
    "link_pncp": "https://pncp.gov.br/app/editais/1",
    "cnpj_orgao": ORGAO,
    "nome_orgao": "MINISTERIO",
    "codigo_unidade": "1",
    "uf_sigla": "SP",
    "modalidade_id": 6,
    "amparo_legal_codigo": 1,
    "data_publicacao_pncp": datetime(2025, 3, 6),  # noqa: DTZ001 - PNCP names no zone
    "date_verdict": "ok",
    "valor_total_estimado": Decimal(100),
    "valor_total_homologado": Decimal(100),
    "estimate_verdict": "ok",
    "award_verdict": "ok",
}
LAW = law.official_texts()["Lei 14.133/2021"]
RATES = [{"flag": one.code, "percentual_sinalizado": Decimal("12.5")} for one in COMPUTED]


@pytest.fixture
def flags(mart):
    return lambda *purchases, **more: mart(
        "mart_red_flags",
        stage_contratacoes=[COMPRA | purchase for purchase in purchases],
        mart_flag_computability=RATES,
        **more,
    )


def direct(*values: int) -> list[dict]:
    """Direct awards of one unit, numbered backwards."""
    base = {"modalidade_id": 8, "amparo_legal_codigo": 19}
    return [
        base | {"numero_controle_pncp": f"{len(values) - place}", "valor_total_homologado": Decimal(value)}
        for place, value in enumerate(values)
    ]


def test_a_whole_row(flags, table):
    found = flags({})
    MartRedFlags.validate(table(MartRedFlags.schema(), *found).cache())
    assert found == [
        {
            "flag": "no_discount",
            "subject": NUMBER,
            "tipo_sujeito": "contratacao",
            "titulo": "Homologado sem desconto sobre o estimado",
            "cnpj_orgao": ORGAO,
            "nome_orgao": "MINISTERIO",
            "uf_sigla": "SP",
            "ano": 2025,
            "valor_observado": 100,
            "limite": 99,
            "unidade_medida": "%",
            "detalhe": "igual ao estimado",
            "percentual_sinalizado": Decimal("12.5"),
            "evidencias": [NUMBER],
            "quantidade_evidencias": 1,
            "link_pncp": "https://pncp.gov.br/app/editais/1",
            "fonte": "Indicador low_discount do projeto ihalent, v0.3.0; Lei 14.133/2021, art. 23",
            "link_fonte": LAW,
            "codigo_ocp": None,
            "texto": "O valor homologado é quase o estimado, ou mais. É regular onde o preço é tabelado ou o "
            "critério é maior desconto, e itens sem vencedor escondem a falta de desconto nos demais. Um sinal "
            "para olhar, não prova.",
        }
    ]


def test_what_is_not_raised_or_cannot_be_told_has_no_row(flags):
    assert flags({"valor_total_homologado": Decimal(90)}, {"valor_total_homologado": None}) == []


def test_a_group_has_its_records_in_order_and_no_page(flags):
    (row,) = flags(*direct(40_000, 20_000, 10_000))
    assert row["subject"] == f"{ORGAO}/2025/II/1"
    assert row["tipo_sujeito"] == "orgao-unidade-ano-inciso"
    assert (row["evidencias"], row["quantidade_evidencias"]) == (["1", "2", "3"], 3)
    assert row["link_pncp"] is None


def test_evidence_is_shown_up_to_a_number_and_counted_whole(flags):
    (row,) = flags(*direct(40_000, 20_000, 10_000), flag_evidence=2)
    assert (row["evidencias"], row["quantidade_evidencias"]) == (["1", "2"], 3)


def test_every_flag_is_told_by_a_definition_of_its_own():
    everyone = (*COMPUTED, *UNSUPPORTED)
    assert len({one.code for one in everyone}) == len({one.title for one in everyone}) == len(everyone)
    assert len({one.wording for one in COMPUTED}) == len(COMPUTED)
    for one in everyone:
        assert one.wording.endswith(".")
        assert one.missing.endswith(".")
        assert one.source
        assert one.kind
    assert all(one.unit for one in COMPUTED)
    assert all(one.rests_on for one in COMPUTED)
    assert not any(one.rests_on for one in UNSUPPORTED)


def test_whatever_names_the_law_leads_to_it():
    for one in COMPUTED:
        assert one.link == (LAW if "Lei 14.133/2021" in one.source else "")


ASSERTING = ("impossível", "fora do prazo", "limite legal", "legal mais", "não pode", "burla", "fracion")
ACCUSING = ("fraude", "corrup", "irregular", "ilegal", "ilícit", "crime", "culpa", "desvio", "conluio")


@pytest.mark.parametrize("one", [*COMPUTED, *UNSUPPORTED], ids=lambda one: one.code)
def test_words_accuse_nobody(one):
    said = f"{one.title} {one.wording} {one.missing}".lower()
    assert not [word for word in ACCUSING if word in said]


@pytest.mark.parametrize("one", COMPUTED, ids=lambda one: one.code)
def test_titles_state_nothing_that_the_record_may_not_support(one):
    assert not [word for word in ASSERTING if word in one.title.lower()]


@pytest.mark.parametrize("one", COMPUTED, ids=lambda one: one.code)
def test_only_what_a_flag_reads_is_to_be_fetched(one):
    _, *told = one.missing.split("--endpoint ")
    assert {words.split()[0].strip(".:,") for words in told} <= {
        "contratacoes_publicacao",
        "contratos",
        "compra",
    }


def test_the_rows_of_a_flag_are_those_that_are_counted(mart):
    stage = [COMPRA, COMPRA | {"numero_controle_pncp": "2"}]
    counted = mart("mart_flag_computability", stage_contratacoes=stage)
    found = mart("mart_red_flags", stage_contratacoes=stage, mart_flag_computability=counted)
    assert Counter(row["flag"] for row in found) == {
        row["flag"]: row["quantidade_sinalizados"] for row in counted if row["quantidade_sinalizados"]
    }
    assert {row["percentual_sinalizado"] for row in found} == {100}


RULES = {rule.name: rule for rule in MartRedFlags.rules()}
SAID = {
    "flag": "no_discount",
    "tipo_sujeito": "contratacao",
    "subject": "1",
    "valor_observado": Decimal(99),
    "limite": Decimal(99),
    "evidencias": ["1"],
    "quantidade_evidencias": 1,
}


@pytest.mark.parametrize(
    ("rule", "change", "holds"),
    [
        pytest.param("a flag has evidence, and shows no more of it than there is", {}, True, id="evidence"),
        pytest.param(
            "a flag has evidence, and shows no more of it than there is", {"evidencias": []}, False, id="none"
        ),
        pytest.param(
            "a flag has evidence, and shows no more of it than there is", {"evidencias": ["1", "2"]}, False, id="more"
        ),
        pytest.param("a record is its own evidence, and has its page", {}, True, id="a record"),
        pytest.param("a record is its own evidence, and has its page", {"subject": "2"}, False, id="another record"),
        pytest.param(
            "a record is its own evidence, and has its page", {"quantidade_evidencias": 2}, False, id="of several"
        ),
        pytest.param(
            "a record is its own evidence, and has its page",
            {"subject": "2", "tipo_sujeito": "contrato"},
            False,
            id="another contract",
        ),
        pytest.param(
            "a record is its own evidence, and has its page",
            {"subject": "x/2025", "tipo_sujeito": "orgao-ano", "quantidade_evidencias": 2},
            True,
            id="a group",
        ),
        pytest.param("what was observed is on the wrong side of its limit", {}, True, id="at the limit"),
        pytest.param(
            "what was observed is on the wrong side of its limit", {"limite": Decimal(100)}, False, id="within"
        ),
        pytest.param(
            "what was observed is on the wrong side of its limit",
            {"flag": "short_proposal_period", "valor_observado": Decimal(98)},
            True,
            id="short",
        ),
        pytest.param(
            "what was observed is on the wrong side of its limit", {"flag": "just_below_limit"}, False, id="not below"
        ),
        pytest.param(
            "what was observed is on the wrong side of its limit",
            {"flag": "contract_date_implausible", "limite": Decimal(1990)},
            True,
            id="impossible either way",
        ),
        pytest.param(
            "what was observed is on the wrong side of its limit",
            {"flag": "no_estimate", "valor_observado": None},
            None,
            id="nothing observed",
        ),
    ],
)  # fmt: skip
def test_rules(table, rule, change, holds):
    row = table(MartRedFlags.schema(), SAID | change)
    assert row.select(holds=RULES[rule].holds(row)).to_pyarrow().to_pylist() == [{"holds": holds}]


def test_the_gate_catches_a_lost_row(table):
    (gate,) = MartRedFlags.gates
    counted = [
        {"flag": "no_discount", "quantidade_sinalizados": 2},
        {"flag": "no_estimate", "quantidade_sinalizados": 1},
        {"flag": "single_bid", "quantidade_sinalizados": 0},
    ]
    rows = [SAID, SAID | {"subject": "2"}]
    compared = gate.compare(
        mart_red_flags=table(MartRedFlags.schema(), *rows),
        mart_flag_computability=table(MartFlagComputability.schema(), *counted),
    )
    assert sorted(compared.to_pyarrow().to_pylist(), key=lambda row: row["measure"]) == [
        {"measure": "no_discount", "expected": 2, "found": 2},
        {"measure": "no_estimate", "expected": 1, "found": 0},
        {"measure": "single_bid", "expected": 0, "found": 0},
    ]


def test_the_real_answers(real, real_records):
    """Which records are flagged, in plain Python over them as they came."""
    found: dict[str, set[str]] = {}
    for row in real("mart_red_flags"):
        found.setdefault(row["flag"], set()).add(row["subject"])
    purchases = {record["numeroControlePNCP"]: record for record in real_records["contratacoes"]}
    labels = code_tables.labels("amparo_legal")
    own = {int(code) for code, label in labels.items() if label.startswith("Lei 14.133/2021")}
    no_estimate = {
        number
        for number, record in purchases.items()
        if not record["valorTotalEstimado"]
        and record["modalidadeId"] not in {1, 3, 10, 11, 12, 13}
        and record["situacaoCompraId"] not in {2, 3}
        and record["amparoLegal"]["codigo"] in own
    }
    assert found["no_estimate"] == no_estimate
    assert len(no_estimate) == 22
    assert found["no_discount"] == {
        number
        for number, record in purchases.items()
        if record["modalidadeId"] in {4, 5, 6}
        and record["situacaoCompraId"] not in {2, 3}
        and record["amparoLegal"]["codigo"] in own
        and record["valorTotalEstimado"]
        and round(100 * (record["valorTotalHomologado"] or 0) / record["valorTotalEstimado"], 4) >= 99
    }
    assert found["purchase_dates_out_of_order"] == {
        number
        for number, record in purchases.items()
        if record["dataEncerramentoProposta"] < record["dataPublicacaoPncp"]
    }
    assert not {record["numeroControlePncpCompra"] for record in real_records["contratos"]} & set(purchases)
    assert not set(found) - {
        "no_estimate",
        "no_discount",
        "purchase_dates_out_of_order",
        "concentrated_suppliers",
    }


def test_a_flag_rests_on_all_of_its_orgao_and_on_where_its_contracts_came_from():
    tables = {
        "stage_contratos": ibis.memtable(
            {
                "cnpj_orgao": ["mine", "mine", "other"],
                "numero_controle_pncp_compra": ["of another", None, "of a third"],
            }
        ),
        "stage_contratacoes": ibis.memtable(
            {
                "cnpj_orgao": ["mine", "other", "third"],
                "numero_controle_pncp": ["own", "of another", "of a third"],
            }
        ),
    }
    found = MartRedFlags.behind_rows([{"cnpj_orgao": "mine"}], tables.__getitem__)

    assert found["stage_contratos"].cnpj_orgao.execute().tolist() == ["mine", "mine"]
    purchases = found["stage_contratacoes"].numero_controle_pncp.execute().tolist()
    assert sorted(purchases) == ["of another", "own"]
