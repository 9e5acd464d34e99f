"""Why a table is to be built, of what it was made by and what would make it now."""

from dataclasses import replace

import pytest

from baliza.build import code
from baliza.build.decide import Cause, causes
from baliza.build.stored import Definition, Stored

DEFINITION = Definition(
    sql="SELECT 1",
    checks="c",
    inputs={"review_value": "10", "domain_poder": "p", "law_limits": "l", "meta_coverage": "(1, 2)"},
    parents={"raw_contratos": "1", "stage_termos": "t"},
    rows={"raw_contratos": 5},
    code="before",
)
STORED = Stored(DEFINITION.version, rows=3, seconds=0.5, definition=DEFINITION)


def why(*, stored=STORED, forced=False, known=None, **changed):
    known = code.definitions() if known is None else known
    found = causes(stored, replace(DEFINITION, **changed), module="mart.spending", known=known, forced=forced)
    return [str(cause) for cause in found]


def inputs(**changed):
    return {"inputs": DEFINITION.inputs | changed}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"code": "after"}, [], id="code that makes the same SQL"),
        pytest.param({"rows": {"raw_contratos": 9}}, [], id="a landing that stored nothing"),
        pytest.param(
            {"parents": {"raw_contratos": "2", "stage_termos": "t"}},
            ["new data: raw_contratos"],
            id="new data",
        ),
        pytest.param(
            {"parents": {"raw_contratos": "1", "stage_termos": "u"}}, ["parent: stage_termos"], id="a parent"
        ),
        pytest.param(
            {"sql": "SELECT 2"} | inputs(review_value="5"), ["parameter: review_value"], id="a parameter"
        ),
        pytest.param(inputs(review_value="5"), [], id="a parameter that makes the same SQL"),
        pytest.param({"sql": "SELECT 2"} | inputs(domain_poder="q"), ["codes: domain_poder"], id="a label"),
        pytest.param({"sql": "SELECT 2"} | inputs(law_limits="m"), ["law: law_limits"], id="a law"),
        pytest.param(inputs(meta_coverage="(2, 3)"), ["ledger: meta_coverage"], id="the ledger"),
        pytest.param({"checks": "d"}, ["contract: mart.spending"], id="a check whose text is the same"),
        pytest.param({"sql": "SELECT 2"}, ["compiler"], id="nothing that the text shows"),
        pytest.param({"forced": True}, ["forced"], id="forced"),
        pytest.param({"stored": None}, ["missing"], id="never built"),
        pytest.param(
            {"stored": replace(STORED, definition=None)}, ["missing"], id="built by an older baliza"
        ),
    ],
)
def test_each_cause(changed, expected):
    assert why(**changed) == expected


def test_the_functions_that_changed_are_named():
    known = code.definitions() | {"mart.spending.mart_spending": "other"}
    assert why(sql="SELECT 2", known=known) == ["code: mart.spending.mart_spending"]
    assert why(checks="d", known=known) == ["code: mart.spending.mart_spending"]
    assert why(known=known) == [], "the same SQL"


def test_all_causes_are_told():
    known = code.definitions() | {"stage.verdicts.value_verdict": "other"}
    changed = {"sql": "SELECT 2", "parents": {"raw_contratos": "2", "stage_termos": "t"}}
    assert why(forced=True, known=known, **changed, **inputs(review_value="5")) == [
        "forced",
        "new data: raw_contratos",
        "parameter: review_value",
        "code: stage.verdicts.value_verdict",
    ]


def test_a_cause_without_a_name_is_its_kind():
    assert str(Cause("forced")) == "forced"


def test_the_version_is_of_what_the_rows_depend_on():
    same = [
        replace(DEFINITION, code="after"),
        replace(DEFINITION, rows={}),
        replace(DEFINITION, **inputs(x="1")),
    ]
    other = [
        replace(DEFINITION, sql="SELECT 2"),
        replace(DEFINITION, checks="d"),
        replace(DEFINITION, parents={"raw_contratos": "2", "stage_termos": "t"}),
        replace(DEFINITION, **inputs(meta_coverage="(2, 3)")),
    ]
    assert {one.version for one in same} == {DEFINITION.version}
    assert len({one.version for one in [DEFINITION, *other]}) == 5
