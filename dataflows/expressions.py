"""Names for the columns that functions take and give, as types.

To a reader each says what a column holds. To a type checker each is Any: Ibis's annotations give every column
of a table one type (`Column`, without fields or arithmetic) and no operator a plain Python operand. What a
checker cannot see, `tests/test_empty_tables.py` does: every column that comes out has its contract's type.
"""

from __future__ import annotations

from typing import Annotated, Any

import ibis.expr.types as ir

Row = Annotated[Any, ir.Table]
"""A table seen column by column: `row.orgaoEntidade.cnpj`."""

Text = Annotated[Any, ir.StringValue]
Amount = Annotated[Any, ir.DecimalValue]
Day = Annotated[Any, ir.DateValue]
Moment = Annotated[Any, ir.TimestampValue]
Flag = Annotated[Any, ir.BooleanValue]
Expression = Annotated[Any, ir.Value]
"""Of any type."""
