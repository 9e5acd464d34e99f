from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

ORGAO = "00394460005887"
NUMBER, PURCHASE = f"{ORGAO}-2-000001/2025", f"{ORGAO}-1-000001/2025"
CONTRATO = {
    "numero_controle_pncp": NUMBER,
    "numero_controle_pncp_compra": PURCHASE,
    "link_pncp": "https://pncp.gov.br/app/contratos/1",
    "cnpj_orgao": ORGAO,
    "nome_orgao": "MINISTERIO",
    "esfera_id": "F",
    "uf_sigla": "SP",
    "ni_fornecedor": "1",
    "empenho": False,
    "objeto_contrato": "Aquisição de mesas",
    "data_publicacao_pncp": datetime(2025, 3, 10, 9, 0),  # noqa: DTZ001 - PNCP names no zone
    "data_assinatura": date(2025, 3, 6),
    "data_vigencia_inicio": date(2025, 3, 7),
    "data_vigencia_fim": date(2026, 3, 6),
    "date_verdict": "ok",
    "valor_inicial": Decimal(100),
    "valor_global": Decimal(100),
    "verdict": "ok",
    "bucket": "contract",
}
COMPRA = {"numero_controle_pncp": PURCHASE, "amparo_legal_codigo": 1}


@pytest.fixture
def find(looked_at):
    """What a flag finds in a contract that differs from CONTRATO as said; None: its purchase is not in the file."""

    def one(
        flag: str, change: dict, purchase: dict | None = MappingProxyType({}), **params: int
    ) -> dict | None:
        known = [] if purchase is None else [COMPRA | purchase]
        found = looked_at(
            "checked_contracts", stage_contratos=[CONTRATO | change], stage_contratacoes=known, **params
        )
        rows = [row for row in found if row["flag"] == flag]
        assert len(rows) <= 1
        return rows[0] if rows else None

    return one


def answer(row: dict) -> tuple:
    return (row["observed"], row["threshold"], row["raised"], row["lacks"])


def test_a_whole_finding(find):
    assert find("growth_after_signing", {"valor_global": Decimal(126)}) == {
        "flag": "growth_after_signing",
        "subject": NUMBER,
        "cnpj_orgao": ORGAO,
        "nome_orgao": "MINISTERIO",
        "uf_sigla": "SP",
        "ano": 2025,
        "observed": 26,
        "threshold": 25,
        "lacks": None,
        "raised": True,
        "detail": None,
        "link_pncp": "https://pncp.gov.br/app/contratos/1",
        "evidence": [NUMBER],
        "records": 1,
    }


def test_a_usual_contract_raises_nothing(looked_at):
    found = looked_at("checked_contracts", stage_contratos=[CONTRATO], stage_contratacoes=[COMPRA])
    assert {row["flag"]: (row["raised"], row["lacks"]) for row in found} == dict.fromkeys(
        (
            "growth_after_signing",
            "published_late",
            "contract_dates_out_of_order",
            "contract_date_implausible",
            "contract_value_implausible",
        ),
        (False, None),
    )


def test_a_row_of_nulls_is_not_raised(looked_at):
    bare = {
        "numero_controle_pncp": NUMBER,
        "cnpj_orgao": ORGAO,
        "empenho": False,
        "date_verdict": "ok",
        "verdict": "ok",
        "bucket": "contract",
    }
    found = looked_at("checked_contracts", stage_contratos=[bare])
    assert not [row for row in found if row["raised"]]
    assert {row["flag"]: row["lacks"] for row in found} == {
        "growth_after_signing": "contratação de origem não informada",
        "published_late": "contratação de origem não informada",
        "contract_dates_out_of_order": "datas nulas",
        "contract_date_implausible": "datas nulas",
        "contract_value_implausible": "valor global nulo",
    }


EVERY = {"contract_dates_out_of_order", "contract_date_implausible", "contract_value_implausible"}


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        pytest.param({}, EVERY | {"growth_after_signing", "published_late"}, id="contract"),
        pytest.param({"receita": False}, EVERY | {"growth_after_signing", "published_late"}, id="expense"),
        pytest.param({"receita": True}, EVERY | {"published_late"}, id="income"),
        pytest.param({"empenho": True}, EVERY, id="empenho"),
    ],
)
def test_records_that_flags_speak_of(looked_at, change, flags):
    found = looked_at("checked_contracts", stage_contratos=[CONTRATO | change])
    assert {row["flag"] for row in found} == flags


@pytest.mark.parametrize("flag", ["growth_after_signing", "published_late"])
@pytest.mark.parametrize(
    ("purchase", "lacks"),
    [
        pytest.param({}, None, id="Lei 14.133"),
        pytest.param(None, "contratação de origem fora do arquivo", id="purchase not in the file"),
        pytest.param({"amparo_legal_codigo": 81}, "regida por outra lei", id="Lei 13.303"),
        pytest.param(
            {"amparo_legal_codigo": None}, "amparo legal não informado ou desconhecido", id="no amparo legal"
        ),
    ],
)
def test_what_another_law_rules_is_not_held_against_this_one(find, flag, purchase, lacks):
    would_raise = {"valor_global": Decimal(126), "data_publicacao_pncp": datetime(2025, 6, 1)}  # noqa: DTZ001
    row = find(flag, would_raise, purchase)
    assert (row["lacks"], row["raised"]) == (lacks, lacks is None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"valor_global": Decimal(125)}, (25, 25, False, None), id="the limit is allowed"),
        pytest.param({"valor_global": Decimal("125.01")}, (Decimal("25.01"), 25, True, None), id="above"),
        pytest.param({"valor_global": Decimal(90)}, (-10, 25, False, None), id="less than initial"),
        pytest.param(
            {"valor_global": Decimal(150), "objeto_contrato": "REFORMA da escola"},
            (50, 50, False, None),
            id="a repair may grow by half",
        ),
        pytest.param(
            {"valor_global": Decimal(151), "objeto_contrato": "Obras de reforma"}, (51, 50, True, None), id="not by more"
        ),
        pytest.param(
            {"valor_global": Decimal(126), "objeto_contrato": None}, (26, 25, True, None), id="no object"
        ),
        pytest.param({"valor_inicial": None}, (None, 25, False, "valor inicial nulo ou zero"), id="initial null"),
        pytest.param(
            {"valor_inicial": Decimal(0)}, (None, 25, False, "valor inicial nulo ou zero"), id="initial zero"
        ),
        pytest.param({"valor_global": None}, (None, 25, False, "valor global nulo ou zero"), id="global null"),
        pytest.param({"valor_global": Decimal(0)}, (None, 25, False, "valor global nulo ou zero"), id="global zero"),
        pytest.param(
            {"valor_global": Decimal(10**15), "verdict": "suspect"}, (None, 25, False, "valor suspeito"), id="suspect"
        ),
        pytest.param({"valor_inicial": Decimal(-1)}, (None, 25, False, "valor suspeito"), id="initial negative"),
        pytest.param(
            {"data_assinatura": None},
            (None, None, False, "data de assinatura nula ou anterior à lei"),
            id="not signed",
        ),
        pytest.param(
            {"data_assinatura": date(2021, 3, 31), "valor_global": Decimal(200)},
            (None, None, False, "data de assinatura nula ou anterior à lei"),
            id="under the old law",
        ),
    ],
)  # fmt: skip
def test_growth_after_signing(find, change, expected):
    assert answer(find("growth_after_signing", change)) == expected


MULTIPLE = "múltiplo do valor inicial: pode ser prorrogação"


@pytest.mark.parametrize(
    ("initial", "value", "detail"),
    [
        pytest.param(100, 100, None, id="the same"),
        pytest.param(100, 200, MULTIPLE, id="twice"),
        pytest.param("33.3301", "99.9903", MULTIPLE, id="three times, to the last decimal"),
        pytest.param("33.3301", "99.9904", None, id="and not quite"),
        pytest.param(100, 150, None, id="half as much again"),
        pytest.param(100, 50, None, id="less"),
        pytest.param(100, 0, None, id="zero"),
        pytest.param(0, 200, None, id="of zero"),
        pytest.param(-100, 200, None, id="of less than zero"),
        pytest.param(None, 200, None, id="of none"),
    ],
)
def test_growth_tells_whole_multiples_apart(find, initial, value, detail):
    known = None if initial is None else Decimal(initial)
    values = {"valor_inicial": known, "valor_global": Decimal(value)}
    assert find("growth_after_signing", values)["detail"] == detail


def test_growth_says_a_multiple_before_a_repair(find):
    repair = {"objeto_contrato": "Reforma", "valor_global": Decimal(200)}
    assert find("growth_after_signing", repair)["detail"] == MULTIPLE


def test_growth_says_what_it_took_for_a_repair(find):
    assert find("growth_after_signing", {"objeto_contrato": "Reforma"})["detail"] == "reforma"


# From Thursday 6 March 2025, the first day out: ten business days end on 20 March, twenty on 3 April.
@pytest.mark.parametrize(
    ("published", "purchase", "expected", "detail"),
    [
        pytest.param("2025-04-03T23:00", {}, (20, 20, False, None), None, id="the last day"),
        pytest.param("2025-04-04T00:01", {}, (21, 20, True, None), None, id="a day late"),
        pytest.param("2025-03-20T09:00", {"modalidade_id": 8}, (10, 10, False, None), "contratação direta", id="direct"),
        pytest.param(
            "2025-03-21T09:00", {"modalidade_id": 8}, (11, 10, True, None), "contratação direta", id="direct and late"
        ),
        pytest.param(
            "2025-03-21T09:00", {"modalidade_id": 9}, (11, 10, True, None), "contratação direta", id="inexigibilidade"
        ),
        pytest.param("2025-03-21T09:00", {"modalidade_id": 14}, (11, 20, False, None), None, id="not art. 72"),
    ],
)  # fmt: skip
def test_published_late(find, published, purchase, expected, detail):
    row = find("published_late", {"data_publicacao_pncp": datetime.fromisoformat(published)}, purchase)
    assert answer(row) == expected
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        pytest.param({"data_assinatura": None}, "data de assinatura nula", id="not signed"),
        pytest.param({"date_verdict": "reversed"}, "datas fora de ordem ou a conferir", id="reversed"),
        pytest.param(
            {"data_publicacao_pncp": None},
            "data de publicação nula, ou assinatura anterior à lei",
            id="not published",
        ),
        pytest.param(
            {"data_assinatura": date(2021, 3, 31)},
            "data de publicação nula, ou assinatura anterior à lei",
            id="under the old law",
        ),
    ],
)
def test_published_late_of_what_cannot_be_told(find, change, lacks):
    row = find("published_late", change)
    assert (row["raised"], row["lacks"]) == (False, lacks)


POPULATION, WHICH_LAW = (
    "população do município desconhecida: art. 176",
    "contratação de origem fora do arquivo",
)


@pytest.mark.parametrize(
    ("change", "purchase", "lacks"),
    [
        pytest.param({"esfera_id": "F"}, {}, None, id="federal"),
        pytest.param({"esfera_id": "E"}, {}, None, id="of a state"),
        pytest.param({"esfera_id": "D"}, {}, None, id="of the federal district"),
        pytest.param({"esfera_id": "M"}, {}, POPULATION, id="of a town"),
        pytest.param({"esfera_id": "N"}, {}, POPULATION, id="esfera not told"),
        pytest.param({"esfera_id": None}, {}, POPULATION, id="no esfera"),
        pytest.param({"esfera_id": "M", "data_assinatura": date(2027, 3, 31)}, {}, POPULATION, id="last day spared"),
        pytest.param({"esfera_id": "M", "data_assinatura": date(2027, 4, 1)}, {}, None, id="every town is bound"),
        pytest.param({"data_assinatura": date(2023, 12, 29)}, None, WHICH_LAW, id="last day of the former law"),
        pytest.param({"data_assinatura": date(2023, 12, 29)}, {}, None, id="whose purchase names the law"),
        pytest.param({"data_assinatura": date(2025, 3, 6)}, None, WHICH_LAW, id="a process may be older"),
        pytest.param(
            {"numero_controle_pncp_compra": None}, {}, "contratação de origem não informada", id="of no purchase"
        ),
    ],
)  # fmt: skip
def test_published_late_only_where_the_law_binds(find, change, purchase, lacks):
    late = {"data_publicacao_pncp": datetime(2027, 8, 2)}  # noqa: DTZ001
    row = find("published_late", late | change, purchase)
    assert (row["lacks"], row["raised"]) == (lacks, lacks is None)


def test_days_of_optional_closing_do_not_make_it_late(find):
    carnival = {"data_assinatura": date(2025, 2, 28), "data_publicacao_pncp": datetime(2025, 3, 6)}  # noqa: DTZ001
    assert find("published_late", carnival)["observed"] <= 2


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (0, 0, False, None), None, id="in order"),
        pytest.param(
            {"data_vigencia_fim": date(2025, 3, 5), "date_verdict": "reversed"}, (2, 0, True, None),
            "termina antes de começar", id="reversed",
        ),
        pytest.param(
            {"data_assinatura": date(2025, 3, 15), "date_verdict": "signed_after_publication"}, (5, 0, True, None),
            "assinado depois da publicação", id="signed after publication",
        ),
        pytest.param({"date_verdict": "implausible"}, (0, 0, False, "data a conferir"), None, id="implausible"),
        pytest.param({"data_vigencia_inicio": None}, (0, 0, False, None), None, id="only the days of publishing"),
        pytest.param({"data_vigencia_fim": None}, (0, 0, False, None), None, id="no end"),
        pytest.param({"data_assinatura": None}, (0, 0, False, None), None, id="only the term"),
        pytest.param({"data_publicacao_pncp": None}, (0, 0, False, None), None, id="no publication"),
        pytest.param(
            {"data_vigencia_fim": None, "data_assinatura": None}, (0, 0, False, "datas nulas"), None, id="no pair"
        ),
        pytest.param(
            {"data_vigencia_inicio": None, "data_publicacao_pncp": None}, (0, 0, False, "datas nulas"), None,
            id="none of the other two either",
        ),
    ],
)  # fmt: skip
def test_dates_out_of_order(find, change, expected, detail):
    row = find("contract_dates_out_of_order", change)
    assert answer(row) == expected
    assert row["detail"] == detail


IMPLAUSIBLE = {"date_verdict": "implausible"}


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (2026, 2060, False, None), None, id="plausible"),
        pytest.param(
            {"data_assinatura": date(2024, 3, 6)}, (2026, 2059, False, None), None, id="counted from signature"
        ),
        pytest.param(
            IMPLAUSIBLE | {"data_vigencia_fim": date(7203, 7, 27)}, (7203, 2060, True, None), "longe demais",
            id="an end in 7203",
        ),
        pytest.param(
            IMPLAUSIBLE | {"data_vigencia_fim": date(7203, 7, 27), "data_assinatura": None,
                           "data_publicacao_pncp": datetime(2024, 1, 1)},  # noqa: DTZ001
            (7203, 2059, True, None), "longe demais", id="counted from publication",
        ),
        pytest.param(
            IMPLAUSIBLE | {"data_assinatura": date(1989, 12, 31)}, (1989, 1990, True, None), "cedo demais", id="signed"
        ),
        pytest.param(
            IMPLAUSIBLE | {"data_vigencia_inicio": date(202, 1, 1)}, (202, 1990, True, None), "cedo demais", id="begun"
        ),
        pytest.param(
            IMPLAUSIBLE | {"data_vigencia_fim": date(1901, 1, 1)}, (1901, 1990, True, None), "cedo demais", id="ended"
        ),
        pytest.param({"data_vigencia_fim": None}, (2025, 2060, False, None), None, id="no end"),
    ],
)  # fmt: skip
def test_date_implausible(find, change, expected, detail):
    row = find("contract_date_implausible", change)
    assert answer(row) == expected
    assert row["detail"] == detail


SUSPECT, TOO_MUCH = {"verdict": "suspect"}, 10_000_000_000


@pytest.mark.parametrize(
    ("change", "expected", "detail"),
    [
        pytest.param({}, (100, TOO_MUCH, False, None), None, id="sound"),
        pytest.param(
            SUSPECT | {"valor_global": Decimal(-1)}, (-1, TOO_MUCH, True, None), "negativo", id="negative"
        ),
        pytest.param(
            SUSPECT | {"valor_global": Decimal(TOO_MUCH)}, (TOO_MUCH, TOO_MUCH, True, None), "alto demais",
            id="too much",
        ),
        pytest.param(
            SUSPECT | {"valor_global": Decimal(10_000)}, (10_000, TOO_MUCH, True, None), "muitas vezes o inicial",
            id="grown",
        ),
        pytest.param(
            SUSPECT | {"valor_global": Decimal(999_999), "valor_inicial": Decimal(999_999)},
            (999_999, TOO_MUCH, True, None), "só noves", id="nines",
        ),
        pytest.param(
            SUSPECT | {"valor_global": Decimal(999_999), "valor_inicial": Decimal(0)},
            (999_999, TOO_MUCH, True, None), "só noves", id="nines, not grown from zero",
        ),
        pytest.param({"valor_global": None}, (None, TOO_MUCH, False, "valor global nulo"), None, id="null"),
    ],
)  # fmt: skip
def test_value_implausible(find, change, expected, detail):
    row = find("contract_value_implausible", change)
    assert answer(row) == expected
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("flag", "change", "param", "expected"),
    [
        pytest.param("contract_date_implausible", {}, {"longest_term": 5}, (2026, 2030, None), id="longest_term"),
        pytest.param(
            "contract_date_implausible", IMPLAUSIBLE, {"earliest_year": 2026}, (2025, 2026, "cedo demais"),
            id="earliest_year",
        ),
        pytest.param("contract_value_implausible", {}, {"suspect_value": 5}, (100, 5, None), id="suspect_value"),
        pytest.param(
            "contract_value_implausible", SUSPECT | {"valor_global": Decimal(200)}, {"suspect_growth": 2},
            (200, TOO_MUCH, "muitas vezes o inicial"), id="suspect_growth",
        ),
    ],
)  # fmt: skip
def test_thresholds_are_parameters(find, flag, change, param, expected):
    row = find(flag, change, **param)
    assert (row["observed"], row["threshold"], row["detail"]) == expected


def test_a_contract_is_not_multiplied_by_its_purchase(looked_at):
    purchases = [{"numero_controle_pncp": number, "modalidade_id": 6} for number in (PURCHASE, "another")]
    found = looked_at("checked_contracts", stage_contratos=[CONTRATO], stage_contratacoes=purchases)
    assert len(found) == len({row["flag"] for row in found})


def test_the_real_contracts_had_their_purchases_been_of_lei_14133(real, real_records, looked_at):
    """No real purchase of theirs is at hand: with one of each, which contracts are flagged, in plain Python."""
    contracts = {record["numeroControlePNCP"]: record for record in real_records["contratos"]}
    purchases = {record["numeroControlePncpCompra"] for record in contracts.values()} - {None}
    of_this_law = [COMPRA | {"numero_controle_pncp": number, "modalidade_id": 6} for number in purchases]
    found: dict[str, set[str]] = {}
    for row in looked_at(
        "checked_contracts", stage_contratos=real("stage_contratos"), stage_contratacoes=of_this_law
    ):
        if row["raised"]:
            found.setdefault(row["flag"], set()).add(row["subject"])
    assert found["growth_after_signing"] == {
        number
        for number, record in contracts.items()
        if record["tipoContrato"]["id"] != 7
        and not record["receita"]
        and record["valorInicial"]
        and record["valorGlobal"] > 1.25 * record["valorInicial"]
    }
    late = found["published_late"]
    for number in late:
        assert contracts[number]["orgaoEntidade"]["esferaId"] in {"D", "E", "F"}
        signed, published = (
            datetime.fromisoformat(contracts[number][name][:10])
            for name in ("dataAssinatura", "dataPublicacaoPncp")
        )
        assert (published - signed).days > 27
    assert len(late) == 12
