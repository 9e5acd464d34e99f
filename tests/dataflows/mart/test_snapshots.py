from datetime import date, datetime, timedelta

import ibis
import pytest

from dataflows.ledger import SCHEMAS
from dataflows.mart.snapshots import newest_snapshots

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
