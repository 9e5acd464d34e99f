"""The vocabulary of a table contract: what each column is, and what must hold before it is published.

A contract is a class above the function that makes the table. From it come the types that parse PNCP's pages,
the checks that decide whether a build is committed, the pandera schema and the data dictionary.

    class MartExample(Contract):
        '''What a row means.'''

        grain = "one row per órgão"
        key = ("cnpj_orgao",)

        cnpj_orgao = text("CNPJ do órgão.", nullable=False)
        valor_total = total("Soma de valor_global.")

    @MartExample.rule("totals are not negative")
    def _not_negative(table: Row) -> Flag:
        return table.valor_total >= 0

    @MartExample.gate("the total is that of stage")
    def _adds_up(mart_example: ir.Table, stage_example: ir.Table) -> ir.Table: ...

    @MartExample.records
    def _by_year(stage_example: ir.Table) -> dict[str, ir.Table]: ...

    @MartExample.behind
    def _its_findings(asked: Sequence[Mapping[str, Any]], made: Made) -> dict[str, ir.Table]: ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from dataflows.expressions import Flag, Row

Severity = Literal["error", "warning"]
RowCheck = Callable[[Row], Flag]
GateCheck = Callable[..., ir.Table]
RecordsOf = Callable[..., Mapping[str, ir.Table]]
Made = Callable[[str], Any]
"""A table, a node or an external input, by its name."""

Behind = Callable[[Sequence[Mapping[str, Any]], Made], Mapping[str, ir.Table]]

FINDING = "finding"
"""The column, a list of texts, in which `Contract.behind` says what was found in a record."""

MONEY = dt.Decimal(24, 4)
"""One published amount: exact to four decimals, up to 10^20 reais (estimates of tens of trillions exist)."""

MONEY_TOTAL = dt.Decimal(38, 4)
"""A sum of amounts."""

QUANTITY = dt.Decimal(24, 4)
"""One published quantity or percentage, with the four decimals PNCP's manual gives them."""


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Attributes:
        dtype: Ibis type.
        meaning: one or two sentences in Portuguese, for the reader of the data dictionary.
        source: PNCP's field, or the columns it is made from.
        unit: BRL, %, days, contracts..., or the column that says it; empty where there is none.
        nullable: whether null is allowed.
        isin: the only values allowed (null apart).
        ge: the least value allowed.
        severity: what a broken check of this column does: roll back, or be counted.
        members: for a struct, or a list of them, its own columns.
        long: whether it is a text of tens of characters or more, few of them alike: stored packed.
        domain: the official code table its codes belong to, as in the file `domains/<domain>.csv`.
    """

    dtype: dt.DataType
    meaning: str
    source: str = ""
    unit: str = ""
    nullable: bool = True
    isin: tuple[str, ...] = ()
    ge: int | None = None
    severity: Severity = "error"
    members: Mapping[str, Column] | None = None
    domain: str = ""
    long: bool = False

    def but(self, **facts: Any) -> Column:
        """The same column, except for these facts."""
        return replace(self, **facts)


def text(meaning: str, **facts: Any) -> Column:
    """Free or coded text."""
    return Column(dt.string, meaning, **facts)


def long_text(meaning: str, **facts: Any) -> Column:
    """Free text of a sentence or more, or a link: long, and seldom the same as another."""
    return Column(dt.string, meaning, long=True, **facts)


def texts(meaning: str, **facts: Any) -> Column:
    """A list of texts, in order."""
    return Column(dt.Array(value_type=dt.string), meaning, **facts)


def integers(meaning: str, **facts: Any) -> Column:
    """A list of 32-bit whole numbers, in order: codes."""
    return Column(dt.Array(value_type=dt.int32), meaning, **facts)


def integer(meaning: str, **facts: Any) -> Column:
    """A 32-bit whole number: codes, years, sequences."""
    return Column(dt.int32, meaning, **facts)


def order(meaning: str, **facts: Any) -> Column:
    """A 64-bit whole number that orders or points at rows."""
    return Column(dt.int64, meaning, **facts)


def count(meaning: str, *, unit: str, **facts: Any) -> Column:
    """How many of something; never null, never negative."""
    return Column(dt.int64, meaning, unit=unit, nullable=False, ge=0, **facts)


def amount(meaning: str, **facts: Any) -> Column:
    """One amount of money in reais, exact."""
    return Column(MONEY, meaning, unit="BRL", **facts)


def total(meaning: str, **facts: Any) -> Column:
    """A sum of amounts in reais, exact; zero when nothing was summed, so never null."""
    return Column(MONEY_TOTAL, meaning, unit="BRL", nullable=False, **facts)


def quantity(meaning: str, *, unit: str, **facts: Any) -> Column:
    """One quantity or percentage, exact: of what, the unit says."""
    return Column(QUANTITY, meaning, unit=unit, **facts)


def day(meaning: str, **facts: Any) -> Column:
    """A calendar day."""
    return Column(dt.date, meaning, **facts)


def moment(meaning: str, **facts: Any) -> Column:
    """A date and time without zone: America/Sao_Paulo where it is PNCP's, UTC where it is ours."""
    return Column(dt.timestamp, meaning, **facts)


def flag(meaning: str, **facts: Any) -> Column:
    """True, false, or null where PNCP does not say."""
    return Column(dt.boolean, meaning, **facts)


def identifier(meaning: str, **facts: Any) -> Column:
    """A 128-bit fingerprint."""
    return Column(dt.UUID(), meaning, **facts)


def json(meaning: str, **facts: Any) -> Column:
    """A JSON document kept as it came."""
    return Column(dt.JSON(), meaning, **facts)


def group(meaning: str, members: Mapping[str, Column], **facts: Any) -> Column:
    """A nested object, with its members in order."""
    return Column(_struct(members), meaning, members=members, **facts)


def groups(meaning: str, members: Mapping[str, Column], **facts: Any) -> Column:
    """A list of nested objects, each with its members in order."""
    return Column(dt.Array(value_type=_struct(members)), meaning, members=members, **facts)


def _struct(members: Mapping[str, Column]) -> dt.Struct:
    return dt.Struct.from_tuples([(name, member.dtype) for name, member in members.items()])


@dataclass(frozen=True)
class Rule:
    """A check of rows: `holds` is true where a row is good; false counts against it, null does not.

    Attributes:
        column: the one that brought it; empty where it was registered, over whole rows.
    """

    name: str
    holds: RowCheck
    severity: Severity = "error"
    column: str = ""


@dataclass(frozen=True)
class Gate:
    """A reconciliation: a table of `measure`, `expected`, `found`, equal on every row or the build fails.

    The parameters of `compare` are named for what they read, as those of any node: the table itself, those
    it is made from, and the inputs it is made from with no table between.
    """

    name: str
    compare: GateCheck


class Contract:
    """Base of every table contract; subclasses list their columns as attributes, in order.

    A contract made from another has that one's columns first; those it lists again stand where it lists them.
    Rules and gates are its own.
    """

    grain: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    by_key: ClassVar[tuple[str, ...]] = ()
    """The raw columns of the key, where a row is made from the raw rows of its own key alone."""

    by_group: ClassVar[bool] = False
    """Whether a row is made from the records of its parents that agree with it on its key, from those linked
    to them, and from the newest names: then it is made anew for the groups of records that changed alone."""

    linked_by: ClassVar[tuple[str, ...]] = ()
    """The columns by which records of a parent are linked, where a row is made from those linked to its own
    too; a null links nothing."""

    named_by: ClassVar[Mapping[str, Sequence[str]]] = {}
    """The columns that bear the newest name of a code, with the columns of the code; a null code has none."""

    evidence: ClassVar[str] = ""
    """The column that lists the control numbers of the records behind a row; the one called `quantidade_` and
    its name counts them all. Empty where the key leads to them."""

    records_of: ClassVar[RecordsOf | None] = None
    """What `records` registered."""

    behind_rows: ClassVar[Behind | None] = None
    """What `behind` registered."""

    columns: ClassVar[dict[str, Column]] = {}
    gates: ClassVar[list[Gate]]
    _row_rules: ClassVar[list[Rule]]

    def __init_subclass__(cls) -> None:
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        inherited = {name: column for name, column in cls.columns.items() if name not in own}
        cls.columns = inherited | own
        cls.gates = []
        cls._row_rules = []
        missing = [name for name in cls.key if name not in cls.columns]
        if missing:
            raise TypeError(f"{cls.__name__}: the key names columns it does not have: {missing}")

    @classmethod
    def schema(cls) -> ibis.Schema:
        """Names and types, in order."""
        return ibis.schema({name: column.dtype for name, column in cls.columns.items()})

    @classmethod
    def long_texts(cls) -> list[str]:
        """The columns of long texts."""
        return [name for name, column in cls.columns.items() if column.long]

    @classmethod
    def rule(cls, name: str, severity: Severity = "error") -> Callable[[RowCheck], RowCheck]:
        """Register a check over whole rows, beside those that each column brings."""

        def register(holds: RowCheck) -> RowCheck:
            cls._row_rules.append(Rule(name, holds, severity))
            return holds

        return register

    @classmethod
    def gate(cls, name: str) -> Callable[[GateCheck], GateCheck]:
        """Register a reconciliation with other tables, run before the table is committed."""

        def register(compare: GateCheck) -> GateCheck:
            cls.gates.append(Gate(name, compare))
            return compare

        return register

    @classmethod
    def records(cls, find: RecordsOf) -> RecordsOf:
        """Register which records a row is made from, where its parents do not have the columns of its key.

        The parameters of `find` are tables and `meta_` inputs the table is made from; it gives back those
        whose rows are counted, by their names, with the columns of the key added.
        """
        cls.records_of = staticmethod(find)
        return find

    @classmethod
    def behind(cls, find: Behind) -> Behind:
        """Register what some rows are made again of, where that is more than the records of their key.

        `find(asked, made)` is given the keys of the rows, with `cnpj_orgao` where they have one, and what
        tells any table, node or input that the mart is made from. It gives back those that it cuts to what
        the rows need, by their names; in a list of texts, FINDING, it may tell what was found in each record.
        """
        cls.behind_rows = staticmethod(find)
        return find

    @classmethod
    def rules(cls) -> list[Rule]:
        """Every check of rows: those of the columns, then those registered."""
        return [*_column_rules(cls.columns), *cls._row_rules]

    @classmethod
    def validate(cls, table: ir.Table) -> ir.Table:
        """Check a table with pandera: names, types, nulls, values, key. For notebooks and tests.

        Of a list the type is not checked: pandera knows none over Ibis.

        Raises:
            pandera.errors.SchemaError: when it breaks the contract.
        """
        import pandera.ibis as pandera  # noqa: PLC0415 - a second to import, needed only here

        columns = {
            name: pandera.Column(
                None if column.dtype.is_array() else column.dtype,
                nullable=column.nullable,
                checks=_pandera_checks(column),
            )
            for name, column in cls.columns.items()
        }
        schema = pandera.DataFrameSchema(columns, strict=True, ordered=True, unique=list(cls.key))
        # What DuckDB stored comes back as timestamp(6): the same microseconds.
        stored = {
            name: dt.timestamp for name, dtype in table.schema().items() if dtype == dt.Timestamp(scale=6)
        }
        return schema.validate(table.cast(stored))


def _column_rules(columns: Mapping[str, Column]) -> list[Rule]:
    rules = []
    for name, column in columns.items():
        if not column.nullable:
            rules.append(Rule(f"{name} is not null", _is_not_null(name), column.severity, name))
        if column.isin:
            check = _is_in(name, column.isin)
            rules.append(Rule(f"{name} is one of its values", check, column.severity, name))
        if column.ge is not None:
            check = _is_at_least(name, column.ge)
            rules.append(Rule(f"{name} >= {column.ge}", check, column.severity, name))
    return rules


def _is_not_null(name: str) -> RowCheck:
    return lambda table: table[name].notnull()


def _is_in(name: str, values: tuple[str, ...]) -> RowCheck:
    return lambda table: table[name].isin(values)


def _is_at_least(name: str, least: int) -> RowCheck:
    return lambda table: table[name] >= least


def _pandera_checks(column: Column) -> list[Any]:
    import pandera.ibis as pandera  # noqa: PLC0415

    checks = []
    if column.isin:
        checks.append(pandera.Check.isin(list(column.isin)))
    if column.ge is not None:
        checks.append(pandera.Check.ge(column.ge))
    return checks
