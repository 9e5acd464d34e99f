from pathlib import Path

import pytest

from baliza.errors import InvalidSettingError
from baliza.settings import DEFAULT_DATABASE, DEFAULT_PNCP_URL, SAMPLE_DATABASE, Setting, Settings, resolve


def test_defaults():
    assert resolve({}) == Settings(
        database=Setting(DEFAULT_DATABASE, "default"),
        pncp_url=Setting(DEFAULT_PNCP_URL, "default"),
        max_rps=Setting(1.0, "default"),
        max_in_flight=Setting(2, "default"),
    )
    assert resolve({}, default_database=SAMPLE_DATABASE).database.value == SAMPLE_DATABASE


def test_the_environment_wins_over_the_default():
    environment = {
        "BALIZA_DATABASE": "x/y.duckdb",
        "BALIZA_PNCP_URL": " http://127.0.0.1:8000/ ",
        "BALIZA_MAX_RPS": "0",
        "BALIZA_MAX_IN_FLIGHT": "8",
    }
    assert resolve(environment) == Settings(
        database=Setting(Path("x/y.duckdb"), "environment"),
        pncp_url=Setting("http://127.0.0.1:8000", "environment"),
        max_rps=Setting(0.0, "environment"),
        max_in_flight=Setting(8, "environment"),
    )


def test_an_option_wins_over_the_environment():
    environment = {"BALIZA_DATABASE": "x.duckdb", "BALIZA_PNCP_URL": "no address at all"}
    settings = resolve(environment, database=Path("z.duckdb"), pncp_url="https://pncp.test/")
    assert settings.database == Setting(Path("z.duckdb"), "option")
    assert settings.pncp_url == Setting("https://pncp.test", "option")


@pytest.mark.parametrize("text", ["", "  "], ids=["empty", "blank"])
def test_an_empty_variable_is_unset(text: str):
    assert resolve({"BALIZA_MAX_RPS": text}).max_rps == Setting(1.0, "default")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("BALIZA_MAX_RPS", "fast"),
        ("BALIZA_MAX_RPS", "-1"),
        ("BALIZA_MAX_RPS", "nan"),
        ("BALIZA_MAX_RPS", "inf"),
        ("BALIZA_MAX_RPS", "0,5"),
        ("BALIZA_MAX_IN_FLIGHT", "0"),
        ("BALIZA_MAX_IN_FLIGHT", "1.5"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(variable: str, text: str):
    with pytest.raises(InvalidSettingError, match=f"{variable}={text}") as raised:
        resolve({variable: text})
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("origin", ["environment", "option"])
@pytest.mark.parametrize(
    "address",
    [
        pytest.param("pncp.gov.br", id="no scheme"),
        pytest.param("ftp://pncp.gov.br", id="another scheme"),
        pytest.param("https://", id="no host"),
        pytest.param("http://127.0.0.1:99999", id="port out of range"),
        pytest.param("http://127.0.0.1:porta", id="port that is no number"),
        pytest.param("http://[::1", id="half an IPv6 address"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str, origin: str):
    given = {"pncp_url": address} if origin == "option" else {}
    environment = {"BALIZA_PNCP_URL": address} if origin == "environment" else {}
    with pytest.raises(InvalidSettingError, match="not the address of a web server") as raised:
        resolve(environment, **given)
    assert address in str(raised.value)


@pytest.mark.parametrize(
    "address", ["https://pncp.gov.br", "http://127.0.0.1:8000", "http://[::1]:80", "http://h/base"]
)
def test_web_addresses(address: str):
    assert resolve({}, pncp_url=address).pncp_url.value == address
