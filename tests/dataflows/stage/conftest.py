from datetime import datetime
from itertools import count

import pytest

from dataflows.raw.contratos import RawContratos

OBSERVED = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so


@pytest.fixture
def raw(table):
    """Make raw.contratos of records in PNCP's shape, observed in the order given."""
    ids = count(1)

    def make(*records: dict):
        rows = [
            {
                "observation_id": next(ids),
                "observed_at": OBSERVED,
                "numeroControlePNCP": "00394460005887-2-002468/2025",
            }
            | record
            for record in records
        ]
        return table(RawContratos.schema(), *rows)

    return make
