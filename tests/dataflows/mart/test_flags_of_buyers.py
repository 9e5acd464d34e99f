from datetime import date, datetime
from decimal import Decimal
from itertools import count

import pytest

ORGAO, OTHER = "00394460005887", "11111111000191"
MARCH = datetime(2025, 3, 6, 9, 0)  # noqa: DTZ001 - PNCP names no zone
DIRECT = {
    "cnpj_orgao": ORGAO,
    "nome_orgao": "MINISTERIO",
    "codigo_unidade": "1",
    "uf_sigla": "SP",
    "modalidade_id": 8,
    "direta": True,
    "amparo_legal_codigo": 19,
    "situacao_compra_id": 1,
    "data_publicacao_pncp": MARCH,
    "date_verdict": "ok",
    "estimate_verdict": "ok",
    "award_verdict": "ok",
}
CONTRATO = {
    "cnpj_orgao": ORGAO,
    "nome_orgao": "MINISTERIO",
    "uf_sigla": "SP",
    "ni_fornecedor": "12345678000195",
    "empenho": False,
    "data_publicacao_pncp": MARCH,
    "data_assinatura": date(2025, 3, 5),
    "date_verdict": "ok",
    "verdict": "ok",
    "bucket": "contract",
    "categoria_processo_id": 2,
}
LIMIT, WORKS = Decimal("62725.59"), Decimal("125451.15")
UNKNOWN, NO_ORIGIN = "valor nulo, zero ou suspeito", "contratação de origem fora do arquivo"


def numbered(base: dict, changes: list[dict]) -> list[dict]:
    """Records numbered in the order given, their values exact."""
    rows = []
    for number, change in zip(count(1), changes, strict=False):
        row = (
            {"numero_controle_pncp": f"{base['cnpj_orgao']}-{number}", "observation_id": number}
            | base
            | change
        )
        values = [name for name in row if name.startswith("valor_") and row[name] is not None]
        rows.append(row | {name: Decimal(str(row[name])) for name in values})
    return rows


def answers(found: list[dict], flag: str) -> list[tuple]:
    rows = [row for row in found if row["flag"] == flag]
    return [(row["subject"], row["observed"], row["threshold"], row["raised"], row["lacks"]) for row in rows]


def awarded(value, **more) -> dict:
    return {"valor_total_homologado": value} | more


@pytest.fixture
def units(looked_at):
    """Units found over direct purchases that differ from DIRECT as said."""
    return lambda *changes: looked_at("checked_units", stage_contratacoes=numbered(DIRECT, list(changes)))


def test_a_whole_finding(units):
    assert units(awarded(40_000), awarded(30_000)) == [
        {
            "flag": "direct_awards_over_limit",
            "subject": f"{ORGAO}/2025/II/1",
            "cnpj_orgao": ORGAO,
            "nome_orgao": "MINISTERIO",
            "uf_sigla": "SP",
            "ano": 2025,
            "observed": 70_000,
            "threshold": LIMIT,
            "lacks": None,
            "raised": True,
            "detail": None,
            "link_pncp": None,
            "evidence": [f"{ORGAO}-1", f"{ORGAO}-2"],
            "records": 2,
        }
    ]


SUBJECT = f"{ORGAO}/2025/II/1"


@pytest.mark.parametrize(
    ("purchases", "expected"),
    [
        pytest.param([awarded("62725.58")], ("62725.58", LIMIT, False, None), id="a cent below"),
        pytest.param([awarded("62725.58"), awarded("0.01")], (LIMIT, LIMIT, True, None), id="the limit itself"),
        pytest.param(
            [awarded(1), {"valor_total_estimado": 90_000}], (1, LIMIT, False, UNKNOWN), id="estimates stand for nothing"
        ),
        pytest.param(
            [awarded(1), awarded(0, valor_total_estimado=90_000)], (1, LIMIT, False, UNKNOWN), id="zero is no award"
        ),
        pytest.param([awarded(9), awarded(-1)], (9, LIMIT, False, UNKNOWN), id="nor what is negative"),
        pytest.param([awarded(1), awarded(None)], (1, LIMIT, False, UNKNOWN), id="a value unknown leaves it open"),
        pytest.param([awarded(70_000), awarded(None)], (70_000, LIMIT, True, None), id="but not beyond the limit"),
        pytest.param([awarded(None)], (0, LIMIT, False, UNKNOWN), id="no value known"),
        pytest.param(
            [awarded(1), awarded(90_000, award_verdict="suspect")], (1, LIMIT, False, UNKNOWN), id="suspects apart"
        ),
        pytest.param(
            [awarded(1), awarded(90_000, situacao_compra_id=2)], (1, LIMIT, False, None), id="revoked ones apart"
        ),
        pytest.param(
            [awarded(1), awarded(90_000, amparo_legal_codigo=20)], (1, LIMIT, False, None), id="other articles apart"
        ),
    ],
)  # fmt: skip
def test_direct_awards_over_limit(units, purchases, expected):
    observed, *rest = expected
    assert answers(units(*purchases), "direct_awards_over_limit") == [(SUBJECT, Decimal(observed), *rest)]


@pytest.mark.parametrize(
    ("values", "detail"),
    [
        pytest.param(["62725.58", 70_000], "um só registro já alcança o limite", id="one of two"),
        pytest.param([LIMIT], "um só registro já alcança o limite", id="the limit itself"),
        pytest.param(["62725.58", "62725.58"], None, id="only together"),
        pytest.param([None], None, id="unknown"),
    ],
)
def test_a_sum_that_one_record_reaches_is_told_apart(units, values, detail):
    (row,) = units(*(awarded(value) for value in values))
    assert row["detail"] == detail


def test_evidence_is_what_was_summed(units):
    (row,) = units(awarded(70_000), awarded(None))
    assert (row["evidence"], row["records"]) == ([f"{ORGAO}-1"], 2)


def year(number: int) -> datetime:
    return datetime(number, 3, 6)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("change", "subject", "limit"),
    [
        pytest.param({"cnpj_orgao": OTHER}, f"{OTHER}/2025/II/1", LIMIT, id="órgão"),
        pytest.param({"codigo_unidade": "2/3"}, f"{ORGAO}/2025/II/2/3", LIMIT, id="unidade"),
        pytest.param({"codigo_unidade": None}, f"{ORGAO}/2025/II/", LIMIT, id="no unidade"),
        pytest.param({"amparo_legal_codigo": 18}, f"{ORGAO}/2025/I/1", WORKS, id="inciso"),
        pytest.param(
            {"data_publicacao_pncp": year(2024)}, f"{ORGAO}/2024/II/1", Decimal("59906.02"), id="year"
        ),
    ],
)
def test_each_unit_year_and_inciso_is_summed_apart(units, change, subject, limit):
    found = answers(units(awarded(40_000), awarded(30_000, **change)), "direct_awards_over_limit")
    assert sorted(found) == sorted(
        [(SUBJECT, 40_000, LIMIT, False, None), (subject, 30_000, limit, False, None)]
    )


CONSORTIUM = "consórcio público: limite em dobro, art. 75, § 2º"


@pytest.mark.parametrize(
    ("nome", "lacks"),
    [
        pytest.param("CONSÓRCIO PÚBLICO DE SAÚDE", CONSORTIUM, id="with accent"),
        pytest.param("Consorcio Intermunicipal", CONSORTIUM, id="without, in small letters"),
        pytest.param("CONSORTE", None, id="another word"),
        pytest.param(None, None, id="no name"),
    ],
)
def test_consortia_have_twice_the_limit(units, suppliers, nome, lacks):
    (row,) = units(awarded(70_000, nome_orgao=nome))
    assert (row["lacks"], row["raised"]) == (lacks, lacks is None)
    found = suppliers((worth(70_000, nome_orgao=nome), {}))
    assert answers(found, "direct_awards_to_supplier_over_limit") == [
        (SUPPLIER, 70_000, LIMIT, lacks is None, lacks)
    ]


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        pytest.param({"ano_compra": 2025}, SUBJECT, id="the same"),
        pytest.param({"ano_compra": 2024}, f"{ORGAO}/2024/II/1", id="published a year later"),
        pytest.param({"ano_compra": None}, SUBJECT, id="not told: that of publication"),
    ],
)
def test_the_year_is_that_of_the_purchase(units, change, subject):
    (row,) = units(awarded(1, **change))
    assert (row["subject"], row["ano"]) == (subject, int(subject.split("/")[1]))


def test_a_purchase_without_day_has_no_limit(units):
    found = answers(units(awarded(90_000, data_publicacao_pncp=None)), "direct_awards_over_limit")
    lacks = "data de publicação nula, ou sem limite legal conhecido nela"
    assert found == [(f"{ORGAO}//II/1", 90_000, None, False, lacks)]


def test_the_name_is_the_newest_and_the_uf_that_of_all(units):
    (row,) = units(awarded(1), awarded(1, nome_orgao="NOVO", uf_sigla="RJ"))
    assert (row["nome_orgao"], row["uf_sigla"]) == ("NOVO", None)
    (row,) = units(awarded(1, nome_orgao=None), awarded(1, nome_orgao=None))
    assert (row["nome_orgao"], row["uf_sigla"]) == (None, "SP")


@pytest.fixture
def suppliers(looked_at):
    """Suppliers found over contracts that differ from CONTRATO as said, one of each purchase as said."""

    def found(*pairs: tuple[dict, dict | None], **params: int) -> list[dict]:
        contracts, purchases = [], []
        for number, (contract, purchase) in zip(count(1), pairs, strict=False):
            contracts.append({"numero_controle_pncp_compra": f"compra {number}"} | contract)
            if purchase is not None:
                purchases.append(DIRECT | {"numero_controle_pncp": f"compra {number}"} | purchase)
        return looked_at(
            "checked_suppliers",
            stage_contratos=numbered(CONTRATO, contracts),
            stage_contratacoes=purchases,
            **params,
        )

    return found


def worth(value, **more) -> dict:
    return {"valor_global": value} | more


SUPPLIER = f"{ORGAO}/2025/II/12345678000195"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([(worth(62725), {})], [(SUPPLIER, 62725, LIMIT, False, None)], id="below the limit"),
        pytest.param(
            [(worth(62725), {}), (worth("0.59"), {})], [(SUPPLIER, LIMIT, LIMIT, True, None)], id="the limit itself"
        ),
        pytest.param(
            [(worth(40_000), {}), (worth(40_000), {"amparo_legal_codigo": 18})],
            [(SUPPLIER.replace("II", "I"), 40_000, WORKS, False, None), (SUPPLIER, 40_000, LIMIT, False, None)],
            id="each inciso apart",
        ),
        pytest.param(
            [(worth(40_000), {}), (worth(40_000), None)],
            [
                (SUPPLIER.replace("II", ""), 40_000, None, False, NO_ORIGIN),
                (SUPPLIER, 40_000, LIMIT, False, NO_ORIGIN),
            ],
            id="an unknown origin apart, which leaves the rest open",
        ),
        pytest.param(
            [(worth(70_000), {}), (worth(40_000), None)],
            [(SUPPLIER.replace("II", ""), 40_000, None, False, NO_ORIGIN), (SUPPLIER, 70_000, LIMIT, True, None)],
            id="but not beyond the limit",
        ),
        pytest.param(
            [(worth(1), {}), (worth(2, ni_fornecedor="A"), None), (worth(3, data_publicacao_pncp=year(2024)), None)],
            [
                (SUPPLIER, 1, LIMIT, False, None),
                (f"{ORGAO}/2025//A", 2, None, False, NO_ORIGIN),
                (SUPPLIER.replace("2025/II", "2024/"), 3, None, False, NO_ORIGIN),
            ],
            id="unknown origins of another supplier or year leave nothing open",
        ),
        pytest.param([(worth(90_000), {"amparo_legal_codigo": 1})], [], id="contests are not looked at"),
        pytest.param([(worth(90_000), {"amparo_legal_codigo": None})], [], id="nor what names no article"),
        pytest.param([(worth(90_000, bucket="empenho"), {})], [], id="nor empenhos"),
        pytest.param(
            [(worth(90_000), {}), (worth(None), {})], [(SUPPLIER, 90_000, LIMIT, True, None)], id="null is no value"
        ),
        pytest.param(
            [(worth(9), {}), (worth(0), {})], [(SUPPLIER, 9, LIMIT, False, UNKNOWN)], id="zero is no value"
        ),
        pytest.param(
            [(worth(90_000, ni_fornecedor=None), {})],
            [(f"{ORGAO}/2025/II/", 90_000, LIMIT, False, "fornecedor não identificado")],
            id="no supplier",
        ),
        pytest.param(
            [(worth(40_000), {}), (worth(40_000, ni_fornecedor="A"), {})],
            [(SUPPLIER, 40_000, LIMIT, False, None), (f"{ORGAO}/2025/II/A", 40_000, LIMIT, False, None)],
            id="each supplier apart",
        ),
    ],
)  # fmt: skip
def test_supplier_over_limit(suppliers, pairs, expected):
    assert sorted(answers(suppliers(*pairs), "direct_awards_to_supplier_over_limit")) == sorted(expected)


REPEATED = f"{ORGAO}/2025/12345678000195"


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([({}, {})] * 2, [(REPEATED, 2, 3, False, None)], id="two"),
        pytest.param([({}, {})] * 3, [(REPEATED, 3, 3, True, None)], id="three"),
        pytest.param(
            [({}, {}), ({}, {}), ({"numero_controle_pncp_compra": "compra 1"}, None)],
            [(REPEATED, 2, 3, False, None)],
            id="two contracts of one purchase are one",
        ),
        pytest.param(
            [({}, {}), ({}, {}), ({}, {"modalidade_id": 9})], [(REPEATED, 2, 3, False, None)], id="only dispensas"
        ),
        pytest.param([({}, {"modalidade_id": 6})] * 3, [], id="contests are not looked at"),
        pytest.param([({}, {}), ({}, None)], [(REPEATED, 1, 3, False, NO_ORIGIN)], id="some origins unknown"),
        pytest.param([({}, {})] * 3 + [({}, None)], [(REPEATED, 3, 3, True, None)], id="enough without them"),
        pytest.param([({}, None)] * 3, [(REPEATED, 0, 3, False, NO_ORIGIN)], id="all origins unknown"),
        pytest.param([({"bucket": "empenho"}, {})] * 3, [], id="no empenhos"),
        pytest.param(
            [({"ni_fornecedor": None}, {})] * 3,
            [(f"{ORGAO}/2025/", 3, 3, False, "fornecedor não identificado")],
            id="no supplier",
        ),
        pytest.param(
            [({"data_publicacao_pncp": None}, {})] * 3,
            [(f"{ORGAO}//12345678000195", 3, 3, False, "data de publicação nula")],
            id="no year",
        ),
        pytest.param(
            [({"data_publicacao_pncp": year(number)}, {}) for number in (2024, 2025, 2025)],
            [(REPEATED.replace("2025", "2024"), 1, 3, False, None), (REPEATED, 2, 3, False, None)],
            id="each year apart",
        ),
    ],
)  # fmt: skip
def test_repeated_direct_awards(suppliers, pairs, expected):
    assert answers(suppliers(*pairs), "repeated_direct_awards") == expected


def test_evidence_of_repetition_are_the_contracts_of_dispensas(suppliers):
    (row,) = [row for row in suppliers(({}, {}), ({}, None)) if row["flag"] == "repeated_direct_awards"]
    assert row["evidence"] == [f"{ORGAO}-1"]


def test_repetition_follows_its_parameter(suppliers):
    found = suppliers(({}, {}), ({}, {}), repeated_direct_awards_from=2)
    assert answers(found, "repeated_direct_awards") == [(REPEATED, 2, 2, True, None)]


@pytest.fixture
def years(looked_at):
    """Years found over contracts that differ from CONTRATO as said."""
    return lambda *changes, **more: looked_at(
        "checked_years", stage_contratos=numbered(CONTRATO, list(changes)), **more
    )


def signed(month: int, value: float | str | None = 10, day: int = 5, **more) -> dict:
    return {"data_assinatura": date(2025, month, day), "valor_global": value} | more


YEAR = f"{ORGAO}/2025"
UNTIL_AUGUST = [signed(month) for month in range(1, 9)]


@pytest.mark.parametrize(
    ("contracts", "expected"),
    [
        pytest.param([*UNTIL_AUGUST, signed(12), signed(11, 60)], (YEAR, Decimal("6.6667"), 40, False, None), id="no rush"),
        pytest.param(
            [*UNTIL_AUGUST, signed(11), signed(12, 60)], (YEAR, 40, 40, True, None), id="at the threshold"
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(11), signed(12, "59.99")], (YEAR, Decimal("39.996"), 40, False, None), id="below it"
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(12, 60)], (YEAR, Decimal("42.8571"), 40, False, "poucos contratos com valor"),
            id="nine contracts",
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(12, 60), signed(11, None)],
            (YEAR, Decimal("42.8571"), 40, False, "poucos contratos com valor"), id="without value they do not count",
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(12, 60), signed(11, 0)],
            (YEAR, Decimal("42.8571"), 40, False, "poucos contratos com valor"), id="nor of zero",
        ),
        pytest.param(
            [*UNTIL_AUGUST[:7], signed(1), signed(1), signed(12, 60)],
            (YEAR, 40, 40, False, "poucos meses do ano no arquivo"), id="eight months",
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(11), signed(12, 60), signed(12, 99, bucket="empenho")], (YEAR, 40, 40, True, None),
            id="no empenhos",
        ),
        pytest.param(
            [*UNTIL_AUGUST, signed(11), signed(12, 60, data_publicacao_pncp=year(2026))], (YEAR, 40, 40, True, None),
            id="by signature, whenever published",
        ),
        pytest.param([signed(1, None)], (YEAR, None, 40, False, "poucos contratos com valor"), id="nothing to share"),
        pytest.param(
            [signed(12, date_verdict="implausible")],
            (f"{ORGAO}/", 0, 40, False, "data de assinatura nula ou a conferir"), id="a day that cannot be right",
        ),
        pytest.param(
            [signed(12, data_assinatura=None)], (f"{ORGAO}/", 0, 40, False, "data de assinatura nula ou a conferir"),
            id="not signed",
        ),
    ],
)  # fmt: skip
def test_year_end_rush(years, contracts, expected):
    assert answers(years(*contracts), "year_end_rush") == [expected]


def test_evidence_of_a_rush_is_december(years):
    (row,) = years(*UNTIL_AUGUST, signed(11), signed(12, 60), signed(12, None))
    assert row["evidence"] == [f"{ORGAO}-10"]
    assert row["ano"] == 2025


@pytest.mark.parametrize(
    ("params", "lacks"),
    [
        pytest.param({"year_end_contracts": 2, "year_end_months": 2}, None, id="enough"),
        pytest.param({"year_end_contracts": 3, "year_end_months": 2}, "poucos contratos com valor", id="contracts"),
        pytest.param({"year_end_contracts": 2, "year_end_months": 3}, "poucos meses do ano no arquivo", id="months"),
    ],
)  # fmt: skip
def test_what_a_year_must_have_are_parameters(years, params, lacks):
    (row,) = years(signed(1), signed(12), year_end_share=51, **params)
    assert (row["observed"], row["threshold"], row["lacks"], row["raised"]) == (50, 51, lacks, False)


MARKET = {
    "cnpj_orgao": ORGAO,
    "categoria_processo_id": 2,
    "ano": 2025,
    "nome_orgao": "MINISTERIO",
    "hhi": Decimal(2500),
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({}, (f"{YEAR}/2", 2500, 2500, False, None), id="at the threshold"),
        pytest.param(
            {"hhi": Decimal("2500.0001")}, (f"{YEAR}/2", Decimal("2500.0001"), 2500, True, None), id="above it"
        ),
        pytest.param(
            {"hhi": None}, (f"{YEAR}/2", None, 2500, False, "poucos contratos com fornecedor e valor"), id="no HHI"
        ),
        pytest.param(
            {"categoria_processo_id": None}, (f"{YEAR}/", 2500, 2500, False, None), id="no categoria"
        ),
    ],
)  # fmt: skip
def test_concentrated_suppliers(years, change, expected):
    assert answers(years(mart_concentration=[MARKET | change]), "concentrated_suppliers") == [expected]


@pytest.mark.parametrize("categoria", [2, None], ids=str)
def test_evidence_of_concentration_are_the_contracts_with_a_share(years, categoria):
    market = MARKET | {"categoria_processo_id": categoria}
    own = {"categoria_processo_id": categoria, "valor_global": 1}
    found = years(
        own,
        own | {"uf_sigla": "RJ"},
        own | {"valor_global": 0},
        own | {"valor_global": None},
        own | {"ni_fornecedor": None},
        own | {"bucket": "empenho"},
        own | {"data_publicacao_pncp": year(2024)},
        own | {"categoria_processo_id": 3},
        own | {"cnpj_orgao": OTHER},
        mart_concentration=[market],
    )
    (row,) = [row for row in found if row["flag"] == "concentrated_suppliers"]
    assert (row["evidence"], row["records"]) == ([f"{ORGAO}-1", f"{ORGAO}-2"], 2)
    assert (row["nome_orgao"], row["uf_sigla"], row["ano"]) == ("MINISTERIO", None, 2025)


def test_concentration_follows_its_parameter(years):
    found = years(mart_concentration=[MARKET], concentrated_hhi=2000)
    assert answers(found, "concentrated_suppliers") == [(f"{YEAR}/2", 2500, 2000, True, None)]
