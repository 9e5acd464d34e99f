from collections import Counter

from baliza.simulator.municipios import ESTADOS, MUNICIPIOS


def ibge_check_digit(code: str) -> str:
    total = sum(
        sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(code, (1, 2, 1, 2, 1, 2), strict=True)
    )
    return str(-total % 10)


def test_codes_have_seven_digits_and_a_valid_check_digit():
    for municipio in MUNICIPIOS:
        code = municipio.codigo_ibge
        assert len(code) == 7, municipio
        assert code[6] == ibge_check_digit(code[:6]), municipio


def test_every_state_and_no_municipality_twice():
    assert {municipio.uf for municipio in MUNICIPIOS} == set(ESTADOS)
    assert len(ESTADOS) == 27
    assert max(Counter(municipio.codigo_ibge for municipio in MUNICIPIOS).values()) == 1


def test_code_and_uf_agree():
    states = {(municipio.codigo_ibge[:2], municipio.uf) for municipio in MUNICIPIOS}
    assert len(states) == 27
