"""Old files of each generation, moved into today's."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from baliza.cli.progress import Quiet
from baliza.errors import (
    DatabaseLockedError,
    DatabaseMissingError,
    MixedSourcesError,
    NewerFormatError,
    NotADatabaseError,
    NothingToMigrateError,
    SameFileError,
)
from baliza.migration.account import Loss
from baliza.migration.migrating import migrate, survey
from baliza.simulator.old_layout import (
    OldPage,
    pages_of,
    write_first,
    write_parsed_requests,
    write_second,
    write_third,
)
from baliza.simulator.old_rows import write_parsed
from baliza.warehouse import schema
from tests.migration.conftest import ASKED, MARCH, Migrated, contrato, march

WRITERS = [write_first, write_second, write_third]


@pytest.fixture(scope="module", params=WRITERS, ids=["1", "2", "3"])
def whole_month(request: pytest.FixtureRequest, migrated: Callable[..., Migrated]) -> Migrated:
    return migrated(march(), request.param)


def test_a_month_lands_and_is_proven(whole_month: Migrated):
    assert whole_month.table() == (5, 5, 0, 0, 0)
    assert whole_month.account.is_balanced
    assert whole_month.rows("SELECT count(*), sum(valorGlobal) FROM raw.contratos")[0][0] == 5
    assert whole_month.rows("SELECT value FROM meta.database WHERE key = 'source'") == [("pncp",)]


def test_what_is_proven_is_proven_as_of_then(whole_month: Migrated):
    (as_of,) = {as_of for (as_of,) in whole_month.rows("SELECT updated_at FROM meta.coverage")}

    assert as_of == ASKED


def test_the_evidence_comes_along(whole_month: Migrated):
    rows = whole_month.rows(
        "SELECT request_id < 0, requested_at, outcome, sha256 FROM meta.requests ORDER BY 2"
    )

    assert [row[:3] for row in rows] == [(True, ASKED + timedelta(seconds=n), "records") for n in range(3)]
    assert all(len(sha256) == 64 for *_, sha256 in rows)


def test_generations_in_one_file_are_one_history(migrated: Callable[..., Migrated]):
    found = migrated(march(), *WRITERS, write_parsed)

    assert found.account.generations.keys() == {"1", "2", "3", "parsed rows"}
    assert {name: count for name, count in found.account.outcomes.items() if count} == {
        "records": 3,
        "copy": 6,
    }
    assert found.table() == (20, 5, 10, 5, 0)
    assert found.cells() == {"complete": 5, "empty": 26}
    assert found.rows("SELECT count(*) FROM meta.requests") == [(3,)]


def test_a_second_run_finds_nothing_to_do(whole_month: Migrated, unpublished: Any):
    before = whole_month.rows("SELECT count(*) FROM meta.landings")

    again = migrate(whole_month.old, whole_month.new, Quiet(), settings=unpublished)

    assert replace(again, seconds=0) == replace(whole_month.account, seconds=0)
    assert whole_month.rows("SELECT count(*) FROM meta.landings") == before


def test_days_between_records_of_a_whole_walk_are_proven_without_a_window(migrated: Callable[..., Migrated]):
    """The third generation says no window: the days from the first record to the last were in it, whatever it was."""
    records = [contrato(n) | {"numeroControlePNCP": f"{n:014d}-2-000001/2025"} for n in range(1, 4)]
    records[2]["dataPublicacaoPncp"] = "2025-03-12T09:00:00"
    found = migrated(pages_of("contratos_publicacao", records, {}, at=ASKED, size=2), write_third)

    assert found.rows("SELECT day::VARCHAR, status, landed FROM meta.coverage ORDER BY day") == [
        ("2025-03-10", "complete", 2),
        ("2025-03-11", "empty", 0),
        ("2025-03-12", "complete", 1),
    ]


def test_records_of_one_orgao_may_be_all_that_was_asked_for(whole_month: Migrated):
    if whole_month.account.generations.keys() == {"3"}:
        assert whole_month.cells() == {"short": 5}
        assert whole_month.account.exit_code == 3
    else:
        assert whole_month.cells() == {"complete": 5, "empty": 26}
        assert whole_month.account.exit_code == 0


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory, unpublished: Any) -> Migrated:
    """Everything that old files are known to hold, in one."""
    folder = tmp_path_factory.mktemp("messy")
    old, new = folder / "old.duckdb", folder / "new.duckdb"
    pages = march()
    bad = contrato(9) | {"dataAssinatura": "2025-02-30"}
    april = {"dataInicial": "20250401", "dataFinal": "20250430"}
    hour = timedelta(hours=1)
    body = pages[0].body
    assert body is not None
    wrong = [
        OldPage("contratos_publicacao", april, b"<html>500</html>", ASKED + hour, 500),
        OldPage("contratos_publicacao", april, b"<html>429</html>", ASKED + 2 * hour, 200),
        OldPage("contratos_publicacao", april, None, ASKED + 3 * hour),
        OldPage("contratos_publicacao", april, b"", ASKED + 3 * hour, 200),
        OldPage("contratos_publicacao", april, body[:-150], ASKED + 4 * hour),
        OldPage("contratos_publicacao", april, b'{"data":[{"a":1}],"totalRegistros":1}', ASKED + 5 * hour),
        OldPage("contratos_publicacao", april, body, ASKED + 6 * hour, 500),
        *pages_of("contratos_atualizacao", [bad, contrato(10)], MARCH, at=ASKED + 7 * hour, size=2),
        OldPage("contratos_publicacao", MARCH, body, ASKED + 8 * hour, name="nonsense"),
    ]
    write_second(old, [*pages, *wrong])
    write_first(old, pages)
    with duckdb.connect(old) as con:
        con.execute(
            "INSERT INTO psa.pncp_requests SELECT * FROM psa.pncp_requests WHERE response_code = 200 LIMIT 1"
        )
        con.execute("UPDATE psa.pncp_requests SET content_id = uuid() WHERE content_id IS NULL")
        orphan = json.dumps({"data": [contrato(77)], "totalRegistros": 1})
        con.execute(
            "INSERT INTO psa.pncp_content VALUES (uuid(), ?, 'x', 1, ?, ?, 0)", [orphan, ASKED, ASKED]
        )
        con.execute(
            "INSERT INTO psa.pncp_content SELECT id, ?, 'y', 1, ?, ?, 0 FROM psa.pncp_content LIMIT 1",
            [orphan.replace("77", "78"), ASKED, ASKED],
        )
    return Migrated(old, new, migrate(old, new, Quiet(), settings=unpublished))


def test_every_answer_is_accounted_for(messy: Migrated):
    found = {name: count for name, count in messy.account.outcomes.items() if count}

    assert found == {
        "records": 8,  # 3 of March, a page with status 500, of updates, under a wrong name, 2 nobody asked for
        "copy": 4,  # March once more in the older layout, and a row that came twice
        "error status": 1,
        "no page": 1,
        "no content": 2,
        "truncated": 1,
        "unknown": 1,
    }
    assert (messy.account.answers, messy.account.bodies_unasked, messy.account.misnamed) == (18, 2, 1)


def test_the_account_balances_whatever_there_was(messy: Migrated):
    received, stored, repeats, covered, quarantined = messy.table()

    assert received == stored + repeats + covered + quarantined
    assert messy.account.is_balanced
    assert stored == len(messy.rows("SELECT 1 FROM raw.contratos")) == 8


def test_what_cannot_land_is_kept_as_text(messy: Migrated):
    reasons = {reason for _, reason in messy.rows("SELECT raw_text, reason FROM meta.quarantine")}

    assert len(reasons) == 2
    assert "the body of the page ends in the middle" in reasons
    assert any("2025-02-30" in reason for reason in reasons)


def test_a_repaired_record_can_be_replayed_from_history(messy: Migrated, tmp_path: Path):
    from baliza.build.replaying import replay

    (tmp_path / "copy.duckdb").write_bytes(messy.new.read_bytes())

    replayed = replay(tmp_path / "copy.duckdb")

    assert (replayed.tried, replayed.refused) == (2, 2)


def test_the_month_that_only_failed_is_failed_or_short(messy: Migrated):
    rows = messy.rows(
        "SELECT DISTINCT status FROM meta.coverage WHERE day BETWEEN '2025-04-01' AND '2025-04-30'"
    )

    assert rows == [("short",)]  # the page with an error's status counts for nothing but its records
    assert messy.account.exit_code == 3


def test_what_dropping_would_lose_is_told(messy: Migrated):
    assert messy.account.gives_up == [Loss("bodies", 1)]


def test_an_interrupted_migration_goes_on(tmp_path: Path, unpublished: Any):
    old, new = tmp_path / "old.duckdb", tmp_path / "new.duckdb"
    pages = []
    for month in (1, 2):
        records = [contrato(100 * month + n, date(2025, month, 1 + n % 27)) for n in range(50)]
        asked = {"dataInicial": f"2025{month:02}01", "dataFinal": f"2025{month:02}28"}
        pages += pages_of("contratos_publicacao", records, asked, at=ASKED + timedelta(days=month), size=2)
    write_first(old, pages)

    class Interrupted(Quiet):
        pages = 0

        def page(self, *, records: int, rate: float) -> None:
            self.pages += 1
            if self.pages == 47:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        migrate(old, new, Interrupted(), settings=unpublished)
    with duckdb.connect(new) as con:
        # The first month, and of the second the pages that had landed together.
        assert con.execute("SELECT count(*) FROM raw.contratos").fetchall() == [(90,)]
    account = migrate(old, new, Quiet(), settings=unpublished)

    assert (account.is_balanced, account.exit_code) == (True, 0)
    assert [table.equation for table in account.tables] == ["100 = 100 + 0 + 0 + 0"]
    with duckdb.connect(new) as con:
        found = con.execute(
            "SELECT count(*), count(DISTINCT numeroControlePNCP) FROM raw.contratos"
        ).fetchall()
        asked = con.execute("SELECT count(*), count(DISTINCT request_id) FROM meta.requests").fetchall()
    assert (found, asked) == ([(100, 100)], [(50, 50)])


def test_what_was_harvested_since_stays_the_newer(
    tmp_path: Path, unpublished: Any, migrated: Callable[..., Migrated]
):
    """The same state of the world from two old files: the later one first."""
    new = tmp_path / "new.duckdb"
    for name, at, value in (("later", ASKED + timedelta(days=9), 7.0), ("earlier", ASKED, 5.0)):
        records = [contrato(1, valorGlobal=value), contrato(2)]
        write_first(
            tmp_path / f"{name}.duckdb", pages_of("contratos_publicacao", records, MARCH, at=at, size=2)
        )
        migrate(tmp_path / f"{name}.duckdb", new, Quiet(), settings=unpublished)

    with duckdb.connect(new) as con:
        values = con.execute(
            "SELECT valorGlobal FROM raw.contratos WHERE numeroControlePNCP LIKE '%000001/2025' ORDER BY observation_id"
        ).fetchall()
        (as_of,) = con.execute("SELECT DISTINCT updated_at FROM meta.coverage").fetchone()
        (both,) = con.execute("SELECT count(*) FROM raw.contratos").fetchone()
    assert [float(value) for (value,) in values] == [5.0, 7.0]
    assert both == 3  # the other record did not change: once
    assert as_of == ASKED + timedelta(days=9)


FONTE = {
    "codigo": 3,
    "nome": "Municipal",
    "descricao": "Recursos próprios",
    "dataInclusao": "2025-03-01T08:00:00",
}


def compra(number: int) -> dict[str, Any]:
    return {
        "numeroControlePNCP": f"00000000000191-1-{number:06d}/2025", "dataPublicacaoPncp": "2025-03-10T10:00:00",
        "dataAtualizacaoGlobal": "2025-03-10T10:00:00", "modalidadeId": 8, "situacaoCompraId": 1, "srp": False,
        "orgaoEntidade": {"cnpj": "00000000000191", "razaoSocial": "P", "poderId": "E", "esferaId": "M"},
        "unidadeOrgao": {"codigoUnidade": "1", "nomeUnidade": "U", "codigoIbge": "1200401", "municipioNome": "M", "ufSigla": "AC", "ufNome": "Acre"},
        "amparoLegal": {"codigo": 19, "nome": "Art. 75, II", "descricao": "d"}, "valorTotalEstimado": 9999999999.9999,
        "fontesOrcamentarias": [FONTE] if number == 1 else [],
    }  # fmt: skip


def compras() -> list[OldPage]:
    asked = MARCH | {"codigoModalidadeContratacao": 8}
    return pages_of("contratacoes_publicacao", [compra(1), compra(2)], asked, at=ASKED, size=2)


def test_parsed_rows_become_what_pncp_had_sent(migrated: Callable[..., Migrated]):
    pages = [*march(), *compras()]
    bodies, rows = migrated(pages, write_first), migrated(pages, write_parsed)

    for table in ("contratos", "contratacoes"):
        query = f"SELECT content_hash FROM raw.{table} ORDER BY 1"
        assert rows.rows(query) == bodies.rows(query)
    assert rows.rows("SELECT count(*) FROM raw.contratacoes WHERE len(fontesOrcamentarias) = 1") == [(1,)]
    assert rows.cells() == {"short": 6}
    assert rows.reasons() == {"only parsed rows are left of it, and no total"}
    assert (rows.account.orphans, rows.account.exit_code) == (0, 3)


def test_a_parsed_row_gives_way_to_the_record_itself(migrated: Callable[..., Migrated]):
    """The old program dropped fields that the body has: its row must not pass for a newer version."""
    found = migrated(march(), write_parsed, write_first)

    assert found.table() == (10, 5, 0, 5, 0)
    assert found.cells() == {"complete": 5, "empty": 26}


def test_rows_are_told_from_the_answers_of_their_time(migrated: Callable[..., Migrated]):
    """A page and rows of the same moment, of different records."""
    found = migrated(march(2), write_first)
    write_parsed(found.old, pages_of("contratos_publicacao", [contrato(9)], MARCH, at=ASKED, size=2))
    new = found.new.with_name("both.duckdb")

    migrate(found.old, new, Quiet())

    with duckdb.connect(new, read_only=True) as con:
        assert con.execute("SELECT count(*), count(DISTINCT request_id) FROM meta.requests").fetchall() == [
            (2, 2)
        ]


def test_totals_of_parsed_requests_prove_the_rows(migrated: Callable[..., Migrated]):
    found = migrated([*march(), *compras()], write_parsed_requests, write_parsed)

    assert found.cells() == {"complete": 6, "empty": 56}
    assert found.account.outcomes["parsed"] == 4


def test_sources_of_budget_without_their_purchase_are_told(tmp_path: Path, unpublished: Any):
    old = tmp_path / "old.duckdb"
    write_parsed(old, compras())
    with duckdb.connect(old) as con:
        con.execute("DELETE FROM psa.raw_contratacoes WHERE numero_controle_pncp LIKE '%000001/2025'")

    account = migrate(old, tmp_path / "new.duckdb", Quiet(), settings=unpublished)

    assert account.gives_up == [Loss("sources", 1)]


def test_the_simulators_answers_stay_the_simulators(migrated: Callable[..., Migrated]):
    pages = [replace(page, headers={"X-Baliza-Simulator": "1"}) for page in march()]

    assert migrated(pages, write_first).account.source == "simulator"


def test_a_survey_writes_nothing(tmp_path: Path):
    old = tmp_path / "old.duckdb"
    write_second(old, [*march(), *compras()])
    before = old.read_bytes()

    found = survey(old)

    assert found.generations == {"2": {"psa.pncp_requests": 4, "psa.pncp_content": 4}}
    assert found.requests == {"contratos": 3, "contratacoes_publicacao": 1}
    assert found.windows == {"contratos": 1, "contratacoes_publicacao": 1}
    assert old.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["old.duckdb"]


class TestBadInput:
    def refused(self, error: type, old: Path, unpublished: Any, new: Path | None = None) -> str:
        database = new or old.parent / "new.duckdb"
        with pytest.raises(error) as raised:
            migrate(old, database, Quiet(), settings=unpublished)
        if new is None:
            assert not database.exists()
        return str(raised.value)

    def test_no_file(self, tmp_path: Path, unpublished: Any):
        self.refused(DatabaseMissingError, tmp_path / "old.duckdb", unpublished)

    def test_not_duckdb(self, tmp_path: Path, unpublished: Any):
        (tmp_path / "old.duckdb").write_bytes(b"id;valor\n" * 900)

        self.refused(NotADatabaseError, tmp_path / "old.duckdb", unpublished)

    def test_of_a_newer_duckdb(self, tmp_path: Path, unpublished: Any):
        old = tmp_path / "old.duckdb"
        duckdb.connect(old).close()
        file = bytearray(old.read_bytes())
        file[12:20] = (999).to_bytes(8, "little")
        checksum = 5381  # as DuckDB computes that of a header, which is why it believes this one
        for at in range(8, 4096, 8):
            checksum ^= int.from_bytes(file[at : at + 8], "little") * 0xBF58476D1CE4E5B9 % 2**64
        file[:8] = checksum.to_bytes(8, "little")
        old.write_bytes(file)

        self.refused(NewerFormatError, old, unpublished)

    def test_nothing_old_in_it(self, tmp_path: Path, unpublished: Any):
        old = tmp_path / "old.duckdb"
        with duckdb.connect(old) as con:
            con.execute("CREATE TABLE notes (text VARCHAR)")

        assert "main.notes" in self.refused(NothingToMigrateError, old, unpublished)

    def test_of_todays_layout(self, tmp_path: Path, unpublished: Any, prepared: Path):
        (tmp_path / "old.duckdb").write_bytes(prepared.read_bytes())

        told = self.refused(NothingToMigrateError, tmp_path / "old.duckdb", unpublished)
        assert "today's layout" in told

    def test_locked(self, tmp_path: Path, unpublished: Any, held: Callable):
        old = tmp_path / "old.duckdb"
        write_first(old, march())

        with held(old):
            self.refused(DatabaseLockedError, old, unpublished)

    def test_one_file_for_both(self, tmp_path: Path, unpublished: Any):
        old = tmp_path / "old.duckdb"
        write_first(old, march())

        self.refused(SameFileError, old, unpublished, new=tmp_path / "." / "old.duckdb")

    def test_a_file_that_holds_the_sample(self, tmp_path: Path, unpublished: Any, prepared: Path):
        old, new = tmp_path / "old.duckdb", tmp_path / "new.duckdb"
        write_first(old, march())
        new.write_bytes(prepared.read_bytes())
        with duckdb.connect(new) as con:
            schema.claim_source(con, new, "sample")

        self.refused(MixedSourcesError, old, unpublished, new=new)
