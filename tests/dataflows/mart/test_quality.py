import csv
from pathlib import Path

import pytest

import dataflows
from baliza.build import catalog
from dataflows.mart import quality
from dataflows.mart.quality import MartQuality
from dataflows.stage.atas import StageAtas

STAGE = {name: node for name, node in catalog.tables().items() if node.layer == "stage"}
COUNTED = ("nulos", "vazios", "em_revisao", "suspeitos", "sem_rotulo")


def rows(table) -> list[dict]:
    return table.to_pyarrow().to_pylist()


def test_every_table_of_stage_is_looked_at():
    assert set(catalog.parents("mart_quality")) == set(STAGE)


ROWS = {name: [{}] * number for number, name in enumerate(STAGE)}
"""Of each table another number of rows, of the first none."""


def test_every_column_of_a_table_has_as_many_rows_as_the_table_and_one_without_rows_is_left_out(mart):
    expected = {
        (node.location, column): len(ROWS[name])
        for name, node in STAGE.items()
        for column in ("*", *node.contract.columns)
        if ROWS[name]
    }
    found = mart("mart_quality", **ROWS)
    assert {(row["tabela"], row["coluna"]): row["linhas"] for row in found} == expected
    assert len(found) == len(expected)


def test_a_column_and_the_rows_of_a_table(mart):
    atas = [{"ano_ata": 2025}, {}]
    found = mart("mart_quality", stage_atas=atas, stage_municipios=[{"codigo_ibge": "355030"}])
    by_key = {(row.pop("tabela"), row.pop("coluna")): row for row in found}
    facts = {"linhas": 2, "regras": 0, "falhas": 0, "regras_quebradas": None} | dict.fromkeys(COUNTED)
    assert by_key["stage.atas", "ano_ata"] == facts | {"nulos": 1}
    facts |= {"linhas": 1, "regras": 1, "falhas": 1, "regras_quebradas": "codigo_ibge has seven digits: 1"}
    assert by_key["stage.municipios", "*"] == facts


def test_nothing_is_said_of_nothing(mart):
    assert mart("mart_quality") == []


RULES = {rule.name: rule for rule in MartQuality.rules()}
GOOD = {
    "tabela": "stage.atas",
    "coluna": "x",
    "linhas": 10,
    "regras": 2,
    "falhas": 0,
    "nulos": 4,
    "vazios": 6,
    "em_revisao": 2,
    "suspeitos": 4,
    "sem_rotulo": 6,
}


@pytest.mark.parametrize(
    ("changes", "holds"),
    [
        pytest.param({}, True, id="all that is not null is something"),
        pytest.param(dict.fromkeys(COUNTED), True, id="nothing applies"),
        pytest.param(dict.fromkeys(COUNTED) | {"vazios": 10}, True, id="blank in every row"),
        pytest.param({"vazios": 7}, False, id="null and blank"),
        pytest.param({"em_revisao": 3}, False, id="null and in review"),
        pytest.param({"suspeitos": 5}, False, id="null and suspect"),
        pytest.param({"em_revisao": None, "suspeitos": 6}, True, id="dates: suspect or null"),
        pytest.param({"em_revisao": None, "suspeitos": 7}, False, id="dates: suspect and null"),
        pytest.param({"sem_rotulo": 7}, False, id="null and a code"),
        pytest.param({"falhas": 20}, True, id="every row breaks every rule"),
        pytest.param({"falhas": 21}, False, id="more failures than rows and rules"),
    ],
)
def test_the_rule_of_parts(table, changes, holds):
    rule = RULES["parts do not exceed the rows, and what is null is nothing else"]
    made = table(MartQuality.schema(), GOOD | changes)
    assert rows(made.select(holds=rule.holds(made))) == [{"holds": holds}]


@pytest.mark.parametrize(
    ("failures", "named", "holds"),
    [
        pytest.param(0, None, True, id="none"),
        pytest.param(1, "x >= 1: 1", True, id="one"),
        pytest.param(1, None, False, id="one that is not named"),
        pytest.param(0, "x >= 1: 1", False, id="a name without failures"),
    ],
)
def test_the_rule_of_names(table, failures, named, holds):
    rule = RULES["broken rules are named"]
    made = table(MartQuality.schema(), GOOD | {"falhas": failures, "regras_quebradas": named})
    assert rows(made.select(holds=rule.holds(made))) == [{"holds": holds}]


@pytest.fixture
def differing(table):
    """Where the gate finds fault with what is said of stage.atas, which has so many rows."""

    def measures(count: int, said: list[dict]) -> set[tuple]:
        atas = table(StageAtas.schema(), *({"numero_controle_pncp_ata": str(n)} for n in range(count)))
        mart = table(MartQuality.schema(), *({"tabela": "stage.atas"} | row for row in said))
        found = rows(quality._measures(mart, "stage.atas", atas))
        assert len(found) == 3
        return {tuple(row.values()) for row in found if row["expected"] != row["found"]}

    return measures


COLUMNS = ("*", *StageAtas.columns)
SAID = [{"coluna": name, "linhas": 2} for name in COLUMNS]


def test_the_gate_holds_of_a_table_with_rows_and_of_one_without(differing):
    assert differing(2, SAID) == set()
    assert differing(0, []) == set()
    assert differing(2, [*SAID, {"tabela": "stage.x", "coluna": "x", "linhas": 9}]) == set()


@pytest.mark.parametrize(
    ("count", "said", "expected"),
    [
        pytest.param(2, SAID[1:], {("times", len(COLUMNS), len(COLUMNS) - 1)}, id="a column is missing"),
        pytest.param(2, [*SAID, SAID[0]], {("times", len(COLUMNS), len(COLUMNS) + 1)}, id="a column twice"),
        pytest.param(
            2, [*SAID[1:], SAID[0] | {"linhas": 1}], {("fewest", 2, 1)}, id="fewer rows in one column"
        ),
        pytest.param(2, [*SAID[1:], SAID[0] | {"linhas": 3}], {("most", 2, 3)}, id="more rows in one column"),
        pytest.param(
            2,
            [],
            {("fewest", 2, 0), ("most", 2, 0), ("times", len(COLUMNS), 0)},
            id="nothing is said of a table with rows",
        ),
        pytest.param(
            0,
            SAID,
            {("fewest", 0, 2), ("most", 0, 2), ("times", 0, len(COLUMNS))},
            id="much is said of one without",
        ),
        pytest.param(1, SAID, {("fewest", 1, 2), ("most", 1, 2)}, id="a row was lost"),
    ],
)
def test_the_gate_sees(differing, count, said, expected):
    assert differing(count, said) == {(f"stage.atas: {name}", *values) for name, *values in expected}


def test_the_gate_measures_every_table(mart, table):
    (gate,) = MartQuality.gates
    tables = {name: table(node.contract.schema(), *ROWS[name]) for name, node in STAGE.items()}
    found = rows(gate.compare(table(MartQuality.schema(), *mart("mart_quality", **ROWS)), **tables))
    expected = {}
    for name, node in STAGE.items():
        count, times = len(ROWS[name]), len(node.contract.columns) + 1 if ROWS[name] else 0
        expected |= {
            f"{node.location}: {end}": (number, number)
            for end, number in (("fewest", count), ("most", count), ("times", times))
        }
    assert {row["measure"]: (row["expected"], row["found"]) for row in found} == expected
    assert len(found) == len(expected)


def test_the_real_answers(real):
    """Each count once more in plain Python, from the rows of stage and the official tables as committed."""
    found = {(row["tabela"], row["coluna"]): row for row in real("mart_quality")}
    expected = {}
    for name, node in STAGE.items():
        if records := real(name):
            expected[node.location, "*"] = (len(records), *(None for _ in COUNTED))
            for column in node.contract.columns:
                values = [record[column] for record in records]
                expected[node.location, column] = (len(records), *_counted(node, column, values))
    assert {key: tuple(row[name] for name in ("linhas", *COUNTED)) for key, row in found.items()} == expected
    assert {table for table, _ in found} == {node.location for node in STAGE.values()} - {
        "stage.contratacoes_proposta"
    }
    assert {row["falhas"] for row in found.values()} == {0}


def _counted(node, column: str, values: list) -> tuple:
    contract = node.contract.columns[column]
    stated = [value for value in values if value is not None]
    is_verdict = column.endswith("verdict")
    return (
        len(values) - len(stated),
        sum(not value.strip() for value in stated) if contract.dtype.is_string() else None,
        stated.count("review") if is_verdict and column != "date_verdict" else None,
        len(stated) - stated.count("ok") - stated.count("review") if is_verdict else None,
        sum(_is_unlabelled(value, contract.domain) for value in stated) if contract.domain else None,
    )


def _is_unlabelled(value, domain: str) -> bool:
    codes = value if isinstance(value, list) else [value]
    return not {str(code) for code in codes if code is not None} <= _codes(domain)


def _codes(domain: str) -> set[str]:
    file = Path(dataflows.__file__).parent / "domains" / f"{domain}.csv"
    return {row["codigo"] for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())}
