"""The committed code tables beside those a server shows."""

import csv
import io
import shutil

import pytest

from baliza.build import domain_tables
from baliza.build.domain_tables import Check, Code, Comparison, Difference, check, compare, updated
from baliza.errors import BalizaError, MixedSourcesError
from baliza.pncp.job import Server
from baliza.simulator.domains import domains as served
from baliza.simulator.faults import Faults
from baliza.simulator.server import Simulator
from dataflows import code_tables


def rows_of(name):
    """The committed table as PNCP would serve it, names padded as PNCP pads them."""
    codes = domain_tables.read(domain_tables.INSTALLED, name)
    return [
        {"id": int(code), "nome": f"{one.label} ", "descricao": "", "statusAtivo": one.active}
        for code, one in codes.items()
    ]


@pytest.fixture
def tables():
    """What PNCP would serve if it were as committed, by the last part of the path."""
    return {path.removeprefix("/v1/"): rows_of(name) for name, path in code_tables.API_PATHS.items()}


@pytest.fixture
def checked():
    """Compares the committed tables, or those of a folder, with these."""

    def run(tables, folder=domain_tables.INSTALLED, faults=None):
        with Simulator({"domains": tables}, faults) as pncp:
            return check(Server(url=pncp.url, max_rps=0), folder)

    return run


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(domain_tables.INSTALLED, tmp_path / "domains")


def verdicts(found):
    return {table.table: table.verdict for table in found.tables}


def test_equal_tables_are_equal_and_those_without_a_path_are_named(tables, checked):
    found = checked(tables)

    assert found.source == "simulator"
    assert verdicts(found) == {
        name: "equal" if name in code_tables.API_PATHS else "not checkable"
        for name in code_tables.committed()
    }


def test_what_the_simulator_shows_differs_only_where_it_shows_less(checked):
    found = checked(served())

    assert {table.table for table in found.of("different")} == {"amparo_legal", "porte_empresa"}
    assert not found.of("unanswered")


HERE = {"1": Code("A", active=True), "2": Code("B", active=True), "3": Code("C", active=False)}
COMPARISONS = {
    "equal, spacing apart": ({**HERE, "1": Code("A ", active=True)}, []),
    "new": (
        {**HERE, "10": Code("D", active=True)},
        [Difference("new", "10", None, Code("D", active=True))],
    ),
    "gone": (
        {code: HERE[code] for code in "13"},
        [Difference("gone", "2", HERE["2"], None)],
    ),
    "gone and inactive here": ({code: HERE[code] for code in "12"}, []),
    "label": (
        {**HERE, "2": Code("b", active=True)},
        [Difference("label", "2", HERE["2"], Code("b", active=True))],
    ),
    "status": (
        {**HERE, "2": Code("B", active=False)},
        [Difference("status", "2", HERE["2"], Code("B", active=False))],
    ),
    "status not told": ({**HERE, "2": Code("B", active=None)}, []),
}


@pytest.mark.parametrize(("there", "expected"), COMPARISONS.values(), ids=COMPARISONS.keys())
def test_compare(there, expected):
    assert compare(HERE, there) == expected


@pytest.mark.parametrize("there", [there for there, _ in COMPARISONS.values()], ids=COMPARISONS.keys())
def test_an_updated_table_is_equal_and_loses_no_code(there):
    after = updated(HERE, compare(HERE, there))

    assert compare(after, there) == []
    assert set(after) == set(HERE) | set(there)


def test_codes_are_kept_in_order_of_their_number():
    there = {**HERE, "10": Code("D", active=None)}
    assert list(updated(HERE, compare(HERE, there)).items())[-1] == ("10", Code("D", active=True))


def test_inactive_codes_that_the_plain_listing_hides_are_asked_for():
    import httpx

    asked = []

    def answer(request):
        asked.append(str(request.url))
        active = "statusAtivo" not in request.url.params
        rows = rows_of("tipo_contrato") if request.url.path.endswith("tipos-contratos") else []
        return httpx.Response(200, json=[row for row in rows if row["statusAtivo"] is active])

    server = Server(url="http://pncp.test", max_rps=0, transport=httpx.MockTransport(answer))
    found = check(server)

    assert verdicts(found)["tipo_contrato"] == "equal"
    assert [url for url in asked if "statusAtivo" in url] == [
        "http://pncp.test/api/pncp/v1/tipos-contratos?statusAtivo=false"
    ]
    assert {one.reason for one in found.of("unanswered")} == {"PNCP answered without a single code"}


def test_a_table_that_is_not_answered_is_never_equal(tables, checked):
    del tables["modalidades"]
    found = checked({**tables, "catalogos": [{"codigo": 1}], "tipos-contratos": [{"id": 1, "nome": " "}]})

    reasons = {table.table: table.reason for table in found.of("unanswered")}
    assert set(reasons) == {"modalidade", "catalogo", "tipo_contrato"}
    assert reasons["modalidade"].startswith("404")
    assert reasons["catalogo"] == "a row cannot be read: id is missing, blank or padded"
    assert reasons["tipo_contrato"] == "a row cannot be read: 1 has no nome"
    assert len(found.of("equal")) == len(code_tables.API_PATHS) - 3


def test_a_server_that_is_not_there_is_not_asked_twelve_times():
    found = check(Server(url="http://127.0.0.1:1", max_rps=0))

    assert len(found.of("unanswered")) == len(code_tables.API_PATHS)
    assert not found.of("equal")


def test_passing_trouble_is_waited_out(tables, checked):
    assert not checked(tables, faults=Faults(http_500=0.2)).of("unanswered")


def test_update_writes_what_differs_and_nothing_else(tables, checked, copy):
    rows = tables["tipos-contratos"]
    rows[0]["nome"] = "Contrato novo"
    rows[1]["statusAtivo"] = False
    del rows[2]
    rows.append({"id": 99, "nome": "Outro tipo ", "statusAtivo": True})
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    written = domain_tables.update(checked(tables, copy), copy)

    assert written == [copy / "tipo_contrato.csv"]
    after = {file.name: file.read_bytes() for file in copy.iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {"tipo_contrato.csv"}
    lines = after["tipo_contrato.csv"].decode().splitlines()
    old = before["tipo_contrato.csv"].decode().splitlines()
    assert lines[1:4] == ["1,Contrato novo,true", "2,Comodato,false", "3,Arrendamento,false"]
    assert lines[4:] == [*old[4:], "99,Outro tipo,true"]
    assert checked(tables, copy).of("different") == []


def test_every_committed_file_is_written_as_it_stands(tmp_path):
    for name in code_tables.API_PATHS:
        codes = domain_tables.read(domain_tables.INSTALLED, name)
        written = domain_tables._write(tmp_path, name, updated(codes, []))
        assert written.read_bytes() == (domain_tables.INSTALLED / f"{name}.csv").read_bytes()
        assert next(csv.reader(io.StringIO(written.read_text()))) == ["codigo", "rotulo", "ativo"]


def test_invented_codes_never_go_into_the_installed_source():
    difference = Difference("new", "99", None, Code("x", active=True))
    found = Check("simulator", [Comparison("tipo_contrato", "/", "different", 1, [difference])])
    with pytest.raises(MixedSourcesError, match="--folder"):
        domain_tables.update(found)


def test_a_folder_that_cannot_be_written_is_said_to_be(tmp_path):
    difference = Difference("new", "99", None, Code("x", active=True))
    found = Check("pncp", [Comparison("tipo_contrato", "/", "different", 1, [difference])])
    with pytest.raises(BalizaError, match="cannot be written here: No such file"):
        domain_tables.update(found, tmp_path / "nowhere")
