from datetime import date, datetime, timedelta

import ibis
import pytest

from dataflows.ledger import SCHEMAS
from dataflows.mart.snapshots import gone, latest_proof, newest_snapshots

TODAY, DAY = date(2026, 1, 1), timedelta(days=1)
PROVEN_AT = datetime(2026, 1, 1, 9)  # noqa: DTZ001 - UTC, without saying so
SNAPSHOT = {
    "endpoint": "contratacoes_proposta",
    "modalidade": 6,
    "slice": "",
    "day": TODAY,
    "status": "complete",
    "updated_at": PROVEN_AT,
}


@pytest.mark.parametrize(
    ("changes", "newest"),
    [
        pytest.param([], [], id="none"),
        pytest.param([{"day": TODAY - n * DAY} for n in (2, 0, 1)], [(6, "", TODAY)], id="one of many days"),
        pytest.param([{}, {"day": TODAY + DAY}], [(6, "", TODAY)], id="none after the day"),
        pytest.param(
            [{"day": TODAY - DAY}, {"status": "short"}], [(6, "", TODAY - DAY)], id="none not proven"
        ),
        pytest.param(
            [{}, {"endpoint": "contratos", "modalidade": 0}], [(6, "", TODAY)], id="of proposals alone"
        ),
        pytest.param(
            [{"day": TODAY - DAY}, {"modalidade": 8}, {"slice": "uf=SP"}],
            [(6, "", TODAY - DAY), (6, "uf=SP", TODAY), (8, "", TODAY)],
            id="of each modalidade and slice",
        ),
    ],
)
def test_the_newest_of_each_modalidade_and_slice(table, changes, newest):
    ledger = table(SCHEMAS["meta_coverage"], *(SNAPSHOT | change for change in changes))
    rows = newest_snapshots(ledger, until=ibis.literal(TODAY)).to_pyarrow().to_pylist()
    assert sorted((row["modalidade"], row["slice"], row["day"]) for row in rows) == newest


def test_its_proof_is_that_of_its_day_and_not_the_latest(table):
    older = SNAPSHOT | {"day": TODAY - DAY, "updated_at": PROVEN_AT + DAY}
    (row,) = (
        newest_snapshots(table(SCHEMAS["meta_coverage"], SNAPSHOT, older), until=ibis.literal(TODAY))
        .to_pyarrow()
        .to_pylist()
    )
    assert row["updated_at"] == PROVEN_AT


ORGAO, OTHER = "00394460005887", "11111111000191"
PURCHASE = {
    "numero_controle_pncp": "a",
    "modalidade_id": 6,
    "cnpj_orgao": ORGAO,
    "cnpj_orgao_subrogado": None,
    "codigo_unidade_subrogada": None,
    "uf_sigla": "SP",
    "codigo_ibge": "3550308",
}
LISTED = {name: "int32" if name == "modalidade_id" else "string" for name in PURCHASE}


@pytest.fixture
def proofs(table):
    """Day, time and slice of the proof of each purchase, by its number."""

    def found(purchases: list[dict], snapshots: list[dict]) -> dict[str, tuple]:
        listed = table(LISTED, *(PURCHASE | one for one in purchases))
        ledger = table(SCHEMAS["meta_coverage"], *(SNAPSHOT | one for one in snapshots))
        rows = latest_proof(listed, ledger, until=ibis.literal(TODAY)).to_pyarrow().to_pylist()
        told = {
            row.pop("numero_controle_pncp"): (
                row.pop("dia_retrato"),
                row.pop("provado_em"),
                row.pop("recorte"),
            )
            for row in rows
        }
        assert len(told) == len(rows)
        assert not any(rows)
        return told

    return found


SUBROGATED = {"cnpj_orgao_subrogado": OTHER, "codigo_unidade_subrogada": "1"}


@pytest.mark.parametrize(
    ("change", "slice_", "covered"),
    [
        pytest.param({}, "", True, id="of the country"),
        pytest.param({}, f"cnpj={ORGAO}", True, id="of its órgão"),
        pytest.param({}, "uf=SP", True, id="of its state"),
        pytest.param({}, "municipio=3550308", True, id="of its town"),
        pytest.param({}, f"cnpj={OTHER}", False, id="of another órgão"),
        pytest.param({}, "uf=RJ", False, id="of another state"),
        pytest.param({}, "municipio=3304557", False, id="of another town"),
        pytest.param({}, ORGAO, False, id="of no slice"),
        pytest.param({"modalidade_id": 8}, "", False, id="of another modalidade"),
        pytest.param({"uf_sigla": None}, "uf=SP", False, id="of no known state"),
        pytest.param(SUBROGATED, "", True, id="sub-rogated: of the country"),
        pytest.param(SUBROGATED, f"cnpj={ORGAO}", False, id="sub-rogated: of one of the two"),
        pytest.param(SUBROGATED, f"cnpj={OTHER}", False, id="sub-rogated: of the other"),
        pytest.param(SUBROGATED, "uf=SP", False, id="sub-rogated: of the state of one of the two"),
        pytest.param(SUBROGATED, "municipio=3550308", False, id="sub-rogated: of the town of one of the two"),
        pytest.param(
            {"cnpj_orgao_subrogado": ORGAO}, f"cnpj={ORGAO}", True, id="sub-rogated within its órgão: of it"
        ),
        pytest.param({"cnpj_orgao_subrogado": ORGAO}, "uf=SP", False, id="sub-rogated within it: of a state"),
        pytest.param(
            {"codigo_unidade_subrogada": "1"}, f"cnpj={ORGAO}", True, id="to another unit: of its órgão"
        ),
        pytest.param({"codigo_unidade_subrogada": "1"}, "uf=SP", False, id="to another unit: of a state"),
        pytest.param(
            {"codigo_unidade_subrogada": "1"}, "municipio=3550308", False, id="to another unit: of a town"
        ),
    ],
)
def test_a_snapshot_covers_a_purchase(proofs, change, slice_, covered):
    found = proofs([change], [{"slice": slice_}])
    assert found == ({"a": (TODAY, PROVEN_AT, slice_)} if covered else {})


@pytest.mark.parametrize(
    ("snapshots", "day", "proven_at", "slice_"),
    [
        pytest.param(
            [{"slice": "uf=SP"}, {"day": TODAY - DAY, "updated_at": PROVEN_AT + DAY}],
            TODAY,
            PROVEN_AT,
            "uf=SP",
            id="the newest day, also where it was proven first",
        ),
        pytest.param(
            [{"slice": "uf=SP"}, {"updated_at": PROVEN_AT + DAY}, {"slice": f"cnpj={ORGAO}"}],
            TODAY,
            PROVEN_AT + DAY,
            "",
            id="of one day the one proven last",
        ),
        pytest.param(
            [{"slice": f"cnpj={ORGAO}"}, {"slice": "uf=SP"}, {}],
            TODAY,
            PROVEN_AT,
            "uf=SP",
            id="of one time the last slice by name",
        ),
    ],
)
def test_of_several_snapshots_that_cover_a_purchase(proofs, snapshots, day, proven_at, slice_):
    assert proofs([{}], snapshots) == {"a": (day, proven_at, slice_)}


def test_each_purchase_has_its_proof_and_those_without_have_no_row(proofs):
    purchases = [
        {},
        {"numero_controle_pncp": "b", "uf_sigla": "RJ"},
        {"numero_controle_pncp": "c", "modalidade_id": 8},
    ]
    assert proofs(purchases, [{"slice": "uf=SP"}, {"modalidade": 8}]) == {
        "a": (TODAY, PROVEN_AT, "uf=SP"),
        "c": (TODAY, PROVEN_AT, ""),
    }


MARK = {"table_name": "contratacoes_proposta", "key": "a", "noticed_at": PROVEN_AT}


@pytest.mark.parametrize(
    ("marks", "snapshots", "expected"),
    [
        pytest.param([{}], [{}], ["a"], id="noticed by the latest proof"),
        pytest.param([{"noticed_at": PROVEN_AT - DAY}], [{}], ["a"], id="noticed before it"),
        pytest.param([{"noticed_at": PROVEN_AT + DAY}], [{}], [], id="noticed after every proof"),
        pytest.param(
            [{"noticed_at": PROVEN_AT + DAY}],
            [{}, {"day": TODAY + DAY, "updated_at": PROVEN_AT + DAY}],
            [],
            id="noticed by a snapshot taken after the day",
        ),
        pytest.param(
            [{"noticed_at": PROVEN_AT + DAY}],
            [{}, {"updated_at": PROVEN_AT + DAY, "status": "short"}],
            [],
            id="noticed by none that is proven",
        ),
        pytest.param(
            [{"noticed_at": PROVEN_AT + DAY}],
            [{"updated_at": PROVEN_AT + DAY, "day": TODAY - DAY}, {}],
            ["a"],
            id="noticed by the last of several proofs",
        ),
        pytest.param([{"table_name": "contratos"}], [{}], [], id="gone from another listing"),
        pytest.param([{}], [], [], id="nothing proven"),
        pytest.param([], [{}], [], id="nothing gone"),
        pytest.param([{}, {"key": "b"}], [{}], ["a", "b"], id="two"),
    ],
)
def test_what_a_complete_snapshot_no_longer_shows(table, marks, snapshots, expected):
    vanished = table(SCHEMAS["meta_vanished"], *(MARK | one for one in marks))
    ledger = table(SCHEMAS["meta_coverage"], *(SNAPSHOT | one for one in snapshots))
    rows = gone(vanished, ledger, until=ibis.literal(TODAY)).to_pyarrow().to_pylist()
    assert sorted(rows, key=lambda row: row["numero_controle_pncp"]) == [
        {"numero_controle_pncp": number, "sumiu": True} for number in expected
    ]
