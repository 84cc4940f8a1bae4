"""Where the values of a mapping are made: per row, and per group of rows.

A level is one SELECT over another. Each value that is not a plain column becomes a column of the
level, so that whatever is built from it afterwards speaks of a name and computes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from string import Formatter

from msgspec import UNSET

from patron.collect.files.expressions import parse_scalar, print_scalar
from patron.collect.files.values import (
    NUMBERS,
    Operand,
    constant,
    is_finite_number,
    is_given,
    literal,
    normal,
    number,
    text,
)
from patron.engines.duckdb import Cursor
from patron.errors import DefinitionError, QueryError, Told
from patron.spec.mapping import Expression, Value


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is refused: for programs, where, and for people."""

    code: str
    field: str
    reason: str
    told: Told | None = None


class Problems:
    """What can be wrong with a row, numbered in the order in which it is looked for."""

    def __init__(self) -> None:
        self.known: list[Problem] = []

    def add(self, problem: Problem) -> int:
        """Number one more problem, from 1."""
        self.known.append(problem)
        return len(self.known)


class Level:
    """One SELECT.

    Args:
        cursor: For the types of SQL expressions; nothing is read or written.
        prefix: Of the names of its columns.
        problems: Shared by all levels of a mapping.
        find: Gives a column of the level below by the mapping's name; raises for unknown ones.
    """

    def __init__(
        self,
        cursor: Cursor,
        prefix: str,
        problems: Problems,
        find: Callable[[str, str], Operand],
    ) -> None:
        self._cursor = cursor
        self._prefix = prefix
        self._problems = problems
        self.find = find
        self.columns: dict[str, str] = {}
        self.checks: list[tuple[str, int]] = []

    def define(self, sql: str, like: Operand) -> Operand:
        """Give an expression a column of its own.

        Args:
            sql: Over the columns of the level below.
            like: What it is.
        """
        for name, known in self.columns.items():
            if known == sql:
                return replace(like, sql=name)
        name = f"{self._prefix}{len(self.columns)}"
        self.columns[name] = sql
        return replace(like, sql=name)

    def refuse_if(
        self,
        condition: str,
        code: str,
        field: str,
        reason: str,
        told: Told | None = None,
        *,
        first: bool = False,
    ) -> None:
        """Refuse rows for which a condition over this level's columns holds.

        Args:
            condition: SQL.
            code: For programs.
            field: Where.
            reason: For people.
            told: The same by a code.
            first: Look for it before all else.
        """
        check = (condition, self._problems.add(Problem(code, field, reason, told)))
        self.checks.insert(0 if first else len(self.checks), check)

    def problem(self) -> str:
        """SQL for the number of a row's first problem; NULL when it has none."""
        if not self.checks:
            return "cast(null as INTEGER)"
        cases = " ".join(f"when {condition} then {n}" for condition, n in self.checks)
        return f"case {cases} end"

    def select(self, below: str, where: str = "") -> str:
        """The level as a subquery over the level below."""
        columns = "".join(f", {sql} as {name}" for name, sql in self.columns.items())
        return f"(select *{columns} from {below}{where})"

    def value(self, value: Value, field: str) -> Operand:
        """One value of the mapping, as a column of this level or the one below, or a constant."""
        if isinstance(value, str):
            return self.find(value, field)
        if value.value is not UNSET:
            return constant(value.value)
        if value.column is not None:
            found = self.find(value.column, f"{field}.column")
            return found if value.map is None else self._translated(found, value, field)
        if value.template is not None:
            return self.template(value.template, f"{field}.template")
        if value.sql is not None:
            return self.scalar(value.sql, f"{field}.sql")
        return self._aggregate(value, field)

    def template(self, pattern: str, field: str) -> Operand:
        """Text with the values of columns in it; NULL when one of them is missing or empty."""
        parts: list[str] = []
        names = 0
        try:
            pieces = list(Formatter().parse(pattern))
        except ValueError as error:
            raise DefinitionError(f"{field}: {error}.", field=field) from None
        for words, name, form, conversion in pieces:
            if words:
                parts.append(literal(words))
            if name is None:
                continue
            if not name or form or conversion:
                raise DefinitionError(f"{field}: write {{column}}, nothing more.", field=field)
            found = self.find(name, field)
            shown = text(found)
            # Nothing is made of an empty cell, least of all an id.
            parts.append(f"nullif({shown}, '')" if found.kind in {"text", "json"} else shown)
            names += 1
        if names == 0:
            return Operand(" || ".join(parts) or "''", "text", optional=False)
        return self.define(" || ".join(f"({part})" for part in parts), Operand("", "text"))

    def scalar(self, sql: str, field: str) -> Operand:
        """A SQL expression of the mapping.

        Raises:
            DefinitionError: It is not allowed, or does not fit the types of its columns.
        """
        tree = parse_scalar(sql, field)
        used: dict[str, Operand] = {}
        texts: list[str] = []

        def resolve(name: str) -> str:
            found = self.find(name, field)
            used[found.sql] = found
            if found.kind in ("text", "json"):
                texts.append(name)
            # JSON members count as text in SQL, as columns of CSV files do.
            return text(found) if found.kind == "json" else found.sql

        printed = print_scalar(tree, resolve)
        below = ", ".join(f"cast(null as {c.type}) as {c.sql}" for c in used.values())
        try:
            self._cursor.execute(f"describe select {printed} as x from (select {below or '1'})")
            native = str(self._cursor.all()[0][1])
            return self.define(printed, replace(normal("x", native), sql=""))
        except (QueryError, DefinitionError) as error:
            # Where it is shown, there is one sentence after another, and no room for a hint.
            read = f" Read as text: {', '.join(texts)}; `columns` can say otherwise."
            told = f"{field}: {error.message}{read if texts else ''}"
            raise DefinitionError(told, field=field) from None

    def amount(self, value: Operand, field: str) -> Operand:
        """A value as a decimal of 6 places; rows where it is none, or does not fit, are refused."""
        result = self.define(number(value), Operand("", "decimal", value.optional))
        below = f"{is_given(value)} and {result.sql} is null"
        self.refuse_if(
            f"{below} and {is_finite_number(value)}",
            "out_of_range",
            field,
            f"{field}: expected a number below 1,000,000,000,000.",
        )
        self.refuse_if(below, "not_a_number", field, f"{field}: expected a number.")
        return result

    def finite(self, value: Operand, field: str) -> None:
        """Refuse rows whose number JSON cannot write."""
        if value.kind == "double":
            self.refuse_if(
                f"not isfinite({value.sql})", "not_a_number", field, f"{field}: expected a number."
            )

    def _translated(self, found: Operand, value: Expression, field: str) -> Operand:
        choices = {key: constant(to) for key, to in (value.map or {}).items()}
        other = None if value.default is UNSET else constant(value.default)
        results = [*choices.values(), *([other] if other else [])]
        kinds = {result.kind for result in results if result.optional is False}
        kinds = {"double"} if kinds and kinds <= NUMBERS and len(kinds) > 1 else kinds
        if len(kinds) > 1:
            raise DefinitionError(
                f"{field}.map: its results are of different types.", field=f"{field}.map"
            )
        if not kinds:
            raise DefinitionError(f"{field}.map: is empty.", field=f"{field}.map")
        cases = " ".join(f"when {literal(key)} then {to.sql}" for key, to in choices.items())
        otherwise = f" else {other.sql}" if other else ""
        plain = text(found)
        missing = f"when {plain} is null then null " if other else ""
        chosen = f"case {plain} {cases}{otherwise} end"
        sql = f"case {missing}else {chosen} end" if missing else chosen
        return self.define(sql, Operand("", kinds.pop()))

    def _aggregate(self, value: Expression, field: str) -> Operand:  # noqa: ARG002 - see below
        raise DefinitionError(f"{field}: an aggregate needs group_by.", field=field)


class GroupLevel(Level):
    """The level above a grouping: columns are those of a group's first row.

    Args:
        cursor: As in `Level`.
        problems: As in `Level`.
        rows: The level of the rows that are grouped.

    Attributes:
        aggregates: What is computed of the rows, by the name of its column.
        firsts: Columns of the first row that are in use, by the mapping's names.
        inputs: The columns of the rows that they are computed of.
    """

    def __init__(self, cursor: Cursor, problems: Problems, rows: Level) -> None:
        super().__init__(cursor, "x", problems, self._first)
        self.rows = rows
        self.aggregates: dict[str, str] = {}
        self.firsts: dict[str, Operand] = {}
        self.inputs: set[str] = set()

    def _first(self, name: str, field: str) -> Operand:
        found = self.rows.find(name, field)
        self.inputs.add(found.sql)
        self.firsts[name] = self._grouped(f"arg_min({found.sql}, ord)", found)
        return self.firsts[name]

    def _grouped(self, sql: str, like: Operand) -> Operand:
        for name, known in self.aggregates.items():
            if known == sql:
                return replace(like, sql=name)
        name = f"g{len(self.aggregates)}"
        self.aggregates[name] = sql
        return replace(like, sql=name)

    def _aggregate(self, value: Expression, field: str) -> Operand:
        name, argument = value.aggregate() or ("", "")
        field = f"{field}.{name}"
        if name == "count" and argument == "*":
            return self._grouped("count(*)", Operand("", "int", optional=False))
        inner = self.rows.value(argument, field)
        if name == "sum":
            total = self.rows.amount(inner, field)
            self.inputs.add(total.sql)
            return self._grouped(f"sum({total.sql})", Operand("", "decimal"))
        self.inputs.add(inner.sql)
        if name == "count":
            return self._grouped(f"count({inner.sql})", Operand("", "int", optional=False))
        if name == "count_distinct":
            return self._grouped(f"count(distinct {inner.sql})", Operand("", "int", optional=False))
        if name in {"first", "last"}:
            way = "arg_min" if name == "first" else "arg_max"
            return self._grouped(f"{way}({inner.sql}, ord)", inner)
        if inner.kind == "json":
            inner = self.rows.define(text(inner), Operand("", "text"))
            self.inputs.add(inner.sql)
        return self._grouped(f"{name}({inner.sql})", inner)
