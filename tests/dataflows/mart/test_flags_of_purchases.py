from datetime import datetime
from decimal import Decimal
from itertools import count

import pytest

from dataflows.mart.flag_definitions import COMPUTED, UNSUPPORTED
from dataflows.mart.flags_of_purchases import SPEAKS_OF

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
    "situacao_compra_id": 1,
    "data_publicacao_pncp": datetime(2025, 3, 6, 9, 0),  # noqa: DTZ001 - PNCP names no zone
    "data_abertura_proposta": datetime(2025, 3, 6, 10, 0),  # noqa: DTZ001
    "data_encerramento_proposta": datetime(2025, 3, 20, 8, 0),  # noqa: DTZ001
    "date_verdict": "ok",
    "valor_total_estimado": Decimal(100),
    "valor_total_homologado": Decimal(80),
    "estimate_verdict": "ok",
    "award_verdict": "ok",
}
DIRECT = {"modalidade_id": 8, "amparo_legal_codigo": 19}


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def money(value: str | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


@pytest.fixture
def find(looked_at):
    """What a flag finds in a purchase that differs from COMPRA as said; None where it does not speak of it."""

    def one(flag: str, change: dict, **params: int) -> dict | None:
        found = looked_at("checked_purchases", stage_contratacoes=[COMPRA | change], **params)
        rows = [row for row in found if row["flag"] == flag]
        assert len(rows) <= 1
        return rows[0] if rows else None

    return one


def answer(row: dict) -> tuple:
    return (row["observed"], row["threshold"], row["raised"], row["lacks"])


def test_a_whole_finding(find):
    assert find("no_discount", {"valor_total_homologado": Decimal(100)}) == {
        "flag": "no_discount",
        "subject": NUMBER,
        "cnpj_orgao": ORGAO,
        "nome_orgao": "MINISTERIO",
        "uf_sigla": "SP",
        "ano": 2025,
        "observed": 100,
        "threshold": 99,
        "lacks": None,
        "raised": True,
        "detail": "igual ao estimado",
        "link_pncp": "https://pncp.gov.br/app/editais/1",
        "evidence": [NUMBER],
        "records": 1,
    }


def test_a_usual_purchase_raises_nothing(looked_at):
    found = looked_at("checked_purchases", stage_contratacoes=[COMPRA])
    assert {row["flag"]: (row["raised"], row["lacks"]) for row in found} == dict.fromkeys(
        (
            "no_discount",
            "no_estimate",
            "short_proposal_period",
            "purchase_dates_out_of_order",
            "purchase_date_implausible",
            "purchase_value_implausible",
        ),
        (False, None),
    )


def test_no_row_of_nulls_is_raised(looked_at):
    bare = {"numero_controle_pncp": NUMBER, "cnpj_orgao": ORGAO}
    verdicts = dict.fromkeys(("date_verdict", "estimate_verdict", "award_verdict"), "ok")
    found = looked_at("checked_purchases", stage_contratacoes=[bare | verdicts])
    assert {row["flag"]: row["lacks"] for row in found} == {
        "no_estimate": NO_LAW,
        "purchase_dates_out_of_order": "data de encerramento nula",
        "purchase_date_implausible": "datas nulas",
        "purchase_value_implausible": "sem valor",
    }
    assert not [row for row in found if row["raised"]]


CONTESTS = {2, 4, 5, 6, 7, 16, 17, 18, 19}


@pytest.mark.parametrize(
    ("flag", "modalidades"),
    [
        pytest.param("no_discount", CONTESTS, id="contests of price"),
        pytest.param("no_estimate", {2, 4, 5, 6, 7, 8, 9, 14, 15, 16, 17, 18, 19, None}, id="all that buy"),
        pytest.param("short_proposal_period", CONTESTS | {1, 3, 13}, id="those with a legal minimum"),
        pytest.param("purchase_value_implausible", {*range(1, 20), None}, id="all"),
    ],
)
def test_modalidades_that_a_flag_speaks_of(looked_at, flag, modalidades):
    everyone = [
        COMPRA | {"numero_controle_pncp": str(modalidade), "modalidade_id": modalidade}
        for modalidade in (*range(1, 20), None)
    ]
    found = looked_at("checked_purchases", stage_contratacoes=everyone)
    assert {row["subject"] for row in found if row["flag"] == flag} == {str(one) for one in modalidades}


@pytest.mark.parametrize(
    ("flag", "change"),
    [
        pytest.param("no_discount", {}, id="no_discount"),
        pytest.param("no_estimate", {}, id="no_estimate"),
        pytest.param("short_proposal_period", {}, id="short_proposal_period"),
        pytest.param("just_below_limit", DIRECT, id="just_below_limit"),
    ],
)
@pytest.mark.parametrize(
    ("situacao", "speaks"), [(1, True), (2, False), (3, False), (4, True), (None, True)], ids=str
)
def test_revoked_and_annulled_purchases_are_not_looked_at(find, flag, change, situacao, speaks):
    assert (find(flag, change | {"situacao_compra_id": situacao}) is not None) is speaks


OTHER_LAW, NO_LAW = "regida por outra lei", "amparo legal não informado ou desconhecido"


@pytest.mark.parametrize("flag", ["no_discount", "no_estimate", "short_proposal_period"])
@pytest.mark.parametrize(
    ("amparo", "lacks"),
    [
        pytest.param(1, None, id="Lei 14.133"),
        pytest.param(164, None, id="Lei 14.133, another spelling of the article"),
        pytest.param(51, OTHER_LAW, id="Lei 14.284"),
        pytest.param(81, OTHER_LAW, id="Lei 13.303"),
        pytest.param(124, OTHER_LAW, id="rules of a state company"),
        pytest.param(159, OTHER_LAW, id="Lei 14.981, which halves the periods"),
        pytest.param(None, NO_LAW, id="none"),
        pytest.param(9999, NO_LAW, id="without official label"),
    ],
)
def test_what_another_law_rules_is_not_held_against_this_one(find, flag, amparo, lacks):
    would_raise = {
        "valor_total_homologado": Decimal(100),
        "data_encerramento_proposta": day("2025-03-07T08:00"),
    }
    if flag == "no_estimate":
        would_raise = {"valor_total_estimado": None}
    row = find(flag, would_raise | {"amparo_legal_codigo": amparo})
    assert (row["lacks"], row["raised"]) == (lacks, lacks is None)


@pytest.mark.parametrize(
    ("estimated", "awarded", "verdicts", "expected", "detail"),
    [
        pytest.param(100, "98.99", {}, (money("98.99"), 99, False, None), None, id="some discount"),
        pytest.param(100, 99, {}, (99, 99, True, None), None, id="at the threshold"),
        pytest.param(100, 100, {}, (100, 99, True, None), "igual ao estimado", id="none"),
        pytest.param(100, 250, {}, (250, 99, True, None), "acima do estimado", id="more than estimated"),
        pytest.param(3, 2, {}, (money("66.6667"), 99, False, None), None, id="four decimals"),
        pytest.param(100, None, {}, (None, 99, False, "valor homologado nulo ou zero"), None, id="no award"),
        pytest.param(100, 0, {}, (None, 99, False, "valor homologado nulo ou zero"), None, id="award of zero"),
        pytest.param(None, 1, {}, (None, 99, False, "valor estimado nulo ou zero"), None, id="no estimate"),
        pytest.param(
            0, 1, {}, (None, 99, False, "valor estimado nulo ou zero"), "acima do estimado", id="estimate of zero"
        ),
        pytest.param(
            100, 100, {"award_verdict": "suspect"}, (None, 99, False, "valor suspeito"), "igual ao estimado",
            id="award suspect",
        ),
        pytest.param(
            100, 100, {"estimate_verdict": "suspect"}, (None, 99, False, "valor suspeito"), "igual ao estimado",
            id="estimate suspect",
        ),
        pytest.param(
            "0.0001", "99999999999999999999", {"award_verdict": "suspect"}, (None, 99, False, "valor suspeito"),
            "acima do estimado", id="absurd beyond what a decimal holds",
        ),
    ],
)  # fmt: skip
def test_no_discount(find, estimated, awarded, verdicts, expected, detail):
    values = {"valor_total_estimado": money(estimated), "valor_total_homologado": money(awarded)}
    row = find("no_discount", values | verdicts)
    assert answer(row) == expected
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (100, 0, False, None), None, id="there is one"),
        pytest.param({"valor_total_estimado": money("0.0001")}, (money("0.0001"), 0, False, None), None, id="tiny"),
        pytest.param({"valor_total_estimado": Decimal(0)}, (0, 0, True, None), "zero", id="zero"),
        pytest.param({"valor_total_estimado": None}, (None, 0, True, None), "não publicado", id="null"),
        pytest.param(
            {"valor_total_estimado": None, "estimate_missing": "secret"}, (None, 0, True, None), "sigiloso", id="secret"
        ),
        pytest.param({"estimate_verdict": "suspect"}, (100, 0, False, "valor suspeito"), None, id="suspect"),
    ],
)  # fmt: skip
def test_no_estimate(find, change, expected, detail):
    row = find("no_estimate", change)
    assert answer(row) == expected
    assert row["detail"] == detail


# From Thursday 6 March 2025, the first day out: eight business days end on Tuesday 18 March.
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"data_encerramento_proposta": day("2025-03-18T08:00")}, (8, 8, False, None), id="enough"),
        pytest.param({"data_encerramento_proposta": day("2025-03-17T23:00")}, (7, 8, True, None), id="a day short"),
        pytest.param({"modalidade_id": 1}, (10, 15, True, None), id="leilão wants 15"),
        pytest.param({"modalidade_id": 3}, (10, 35, True, None), id="concurso wants 35"),
        pytest.param(
            {"data_publicacao_pncp": day("2025-02-28T09:00"), "data_encerramento_proposta": day("2025-03-12T09:00")},
            (8, 8, False, None),
            id="carnival counts, to be lenient",
        ),
        pytest.param(
            {"data_encerramento_proposta": None}, (None, 8, False, "data de encerramento nula"), id="no closing"
        ),
        pytest.param(
            {"data_encerramento_proposta": day("2025-03-07T08:00"), "date_verdict": "reversed"},
            (1, 8, False, "datas fora de ordem ou a conferir"),
            id="dates that cannot be trusted",
        ),
        pytest.param(
            {"data_publicacao_pncp": None},
            (None, None, False, "data de publicação nula, ou sem limite legal conhecido nela"),
            id="no publication",
        ),
        pytest.param(
            {"data_publicacao_pncp": day("2021-03-31T08:00"), "data_encerramento_proposta": day("2021-04-05T08:00")},
            (2, None, False, "data de publicação nula, ou sem limite legal conhecido nela"),
            id="before the law",
        ),
    ],
)  # fmt: skip
def test_short_proposal_period(find, change, expected):
    assert answer(find("short_proposal_period", change)) == expected


LIMIT, WORKS = money("62725.59"), money("125451.15")
UNKNOWN = "valor nulo, zero ou suspeito"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"valor_total_homologado": LIMIT}, (LIMIT, LIMIT, False, None), id="the limit is over it"),
        pytest.param(
            {"valor_total_homologado": money("62725.58")}, (money("62725.58"), LIMIT, True, None), id="a cent below"
        ),
        pytest.param(
            {"valor_total_homologado": money("59589.3105")}, (money("59589.3105"), LIMIT, True, None), id="95 %"
        ),
        pytest.param(
            {"valor_total_homologado": money("59589.31")}, (money("59589.31"), LIMIT, False, None), id="less"
        ),
        pytest.param(
            {"valor_total_homologado": money(120000), "amparo_legal_codigo": 18},
            (120000, WORKS, True, None),
            id="works have another limit",
        ),
        pytest.param(
            {"valor_total_homologado": money(59000), "data_publicacao_pncp": day("2024-03-06T09:00")},
            (59000, money("59906.02"), True, None),
            id="the limit of its day",
        ),
        pytest.param(
            {"valor_total_homologado": None, "valor_total_estimado": money(62000)},
            (62000, LIMIT, True, None),
            id="estimated where nothing was awarded",
        ),
        pytest.param(
            {"valor_total_homologado": money(0), "valor_total_estimado": money(62000)},
            (62000, LIMIT, True, None),
            id="an award of zero is none",
        ),
        pytest.param(
            {"valor_total_homologado": None, "valor_total_estimado": money(0)}, (None, LIMIT, False, UNKNOWN), id="none"
        ),
        pytest.param({"award_verdict": "suspect"}, (None, LIMIT, False, UNKNOWN), id="award suspect"),
        pytest.param(
            {"valor_total_homologado": None, "estimate_verdict": "suspect"},
            (None, LIMIT, False, UNKNOWN),
            id="estimate suspect",
        ),
        pytest.param({"estimate_verdict": "suspect"}, (80, LIMIT, False, None), id="suspect estimate, sound award"),
        pytest.param(
            {"data_publicacao_pncp": None},
            (80, None, False, "data de publicação nula, ou sem limite legal conhecido nela"),
            id="no day",
        ),
        pytest.param(
            {"valor_total_homologado": money(65000), "data_publicacao_pncp": day("2027-01-01T09:00")},
            (65000, None, False, "data de publicação nula, ou sem limite legal conhecido nela"),
            id="after the last limit known",
        ),
    ],
)  # fmt: skip
def test_just_below_limit(find, change, expected):
    assert answer(find("just_below_limit", DIRECT | change)) == expected


@pytest.mark.parametrize(
    ("change", "norm"),
    [
        pytest.param({}, "Decreto 12.343/2024, art. 75, II", id="of the rest"),
        pytest.param({"amparo_legal_codigo": 18}, "Decreto 12.343/2024, art. 75, I", id="of works"),
        pytest.param(
            {"data_publicacao_pncp": day("2021-06-01T09:00")}, "Lei 14.133/2021, art. 75, II", id="of its day"
        ),
        pytest.param({"data_publicacao_pncp": day("2027-01-01T09:00")}, None, id="none known"),
    ],
)
def test_just_below_limit_says_which_norm_set_it(find, change, norm):
    assert find("just_below_limit", DIRECT | change)["detail"] == norm


@pytest.mark.parametrize("nome", ["CONSÓRCIO DE SAÚDE", "Consorcio Intermunicipal"])
def test_consortia_have_twice_the_limit(find, nome):
    row = find("just_below_limit", DIRECT | {"nome_orgao": nome, "valor_total_homologado": money(62000)})
    assert (row["raised"], row["lacks"]) == (False, "consórcio público: limite em dobro, art. 75, § 2º")


@pytest.mark.parametrize("amparo", [1, 17, 20, None], ids=str)
def test_only_awards_by_value_have_a_limit(find, amparo):
    assert find("just_below_limit", {"modalidade_id": 8, "amparo_legal_codigo": amparo}) is None


CLOSING = "data_encerramento_proposta"


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (0, 0, False, None), None, id="in order"),
        pytest.param(
            {CLOSING: day("2025-03-04T08:00"), "date_verdict": "reversed"}, (2, 0, True, None), "encerra antes de abrir",
            id="closed before it opened",
        ),
        pytest.param(
            {CLOSING: day("2025-03-03T08:00"), "date_verdict": "closed_before_publication"}, (3, 0, True, None),
            "encerra antes da publicação", id="closed before it was published",
        ),
        pytest.param({CLOSING: None}, (0, 0, False, "data de encerramento nula"), None, id="no closing"),
        pytest.param({"date_verdict": "implausible"}, (0, 0, False, "data a conferir"), None, id="implausible"),
        pytest.param({"data_abertura_proposta": None}, (0, 0, False, None), None, id="only publication"),
        pytest.param({"data_publicacao_pncp": None}, (0, 0, False, None), None, id="only opening"),
        pytest.param(
            {"data_abertura_proposta": None, "data_publicacao_pncp": None},
            (0, 0, False, "datas de abertura e de publicação nulas"), None, id="nothing to compare with",
        ),
    ],
)  # fmt: skip
def test_dates_out_of_order(find, change, expected, detail):
    row = find("purchase_dates_out_of_order", change)
    assert answer(row) == expected
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (2025, 2035, False, None), None, id="plausible"),
        pytest.param(
            {CLOSING: day("2052-03-04T08:00"), "date_verdict": "implausible"}, (2052, 2035, True, None),
            "longe demais", id="a closing in 2052",
        ),
        pytest.param(
            {CLOSING: day("2052-03-04T08:00"), "data_abertura_proposta": None, "date_verdict": "implausible",
             "data_publicacao_pncp": day("2026-01-01T00:00")},
            (2052, 2036, True, None), "longe demais", id="counted from publication",
        ),
        pytest.param(
            {CLOSING: day("1925-03-20T08:00"), "date_verdict": "implausible"}, (1925, 1990, True, None),
            "cedo demais", id="a closing in 1925",
        ),
        pytest.param(
            {"data_abertura_proposta": day("1989-12-31T08:00"), "date_verdict": "implausible"},
            (1989, 1990, True, None), "cedo demais", id="an opening in 1989",
        ),
        pytest.param({CLOSING: None}, (2025, 2035, False, None), None, id="only opening"),
        pytest.param(
            {"data_abertura_proposta": None, "data_publicacao_pncp": None}, (2025, 1990, False, None), None,
            id="nothing to count from",
        ),
        pytest.param(
            {CLOSING: None, "data_abertura_proposta": None}, (None, 2035, False, "datas nulas"), None, id="no dates"
        ),
        pytest.param(
            {CLOSING: day("1990-03-20T08:00"), "date_verdict": "reversed"}, (2025, 2035, False, None), None,
            id="the earliest year is plausible",
        ),
            pytest.param(
                {"data_abertura_proposta": day("7203-01-01T08:00"), CLOSING: day("7203-01-11T08:00"),
                 "date_verdict": "implausible"},
                (7203, 2035, True, None), "longe demais", id="wrong in both, and long after publication",
            ),
    ],
)  # fmt: skip
def test_date_implausible(find, change, expected, detail):
    row = find("purchase_date_implausible", change)
    assert answer(row) == expected
    assert row["detail"] == detail


TOO_MUCH = 10_000_000_000
AWARD, ESTIMATE = {"award_verdict": "suspect"}, {"estimate_verdict": "suspect"}


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (100, TOO_MUCH, False, None), None, id="none: the larger is shown"),
        pytest.param(AWARD, (80, TOO_MUCH, True, None), "homologado", id="award"),
        pytest.param(ESTIMATE, (100, TOO_MUCH, True, None), "estimado", id="estimate"),
        pytest.param(AWARD | ESTIMATE, (80, TOO_MUCH, True, None), "homologado e estimado", id="both"),
        pytest.param({"valor_total_estimado": None}, (80, TOO_MUCH, False, None), None, id="only an award"),
        pytest.param({"valor_total_homologado": None}, (100, TOO_MUCH, False, None), None, id="only an estimate"),
        pytest.param(
            {"valor_total_homologado": None, "valor_total_estimado": None},
            (None, TOO_MUCH, False, "sem valor"), None, id="no value",
        ),
    ],
)  # fmt: skip
def test_value_implausible(find, change, expected, detail):
    row = find("purchase_value_implausible", change)
    assert answer(row) == expected
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("flag", "change", "param", "expected"),
    [
        pytest.param("no_discount", {}, {"no_discount_share": 80}, (80, 80, True), id="no_discount_share"),
        pytest.param(
            "just_below_limit",
            DIRECT | {"valor_total_homologado": money(50181)},
            {"bunching_share": 80},
            (50181, LIMIT, True),
            id="bunching_share",
        ),
        pytest.param(
            "purchase_date_implausible",
            {"date_verdict": "implausible"},
            {"earliest_year": 2026},
            (2025, 2026, True),
            id="earliest_year",
        ),
        pytest.param(
            "purchase_date_implausible",
            {},
            {"longest_proposal": 5},
            (2025, 2030, False),
            id="longest_proposal",
        ),
        pytest.param(
            "purchase_value_implausible", {}, {"suspect_value": 5}, (100, 5, False), id="suspect_value"
        ),
    ],
)
def test_thresholds_are_parameters(find, flag, change, param, expected):
    row = find(flag, change, **param)
    assert (row["observed"], row["threshold"], row["raised"]) == expected


def test_each_purchase_is_its_own_subject(looked_at):
    ids = count(1)
    found = looked_at(
        "checked_purchases",
        stage_contratacoes=[COMPRA | {"numero_controle_pncp": str(next(ids))} for _ in "abc"],
    )
    assert [row["subject"] for row in found if row["flag"] == "no_discount"] == ["1", "2", "3"]


def test_flags_that_pncp_cannot_support_speak_of_contests():
    assert {flag.code for flag in UNSUPPORTED} < set(SPEAKS_OF)
    assert not {flag.code for flag in UNSUPPORTED} & {flag.code for flag in COMPUTED}
