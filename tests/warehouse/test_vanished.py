"""Records that PNCP stops showing: marked when a complete listing lacks them, and unmarked when they are back."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from baliza.warehouse import ledger
from baliza.warehouse.ledger import Cell
from baliza.warehouse.vanished import Whole

DAY = date(2025, 3, 10)
NEXT = DAY + timedelta(days=1)
FIRST_RUN = datetime(2025, 4, 2)  # noqa: DTZ001  the file keeps UTC without saying so
LATER = datetime(2025, 5, 1)  # noqa: DTZ001
MINE, OTHER = "00000000000191", "11111111000191"
PARENT = "05816630000152-1-000001/2025"


@pytest.fixture
def whole() -> Callable[..., Whole]:
    """A listing of contratos proven complete, with these keys."""

    def make(*keys: str, since: date = DAY, until: date | None = None, **fields: Any) -> Whole:
        about = {"endpoint": "contratos", "modalidade": 0, "slice": "", "day_field": "dataPublicacaoPncp"}
        return Whole(keys=keys, since=since, until=until or since, **(about | fields))

    return make


@pytest.fixture
def listing(arrive: Any, record: Callable, page: Callable, whole: Callable) -> Callable[..., None]:
    """PNCP shows these records under their day, and all of it is proven: what it does not show has vanished."""

    def shown(*records: dict[str, Any], now: datetime = LATER, **fields: Any) -> None:
        bodies = [page(*records)] if records else []
        keys = [one["numeroControlePNCP"] for one in records]
        arrive(*bodies, now=now, whole=whole(*keys, **fields))

    shown.arrive = arrive
    return shown


def vanished(con: Any, what: str = "key") -> list[Any]:
    rows = con.execute(f"SELECT {what} FROM meta.vanished ORDER BY key").fetchall()
    return [row[0] if len(row) == 1 else row for row in rows]


def test_what_is_still_shown_has_not_vanished(listing: Any, record: Callable):
    listing(record("a"), record("b"))
    listing(record("a"), record("b"))
    assert vanished(listing.arrive.con) == []


def test_what_is_gone_is_marked_and_kept(listing: Any, record: Callable):
    listing(record("a"), record("b"), now=FIRST_RUN)
    listing(record("a"))
    con = listing.arrive.con
    assert vanished(con, "table_name, key, endpoint, seen_until, noticed_at") == [
        ("contratos", "b", "contratos", FIRST_RUN, LATER)
    ]
    assert con.execute("SELECT count(*) FROM raw.contratos").fetchone() == (2,)


def test_the_day_may_be_empty_now(listing: Any, record: Callable):
    listing(record("a"))
    listing()
    assert vanished(listing.arrive.con) == ["a"]


def test_noticed_once(listing: Any, record: Callable):
    listing(record("a"), record("b"), now=FIRST_RUN)
    listing(record("a"), now=LATER)
    listing(record("a"), now=LATER + timedelta(days=9))
    assert vanished(listing.arrive.con, "seen_until, noticed_at") == [(FIRST_RUN, LATER)]


def test_what_is_back_is_unmarked(listing: Any, record: Callable):
    listing(record("a"), record("b"))
    listing(record("a"))
    listing(record("a"), record("b"))
    assert vanished(listing.arrive.con) == []


def test_gone_again_after_it_was_back_is_seen_until_then(listing: Any, record: Callable):
    listing(record("a"), now=FIRST_RUN)
    listing(now=LATER)
    listing(record("a"), now=LATER + timedelta(days=1))
    listing(now=LATER + timedelta(days=2))
    assert vanished(listing.arrive.con, "seen_until") == [LATER + timedelta(days=1)]


def test_what_moved_to_another_day_has_not_vanished(listing: Any, record: Callable):
    listing(record("a"), record("b"))
    listing(record("b", dataPublicacaoPncp=f"{NEXT}T10:00:00"), since=NEXT)
    listing(record("a"))
    assert vanished(listing.arrive.con) == []


def test_what_moved_and_is_gone_from_there_has(listing: Any, record: Callable):
    listing(record("b"))
    listing(record("b", dataPublicacaoPncp=f"{NEXT}T10:00:00"), since=NEXT)
    listing(since=NEXT)
    assert vanished(listing.arrive.con) == ["b"]


def test_other_days_say_nothing(listing: Any, record: Callable):
    listing(record("a"))
    listing(since=NEXT)
    listing(since=DAY - timedelta(days=1))
    assert vanished(listing.arrive.con) == []


def test_a_window_of_several_days_speaks_of_all_of_them(listing: Any, record: Callable):
    listing(record("a"), record("b", dataPublicacaoPncp=f"{NEXT}T10:00:00"), until=NEXT)
    listing(record("a"), until=NEXT)
    assert vanished(listing.arrive.con) == ["b"]


def of(cnpj: str) -> dict[str, Any]:
    return {"orgaoEntidade": {"cnpj": cnpj}}


def test_a_slice_says_nothing_of_other_slices(listing: Any, record: Callable):
    mine = {
        "slice": f"cnpj={MINE}",
        "matches": ((("orgaoEntidade.cnpj", "orgaoSubRogado.cnpj"), MINE),),
    }
    sub_rogated = record("d", **of(OTHER), orgaoSubRogado={"cnpj": MINE})
    listing(record("a", **of(MINE)), record("b", **of(MINE)), record("c", **of(OTHER)), sub_rogated)
    listing(record("a", **of(MINE)), **mine)
    assert vanished(listing.arrive.con) == ["b"], "which órgão's listing shows a sub-rogated one nobody knows"


def test_what_moved_to_another_orgao_has_not_vanished(listing: Any, record: Callable):
    mine = {"slice": f"cnpj={MINE}", "matches": ((("orgaoEntidade.cnpj",), MINE),)}
    listing(record("a", **of(MINE)), **mine)
    listing(record("a", **of(OTHER)), slice=f"cnpj={OTHER}", matches=((("orgaoEntidade.cnpj",), OTHER),))
    listing(**mine)
    assert vanished(listing.arrive.con) == []


def test_a_record_that_does_not_say_its_orgao_is_of_no_slice(listing: Any, record: Callable):
    listing(record("a", orgaoEntidade=None))
    listing(slice=f"cnpj={MINE}", matches=((("orgaoEntidade.cnpj",), MINE),))
    assert vanished(listing.arrive.con) == []


def test_seen_until_the_listing_was_last_proven(listing: Any, record: Callable):
    """Nothing new came with the second run, and yet it showed the record again."""
    proven = datetime(2025, 4, 20)  # noqa: DTZ001
    listing(record("a"), record("b"), now=FIRST_RUN)
    con = listing.arrive.con
    ledger.record(con, [Cell("contratos", DAY, "complete", expected=2, landed=2)], proven)
    ledger.record(con, [Cell("contratos", NEXT, "complete", expected=2, landed=2)], LATER)
    listing(record("a"), now=LATER)
    assert vanished(con, "seen_until") == [proven], "the other day proves nothing of this one"


def test_records_in_quarantine_are_shown_all_the_same(
    arrive: Any, record: Callable, page: Callable, whole: Any
):
    arrive(page(record("a"), record("b")))
    landing = arrive(page(record("a"), record("b", receita="sim")), whole=whole("a", "b"))
    assert landing.quarantined == 1
    assert vanished(arrive.con) == []


def snapshot(*keys: str, modalidade: int) -> Whole:
    return Whole(
        endpoint="contratacoes_proposta",
        modalidade=modalidade,
        slice="",
        keys=keys,
        day_field=None,
        since=DAY,
        until=DAY,
        matches=((("modalidadeId",), str(modalidade)),),
    )


def test_a_snapshot_speaks_of_everything_ever_seen_in_it(arrivals: Callable, page: Callable):
    arrive = arrivals("contratacoes_proposta")
    arrive(page(*({"numeroControlePNCP": key, "modalidadeId": 8} for key in "abc")))
    arrive(page({"numeroControlePNCP": "other", "modalidadeId": 6}))
    arrive(whole=snapshot("b", modalidade=8))
    assert vanished(arrive.con) == ["a", "c"]


def test_another_tables_records_of_the_same_key_are_others(arrivals: Callable, page: Callable):
    open_now, published = arrivals("contratacoes_proposta"), arrivals("contratacoes_publicacao")
    one = {"numeroControlePNCP": "a", "modalidadeId": 8, "dataPublicacaoPncp": f"{DAY}T10:00:00"}
    open_now(page(one))
    published(page(one))
    open_now(whole=snapshot(modalidade=8))
    assert vanished(open_now.con, "table_name, key") == [("contratacoes_proposta", "a")]
    published(page(one), whole=Whole("contratacoes_publicacao", 8, "", ["a"], "dataPublicacaoPncp", DAY, DAY))
    assert vanished(open_now.con, "table_name, key") == [("contratacoes_proposta", "a")]


def test_the_items_of_one_purchase(arrivals: Callable):
    arrive = arrivals("itens")

    def items(*numbers: int, parent: str = PARENT) -> None:
        body = json.dumps([{"numeroItem": number} for number in numbers]).encode()
        keys = [f"{parent}/{number}" for number in numbers]
        matches = ((("parent_key",), parent),)
        arrive(body, parent=parent, whole=Whole("itens", 0, parent, keys, None, DAY, DAY, matches))

    other = PARENT.replace("000001", "000002")
    items(1, 2, 3)
    items(1, parent=other)
    items(1, 3)
    assert vanished(arrive.con) == [f"{PARENT}/2"]
    items(1, 2)
    assert vanished(arrive.con) == [f"{PARENT}/3"]


def test_nothing_is_marked_where_the_window_does_not_land(
    arrive: Any, record: Callable, page: Callable, whole: Any
):
    arrive(page(record("a")))
    arrive.con.execute("DROP TABLE meta.landings")
    with pytest.raises(Exception, match="landings"):
        arrive(page(record("b")), whole=whole("b"))
    assert vanished(arrive.con) == []
