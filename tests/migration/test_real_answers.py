"""PNCP's real pages, in the old layout: all of them come in, whole."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from baliza.simulator.old_layout import OldPage, pages_of, write_first, write_second, write_third
from tests.migration.conftest import Migrated

FILES = {
    "contratos/contratos_500.json": ("contratos_publicacao", "20250601", "20250630", {}),
    "contratos/duckdb_raw_31.json": ("contratos_publicacao", "20250101", "20250131", {}),
    "contratacoes_publicacao/10.json": (
        "contratacoes_publicacao", "20240701", "20240731", {"codigoModalidadeContratacao": 1},
    ),
    "atas/atualizacao_10.json": ("atas_atualizacao", "20240701", "20240731", {}),
}  # fmt: skip
ASKED = datetime(2025, 7, 23, 10)  # noqa: DTZ001  old files say no zone


def old_pages(folder: Path) -> list[OldPage]:
    pages = []
    for file, (endpoint, since, until, narrowed) in FILES.items():
        body = (folder / file).read_bytes()
        asked = {"dataInicial": since, "dataFinal": until, **narrowed}
        if isinstance(records := json.loads(body), list):
            pages += pages_of(endpoint, records, asked, at=ASKED, size=500)
        else:
            pages.append(OldPage(endpoint, {**asked, "pagina": 1}, body, ASKED))
    return pages


@pytest.mark.parametrize("write", [write_first, write_second, write_third], ids=["1", "2", "3"])
def test_real_pages_come_in_whole(real_pages: Path, migrated: Callable[..., Migrated], write: Callable):
    found = migrated(old_pages(real_pages), write)

    assert found.account.is_balanced
    assert {
        table.table: (table.received, table.stored, table.quarantined) for table in found.account.tables
    } == {
        "atas": (10, 10, 0),
        "contratacoes": (10, 10, 0),
        "contratos": (531, 531, 0),
    }
    proven = found.rows("SELECT count(*), sum(landed) FROM meta.coverage WHERE status = 'complete'")
    assert proven == [(1, 31)]  # of January all that PNCP announced is there; of the others a page of many
    assert found.account.exit_code == 3
