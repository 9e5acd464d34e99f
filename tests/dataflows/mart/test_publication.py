from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from statistics import median

import ibis
import pytest
from holidays import country_holidays

from dataflows import law
from dataflows.ledger import SCHEMAS
from dataflows.mart.publication import MartPublication, mart_publication
from dataflows.stage.contratos import StageContratos
from dataflows.stage.verdicts import BUCKETS, DATE_VERDICTS

A, B = "00394460005887", "11111111000191"
MONDAY = date(2025, 6, 2)
"""Of June 2025, whose only holiday is Corpus Christi, the 19th, on which closing is optional."""


def at(*moment: int) -> datetime:
    return datetime(*moment)  # noqa: DTZ001 - PNCP names no zone


@pytest.fixture
def publication(mart):
    """The rows of the mart over contracts that differ from an ordinary one as said."""

    def rows(*changes: dict, **given):
        ids = count(1)
        ordinary = {
            "cnpj_orgao": A,
            "data_assinatura": MONDAY,
            "data_publicacao_pncp": at(2025, 6, 5, 10),
            "date_verdict": "ok",
            "empenho": False,
            "bucket": "contract",
        }
        contratos = [ordinary | {"observation_id": next(ids)} | change for change in changes]
        return mart("mart_publication", stage_contratos=contratos, **given)

    return rows


def test_a_whole_row(publication):
    rows = publication(
        {"nome_orgao": "Old", "uf_sigla": "SP", "esfera_id": "M", "data_assinatura": date(2025, 4, 1)},
        {
            "nome_orgao": "New",
            "uf_sigla": "RJ",
            "esfera_id": "E",
            "data_publicacao_pncp": at(2025, 6, 30),
        },
        {"data_assinatura": None, "data_publicacao_pncp": at(2025, 5, 1)},
        {"empenho": True, "bucket": "empenho"},
        {"empenho": True, "bucket": "empenho"},
        meta_coverage=[
            {
                "endpoint": "contratos",
                "modalidade": 0,
                "slice": "",
                "day": date(2025, 7, day),
                "status": "complete",
            }
            for day in (1, 2, 5)
        ],
    )
    assert rows == [
        {
            "cnpj_orgao": A,
            "nome_orgao": "New",
            "uf_sigla": "RJ",
            "esfera_id": "E",
            "quantidade_registros": 5,
            "quantidade_empenhos": 2,
            "primeira_publicacao": date(2025, 5, 1),
            "ultima_publicacao": date(2025, 6, 30),
            "primeiro_dia_coberto": date(2025, 7, 1),
            "ultimo_dia_coberto": date(2025, 7, 5),
            "dias_sem_publicar": 3,
            "dias_sem_cobertura": 2,
            "quantidade_avaliados": 2,
            "quantidade_nao_avaliados": 1,
            "mediana_dias_publicacao": Decimal("46.5000"),
            "p90_dias_publicacao": Decimal("61.3000"),
            "quantidade_apos_20_dias_uteis": 1,
            "percentual_apos_20_dias_uteis": Decimal("50.0000"),
        }
    ]


def test_nothing_in_nothing_out(publication):
    assert publication() == []


def test_every_bucket_counts(publication):
    (row,) = publication(*({"bucket": bucket, "empenho": bucket == "empenho"} for bucket in BUCKETS))
    counts = (
        "quantidade_registros",
        "quantidade_empenhos",
        "quantidade_avaliados",
        "quantidade_nao_avaliados",
    )
    assert [row[name] for name in counts] == [4, 1, 3, 0]


@pytest.mark.parametrize("bucket", ["empenho", "suspect", "income"])
def test_an_empenho_of_any_bucket_has_no_delay(publication, bucket):
    slow = {"data_publicacao_pncp": at(2025, 12, 1)}
    (row,) = publication(slow | {"empenho": True, "bucket": bucket}, {})
    assert (row["quantidade_empenhos"], row["quantidade_avaliados"], row["quantidade_nao_avaliados"]) == (
        1,
        1,
        0,
    )
    assert (row["mediana_dias_publicacao"], row["p90_dias_publicacao"]) == (3, 3)
    assert (row["quantidade_apos_20_dias_uteis"], row["percentual_apos_20_dias_uteis"]) == (0, 0)
    assert row["ultima_publicacao"] == date(2025, 12, 1)


@pytest.mark.parametrize("receita", [True, False, None], ids=["income", "expense", "not said"])
def test_income_has_a_delay_too(publication, receita):
    (row,) = publication({"receita": receita, "data_publicacao_pncp": at(2025, 12, 1)})
    assert (row["quantidade_avaliados"], row["quantidade_apos_20_dias_uteis"]) == (1, 1)


@pytest.mark.parametrize("esfera", ["F", "E", "M", "D", None])
def test_days_are_counted_of_every_esfera(publication, esfera):
    (row,) = publication({"esfera_id": esfera, "data_publicacao_pncp": at(2025, 12, 1)})
    assert (row["quantidade_apos_20_dias_uteis"], row["percentual_apos_20_dias_uteis"]) == (1, 100)


def test_an_end_before_the_start_says_nothing_of_the_delay(publication):
    (row,) = publication({"date_verdict": "reversed", "data_publicacao_pncp": at(2025, 12, 1)})
    assert (row["quantidade_avaliados"], row["quantidade_nao_avaliados"]) == JUDGED
    assert (row["mediana_dias_publicacao"], row["quantidade_apos_20_dias_uteis"]) == (182, 1)


def test_each_orgao_has_its_row(publication):
    rows = publication({}, {"cnpj_orgao": B}, {"cnpj_orgao": B, "data_assinatura": None})
    assert [
        (row["cnpj_orgao"], row["quantidade_registros"], row["quantidade_avaliados"]) for row in rows
    ] == [
        (A, 1, 1),
        (B, 2, 1),
    ]


JUDGED, NOT_JUDGED = (1, 0), (0, 1)


@pytest.mark.parametrize(
    ("signed", "published", "days", "late"),
    [
        pytest.param(MONDAY, at(2025, 6, 2, 23), 0, 0, id="the same day"),
        pytest.param(MONDAY, at(2025, 6, 3, 0, 1), 1, 0, id="a minute into the next"),
        pytest.param(MONDAY, at(2025, 7, 1, 23), 29, 0, id="20 business days"),
        pytest.param(MONDAY, at(2025, 7, 2), 30, 1, id="21 business days"),
        pytest.param(date(2025, 6, 21), at(2025, 7, 18), 27, 0, id="a Saturday to a Friday"),
        pytest.param(date(2025, 6, 21), at(2025, 7, 20), 29, 0, id="to the Sunday after it"),
        pytest.param(date(2025, 6, 21), at(2025, 7, 21), 30, 1, id="to the Monday after it"),
        pytest.param(date(2021, 4, 1), at(2021, 4, 5), 4, 0, id="the first day of the law"),
    ],
)
def test_delay_and_lateness(publication, signed, published, days, late):
    (row,) = publication({"data_assinatura": signed, "data_publicacao_pncp": published})
    assert (row["quantidade_avaliados"], row["quantidade_nao_avaliados"]) == JUDGED
    assert (row["mediana_dias_publicacao"], row["p90_dias_publicacao"]) == (days, days)
    assert (row["quantidade_apos_20_dias_uteis"], row["percentual_apos_20_dias_uteis"]) == (late, 100 * late)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"data_assinatura": None}, id="no signature"),
        pytest.param({"data_assinatura": date(2021, 3, 31)}, id="signed before the law"),
        pytest.param({"data_publicacao_pncp": None}, id="no publication"),
        pytest.param({"data_publicacao_pncp": at(2037, 1, 1)}, id="published outside the calendar"),
        pytest.param(
            {"date_verdict": "reversed", "data_assinatura": date(2025, 6, 6)}, id="reversed, and signed after"
        ),
        *(
            pytest.param({"date_verdict": verdict}, id=verdict)
            for verdict in DATE_VERDICTS
            if verdict not in {"ok", "reversed"}
        ),
    ],
)
def test_what_cannot_be_judged_is_counted_and_has_no_delay(publication, change):
    (row,) = publication(change)
    assert (row["quantidade_avaliados"], row["quantidade_nao_avaliados"]) == NOT_JUDGED
    assert row["quantidade_apos_20_dias_uteis"] == 0
    assert row["mediana_dias_publicacao"] is None
    assert row["p90_dias_publicacao"] is None
    assert row["percentual_apos_20_dias_uteis"] is None


def test_what_cannot_be_judged_is_no_part_of_the_share(publication):
    late = {"data_publicacao_pncp": at(2025, 9, 1)}
    (row,) = publication(late, {}, {}, {"date_verdict": "implausible"}, late | {"data_assinatura": None})
    assert (
        row["quantidade_registros"],
        row["quantidade_avaliados"],
        row["quantidade_apos_20_dias_uteis"],
    ) == (
        5,
        3,
        1,
    )
    assert row["percentual_apos_20_dias_uteis"] == Decimal("33.3333")


@pytest.mark.parametrize(
    ("days", "middle", "ninth"),
    [
        pytest.param([7], "7", "7", id="one"),
        pytest.param([1, 4], "2.5", "3.7", id="two"),
        pytest.param([5, 5, 5], "5", "5", id="ties"),
        pytest.param([20, 0, 10], "10", "18", id="any order"),
        pytest.param(list(range(11)), "5", "9", id="eleven"),
    ],
)
def test_median_and_ninetieth_percentile(publication, days, middle, ninth):
    (row,) = publication(*({"data_publicacao_pncp": at(2025, 6, 2 + day)} for day in days))
    assert (row["mediana_dias_publicacao"], row["p90_dias_publicacao"]) == (Decimal(middle), Decimal(ninth))


@pytest.mark.parametrize("column", ["nome_orgao", "uf_sigla", "esfera_id"])
def test_names_are_the_latest_seen(publication, column):
    newer, older = at(2025, 7, 2), at(2025, 7, 1)
    rows = publication(
        {column: "newer", "data_atualizacao_global": newer},
        {column: "older", "data_atualizacao_global": older},
        {column: "another's", "cnpj_orgao": B, "data_atualizacao_global": newer},
    )
    assert [row[column] for row in rows] == ["newer", "another's"]


@pytest.fixture
def made(table):
    """A row that keeps every rule, changed as said."""

    def row(**changes):
        good = {
            "cnpj_orgao": A,
            "quantidade_registros": 8,
            "quantidade_empenhos": 3,
            "primeira_publicacao": date(2025, 6, 1),
            "ultima_publicacao": date(2025, 6, 10),
            "primeiro_dia_coberto": date(2025, 6, 2),
            "ultimo_dia_coberto": date(2025, 6, 20),
            "dias_sem_publicar": 7,
            "dias_sem_cobertura": 3,
            "quantidade_avaliados": 4,
            "quantidade_nao_avaliados": 1,
            "mediana_dias_publicacao": Decimal(3),
            "p90_dias_publicacao": Decimal(9),
            "quantidade_apos_20_dias_uteis": 2,
            "percentual_apos_20_dias_uteis": Decimal(50),
        }
        return table(MartPublication.schema(), good | changes)

    return row


def broken(table) -> set[str]:
    """The rules that a table of one row breaks."""
    rules = MartPublication.rules()
    found = table.select(**{str(number): rule.holds(table) for number, rule in enumerate(rules)})
    (row,) = found.to_pyarrow().to_pylist()
    return {rule.name for rule, holds in zip(rules, row.values(), strict=True) if holds is False}


PARTS = "empenhos, judged and not judged are what was published, and what took long is a part of the judged"
NULLS = "delays and the share are null where nothing was judged, and only there"
ORDER = "first is not after last, and the median not above the 90th percentile"
SILENCE = "proven and unproven days add up to those since the last publication"
UNJUDGED = {
    "quantidade_avaliados": 0,
    "quantidade_nao_avaliados": 5,
    "quantidade_apos_20_dias_uteis": 0,
    "mediana_dias_publicacao": None,
    "p90_dias_publicacao": None,
    "percentual_apos_20_dias_uteis": None,
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="an ordinary row"),
        pytest.param(UNJUDGED, id="nothing judged"),
        pytest.param({"quantidade_apos_20_dias_uteis": 4}, id="all late"),
        pytest.param({"p90_dias_publicacao": Decimal(3)}, id="all the same delay"),
        pytest.param({"primeira_publicacao": date(2025, 6, 10)}, id="one publication"),
        pytest.param({"primeiro_dia_coberto": date(2025, 6, 20)}, id="one day proven"),
        pytest.param(
            {"ultimo_dia_coberto": date(2025, 6, 5), "dias_sem_publicar": 0, "dias_sem_cobertura": 0},
            id="heard of after the last day proven",
        ),
        pytest.param(
            dict.fromkeys(
                ("primeiro_dia_coberto", "ultimo_dia_coberto", "dias_sem_publicar", "dias_sem_cobertura")
            ),
            id="nothing proven",
        ),
    ],
)
def test_good_rows_keep_the_rules(made, changes):
    assert broken(made(**changes)) == set()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        pytest.param({"quantidade_nao_avaliados": 2}, PARTS, id="more than were published"),
        pytest.param({"quantidade_nao_avaliados": 0}, PARTS, id="fewer"),
        pytest.param({"quantidade_empenhos": 4}, PARTS, id="an empenho too many"),
        pytest.param({"quantidade_apos_20_dias_uteis": 5}, PARTS, id="more late than judged"),
        pytest.param({"mediana_dias_publicacao": None}, NULLS, id="no median"),
        pytest.param({"p90_dias_publicacao": None}, NULLS, id="no percentile"),
        pytest.param({"percentual_apos_20_dias_uteis": None}, NULLS, id="no share"),
        pytest.param(UNJUDGED | {"mediana_dias_publicacao": Decimal(0)}, NULLS, id="a median of nothing"),
        pytest.param(UNJUDGED | {"p90_dias_publicacao": Decimal(0)}, NULLS, id="a percentile of nothing"),
        pytest.param(
            UNJUDGED | {"percentual_apos_20_dias_uteis": Decimal(0)}, NULLS, id="a share of nothing"
        ),
        pytest.param(
            {"primeira_publicacao": date(2025, 6, 11)}, ORDER, id="first publication after the last"
        ),
        pytest.param({"primeiro_dia_coberto": date(2025, 6, 21)}, ORDER, id="first day after the last"),
        pytest.param({"p90_dias_publicacao": Decimal(2)}, ORDER, id="median above the percentile"),
        pytest.param({"dias_sem_publicar": 8}, SILENCE, id="a day too many"),
        pytest.param({"dias_sem_cobertura": 2}, SILENCE, id="a day too few"),
        pytest.param(
            {"dias_sem_cobertura": -1, "dias_sem_publicar": 11}, "dias_sem_cobertura >= 0", id="below zero"
        ),
        pytest.param(
            {"dias_sem_cobertura": 11, "dias_sem_publicar": -1},
            "dias_sem_publicar >= 0",
            id="silent below zero",
        ),
    ],
)
def test_the_rule_catches(made, changes, rule):
    assert broken(made(**changes)) == {rule}


def compared(mart, stage) -> dict:
    (gate,) = MartPublication.gates
    rows = gate.compare(mart_publication=mart, stage_contratos=stage).to_pyarrow().to_pylist()
    return {row["measure"]: (row["expected"], row["found"]) for row in rows}


SOME = [{"cnpj_orgao": cnpj, "empenho": empenho} for cnpj, empenho in ((A, False), (A, True), (B, False))]


def test_the_gate_counts_records_empenhos_and_orgaos(table, made):
    contratos = table(StageContratos.schema(), *SOME)
    good = made(quantidade_registros=3, quantidade_empenhos=1)
    assert compared(good, contratos) == {"registros": (3, 3), "empenhos": (1, 1), "orgaos": (2, 1)}
    bad = made(quantidade_registros=2, quantidade_empenhos=0)
    assert compared(bad, contratos) == {"registros": (3, 2), "empenhos": (1, 0), "orgaos": (2, 1)}


def test_the_gate_holds_over_what_the_mart_makes(table):
    contratos = table(StageContratos.schema(), *SOME)
    ledger = table(SCHEMAS["meta_coverage"])
    periods = law.load("publication_periods")
    made = mart_publication(contratos, ledger, date(2026, 1, 1), periods)
    assert compared(made, contratos) == {"registros": (3, 3), "empenhos": (1, 1), "orgaos": (2, 2)}
    nothing = contratos.filter(ibis.literal(value=False))
    made = mart_publication(nothing, ledger, date(2026, 1, 1), periods)
    assert compared(made, nothing) == {"registros": (0, 0), "empenhos": (0, 0), "orgaos": (0, 0)}


def test_real_contratos_counted_in_plain_python(real_contratos, mart):
    """The mart over the first version met of every real contrato, beside the same facts found record by record."""
    first = {record["numeroControlePNCP"]: record for record in reversed(real_contratos)}
    contratos, facts, empenhos = [], {}, Counter()
    closed = set(country_holidays("BR", years=range(2021, 2037), categories=("public", "optional")))
    for record in first.values():
        cnpj = record["orgaoEntidade"]["cnpj"]
        signed = record.get("dataAssinatura") and date.fromisoformat(record["dataAssinatura"][:10])
        published = datetime.fromisoformat(record["dataPublicacaoPncp"])
        verdict = "ok" if signed and signed <= published.date() else "signed_after_publication"
        contratos.append(
            {
                "cnpj_orgao": cnpj,
                "data_assinatura": signed,
                "data_publicacao_pncp": published,
                "date_verdict": verdict,
                "empenho": _is_empenho(record),
            }
        )
        judged = verdict == "ok" and signed >= date(2021, 4, 1) and not _is_empenho(record)
        facts.setdefault(cnpj, []).append((published.date(), signed if judged else None))
        empenhos[cnpj] += _is_empenho(record)
    rows = mart("mart_publication", stage_contratos=contratos)
    assert len(rows) == len(facts) > 100
    assert empenhos.total() > 100
    for row in rows:
        known = facts[row["cnpj_orgao"]]
        judged = [(published, signed) for published, signed in known if signed]
        delays = [(published - signed).days for published, signed in judged]
        late = sum(_working(signed, published, closed) > 20 for published, signed in judged)
        assert row["quantidade_registros"] == len(known)
        assert row["quantidade_empenhos"] == empenhos[row["cnpj_orgao"]]
        assert row["primeira_publicacao"] == min(published for published, _ in known)
        assert row["ultima_publicacao"] == max(published for published, _ in known)
        assert row["quantidade_avaliados"] == len(judged)
        assert row["quantidade_apos_20_dias_uteis"] == late
        assert row["mediana_dias_publicacao"] == (Decimal(median(delays)) if delays else None)


def _is_empenho(record: dict) -> bool:
    return (record.get("tipoContrato") or {}).get("id") == 7


def _working(signed: date, published: date, closed: set[date]) -> int:
    days = (date.fromordinal(day) for day in range(signed.toordinal() + 1, published.toordinal() + 1))
    return sum(day.weekday() < 5 and day not in closed for day in days)
