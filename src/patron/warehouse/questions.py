"""Questions in SQL from people: one SELECT, over the documented views, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from patron.engines.duckdb import Cursor
from patron.errors import QueryError

VIEWS = {
    "customers": "Who stands: one row a customer, merged ones left out.",
    "customer_identifiers": "One row an identifier, with the customer it belongs to.",
    "customer_traits": "One row a trait of a customer: the value that holds, its source and time.",
    "customer_events": "One row an event, under the customer that stands.",
    "customer_order_lines": "One row a product of an order, cart, list or view.",
    "customer_groups": "One row a group of a customer: companies, households.",
    "customer_group_traits": "One row a trait of a group: the value that holds.",
    "customer_notes": "One row a note that people wrote about a customer.",
    "known_entities": "One row a product, store or other entity in a catalogue: what is known now.",
    "messages": "The log: every accepted message as received.",
    "quarantine": "What was refused, and why.",
    "links": "What was seen together, and whether the rules kept it.",
    "merges": "Every merge and split with its reason.",
    "data_sources": "Where data comes from.",
    "list_members": "What static lists hold.",
    "memberships": "One row a time that a customer was in a segment.",
    "membership_changes": "Every entry and exit, in the order recorded.",
}
"""What may be read, by name. `tokens`, `definitions` and the like may not."""

_FORBIDDEN = (
    exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Copy,
    exp.Attach, exp.Detach, exp.Pragma, exp.Set, exp.Into,
)  # fmt: skip
_SAFE_TABLE_FUNCTIONS = {"unnest", "generate_series", "range", "json_each", "json_tree"}


def checked(query: str) -> str:
    """A question that is allowed, as it was asked.

    Raises:
        QueryError: It is not one SELECT, or reads something else than the documented views.

    >>> checked("select count(*) from customers")
    'select count(*) from customers'
    >>> checked("select * from read_csv('/etc/passwd')")
    Traceback (most recent call last):
    patron.errors.QueryError: The function read_csv cannot be used here.
    """
    try:
        statements = [s for s in sqlglot.parse(query, dialect="duckdb") if s is not None]
    except sqlglot.errors.ParseError as error:
        first = error.errors[0] if error.errors else {}
        place = f" (line {first['line']}, column {first['col']})" if first.get("line") else ""
        raise QueryError(
            f"The SQL cannot be read{place}: {first.get('description', error)}."
        ) from None
    except sqlglot.errors.SqlglotError as error:
        raise QueryError(f"The SQL cannot be read: {error}.") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise QueryError("Expected one SELECT.")
    statement = statements[0]
    if any(statement.find(kind) for kind in _FORBIDDEN):
        raise QueryError("Only reading is possible here: expected one SELECT.")
    _check_tables(statement)
    return query.strip().rstrip(";")


def _check_tables(statement: exp.Query) -> None:
    """Refuse every table that is not a documented view.

    A name made by WITH counts only where SQL lets it be seen: each scope says what its names are.
    """
    seen: set[int] = set()
    for scope in traverse_scope(statement):
        for source in scope.sources.values():
            if isinstance(source, exp.Table):
                _check_table(source)
                seen.add(id(source))
        seen |= {id(t) for t in scope.tables if t.alias_or_name in scope.sources}
    for table in statement.find_all(exp.Table):
        if id(table) not in seen:
            _check_table(table)
    for function in statement.find_all(exp.Anonymous):
        name = function.name.lower()
        if name.startswith(("read_", "duckdb_", "pragma_", "getenv", "glob", "query", "sniff_")):
            raise QueryError(f"The function {name} cannot be used here.")


def _check_table(table: exp.Table) -> None:
    inner = table.this
    if isinstance(inner, exp.Func):
        # The `name` of a function that sqlglot knows is its first argument.
        named = isinstance(inner, exp.Anonymous)
        name = (inner.name if named else inner.sql_name()).lower()
        if name not in _SAFE_TABLE_FUNCTIONS:
            raise QueryError(f"The function {name} cannot be used here.")
    elif table.db or table.catalog or table.name.lower() not in VIEWS:
        raise QueryError(f"There is no view {table.name}.", hint=f"There are: {', '.join(VIEWS)}.")


def as_of(cursor: Cursor, moment: datetime) -> None:
    """Let views that hold as of a moment hold as of this one, naive UTC."""
    cursor.execute(f"set variable as_of = timestamp '{moment.isoformat(' ')}'")


def ask(cursor: Cursor, query: str, limit: int) -> tuple[list[str], list[list[Any]], bool]:
    """Run a question.

    Returns:
        Column names, rows as JSON-able values, and whether there were more rows than the limit.

    Raises:
        QueryError: It is not allowed, or it fails.
    """
    text = checked(query)
    cursor.execute(f"select * from ({text}) as question limit {int(limit) + 1}")
    names = cursor.columns()
    found = cursor.all()
    rows = [[_plain(value) for value in row] for row in found[:limit]]
    return names, rows, len(found) > limit


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, datetime):
        return value.isoformat() + ("Z" if value.tzinfo is None else "")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(errors="replace")
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
