import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from dataflows.ledger import SCHEMAS
from dataflows.mart.open_tenders import SITUATIONS, MartOpenTenders
from dataflows.raw.compras import RawCompras
from dataflows.raw.contratacoes_proposta import RawContratacoesProposta
from dataflows.stage.contratacoes_proposta import StageContratacoesProposta

TODAY = date(2026, 1, 1)
"""data_referencia of the tests of marts."""

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PROVEN_AT = datetime(2026, 1, 1, 9)  # noqa: DTZ001 - UTC, without saying so
ORGAO, OTHER = "00394460005887", "11111111000191"
PURCHASE = {
    "numero_controle_pncp": "a",
    "cnpj_orgao": ORGAO,
    "uf_sigla": "SP",
    "codigo_ibge": "3550308",
    "modalidade_id": 6,
    "situacao_compra_id": 1,
    "data_publicacao_pncp": datetime(2025, 12, 20, 8),  # noqa: DTZ001 - PNCP names no zone
    "data_atualizacao_global": datetime(2025, 12, 20, 8),  # noqa: DTZ001
    "data_abertura_proposta": datetime(2025, 12, 21, 8),  # noqa: DTZ001
    "data_encerramento_proposta": datetime(2026, 1, 9, 9),  # noqa: DTZ001
    "date_verdict": "ok",
    "valor_total_estimado": Decimal(7),
    "estimate_verdict": "ok",
    "observed_at": PROVEN_AT - HOUR,
    "first_observed_at": PROVEN_AT - HOUR,
}
SNAPSHOT = {
    "endpoint": "contratacoes_proposta",
    "modalidade": 6,
    "slice": "",
    "day": TODAY,
    "status": "complete",
    "landed": 1,
    "updated_at": PROVEN_AT,
}
MARK = {
    "table_name": "contratacoes_proposta",
    "key": "a",
    "endpoint": "contratacoes_proposta",
    "seen_until": PROVEN_AT - DAY,
    "noticed_at": PROVEN_AT,
}


@pytest.fixture
def tenders(mart):
    def made(*purchases: dict, snapshots=({},), vanished=(), **params) -> list[dict]:
        return mart(
            "mart_open_tenders",
            stage_contratacoes_proposta=[PURCHASE | change for change in purchases],
            meta_coverage=[SNAPSHOT | change for change in snapshots],
            meta_vanished=[MARK | change for change in vanished],
            **params,
        )

    return made


def test_a_purchase_open_on_the_day(tenders):
    told = {
        "objeto_compra": "Canetas",
        "nome_orgao": "Ministério",
        "esfera_id": "F",
        "codigo_unidade": "1",
        "nome_unidade": "Sede",
        "municipio_nome": "São Paulo",
        "modalidade_nome": "Pregão - Eletrônico",
        "modo_disputa_id": 1,
        "modo_disputa_nome": "Aberto",
        "srp": True,
        "estimate_missing": None,
        "link_pncp": "https://pncp.gov.br/app/editais/00394460005887/2025/1",
        "link_sistema_origem": "https://compras.invalid",
    }
    (row,) = tenders(told)
    kept = {name: value for name, value in PURCHASE.items() if name in row} | told
    assert row == kept | {
        "data_referencia": TODAY,
        "ja_recebe_propostas": True,
        "dias_restantes": 8,
        "dia_retrato": TODAY,
        "provado_em": PROVEN_AT,
        "recorte": "",
        "dias_desde_retrato": 0,
    }


def moment(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("closing", "left"),
    [
        pytest.param(moment(TODAY - DAY, 23, 59), [], id="the day before"),
        pytest.param(moment(TODAY), [0], id="first moment of the day"),
        pytest.param(moment(TODAY, 8), [0], id="an hour of the day that may be over"),
        pytest.param(moment(TODAY + DAY), [1], id="the day after"),
        pytest.param(None, [None], id="PNCP does not say"),
    ],
)
def test_closing(tenders, closing, left):
    found = tenders({"data_encerramento_proposta": closing})
    assert [row["dias_restantes"] for row in found] == left


@pytest.mark.parametrize(
    ("opening", "receives"),
    [
        pytest.param(moment(TODAY, 23), True, id="later that day"),
        pytest.param(moment(TODAY + DAY), False, id="the day after"),
        pytest.param(None, None, id="PNCP does not say"),
    ],
)
def test_ja_recebe_propostas(tenders, opening, receives):
    (row,) = tenders({"data_abertura_proposta": opening})
    assert row["ja_recebe_propostas"] is receives


@pytest.mark.parametrize("code", [2, 3, 4, None], ids=["revoked", "annulled", "suspended", "not said"])
def test_what_is_not_published_is_not_open(tenders, code):
    assert tenders({"situacao_compra_id": code}) == []


@pytest.mark.parametrize(
    ("snapshots", "proof"),
    [
        pytest.param([], None, id="none"),
        pytest.param([{"status": "empty"}], TODAY, id="empty is a proof too"),
        pytest.param([{"status": "short"}], None, id="short"),
        pytest.param([{"status": "failed"}], None, id="failed"),
        pytest.param([{"status": "pending"}], None, id="pending"),
        pytest.param([{"modalidade": 8}], None, id="another modalidade"),
        pytest.param([{"endpoint": "contratacoes_publicacao"}], None, id="another endpoint"),
        pytest.param([{"day": TODAY + DAY}], None, id="after the day"),
        pytest.param([{"day": TODAY - 9 * DAY}], TODAY - 9 * DAY, id="an old one"),
        pytest.param([{"day": TODAY - DAY}, {}, {"day": TODAY - 2 * DAY}], TODAY, id="the latest"),
        pytest.param([{"day": TODAY - DAY}, {"status": "failed"}], TODAY - DAY, id="the latest complete"),
    ],
)
def test_the_snapshot_that_proves_it(tenders, snapshots, proof):
    found = tenders({}, snapshots=snapshots)
    assert [row["dia_retrato"] for row in found] == ([proof] if proof else [])
    assert [row["dias_desde_retrato"] for row in found] == ([(TODAY - proof).days] if proof else [])


@pytest.mark.parametrize(
    ("slice_", "change", "covered"),
    [
        pytest.param("uf=SP", {}, True, id="its UF"),
        pytest.param("uf=RJ", {}, False, id="another UF"),
        pytest.param("uf=SP", {"uf_sigla": None}, False, id="no UF"),
        pytest.param(f"cnpj={ORGAO}", {}, True, id="its órgão"),
        pytest.param(f"cnpj={OTHER}", {}, False, id="another órgão"),
        pytest.param("municipio=3550308", {}, True, id="its município"),
        pytest.param("municipio=3304557", {}, False, id="another município"),
        pytest.param("", {"cnpj_orgao_subrogado": OTHER}, True, id="sub-rogated, the country"),
        pytest.param("uf=SP", {"cnpj_orgao_subrogado": OTHER}, False, id="sub-rogated, its UF"),
        pytest.param("uf=SP", {"codigo_unidade_subrogada": "2"}, False, id="another unit, its UF"),
        pytest.param(
            "municipio=3550308", {"codigo_unidade_subrogada": "2"}, False, id="another unit, its município"
        ),
        pytest.param(
            f"cnpj={ORGAO}", {"cnpj_orgao_subrogado": OTHER}, False, id="sub-rogated, the first órgão"
        ),
        pytest.param(
            f"cnpj={OTHER}", {"cnpj_orgao_subrogado": OTHER}, False, id="sub-rogated, the second órgão"
        ),
        pytest.param(
            f"cnpj={ORGAO}", {"cnpj_orgao_subrogado": ORGAO}, True, id="sub-rogated within its órgão"
        ),
        pytest.param(
            "uf=SP", {"cnpj_orgao_subrogado": ORGAO}, False, id="sub-rogated within its órgão, its UF"
        ),
    ],
)
def test_the_slices_that_cover_a_purchase(tenders, slice_, change, covered):
    found = tenders(change, snapshots=[{"slice": slice_}])
    assert [row["recorte"] for row in found] == ([slice_] if covered else [])


@pytest.mark.parametrize(
    ("snapshots", "recorte"),
    [
        pytest.param([{"day": TODAY - DAY}, {"slice": "uf=SP"}], "uf=SP", id="the later day"),
        pytest.param([{}, {"slice": "uf=SP", "day": TODAY - DAY}], "", id="the later day, the country"),
        pytest.param(
            [{}, {"slice": "uf=SP", "updated_at": PROVEN_AT + HOUR}], "uf=SP", id="of one day the later proof"
        ),
        pytest.param(
            [{"updated_at": PROVEN_AT + HOUR}, {"slice": "uf=SP"}], "", id="of one day, the country later"
        ),
        pytest.param(
            [{"updated_at": PROVEN_AT + DAY, "day": TODAY - DAY}, {"slice": "uf=SP"}],
            "uf=SP",
            id="the day before the hour",
        ),
        pytest.param(
            [{"slice": f"cnpj={ORGAO}"}, {"slice": "uf=SP"}, {}], "uf=SP", id="ties by the slice's name"
        ),
    ],
)
def test_of_several_snapshots_one_counts(tenders, snapshots, recorte):
    (row,) = tenders({}, snapshots=snapshots)
    assert row["recorte"] == recorte
    (proof,) = [SNAPSHOT | one for one in snapshots if one.get("slice", "") == recorte]
    assert (row["dia_retrato"], row["provado_em"]) == (proof["day"], proof["updated_at"])


@pytest.mark.parametrize(
    ("snapshots", "marks", "is_open"),
    [
        pytest.param([{}], [{}], False, id="the snapshot came without it"),
        pytest.param([{}], [{"key": "b"}], True, id="another purchase"),
        pytest.param([{}], [{"table_name": "contratacoes"}], True, id="gone from another listing"),
        pytest.param([{}], [{"noticed_at": PROVEN_AT - DAY}], False, id="one before did"),
        pytest.param([{}], [{"noticed_at": PROVEN_AT + HOUR}], True, id="one after the day did"),
        pytest.param(
            [{}, {"day": TODAY + DAY, "updated_at": PROVEN_AT + DAY}],
            [{"noticed_at": PROVEN_AT + DAY}],
            True,
            id="the next day's did",
        ),
        pytest.param(
            [{}, {"slice": "uf=RJ", "updated_at": PROVEN_AT + HOUR}],
            [{"noticed_at": PROVEN_AT + HOUR}],
            False,
            id="that of another slice did",
        ),
        pytest.param(
            [{}, {"slice": "uf=SP", "status": "failed", "updated_at": PROVEN_AT + HOUR}],
            [{"noticed_at": PROVEN_AT + HOUR}],
            True,
            id="one that is no proof any more",
        ),
    ],
)
def test_a_purchase_that_a_snapshot_no_longer_showed(tenders, snapshots, marks, is_open):
    assert len(tenders({}, snapshots=snapshots, vanished=marks)) == is_open


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("first", "version", "is_open"),
    [
        pytest.param(PROVEN_AT - HOUR, PROVEN_AT - HOUR, True, id="seen in the snapshot"),
        pytest.param(PROVEN_AT, PROVEN_AT, True, id="seen as it was proven"),
        pytest.param(PROVEN_AT + SECOND, PROVEN_AT + SECOND, False, id="first seen a second after it"),
        pytest.param(PROVEN_AT - HOUR, PROVEN_AT + HOUR, True, id="seen in it, and changed since"),
        pytest.param(
            PROVEN_AT + SECOND, PROVEN_AT + HOUR, False, id="first seen after it, and changed since"
        ),
    ],
)
def test_what_was_first_seen_only_after_the_snapshot(tenders, first, version, is_open):
    assert len(tenders({"first_observed_at": first, "observed_at": version})) == is_open


def test_a_later_snapshot_that_is_short_brings_what_the_proven_one_had_not(tenders):
    later = {"first_observed_at": PROVEN_AT + DAY}
    yesterday, short = {"day": TODAY - DAY}, {"status": "short", "updated_at": PROVEN_AT + DAY}
    rows = tenders({}, later | {"numero_controle_pncp": "b"}, snapshots=[yesterday, short])
    assert [row["numero_controle_pncp"] for row in rows] == ["a"]
    rows = tenders(
        {}, later | {"numero_controle_pncp": "b"}, snapshots=[yesterday, short | {"status": "complete"}]
    )
    assert [row["numero_controle_pncp"] for row in rows] == ["a", "b"]


def test_another_day_of_reference(tenders):
    (row,) = tenders({}, data_referencia=date(2026, 1, 5))
    assert (row["data_referencia"], row["dias_restantes"], row["dias_desde_retrato"]) == (
        date(2026, 1, 5),
        4,
        4,
    )
    assert tenders({}, data_referencia=date(2026, 1, 10)) == []


def test_no_purchases_no_rows(tenders):
    assert tenders() == []


RULE = next(
    rule
    for rule in MartOpenTenders.rules()
    if rule.name == "an estimate is missing for a reason, or is there"
)


@pytest.mark.parametrize(
    ("value", "reason", "holds"),
    [(Decimal(0), None, True), (None, "secret", True), (None, None, False), (Decimal(1), "secret", False)],
    ids=["there", "missing", "missing without a reason", "there with a reason"],
)
def test_an_estimate_is_missing_for_a_reason(table, value, reason, holds):
    found = table(MartOpenTenders.schema(), {"valor_total_estimado": value, "estimate_missing": reason})
    assert found.select(holds=RULE.holds(found)).to_pyarrow().to_pylist() == [{"holds": holds}]


EVERY_SITUATION = {
    "open": [{}],
    "closed": [{"data_encerramento_proposta": moment(TODAY - DAY), "modalidade_id": n} for n in (6, 8)],
    "suspended": [{"situacao_compra_id": 4, "modalidade_id": n} for n in (6, 8, 8)],
    "unproven": [{"modalidade_id": 8}] * 4,
    "newer": [{"first_observed_at": PROVEN_AT + HOUR}] * 5,
    "vanished": [{"numero_controle_pncp": f"v{n}"} for n in range(6)],
}
COUNTS = {name: len(rows) for name, rows in EVERY_SITUATION.items()}


@pytest.fixture
def compared(table, mart):
    """The gate over purchases of every situation and the rows the mart makes of them, changed."""
    (gate,) = MartOpenTenders.gates

    def compare(change=lambda rows: rows, situations=EVERY_SITUATION) -> dict:
        purchases = [
            PURCHASE | {"numero_controle_pncp": f"{name}{n}"} | row
            for name, rows in situations.items()
            for n, row in enumerate(rows)
        ]
        ledger = {"meta_coverage": [SNAPSHOT], "meta_vanished": [MARK | {"key": f"v{n}"} for n in range(6)]}
        made = mart("mart_open_tenders", stage_contratacoes_proposta=purchases, **ledger)
        compared = gate.compare(
            mart_open_tenders=table(MartOpenTenders.schema(), *change(made)),
            stage_contratacoes_proposta=table(StageContratacoesProposta.schema(), *purchases),
            data_referencia=TODAY,
            **{name: table(SCHEMAS[name], *rows) for name, rows in ledger.items()},
        )
        return {row["measure"]: (row["expected"], row["found"]) for row in compared.to_pyarrow().to_pylist()}

    return compare


def test_the_gate_counts_what_is_open_and_what_is_left_out(compared):
    measures = compared()
    assert set(measures) == {"rows", *SITUATIONS}
    assert measures == {name: (n, n) for name, n in (COUNTS | {"rows": 21}).items()}


def test_the_gate_catches_a_lost_row(compared):
    assert compared(lambda rows: rows[1:])["open"] == (1, 0)


def test_the_gate_catches_a_row_of_what_is_not_open(compared):
    measures = compared(lambda rows: [*rows, rows[0] | {"numero_controle_pncp": "closed0"}])
    assert measures["open"] == (1, 2)
    assert measures["closed"] == (2, 1)
    assert measures["rows"] == (21, 21)


def test_the_gate_catches_a_repeated_row(compared):
    measures = compared(lambda rows: rows * 2)
    assert (measures["open"], measures["rows"]) == ((1, 2), (21, 22))


def test_the_gate_holds_over_nothing(compared):
    assert set(compared(situations={}).values()) == {(0, 0)}


def test_the_real_snapshot_in_plain_python(real_pages, real_raw, node, table, mart):
    """What of the real listings is open on each of a row of days: found record by record, as it came."""
    folder = "contratacoes_proposta"
    stage = node(
        "stage_contratacoes_proposta",
        raw_contratacoes_proposta=real_raw(RawContratacoesProposta, folder),
        raw_compras=table(RawCompras.schema()),
    ).to_pyarrow()
    answers = [
        json.loads(file.read_text(encoding="utf-8")) for file in sorted(real_pages.glob(f"{folder}/*.json"))
    ]
    records = [one for answer in answers for one in (answer["data"] if isinstance(answer, dict) else answer)]
    assert len({record["numeroControlePNCP"] for record in records}) == len(records) > 3
    counts = set()
    for on in (date(2025, 7, 18), date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 27), date(2026, 6, 28)):
        ledger = [
            SNAPSHOT | {"modalidade": modalidade, "day": on}
            for modalidade in {record["modalidadeId"] for record in records}
        ]
        rows = mart(
            "mart_open_tenders",
            stage_contratacoes_proposta=stage.to_pylist(),
            meta_coverage=ledger,
            data_referencia=on,
        )
        assert {row["numero_controle_pncp"]: row["dias_restantes"] for row in rows} == {
            record["numeroControlePNCP"]: (closing - on).days
            for record in records
            if record["situacaoCompraId"] == 1
            and (closing := date.fromisoformat(record["dataEncerramentoProposta"][:10])) >= on
        }
        counts.add(len(rows))
    assert len(counts) > 2
