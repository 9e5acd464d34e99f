from datetime import date, datetime

import pytest

from dataflows import parameters
from dataflows.raw.atas import RawAtas
from dataflows.stage.atas import (
    StageAtas,
    atas_buyer,
    atas_dates,
    atas_evidence,
    atas_identification,
    atas_latest,
    atas_situation,
    atas_texts,
    stage_atas,
)

COMPRA = "00394460000141-1-000012/2025"
KEY = f"{COMPRA}-000003"
DAY = datetime(2025, 9, 12)  # noqa: DTZ001 - PNCP names no zone
RECORD = {
    "numeroControlePNCPAta": KEY,
    "numeroControlePNCPCompra": COMPRA,
    "numeroAtaRegistroPreco": " 15/2025 ",
    "anoAta": 2026,
    "cancelado": False,
    "dataAssinatura": datetime(2025, 9, 10, 14, 30),  # noqa: DTZ001
    "vigenciaInicio": DAY,
    "vigenciaFim": datetime(2026, 9, 12),  # noqa: DTZ001
    "dataPublicacaoPncp": DAY,
    "dataInclusao": DAY,
    "dataAtualizacao": DAY,
    "dataAtualizacaoGlobal": DAY,
    "objetoContratacao": "Registro\r\nde preços",
    "cnpjOrgao": "00394460000141",
    "nomeOrgao": "MINISTERIO DA FAZENDA ",
    "codigoUnidadeOrgao": " 170010",
    "nomeUnidadeOrgao": "Coordenação\t",
    "possibilidadeAdesao": True,
    "usuario": "Compras.gov.br ",
}
LIMITS = {name: parameters.inputs()[name] for name in ("earliest_year", "longest_term")}


@pytest.fixture
def raw(observe):
    return observe(RawAtas, numeroControlePNCPAta=KEY)


def staged(raw):
    """stage.atas as the graph puts it together."""
    table = atas_latest(raw)
    return stage_atas(
        table,
        atas_identification(table),
        atas_buyer(table),
        atas_situation(table),
        atas_texts(table),
        atas_dates(table, **LIMITS),
        atas_evidence(table),
    )


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def one(table, columns: dict) -> dict:
    (row,) = rows(table.select(**columns))
    return row


def test_a_whole_record(raw):
    assert rows(staged(raw(RECORD))) == [
        dict.fromkeys(StageAtas.columns)
        | {
            "numero_controle_pncp_ata": KEY,
            "numero_controle_pncp_compra": COMPRA,
            "ano_compra": 2025,
            "sequencial_compra": 12,
            "sequencial_ata": 3,
            "ano_ata": 2026,
            "numero_ata_registro_preco": "15/2025",
            "link_pncp": "https://pncp.gov.br/app/atas/00394460000141/2025/12/3",
            "cnpj_orgao": "00394460000141",
            "nome_orgao": "MINISTERIO DA FAZENDA",
            "codigo_unidade": "170010",
            "nome_unidade": "Coordenação",
            "cancelado": False,
            "possibilidade_adesao": True,
            "objeto_contratacao": "Registro de preços",
            "usuario_nome": "Compras.gov.br",
            "data_assinatura": date(2025, 9, 10),
            "data_vigencia_inicio": date(2025, 9, 12),
            "data_vigencia_fim": date(2026, 9, 12),
            "data_publicacao_pncp": DAY,
            "data_inclusao": DAY,
            "data_atualizacao": DAY,
            "data_atualizacao_global": DAY,
            "date_verdict": "ok",
            "observation_id": 1,
            "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
        }
    ]


def test_a_record_of_nulls_keeps_its_contract(raw):
    table = staged(raw({"numeroControlePNCPAta": "outside the mask"})).cache()
    StageAtas.validate(table)
    (row,) = rows(table)
    assert {name: value for name, value in row.items() if value is not None} == {
        "numero_controle_pncp_ata": "outside the mask",
        "cnpj_orgao": "outside the ma",
        "date_verdict": "ok",
        "observation_id": 1,
        "observed_at": datetime(2025, 1, 1),  # noqa: DTZ001
    }


def test_only_the_latest_version_of_each_key_is_left(raw):
    table = staged(
        raw(
            {"numeroControlePNCPAta": "a", "dataAtualizacaoGlobal": DAY, "cancelado": True},
            {"numeroControlePNCPAta": "a", "dataAtualizacaoGlobal": None, "cancelado": False},
            {"numeroControlePNCPAta": "b", "cancelado": False},
        )
    )
    found = {
        (row["numero_controle_pncp_ata"], row["cancelado"], row["observation_id"]) for row in rows(table)
    }
    assert found == {("a", True, 1), ("b", False, 3)}


def test_the_gate_counts_keys_and_rows(raw):
    observed = raw(
        {"numeroControlePNCPAta": "a"}, {"numeroControlePNCPAta": "a"}, {"numeroControlePNCPAta": "b"}
    )
    (gate,) = StageAtas.gates
    whole, lost = staged(observed), staged(observed).limit(1)
    assert rows(gate.compare(stage_atas=whole, raw_atas=observed)) == [
        {"measure": "rows", "expected": 2, "found": 2}
    ]
    assert rows(gate.compare(stage_atas=lost, raw_atas=observed)) == [
        {"measure": "rows", "expected": 2, "found": 1}
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(f" {COMPRA} ", COMPRA, id="as said, without padding"),
        pytest.param("00394460000141-1-000099/2025", "00394460000141-1-000099/2025", id="another: as said"),
        pytest.param("", COMPRA, id="blank: the beginning of its own number"),
        pytest.param(None, COMPRA, id="null: the beginning of its own number"),
    ],
)
def test_numero_controle_pncp_compra(raw, said, expected):
    table = raw({"numeroControlePNCPCompra": said})
    assert one(table, atas_identification(table))["numero_controle_pncp_compra"] == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(KEY, "00394460000141/2025/12/3", id="no zeros in front"),
        pytest.param(
            "12ABC34501DE35-1-123456/2026-000010", "12ABC34501DE35/2026/123456/10", id="CNPJ with letters"
        ),
        pytest.param(COMPRA, None, id="the number of a purchase: no link"),
        pytest.param("a", None, id="no number at all: no link"),
    ],
)
def test_link_pncp_is_of_the_purchases_numbering(raw, key, expected):
    table = raw({"numeroControlePNCPAta": key, "anoAta": 1999, "cnpjOrgao": "11111111000191"})
    link = one(table, atas_identification(table))["link_pncp"]
    assert link == (expected and f"https://pncp.gov.br/app/atas/{expected}")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(" 11111111000191 ", "11111111000191", id="the órgão's own"),
        pytest.param(" ", "00394460000141", id="blank: that of the control number"),
        pytest.param(None, "00394460000141", id="null: that of the control number"),
    ],
)
def test_cnpj_orgao(raw, said, expected):
    table = raw({"cnpjOrgao": said})
    assert one(table, atas_buyer(table))["cnpj_orgao"] == expected


def test_the_orgao_that_manages_stays_where_another_was_sub_rogated(raw):
    table = raw(
        RECORD
        | {
            "cnpjOrgaoSubrogado": "11111111000191 ",
            "nomeOrgaoSubrogado": " FUNDO ",
            "codigoUnidadeOrgaoSubrogado": "1 ",
            "nomeUnidadeOrgaoSubrogado": "A\tB",
        }
    )
    row = one(table, atas_buyer(table))
    assert row["cnpj_orgao"] == "00394460000141"
    assert {name: value for name, value in row.items() if "subroga" in name} == {
        "cnpj_orgao_subrogado": "11111111000191",
        "nome_orgao_subrogado": "FUNDO",
        "codigo_unidade_subrogada": "1",
        "nome_unidade_subrogada": "A B",
    }


@pytest.mark.parametrize("said", [True, False, None])
def test_flags_stay_as_published(raw, said):
    table = raw({"cancelado": said, "possibilidadeAdesao": said})
    assert one(table, atas_situation(table)) == {"cancelado": said, "possibilidade_adesao": said}


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        pytest.param({"vigenciaFim": datetime(7203, 7, 27)}, "implausible", id="year 7203"),  # noqa: DTZ001
        pytest.param(
            {"vigenciaInicio": datetime(2026, 9, 13)},  # noqa: DTZ001
            "reversed",
            id="ends before it begins",
        ),
        pytest.param(
            {"dataAssinatura": datetime(2025, 9, 13)},  # noqa: DTZ001
            "signed_after_publication",
            id="signed after publication",
        ),
        pytest.param({"dataAssinatura": datetime(2025, 9, 12, 23, 59)}, "ok", id="signed that day"),  # noqa: DTZ001
        pytest.param(
            dict.fromkeys(("dataAssinatura", "vigenciaInicio", "vigenciaFim")), "ok", id="no dates at all"
        ),
    ],
)
def test_date_verdict(raw, dates, expected):
    table = raw(RECORD | dates)
    assert one(table, atas_dates(table, **LIMITS))["date_verdict"] == expected


def test_the_real_atas(real_raw):
    raw = real_raw(RawAtas, "atas")
    found = rows(staged(raw))
    keys = {row["numeroControlePNCPAta"] for row in rows(raw)}
    assert {row["numero_controle_pncp_ata"] for row in found} == keys
    assert len(found) == len(keys)
    for row in found:
        compra, _, ata = row["numero_controle_pncp_ata"].rpartition("-")
        cnpj, _, numbering = compra.split("-")
        sequencial, _, ano = numbering.partition("/")
        assert row["numero_controle_pncp_compra"] == compra
        assert row["cnpj_orgao"] == cnpj
        assert row["link_pncp"].endswith(f"/app/atas/{cnpj}/{ano}/{int(sequencial)}/{int(ata)}")
    implausible = [row["data_vigencia_fim"] for row in found if row["date_verdict"] == "implausible"]
    assert implausible == [date(7203, 7, 27)]
