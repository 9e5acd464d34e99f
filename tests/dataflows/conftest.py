import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hamilton import base
from hamilton.driver import Driver

from baliza.build import catalog
from dataflows import domains, law, parameters
from dataflows.contract import Contract
from dataflows.ledger import SCHEMAS
from dataflows.raw import provenance
from dataflows.raw.contratos import RawContratos

DAY = date(2026, 1, 1)
"""data_referencia, where a test does not say another."""
OBSERVED = datetime(2025, 1, 1)  # noqa: DTZ001 - UTC, without saying so

Records = Iterator[Mapping[str, Any]]


@pytest.fixture(scope="session")
def observed() -> Callable[..., Callable[..., list[dict[str, Any]]]]:
    """Make a maker of rows of one raw table: of records in PNCP's shape, observed in the order given.

    `observed(numeroControlePNCPAta="a")({"cancelado": True})`: what a record does not say is as named there,
    else left out.
    """

    def of(**defaults: Any) -> Callable[..., list[dict[str, Any]]]:
        ids = count(1)

        def make(*records: Mapping[str, Any]) -> list[dict[str, Any]]:
            return [
                {"observation_id": next(ids), "observed_at": OBSERVED} | defaults | record
                for record in records
            ]

        return make

    return of


@pytest.fixture(scope="session")
def observe(table: Callable[..., ir.Table], observed) -> Callable[..., Callable[..., ir.Table]]:
    """As `observed`, a table: `observe(RawAtas, numeroControlePNCPAta="a")({"cancelado": True})`."""

    def of(contract: type[Contract], **defaults: Any) -> Callable[..., ir.Table]:
        rows = observed(**defaults)
        return lambda *records: table(contract.schema(), *rows(*records))

    return of


@pytest.fixture
def raw(observe):
    """Make raw.contratos of records in PNCP's shape, observed in the order given."""
    return observe(RawContratos, numeroControlePNCP="00394460005887-2-002468/2025")


@pytest.fixture(scope="session")
def node() -> Callable[..., Any]:
    """Any node of the graph, of the nodes and parameters given by name: `node("stage_itens", raw_itens=table)`."""
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs()}

    def value(name: str, **known: Any) -> Any:
        changed = {one: what for one, what in known.items() if one in inputs}
        overrides = {one: what for one, what in known.items() if one not in inputs}
        return driver.execute([name], inputs=inputs | changed, overrides=overrides)[name]

    return value


@pytest.fixture(scope="session")
def made_of(arrow: Callable[..., pa.Table]) -> Callable[..., pa.Table]:
    """What a node makes of rows of tables: `made_of("stage_itens", {"raw_itens": schema}, raw_itens=[{}, {}])`.

    A table that is not given has no rows; parameters are given by name, too. The SQL is written and planned once
    for all cases, which takes many times longer than to run it.
    """
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs(), parameters.REFERENCE_DAY: DAY}

    @cache
    def prepared(
        name: str, tables: tuple[tuple[str, ibis.Schema], ...], params: tuple, order: str
    ) -> Prepared:
        unbound = {one: ibis.table(schema, name=one) for one, schema in tables}
        ledger = {one: table for one, table in unbound.items() if one in SCHEMAS}
        known = {**inputs, **ledger, **dict(params)}
        expression = driver.execute([name], inputs=known, overrides=unbound)[name]
        sql = ibis.to_sql(expression, dialect="duckdb", pretty=False)
        empty = {one: arrow(schema) for one, schema in tables}
        return Prepared(f"FROM ({sql}) ORDER BY {order}" if order else sql, empty)

    def answer(
        name: str, tables: Mapping[str, ibis.Schema], order: Sequence[str] = (), **given: Any
    ) -> pa.Table:
        params = {one: value for one, value in given.items() if one not in tables}
        assert set(params) <= set(inputs), f"not what {name} is made from: {set(params) - set(inputs)}"
        query = prepared(name, tuple(tables.items()), tuple(sorted(params.items())), ", ".join(order))
        return query.over({one: arrow(tables[one], *given[one]) for one in tables if one in given})

    return answer


class Prepared:
    """A query planned over tables without rows, to be asked over others."""

    def __init__(self, sql: str, empty: Mapping[str, pa.Table]) -> None:
        # The plan must not rest on what is in the tables when it is made.
        settings = {"threads": 1, "disabled_optimizers": "statistics_propagation,compressed_materialization"}
        self._con = duckdb.connect()
        for name, value in settings.items():
            self._con.execute(f"SET {name} = '{value}'")
        for name, rows in empty.items():
            self._con.register("rows_given", rows)
            self._con.execute(f"CREATE TABLE {name} AS FROM rows_given")
        self._con.execute(f"PREPARE planned AS {sql}")
        self._filled: set[str] = set()

    def over(self, rows: Mapping[str, pa.Table]) -> pa.Table:
        """The answer where these tables have these rows, and the others none."""
        for name in self._filled:
            self._con.execute(f"DELETE FROM {name}")
        for name, given in rows.items():
            self._con.register("rows_given", given)
            self._con.execute(f"INSERT INTO {name} FROM rows_given")
        self._filled = set(rows)
        return self._con.execute("EXECUTE planned").to_arrow_table()


@pytest.fixture(scope="session")
def stage(made_of) -> Callable[..., list[dict[str, Any]]]:
    """The rows of a stage table over rows of raw ones: `stage("stage_itens", raw_itens=[{}])`."""

    def rows(name: str, **given: Any) -> list[dict[str, Any]]:
        tables = {one: catalog.tables()[one].contract.schema() for one in catalog.parents(name)}
        return made_of(name, tables, **given).to_pylist()

    return rows


@pytest.fixture(scope="session")
def real_raw(real_pages: Path, observe) -> Callable[[type[Contract], str], ir.Table]:
    """Make a raw table of every real answer in the folders whose names match a pattern."""

    def make(contract: type[Contract], folders: str) -> ir.Table:
        files = sorted(real_pages.glob(f"{folders}/*.json"))
        known = provenance.published(contract) | {"parent_key": provenance.PARENT_KEY}
        records = [
            {name: _typed(value, known[name].dtype) for name, value in record.items() if name in known}
            for file in files
            for record in _records(file, parse_float=Decimal)
        ]
        assert records, f"no real answers in {folders}"
        return observe(contract)(*records)

    return make


REAL = {
    "contratos": "contratos*",
    "contratacoes": "contratacoes_*cao",
    "atas": "atas",
    "termos": "termos_contrato",
    "itens": "itens",
    "resultados": "resultados",
}
"""Raw tables that there are real answers of, and the folders that hold them."""


@pytest.fixture(scope="session")
def real(real_raw, table) -> Callable[[str], list[dict[str, Any]]]:
    """The rows of a table that the graph makes of the real answers, each table stored before the next as in a build.

    The ledger is empty: of no day do they prove anything.
    """
    landed = {name: table(schema) for name, schema in SCHEMAS.items()}
    for node in catalog.tables().values():
        if node.layer == "raw":
            held = node.table in REAL
            landed[f"landed_{node.table}"] = (
                real_raw(node.contract, REAL[node.table]) if held else table(node.contract.schema())
            )
    driver = Driver({}, *catalog.modules(), adapter=base.DictResult())
    inputs = {**domains.inputs(), **law.inputs(), **parameters.inputs(), **landed}

    @cache
    def stored(name: str) -> ir.Table:
        parents = {parent: stored(parent) for parent in catalog.parents(name)}
        return driver.execute([name], inputs=inputs, overrides=parents)[name].cache()

    return lambda name: stored(name).to_pyarrow().to_pylist()


@pytest.fixture(scope="session")
def real_records(real_pages: Path) -> dict[str, list[dict[str, Any]]]:
    """The latest version of every real record, as it came, by raw table: found in plain Python."""
    found = {}
    for table, folders in REAL.items():
        latest: dict[tuple, dict[str, Any]] = {}
        for file in sorted(real_pages.glob(f"{folders}/*.json")):
            for record in _records(file):
                key = tuple(record.get(name) for name in (*KEYS, *SEQUENCES))
                held = latest.get(key)
                if held is None or _updated(record) >= _updated(held):
                    latest[key] = dict(record)
        found[table] = list(latest.values())
    return found


KEYS = ("parent_key", "numeroControlePNCPAta", "numeroControlePNCP")
SEQUENCES = ("sequencialTermoContrato", "numeroItem", "sequencialResultado")


def _updated(record: Mapping[str, Any]) -> str:
    return record.get("dataAtualizacaoGlobal") or record["dataAtualizacao"]


@pytest.fixture(scope="session")
def newest_said() -> Callable[..., dict[Any, Any]]:
    """Of what records say of many keys the newest, in plain Python; `said` gives key and fact of a record."""

    def find(
        records: list[dict[str, Any]], said: Callable[[dict[str, Any]], tuple[Any, Any]]
    ) -> dict[Any, Any]:
        stated: dict[Any, list[tuple]] = {}
        for record in records:
            number = next(record[name] for name in KEYS if record.get(name))
            key, fact = said(record)
            stated.setdefault(key, []).append((_updated(record), number, fact))
        return {key: max(facts)[2] for key, facts in stated.items()}

    return find


def _records(file: Path, **parsing: Any) -> Records:
    """Of an envelope, a bare list, or lists by the key of what they belong to.

    Details of a purchase are lists in files that it gives its name: CNPJ, year and sequence.
    """
    answer = json.loads(file.read_text(encoding="utf-8"), **parsing)
    if isinstance(answer, list) and file.parent.name in {"itens", "resultados"}:
        cnpj, ano, sequencial = file.stem.partition("_")[0].split("-")
        purchase = f"{cnpj}-1-{int(sequencial):06}/{ano}"
        yield from ({"parent_key": purchase} | record for record in answer)
    elif isinstance(answer, list):
        yield from answer
    elif "data" in answer:
        yield from answer["data"]
    else:
        for parent, records in answer.items():
            yield from ({"parent_key": parent} | record for record in records)


def _typed(value: Any, dtype: dt.DataType) -> Any:
    if isinstance(value, dict) and isinstance(dtype, dt.Struct):
        return {name: _typed(value.get(name), inner) for name, inner in dtype.items()}
    if isinstance(value, list) and isinstance(dtype, dt.Array):
        return [_typed(inner, dtype.value_type) for inner in value]
    if isinstance(value, str) and dtype.is_date():
        return date.fromisoformat(value[:10])
    if isinstance(value, str) and dtype.is_timestamp():
        return datetime.fromisoformat(value)
    if value is not None and dtype.is_decimal():
        return Decimal(value).quantize(Decimal("0.0001"))
    return value
