"""SQL inside mappings: a calculation on one row, and nothing else."""

from __future__ import annotations

import pytest

from patron.collect.files.expressions import parse_scalar, print_scalar
from patron.engines.duckdb import Database
from patron.errors import DefinitionError


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a + 1", 8),
        ("number(t) * 2", 25),
        ("case when a = 7 then 'x' else 'y' end", "x"),
        ("coalesce(nullif(t, '12.5'), 'none')", "none"),
        ("upper(trim(s)) || '-' || a", "AB-7"),
        ("a in (1, 7) and s is not null and not a between 8 and 9", True),
        ("cast(t as decimal(18, 6)) > 12", True),
        ("cast(s as int)", None),  # a cast that fails gives no value
        ("a % 0", None),
        ("split_part('a-b', '-', 2)", "b"),
        ("regexp_extract(t, '([0-9]+)', 1)", "12"),
        ("lpad(cast(a as varchar), 3, '0')", "007"),
        ("year(date '2017-05-01')", 2017),
        ("replace(s, 'a', 'it''s')", " it'sb "),
        ("greatest(a, 9) + abs(-1) + round(2.4)", 12),
    ],
)
def test_calculations(sql: str, expected: object) -> None:
    printed = print_scalar(parse_scalar(sql, "sql"), lambda name: f"c_{name}")
    with Database() as database:
        rows = "(select 7 as c_a, '12.5' as c_t, ' ab ' as c_s)"
        found = database.cursor().execute(f"select {printed} from {rows}").all()[0][0]
    assert found == expected


@pytest.mark.parametrize(
    "sql",
    [
        "(select 1)", "a in (select 1)", "exists (select 1)", "sum(a)", "count(*)",
        "row_number() over ()", "a from t", "a; drop table messages", "a, b", "*", "t.*", "a.b.c",
        "read_csv('x')", "read_text('/etc/passwd')", "getenv('HOME')", "current_setting('x')",
        "glob('*')", "now()", "current_timestamp", "random()", "uuid()", "nextval('x')", "$1", "?",
        "list_transform(a, x -> x)", "columns('x')", "a::blob", "a::varchar[]", "[1]", "{'a': 1}",
        "a[1]", "try(a)", "query('select 1')", "a as b", "unnest(a)", "cast(a as regclass)", "",
        "a +", "'open", "a union select 1", "(a, (select b))", "x'41'", "pg_sleep(9)", "a" * 5000,
        "a order by 1", "distinct a", "a where true", ":x", "lower(read_text('x'))",
        "case when (select true) then 1 end", "coalesce(a, sum(b))", "(" * 400 + "a" + ")" * 400,
    ],
)  # fmt: skip
def test_everything_else_is_refused(sql: str) -> None:
    with pytest.raises(DefinitionError) as error:
        parse_scalar(sql, "message.properties.x.sql")
    assert error.value.field == "message.properties.x.sql"
    assert error.value.message.startswith("message.properties.x.sql: ")


def test_a_misspelt_function_is_offered_its_name() -> None:
    with pytest.raises(DefinitionError, match='did you mean "coalesce"'):
        parse_scalar("colaesce(a, b)", "sql")
