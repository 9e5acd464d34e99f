from collections import defaultdict

import pytest

from baliza.build import catalog
from dataflows.contract import Column
from dataflows.stage import columns

SHARED = {name: column for name, column in vars(columns).items() if isinstance(column, Column)}
STAGE = [node for node in catalog.tables().values() if node.layer == "stage"]


def test_what_two_tables_say_alike_is_said_once():
    """By each meaning that columns of one name share, the columns that say it in words of their own."""
    said = defaultdict(set)
    for node in STAGE:
        for name, column in node.contract.columns.items():
            said[name, column.meaning].add(id(column))
    known = {column.meaning for column in SHARED.values()}
    assert not [key for key, ids in said.items() if len(ids) > 1 and key[1] not in known]


@pytest.mark.parametrize("name", SHARED)
def test_a_column_is_shared_by_two_tables_or_more(name):
    meaning = SHARED[name].meaning
    tables = {node.name for node in STAGE for one in node.contract.columns.values() if one.meaning == meaning}
    assert len(tables) > 1
