from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baliza.errors import ConfigurationError, InvalidSettingError, UnknownEnvironmentError
from baliza.settings import (
    DEFAULT_DATABASE,
    DEFAULT_PNCP_URL,
    SAMPLE_DATABASE,
    Resources,
    Setting,
    Settings,
    resolve,
)

FILE = """
database = "data/file.duckdb"
max_rps = 0.5

[env.tests]
database = "data/tests.duckdb"
threads = 1
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """Writes a baliza.toml."""

    def write(text: str | bytes, path: str = "baliza.toml") -> Path:
        to = folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(text if isinstance(text, bytes) else text.encode())
        return to

    return write


def test_defaults():
    assert resolve({}) == Settings(
        database=Setting(DEFAULT_DATABASE, "default"),
        pncp_url=Setting(DEFAULT_PNCP_URL, "default"),
        max_rps=Setting(1.0, "default"),
        max_in_flight=Setting(2, "default"),
        memory_limit=Setting(None, "default"),
        threads=Setting(None, "default"),
        temp_directory=Setting(None, "default"),
        snapshots=Setting(2, "default"),
        log_format=Setting("text", "default"),
        log_level=Setting("info", "default"),
        env=Setting(None, "default"),
    )
    assert resolve({}, default_database=SAMPLE_DATABASE).database.value == SAMPLE_DATABASE


def test_a_variable_wins_over_the_default():
    settings = resolve(
        {
            "BALIZA_DATABASE": "x/y.duckdb",
            "BALIZA_PNCP_URL": " http://127.0.0.1:8000/ ",
            "BALIZA_MAX_RPS": "0",
            "BALIZA_MAX_IN_FLIGHT": "8",
            "BALIZA_MEMORY_LIMIT": "1GB",
            "BALIZA_THREADS": "3",
            "BALIZA_TEMP_DIRECTORY": "spill",
        }
    )
    assert settings.database == Setting(Path("x/y.duckdb"), "variable")
    assert settings.pncp_url == Setting("http://127.0.0.1:8000", "variable")
    assert settings.max_rps == Setting(0.0, "variable")
    assert settings.max_in_flight == Setting(8, "variable")
    assert settings.resources == Resources("1GB", 3, Path("spill"))


def test_an_option_wins_over_a_variable_that_is_not_even_read():
    environment = {"BALIZA_DATABASE": "x.duckdb", "BALIZA_PNCP_URL": "no address at all"}
    settings = resolve(environment, {"database": Path("z.duckdb"), "pncp_url": "https://pncp.test/"})
    assert settings.database == Setting(Path("z.duckdb"), "option")
    assert settings.pncp_url == Setting("https://pncp.test", "option")


@pytest.mark.parametrize(
    ("environment", "given", "expected"),
    [
        pytest.param({}, {}, ("data/file.duckdb", "file"), id="file over default"),
        pytest.param({}, {"env": "tests"}, ("data/tests.duckdb", "env"), id="environment over file"),
        pytest.param({"BALIZA_ENV": "tests"}, {}, ("data/tests.duckdb", "env"), id="BALIZA_ENV"),
        pytest.param(
            {"BALIZA_ENV": "nix"}, {"env": "tests"}, ("data/tests.duckdb", "env"), id="--env over BALIZA_ENV"
        ),
        pytest.param(
            {"BALIZA_DATABASE": "v.duckdb", "BALIZA_ENV": "tests"}, {}, ("v.duckdb", "variable"),
            id="variable over environment",
        ),
        pytest.param(
            {"BALIZA_DATABASE": "v.duckdb"}, {"database": Path("o.duckdb"), "env": "tests"},
            ("o.duckdb", "option"), id="option over all",
        ),
    ],
)  # fmt: skip
def test_precedence(
    write: Callable[..., Path], environment: dict[str, str], given: dict[str, Any], expected: tuple[str, str]
):
    write(FILE)
    database = resolve(environment, given).database
    assert (str(database.value), database.origin) == expected


def test_an_environment_says_only_what_is_its_own(write: Callable[..., Path]):
    write(FILE)
    settings = resolve({}, {"env": "tests"})
    assert settings.max_rps == Setting(0.5, "file")
    assert settings.threads == Setting(1, "env")
    assert settings.max_in_flight.origin == "default"
    assert settings.env == Setting("tests", "option")


def test_paths_start_from_the_folder_of_a_file_that_is_named(write: Callable[..., Path], folder: Path):
    path = write('database = "d/x.duckdb"\ntemp_directory = "/spill"', "conf/b.toml")
    settings = resolve({"BALIZA_CONFIG": str(path)})
    assert settings.database.value == folder / "conf" / "d" / "x.duckdb"
    assert settings.temp_directory.value == Path("/spill")
    assert settings.configuration is not None
    assert settings.configuration.path == path


@pytest.mark.parametrize("text", ["", "  "], ids=["empty", "blank"])
def test_an_empty_variable_is_unset(text: str):
    settings = resolve({"BALIZA_MAX_RPS": text, "BALIZA_CONFIG": text, "BALIZA_ENV": text})
    assert settings.max_rps == Setting(1.0, "default")
    assert settings.env.value is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("max_rps", "fast"),
        ("max_rps", "-1"),
        ("max_rps", "nan"),
        ("max_rps", "inf"),
        ("max_rps", "0,5"),
        ("max_in_flight", "0"),
        ("max_in_flight", "1.5"),
        ("threads", "0"),
        ("threads", "-2"),
        ("threads", "1025"),
        ("threads", "two"),
        ("memory_limit", "1"),
        ("memory_limit", "-1GB"),
        ("memory_limit", "1,5GB"),
        ("memory_limit", "80%"),
        ("memory_limit", "none"),
        ("memory_limit", "100MB"),
        ("memory_limit", "9999999999TB"),
        ("memory_limit", "1GB'; DROP"),
        ("temp_directory", "file"),
        ("temp_directory", "x" * 5000),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(folder: Path, name: str, text: str):
    (folder / "file").touch()
    variable = f"BALIZA_{name.upper()}"
    with pytest.raises(InvalidSettingError) as raised:
        resolve({variable: text})
    assert f"{variable}={text} was asked for." in str(raised.value)
    assert raised.value.exit_code == 2
    with pytest.raises(InvalidSettingError) as raised:
        resolve({}, {name: text})
    assert f"--{name.replace('_', '-')} {text} was asked for." in str(raised.value)


@pytest.mark.parametrize(
    "text", ["1GB", "1 gb", "1.5GiB", ".5GB", "128MB", "200000kb", "1T", "2 TiB", " 1GB "]
)
def test_amounts_of_memory(text: str):
    assert resolve({"BALIZA_MEMORY_LIMIT": text}).memory_limit == Setting(text.strip(), "variable")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('max_rps = "fast"', 'baliza.toml sets max_rps = "fast"'),
        ("max_rps = true", "max_rps = true"),
        ("max_rps = nan", "max_rps = NaN"),
        ("database = 3", "database = 3"),
        ('database = ""', 'database = ""'),
        ("database = 2025-01-01", 'database = "2025-01-01"'),
        ("memory_limit = 1", "memory_limit = 1"),
        ('threads = "2"', 'threads = "2"'),
        ("threads = 1.0", "threads = 1.0"),
        ("temp_directory = []", "temp_directory = []"),
        ('[env.a]\npncp_url = "pncp"', 'baliza.toml [env.a] sets pncp_url = "pncp"'),
    ],
)
def test_a_value_of_the_wrong_type_in_the_file_is_refused_wherever_it_stands(
    write: Callable[..., Path], line: str, told: str
):
    write(line)
    with pytest.raises(InvalidSettingError) as raised:
        # Although an option wins over it: the file is wrong all the same.
        resolve({}, {"database": Path("x.duckdb")})
    assert told in str(raised.value)


@pytest.mark.parametrize("name", ["test", "Tests", "zzz"])
def test_an_unknown_environment_names_the_nearest(write: Callable[..., Path], name: str):
    write(FILE)
    with pytest.raises(UnknownEnvironmentError, match=r"baliza.toml .* Did you mean tests") as raised:
        resolve({}, {"env": name})
    assert name in str(raised.value)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "There is no baliza.toml here"), ("", "describes no environment")],
    ids=["no file", "none in it"],
)
def test_an_environment_where_there_is_none(write: Callable[..., Path], text: str | None, told: str):
    if text is not None:
        write(text)
    with pytest.raises(UnknownEnvironmentError, match=told):
        resolve({"BALIZA_ENV": "tests"})


def test_an_environment_without_a_name():
    with pytest.raises(InvalidSettingError, match="not the name of an environment"):
        resolve({}, {"env": " "})


def test_no_file_chooses_its_environment(write: Callable[..., Path]):
    write('env = "tests"')
    with pytest.raises(ConfigurationError, match="must be a table"):
        resolve({})


@pytest.mark.parametrize("origin", ["variable", "option"])
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
    environment = {"BALIZA_PNCP_URL": address} if origin == "variable" else {}
    with pytest.raises(InvalidSettingError, match="not the address of a web server") as raised:
        resolve(environment, given)
    assert address in str(raised.value)


@pytest.mark.parametrize(
    "address", ["https://pncp.gov.br", "http://127.0.0.1:8000", "http://[::1]:80", "http://h/base"]
)
def test_web_addresses(address: str):
    assert resolve({}, {"pncp_url": address}).pncp_url.value == address


def test_as_json_has_values_with_their_origins(write: Callable[..., Path]):
    write(FILE)
    told = resolve({}, {"env": "tests"}).as_json()
    assert told["database"] == {"value": "data/tests.duckdb", "origin": "env"}
    assert told["max_rps"] == {"value": 0.5, "origin": "file"}
    assert told["memory_limit"] == {"value": None, "origin": "default"}
