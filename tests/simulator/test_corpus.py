import re
from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from baliza.simulator.corpus import NEW_FIELDS, contratos
from baliza.simulator.identifiers import is_cnpj, is_cpf
from baliza.simulator.segments import CATEGORIAS

Test = Callable[[dict], object]
PERIOD = {"since": date(2025, 3, 3), "until": date(2025, 3, 9)}


def share(records: list[dict], test: Test) -> float:
    return sum(bool(test(record)) for record in records) / len(records)


def test_same_arguments_same_records():
    assert contratos(seed=1, **PERIOD) == contratos(seed=1, **PERIOD)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"seed": 2, **PERIOD}, id="seed"),
        pytest.param({"seed": 1, "since": date(2025, 3, 4), "until": date(2025, 3, 9)}, id="since"),
        pytest.param({"seed": 1, **PERIOD, "per_day": 61.0}, id="per_day"),
    ],
)
def test_other_arguments_other_records(other: dict):
    assert contratos(**other) != contratos(seed=1, **PERIOD)


def test_seed_alone_decides_who_buys():
    march = contratos(seed=1, since=date(2025, 3, 1), until=date(2025, 3, 20), per_day=100)
    april = contratos(seed=1, since=date(2025, 4, 1), until=date(2025, 4, 20), per_day=100)
    buyers = [{row["orgaoEntidade"]["cnpj"] for row in rows} for rows in (march, april)]
    assert len(buyers[0] & buyers[1]) > 0.5 * len(buyers[0])


def test_every_field_of_the_api(year: list[dict], fields: list[str]):
    for record in year:
        missing = set(fields) - set(record)
        assert missing <= {"dataAtualizacaoGlobal"}
        extra = set(record) - set(fields)
        assert extra in (set(), set(NEW_FIELDS))


def test_fields_of_2026_are_in_three_quarters(year: list[dict]):
    assert 0.70 < share(year, lambda row: "frutoAdesao" in row) < 0.77
    assert any(row.get("emendaParlamentar") is not None for row in year)
    assert any(row.get("temRemanejamento") is not None for row in year)


def test_key_order_differs_between_records(year: list[dict]):
    assert len({tuple(row)[:4] for row in year}) > 1


def test_control_numbers_agree_with_the_record(year: list[dict]):
    for row in year:
        expected = f"{row['orgaoEntidade']['cnpj']}-2-{row['sequencialContrato']:06d}/{row['anoContrato']}"
        assert row["numeroControlePNCP"] == expected
        assert re.fullmatch(r"\d{14}-1-\d{6}/20\d\d", row["numeroControlePncpCompra"])
        ata = row.get("numeroControlePncpAta")
        assert ata is None or re.fullmatch(re.escape(row["numeroControlePncpCompra"]) + r"-\d{6}", ata)


def test_keys_are_unique_and_sequentials_start_near_one(year: list[dict]):
    assert len({row["numeroControlePNCP"] for row in year}) == len(year)
    first: dict[tuple[str, int], int] = {}
    for row in year:
        first.setdefault((row["orgaoEntidade"]["cnpj"], row["anoContrato"]), row["sequencialContrato"])
    assert set(first.values()) <= {1, 2}


def test_published_inside_the_period_and_in_order(year: list[dict]):
    stamps = [row["dataPublicacaoPncp"] for row in year]
    assert stamps == sorted(stamps)
    assert stamps[0] >= "2025-10-01"
    assert stamps[-1] <= "2026-09-30T23:59:59"
    assert all(row.get("dataAtualizacaoGlobal", "2026") <= "2026-09-30T23:59:59" for row in year)


@pytest.mark.parametrize(
    ("esfera", "low", "high"), [("M", 0.67, 0.75), ("E", 0.11, 0.15), ("F", 0.11, 0.15), ("D", 0.01, 0.04)]
)
def test_esferas(year: list[dict], esfera: str, low: float, high: float):
    assert low < share(year, lambda row: row["orgaoEntidade"]["esferaId"] == esfera) < high


def test_pairs_of_poder_and_esfera(year: list[dict]):
    pairs = Counter(row["orgaoEntidade"]["poderId"] + row["orgaoEntidade"]["esferaId"] for row in year)
    assert pairs.most_common(1)[0][0] == "NM"
    assert {"EM", "LM", "EF", "JF", "EE", "LE", "EN"} <= set(pairs)


def test_weekends_are_quiet(year: list[dict]):
    quiet = share(year, lambda row: date.fromisoformat(row["dataPublicacaoPncp"][:10]).isoweekday() > 5)
    assert 0.005 < quiet < 0.05


def test_categories_are_official_and_varied(year: list[dict]):
    found = {(row["categoriaProcesso"]["id"], row["categoriaProcesso"]["nome"]) for row in year}
    assert found == set(CATEGORIAS.items())
    assert 0.45 < share(year, lambda row: row["categoriaProcesso"]["id"] == 2) < 0.6


def test_objects_are_many(year: list[dict]):
    assert len({row["objetoContrato"] for row in year}) > 0.85 * len(year)


def test_empenhos_share_purchase_and_supplier_with_contracts(year: list[dict]):
    empenhos = [row for row in year if row["tipoContrato"]["id"] == 7]
    assert 0.37 < len(empenhos) / len(year) < 0.43
    signed = {
        (row["numeroControlePncpCompra"], row["niFornecedor"])
        for row in year
        if row["tipoContrato"]["id"] != 7
    }
    linked = share(empenhos, lambda row: (row["numeroControlePncpCompra"], row["niFornecedor"]) in signed)
    assert 0.6 < linked < 0.9


def test_a_third_of_the_purchases_are_of_another_organ(year: list[dict]):
    other = share(year, lambda row: row["numeroControlePncpCompra"][:14] != row["orgaoEntidade"]["cnpj"])
    assert 0.26 < other < 0.38


def test_suppliers_repeat_as_zipf(year: list[dict]):
    wins = Counter(row["niFornecedor"] for row in year).most_common()
    top = sum(count for _, count in wins[: len(wins) // 10])
    assert 0.3 < top / len(year) < 0.8


def test_identifiers_of_suppliers(year: list[dict]):
    for row in year:
        if row["tipoPessoa"] == "PJ":
            assert is_cnpj(row["niFornecedor"])
        elif row["tipoPessoa"] == "PF":
            assert is_cpf(row["niFornecedor"])
    assert 0.04 < share(year, lambda row: row["tipoPessoa"] == "PF") < 0.07
    foreign = [row["niFornecedor"] for row in year if row["tipoPessoa"] == "PE"]
    assert 0.002 < len(foreign) / len(year) < 0.012
    assert any(" " in ni for ni in foreign)
    assert len({len(ni) for ni in foreign}) > 3


def test_letters_in_cnpjs_only_since_july_2026(year: list[dict]):
    lettered = [row for row in year if row["tipoPessoa"] == "PJ" and not row["niFornecedor"].isdecimal()]
    assert lettered
    assert min(row["dataPublicacaoPncp"] for row in lettered) >= "2026-07-01"


def test_values_are_heavy_tailed(year: list[dict]):
    values = sorted(row["valorInicial"] for row in year)
    assert 10_000 < values[len(values) // 2] < 40_000
    assert values[int(0.99 * len(values))] > 1_000_000
    assert all(round(value, 2) == value for value in values)


TEXT_FLAWS = {
    "carriage-return": "\r",
    "line-feed": "\n",
    "tab": "\t",
    "c1-control": "\x93",
    "zero-width": "\u200b",
    "no-break-space": "\xa0",
    "lost-letters": "..",
}


@pytest.mark.parametrize("flaw", TEXT_FLAWS.values(), ids=TEXT_FLAWS)
def test_dirty_objects(year: list[dict], flaw: str):
    assert 0 < share(year, lambda row: flaw in row["objetoContrato"]) < 0.1


ODDITIES = {
    "receita": (lambda row: row["receita"], 0.005, 0.03),
    "country-null": (lambda row: row["codigoPaisFornecedor"] is None, 0.3, 0.4),
    "complement-null": (lambda row: row["informacaoComplementar"] is None, 0.7, 0.8),
    "complement-empty": (lambda row: row["informacaoComplementar"] == "", 0.12, 0.19),
    "complement-blank": (lambda row: row["informacaoComplementar"] == " ", 0.0005, 0.01),
    "supplier-unnamed": (lambda row: row["nomeRazaoSocialFornecedor"] == "", 0.0001, 0.005),
    "entity-in-capitals": (lambda row: "&AMP;" in row["nomeRazaoSocialFornecedor"], 0.0001, 0.02),
    "cpf-in-name": (lambda row: is_cpf(row["nomeRazaoSocialFornecedor"][-11:]), 0.01, 0.08),
    "root-in-name": (lambda row: re.match(r"\d\d\.\d{3}\.\d{3} ", row["nomeRazaoSocialFornecedor"]), 0.01, 0.09),
    "padded-number": (lambda row: row["numeroContratoEmpenho"] != row["numeroContratoEmpenho"].strip(), 0.01, 0.03),
    "instalment-zero": (lambda row: row["valorParcela"] == 0, 0.2, 0.32),
    "accumulated-null": (lambda row: row["valorAcumulado"] is None, 0.5, 0.58),
    "accumulated-zero": (lambda row: row["valorAcumulado"] == 0, 0.3, 0.4),
    "total-null": (lambda row: row["valorGlobal"] is None, 0.0001, 0.005),
    "total-zero": (lambda row: row["valorGlobal"] == 0, 0.001, 0.01),
    "integers": (lambda row: isinstance(row["valorInicial"], int), 0.02, 0.04),
    "four-decimals": (lambda row: round(row["valorParcela"], 2) != row["valorParcela"], 0.02, 0.12),
    "all-nines": (lambda row: re.fullmatch(r"9{7,}\.99", f"{row['valorInicial']:.2f}"), 0.00005, 0.002),
    "a-billion": (lambda row: row["valorInicial"] >= 1e9, 0.0002, 0.005),
    "ten-billion": (lambda row: row["valorInicial"] >= 1e10, 0.00005, 0.002),
    "total-tenfold": (lambda row: (row["valorGlobal"] or 0) >= 9.99 * row["valorInicial"], 0.0003, 0.005),
    "total-hundredfold": (lambda row: (row["valorGlobal"] or 0) >= 100 * row["valorInicial"], 0.0001, 0.003),
    "instalments-mistyped": (lambda row: row["numeroParcelas"] > 1000, 0.00005, 0.002),
    "rectified": (lambda row: row["numeroRetificacao"] > 0, 0.07, 0.13),
    "no-global-update": (lambda row: "dataAtualizacaoGlobal" not in row, 0.0002, 0.004),
    "ends-decades-ahead": (lambda row: row["dataVigenciaFim"] >= "2050", 0.0001, 0.003),
    "signed-after": (lambda row: row["dataAssinatura"] > row["dataPublicacaoPncp"][:10], 0.0005, 0.006),
    "signed-another-year": (
        lambda row: row["dataAssinatura"][:4] != row["dataPublicacaoPncp"][:4], 0.02, 0.2
    ),
    "ata": (lambda row: row.get("numeroControlePncpAta"), 0.001, 0.01),
    "works-register": (lambda row: row["identificadorCipi"], 0.005, 0.05),
}  # fmt: skip


@pytest.mark.parametrize(("test", "low", "high"), ODDITIES.values(), ids=ODDITIES)
def test_oddities_at_about_their_real_rates(year: list[dict], test: Test, low: float, high: float):
    assert low < share(year, test) < high


def test_codes_of_units_are_free_text(year: list[dict]):
    codes = {row["unidadeOrgao"]["codigoUnidade"] for row in year}
    assert {"1", "0000"} <= codes
    assert any(code.startswith("CIN") for code in codes)
    assert any(len(code) == 14 for code in codes)


def test_a_code_names_one_unit_of_its_organ(year: list[dict]):
    names: dict[tuple[str, str], set[str]] = {}
    for row in year:
        key = (row["orgaoEntidade"]["cnpj"], row["unidadeOrgao"]["codigoUnidade"])
        names.setdefault(key, set()).add(row["unidadeOrgao"]["nomeUnidade"])
    assert max(len(found) for found in names.values()) == 1


def test_units_of_an_organ_are_one_to_six(year: list[dict]):
    units: dict[str, set[str]] = {}
    for row in year:
        units.setdefault(row["orgaoEntidade"]["cnpj"], set()).add(row["unidadeOrgao"]["nomeUnidade"])
    assert {len(names) for names in units.values()} >= {1, 2, 3, 4, 5}
    assert max(len(names) for names in units.values()) <= 6


def test_publication_lags_signature(year: list[dict]):
    lags = sorted(
        (date.fromisoformat(row["dataPublicacaoPncp"][:10]) - date.fromisoformat(row["dataAssinatura"])).days
        for row in year
    )
    assert 1 <= lags[len(lags) // 2] <= 6
    assert 20 < lags[int(0.9 * len(lags))] < 60
    assert lags[-1] <= 861
