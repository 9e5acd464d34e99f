import random

import pytest

from baliza.simulator.identifiers import (
    ata_control_number,
    cnpj_of,
    control_number,
    cpf_of,
    draw_cnpj,
    draw_cpf,
    is_cnpj,
    is_cpf,
)


@pytest.mark.parametrize(
    ("base", "whole"),
    [
        pytest.param("112223330001", "11222333000181", id="textbook"),
        pytest.param("12ABC34501DE", "12ABC34501DE35", id="alphanumeric-of-the-tax-authority"),
        pytest.param("000000000001", "00000000000191", id="digits-above-nine-become-zero"),
    ],
)
def test_check_digits_of_cnpj(base: str, whole: str):
    assert cnpj_of(base) == whole


def test_check_digits_of_cpf():
    assert cpf_of("111444777") == "11144477735"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("11222333000182", id="wrong-digit"),
        pytest.param("1122233300018", id="short"),
        pytest.param("11.222.333/0001-81", id="punctuated"),
        pytest.param("12abc34501de35", id="lower-case"),
        pytest.param("", id="empty"),
    ],
)
def test_is_cnpj_refuses(text: str):
    assert not is_cnpj(text)


def test_is_cpf_refuses_wrong_digit_and_letters():
    assert is_cpf("11144477735")
    assert not is_cpf("11144477736")
    assert not is_cpf("1114447773A")


@pytest.mark.parametrize("alphanumeric", [False, True], ids=["digits", "letters"])
def test_drawn_cnpjs_are_valid(alphanumeric: bool):
    rng = random.Random(1)
    drawn = [draw_cnpj(rng, alphanumeric=alphanumeric) for _ in range(300)]
    assert all(is_cnpj(cnpj) for cnpj in drawn)
    assert all(cnpj.isdecimal() != alphanumeric for cnpj in drawn)
    assert len(set(drawn)) == 300


def test_drawn_cpfs_are_valid():
    rng = random.Random(1)
    assert all(is_cpf(draw_cpf(rng)) for _ in range(300))


def test_masks_of_control_numbers():
    compra = control_number("11222333000181", 1, 12, 2025)
    assert compra == "11222333000181-1-000012/2025"
    assert ata_control_number(compra, 3) == "11222333000181-1-000012/2025-000003"
